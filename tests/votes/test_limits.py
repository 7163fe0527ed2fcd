"""Many votes from one network: first free, then for work, then set aside; never lost."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from comparisons.pairings.models import Pairing
from comparisons.votes.counts import Counts
from comparisons.votes.models import Vote
from tests.factories.votes import counts_of
from tests.people.test_work import solved
from tests.votes.test_cast import assert_counts_equal_rows

ADDRESS = "/compare/alpha-vs-beta/vote/"
HTMX = {"HX-Request": "true"}
KEPT = "Your vote is kept, but not counted"


@pytest.fixture(autouse=True)
def _small(settings):
    settings.VOTES_PER_NETWORK, settings.VOTES_PER_NETWORK_WITH_WORK = (2, 3600), (2, 3600)
    settings.WORK_HASHES = 50


@pytest.fixture
def network() -> str:
    """An address whose network nobody has voted from within the hour."""
    return f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.1"


@pytest.fixture
def voter(network):
    """A new visitor from there."""
    return lambda: Client(REMOTE_ADDR=network)


def post(client, choice="left", headers=HTMX, **more):
    return client.post(ADDRESS, {"choice": choice, **more}, headers=headers)


def page(answer) -> str:
    return unescape(answer.content.decode())


def challenge_in(answer) -> dict:
    text = page(answer)
    at = text.index('data-work="') + len('data-work="')
    return json.JSONDecoder().raw_decode(text, at)[0]


@pytest.mark.django_db
def test_the_free_ones_count_and_the_next_is_kept_and_asked_for_work(pairing, voter):
    for _ in range(2):
        assert "Your vote is counted" in page(post(voter()))
    third = voter()
    answer = post(third)
    assert answer.status_code == 200 and KEPT in page(answer)
    assert "data-work-now" in page(answer)
    assert counts_of(pairing) == Counts(left=2, set_aside=1)
    answer = post(third, work=solved(challenge_in(answer)))
    assert "Your vote is counted: ship Alpha." in page(answer) and KEPT not in page(answer)
    assert counts_of(pairing) == Counts(left=3)
    assert_counts_equal_rows()


@pytest.mark.django_db
def test_beyond_the_second_limit_no_work_is_asked_and_the_vote_is_set_aside(pairing, voter):
    answers = [page(post(voter())) for _ in range(6)]
    assert [KEPT in answer for answer in answers] == [False] * 2 + [True] * 4
    assert ["data-work=" in answer for answer in answers] == [False] * 2 + [True] * 2 + [False] * 2
    assert '/methodology/#set-aside">4 set aside</a>' in answers[-1]
    assert set(Vote.objects.exclude(set_aside="").values_list("set_aside", flat=True)) == {"too_many"}


@pytest.mark.django_db
def test_without_scripts_the_vote_is_set_aside_and_its_voter_is_led_to_the_words(pairing, voter):
    for _ in range(2):
        assert post(voter(), headers={})["Location"] == "/compare/alpha-vs-beta/#vote"
    third = voter()
    answer = post(third, headers={})
    assert (answer.status_code, answer["Location"]) == (303, ADDRESS)
    shown = page(third.get(ADDRESS))
    assert KEPT in shown and "Press your answer again later" in shown
    assert "data-work" not in shown


@pytest.mark.django_db
def test_a_vote_that_counts_may_be_changed_and_taken_back_for_ever(pairing, voter):
    first = voter()
    for choice in ("left", "right", "both", "left", "neither", "right"):
        assert "Your vote is counted" in page(post(first, choice))
    assert counts_of(pairing) == Counts(right=1)
    assert "taken back" in page(post(first, "none"))
    assert not Vote.objects.exists()
    assert_counts_equal_rows()


@pytest.mark.django_db
def test_a_vote_set_aside_may_be_changed_and_taken_back_too(pairing, voter):
    for _ in range(2):
        post(voter())
    third = voter()
    for choice in ("left", "right"):
        assert KEPT in page(post(third, choice))
    assert counts_of(pairing) == Counts(left=2, set_aside=1)
    assert "taken back" in page(post(third, "none"))
    assert counts_of(pairing) == Counts(left=2)


@pytest.mark.django_db
def test_given_again_within_the_limits_a_vote_set_aside_counts(pairing, voter, settings):
    settings.VOTES_PER_NETWORK = (0, 3600)
    late = voter()
    assert KEPT in page(post(late))
    settings.VOTES_PER_NETWORK = (100, 3600)
    assert KEPT not in page(post(late))
    assert counts_of(pairing) == Counts(left=1)
    assert_counts_equal_rows()


@pytest.mark.django_db
def test_work_is_good_for_one_vote_of_one_visitor_once(pairing, voter):
    for _ in range(2):
        post(voter())
    one, other = voter(), voter()
    work = solved(challenge_in(post(one)))
    post(other)
    assert KEPT in page(post(other, work=work))
    elsewhere = Pairing.objects.get(right__slug="noise")
    one.post(f"/compare/{elsewhere.slug}/vote/", {"choice": "left", "work": work})
    assert counts_of(elsewhere) == Counts(set_aside=1)
    assert KEPT not in page(post(one, work=work))
    post(one, "none")
    assert KEPT in page(post(one, work=work))


@pytest.mark.django_db
@pytest.mark.parametrize("work", ["", "x", "e30=", "A" * 5_000, "\x00", "é"])
def test_nonsense_instead_of_work_is_no_work(pairing, voter, work):
    for _ in range(2):
        post(voter())
    assert KEPT in page(post(voter(), work=work))


@pytest.mark.django_db
def test_other_networks_go_on_voting(pairing, voter):
    for _ in range(3):
        post(voter())
    assert "Your vote is counted" in page(post(Client(REMOTE_ADDR="192.0.2.9")))


@pytest.mark.django_db
def test_without_redis_every_vote_counts(pairing, voter, settings):
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    for _ in range(4):
        assert "Your vote is counted" in page(post(voter()))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_the_free_ones_count(pairing, voter, settings):
    settings.VOTES_PER_NETWORK = (10, 3600)

    def act(_: int) -> None:
        try:
            post(voter())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(40)))
    assert counts_of(pairing) == Counts(left=10, set_aside=30)
    assert_counts_equal_rows()


@pytest.mark.django_db(transaction=True)
def test_one_work_handed_in_many_times_at_once_moves_one_vote(pairing, voter):
    for _ in range(2):
        post(voter())
    third = voter()
    work = solved(challenge_in(post(third)))
    cookies = third.cookies

    def act(_: int) -> None:
        client = voter()
        client.cookies = cookies
        try:
            post(client, work=work)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(16)))
    assert counts_of(pairing) == Counts(left=3)
    assert_counts_equal_rows()
