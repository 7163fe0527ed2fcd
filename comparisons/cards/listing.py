"""The catalogue: which cards, in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.functions import Cast, Round

from comparisons.cards.forms import CatalogForm
from comparisons.cards.models import Card, CardQuerySet
from comparisons.listing import Key, Order, exact, whole, words

SIZE = 24
SUGGESTIONS = 8
FOUND = 200  # a word that is near to more models than that finds too much to read
STRICT = (
    0.6  # what PostgreSQL calls near; below it only slips of the finger are, and `cards_near` ends at 0.4
)
AS_NEAR = 0.8
# The function is made by a migration, and told there: it asks the trigram index, at a threshold of its own.
NEAR = """
SELECT asked.place, near.card_id, near.nearness
  FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS asked (words, place),
       LATERAL cards_near(asked.words, %(limit)s) AS near
 ORDER BY asked.place, near.place
"""
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
        cards = cards.filter(pk__in=ids_near(q, limit=FOUND)[0]).annotate(rank=rank)
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
    """For each text the cards it may mean, nearest first, in two queries."""
    found = ids_near(*texts, limit=limit)
    cards = listed().in_bulk({card for ids in found for card in ids})
    return [[cards[card] for card in ids if card in cards] for ids in found]


def ids_near(*texts: str, limit: int) -> list[list[int]]:
    """For each text the keys of the cards it may mean, nearest first, in one query.

    Of those as near as each other the newest: whoever types "gpt" means one of this year's.
    """
    if not any(texts):
        return [[] for _ in texts]
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    with connection.cursor() as cursor:
        # No text, no trigram, no card: what is empty finds nothing.
        cursor.execute(NEAR, {"texts": [text.lower() for text in texts], "limit": limit})
        for place, card, nearness in cursor.fetchall():
            found[place].append((card, nearness))
    return [_meant(found[place]) for place in range(1, len(texts) + 1)]


def _meant(nearest_first: Sequence[tuple[int, float]]) -> list[int]:
    best = nearest_first[0][1] if nearest_first else 0
    # Of slips only what is about as near as the nearest; of real hits everything.
    least = STRICT if best >= STRICT else AS_NEAR * best
    return [card for card, nearness in nearest_first if nearness >= least]


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
