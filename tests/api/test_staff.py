"""What staff does by token: moderating, importing, convening. Nobody without the scope and the role does."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from comparisons.cards.models import Card
from comparisons.counterpoints.models import Decision
from panel.models import Batch, Hearing, Judge, Run
from tests.api.site import RUN
from tests.api.test_answers import check
from tests.api.test_writes import JSON, errors

pytestmark = pytest.mark.django_db


# --- moderation -----------------------------------------------------------------------------------
def test_a_moderator_sees_what_waits_and_decides(client, site, bearer, staff):
    headers = bearer("moderate")
    waiting = client.get("/api/v1/counterpoints/waiting/", headers=headers)
    check(waiting, "/api/v1/counterpoints/waiting/")
    assert [row["id"] for row in waiting.json()["results"]] == [site.pending.pk]
    address = f"/api/v1/counterpoints/{site.pending.pk}/decisions/"
    made = client.post(address, {"seen": "pending", "to": "approved"}, JSON, headers=headers)
    check(made, "/api/v1/counterpoints/{id}/decisions/", "post", "201")
    assert Decision.objects.filter(by=staff, to_state="approved").count() == 1
    late = client.post(address, {"seen": "pending", "to": "spam"}, JSON, headers=headers)
    assert late.status_code == 409
    assert late.json()["detail"] == "Somebody was faster: it is approved now."
    back = client.post(address, {"seen": "approved", "to": "pending"}, JSON, headers=headers)
    assert back.status_code == 201


NO_DECISIONS = [
    ({"seen": "pending", "to": "rejected"}, 422, "reason"),
    ({"seen": "pending", "to": "pending"}, 422, "to"),
    ({"seen": "pending", "to": "gone"}, 400, "to"),
    ({"to": "approved"}, 400, "seen"),
    ({"seen": "pending", "to": "rejected", "reason": "dull"}, 400, "reason"),
]


def test_a_decision_is_refused_beside_its_field(client, site, bearer):
    for body, status, field in NO_DECISIONS:
        address = f"/api/v1/counterpoints/{site.pending.pk}/decisions/"
        answer = client.post(address, body, JSON, headers=bearer("moderate"))
        assert (answer.status_code, errors(answer)) == (status, [field])
        site.pending.refresh_from_db()
        assert site.pending.state == "pending"


def test_strangers_moderate_nothing(client, site, bearer):
    address = f"/api/v1/counterpoints/{site.pending.pk}/decisions/"
    decision = {"seen": "pending", "to": "approved"}
    for headers in ({}, bearer("read", "import", "convene")):
        assert client.post(address, decision, JSON, headers=headers).status_code == (403 if headers else 401)
        assert client.get("/api/v1/counterpoints/waiting/", headers=headers).status_code in (401, 403)
    none = client.post("/api/v1/counterpoints/99999/decisions/", decision, JSON, headers=bearer("moderate"))
    assert none.status_code == 404


# --- imports --------------------------------------------------------------------------------------
FILE = """
labs:
  - {slug: acme, name: Acme}
cards:
  - {slug: acme-1, lab: acme, name: Acme 1, category: General}
"""
BAD = FILE + "  - {slug: acme-2, lab: acme, name: Acme 2, category: General, context_tokens: many}\n"


def send(client, text: str, headers, *, query: str = "", kind: str = "application/yaml"):
    return client.post(f"/api/v1/imports/{query}", text, kind, headers=headers)


def test_a_card_file_goes_in_once(client, bearer):
    headers = bearer("import")
    first = send(client, FILE, headers)
    check(first, "/api/v1/imports/", "post")
    assert (first.json()["created"], send(client, FILE, headers).json()["unchanged"]) == (1, 1)
    as_json = json.dumps(
        {"labs": [], "cards": [{"slug": "acme-3", "lab": "acme", "name": "Acme 3", "category": "General"}]}
    )
    assert send(client, as_json, headers, kind=JSON).json()["created"] == 1
    assert Card.objects.filter(slug__startswith="acme").count() == 2


def test_a_dry_run_writes_nothing(client, bearer):
    answer = send(client, FILE, bearer("import"), query="?dry_run=true")
    assert (answer.json()["created"], answer.json()["dry_run"]) == (1, True)
    assert not Card.objects.exists()


def test_a_bad_record_is_named_and_the_good_ones_go_in(client, bearer):
    answer = send(client, BAD, bearer("import"))
    assert answer.status_code == 200
    [problem] = answer.json()["problems"]
    assert (problem["record"], problem["field"]) == ("card acme-2", "context_tokens")
    assert (answer.json()["created"], answer.json()["refused"]) == (1, 1)


def test_strict_is_all_or_nothing(client, bearer):
    answer = send(client, BAD, bearer("import"), query="?strict=true")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["record"], error["field"]) == ("card acme-2", "context_tokens")
    assert not Card.objects.exists()


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        ("", "application/yaml", 400),
        ("just text", "application/yaml", 400),
        ("a: [", "application/yaml", 400),
        ("{", JSON, 400),
        ('{"cards": "none"}', JSON, 422),
        ('{"models": []}', JSON, 400),
        ("a: b: c", "text/yaml", 415),
        ("# " + "x" * 1_048_576, "application/yaml", 413),
        (b"cards: \xff", "application/yaml", 400),
    ],
)
def test_what_is_no_card_file_is_refused(client, bearer, text, kind, status):
    answer = send(client, text, bearer("import"), kind=kind)
    assert answer.status_code == status, answer.content
    assert not Card.objects.exists()


def test_strangers_import_nothing(client, bearer):
    assert send(client, FILE, {}).status_code == 401
    assert send(client, FILE, bearer("read", "moderate", "convene")).status_code == 403
    assert not Card.objects.exists()


# --- runs -----------------------------------------------------------------------------------------
RUNS = "/api/v1/panel/runs/"


def test_convening_says_first_what_it_would_mean(client, site, bearer):
    runs, hearings = Run.objects.count(), Hearing.objects.count()
    answer = client.post(RUNS, {"cards": ["beta", "gamma"], "dry_run": True}, JSON, headers=bearer("convene"))
    check(answer, RUNS, "post")
    assert (answer.json()["pairings"], answer.json()["judge"]) == (1, "Rubric v1")
    assert (Run.objects.count(), Hearing.objects.count()) == (runs, hearings)


def test_convening_queues_and_says_where_to_look(client, site, bearer, staff):
    headers = bearer("convene")
    answer = client.post(RUNS, {"pairings": ["beta-vs-gamma"]}, JSON, headers=headers)
    assert answer.status_code == 202, answer.content
    check(answer, RUNS, "post", "202")
    assert answer["Location"] == answer.json()["url"]
    run = Run.objects.get(pk=answer.json()["id"])
    assert (run.started_by, run.scope) == (staff, "Beta vs Gamma")
    again = client.post(RUNS, {"pairings": ["beta-vs-gamma"], "dry_run": True}, JSON, headers=headers)
    # The questions of a run that waits are asked once, whoever asks again.
    client.post(RUNS, {"pairings": ["beta-vs-gamma"]}, JSON, headers=headers)
    assert Hearing.objects.filter(sittings__run=run).count() == again.json()["new"] + again.json()["cached"]


def test_every_two_of_some_cards(client, site, bearer):
    body = {"cards": ["alpha", "beta", "gamma"], "judges": ["rubric"], "dry_run": True}
    assert client.post(RUNS, body, JSON, headers=bearer("convene")).json()["pairings"] == 3


NO_ORDERS = [
    ({}, 422, [""]),
    ({"cards": ["alpha", "beta"], "pairings": ["alpha-vs-beta"]}, 422, [""]),
    ({"cards": ["alpha"]}, 400, ["cards"]),
    ({"cards": ["alpha", "alpha"]}, 422, ["cards"]),
    ({"cards": ["alpha", "nobody"]}, 422, ["cards.1"]),
    ({"pairings": ["alpha-vs-beta", "beta-vs-alpha"]}, 422, ["pairings.1"]),
    ({"pairings": "alpha-vs-beta"}, 400, ["pairings"]),
    ({"pairings": [1]}, 400, ["pairings.0"]),
    ({"pairings": ["alpha-vs-beta"], "judges": ["oracle"]}, 400, ["judges.0"]),
    ({"pairings": ["alpha-vs-beta"], "dry_run": "yes"}, 400, ["dry_run"]),
]


def test_an_order_that_makes_no_sense_is_refused_by_field(client, site, bearer):
    for body, status, fields in NO_ORDERS:
        runs = Run.objects.count()
        answer = client.post(RUNS, body, JSON, headers=bearer("convene"))
        assert (answer.status_code, errors(answer)) == (status, fields), answer.content
        assert Run.objects.count() == runs


def test_nobody_to_ask_is_a_conflict(client, site, bearer):
    body = {"pairings": ["alpha-vs-beta"], "judges": ["mistral"]}
    assert client.post(RUNS, body, JSON, headers=bearer("convene")).status_code == 409


def test_a_run_tells_of_its_batches_or_that_it_has_none(client, site, bearer):
    headers, address = bearer("convene"), f"{RUNS}{RUN}/"
    assert client.get(address, headers=headers).json()["progress"]["batches"] is None
    run = Run.objects.get(pk=RUN)
    ended = {"run": run, "judge": Judge.objects.first(), "state": "done", "ended_at": timezone.now()}
    Batch.objects.create(**ended, requests=10, returned=8, released=2)
    Batch.objects.create(**ended, requests=10, returned=10)
    Batch.objects.create(run=run, judge=ended["judge"], requests=10, last_error="It is away.")
    answer = client.get(address, headers=headers)
    check(answer, f"{RUNS}{{uuid}}/")
    assert answer.json()["progress"]["batches"] == {
        "jobs": [{"state": "done", "count": 2}, {"state": "preparing", "count": 1}],
        "asked": 30,
        "back": 18,
        "released": 2,
        "trouble": "It is away",
    }


def test_a_run_is_stopped_and_goes_on(client, site, bearer):
    headers, address = bearer("convene"), f"{RUNS}{RUN}/"
    assert client.post(f"{address}stop/", headers=headers).status_code == 409
    assert client.post(f"{address}resume/", headers=headers).status_code == 200
    assert client.post(f"{address}resume/", headers=headers).status_code == 409
    assert client.get(f"{RUNS}00000000-0000-4000-8000-0000000000ff/", headers=headers).status_code == 404


def test_strangers_convene_nothing(client, site, bearer):
    runs = Run.objects.count()
    for headers, status in (({}, 401), (bearer("read", "moderate", "import"), 403)):
        for address in (RUNS, f"{RUNS}{RUN}/stop/", f"{RUNS}{RUN}/resume/"):
            answer = client.post(address, {"pairings": ["alpha-vs-beta"]}, JSON, headers=headers)
            assert answer.status_code == status
    assert Run.objects.count() == runs
