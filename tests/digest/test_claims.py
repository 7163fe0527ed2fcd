"""Who holds a mail: what a dead sender leaves, what a slow one may still say, what two at once do."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import psycopg
import pytest
from celery import current_app
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from comparisons.digest.actions.subscribing import READ_AT_ONCE
from comparisons.digest.doorbell import ring
from comparisons.digest.models import (
    Delivery,
    Edition,
    Interest,
    Outlet,
    SignUp,
    Subscriber,
    Suppression,
)
from comparisons.digest.sending import outlet, rounds
from comparisons.digest.sending.answers import Outcome
from comparisons.digest.sending.desk import Desk, _patiently, end_leases
from comparisons.digest.sending.outlet import Pace
from comparisons.digest.sending.rounds import is_due
from comparisons.digest.tasks import finish_what_is_under_way, send, tick
from comparisons.ticks.models import Tick
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db

SENT = Outcome("sent", "250 taken")


@pytest.fixture
def waiting(reader):
    """Three letters to three subscribers."""

    def make(readers: int = 3) -> list[Delivery]:
        return [
            Delivery.objects.create(
                kind="known", subscriber=reader(f"reader-{n}@example.org"), not_before=timezone.now()
            )
            for n in range(readers)
        ]

    return make


def lease_runs_out() -> None:
    Delivery.objects.filter(state="sending").update(lease_until=timezone.now() - timedelta(seconds=1))
    end_leases()


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_a_dead_sender_leaves_one_unknown_and_the_rest_in_the_queue(waiting):
    waiting()
    dead = Desk()
    first = dead.next()
    assert states() == ["sending"] * 3
    assert dead.begin(first)
    lease_runs_out()
    assert states() == ["unknown", "queued", "queued"]
    # Somebody else takes those that were never begun, and only those.
    other = Desk()
    assert [other.next().id for _ in range(2)] == [row.pk for row in Delivery.objects.order_by("pk")[1:]]
    assert other.next() is None


def test_a_lease_that_runs_is_nobody_else_s_business(waiting):
    waiting()
    Desk().next()
    end_leases()
    assert states() == ["sending"] * 3 and Desk().next() is None


def test_a_slow_sender_finds_its_mail_gone_and_lets_it_be(waiting):
    waiting(1)
    slow = Desk()
    mail = slow.next()
    lease_runs_out()
    quick = Desk()
    theirs = quick.next()
    assert not slow.begin(mail)
    slow.tell(mail, SENT)
    slow.put_back(mail)
    assert states() == ["sending"]
    assert quick.begin(theirs)
    quick.tell(theirs, SENT)
    assert states() == ["sent"]


def test_an_answer_that_comes_after_the_lease_is_still_the_truth(waiting):
    waiting(1)
    slow = Desk()
    mail = slow.next()
    slow.begin(mail)
    lease_runs_out()
    assert states() == ["unknown"]
    slow.tell(mail, SENT)
    assert states() == ["sent"]


def test_what_became_of_one_is_kept_with_the_beginning_of_the_next(waiting, django_assert_num_queries):
    waiting()
    desk = Desk()
    first, second = desk.next(), desk.next()
    desk.begin(first)
    with django_assert_num_queries(1):
        assert desk.begin(second, (first, SENT))
    assert states() == ["sent", "sending", "sending"]


def test_who_leaves_after_the_claim_gets_none_and_the_one_before_is_kept(waiting):
    waiting()
    desk = Desk()
    first, second = desk.next(), desk.next()
    desk.begin(first)
    Subscriber.objects.filter(pk=second.subscriber).update(state="unsubscribed", ended_at=timezone.now())
    assert not desk.begin(second, (first, SENT))
    assert states() == ["sent", "withdrawn", "sending"]


def test_a_batch_of_nothing_but_withdrawn_ones_is_not_the_end(waiting):
    waiting(60)
    gone = Delivery.objects.order_by("pk").values_list("subscriber", flat=True)[:55]
    Subscriber.objects.filter(pk__in=list(gone)).update(state="unsubscribed", ended_at=timezone.now())
    assert Desk().next() is not None
    assert states().count("withdrawn") == 55


def test_held_mails_are_kept_as_long_as_they_are_worked_on(waiting, settings):
    settings.DIGEST_LEASE_SECONDS = 0.001
    waiting()
    desk = Desk()
    desk.next()
    settings.DIGEST_LEASE_SECONDS = 0
    before = Delivery.objects.latest("pk").lease_until
    desk._renewed -= 1
    desk.next()
    assert Delivery.objects.latest("pk").lease_until > before


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_claim_each_mail_once(waiting):
    waiting(120)
    start = threading.Barrier(6)

    def claim(_):
        try:
            start.wait()
            desk, mine = Desk(), []
            while (mail := desk.next()) is not None:
                mine.append(mail.id)
            return mine
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        claimed = [pk for mine in threads.map(claim, range(6)) for pk in mine]
    assert len(claimed) == len(set(claimed)) == 120


# --- the way out ----------------------------------------------------------------------------------
def test_one_sender_at_a_time_until_its_lease_runs_out(db):
    one, other = uuid4(), uuid4()
    assert outlet.take(one) and outlet.take(one) and not outlet.take(other)
    Outlet.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert outlet.take(other)
    outlet.leave(one)
    assert not outlet.take(one)
    outlet.leave(other)
    assert outlet.take(one)


def test_each_pause_in_a_row_is_twice_as_long_up_to_an_hour(db):
    assert outlet.take(uuid4())
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        outlet.pause("no")
        left = Outlet.objects.get().paused_until - timezone.now()
        assert timedelta(minutes=minutes - 0.1) < left <= timedelta(minutes=minutes)
    outlet.trouble_is_over()
    assert Outlet.objects.get().pauses == 0 and outlet.take(Outlet.objects.get().holder)


def test_the_bell_is_rung_only_when_somebody_could_answer(waiting):
    assert not is_due()
    waiting(1)
    assert is_due()
    outlet.take(uuid4())
    assert not is_due()
    Outlet.objects.update(holder=None, held_until=None, paused_until=timezone.now() + timedelta(minutes=1))
    assert not is_due()


def test_turns_come_evenly():
    pace = Pace(100, 1)
    waits = [pace.turn() for _ in range(5)]
    assert waits[0] == 0 and all(0 < later - sooner < 0.011 for sooner, later in pairwise(waits))
    assert pace.turn(within=0.001) is None
    assert pace.turn() == pytest.approx(0.05, abs=0.02)


# --- Celery's doors -------------------------------------------------------------------------------
def test_beat_and_the_bell_lead_here_and_a_tick_is_a_row(db, settings):
    assert {"digest.tick", "digest.send"} <= current_app.tasks.keys()
    assert current_app.conf.beat_schedule["digest"]["task"] == "digest.tick"
    assert [settings.CELERY_TASK_ROUTES[f"digest.{name}"]["queue"] for name in ("tick", "send")] == [
        "ticks",
        "mail",
    ]
    tick(), tick()
    assert 1 <= Tick.objects.filter(job="digest", state="done", note="nothing due").count() <= 2
    send()


def test_without_a_broker_the_timetable_rings_again(db, monkeypatch, caplog):
    def gone(*_: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app, "send_task", gone)
    ring()
    assert "the timetable will ring again" in caplog.text


def test_more_requests_than_one_round_reads_are_all_read(db):
    SignUp.objects.bulk_create(
        [SignUp(email=f"reader-{n}@example.org", wording="1", page="/") for n in range(READ_AT_ONCE + 5)]
    )
    assert is_due()
    outlet.take(uuid4())  # somebody else is sending: this round only reads
    rounds.send()
    assert Subscriber.objects.count() == READ_AT_ONCE + 5 and not SignUp.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_time_that_is_up_leaves_the_rest_for_the_next_round(sink, waiting, settings):
    settings.DIGEST_RATE = (1, 60)
    waiting()
    rounds.send(seconds=0.5)
    assert states() == ["sent", "queued", "queued"] and len(sink.taken) == 1
    assert rounds.tick() == "rang for the mail that is due"


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_to_end_begins_nothing_more(sink, waiting):
    waiting()
    finish_what_is_under_way()
    rounds.send(seconds=5)
    assert not sink.taken and states() == ["queued"] * 3


@pytest.mark.django_db(transaction=True)
def test_an_error_of_ours_is_noted_and_holds_nothing_back(sink, waiting, settings, caplog):
    waiting()
    settings.MAIL_FROM = "Füchsin <füchsin@example.org>"  # a sender that SMTP cannot be told
    rounds.send()
    assert "ended badly" in caplog.text
    assert not sink.taken and states() == ["sending", "queued", "queued"]
    assert "UnicodeEncodeError" in Outlet.objects.get().trouble and not is_due()
    lease_runs_out()
    assert states() == ["queued"] * 3


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_is_asked_again(waiting):
    waiting(1)
    desk = Desk()
    mail = desk.next()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    assert desk.begin(mail)
    assert Delivery.objects.get().begun_at is not None


def test_a_database_that_stays_away_ends_the_round(db, monkeypatch):
    monkeypatch.setattr("comparisons.digest.sending.desk.PATIENCE", -1.0)
    with pytest.raises(DatabaseError), transaction.atomic():
        _patiently("SELECT pg_terminate_backend(pg_backend_pid())", {})


# --- other ways out -------------------------------------------------------------------------------
class Silent(BaseEmailBackend):
    """Says nothing about what became of a mail."""

    def send_messages(self, email_messages):
        return None


class Refusing(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise ConnectionRefusedError("nobody listens")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("backend", "state"), [(Silent, "unknown"), (Refusing, "queued")])
def test_a_backend_is_believed_no_more_than_it_says(waiting, settings, backend, state):
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"
    waiting(1)
    rounds.send()
    assert states() == [state]


class Slow(BaseEmailBackend):
    """So slow that everybody else leaves meanwhile."""

    def send_messages(self, email_messages):
        [to] = email_messages[0].to
        now = timezone.now()
        Subscriber.objects.exclude(email=to).update(state="unsubscribed", ended_at=now)
        return 1


@pytest.mark.django_db(transaction=True)
def test_who_leaves_meanwhile_gets_none_by_any_backend(waiting, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    settings.DIGEST_CONNECTIONS = 1
    waiting()
    rounds.send()
    assert states() == ["sent", "withdrawn", "withdrawn"]


def test_rows_name_themselves_without_naming_anybody(waiting):
    [row] = waiting(1)
    words = [
        str(row),
        str(row.subscriber),
        str(SignUp(email="ada@example.org")),
        str(Suppression(keyed_hash="ab" * 32)),
        str(Interest(subscriber=row.subscriber, card=make_card("alder"))),
        str(Edition(issue_id=1, keys=["a"])),
        str(Outlet()),
    ]
    assert "@" not in "".join(words) and all(words)
