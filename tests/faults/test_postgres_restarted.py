"""PostgreSQL is stopped as a crash would stop it, and comes back: nobody else has to be started again."""

import time

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import moments

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("seed", rounds(1))
def test_all_outlive_a_database_restart(services, staged, hearings, seed, watched):
    """Worker and beat do, and so does whoever watches the run on a terminal."""
    dice = moments(seed, f"postgres {watched}")
    with staged(watched=watched, pages=seed > 0) as stage:
        for _ in range(2):
            stage.wait_for_calls(dice.randint(1, hearings // 3))
            time.sleep(dice.random() * 0.2)
            services.stop_postgres()
            time.sleep(dice.choice([0, 0.5, 2]))
            services.start_postgres()
            # Whose answer could not be kept stands here as a claim; so does who had only just begun.
            stage.note_in_flight()
        stage.until_over()
        assert (stage.worker.starts, stage.beat.starts) == (1, 1)
        stage.check(calls=hearings + len(stage.claims))
