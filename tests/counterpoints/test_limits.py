"""How many counterpoints one network may send, and what a browser's work is worth."""

import json
import secrets
import time

import pytest
from django.test import Client

from comparisons.counterpoints.models import Counterpoint
from tests.counterpoints.conftest import TEXT, stamp
from tests.factories.cards import make_card
from tests.people.test_work import solved

pytestmark = pytest.mark.django_db
ADDRESS = "/compare/alpha-vs-beta/counterpoints/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sender(settings):
    """A visitor from a network that has sent nothing within the hour and may send two."""
    settings.COUNTERPOINTS_PER_NETWORK = (2, 3600)
    settings.WORK_HASHES = 50
    address = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.1"
    return lambda: Client(REMOTE_ADDR=address)


@pytest.mark.parametrize(("headers", "taken"), [({}, 303), (HTMX, 201)])
def test_one_too_many_is_refused_in_words_and_its_text_stays(pairing, typed, sender, headers, taken):
    for n in range(2):
        assert sender().post(ADDRESS, typed(body=f"{TEXT} {n}"), headers=headers).status_code == taken
    answer = sender().post(ADDRESS, typed(body=f"{TEXT} <third>"), headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 429
    assert 3590 <= int(answer["Retry-After"]) <= 3600
    assert "send it again in 60 minutes." in page
    assert f"{TEXT} &lt;third&gt;" in page
    assert ("<html" in page) is (not headers)
    assert Counterpoint.objects.count() == 2
    assert Client(REMOTE_ADDR="192.0.2.5").post(ADDRESS, typed(body=f"{TEXT} 3")).status_code == 303


def test_the_last_one_clicked_twice_is_not_refused(pairing, typed, sender):
    sender().post(ADDRESS, typed())
    words = typed(body=f"{TEXT} Once more.")
    first, second = (sender().post(ADDRESS, words) for _ in range(2))
    assert first["Location"] == second["Location"]


def test_what_is_refused_for_its_own_faults_does_not_count(pairing, typed, sender):
    for _ in range(4):
        assert sender().post(ADDRESS, typed(body="short")).status_code == 422
    assert sender().post(ADDRESS, typed()).status_code == 303


def test_without_redis_all_are_taken(pairing, typed, sender, settings):
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    for n in range(3):
        assert sender().post(ADDRESS, typed(body=f"{TEXT} {n}")).status_code == 303


def challenge_of(client) -> dict:
    return json.loads(client.get(f"{ADDRESS}new/").context["form"].challenge())


def test_work_lifts_one_text_before_those_without(pairing, typed, client, settings):
    settings.WORK_HASHES = 50
    work = solved(challenge_of(client))
    client.post(ADDRESS, typed())
    client.post(ADDRESS, typed(body=f"{TEXT} With work.", work=work))
    client.post(ADDRESS, typed(body=f"{TEXT} With the same work.", work=work))
    client.post(ADDRESS, typed(body=f"{TEXT} With nonsense.", work="nonsense"))
    queue = list(Counterpoint.objects.waiting().values_list("body", "proof_of_work"))
    assert queue[0] == (f"{TEXT} With work.", True)
    assert [worked for _, worked in queue] == [True, False, False, False]


def test_a_text_refused_first_keeps_its_work(pairing, typed, client, settings):
    settings.WORK_HASHES = 50
    work = solved(challenge_of(client))
    refused = client.post(ADDRESS, typed(body="short", work=work)).content.decode()
    assert f'name="work" value="{work}"' in refused.replace("&#x27;", "'").replace("&amp;", "&")
    client.post(ADDRESS, typed(work=work))
    assert Counterpoint.objects.get().proof_of_work


def test_work_for_one_page_is_none_on_another(pairing, typed, client, settings, monkeypatch):
    settings.WORK_HASHES = 50
    make_card("gamma")
    work = solved(challenge_of(client))
    words = typed(work=work) | {"stamp": stamp(monkeypatch, "alpha-vs-gamma")}
    assert client.post("/compare/alpha-vs-gamma/counterpoints/", words).status_code == 303
    assert not Counterpoint.objects.get().proof_of_work


def test_work_is_good_as_long_as_its_form(client, pairing):
    left = challenge_of(client)["parameters"]["expiresAt"] - time.time()
    assert left == pytest.approx(24 * 60 * 60, abs=5)
