"""The wiring: settings, addresses, Celery, and what runs all of it on one machine."""

from reviewsite.celery import app as celery_app

__all__ = ["celery_app"]
