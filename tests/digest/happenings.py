"""What may happen in a week, made through the doors that the site uses."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from comparisons.articles.models import Article, RelatedCard
from comparisons.cards.models import Card
from comparisons.counterpoints.actions import Words, decide, submit
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.models import User
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Verdict
from comparisons.votes.actions import cast
from tests.factories.benches import hear
from tests.factories.cards import make_card


def editor() -> User:
    return User.objects.get_or_create(username="editor", defaults={"is_staff": True, "first_name": "Edda"})[0]


def cards() -> dict[str, Card]:
    return {
        "alder": make_card("alder", lab="north", name="Alder", price_in="0.40", price_out="2"),
        "birch": make_card("birch", lab="south", name="Birch", price_in="0.10", price_out="0.4"),
        "cedar": make_card("cedar", lab="south", name="Cedar"),
    }


def a_full_week() -> None:
    """A clear verdict, a close one, votes, an approved counterpoint, an article; three new cards."""
    made = cards()
    hear(made["alder"], made["birch"], (92, 90, 88, 86), (50, 52, 48, 40))
    hear(made["birch"], made["cedar"], (50, 52, 48, 40), (51, 51, 48, 40))
    vote("alder-vs-birch", "left", "both")
    counterpoint("alder-vs-birch", "The window is large, and **what fills it** costs money.")
    article("Local models in winter", made["alder"])


def vote(slug: str, *choices: str) -> None:
    for voter, choice in enumerate(choices):
        cast(pairing=Pairing.objects.get(slug=slug), visitor=Visitor(f"{slug} {voter}"), choice=choice)


def counterpoint(slug: str, body: str, *, to: str = "approved") -> Counterpoint:
    words = Words(kind="push_back", body=body, name="A reader", link="")
    sent = submit(
        pairing=Pairing.objects.get(slug=slug), visitor=Visitor("x"), words=words, form_nonce=body[:32]
    )
    decide(counterpoint=sent, to=Counterpoint.State(to), by=editor())
    return sent


def article(title: str, *about: Card, state: str = "published") -> Article:
    written = Article.objects.create(
        slug=title.lower().replace(" ", "-"), title=title, standfirst=f"{title}, in short.", body="Text.",
        state=state, published_at=timezone.now(), author=editor(),
    )  # fmt: skip
    for card in about:
        RelatedCard.objects.create(article=written, card=card)
    return written


def date_verdicts(to: datetime) -> None:
    """As if the panel had spoken then."""
    Verdict.objects.update(published_at=to)
