"""Which pages a change touches. Pure: the kinds are what the triggers of the migration write down.

The promise, kept by tests/publishing/test_dependencies.py for every kind: no page outside of `touched` has
other bytes after the change. Too many is only slow; one too few is a page that stays wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

from comparisons.publishing.addresses import cards_of


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the outbox."""

    kind: str
    key: str  # slug of the card, the pairing or the article


@dataclass(frozen=True, slots=True)
class Page:
    """One page that says the changed thing itself: rendered again at once if it is kept."""

    address: str

    def covers(self, address: str) -> bool:
        return address == self.address


@dataclass(frozen=True, slots=True)
class Below:
    """All pages whose address starts so: dropped, and rendered again for whoever asks next."""

    prefix: str

    def covers(self, address: str) -> bool:
        return address.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class ComparisonsOf:
    """Every comparison of one card, of which there are as many as other cards: dropped."""

    card: str

    def covers(self, address: str) -> bool:
        return self.card in (cards_of(address) or ())


Target = Page | Below | ComparisonsOf
EVERYTHING = Below("/")


def touched(change: Change) -> frozenset[Target]:
    """What may read differently after this change; everything for a kind nobody has thought about."""
    return frozenset(_touched(change.kind, change.key))


def _touched(kind: str, key: str) -> set[Target]:
    found: set[Target] = {EVERYTHING}
    lists: set[Target] = {Page("/"), Page("/compare/"), Below("/reviewers/")}
    match kind:
        case "pairing":  # a counterpoint shown or hidden, or the row itself
            found = {Page(f"/compare/{key}/")}
        case "votes":
            found = {Page(f"/compare/{key}/"), *_comparisons(key)}
        case "verdict":
            # On the cards' other comparisons it is among the related ones.
            cards = {Page(f"/models/{card}/") for card in _cards(key)}
            found = {Page(f"/compare/{key}/"), *cards, *lists, *_comparisons(key)}
        case "review":
            found = {Page(f"/models/{key}/"), Page("/models/"), Below("/reviewers/")}
        case "card":  # facts, offers, sources; another name touches everything
            # Boxes beside articles show facts; there are few articles, so nobody asks which.
            lists |= {Page("/models/"), Below("/articles/")}
            found = {Page(f"/models/{key}/"), ComparisonsOf(key), *lists}
        case "article":  # its text, a note on how it aged, a card beside it, a counterpoint on it
            found = {Page(f"/articles/{key}/"), Page("/articles/"), Page("/")}
        case "author":
            found = {Below("/articles/")}
    return found


def _cards(pairing: str) -> tuple[str, ...]:
    return cards_of(f"/compare/{pairing}/") or ()


def _comparisons(pairing: str) -> list[Target]:
    return [ComparisonsOf(card) for card in _cards(pairing)]
