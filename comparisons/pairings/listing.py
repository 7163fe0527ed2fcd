"""The list of judged pairings: which, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import product

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Abs

from comparisons.cards.listing import near
from comparisons.cards.models import Card
from comparisons.listing import BIGGEST, BadCursor, Key, Order, exact, moment, position, whole, words
from comparisons.pairings.forms import VerdictsForm
from comparisons.reviews.models import Verdict, nearness
from comparisons.reviews.tally import CLEAR_MEDIAN

SIZE = 24
SMALL = CLEAR_MEDIAN  # points; the formula's own line between lean and clear
CARDS_SEARCHED = 20  # a word that is near to more models than that finds too much to read
FEW_CARDS = 20  # whose newest verdicts are gathered card by card
CARDS_OF_TWO = 6  # of each side of "x vs y": all their pairs are looked up
AT = ExpressionWrapper(F("published_at") + Value(timedelta(0)), output_field=DateTimeField())
_NEWEST = (Key("published_at", moment, descending=True), Key("pk", whole, descending=True))
ORDERS = {
    "newest": Order(_NEWEST),
    "closest": Order((Key("nearness", exact, descending=True), *_NEWEST)),
    "name": Order((Key("pairing__slug", words),)),
    # Newest first among the pairings of a few cards: see `standing`.
    "gathered": Order((Key("at", moment, descending=True), Key("pk", whole, descending=True))),
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


def found(form: VerdictsForm, at: Mapping[str, str]) -> tuple[QuerySet[Verdict], Order]:
    """Current verdicts that every valid filter lets through, and the order to turn their pages in.

    `at` says where the page begins, for a list that is gathered from there.
    """
    if (cards := _few_cards(form)) is not None:
        return newest_of(cards, SIZE + 1, at=at), ORDERS["few"]
    return found_verdicts(form), ORDERS[form.chosen("sort") or ("gathered" if form.chosen("q") else "newest")]


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
    return standing().filter(pk__in=newest)


def _few_cards(form: VerdictsForm) -> list[int] | None:
    """The cards whose verdicts are asked for, newest first, where they are few and nothing else is asked."""
    asked = form.state.keys() - {"sort"}
    if form.chosen("sort") not in (None, "newest") or len(asked) != 1:
        return None
    if (q := form.chosen("q")) and " vs " not in q.lower():
        return _ids(q)
    wanted = {"lab": "lab__slug", "category": "category"}
    meant = {column: form.chosen(name) for name, column in wanted.items() if form.chosen(name)}
    if not meant:
        return None
    published = Card.objects.filter(snapshot__isnull=False, **meant)
    cards = list(published.values_list("pk", flat=True)[: FEW_CARDS + 1])
    return cards if len(cards) <= FEW_CARDS else None


def standing() -> QuerySet[Verdict]:
    """Current verdicts with what a row of a list shows.

    `closeness` is the distance of the medians, and `nearness` the same for an index: known to every row, and
    falling like the dates and keys after it. `at` is `published_at` where no index sees it: for the few
    pairings of one card PostgreSQL would rather walk all verdicts from the newest on (75 ms of 100,000) than
    gather those few by their index and sort them (1 ms).
    """
    # `superseded_at` says the same as Pairing.verdict and stands in the partial indexes.
    verdicts = Verdict.objects.filter(superseded_at__isnull=True).with_cards()
    return verdicts.annotate(closeness=Abs("median_difference"), nearness=nearness(), at=AT)


def closest() -> QuerySet[Verdict]:
    """Calls that could have gone the other way, nearest first: no side, or a small margin between them."""
    near = Q(outcome__in=[Verdict.Outcome.TOSS_UP, Verdict.Outcome.SPLIT]) | Q(
        outcome=Verdict.Outcome.LEAN, median_difference__range=(-SMALL, SMALL)
    )
    return standing().filter(near).order_by(F("nearness").desc(), "-published_at", "-pk")


def found_verdicts(form: VerdictsForm) -> QuerySet[Verdict]:
    """Current verdicts that every valid filter lets through, without order."""
    verdicts = standing()
    if q := form.chosen("q"):
        verdicts = verdicts.filter(_about(q))
    if outcome := form.chosen("outcome"):
        verdicts = verdicts.filter(outcome=outcome)
    if lab := form.chosen("lab"):
        verdicts = verdicts.filter(Q(pairing__left__lab__slug=lab) | Q(pairing__right__lab__slug=lab))
    if category := form.chosen("category"):
        verdicts = verdicts.filter(Q(pairing__left__category=category) | Q(pairing__right__category=category))
    match form.chosen("judge"):
        case "rubric":
            verdicts = verdicts.filter(judge_kinds=["rubric"])
        case "model":
            verdicts = verdicts.exclude(judge_kinds__contains=["rubric"])
        case "mixed":
            verdicts = verdicts.filter(provisional=True)
    return verdicts


def _about(q: str) -> Q:
    """Pairings of the cards that the words mean; "x vs y" asks for both sides.

    The cards are asked for first: names go through the trigram index and pairings through theirs, where one
    query for both would walk all pairings.
    """
    one, versus, other = (part.strip() for part in q.lower().partition(" vs "))
    if not (versus and one and other):
        cards = _ids(q)
        return Q(pairing__left__in=cards) | Q(pairing__right__in=cards)
    first, second = near(one, other, limit=CARDS_OF_TWO)
    # By the names their pairings have, which an index holds: PostgreSQL would look at all of each card's.
    pairs = (sorted(pair, key=lambda card: card.pk) for pair in product(first, second))
    return Q(pairing__slug__in={f"{left.slug}-vs-{right.slug}" for left, right in pairs})


def _ids(text: str) -> list[int]:
    (cards,) = near(text, limit=CARDS_SEARCHED)
    return [card.pk for card in cards]
