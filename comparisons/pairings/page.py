"""Everything one comparison page says, in two queries whatever the data: the pairing with all that travels
beside it as JSON, and the counterpoints; or, when nobody asked for it yet, a vain look and its two cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from comparisons.cards.facts import Facts
from comparisons.cards.models import Card
from comparisons.cards.price_map import PriceMap, pair_map
from comparisons.counterpoints.models import Counterpoint
from comparisons.listing import Page as Turned
from comparisons.pairings.answer import Answer, Called, answer
from comparisons.pairings.bench import Heard, Seat, WhoSpoke, seats, who_spoke
from comparisons.pairings.chart import Chart, Scored, dumbbell
from comparisons.pairings.difference import Table, compare
from comparisons.pairings.loading import Earlier, Loaded, Related, load
from comparisons.pairings.models import Pairing
from comparisons.pairings.prices import Offered, per_million
from comparisons.pairings.rows import Side
from comparisons.reviews.models import Verdict
from comparisons.reviews.tally import CardTally
from comparisons.templatetags.figures import params
from comparisons.templatetags.pieces import initials
from comparisons.votes.counts import Community, Counts


@dataclass(frozen=True, slots=True)
class CardSide:
    """One card as its column shows it."""

    letter: str  # "a" or "b"
    card: Card
    facts: Facts
    name: str  # told apart from the other side's where both cards share one
    monogram: str
    tally: CardTally | None
    community: Community
    price: str  # "" when unknown
    read_on: datetime | None  # date of the snapshot that the verdict read
    changed_since: bool

    @property
    def address(self) -> str:
        return f"/models/{self.card.slug}/"

    @property
    def call(self) -> str:
        return self.tally.call if self.tally else "none"


@dataclass(frozen=True, slots=True)
class Page:
    """One comparison, ready for the template."""

    pairing: Pairing  # unsaved when nobody has asked for it yet
    a: CardSide
    b: CardSide
    verdict: Verdict | None
    answer: Answer
    table: Table
    seats: tuple[Seat, ...]
    chart: Chart | None
    price_map: PriceMap | None
    spoke: WhoSpoke | None
    votes: Counts
    counterpoints: Turned[Counterpoint]
    earlier: tuple[Earlier, ...]
    related: tuple[Related, ...]

    @property
    def sides(self) -> tuple[CardSide, CardSide]:
        return (self.a, self.b)

    @property
    def title(self) -> str:
        return f"{self.a.name} vs {self.b.name}"

    @property
    def stale(self) -> bool:
        return self.a.changed_since or self.b.changed_since


def comparison_page(slug: str) -> Page:
    """The page at this address, either way round: compare `page.pairing.slug`. Raises NoSuchComparison."""
    loaded = load(slug)
    pairing, verdict = loaded.pairing, loaded.pairing.verdict
    names = told_apart(pairing.left, pairing.right)
    a, b = (_side(at, loaded, names[at]) for at in (0, 1))
    heard = seats(verdict, loaded.spoken, loaded.picks, loaded.decided) if verdict else ()
    scored = [Scored(seat.reviewer.name, _score(seat.a), _score(seat.b)) for seat in heard]
    return Page(
        pairing=pairing,
        a=a,
        b=b,
        verdict=verdict,
        answer=answer(_called(verdict, heard), a.facts, b.facts, names),
        table=compare(_told(a, loaded.offers[0]), _told(b, loaded.offers[1])),
        seats=heard,
        chart=dumbbell(scored, names),
        price_map=pair_map(
            {each.judge_key for each in loaded.spoken},
            names,
            (pairing.left.price_in, pairing.right.price_in),
            (_median(a), _median(b)),
        ),
        spoke=who_spoke(verdict, heard) if verdict else None,
        votes=loaded.votes,
        counterpoints=loaded.counterpoints,
        earlier=loaded.earlier,
        related=loaded.related,
    )


def told_apart(left: Card, right: Card) -> tuple[str, str]:
    """Display names: two cards of one name get their size, else their lab, else their slug beside it."""
    if left.name.casefold() != right.name.casefold():
        return left.name, right.name
    for one, other in (
        (params(left.params_total_b), params(right.params_total_b)),
        (left.lab.name, right.lab.name),
    ):
        if one != other:
            return f"{left.name} ({one})", f"{right.name} ({other})"
    return f"{left.name} ({left.slug})", f"{right.name} ({right.slug})"


def _score(heard: Heard | None) -> int | None:
    return None if heard is None else heard.score


def _median(side: CardSide) -> float | None:
    return side.tally.score if side.tally and side.tally.has_quorum else None


def _side(at: int, loaded: Loaded, name: str) -> CardSide:
    pairing = loaded.pairing
    card = (pairing.left, pairing.right)[at]
    facts = card.facts
    verdict = pairing.verdict
    read = (verdict.left_snapshot_id, verdict.right_snapshot_id)[at] if verdict else None
    return CardSide(
        letter="ab"[at],
        card=card,
        facts=facts,
        name=name,
        monogram=initials(card.lab.name),
        tally=_tally(verdict, at),
        community=loaded.community[at],
        price=_entry_price(facts),
        read_on=loaded.read_on[at],
        changed_since=read is not None and read != card.snapshot_id,
    )


def _tally(verdict: Verdict | None, at: int) -> CardTally | None:
    if verdict is None:
        return None
    ships, n, score = (
        (verdict.left_ships, verdict.left_n, verdict.left_score),
        (verdict.right_ships, verdict.right_n, verdict.right_score),
    )[at]
    return CardTally(ships=ships, n=n, score=None if score is None else float(score), mean=None)


def _entry_price(facts: Facts) -> str:
    if facts.entry_price:
        return facts.entry_price[:1].upper() + facts.entry_price[1:]
    if facts.price_in is not None or facts.price_out is not None:
        return per_million(facts.price_in, facts.price_out)
    return ""


def _told(side: CardSide, offers: tuple[Offered, ...]) -> Side:
    tally = side.tally
    panel = ""
    if tally and tally.has_quorum:
        panel = f"{tally.call.capitalize()} · {tally.ships} ship / {tally.skips} skip"
    return Side(
        facts=side.facts,
        offers=offers,
        panel=panel,
        community=(side.community.ships, side.community.n),
        sources=side.card.sources,
        conflicts=side.card.conflicts,
    )


def _called(verdict: Verdict | None, heard: tuple[Seat, ...]) -> Called | None:
    if verdict is None:
        return None
    middle = verdict.median_difference
    return Called(
        outcome=verdict.outcome,  # type: ignore[arg-type]  # the column's choices are these words
        side=verdict.side,  # type: ignore[arg-type]
        wins_left=verdict.wins_left,
        wins_right=verdict.wins_right,
        left_ships=verdict.left_ships,
        left_n=verdict.left_n,
        right_ships=verdict.right_ships,
        right_n=verdict.right_n,
        reviewers=sum(seat.difference is not None for seat in heard),
        median_difference=None if middle is None else float(middle),
    )
