"""Sentry and OpenTelemetry: only where they are asked for, and nothing of the reader."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.publishing.webs import database_url
from tests.telemetry.collector import Collector
from tests.telemetry.visit import SECRET

ROOT = Path(__file__).resolve().parent.parent.parent
READER = (SECRET.encode(), b"203.0.113", b"visitor=")


def visit(**told: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.telemetry.visit"],
        env={**os.environ, "DATABASE_URL": database_url(), **told}, cwd=ROOT, text=True,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("200\n404\n500\n"), done.stdout
    return done.stdout.splitlines()[-1]


@pytest.fixture
def collector(transactional_db):
    with Collector() as collector:
        yield collector


def test_where_nobody_asked_neither_library_is_loaded(transactional_db):
    assert visit() == "loaded:"


def test_errors_are_told_with_their_place_and_without_the_reader(collector):
    assert visit(SENTRY_DSN=f"http://public@127.0.0.1:{collector.port}/7") == "loaded: sentry_sdk"
    assert {path for path, _ in collector.taken} == {"/api/7/envelope/"}
    kinds = {event["exception"]["values"][0]["type"] for event in collector.events()}
    assert {"TypeError", "InvalidTextRepresentation", "DataError"} >= kinds > {"TypeError"}
    (request,) = (e for e in collector.events() if e["exception"]["values"][0]["type"] == "TypeError")
    frames = request["exception"]["values"][0]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "process_view"
    assert not any("vars" in frame for frame in frames)
    for told in READER:
        assert told not in collector.whole


def test_traces_name_routes_and_tasks_and_not_the_reader(collector):
    loaded = visit(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}")
    assert loaded == "loaded: opentelemetry.exporter"
    assert {path for path, _ in collector.taken} == {"/v1/traces"}
    names = [span.name for span in collector.spans()]
    assert "GET (no route)" in names
    assert "GET style" in names
    assert any("panel.hear" in name for name in names)
    failed = {span.name for span in collector.spans() if span.status.code == 2}
    assert "GET style" in failed
    for told in READER:
        assert told not in collector.whole
