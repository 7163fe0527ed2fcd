"""Errors to Sentry, or to whatever speaks its protocol; loaded only where SENTRY_DSN is set.

What is sent is the error, where in our code it happened, and the route. Nothing of the reader leaves: no
address, header, cookie, query, form or path, and no local variable, which could hold a key.
"""

from __future__ import annotations

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.types import Event, Hint

from reviewsite.telemetry.routes import without_values


def start() -> None:
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        integrations=[DjangoIntegration(transaction_style="function_name"), CeleryIntegration()],
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,  # queries and log lines of the same request
        server_name="",
        before_send=_without_reader,
    )


def _without_reader(event: Event, hint: Hint) -> Event:
    event.pop("request", None)
    event.pop("user", None)
    event.pop("breadcrumbs", None)
    event.pop("extra", None)
    for error in event.get("exception", {}).get("values", []):
        error["value"] = without_values(error.get("value") or "")
    return event
