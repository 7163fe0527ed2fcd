"""What of a text from outside may be seen."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from panel.plaintext import visible

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
BLANK_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # seen by no eye, whatever their category
BREAKS = "\t\n\r\v\f\x85"
SPACES = {"Zs", "Zl", "Zp"}


def test_of_all_characters_those_that_nobody_sees_are_gone() -> None:
    kept = [chr(point) for point in range(sys.maxunicode + 1) if visible(f"a{chr(point)}b") != "ab"]
    assert not [char for char in kept if unicodedata.category(char) in UNSEEN and char not in BREAKS]
    assert not set(BLANK_LETTERS) & set(kept)
    spaces = {char for char in kept if visible(f"a{char}b") == "a b"}
    assert spaces == {char for char in kept if unicodedata.category(char) in SPACES} | set(BREAKS)
    assert all(visible(f"a{char}b") == f"a{char}b" for char in kept if char not in spaces)


@settings(deadline=None)
@given(text=st.text(), hidden=st.sampled_from("\u200b\u202e\ufeff\x00\U000e0041"))
def test_one_unseen_character_changes_nothing_else(text: str, hidden: str) -> None:
    """A text with one is read character by character, one without is not: both say the same."""
    assert visible(text + hidden) == visible(text) == visible(hidden + text)
