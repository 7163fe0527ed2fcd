"""Whether this process lives, and whether the site can do its work.

A web process is ready when it can answer readers: with a database that has every migration. Anything else
that is wrong is said beside it, as degraded, and takes no web process out of service: a site without a worker
still reads and votes, and taking its web processes away would make a small fault a large one.
"""

from __future__ import annotations

import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from comparisons.switches.models import Switch
from comparisons.switches.state import sentence
from comparisons.ticks.models import Tick
from panel.models import Hearing
from panel.timetable import SWEEP

MIGRATED_FOR = 60.0  # seconds for which migrations once found applied are not looked for again
SWEPT_WITHIN = timedelta(seconds=60)  # the sweep is due every ten
HEARD_WITHIN = timedelta(minutes=10)
BROKER_SECONDS = 2
STOPPED = "beat or the worker of the queue `ticks` does not run."


@require_safe
def process(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 only for `problems`. Sentences carry no address and no secret."""
    problems = database()
    degraded = {} if problems else {**broker(), **clock(), **hearings()}
    said = {"ready": not problems, "problems": problems, "degraded": degraded}
    return JsonResponse(said, status=503 if problems else 200)


class _Migrated:
    until = 0.0


def database() -> dict[str, str]:
    """Fatal for a web process. Migrations that this code does not know yet are none of its business."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if time.monotonic() < _Migrated.until:
            return {}
        waiting = migrations_waiting()
    except DatabaseError:
        return {"database": "PostgreSQL does not answer."}
    if waiting:
        return {"migrations": f"{waiting} migrations are not applied."}
    _Migrated.until = time.monotonic() + MIGRATED_FOR
    return {}


def migrations_waiting() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def broker() -> dict[str, str]:
    """Without it nobody is told of new work; the sweep finds it once the broker is back."""
    try:
        with Connection(  # type: ignore[no-untyped-call]
            settings.CELERY_BROKER_URL, connect_timeout=BROKER_SECONDS
        ) as line:
            line.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except (OperationalError, OSError):
        return {"broker": "The Celery broker does not answer."}
    return {}


def clock() -> dict[str, str]:
    """A sweep that was done is the heartbeat of beat and of the worker for ticks: it takes both."""
    last = Tick.objects.filter(job=SWEEP.name, state=Tick.State.DONE).order_by("-period").first()
    if last is None or last.ended_at is None:
        return {"clock": f"No sweep was ever done: {STOPPED}"}
    ago = timezone.now() - last.ended_at
    if ago <= SWEPT_WITHIN:
        return {}
    return {"clock": f"The last sweep was {spoken(ago)} ago: {STOPPED}"}


def hearings() -> dict[str, str]:
    """How long the oldest due hearing waits tells about the workers that hear."""
    if sentence(Switch.Name.PANEL):
        return {}  # the panel was told to rest
    waits = oldest_wait()
    if waits <= HEARD_WITHIN:
        return {}
    return {"hearings": f"The oldest due hearing waits for {spoken(waits)}: no worker hears, or too few."}


def oldest_wait() -> timedelta:
    """Of the hearings that could be heard now; zero where none waits."""
    now = timezone.now()
    since = Hearing.objects.due(now).aggregate(since=Min("not_before"))["since"]
    return timedelta() if since is None else max(now - since, timedelta())


def spoken(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
