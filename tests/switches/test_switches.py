"""What staff stops is refused in a sentence, and everything else goes on."""

import time

import pytest
from django.db import IntegrityError, OperationalError, connection

from comparisons.audit.models import AuditEntry
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.models import User
from comparisons.switches.actions import ReasonMissing, turn
from comparisons.switches.models import Switch
from comparisons.switches.state import reread, sentence
from comparisons.votes.models import Vote
from panel.actions.claims import claim
from panel.actions.convene import convene
from panel.models import Hearing
from tests.factories.cards import make_card

VOTES, COUNTERPOINTS, PANEL, WRITING = Switch.Name
ADDRESS = "/compare/alpha-vs-beta/"


@pytest.fixture
def pairing(db):
    return Pairing.objects.between(make_card("alpha"), make_card("beta"))


@pytest.fixture
def stop(django_capture_on_commit_callbacks):
    def stop(name, **given):
        with django_capture_on_commit_callbacks(execute=True):
            return turn(name=name, **{"stopped": True, "by": None, "reason": "we move house.", **given})

    return stop


def vote(client, **headers):
    return client.post(f"{ADDRESS}vote/", {"choice": "left"}, headers=headers)


def test_a_stopped_vote_is_refused_with_the_reason_and_kept_nowhere(client, pairing, stop):
    stop(VOTES)
    answer = vote(client)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "300"
    assert "Voting is paused: we move house." in answer.content.decode()
    assert Vote.objects.count() == 0
    assert client.get(ADDRESS).status_code == 200
    # Another thing is not stopped: this form is refused for what it lacks.
    assert client.post(f"{ADDRESS}counterpoints/", {}).status_code == 422


def test_a_script_gets_the_sentence_alone(client, pairing, stop):
    stop(VOTES)
    answer = vote(client, HX_Request="true")
    assert (answer.status_code, answer.content.decode()) == (503, "Voting is paused: we move house.")


def test_stopped_counterpoints(client, pairing, stop):
    stop(COUNTERPOINTS)
    answer = client.post(f"{ADDRESS}counterpoints/", {"body": "I disagree, and here is why."})
    assert answer.status_code == 503
    assert "Counterpoints are paused: we move house." in answer.content.decode()
    assert Counterpoint.objects.count() == 0
    assert vote(client).status_code == 303


def test_read_only_stops_every_write_but_getting_in(client, pairing, stop):
    stop(WRITING)
    assert vote(client).status_code == 503
    assert client.post("/bookmarks/", {}).status_code == 503
    problem = client.post("/api/v1/anything/", {})
    assert problem.status_code in (404, 503)
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 422
    assert client.get(ADDRESS).status_code == 200


def test_what_runs_again_runs_at_once(client, pairing, stop):
    stop(VOTES)
    assert vote(client).status_code == 503
    assert stop(VOTES, stopped=False)
    assert vote(client).status_code == 303


def test_other_processes_hear_of_it_within_two_seconds(pairing, monkeypatch):
    assert sentence(VOTES) == ""
    Switch.objects.create(name=VOTES, stopped=True, reason="elsewhere.")
    assert sentence(VOTES) == ""
    later = time.monotonic() + 2.1
    monkeypatch.setattr("comparisons.switches.state.time.monotonic", lambda: later)
    assert sentence(VOTES) == "Voting is paused: elsewhere."


@pytest.mark.parametrize("name", [PANEL, WRITING])
def test_a_resting_panel_begins_no_hearing_and_loses_none(pairing, stop, settings, name):
    settings.PANEL_JUDGES = ("rubric",)
    convene(Pairing.objects.with_cards(), scope="all")
    waiting = Hearing.objects.values_list("pk", flat=True).first()
    stop(name)
    assert claim(waiting) is None
    assert Hearing.objects.get(pk=waiting).state == Hearing.State.QUEUED
    stop(name, stopped=False)
    assert claim(waiting) is not None


def test_turning_is_logged_once_and_wants_a_reason(pairing, stop):
    ann = User.objects.create_user("ann")
    with pytest.raises(ReasonMissing):
        stop(VOTES, reason="  ", by=ann)
    assert stop(VOTES, by=ann)
    assert not stop(VOTES, by=ann)
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.did, entry.detail) == (
        ann, "stopped: Votes", {"reason": "we move house."}
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"name": "lunch"}, "switch_name_is_known"),
        ({"name": "votes", "stopped": True}, "switch_says_why_it_is_stopped"),
    ],
)
def test_what_the_database_refuses(given, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Switch.objects.create(**given)


def test_without_a_database_the_last_word_holds(pairing, stop):
    stop(VOTES)
    assert sentence(VOTES)
    reread()
    with connection.execute_wrapper(_gone):
        assert sentence(VOTES) == "Voting is paused: we move house."


def _gone(execute, sql, params, many, context):
    raise OperationalError("the database is gone")
