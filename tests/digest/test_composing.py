"""What an issue says, who gets which part of it, and that a week has one issue whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comparisons.audit.models import AuditEntry
from comparisons.digest.actions import composing
from comparisons.digest.actions.composing import (
    compose,
    finish,
    hold,
    keep_timetable,
    release,
    start,
    stretch,
)
from comparisons.digest.actions.subscribing import prefer
from comparisons.digest.content import Content
from comparisons.digest.models import Delivery, Issue
from comparisons.digest.news import news
from comparisons.digest.week import WEEKDAYS, Week
from tests.digest.happenings import (
    a_full_week,
    article,
    cards,
    counterpoint,
    date_verdicts,
    vote,
)
from tests.factories.benches import hear
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


def the_week() -> Content:
    now = timezone.now()
    return news(now - timedelta(days=7), now + timedelta(minutes=1))


def this_week() -> Week:
    return Week.of(timezone.now())


# --- what happened --------------------------------------------------------------------------------
def test_a_full_week_tells_of_everything(db):
    a_full_week()
    week = the_week()
    assert [verdict.call for verdict in week.verdicts] == ["Clearly Alder", "Toss-up"]
    assert [verdict.slug for verdict in week.closest] == ["birch-vs-cedar"]
    assert [verdict.slug for verdict in week.other_verdicts] == ["alder-vs-birch"]
    [voted] = week.voted
    assert (voted.slug, voted.n, voted.only_left, voted.both) == ("alder-vs-birch", 2, 1, 1)
    [said] = week.counterpoints
    assert (said.title, said.kind, said.by) == ("Alder vs Birch", "Push back", "A reader")
    assert said.excerpt == "The window is large, and what fills it costs money."
    [written] = week.articles
    assert (written.title, written.path) == ("Local models in winter", "/articles/local-models-in-winter/")
    assert {change.model.name for change in week.changes} == {"Alder", "Birch", "Cedar"}


def test_nothing_else_is_told(db):
    made = cards()
    hear(made["alder"], made["birch"])
    counterpoint("alder-vs-birch", "This was rejected by a moderator.", to="spam")
    article("A draft", state="draft")
    long_ago = timezone.now() - timedelta(days=30)
    date_verdicts(long_ago)
    vote("alder-vs-birch", "left")
    week = news(timezone.now() - timedelta(days=1), timezone.now() - timedelta(minutes=5))
    assert not week
    assert not the_week().verdicts and not the_week().counterpoints and not the_week().articles


def test_a_flip_is_told_with_what_it_was_and_the_same_call_again_is_not(db):
    made = cards()
    hear(made["alder"], made["birch"], (92, 90, 88, 86), (50, 52, 48, 40))
    dogwood = make_card("dogwood", name="Dogwood")
    hear(made["cedar"], dogwood, (92, 90, 88, 86), (50, 52, 48, 40))
    date_verdicts(timezone.now() - timedelta(days=10))
    hear(made["alder"], made["birch"], (50, 52, 48, 40), (92, 90, 88, 86), judge="mistral")
    hear(made["cedar"], dogwood, (93, 90, 88, 86), (50, 52, 48, 40), judge="mistral")
    [flip] = the_week().verdicts
    assert (flip.call, flip.before, flip.flipped) == ("Clearly Birch", "Clearly Alder", True)
    assert the_week().flips == (flip,) and not the_week().closest and not the_week().other_verdicts


def test_prices_and_licenses_are_told_and_other_facts_are_not(db):
    made = cards()
    before = timezone.now()
    make_card("alder", lab="north", name="Alder", price_in="0.30", price_out="2")
    make_card("birch", lab="south", name="Birch", price_in="0.10", price_out="0.4", tagline="Other words.")
    week = news(before, timezone.now() + timedelta(minutes=1))
    assert [(change.model.name, change.words) for change in week.changes] == [
        ("Alder", ("input price $0.40 → $0.30",))
    ]
    assert made


def test_as_many_queries_whatever_there_is_to_tell(db, django_assert_num_queries):
    with django_assert_num_queries(5):
        the_week()
    a_full_week()
    with django_assert_num_queries(7):
        the_week()
    made = cards()
    for n in range(3):
        make_card(f"more-{n}", name=f"More {n}")
        article(f"Another {n}", made["alder"], made["birch"])
    hear(made["alder"], made["cedar"])
    vote("alder-vs-cedar", "left", "right")
    with django_assert_num_queries(7):
        the_week()


# --- one issue a week -----------------------------------------------------------------------------
def test_what_was_composed_stands_whatever_happens_afterwards(db):
    a_full_week()
    first = compose(week=this_week())
    make_card("later", name="Later")
    second = compose(week=this_week())
    assert first.pk == second.pk and second.content == first.content
    assert "Later" in str(compose(week=this_week(), again=True).content)


def test_nothing_to_say_is_no_issue(db, reader):
    reader()
    empty = compose(week=this_week())
    assert (empty.state, empty.content) == ("empty", None)
    assert not start(issue=empty) and not Delivery.objects.exists()
    a_full_week()
    assert compose(week=this_week()).state == "empty"  # the timetable asks once
    assert compose(week=this_week(), again=True).state == "ready"  # an editor may ask again


def test_an_editor_who_finds_nothing_to_say_does_not_end_the_week(db, reader):
    reader()
    assert compose(week=this_week(), again=True).state == "draft"
    a_full_week()
    now = timezone.now()
    keep_timetable(weekday=WEEKDAYS[now.weekday()], hour=now.hour)
    assert Issue.objects.get().state == "sending" and Delivery.objects.count() == 1


def test_a_week_without_news_stays_one_when_an_editor_asks_again(db):
    compose(week=this_week())
    assert compose(week=this_week(), again=True).state == "empty"


def test_an_issue_begins_where_the_last_one_that_went_out_ended(db):
    now = timezone.now()
    assert stretch(now) == (now - timedelta(days=7), now)
    until = now - timedelta(days=11)
    sent = {
        "since": until - timedelta(days=7),
        "until": until,
        "content": {},
        "subject": "x",
        "started_at": now,
    }
    Issue.objects.create(year=2026, week=40, state="sending", **sent)
    Issue.objects.create(
        year=2026, week=41, state="ready", **{**sent, "until": now - timedelta(days=2), "started_at": None}
    )
    assert stretch(now)[0] == until
    Issue.objects.filter(week=40).update(until=now - timedelta(days=90), since=now - timedelta(days=99))
    assert stretch(now)[0] == now - timedelta(days=28)


def test_started_twice_is_started_once(db, reader):
    reader()
    a_full_week()
    issue = compose(week=this_week())
    assert start(issue=issue) and not start(issue=issue)
    assert Delivery.objects.count() == 1
    compose(week=this_week(), again=True)
    issue.refresh_from_db()
    assert issue.state == "sending"


def test_a_held_issue_waits_for_its_release(db, reader, admin_user):
    reader()
    a_full_week()
    assert hold(week=this_week(), by=admin_user).held_by == admin_user
    assert not start(issue=compose(week=this_week()))
    assert not release(week=this_week()).held
    assert start(issue=compose(week=this_week()))
    assert not hold(week=this_week(), by=admin_user).held  # too late


def test_who_held_released_and_sent_is_in_the_log(db, reader, admin_user):
    reader()
    a_full_week()
    week = this_week()
    hold(week=week, by=admin_user)
    hold(week=week, by=admin_user)  # twice is once
    release(week=week, by=admin_user)
    start(issue=compose(week=week), by=admin_user)
    did = AuditEntry.objects.filter(by=admin_user).order_by("pk").values_list("did", "about")
    name = f"{week.year}-W{week.number:02}"
    assert list(did) == [
        ("held the digest", name),
        ("released the digest", name),
        ("sent out the digest", name),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_make_one_issue_and_one_delivery_a_reader(reader):
    for n in range(20):
        reader(f"reader-{n}@example.org")
    a_full_week()
    now = timezone.now()
    weekday, hour = WEEKDAYS[now.weekday()], now.hour

    def beat(_):
        try:
            keep_timetable(weekday=weekday, hour=hour)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(beat, range(12)))
    assert Issue.objects.count() == 1 and Delivery.objects.count() == 20


def test_the_timetable_waits_for_its_hour_and_gives_up_after_a_day(db, monkeypatch):
    a_full_week()
    monday = Week(2026, 47).moment("monday", 7)
    for at, made in ((-1, 0), (25 * 60, 0), (0, 1)):
        monkeypatch.setattr(composing.timezone, "now", lambda at=at: monday + timedelta(minutes=at))
        keep_timetable(weekday="monday", hour=7)
        assert Issue.objects.count() == made


def test_an_issue_is_sent_when_nothing_of_it_waits(db, reader):
    reader()
    a_full_week()
    issue = compose(week=this_week())
    start(issue=issue)
    finish()
    issue.refresh_from_db()
    assert issue.state == "sending"
    Delivery.objects.update(state="failed")
    finish()
    issue.refresh_from_db()
    assert issue.state == "sent" and issue.finished_at is not None


# --- who gets what --------------------------------------------------------------------------------
def test_readers_of_one_taste_share_an_edition_and_who_wants_nothing_of_it_gets_no_mail(db, reader):
    a_full_week()
    made = cards()
    all_of_it, also, verdicts, north, nothing = (
        reader(f"{name}@example.org") for name in ("all", "also", "verdicts", "north", "nothing")
    )
    far = make_card("far", lab="far", name="Far").lab
    issue = Issue.objects.none()
    prefer(subscriber=verdicts, scope="verdicts", labs=[], cards=[])
    prefer(subscriber=north, scope="weekly", labs=[], cards=[made["alder"]])
    prefer(subscriber=nothing, scope="verdicts", labs=[far], cards=[])
    issue = compose(week=this_week())
    start(issue=issue)
    editions = {row.subscriber_id: row.edition for row in Delivery.objects.select_related("edition")}
    assert editions.keys() == {all_of_it.pk, also.pk, verdicts.pk, north.pk}
    assert editions[all_of_it.pk] == editions[also.pk]
    assert {key.partition(":")[0] for key in editions[verdicts.pk].keys} == {"verdict"}
    assert {key.partition(":")[0] for key in editions[north.pk].keys} == {
        "verdict", "voted", "counterpoint", "article", "change",
    }  # fmt: skip
    assert len(editions[north.pk].keys) == 5


def test_queueing_takes_as_many_queries_for_many_readers(db, reader, django_assert_num_queries):
    a_full_week()
    for n in range(30):
        reader(f"reader-{n}@example.org")
    issue = compose(week=this_week())
    with django_assert_num_queries(8):
        start(issue=issue)
