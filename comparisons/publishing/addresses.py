"""Which addresses are published, and the file each is kept in. Pure; nginx.conf says the same."""

from __future__ import annotations

import re

# Card slugs cannot hold "-vs-", so there is one way to read a comparison's address. What does not match is
# answered by Django: other cases, two lists in one, and anything that could climb out of a folder.
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_COMPARISON = re.compile(rf"/compare/(?P<left>(?:(?!-vs-)[a-z0-9-])+)-vs-(?P<right>{_SLUG})/")
_OTHER = re.compile(
    rf"/(?:(?:compare|models|reviewers|methodology|articles)/|(?:models|reviewers|articles)/{_SLUG}/)?"
)
FRAGMENTS = frozenset({"/models/suggest/"})  # no page of its own, though its address looks like one
LONGEST = 220  # a draft's file name holds all of it, and may have 255 bytes


def cards_of(address: str) -> tuple[str, str] | None:
    """The two cards that a comparison's address names."""
    found = _COMPARISON.fullmatch(address)
    return (found["left"], found["right"]) if found and "-vs-" not in found["right"] else None


def place_of(address: str) -> str | None:
    """The file of a published address below the folder of pages; None for everything else.

    Comparisons lie in one folder per left card, so that all pages of a card are found without a look at the
    half a million others.
    """
    if len(address) > LONGEST or address in FRAGMENTS:
        return None
    if cards := cards_of(address):
        return f"compare/{cards[0]}/{cards[1]}.html"
    if _OTHER.fullmatch(address):
        return f"{address.strip('/') or 'index'}.html"
    return None


def address_at(place: str) -> str:
    """What `place_of` was asked."""
    name = place.removesuffix(".html")
    if name == "index":
        return "/"
    folder, _, rest = name.partition("/")
    left, slash, right = rest.partition("/")
    return f"/{folder}/{left}-vs-{right}/" if slash else f"/{name}/"
