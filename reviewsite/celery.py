"""The Celery application. Its settings were measured; docs/decisions says how and why."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, heartbeat_sent
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")
# Django's checks load every page, form and API view: 22 MB and a second of each start, for processes that
# serve none. `manage.py migrate`, which goes before every start, has checked the same code.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "reviewsite.broker:Transport"

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
