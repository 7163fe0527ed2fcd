"""kill -9 at random moments, of the worker, of beat, and of the launcher above them."""

import time

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import moments

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]

# One more could hit the same hearing for the third time, which is then given up, as it must be.
KILLS = 2


def some_moment_later(stage, dice, hearings):
    if dice.random() < 0.2:  # while it is only just starting
        time.sleep(dice.random() * 2)
    else:
        stage.wait_for_calls(dice.randint(1, hearings // 3))
        time.sleep(dice.random() * 0.2)


@pytest.mark.parametrize("seed", rounds(2))
def test_a_killed_worker_loses_and_doubles_nothing(staged, hearings, seed):
    dice = moments(seed, "kill")
    with staged(pages=seed == 0) as stage:
        for _ in range(KILLS):
            some_moment_later(stage, dice, hearings)
            stage.kill_worker()
        stage.until_over()
        stage.check(calls=hearings + len(stage.claims))


@pytest.mark.parametrize("seed", rounds(1))
def test_beats_killed_and_beats_too_many_do_no_harm(staged, hearings, seed):
    """In the middle of a sweep, beside another that sweeps; the worker is killed too, so that there is
    something to sweep up."""
    dice = moments(seed, "beat")
    with staged() as stage:
        stage.others.append(stage.another_beat())
        for round in range(4):
            some_moment_later(stage, dice, hearings)
            stage.beat.kill()
            if round == 1:
                stage.kill_worker()
            stage.supervise()
        stage.until_over()
        stage.check(calls=hearings + len(stage.claims))


@pytest.mark.parametrize("seed", rounds(1))
def test_a_killed_launcher_costs_not_one_call(staged, hearings, seed):
    """The kernel asks its children to end. What they are asking they still hear, while the children of the
    next launcher work beside them."""
    dice = moments(seed, "launcher")
    with staged() as stage:
        for _ in range(2):
            some_moment_later(stage, dice, hearings)
            orphans = (stage.worker, stage.beat)
            for orphan in orphans:
                orphan.process.terminate()
            stage.others += orphans
            stage.worker, stage.beat = stage.another_worker(), stage.another_beat()
        stage.until_over()
        stage.wait(lambda: all(process.has_ended for process in stage.others), "it does not end")
        assert stage.claims == {}
        stage.check(calls=hearings)
