"""Everything one card's page shows, in six queries with the card itself, however much there is of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from comparisons.cards.facts import Facts
from comparisons.cards.history import State, history
from comparisons.cards.models import Card, CardSnapshot, Offer
from comparisons.cards.providers import named
from comparisons.cards.score_history import Line, score_history
from comparisons.pairings.bench import receipt_path
from comparisons.pairings.difference import Row, Side, Source, compare
from comparisons.pairings.listing import newest_of, standing
from comparisons.reviews.benches import Bench, bench_of
from comparisons.reviews.folded import folded
from comparisons.reviews.models import Review, Verdict

PAIRINGS = 12
STATES = 12
OFFERS = 8  # shown at once; a popular model has forty, and what the panel says stands below them
ELSEWHERE = frozenset({"panel", "community", "price", "local", "identity"})  # rows with a place of their own


@dataclass(frozen=True, slots=True)
class Conflict:
    """A fact of which another source says something else; both are shown."""

    label: str
    ours: str
    ours_from: tuple[Source, ...]
    others: tuple[tuple[str, Source], ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One pairing of the card, told from the card's side."""

    verdict: Verdict
    other: Card
    side: str  # which side this card has on that page, "left" or "right"
    differs_by: float | None  # this card's median lead over the other

    @property
    def words(self) -> str:
        match self.verdict.outcome:
            case Verdict.Outcome.CLEAR:
                return "clearly preferred" if self.won else "clearly behind"
            case Verdict.Outcome.LEAN:
                return "preferred by a small margin" if self.won else "behind by a small margin"
        return str(self.verdict.get_outcome_display())

    @property
    def won(self) -> bool:
        return self.verdict.side == self.side


@dataclass(frozen=True, slots=True)
class Said:
    """One review with its standing answers under their questions, and where its receipts are."""

    review: Review
    answers: tuple[tuple[str, str], ...]
    receipts: tuple[str, ...]

    @property
    def folded(self) -> SafeString:
        return folded(self.answers, self.review.points)


@dataclass(frozen=True, slots=True)
class CardPage:
    card: Card
    facts: Facts
    rows: tuple[Row, ...]
    running_row: Row
    identity_row: Row
    sources: tuple[Source, ...]
    conflicts: tuple[Conflict, ...]
    offers: tuple[Offer, ...]
    bench: Bench | None
    said: tuple[Said, ...]
    meetings: tuple[Meeting, ...]
    more_meetings: bool
    history: list[State]
    scores: tuple[Line, ...]
    older_states: bool

    @property
    def first_offers(self) -> tuple[Offer, ...]:
        return self.offers[: len(self.offers) if len(self.offers) <= OFFERS + 2 else OFFERS]

    @property
    def more_offers(self) -> tuple[Offer, ...]:
        """What is folded away; never one or two, which would take no less room than the fold."""
        return self.offers[len(self.first_offers) :]

    @property
    def price_seller(self) -> str:
        return named(self.facts.price_provider)

    @property
    def reviewed_before_change(self) -> bool:
        """The bench heard a state that is no longer the current one."""
        return self.bench is not None and self.bench.reviews[0].snapshot_id != self.card.snapshot_id


def card_page(card: Card) -> CardPage:
    facts = card.facts
    side = Side(facts=facts, sources=card.sources, conflicts=card.conflicts)
    # A card beside itself: one list of rows and one wording for this page and the comparison.
    table = compare(side, side)
    by_key = {row.key: row for row in table.rows}
    meetings = list(_meetings(card))
    snapshots = list(CardSnapshot.objects.filter(card=card)[: STATES + 1])
    complete = len(snapshots) <= STATES
    bench = bench_of(card)
    return CardPage(
        card=card,
        facts=facts,
        rows=tuple(row for row in table.rows if row.key not in ELSEWHERE),
        running_row=by_key["local"],
        identity_row=by_key["identity"],
        sources=table.sources,
        conflicts=tuple(
            Conflict(row.label, _words(row), row.left.sources, row.left.others)
            for row in table.rows
            if row.left.others
        ),
        offers=tuple(card.offers.all()),
        bench=bench,
        said=tuple(_said(review) for review in bench.reviews) if bench else (),
        meetings=tuple(meetings[:PAIRINGS]),
        more_meetings=len(meetings) > PAIRINGS,
        history=history(snapshots, current=card.snapshot_id, complete=complete),
        scores=score_history(card),
        older_states=not complete,
    )


def _words(row: Row) -> str:
    return ", ".join(line.text for line in row.left.lines)


def _said(review: Review) -> Said:
    questions = {each["key"]: each["question"] for each in review.reviewer.questions}
    # In the order asked; an older review may answer what is no longer asked, under its own key.
    keys = [*questions, *(key for key in review.answers if key not in questions)]
    answers = ((questions.get(key, key.replace("_", " ")), review.answers.get(key, "")) for key in keys)
    return Said(
        review=review,
        answers=tuple((question, str(answer)) for question, answer in answers if answer),
        receipts=tuple(receipt_path(receipt) for receipt in review.receipts),
    )


def _meetings(card: Card) -> Iterator[Meeting]:
    newest = newest_of([card.pk], PAIRINGS + 1)
    for verdict in standing().filter(pk__in=newest.values("pk")).order_by("-pk"):
        left = verdict.pairing.left_id == card.pk
        lead = verdict.median_difference
        yield Meeting(
            verdict=verdict,
            other=verdict.pairing.right if left else verdict.pairing.left,
            side="left" if left else "right",
            differs_by=None if lead is None else float(lead if left else -lead),
        )
