"""The private word: recognized in any dress, kept from the public, and never where it is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.canary import PRIVATE, carries_canary, redacted

WORD = "a1b2c3d4e5f60718293a"


@pytest.mark.parametrize(
    "text",
    [
        "it is a1b2c3d4e5f60718293a",
        "A1B2-C3D4-E5F6-0718-293A",
        "a1b2 c3d4 e5f6 0718 293a",
        "a1b2\u200bc3d4e5f60718293a",
        "ａ１ｂ２ｃ３ｄ４ｅ５ｆ６０７１８２９３ａ",
        "a\u03011b\u03012c\u03013d\u03014e\u03015f\u030160718",
        "а1b2с3d4е5f60718293а",  # Cyrillic а, с and е
        "a١b٢c٣d٤e٥f٦",
        "a392817060f5e4d3c2b1a",
        "it starts with a1b2c3d4e5",
        "and ends with f60718293a",
        "n1o2p3q4r5s60718293n",
        "aXQgaXMgYTFiMmMzZDRlNWY2MDcxODI5M2E=",
    ],
)
def test_a_leaked_word_is_recognized_in_any_dress(text: str) -> None:
    assert carries_canary(text, WORD)


def test_what_only_looks_like_base64_hides_nothing_and_breaks_nothing() -> None:
    assert not carries_canary("=" * 40 + "A" * 33 + "=", WORD)


def test_an_innocent_text_carries_no_word() -> None:
    assert not carries_canary("a1b2 and much later c3d4e5f6 and 0718293a", WORD)
    assert not carries_canary("anything", "")


@settings(deadline=None)
@given(st.text(alphabet="0123456789abcdef ", max_size=300))
def test_less_than_half_of_it_is_chance(text: str) -> None:
    assert not carries_canary(text, WORD) or any(
        WORD[at : at + 10] in said
        for at in range(11)
        for said in (text.replace(" ", ""), text.replace(" ", "")[::-1])
    )


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_the_search(text: str) -> None:
    carries_canary(text, WORD)
    assert redacted(text, WORD) == text


@pytest.mark.parametrize(
    "text",
    [
        f"it is {WORD}.",
        f"it is {WORD.upper()}.",
        f"it is {'-'.join(WORD)}.",
        f"it is {' '.join(WORD)}.",
    ],
)
def test_the_public_reads_something_else(text: str) -> None:
    assert redacted(text, WORD) == f"it is {PRIVATE}."


def test_escaping_hides_it_from_nobody() -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in WORD)
    for text in (escaped, json.dumps(escaped), escaped.upper().replace("\\U", "\\u")):
        assert "0061" not in redacted(text, WORD)
        assert PRIVATE in redacted(text, WORD)


def test_without_a_word_nothing_is_taken_out() -> None:
    assert redacted("as it is", "") == "as it is"
