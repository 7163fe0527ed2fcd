"""What anybody may write by program: a vote, a counterpoint. Each refused as it is on its page."""

from __future__ import annotations

import json

import pytest

from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.switches.actions import turn
from comparisons.votes.counts import Counts
from tests.api.test_answers import check
from tests.factories.cards import make_card
from tests.factories.votes import counts_of
from tests.people.test_work import solved

pytestmark = pytest.mark.django_db
VOTE = "/api/v1/pairings/alpha-vs-beta/vote/"
ARGUE = "/api/v1/pairings/alpha-vs-beta/counterpoints/"
TEXT = "The skeptic **forgets** that the license forbids it."
JSON = "application/json"


def put(client, choice: object, address: str = VOTE, **headers: str):
    return client.put(address, {"choice": choice}, JSON, headers=headers)


def errors(answer) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


# --- votes ----------------------------------------------------------------------------------------
def test_one_vote_a_visitor_who_keeps_a_header(client, site):
    before = counts_of(site.pairing)
    first = put(client, "left")
    check(first, "/api/v1/pairings/{slug}/vote/", "put")
    visitor = first["Visitor"]
    assert first.json()["choice"] == "left" and first.json()["votes"]["left"] == before.left + 1
    again = put(client, "both", Visitor=visitor)
    assert again["Visitor"] == visitor
    assert counts_of(site.pairing) == Counts(2, 1, before.both + 1, 1)
    assert client.get(VOTE, headers={"Visitor": visitor}).json()["choice"] == "both"
    gone = client.delete(VOTE, headers={"Visitor": visitor})
    check(gone, "/api/v1/pairings/{slug}/vote/", "delete")
    assert client.delete(VOTE, headers={"Visitor": visitor}).json()["choice"] is None
    assert counts_of(site.pairing) == before


def test_the_browsers_cookie_and_the_header_are_the_same_visitor(client, site):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "right"})
    signed = client.cookies["visitor"].value
    client.cookies.clear()
    assert client.get(VOTE, headers={"Visitor": signed}).json()["choice"] == "right"


def test_the_cookie_alone_is_not_looked_at(client, site):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "right"})
    assert client.get(VOTE).json()["choice"] is None


def test_answers_about_ones_vote_are_kept_nowhere(client, site):
    for answer in (client.get(VOTE), put(client, "left"), client.delete(VOTE)):
        assert answer["Cache-Control"] == "private, no-store"
        assert not answer.cookies and "ETag" not in answer.headers


NO_VOTES = [
    ({"choice": "toss_up"}, JSON, 400),
    ({"choice": None}, JSON, 400),
    ({"choice": ["left"]}, JSON, 400),
    ({"choice": "none"}, JSON, 400),
    ({}, JSON, 400),
    ({"choice": "left", "for": "me"}, JSON, 400),
    (["left"], JSON, 400),
    ("", JSON, 400),
    ('{"choice": "left"', JSON, 400),
    ('{"choice": NaN}', JSON, 400),
    ('{"choice": "left", "choice": "right"}', JSON, 400),
    ('{"choice": "\\ud800"}', JSON, 400),
    ('{"\\ud800": 1}', JSON, 400),
    ("[" * 50_000, JSON, 400),
    ("9" * 5_000, JSON, 400),
    (b'{"choice": "\xff"}', JSON, 400),
    ("x" * 70_000, JSON, 413),
    ("choice=left", "application/x-www-form-urlencoded", 415),
    ("choice=left", "text/plain", 415),
    ('{"choice": "left"}', "nonsense", 415),
]


def test_a_body_that_is_no_vote_is_refused(client, site):
    for body, kind, status in NO_VOTES:
        before = counts_of(site.pairing)
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        answer = client.put(VOTE, data, kind)
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert counts_of(site.pairing) == before


def test_a_vote_on_no_pairing_is_not_found(client, site):
    for slug in ("alpha-vs-nobody", "alpha-vs-alpha", "beta-vs-alpha", "alpha", "ALPHA-vs-beta"):
        address = f"/api/v1/pairings/{slug}/vote/"
        assert put(client, "left", address).status_code == 404
        assert client.get(address).status_code == client.delete(address).status_code == 404


def test_a_visitor_nobody_knows_is_refused(client, site):
    assert put(client, "left", Visitor="me").status_code == 400
    forged = "A" * 32 + ":" + "B" * 43
    assert put(client, "left", Visitor=forged).status_code == 403


def test_the_first_vote_makes_the_pairing_and_taking_back_none(client):
    make_card("one"), make_card("two")
    address = "/api/v1/pairings/one-vs-two/vote/"
    assert client.delete(address).status_code == 200
    assert not Pairing.objects.exists()
    assert put(client, "left", address).json()["votes"]["n"] == 1


def test_votes_beyond_the_limit_of_a_network_are_set_aside_until_somebody_worked(client, site, settings):
    settings.VOTES_PER_NETWORK, settings.WORK_HASHES = (1, 3600), 10
    there = {"REMOTE_ADDR": "203.0.116.7"}
    before = counts_of(site.pairing)
    client.put(VOTE, {"choice": "left"}, JSON, **there)
    second = client.put(VOTE, {"choice": "left"}, JSON, **there)
    assert second.json()["set_aside"] == "too_many"
    assert counts_of(site.pairing).n == before.n + 1
    work = solved(second.json()["work"])
    headers = {"Visitor": second["Visitor"]}
    third = client.put(VOTE, {"choice": "left", "work": work}, JSON, headers=headers, **there)
    assert (third.json()["set_aside"], third.json()["work"]) == (None, None)
    assert counts_of(site.pairing).n == before.n + 2


def test_whose_paragraph_decided_a_vote(client, site):
    told = client.put(VOTE, {"choice": "left", "decided_by": "skeptic"}, JSON)
    assert told.json()["decided_by"] == "skeptic"
    none = client.put(
        VOTE, {"choice": "left", "decided_by": "none"}, JSON, headers={"Visitor": told["Visitor"]}
    )
    assert none.json()["decided_by"] == "none"
    before = counts_of(site.pairing)
    refused = client.put(VOTE, {"choice": "left", "decided_by": "nobody"}, JSON)
    assert (refused.status_code, errors(refused)) == (422, ["decided_by"])
    assert counts_of(site.pairing) == before


def test_a_switch_stops_votes_with_its_sentence(client, site, staff):
    turn(name="votes", stopped=True, by=staff, reason="we count")
    answer = put(client, "left")
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert answer.json()["detail"] == "Voting is paused: we count"
    assert answer.json()["errors"] == []
    turn(name="votes", stopped=False, by=staff)


# --- counterpoints --------------------------------------------------------------------------------
def argue(client, address: str = ARGUE, *, visitor: str = "", **given: object):
    headers = {"Visitor": visitor} if visitor else {}
    return client.post(address, {"kind": "push_back", "body": TEXT, **given}, JSON, headers=headers)


def test_a_counterpoint_waits_and_its_author_gets_a_private_address(client, site):
    answer = argue(
        client, answers={"reviewer": "skeptic", "side": "left"}, name="Ann", link="https://a.example/"
    )
    assert answer.status_code == 201, answer.content
    check(answer, "/api/v1/pairings/{slug}/counterpoints/", "post", "201")
    kept = Counterpoint.objects.get(body=TEXT)
    assert (kept.state, kept.answers_reviewer_id, kept.answers_side, kept.proof_of_work) == (
        "pending", "skeptic", "left", False,
    )  # fmt: skip
    assert answer.json()["private"].endswith(kept.private_address)
    assert client.get(kept.private_address).status_code == 200
    assert TEXT not in client.get("/api/v1/counterpoints/").content.decode()


def test_a_network_sends_so_many_counterpoints_and_no_more(client, site, settings):
    settings.COUNTERPOINTS_PER_NETWORK = (1, 3600)
    there = {"REMOTE_ADDR": "203.0.117.7"}
    body = {"kind": "push_back", "body": TEXT}
    assert client.post(ARGUE, body, JSON, **there).status_code == 201
    refused = client.post(ARGUE, body, JSON, **there)
    assert refused.status_code == 429
    assert 3590 <= int(refused["Retry-After"]) <= 3600
    assert Counterpoint.objects.filter(body=TEXT).count() == 1


def test_the_same_text_of_the_same_visitor_is_the_same_counterpoint(client, site):
    first = argue(client)
    assert argue(client, visitor=first["Visitor"]).json()["private"] == first.json()["private"]
    assert Counterpoint.objects.filter(body=TEXT).count() == 1
    argue(client)
    assert Counterpoint.objects.filter(body=TEXT).count() == 2


NO_COUNTERPOINTS = [
    ({"kind": "shout"}, 400, "kind"),
    ({"body": "short"}, 400, "body"),
    ({"body": "x" * 4001}, 400, "body"),
    ({"body": 12345678901234567890123}, 400, "body"),
    ({"body": "a\x00" * 20}, 400, "body"),
    ({"body": " " * 30}, 422, "body"),
    ({"body": "\N{RIGHT-TO-LEFT OVERRIDE}" * 30}, 422, "body"),
    ({"link": "javascript:alert(1)"}, 422, "link"),
    ({"link": ""}, 400, "link"),
    ({"name": "x" * 61}, 400, "name"),
    ({"answers": "skeptic"}, 400, "answers"),
    ({"answers": {"reviewer": "skeptic", "side": "up"}}, 400, "answers.side"),
    ({"answers": {"reviewer": "nobody"}}, 422, "answers"),
    ({"stamp": "x"}, 400, "stamp"),
]


def test_a_counterpoint_is_refused_beside_its_field(client, site):
    for given, status, field in NO_COUNTERPOINTS:
        before = Counterpoint.objects.count()
        answer = argue(client, **given)
        assert answer.status_code == status, answer.content
        assert errors(answer) == [field]
        assert Counterpoint.objects.count() == before


def test_a_counterpoint_on_an_article_answers_no_reviewer(client, site):
    address = "/api/v1/articles/how-to-read-a-verdict/counterpoints/"
    assert argue(client, address).status_code == 201
    refused = argue(client, address, answers={"reviewer": "skeptic"})
    assert (refused.status_code, errors(refused)) == (422, ["answers"])
    assert argue(client, "/api/v1/articles/draft/counterpoints/").status_code == 404
