"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from kombu.connection import Connection
from kombu.exceptions import OperationalError


@require_safe
def process(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 names each part that is not there; the sentences carry no address and no secret."""
    problems = {**_database(), **_broker()}
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def _database() -> dict[str, str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return {"database": "PostgreSQL does not answer."}
    return {"migrations": f"{len(waiting)} migrations are not applied."} if waiting else {}


def _broker() -> dict[str, str]:
    try:
        with Connection(  # type: ignore[no-untyped-call]
            settings.CELERY_BROKER_URL, connect_timeout=2
        ) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError):
        return {"broker": "The Celery broker does not answer."}
    return {}
