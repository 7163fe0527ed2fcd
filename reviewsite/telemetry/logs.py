"""One line an event on standard output: for people in a terminal, or JSON for whatever collects it.

Nothing here names a reader: no client address, no cookie, no query, and the name of a route where its address
could hold a token.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from structlog.typing import EventDict, WrappedLogger

from reviewsite import env
from reviewsite.telemetry.routes import route_of, without_values

JSON = "json"
EXTRAS = ("method", "route", "status", "ms")  # of a record; whatever else libraries hang there stays out


def format_wanted() -> str:
    return env.one_of("LOG_FORMAT", "console", among=("console", JSON))


def formatter() -> logging.Formatter:
    """For Django's LOGGING and for granian's (reviewsite/granian-logs.json)."""
    if format_wanted() != JSON:
        return logging.Formatter("%(levelname)s %(name)s: %(message)s")
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=EXTRAS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_values,
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ],
    )


def _without_values(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = without_values(event["exception"])
    return event


class WithoutPath(logging.Filter):
    """Django names the path of what went wrong, and a path can hold a token: the route says as much."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and len(record.args) == 2:
            record.args = (record.args[0], route_of(request))
        return True


def logging_settings() -> dict[str, Any]:
    """Django's LOGGING."""
    requests = "INFO" if format_wanted() == JSON else "WARNING"  # in a terminal only what went wrong
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_path": {"()": "reviewsite.telemetry.logs.WithoutPath"}},
        "formatters": {"line": {"()": "reviewsite.telemetry.logs.formatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "panel": {"level": "INFO"},
            "comparisons": {"level": "INFO"},
            "reviewsite": {"level": "INFO"},
            "reviewsite.requests": {"level": requests},
            "reviewsite.sign_ins": {"level": requests},
            "django.request": {"level": "ERROR", "filters": ["without_path"]},  # 4xx are in the access log
            "django.security.csrf": {"filters": ["without_path"]},
            # Anybody can send a wrong Host; it is answered with 400 and is no event.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},  # one line per task received says nothing
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.request": {"level": "WARNING"},  # a tick that came too late is no news
            "httpx2": {"level": "WARNING"},  # the receipts say more
        },
    }


@task_prerun.connect(dispatch_uid="reviewsite.telemetry.logs")
def _begin_task(task_id: str = "", task: Any = None, **kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=getattr(task, "name", ""), task_id=task_id)


@task_postrun.connect(dispatch_uid="reviewsite.telemetry.logs")
def _end_task(**kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
