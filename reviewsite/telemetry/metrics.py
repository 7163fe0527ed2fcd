"""/metrics/ for Prometheus: this container's requests, and the site's figures from the database.

On the web port and behind a bearer token rather than on a port of its own: a second server in each of
granian's processes would be one more thing that can hang, and the token also holds where a port would be
published by mistake. Without METRICS_TOKEN the address does not exist.

Requests are counted by each process. Where a container runs several, PROMETHEUS_MULTIPROC_DIR names a folder
that they share (empty at start: a tmpfs), and any of them tells the sum. Everything else is read from the
database at each scrape, so no worker needs a door, and every container tells the same: take `max`, not `sum`.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)  # before the library looks for it, at its import

from prometheus_client import CollectorRegistry, Histogram, generate_latest  # noqa: E402
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

from reviewsite.telemetry.figures import Figures  # noqa: E402

OWN = CollectorRegistry()
REQUESTS = Histogram(
    "site_request_seconds",
    "Requests that Django answered; kept pages are in nginx's log.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
    registry=OWN,
)
SITE = CollectorRegistry()
SITE.register(Figures())


@require_safe
def scrape(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        return HttpResponse("Not found.\n", status=404, content_type="text/plain; charset=utf-8")
    given = request.headers.get("Authorization", "")
    if not secrets.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        refused = HttpResponse("A token is needed.\n", status=401, content_type="text/plain; charset=utf-8")
        refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    return HttpResponse(_requests() + generate_latest(SITE), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _requests() -> bytes:
    if not FOLDER:
        return generate_latest(OWN)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=FOLDER)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
