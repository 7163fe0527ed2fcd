"""The Celery application. Its settings were measured; docs/decisions says how and why."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, heartbeat_sent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")

app = Celery("reviewsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HEARTBEAT_FILE = os.environ.get("HEARTBEAT_FILE", "")  # looked at by reviewsite/alive.py


@heartbeat_sent.connect(dispatch_uid="reviewsite.celery")
@after_task_publish.connect(dispatch_uid="reviewsite.celery")
def _lives(**kwargs: Any) -> None:
    """A worker beats every two seconds, beat rings every ten, both only while the broker answers."""
    if HEARTBEAT_FILE:
        Path(HEARTBEAT_FILE).touch()
