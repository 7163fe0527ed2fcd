"""Redis goes away and comes back empty: it was only the doorbell."""

import time

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import Stage, moments

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]


@pytest.mark.parametrize("seed", rounds(3))
def test_an_empty_redis_loses_and_doubles_nothing(services, undisturbed, hearings, mistral, tmp_path, seed):
    dice = moments(seed, "redis")
    with Stage(services, mistral, tmp_path) as stage:
        for _ in range(2):
            stage.wait_for_calls(dice.randint(1, hearings // 3))
            time.sleep(dice.random() * 0.2)
            services.stop_redis()
            stage.note_in_flight()
            time.sleep(dice.choice([0, 0.5, 2]))
            services.start_redis()
        stage.until_over()
        # Whoever was asking went on asking: not one call is made twice for want of a doorbell, unless the
        # worker itself gave up and was started again.
        stage.check(undisturbed, calls=hearings + (len(stage.claims) if stage.worker.starts > 1 else 0))
