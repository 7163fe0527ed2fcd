"""PostgreSQL is stopped as a crash would stop it, and comes back: nobody else has to be started again."""

import time

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import Stage, moments

pytestmark = [pytest.mark.flow, pytest.mark.slow, pytest.mark.xdist_group("flow")]


def restart_now_and_then(stage, services, dice, *, calls):
    for _ in range(2):
        stage.wait_for_calls(dice.randint(1, calls // 3))
        time.sleep(dice.random() * 0.2)
        services.stop_postgres()
        time.sleep(dice.choice([0, 0.5, 2]))
        services.start_postgres()
        # Whose answer could not be kept stands here as a claim; so does who had only just begun.
        stage.note_in_flight()


@pytest.mark.parametrize("seed", rounds(3))
def test_worker_and_beat_outlive_a_database_restart(services, undisturbed, hearings, mistral, tmp_path, seed):
    with Stage(services, mistral, tmp_path, watched=False) as stage:
        stage.convene.finish()
        restart_now_and_then(stage, services, moments(seed, "postgres"), calls=hearings)
        stage.until_over()
        assert (stage.worker.starts, stage.beat.starts) == (1, 1)
        stage.check(undisturbed, calls=hearings + len(stage.claims))


def test_who_watches_a_run_outlives_a_database_restart(services, undisturbed, hearings, mistral, tmp_path):
    with Stage(services, mistral, tmp_path) as stage:
        restart_now_and_then(stage, services, moments(0, "watched"), calls=hearings)
        stage.until_over()
        stage.check(undisturbed, calls=hearings + len(stage.claims))
