"""The wiring as an app: what is told to others starts here, where it was asked for."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class ReviewsiteConfig(AppConfig):
    name = "reviewsite"

    def ready(self) -> None:
        import_module("reviewsite.telemetry.sign_ins")
        # By name, so that neither library is even loaded where nobody asked for it.
        if settings.SENTRY_DSN:
            import_module("reviewsite.telemetry.errors").start()
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            import_module("reviewsite.telemetry.traces").start()
