"""kill -9 at random moments: FAULT_ROUNDS=50 runs fifty seeds."""

import time

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import Stage, moments

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]

# One more could hit the same hearing for the third time, which is then given up, as it must be.
KILLS = 2


@pytest.mark.parametrize("seed", rounds(6))
def test_a_killed_worker_loses_and_doubles_nothing(services, undisturbed, hearings, mistral, tmp_path, seed):
    dice = moments(seed, "kill")
    with Stage(services, mistral, tmp_path) as stage:
        for _ in range(KILLS):
            if dice.random() < 0.2:  # while it is only just starting
                time.sleep(dice.random() * 2)
            else:
                stage.wait_for_calls(dice.randint(1, hearings // 3))
                time.sleep(dice.random() * 0.2)
            stage.worker.kill()
            stage.note_in_flight()
            stage.worker.start()
        stage.until_over()
        stage.check(undisturbed, calls=hearings + len(stage.claims))
