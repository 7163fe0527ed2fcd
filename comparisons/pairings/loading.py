"""The queries behind one comparison page. What belongs to one row travels with it as JSON, so their number
does not grow with offers, picks, old verdicts or related pairings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

from comparisons.cards.models import Card, Offer
from comparisons.cards.providers import named
from comparisons.counterpoints.listing import first_page, newest_rows
from comparisons.counterpoints.models import Counterpoint
from comparisons.listing import Page
from comparisons.pairings.bench import Spoken, spoken
from comparisons.pairings.models import Pairing, SameCard, card_slugs, in_order
from comparisons.pairings.prices import Offered
from comparisons.prepared import Prepared
from comparisons.reviews.models import Pick, Review, Verdict
from comparisons.reviews.tally import CALLS, called
from comparisons.votes.counts import Community, Counts
from comparisons.votes.models import community_subquery, deciders_subquery, votes_subquery

OFFERS = 40  # a popular open model has more; its page has them all
EARLIER = 5
RELATED = 4  # of each card


class NoSuchComparison(LookupError):
    """The address names no two cards of the catalog, or the same one twice."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A verdict that no longer stands."""

    outcome: str
    side: str
    published_at: datetime
    judges: tuple[str, ...]

    @property
    def words(self) -> str:
        return CALLS[self.outcome]

    @property
    def letter(self) -> str:
        return {"left": "a", "right": "b"}.get(self.side, "")


@dataclass(frozen=True, slots=True)
class Related:
    """Another pairing of one of the two cards, with what its verdict says."""

    slug: str
    left: str
    right: str
    outcome: str
    side: str

    @property
    def words(self) -> str:
        return called(self.outcome, self.side, self.left, self.right)


@dataclass(frozen=True, slots=True)
class Loaded:
    """One comparison as the database has it."""

    pairing: Pairing  # unsaved when nobody has asked for it yet
    offers: tuple[tuple[Offered, ...], tuple[Offered, ...]]
    votes: Counts
    decided: Mapping[str, int]  # slug of a reviewer: votes that their paragraph decided
    community: tuple[Community, Community]
    picks: Sequence[Mapping[str, Any]]
    earlier: tuple[Earlier, ...]
    related: tuple[Related, ...]
    read_on: tuple[datetime | None, datetime | None]  # dates of the snapshots that the verdict read
    spoken: Sequence[Spoken] = ()
    counterpoints: Page[Counterpoint] = field(default_factory=lambda: Page([]))


def load(slug: str) -> Loaded:
    """The comparison at this address, either way round. Raises NoSuchComparison."""
    found = _PAIRING(slug)
    if not found:
        return _unheard(slug)
    pairing = found[0]
    noted = vars(pairing)  # where annotations are kept; the type of the row does not know them
    return Loaded(
        pairing=pairing,
        offers=(_offered(noted["left_offers"]), _offered(noted["right_offers"])),
        votes=Counts.read(noted["votes_cast"]),
        decided={each["reviewer"]: each["n"] for each in noted["deciders"]},
        community=(Community.read(noted["left_community"]), Community.read(noted["right_community"])),
        picks=noted["heard_picks"],
        earlier=tuple(_as_earlier(each) for each in noted["earlier"]),
        related=_as_related([_newest(noted, "left"), _newest(noted, "right")], slug),
        read_on=(noted["left_read_on"], noted["right_read_on"]),
        spoken=tuple(map(spoken, noted["reviewed"])),
        counterpoints=first_page(_COUNTERPOINTS(pairing.pk)),
    )


def _pairing(slug: str) -> QuerySet[Pairing]:
    return (
        Pairing.objects.with_cards()
        .select_related("verdict")
        .filter(slug=slug, left__snapshot__isnull=False, right__snapshot__isnull=False)
        .order_by()
        .annotate(
            left_offers=_offers("left_id"),
            right_offers=_offers("right_id"),
            votes_cast=votes_subquery(),
            deciders=deciders_subquery(),
            left_community=community_subquery("left_id"),
            right_community=community_subquery("right_id"),
            reviewed=_reviews(),
            heard_picks=_picks(),
            earlier=_earlier(),
            **_related("left_id", "left"),
            **_related("right_id", "right"),
            left_read_on=F("verdict__left_snapshot__taken_at"),
            right_read_on=F("verdict__right_snapshot__taken_at"),
        )
    )


def _counterpoints(pairing: int) -> QuerySet[Counterpoint]:
    return newest_rows(Counterpoint.objects.of(Pairing(pk=pairing)))


_PAIRING = Prepared(_pairing, example="no-card-vs-at-all")
_COUNTERPOINTS = Prepared(_counterpoints, example=-1)


def _unheard(slug: str) -> Loaded:
    slugs = card_slugs(slug)
    if slugs is None:
        raise NoSuchComparison(slug)
    cards = {
        card.slug: card
        for card in Card.objects.published()
        .filter(slug__in=slugs)
        .annotate(offered=_offers("pk"), community=community_subquery(), **_related("pk", "own"))
    }
    try:
        left, right = in_order(*(cards[each] for each in slugs))
    except (KeyError, SameCard):
        raise NoSuchComparison(slug) from None
    pairing = Pairing(left=left, right=right, slug=f"{left.slug}-vs-{right.slug}")
    one, other = vars(left), vars(right)
    return Loaded(
        pairing=pairing,
        offers=(_offered(one["offered"]), _offered(other["offered"])),
        votes=Counts(),
        decided={},
        community=(Community.read(one["community"]), Community.read(other["community"])),
        picks=(),
        earlier=(),
        related=_as_related([_newest(one, "own"), _newest(other, "own")], slug),
        read_on=(None, None),
    )


def _offers(card: str) -> ArraySubquery:
    # Prices as text: JSON has only binary floating point, and 0.3 must stay 0.3.
    record = JSONObject(
        provider="provider",
        provider_name="provider_name",
        first_party="first_party",
        price_in=Cast("price_in", CharField()),
        price_out=Cast("price_out", CharField()),
        seen_on="seen_on",
        url="source_url",
    )
    return ArraySubquery(Offer.objects.filter(card=OuterRef(card)).values(record=record)[:OFFERS])


def _reviews() -> ArraySubquery:
    """As text, because `bench.spoken` remembers what it made of the same text before."""
    record = JSONObject(
        reviewer=JSONObject(
            slug="reviewer__slug", name="reviewer__name", motto="reviewer__motto",
            position="reviewer__position", questions="reviewer__questions",
        ),
        snapshot="snapshot_id", score="score", ship="ship", paragraph="paragraph", answers="answers",
        points="points", flagged="flagged", judge_key="judge_key", judge="judge_label", heard_at="heard_at",
        receipts="receipts",
    )  # fmt: skip
    said = Review.objects.filter(verdicts=OuterRef("verdict_id")).order_by()
    return ArraySubquery(said.values(record=Cast(record, TextField())))


def _picks() -> ArraySubquery:
    record = JSONObject(
        reviewer="reviewer_id",
        choice="choice",
        why="why",
        changed_with_order="changed_with_order",
        flagged="flagged",
        receipts="receipts",
    )
    return ArraySubquery(Pick.objects.filter(verdicts=OuterRef("verdict_id")).values(record=record))


def _earlier() -> ArraySubquery:
    old = Verdict.objects.filter(pairing=OuterRef("pk"), superseded_at__isnull=False)
    record = JSONObject(outcome="outcome", side="side", published_at="published_at", judges="judge_labels")
    return ArraySubquery(old.values(record=record)[:EARLIER])


def _related(card: str, name: str) -> dict[str, ArraySubquery]:
    """A card's newest verdicts, those where it is left and those where it is right: an index holds each in
    order, where one query for both would walk everybody's newest until it has met enough of this card's."""
    record = JSONObject(
        slug="slug", left="left__name", right="right__name", outcome="verdict__outcome", side="verdict__side",
        key="verdict_id",
    )  # fmt: skip
    heard = Pairing.objects.filter(verdict__isnull=False).order_by("-verdict_id").values(record=record)
    # One more than is shown: this pairing itself is among them.
    return {
        f"{name}_related_{side}": ArraySubquery(heard.filter(**{side: OuterRef(card)})[: RELATED + 1])
        for side in ("left", "right")
    }


def _newest(noted: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    records = [*noted[f"{name}_related_left"], *noted[f"{name}_related_right"]]
    return sorted(records, key=lambda record: -record["key"])[: RELATED + 1]


def _offered(records: Sequence[Mapping[str, Any]]) -> tuple[Offered, ...]:
    return tuple(
        Offered(
            provider=named(record["provider"], record["provider_name"]),
            first_party=record["first_party"],
            price_in=None if record["price_in"] is None else Decimal(record["price_in"]),
            price_out=None if record["price_out"] is None else Decimal(record["price_out"]),
            seen_on=record["seen_on"],
            url=record["url"],
        )
        for record in records
    )


def _as_earlier(record: Mapping[str, Any]) -> Earlier:
    published_at = datetime.fromisoformat(record["published_at"])
    return Earlier(record["outcome"], record["side"], published_at, tuple(record["judges"]))


def _as_related(of_cards: Sequence[Sequence[Mapping[str, Any]]], but: str) -> tuple[Related, ...]:
    found = {
        record["slug"]: _as_other(record)
        for records in of_cards
        for record in records
        if record["slug"] != but
    }
    return tuple(found.values())[: 2 * RELATED]


def _as_other(record: Mapping[str, Any]) -> Related:
    """Two cards of one name go by their slugs as well, or nobody could tell which of them the call is for."""
    slug, left, right = (record[name] for name in ("slug", "left", "right"))
    if left.casefold() == right.casefold():
        one, other = slug.split("-vs-")
        left, right = f"{left} ({one})", f"{right} ({other})"
    return Related(slug, left, right, record["outcome"], record["side"])
