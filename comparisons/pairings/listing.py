"""The list of judged pairings: which, in which order."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Abs

from comparisons.cards.listing import near
from comparisons.listing import Key, Order, exact, moment, whole, words
from comparisons.pairings.forms import VerdictsForm
from comparisons.reviews.models import Verdict
from comparisons.reviews.tally import CLEAR_MEDIAN

SIZE = 24
SMALL = CLEAR_MEDIAN  # points; the formula's own line between lean and clear
CARDS_SEARCHED = 20  # a word that is near to more models than that finds too much to read
AT = ExpressionWrapper(F("published_at") + Value(timedelta(0)), output_field=DateTimeField())
_NEWEST = (Key("published_at", moment, descending=True), Key("pk", whole, descending=True))
ORDERS = {
    "newest": Order(_NEWEST),
    "closest": Order((Key("closeness", exact, nullable=True), *_NEWEST)),
    "name": Order((Key("pairing__slug", words),)),
    # Newest first among the pairings of a few cards: see `standing`.
    "gathered": Order((Key("at", moment, descending=True), Key("pk", whole, descending=True))),
}


def order_of(form: VerdictsForm) -> Order:
    return ORDERS[form.chosen("sort") or ("gathered" if form.chosen("q") else "newest")]


def standing() -> QuerySet[Verdict]:
    """Current verdicts with what a row of a list shows.

    `closeness` is the distance of the medians. `at` is `published_at` where no index sees it: for the few
    pairings of one card PostgreSQL would rather walk all verdicts from the newest on (75 ms of 100,000) than
    gather those few by their index and sort them (1 ms).
    """
    # `superseded_at` says the same as Pairing.verdict and stands in the partial indexes.
    verdicts = Verdict.objects.filter(superseded_at__isnull=True).with_cards()
    return verdicts.annotate(closeness=Abs("median_difference"), at=AT)


def closest() -> QuerySet[Verdict]:
    """Calls that could have gone the other way, nearest first: no side, or a small margin between them."""
    near = Q(outcome__in=[Verdict.Outcome.TOSS_UP, Verdict.Outcome.SPLIT]) | Q(
        outcome=Verdict.Outcome.LEAN, median_difference__range=(-SMALL, SMALL)
    )
    return (
        standing()
        .filter(near)
        .order_by(Abs("median_difference").asc(nulls_last=True), "-published_at", "-pk")
    )


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
        (cards,) = _ids(q)
        return Q(pairing__left__in=cards) | Q(pairing__right__in=cards)
    first, second = _ids(one, other)
    return Q(pairing__left__in=first, pairing__right__in=second) | Q(
        pairing__left__in=second, pairing__right__in=first
    )


def _ids(*texts: str) -> list[list[int]]:
    return [[card.pk for card in cards] for cards in near(*texts, limit=CARDS_SEARCHED)]
