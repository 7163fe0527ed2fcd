"""Every change is noted, and no page reads differently that its note does not name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comparisons.articles.models import Article, RelatedCard
from comparisons.cards.models import Card, Lab, Offer
from comparisons.counterpoints.actions import decide
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.publishing.dependencies import (
    EVERYTHING,
    Below,
    Change,
    ComparisonsOf,
    Page,
    touched,
)
from comparisons.reviews.models import Review, Reviewer
from comparisons.votes.actions import cast
from tests.articles.conftest import age, make_article
from tests.factories.cards import make_card, make_offer
from tests.factories.reviews import make_verdict

pytestmark = pytest.mark.django_db

CARDS = ("alpha", "beta", "gamma", "delta")
ESSAY = "an-essay"
# Tables that published pages read and no trigger watches, each for a reason.
QUIET = {
    "comparisons_shipcount": "moves in the same statement as votecount, or not at all",
    "comparisons_verdict_reviews": "filled in the transaction that makes the verdict",
    "comparisons_verdict_picks": "the same",
}


@pytest.fixture
def site() -> None:
    """Four cards; three pairings heard, one voted on; a pairing and a card nobody has asked about."""
    cards = {slug: make_card(slug, offers=[make_offer(model_id=slug, price_in="1")]) for slug in CARDS}
    for one, other in (("alpha", "beta"), ("alpha", "gamma"), ("beta", "gamma")):
        make_verdict(
            Pairing.objects.between(cards[one], cards[other]),
            (88, 82, 85, 78),
            (84, 78, 80, 55),
            picks=("left", "left", "left", "right"),
        )
    vote("left", "somebody")
    counterpoint(Counterpoint.State.APPROVED)
    make_article(ESSAY, cards=("beta",))
    make_article("a-draft", title="A draft", state="draft", published_at=None)


def vote(choice: str, who: str) -> None:
    cast(pairing=Pairing.objects.get(slug="alpha-vs-beta"), visitor=Visitor(who), choice=choice)  # type: ignore[arg-type]


def counterpoint(state: Counterpoint.State, *, article: Article | None = None) -> Counterpoint:
    return Counterpoint.objects.create(
        pairing=None if article else Pairing.objects.get(slug="alpha-vs-beta"),
        article=article,
        kind="extend",
        body="A point of twenty characters.",
        body_html="<p>A point of twenty characters.</p>",
        author_key="a" * 64,
        form_nonce=f"{state} on {article}",
        state=state,
        decided_at=None if state == Counterpoint.State.PENDING else "2026-11-01T00:00Z",
    )


def addresses() -> list[str]:
    slugs = list(Card.objects.published().order_by("pk").values_list("slug", flat=True))
    pairs = [f"/compare/{a}-vs-{b}/" for at, a in enumerate(slugs) for b in slugs[at + 1 :]]
    reviewers = [f"/reviewers/{slug}/" for slug in Reviewer.objects.values_list("slug", flat=True)]
    lists = ["/", "/compare/", "/models/", "/reviewers/", "/methodology/", "/articles/"]
    essays = [f"/articles/{slug}/" for slug in Article.objects.values_list("slug", flat=True)]
    return [*lists, *essays, *(f"/models/{slug}/" for slug in slugs), *pairs, *reviewers]


def read(client: Client, known: list[str]) -> dict[str, bytes]:
    return {address: client.get(address).content for address in known}


def forget() -> None:
    """Empties the outbox for the length of a test. Its rows have no order of their own to count from: where
    one lies is where there was room."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM comparisons_pagechange")


def noted() -> list[Change]:
    """Every change since `forget`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, coalesce((SELECT slug FROM comparisons_pairing"
            " WHERE kind = 'votes' AND id::text = key), key) FROM comparisons_pagechange"
        )
        return [Change(*row) for row in cursor.fetchall()]


def change_facts() -> None:
    make_card("alpha", offers=[make_offer(model_id="alpha", price_in="1")], context_tokens=1)


def change_offer() -> None:
    Offer.objects.filter(card__slug="alpha").update(price_in=3)


def rename_card() -> None:
    make_card("alpha", name="Alpha the Great", offers=[make_offer(model_id="alpha", price_in="1")])


def rename_lab() -> None:
    Lab.objects.update(name="Another Lab")


def hear_again() -> None:
    make_verdict(
        Pairing.objects.get(slug="alpha-vs-beta"), (10, 20, 30, 40), (90, 90, 90, 90), left=OTHER, right=OTHER
    )


def hear_first() -> None:
    pairing = Pairing.objects.between(Card.objects.get(slug="gamma"), Card.objects.get(slug="delta"))
    make_verdict(pairing, (10, 20, 30, 40), (90, 90, 90, 90), picks=("right",) * 4)


def approve() -> None:
    pending = counterpoint(Counterpoint.State.PENDING)
    editor = get_user_model().objects.create(username="editor")
    decide(counterpoint=pending, to=Counterpoint.State.APPROVED, by=editor)


def take_down() -> None:
    Counterpoint.objects.filter(state="approved").update(state="spam")


def correct_review() -> None:
    Review.objects.filter(snapshot__card__slug="alpha").update(paragraph="Corrected.")


def rename_reviewer() -> None:
    Reviewer.objects.filter(slug="skeptic").update(name="The Doubter")


def argue_with_the_essay() -> None:
    counterpoint(Counterpoint.State.APPROVED, article=Article.objects.get(slug=ESSAY))


def say_how_it_aged() -> None:
    age(Article.objects.get(slug=ESSAY), "Still true.", date(2026, 11, 5))


def put_a_card_beside_it() -> None:
    RelatedCard.objects.create(
        article=Article.objects.get(slug=ESSAY), card=Card.objects.get(slug="gamma"), position=2
    )


def edit(**columns: object) -> Callable[[], object]:
    return lambda: Article.objects.filter(slug=ESSAY).update(**columns)


OTHER = {"judge": "mistral", "label": "mistral-medium"}
CHANGES: dict[str, Callable[[], object]] = {
    "a vote": lambda: vote("right", "another"),
    "another mind": lambda: vote("both", "somebody"),
    "a vote taken back": lambda: vote("none", "somebody"),
    "a counterpoint approved": approve,
    "a counterpoint taken down": take_down,
    "facts of a card": change_facts,
    "an offer": change_offer,
    "an offer gone": lambda: Offer.objects.filter(card__slug="alpha").delete(),
    "a source": lambda: Card.objects.filter(slug="alpha").update(conflicts=CONFLICTS),
    "a card's name": rename_card,
    "a lab's name": rename_lab,
    "a new card": lambda: make_card("epsilon"),
    "another verdict": hear_again,
    "a first verdict": hear_first,
    "a review corrected": correct_review,
    "a reviewer's name": rename_reviewer,
    "a reviewer retired": lambda: Reviewer.objects.filter(slug="founder").update(active=False),
    "an article's title": edit(title="Another title"),
    "an article's text": edit(body_html="<p>Another text.</p>"),
    "an article taken back": edit(state="draft"),
    "an article published": lambda: Article.objects.filter(slug="a-draft").update(
        state="published", published_at="2026-11-02T00:00Z"
    ),
    "an article gone": lambda: Article.objects.filter(slug=ESSAY).delete(),
    "a note on how it aged": say_how_it_aged,
    "a card beside an article": put_a_card_beside_it,
    "facts of a card beside an article": lambda: make_card("beta", context_tokens=1),
    "a counterpoint on an article": argue_with_the_essay,
    "an author's name": lambda: get_user_model().objects.update(first_name="Ada", last_name="Writer"),
}
CONFLICTS = [
    {"field": "context_tokens", "value": 5, "name": "S", "url": "https://e.org", "seen_on": "2026-01-01"}
]


@pytest.mark.parametrize("name", CHANGES)
def test_what_reads_differently_is_what_was_noted(client: Client, site: None, name: str) -> None:
    known = addresses()
    before = read(client, known)
    forget()
    CHANGES[name]()
    after = read(client, known)
    targets = {target for change in noted() for target in touched(change)}
    different = {address for address in known if before[address] != after[address]}
    assert different, "the change of this test shows nowhere"
    assert {address for address in different if not any(t.covers(address) for t in targets)} == set()


def test_what_shows_nowhere_is_not_noted(site: None) -> None:
    forget()
    counterpoint(Counterpoint.State.PENDING)
    Card.objects.update(tagline="A model for tests.")
    vote("left", "somebody")
    draft = Article.objects.get(slug="a-draft")
    draft.save()
    age(draft, "Noise.", date(2026, 11, 5))
    get_user_model().objects.update(last_login="2026-11-21T00:00Z")
    assert noted() == []


def test_every_table_that_a_published_page_reads_is_watched(client: Client, site: None) -> None:
    """A page that shows a new table needs `watch()` in a migration and a line in dependencies.py."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        read(client, addresses())
    tables = {name for query in captured for name in re.findall(r"comparisons_\w+", query["sql"])}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'page_change_%%'"
        )
        watched = {name for (name,) in cursor.fetchall()}
    tables = {name for name in tables if name in connection.introspection.table_names()}
    assert tables - watched - QUIET.keys() == set()


def test_an_import_notes_each_card_once(site: None) -> None:
    forget()
    make_card("alpha", offers=[make_offer(model_id=f"m{n}", price_in="2") for n in range(50)])
    assert noted().count(Change("card", "alpha")) <= 6  # statements, not rows


def test_kinds_and_their_pages() -> None:
    wide = {ComparisonsOf("a"), ComparisonsOf("b")}
    assert touched(Change("votes", "a-vs-b")) == {Page("/compare/a-vs-b/"), *wide}
    assert touched(Change("pairing", "a-vs-b")) == {Page("/compare/a-vs-b/")}
    assert touched(Change("verdict", "a-vs-b")) >= {
        Page("/compare/a-vs-b/"),
        Page("/"),
        Page("/models/b/"),
        *wide,
    }
    assert touched(Change("review", "a")) == {Page("/models/a/"), Page("/models/"), Below("/reviewers/")}
    assert touched(Change("card", "a")) >= {Page("/models/a/"), ComparisonsOf("a"), Page("/")}
    assert touched(Change("article", "a")) == {Page("/articles/a/"), Page("/articles/"), Page("/")}
    assert touched(Change("author", "")) == {Below("/articles/")}
    assert touched(Change("something new", "")) == {EVERYTHING}
    assert ComparisonsOf("a").covers("/compare/b-vs-a/") and not ComparisonsOf("a").covers(
        "/compare/b-vs-aa/"
    )
