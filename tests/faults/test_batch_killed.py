"""kill -9 of whoever submits, looks after or reads batch jobs: FAULT_ROUNDS=50 runs fifty seeds."""

import time

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import moments
from tests.flows.worker import Manage

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]

KILLS = 4
# What minutes of waiting would bring after a kill: the lease of the dead runs out, a job is looked for.
LEASES_END = """
    UPDATE panel_batch SET busy_until = NULL, polled_at = NULL, asked_at = asked_at - interval '4 minutes'
    WHERE ended_at IS NULL
"""
JOBS_DONE = "SELECT count(*) FROM panel_batch WHERE ended_at IS NOT NULL"


@pytest.mark.parametrize("seed", rounds(2))
def test_a_catalogue_in_batches_survives_every_kill(staged, hearings, mistral, tmp_path, seed):
    dice = moments(seed, "batch")
    mistral.jobs.seconds = 0.3
    limits = {"PANEL_BATCH_REQUESTS": 9, "PANEL_BATCH_POLL_SECONDS": 1}
    with staged(watched=True, order=("convene", "--all", "--batch"), **limits) as stage:
        stage.wait(lambda: stage.books.number("SELECT count(*) FROM panel_batch") > 0, "no batch")
        # Who convened dies first, perhaps in the middle of submitting: the rest is beat's.
        stage.convene.kill()
        stage.books.tell(LEASES_END)
        stage.convene = Manage(stage.environment, tmp_path / "ended", "migrate", "--check")
        for _ in range(KILLS):
            time.sleep(dice.random() * 0.8)
            stage.beat.kill()
            if dice.random() < 0.3:
                stage.kill_worker()
            stage.supervise()
            stage.books.tell(LEASES_END)
        stage.until_over()
        stage.check(calls=len(stage.claims))
        jobs = [job for job in mistral.jobs.made if job.id not in mistral.jobs.canceled]
        # A run is over with its last hearing; the job it came from is closed after that.
        stage.wait(lambda: stage.books.number(JOBS_DONE) == len(jobs), "a job is left open")
        assert sum(len(job.requests) for job in jobs) == hearings
        assert stage.books.number("SELECT count(*) FROM panel_attempt WHERE outcome = 'open'") == 0
        assert stage.books.number("SELECT count(*) FROM panel_spend WHERE reserved_usd <> 0") == 0
