"""The site's figures as the database tells them, in a handful of indexed queries a scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reviewsite.health import oldest_wait

WINDOW = timedelta(minutes=10)  # over which calls to judges are told
PATIENCE = "2s"  # a scrape shall not be what slows a slow database down

HEARINGS = """
SELECT state, count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)
FROM panel_hearing WHERE state IN ('queued', 'running') GROUP BY state
"""
RUNS = "SELECT state, count(*) FROM panel_run WHERE state IN ('running', 'paused_budget') GROUP BY state"
BREAKERS = "SELECT provider, host, (state <> 'closed')::int FROM panel_breaker"
SPEND = "SELECT reserved_usd, spent_usd FROM panel_spend WHERE day = (now() AT TIME ZONE 'UTC')::date"
CALLS = """
SELECT provider, outcome, error_class, count(*) FROM panel_attempt
WHERE opened_at > %s GROUP BY provider, outcome, error_class
"""
LATENCY = """
SELECT provider, percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency_ms) FROM panel_attempt
WHERE opened_at > %s AND latency_ms IS NOT NULL GROUP BY provider
"""
TICKS = """
SELECT job, extract(epoch FROM now() - max(ended_at)) FROM comparisons_tick WHERE state = 'done' GROUP BY job
"""
# Each half by a partial index of its own.
WAITING = """
SELECT 'queued', count(*), coalesce(extract(epoch FROM now() - min(not_before)), 0)
FROM comparisons_delivery WHERE state = 'queued'
UNION ALL
SELECT 'sending', count(*), coalesce(extract(epoch FROM now() - min(begun_at)), 0)
FROM comparisons_delivery WHERE state = 'sending'
"""
LAST_ISSUE = """
SELECT state, count(*) FROM comparisons_delivery
WHERE issue_id = (SELECT max(id) FROM comparisons_issue WHERE state IN ('sending', 'sent')) GROUP BY state
"""
QUANTILES = ("0.5", "0.95", "0.99")


class Figures(Collector):
    def describe(self) -> Iterable[Metric]:
        return []  # registering asks for names, and shall not ask the database

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("site_database_up", "1 when the database told the figures below.")
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'")
                found = [family for part in PARTS for family in part(cursor)]
        except DatabaseError:
            found = []
        up.add_metric([], float(bool(found)))
        yield up
        yield from found


def _hearings(cursor: Any) -> Iterator[Metric]:
    count = GaugeMetricFamily("site_hearings", "Open hearings.", labels=["state"])
    age = GaugeMetricFamily("site_hearings_oldest_seconds", "Age of the oldest open one.", labels=["state"])
    told = {state: (number, seconds) for state, number, seconds in _rows(cursor, HEARINGS)}
    for state in ("queued", "running"):
        number, seconds = told.get(state, (0, 0))
        count.add_metric([state], number)
        age.add_metric([state], float(seconds))
    waits = GaugeMetricFamily("site_hearings_due_seconds", "How long the oldest hearing that is due waits.")
    waits.add_metric([], oldest_wait().total_seconds())
    yield from (count, age, waits)


def _runs(cursor: Any) -> Iterator[Metric]:
    told = dict(_rows(cursor, RUNS))
    family = GaugeMetricFamily("site_runs", "Runs of the panel that are not over.", labels=["state"])
    for state in ("running", "paused_budget"):
        family.add_metric([state], told.get(state, 0))
    yield family


def _breakers(cursor: Any) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "site_judge_left_alone", "1 while a judge's host is left alone.", labels=["provider", "host"]
    )
    for provider, host, left_alone in _rows(cursor, BREAKERS):
        family.add_metric([provider, host], left_alone)
    yield family


def _spend(cursor: Any) -> Iterator[Metric]:
    reserved, spent = next(iter(_rows(cursor, SPEND)), (Decimal(0), Decimal(0)))
    family = GaugeMetricFamily("site_spend_usd", "Today's money, by the UTC day.", labels=["kind"])
    for kind, usd in (("reserved", reserved), ("spent", spent), ("budget", settings.PANEL_DAILY_BUDGET_USD)):
        family.add_metric([kind], float(usd))
    yield family


def _calls(cursor: Any) -> Iterator[Metric]:
    since = [timezone.now() - WINDOW]
    calls = GaugeMetricFamily(
        "site_judge_calls", "Calls of the last ten minutes.", labels=["provider", "outcome", "error"]
    )
    for provider, outcome, error, count in _rows(cursor, CALLS, since):
        calls.add_metric([provider, outcome, error], count)
    latency = GaugeMetricFamily(
        "site_judge_latency_seconds", "Of those that answered.", labels=["provider", "quantile"]
    )
    for provider, values in _rows(cursor, LATENCY, since):
        for quantile, milliseconds in zip(QUANTILES, values, strict=True):
            latency.add_metric([provider, quantile], milliseconds / 1000)
    yield from (calls, latency)


def _deliveries(cursor: Any) -> Iterator[Metric]:
    count = GaugeMetricFamily("site_mails", "Mails that wait or are being sent.", labels=["state"])
    age = GaugeMetricFamily("site_mails_oldest_seconds", "How long the oldest is due.", labels=["state"])
    for state, number, seconds in _rows(cursor, WAITING):
        count.add_metric([state], number)
        age.add_metric([state], max(float(seconds), 0.0))
    issue = GaugeMetricFamily("site_issue_mails", "Mails of the digest's newest issue.", labels=["state"])
    for state, number in _rows(cursor, LAST_ISSUE):
        issue.add_metric([state], number)
    yield from (count, age, issue)


def _ticks(cursor: Any) -> Iterator[Metric]:
    family = GaugeMetricFamily("site_job_age_seconds", "Since each job was last done.", labels=["job"])
    for job, seconds in _rows(cursor, TICKS):
        family.add_metric([job], float(seconds))
    yield family


def _rows(cursor: Any, query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    cursor.execute(query, values)
    return list(cursor.fetchall())


PARTS: tuple[Callable[[Any], Iterator[Metric]], ...] = (
    _hearings, _runs, _breakers, _spend, _calls, _deliveries, _ticks,
)  # fmt: skip
