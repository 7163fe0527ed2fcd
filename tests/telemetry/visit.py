"""A process of its own asks for pages, one of which fails: `python -m tests.telemetry.visit`."""

from __future__ import annotations

import os
import sys

import django

SECRET = "kJ8sOmEtOkEn"


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
    django.setup()
    from django.conf import settings
    from django.test import Client

    from comparisons.switches import middleware
    from panel import tasks
    from reviewsite.celery import app

    settings.ALLOWED_HOSTS = ["testserver"]
    # Nothing was collected for the hashed names.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    headers = {"User-Agent": SECRET, "X-Forwarded-For": "203.0.113.77", "Cookie": f"visitor={SECRET}"}
    client = Client(raise_request_exception=False, headers=headers, REMOTE_ADDR="203.0.113.78")
    print(client.get(f"/healthz/?{SECRET}").status_code)
    print(client.get(f"/nowhere/{SECRET}/").status_code)
    middleware.SAFE_METHODS = None  # type: ignore[assignment]  # an error of ours
    print(client.get(f"/style/?token={SECRET}").status_code)
    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = False
    tasks.hear.delay(SECRET)  # PostgreSQL quotes what is no number
    if settings.SENTRY_DSN:
        import sentry_sdk

        sentry_sdk.flush(5)
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from opentelemetry import trace

        trace.get_tracer_provider().force_flush()  # type: ignore[attr-defined]
    print("loaded:", *(name for name in ("sentry_sdk", "opentelemetry.exporter") if name in sys.modules))


if __name__ == "__main__":
    main()
