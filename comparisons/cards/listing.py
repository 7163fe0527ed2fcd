"""The catalogue: which cards, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.functions import Cast, Round

from comparisons.cards.forms import CatalogForm
from comparisons.cards.models import Card, CardQuerySet
from comparisons.listing import Key, Order, exact, whole, words

SIZE = 24
SUGGESTIONS = 8
FOUND = 200  # a word that is near to more models than that finds too much to read
STRICT = 0.6  # pg_trgm.word_similarity_threshold as PostgreSQL has it
SLIP = 0.4  # how near a mistyped name still is: "gemni" to "gemini" 0.5, "mistal lrge" 0.47
AS_NEAR = 0.8
_ID = Key("pk", whole)
ORDERS = {
    "name": Order((Key("name", words), _ID)),
    "newest": Order((Key("release_date", words, descending=True), Key("pk", whole, descending=True))),
    "price": Order((Key("price_in", exact, nullable=True), _ID)),
    "context": Order(
        (Key("context_tokens", whole, descending=True, nullable=True), Key("pk", whole, descending=True))
    ),
    "match": Order((Key("rank", whole, descending=True), Key("name", words), _ID)),
}


def order_of(form: CatalogForm) -> Order:
    return ORDERS[form.chosen("sort") or ("match" if form.chosen("q") else "name")]


def found_cards(form: CatalogForm) -> QuerySet[Card]:
    """Cards that every valid filter lets through, not in order. An unknown fact passes no filter on it."""
    cards: QuerySet[Card] = listed()
    if q := form.chosen("q"):
        nearness = TrigramWordSimilarity(q.lower(), "search_text")
        # A whole number, because a float does not come back from an address as the same float.
        rank = Cast(Round(nearness * 1000), IntegerField())
        cards = cards.filter(pk__in=[card.pk for card in near(q, limit=FOUND)[0]]).annotate(rank=rank)
    columns = {
        "lab": "lab__slug",
        "category": "category",
        "license": "license_class",
        "context": "context_tokens__gte",
        "price": "price_in__lte",
        "local": "runs_locally",
    }
    chosen = {column: form.chosen(name) for name, column in columns.items() if form.chosen(name) is not None}
    if modality := form.chosen("modality"):
        chosen["modalities_in__contains"] = [modality]
    if weights := form.chosen("weights"):
        chosen["open_weights"] = weights == "open"
    return cards.filter(**chosen)


def listed() -> CardQuerySet:
    """Published cards without their snapshots: lists live on the columns, which are a tenth of the bytes."""
    return Card.objects.filter(snapshot__isnull=False).select_related("lab")


def near(*texts: str, limit: int) -> list[list[Card]]:
    """For each text the cards it may mean, nearest first: one query, and one more for slips of the finger."""
    asked = [text for text in texts if text]
    found = _near(asked, strict=True, limit=limit) if asked else {}
    if slips := [text for text in asked if not found[text]]:
        found |= _near(slips, strict=False, limit=limit)
    return [found.get(text, []) for text in texts]


def _near(texts: Sequence[str], *, strict: bool, limit: int) -> dict[str, list[Card]]:
    columns = {f"near_{place}": text for place, text in enumerate(texts)}
    cards = listed().annotate(
        **{column: TrigramWordSimilarity(text.lower(), "search_text") for column, text in columns.items()}
    )
    if strict:  # by the trigram index, at PostgreSQL's own threshold
        wanted = reduce(or_, (Q(search_text__trigram_word_similar=text.lower()) for text in texts))
    else:
        wanted = reduce(or_, (Q(**{f"{column}__gte": SLIP}) for column in columns))
    rows = list(cards.filter(wanted).order_by("name", "pk"))
    return {text: _nearest(rows, column, strict=strict)[:limit] for column, text in columns.items()}


def _nearest(rows: list[Card], column: str, *, strict: bool) -> list[Card]:
    best = max((getattr(row, column) for row in rows), default=0)
    # Of slips only what is about as near as the nearest; of real hits everything.
    least = STRICT if strict else max(SLIP, AS_NEAR * best)
    hits = [row for row in rows if getattr(row, column) >= least]
    # Whoever types "gpt" means one of this year's rather than the first by letter.
    hits.sort(key=lambda row: row.release_date, reverse=True)
    return sorted(hits, key=lambda row: -getattr(row, column))


def suggestions(typed: str) -> list[Card]:
    """Cards for a picker while somebody types, nearest first."""
    if len(typed) == 1:  # one letter has no trigram worth the name
        return list(listed().filter(name__istartswith=typed).order_by("name", "pk")[:SUGGESTIONS])
    return near(typed, limit=SUGGESTIONS)[0]


def exactly(*typed: str) -> list[Card]:
    """Cards that one of these slugs or names means to the letter, capitals aside."""
    wanted = [text for text in typed if text]
    meant = Q(slug__in=[text.lower() for text in wanted])
    for text in wanted:
        meant |= Q(name__iexact=text)
    return list(Card.objects.published().filter(meant).order_by("pk")[:20]) if wanted else []


@dataclass(frozen=True, slots=True)
class Facets:
    """What the selects of a list offer: labs as (slug, name), and categories."""

    labs: list[tuple[str, str]]
    categories: list[tuple[str, str]]


def facets() -> Facets:
    """Labs and categories of the published cards, in one query for both."""
    cards = Card.objects.filter(snapshot__isnull=False).order_by()
    found = list(cards.values_list("lab__slug", "lab__name", "category").distinct())
    labs = {slug: name for slug, name, _ in found}
    categories = sorted({category for _, _, category in found})
    by_name = sorted(labs.items(), key=lambda lab: lab[1].casefold())
    return Facets(by_name, [(name, name) for name in categories])
