"""Model cards: facts with their sources, offers with units and dates, and what the panel and readers say."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.labs import LabName
from comparisons.api.noun import ReadNoun
from comparisons.api.parameters import Amount, Filters, Flag, Slug, Text, Whole, Word
from comparisons.api.parts import (
    Address,
    Anything,
    Exact,
    OneOf,
    Record,
    Share,
    Wordlist,
    Words,
    community,
    share,
)
from comparisons.cards.facts import Facts
from comparisons.cards.forms import MODALITIES
from comparisons.cards.listing import FOUND, ORDERS, ids_near, listed
from comparisons.cards.models import Card
from comparisons.reviews.benches import Bench, benches_of
from comparisons.votes.models import community_subquery

LICENSES = [value for value in Card.LicenseClass.values if value != "unknown"]
COMMERCIAL = ["yes", "no", "conditional"]
PER_MTOK = "US dollars per 1,000,000 tokens; 0 is free."


class CardName(Record):
    """A card, in few words."""

    slug = serializers.CharField()
    name = serializers.CharField()
    url = Address("/api/v1/cards/{}/", source="slug")


class PanelOnCard(Share):
    """What the reviewers say of the card alone, one judge's reviews only."""

    call = serializers.ChoiceField(
        ["ship", "skip", "split", "none"], help_text="none: fewer than three reviewers had facts enough."
    )
    median_score = serializers.FloatField(min_value=0, max_value=100, allow_null=True)
    judge = serializers.CharField(help_text="The instrument that spoke.")
    judge_kind = serializers.CharField(help_text="rubric: rule-based, no model.")
    provisional = serializers.BooleanField(help_text="Some reviewers were last heard by another judge.")


class CardRecord(Record):
    """A model, as lists have it. Unknown is null."""

    named_by = "slug"
    slug = serializers.CharField()
    url = Address("/api/v1/cards/{}/", source="slug")
    page = Address("/models/{}/", source="slug", help_text="For people.")
    name = serializers.CharField()
    lab = LabName()
    category = serializers.CharField()
    tagline = Words()
    license_class = OneOf(LICENSES, allow_null=True)
    open_weights = serializers.BooleanField(allow_null=True)
    runs_locally = serializers.BooleanField()
    context_tokens = serializers.IntegerField(allow_null=True)
    params_total_b = Exact(allow_null=True, help_text="Billions.")
    usd_per_mtok_in = Exact(source="price_in", allow_null=True, help_text=PER_MTOK)
    usd_per_mtok_out = Exact(source="price_out", allow_null=True, help_text=PER_MTOK)
    modalities_in = Wordlist()
    release_date = Words(help_text="As precise as its source: YYYY, YYYY-MM or YYYY-MM-DD.")
    panel = PanelOnCard(allow_null=True, help_text="null before anybody was heard on it.")
    community = Share(help_text="Votes of readers on all its pairings.")
    changed_at = serializers.DateTimeField(allow_null=True, help_text="When its facts last changed.")


class Source(Record):
    """Where a fact was read, and when it was last seen there."""

    field = serializers.CharField()
    name = Words()
    url = Words()
    seen_on = Words(help_text="YYYY-MM-DD")


class Conflict(Source):
    """A source that says something else than the facts do."""

    value = Anything()


class WayToRun(Record):
    """One way to run it."""

    kind = serializers.CharField()
    command = Words()
    note = Words()


class IdentityRecord(Record):
    """Whether public catalogs know this model."""

    status = serializers.ChoiceField(["found", "near", "not_found", "conflicting"])
    catalogues = Wordlist()
    note = Words()


class FactsRecord(Record):
    """Everything a reviewer may know of the model. Unknown is null."""

    name = serializers.CharField()
    lab = serializers.CharField()
    category = serializers.CharField()
    tagline = Words()
    description = Words()
    best_for = Words()
    license = Words()
    license_class = OneOf(LICENSES, allow_null=True)
    commercial_use = OneOf(COMMERCIAL, allow_null=True)
    params_total_b = Exact(allow_null=True, help_text="Billions.")
    params_active_b = Exact(allow_null=True, help_text="Billions.")
    architecture = Words()
    context_tokens = serializers.IntegerField(allow_null=True)
    output_tokens = serializers.IntegerField(allow_null=True)
    modalities_in = Wordlist()
    modalities_out = Wordlist()
    features = Wordlist()
    programming_languages = serializers.IntegerField(allow_null=True)
    open_weights = serializers.BooleanField(allow_null=True)
    weights_url = Words()
    run = WayToRun(many=True)
    entry_price = Words()
    pricing_note = Words()
    usd_per_mtok_in = Exact(source="price_in", allow_null=True, help_text=PER_MTOK)
    usd_per_mtok_out = Exact(source="price_out", allow_null=True, help_text=PER_MTOK)
    usd_per_mtok_cached = Exact(source="price_cached", allow_null=True, help_text=PER_MTOK)
    price_provider = Words()
    price_basis = OneOf(["first_party", "cheapest_offer"], allow_null=True)
    hardware_note = Words()
    release_date = Words()
    knowledge_cutoff = Words()
    claims = Wordlist(help_text="What its maker claims.")
    identity = IdentityRecord()


# The facts' own names for what is called otherwise here; sources are told under ours.
RENAMED = {field.source: name for name, field in FactsRecord().fields.items() if field.source != name}


class OfferRecord(Record):
    """One provider's price, in US dollars per 1,000,000 tokens, as last seen."""

    provider = serializers.CharField()
    provider_name = Words()
    model_id = serializers.CharField()
    first_party = serializers.BooleanField()
    usd_per_mtok_in = Exact(source="price_in", allow_null=True)
    usd_per_mtok_out = Exact(source="price_out", allow_null=True)
    usd_per_mtok_cached = Exact(source="price_cached", allow_null=True)
    context_tokens = serializers.IntegerField(allow_null=True)
    output_tokens = serializers.IntegerField(allow_null=True)
    source_url = Words()
    seen_on = serializers.DateField()


class SnapshotRecord(Record):
    """An immutable state of a card; reviews point at one."""

    sha256 = serializers.CharField()
    taken_at = serializers.DateTimeField()


class CardDetail(CardRecord):
    """A model with all its facts."""

    facts = FactsRecord()
    sources = Source(many=True, source="told_sources")
    conflicts = Conflict(many=True, source="told_conflicts")
    offers = OfferRecord(many=True, source="told_offers")
    snapshot = SnapshotRecord()


class CardFilters(Filters):
    q = Text(method="words", help_text="Words of its name or lab; slips of the finger are forgiven.")
    lab = Slug("lab__slug", help_text="Slug of its lab.")
    category = Text("category", most=60, help_text="Its category, to the letter.")
    license_class = Word("license_class", among=LICENSES, help_text="What its license allows.")
    open_weights = Flag("open_weights", help_text="Whether its weights can be downloaded.")
    runs_locally = Flag("runs_locally", help_text="Whether it runs on one's own machine.")
    context_min = Whole("context_tokens", lookup_expr="gte", help_text="Context window at least, in tokens.")
    price_max = Amount("price_in", lookup_expr="lte", help_text="Input price at most, in USD per 1M tokens.")
    modality = Word(
        "modalities_in", method="reads", among=[value for value, _ in MODALITIES], help_text="What it reads."
    )

    def words(self, cards: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return cards.filter(pk__in=ids_near(value, limit=FOUND)[0])

    def reads(self, cards: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return cards.filter(modalities_in__contains=[value])


@extend_schema_view(
    list=extend_schema(
        summary="Model cards", description="A filter on a fact leaves out the models of which it is unknown."
    ),
    retrieve=extend_schema(
        summary="One model card", description="Facts with their sources, and every provider's price."
    ),
)
class Cards(ReadNoun):
    serializer_class = CardRecord
    detail_serializer = CardDetail
    filterset_class = CardFilters
    orders = {name: ORDERS[name] for name in ("name", "newest", "price", "context")}
    examples_of_path = {"slug": "gpt-5-5"}
    examples_of_query = {"open_weights": "true", "context_min": "100000"}
    missing = "There is no model with this slug."

    def get_queryset(self) -> QuerySet[Any]:
        cards = Card.objects.published() if self.action == "retrieve" else listed()
        return cards.annotate(votes=community_subquery())

    def with_more(self, rows: list[Any]) -> list[Any]:
        benches = benches_of(rows)
        for card in rows:
            card.panel = panel(benches.get(card.pk))
            card.community = community(card.votes)
            if self.action == "retrieve":
                card.told_offers = list(card.offers.all())
                card.told_sources = [_source(field, told) for field, told in sorted(card.sources.items())]
                card.told_conflicts = [_source(told.get("field", ""), told) for told in card.conflicts]
        return rows


def panel(bench: Bench | None) -> dict[str, Any] | None:
    if bench is None:
        return None
    newest = max(bench.reviews, key=lambda review: (review.heard_at, review.pk))
    tally = bench.tally
    return {
        **share(tally.ships, tally.n),
        "call": tally.call,
        "median_score": tally.score,
        "judge": newest.judge_label,
        "judge_kind": newest.judge_kind,
        "provisional": bench.mixed,
    }


def _source(field: str, told: Any) -> dict[str, Any]:
    known = {name: told.get(name) or "" for name in ("name", "url", "seen_on")}
    return {**known, "field": RENAMED.get(field, field), "value": told.get("value")}


assert set(Facts.__dataclass_fields__) == {field.source for field in FactsRecord().fields.values()}
