"""Tells the workers that there is mail. Losing a ring loses nothing: the timetable rings again."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring() -> None:
    try:
        # By name: the tasks import what rings.
        current_app.send_task("digest.send")
    except (OperationalError, OSError) as error:
        log.warning("The broker does not answer (%s); the timetable will ring again.", type(error).__name__)
