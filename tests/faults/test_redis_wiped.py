"""Redis goes away and comes back empty: it was only the doorbell."""

import time

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import moments

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]


def calls_at_most(stage, hearings):
    """Whoever was asking went on asking: not one call is made twice for want of a doorbell, unless the worker
    itself gave up and was started again."""
    assert stage.worker.starts > 1 or stage.claims == {}
    return hearings + len(stage.claims)


@pytest.mark.parametrize("seed", rounds(1))
def test_an_empty_redis_loses_and_doubles_nothing(services, staged, hearings, seed):
    dice = moments(seed, "redis")
    with staged() as stage:
        for _ in range(2):
            stage.wait_for_calls(dice.randint(1, hearings // 3))
            time.sleep(dice.random() * 0.2)
            services.stop_redis()
            time.sleep(dice.choice([0, 0.5, 2]))
            services.start_redis()
        stage.until_over()
        stage.check(calls=calls_at_most(stage, hearings))


@pytest.mark.parametrize("seed", rounds(1))
def test_without_redis_the_run_stands_still_and_goes_on_after(services, staged, hearings, seed):
    """Away for so long that everything under way is over and the worker has noticed; beat has not heard."""
    dice = moments(seed, "away")
    with staged() as stage:
        stage.wait_for_calls(dice.randint(1, hearings // 3))
        services.stop_redis()
        stage.go_on_until(lambda: stage.books.in_flight() == set(), "something hangs")
        stage.wait(lambda: "Connection to broker lost" in stage.worker.words(), "it does not notice")
        time.sleep(dice.random() * 3)
        assert stage.books.in_flight() == set()
        services.start_redis()
        stage.until_over()
        assert stage.beat.starts == 1
        stage.check(calls=calls_at_most(stage, hearings))
