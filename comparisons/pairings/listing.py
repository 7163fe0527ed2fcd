"""The list of judged pairings: which, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Abs

from comparisons.cards.listing import ids_near
from comparisons.cards.models import Card
from comparisons.listing import (
    BIGGEST,
    BadCursor,
    Key,
    Order,
    Page,
    exact,
    moment,
    position,
    turn,
    whole,
    words,
)
from comparisons.pairings.forms import VerdictsForm
from comparisons.pairings.narrowing import Meant, meant, of_cards, these
from comparisons.reviews.models import Verdict, nearness
from comparisons.reviews.tally import CLEAR_MEDIAN

SIZE = 24
SMALL = CLEAR_MEDIAN  # points; the formula's own line between lean and clear
CARDS_SEARCHED = 20  # a word that is near to more models than that finds too much to read
CARDS_OF_TWO = 6  # of each side of "x vs y": all their pairs are looked up
_NEWEST = (Key("published_at", moment, descending=True), Key("pk", whole, descending=True))
ORDERS = {
    "newest": Order(_NEWEST),
    "closest": Order((Key("nearness", exact, descending=True), *_NEWEST)),
    "name": Order((Key("pairing__slug", words),)),
    "few": Order((Key("pk", whole, descending=True),)),
}
# A page holds no more of one card's verdicts than its newest, and two indexes hold those in order: 40 short
# walks instead of a look at every pairing of 20 cards (270 ms at half a million pairings). By key, which a
# verdict gets when it is published.
NEWEST_OF = """
SELECT newest.verdict_id FROM unnest(%s::bigint[]) AS card (id), LATERAL (
    (SELECT verdict_id FROM comparisons_pairing WHERE left_id = card.id AND verdict_id {compare} %s
      ORDER BY verdict_id {order} LIMIT %s)
    UNION ALL
    (SELECT verdict_id FROM comparisons_pairing WHERE right_id = card.id AND verdict_id {compare} %s
      ORDER BY verdict_id {order} LIMIT %s)
) AS newest ORDER BY verdict_id {order} LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a list of verdicts is turned by: `rows` hold what the order goes by, `wide` all that is shown."""

    rows: QuerySet[Verdict]
    order: Order
    wide: QuerySet[Verdict]

    def page(self, at: Mapping[str, str], *, size: int) -> Page[Verdict]:
        return turn(self.rows, self.order, at, size=size, wide=self.wide)


def found(form: VerdictsForm, at: Mapping[str, str]) -> Found:
    """Current verdicts that every valid filter lets through.

    `at` says where the page begins, for a list that is gathered from there.
    """
    rows, order = _told(form), ORDERS[form.chosen("sort") or "newest"]
    q = form.chosen("q")
    one, versus, other = (part.strip() for part in (q or "").lower().partition(" vs "))
    if versus and one and other:
        rows, q = rows.filter(pairing__slug__in=_slugs(one, other)), None
        order = order.hidden
    filters = list(_filters(form, q))
    asked = form.state.keys() - {"sort"}
    # A card's newest verdicts are found by index, however long it has not been heard.
    if len(filters) == len(asked) == 1 and order is ORDERS["newest"] and filters[0].few is not None:
        return Found(newest_of(filters[0].few, SIZE + 1, at=at), ORDERS["few"], standing())
    if filters:
        rows, order = of_cards(rows, filters, order)
    return Found(rows, order, standing())


def _filters(form: VerdictsForm, q: str | None) -> Iterator[Meant]:
    """What the form says of the cards. One query each; a search has told its cards already."""
    if q:
        (cards,) = ids_near(q, limit=CARDS_SEARCHED)
        yield these(cards)
    for name, column in (("lab", "lab__slug"), ("category", "category")):
        if form.chosen(name):
            cards_meant = Card.objects.filter(snapshot__isnull=False, **{column: form.chosen(name)})
            yield Meant(cards_meant, None) if q else meant(cards_meant)


def _told(form: VerdictsForm) -> QuerySet[Verdict]:
    """Current verdicts that what the form says of the verdict itself lets through."""
    # `superseded_at` says the same as Pairing.verdict and stands in the partial indexes.
    verdicts = Verdict.objects.filter(superseded_at__isnull=True).annotate(nearness=nearness())
    if outcome := form.chosen("outcome"):
        verdicts = verdicts.filter(outcome=outcome)
    match form.chosen("judge"):
        case "rubric":
            verdicts = verdicts.filter(judge_kinds=["rubric"])
        case "model":
            verdicts = verdicts.exclude(judge_kinds__contains=["rubric"])
        case "mixed":
            verdicts = verdicts.filter(provisional=True)
    return verdicts


def _slugs(one: str, other: str) -> set[str]:
    """The names that the pairings of "x vs y" have, which an index holds."""
    first, second = ids_near(one, other, limit=CARDS_OF_TWO)
    slugs = dict(Card.objects.filter(pk__in=[*first, *second]).values_list("pk", "slug"))
    pairs = (sorted(pair) for pair in product(first, second))
    return {f"{slugs[left]}-vs-{slugs[right]}" for left, right in pairs}


def newest_of(cards: Sequence[int], most: int, *, at: Mapping[str, str] | None = None) -> QuerySet[Verdict]:
    """The `most` newest verdicts of a few cards from `at` on, not in order."""
    try:
        start, backwards = position(ORDERS["few"], at or {})
    except BadCursor:
        start, backwards = None, False
    key = start[0] if start else (0 if backwards else BIGGEST)
    compare, order = (">", "ASC") if backwards else ("<", "DESC")
    sql = NEWEST_OF.format(compare=compare, order=order)
    newest = RawSQL(sql, [list(cards), key, most, key, most, most])  # noqa: S611  # words of our own, values apart
    return Verdict.objects.filter(pk__in=newest)


def standing() -> QuerySet[Verdict]:
    """Current verdicts with what a row of a list shows.

    `closeness` is the distance of the medians, and `nearness` the same for an index: known to every row, and
    falling like the dates and keys after it.
    """
    verdicts = Verdict.objects.filter(superseded_at__isnull=True).with_cards()
    return verdicts.annotate(closeness=Abs("median_difference"), nearness=nearness())


def closest() -> QuerySet[Verdict]:
    """Calls that could have gone the other way, nearest first: no side, or a small margin between them."""
    near = Q(outcome__in=[Verdict.Outcome.TOSS_UP, Verdict.Outcome.SPLIT]) | Q(
        outcome=Verdict.Outcome.LEAN, median_difference__range=(-SMALL, SMALL)
    )
    return standing().filter(near).order_by(F("nearness").desc(), "-published_at", "-pk")
