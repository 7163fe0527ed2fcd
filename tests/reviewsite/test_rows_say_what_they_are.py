"""What stands in Django's admin, in logs and in tracebacks for one row: never an address, a key or a text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comparisons.counterpoints.models import Original
from comparisons.reviews.models import Pick, Review, Reviewer, Verdict
from comparisons.switches.models import Switch
from comparisons.ticks.models import Tick
from comparisons.votes.models import Vote
from panel.models import Attempt, Breaker, BreakerEvent, Hearing, Judge, PersonaVersion, Run, Spend

AT = datetime(2026, 11, 21, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Original(counterpoint_id=7, body="Jane Roe"), "7, as it was sent"),
        (Reviewer(slug="skeptic", name="Skeptic"), "Skeptic"),
        (Review(reviewer_id="skeptic", snapshot_id=3, score=40), "skeptic on 3: 40"),
        (Pick(reviewer_id="skeptic", pairing_id=3, choice="left"), "skeptic on 3: left"),
        (Verdict(pairing_id=3, outcome="lean", side="right"), "3: lean right"),
        (Verdict(pairing_id=3, outcome="toss_up", side=""), "3: toss_up"),
        (Switch(name="counterpoints", stopped=True), "Counterpoints: stopped"),
        (Tick(job="sweep", period=AT, state="done"), "sweep of 2026-11-21 07:05: done"),
        (Vote(pairing_id=3, choice="both", voter_key="secret"), "both on 3"),
        (Attempt(provider="mistral", outcome="answered", id="0" * 32), f"mistral answered {'0' * 32}"),
        (Breaker(provider="mistral", host="api.example", state="open"), "mistral at api.example: left alone"),
        (BreakerEvent(at=AT, state="open"), "2026-11-21 07:05 open"),
        (Hearing(pk=4, kind="review", state="queued"), "review 4 (queued)"),
        (Judge(label="mistral-medium-2604"), "mistral-medium-2604"),
        (PersonaVersion(slug="skeptic", sha256="ab" * 32), "skeptic abababab"),
        (Run(scope="featured pairings", state="running"), "featured pairings (running)"),
        (Spend(day=AT.date(), spent_usd=2, reserved_usd=1), "2026-11-21: 3 USD"),
    ],
)
def test_a_row_says_what_it_is(row, words):
    assert str(row) == words
