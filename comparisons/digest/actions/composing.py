"""From what happened to an issue, and from an issue to one delivery a reader. Each step happens once."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from comparisons.audit.actions import note
from comparisons.digest.content import Content, Taste, subject
from comparisons.digest.letters import whole
from comparisons.digest.models import Delivery, Edition, Issue, Subscriber
from comparisons.digest.news import news
from comparisons.digest.week import Week
from comparisons.people.models import User

A_WEEK = timedelta(days=7)
LONGEST = timedelta(days=28)  # after a long silence: older news is none
# Missed by more than this, the week's issue is left to the next one, which begins where the last ended.
LATE = timedelta(days=1)
AT_ONCE = 1000
OPEN = (Issue.State.DRAFT, Issue.State.EMPTY, Issue.State.READY)


def stretch(now: datetime) -> tuple[datetime, datetime]:
    """From when to when the next issue tells: from where the last one that was sent ended."""
    last = Issue.objects.public().order_by("-until").values_list("until", flat=True).first()
    begin = last if last is not None else now - A_WEEK
    return max(begin, now - LONGEST), now


def preview(now: datetime) -> Content:
    """What an issue composed now would say."""
    return news(*stretch(now))


def issue_of(week: Week) -> Issue:
    """The row of a week: one, however many ask at once."""
    return Issue.objects.get_or_create(year=week.year, week=week.number)[0]


def compose(*, week: Week, again: bool = False) -> Issue:
    """Freezes what the week's issue says. `again`, an editor's, replaces what was frozen as long as nothing
    was sent; that there is nothing to say yet ends the week only when the timetable finds it."""
    issue = issue_of(week)
    states = OPEN if again else (Issue.State.DRAFT,)
    since, until = stretch(timezone.now())
    if issue.state in states and since < until:
        content = news(since, until)
        over = not again or issue.state == Issue.State.EMPTY
        composed = {
            "state": Issue.State.READY, "content": content.as_json(), "subject": subject(content)[:200],
            "since": since, "until": until,
        } if content else {
            "state": Issue.State.EMPTY if over else Issue.State.DRAFT,
            "content": None, "subject": "", "since": None, "until": None,
        }  # fmt: skip
        # Whoever comes second finds the state changed; and nothing that is on its way changes its words.
        Issue.objects.filter(pk=issue.pk, state__in=states).update(**composed)
    issue.refresh_from_db()
    return issue


def compose_once(*, week: Week) -> Issue:
    """For an editor who sends: what was composed is what they have read; without it, what would be now."""
    return compose(week=week, again=issue_of(week).content is None)


@transaction.atomic
def start(*, issue: Issue, by: User | None = None) -> bool:
    """Queues one delivery a reader, once; says whether this call did. A held issue stays where it is."""
    ready = Issue.objects.filter(pk=issue.pk, state=Issue.State.READY, held=False)
    if not ready.update(state=Issue.State.SENDING, started_at=timezone.now()):
        return False
    issue.refresh_from_db()
    _note(issue, by, "sent out the digest")
    content = whole(issue)
    for keys, readers in _editions(content).items():
        sha = hashlib.sha256(json.dumps(keys).encode()).hexdigest()
        edition = Edition.objects.create(issue=issue, keys=list(keys), sha256=sha)
        Delivery.objects.bulk_create(
            (
                Delivery(
                    kind=Delivery.Kind.ISSUE, issue=issue, edition=edition, subscriber_id=reader,
                    not_before=issue.started_at or timezone.now(),
                )
                for reader in readers
            ),
            batch_size=AT_ONCE,
        )  # fmt: skip
    return True


def finish() -> None:
    """An issue is sent when nothing of it waits any more."""
    open_ones = Delivery.objects.filter(
        issue=OuterRef("pk"), state__in=[Delivery.State.QUEUED, Delivery.State.SENDING]
    )
    Issue.objects.filter(~Exists(open_ones), state=Issue.State.SENDING).update(
        state=Issue.State.SENT, finished_at=timezone.now()
    )


@transaction.atomic
def hold(*, week: Week, by: User) -> Issue:
    """The timetable passes over a held issue; what is being sent cannot be held."""
    issue = issue_of(week)
    if Issue.objects.filter(pk=issue.pk, state__in=OPEN, held=False).update(held=True, held_by=by):
        _note(issue, by, "held the digest")
    issue.refresh_from_db()
    return issue


@transaction.atomic
def release(*, week: Week, by: User | None = None) -> Issue:
    issue = issue_of(week)
    if Issue.objects.filter(pk=issue.pk, state__in=OPEN, held=True).update(held=False, held_by=None):
        _note(issue, by, "released the digest")
    issue.refresh_from_db()
    return issue


def _note(issue: Issue, by: User | None, did: str) -> None:
    note(by=by, did=did, about=f"{issue.year}-W{issue.week:02}", address=reverse("digest-desk"))


def keep_timetable(*, weekday: str, hour: int) -> None:
    """What beat asks for: composes and starts this week's issue when it is due. Anybody may ask twice."""
    now = timezone.now()
    week = Week.of(now)
    due = week.moment(weekday, hour)
    if due <= now < due + LATE:
        issue = issue_of(week)
        if issue.state in OPEN and not issue.held:
            start(issue=compose(week=week))


def _editions(content: Content) -> dict[tuple[str, ...], list[int]]:
    """The keys of what is left for them, and the readers it is left for. Nothing left: no mail."""
    readers = (
        Subscriber.objects.reading()
        .annotate(
            labs=ArrayAgg("interests__lab__slug", filter=Q(interests__lab__isnull=False), default=[]),
            cards=ArrayAgg("interests__card__slug", filter=Q(interests__card__isnull=False), default=[]),
        )
        .values_list("pk", "scope", "labs", "cards")
    )
    chosen: dict[Taste, tuple[str, ...]] = {}
    editions: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, scope, labs, cards in readers.iterator():
        taste = Taste(scope == Subscriber.Scope.VERDICTS, frozenset(labs), frozenset(cards))
        if taste not in chosen:
            chosen[taste] = tuple(content.for_taste(taste).keys)
        if chosen[taste]:
            editions[chosen[taste]].append(pk)
    return editions
