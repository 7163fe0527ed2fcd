"""Whose paragraph decided a vote: told after voting, changed, counted beside each reviewer."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection
from django.db.models import Sum

from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer
from comparisons.votes.actions import NoVoteYet, bring_in, cast, decide
from comparisons.votes.models import ReviewerCount, Vote
from tests.factories.cards import make_card
from tests.factories.reviews import make_verdict

ADDRESS = "/compare/alpha-vs-beta/vote/decider/"
HTMX = {"HX-Request": "true"}
ANN, BOB = Visitor("ann"), Visitor("bob")
QUESTION = "Whose paragraph decided it?"


@pytest.fixture
def heard() -> Pairing:
    pairing = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    make_verdict(pairing, (88, 82, 85, 78), (84, 78, 80, 55))
    make_verdict(Pairing.objects.between(pairing.left, make_card("noise")), (50,) * 4, (60,) * 4)
    Reviewer.objects.create(slug="gone", name="Retired", motto="I was here.", position=9, active=False)
    return Pairing.objects.get(pk=pairing.pk)


def counted(pairing: Pairing) -> dict[str, int]:
    rows = ReviewerCount.objects.filter(pairing=pairing, n__gt=0).values("reviewer").annotate(sum=Sum("n"))
    return {row["reviewer"]: row["sum"] for row in rows}


def counted_by_hand(pairing: Pairing) -> dict[str, int]:
    told = Vote.objects.filter(pairing=pairing, set_aside="", decided_by__isnull=False)
    return dict(Counter(told.values_list("decided_by", flat=True)))


def tell(visitor: Visitor, pairing: Pairing, slug: str | None) -> None:
    reviewer = Reviewer.objects.get(slug=slug) if slug else None
    decide(pairing=pairing, visitor=visitor, reviewer=reviewer)


@pytest.mark.django_db
def test_it_is_asked_after_voting_and_only_where_reviewers_have_spoken(client, heard):
    vote = "/compare/alpha-vs-beta/vote/"
    assert QUESTION not in client.get(vote, headers=HTMX).content.decode()
    page = client.post(vote, {"choice": "left"}, headers=HTMX).content.decode()
    assert QUESTION in page
    assert [f'value="{slug}"' in page for slug in ("builder", "skeptic", "futurist", "founder", "gone")] == [
        True, True, True, True, False,
    ]  # fmt: skip
    assert QUESTION not in client.post(vote, {"choice": "none"}, headers=HTMX).content.decode()
    Pairing.objects.between(make_card("unheard"), heard.left)
    page = client.post("/compare/alpha-vs-unheard/vote/", {"choice": "left"}, headers=HTMX).content.decode()
    assert QUESTION not in page


@pytest.mark.django_db
def test_an_answer_is_marked_changed_and_counted(client, heard):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    page = client.post(ADDRESS, {"reviewer": "skeptic"}, headers=HTMX).content.decode()
    assert 'value="skeptic" aria-pressed="true"' in page and "Noted: Skeptic decided it." in page
    assert 'value="none" aria-pressed="false"' in page
    assert counted(heard) == {"skeptic": 1}
    page = client.post(ADDRESS, {"reviewer": "none"}, headers=HTMX).content.decode()
    assert 'value="none" aria-pressed="true"' in page and "Noted: none of them decided it." in page
    assert counted(heard) == {}
    answer = client.post(ADDRESS, {"reviewer": "founder"})
    assert (answer.status_code, answer["Location"]) == (303, "/compare/alpha-vs-beta/vote/")
    assert 'value="founder" aria-pressed="true"' in client.get(answer["Location"]).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("reviewer", [None, "", "nobody", "gone", "Skeptic", "skeptic\x00", "<script>"])
def test_nonsense_is_refused_beside_the_buttons(client, heard, reviewer):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    answer = client.post(ADDRESS, {} if reviewer is None else {"reviewer": reviewer}, headers=HTMX)
    assert answer.status_code == 400
    assert "Choose one of the reviewers, or none of them." in answer.content.decode()
    assert not Vote.objects.get().decider_told


@pytest.mark.django_db
def test_who_has_not_voted_has_nothing_to_explain(client, heard):
    answer = client.post(ADDRESS, {"reviewer": "skeptic"}, headers=HTMX)
    assert answer.status_code == 400 and "Vote first" in answer.content.decode()
    assert not answer.cookies
    client.post("/compare/alpha-vs-noise/vote/", {"choice": "left"})
    assert client.post(ADDRESS, {"reviewer": "skeptic"}).status_code == 400
    with pytest.raises(NoVoteYet):
        tell(ANN, heard, "skeptic")
    assert counted(heard) == {}


@pytest.mark.django_db
def test_changing_the_vote_keeps_the_answer_and_taking_it_back_takes_it_along(heard):
    cast(pairing=heard, visitor=ANN, choice="left")
    tell(ANN, heard, "skeptic")
    cast(pairing=heard, visitor=ANN, choice="both")
    assert counted(heard) == {"skeptic": 1}
    cast(pairing=heard, visitor=ANN, choice="none")
    assert counted(heard) == {}


@pytest.mark.django_db
def test_a_vote_set_aside_decides_nothing_until_it_counts(heard):
    cast(pairing=heard, visitor=ANN, choice="left", set_aside="too_many")
    tell(ANN, heard, "skeptic")
    tell(ANN, heard, "builder")
    assert counted(heard) == {}
    assert bring_in(pairing=heard, visitor=ANN)
    assert not bring_in(pairing=heard, visitor=ANN)
    assert counted(heard) == {"builder": 1}


@pytest.mark.django_db
def test_the_comparison_page_tells_it_beside_the_reviewer(client, heard, django_assert_num_queries):
    def row(page: str, slug: str) -> str:
        return page.split(f'aria-labelledby="seat-{slug}"')[1].split("</header>", maxsplit=1)[0]

    for visitor, slug in ((ANN, "skeptic"), (BOB, "skeptic"), (Visitor("eve"), "founder")):
        cast(pairing=heard, visitor=visitor, choice="left")
        tell(visitor, heard, slug)
    with django_assert_num_queries(2):
        page = client.get("/compare/alpha-vs-beta/").content.decode()
    assert "Decided 2" in row(page, "skeptic") and "votes</a>" in row(page, "skeptic")
    assert "Decided 1" in row(page, "founder") and "vote</a>" in row(page, "founder")
    assert "Decided" not in row(page, "builder")
    assert "Decided" not in client.get("/compare/alpha-vs-noise/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_32_threads_leave_exact_counts(heard):
    slugs = ["builder", "skeptic", "futurist", "founder", None]

    def act(thread: int) -> None:
        chance = random.Random(thread)
        try:
            for _ in range(8):
                visitor = Visitor(f"visitor {chance.randrange(6)}")
                if chance.random() < 0.4:
                    cast(pairing=heard, visitor=visitor, choice=chance.choice(["left", "both", "none"]))
                else:
                    try:
                        tell(visitor, heard, chance.choice(slugs))
                    except NoVoteYet:
                        pass
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(act, range(32)))
    assert counted(heard) == counted_by_hand(heard)


@pytest.mark.django_db
def test_what_the_database_refuses(heard):
    cast(pairing=heard, visitor=ANN, choice="left")
    with pytest.raises(IntegrityError, match="vote_decided_by_a_reviewer_when_told"):
        Vote.objects.update(decided_by="skeptic")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"shard": 16}, "reviewer_count_shard_below_16"),
        ({"n": -1}, "reviewer_count_is_not_negative"),
        ({}, "reviewer_count_once_per_shard"),
    ],
)
def test_what_the_counters_refuse(heard, given, sentence):
    counter = {"pairing": heard, "reviewer_id": "skeptic", "shard": 3, "n": 1}
    ReviewerCount.objects.create(**counter)
    with pytest.raises(IntegrityError, match=sentence):
        ReviewerCount.objects.create(**counter | given)
