"""What the journeys walk through: three cards, one verdict with real reviews, one page nobody asked for."""

from __future__ import annotations

from dataclasses import dataclass

from comparisons.cards.facts import RunWay
from comparisons.cards.models import Card
from comparisons.counterpoints.actions import Words, decide, submit
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.models import User
from comparisons.people.visitor import Visitor
from comparisons.votes.actions import cast
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.models import Attempt, Hearing, Run
from tests.factories.cards import make_card, make_offer

HEARD, UNHEARD = "/compare/alder-large-vs-birch-mini/", "/compare/alder-large-vs-cedar/"
APPROVED = "The window is large, but the price per answer is larger: count the output tokens too."


@dataclass(frozen=True, slots=True)
class Catalogue:
    pairing: Pairing
    run: Run
    receipt: Attempt
    counterpoint: Counterpoint


def fill() -> Catalogue:
    alder, birch = _cards()
    pairing = Pairing.objects.between(alder, birch)
    run = convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope=pairing.slug)
    hear_all(run)
    for voter, choice in enumerate(["left", "both"]):
        cast(pairing=pairing, visitor=Visitor(f"earlier visitor {voter}"), choice=choice)
    pairing.refresh_from_db()
    receipt = Attempt.objects.filter(run=run, outcome="answered").earliest("opened_at")
    return Catalogue(pairing, run, receipt, _approved(pairing))


def hear_all(run: Run) -> None:
    """What a worker does."""
    for pk in Hearing.objects.filter(sittings__run=run).order_by("pk").values_list("pk", flat=True):
        hear(pk)


def _cards() -> tuple[Card, Card]:
    price = {"source_url": "https://prices.example/", "price_in": "0.4", "price_out": "2"}
    alder = make_card(
        "alder-large", name="Alder Large", category="Code", license="Apache-2.0", license_class="permissive",
        commercial_use="yes", open_weights=True, params_total_b=123, context_tokens=262_144,
        description="A large model of code with open weights.", best_for="repositories read in one go",
        offers=[make_offer(f"provider-{n}", f"alder-large-{n}", **price) for n in range(6)],
        run=(RunWay("ollama", "ollama pull alder-large", "75 GB"), RunWay("api")),
        sources={"context_tokens": {"name": "Its card", "url": "https://lab.example/alder"}},
    )  # fmt: skip
    birch = make_card(
        "birch-mini", lab="other-lab", name="Birch Mini", category="Fast and cheap",
        license_class="proprietary", open_weights=False, context_tokens=32_000,
        offers=[make_offer("other", "birch-mini", price_in="0.05", price_out="0.2")],
    )  # fmt: skip
    make_card("cedar", lab="other-lab", name="Cedar", license_class="unknown", context_tokens=None)
    return alder, birch


def _approved(pairing: Pairing) -> Counterpoint:
    words = Words(kind="push_back", body=APPROVED, name="A reader", link="https://reader.example/why")
    sent = submit(pairing=pairing, visitor=Visitor("somebody else"), words=words, form_nonce="approved")
    moderator = User.objects.create_user("moderator", is_staff=True)
    decide(counterpoint=sent, to=Counterpoint.State.APPROVED, by=moderator)
    return sent
