"""All that a provider can do wrong, in one run: refusing, hanging, dripping, throttling, talking nonsense."""

import hashlib
import time
from collections import Counter

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import COMPLAINT, Stage, moments

pytestmark = [pytest.mark.flow, pytest.mark.slow, pytest.mark.xdist_group("flow")]

# What a failed attempt is, of which a hearing has three.
FAILURES = ("500", "502", "503", "hang", "drip", "drip_headers", "short", "reset", "html", "html_as_json",
            "truncated", "not_a_completion", "no_id", "huge", "babble", "deprecated")  # fmt: skip
# What is asked again at once, saying what was wrong.
REPAIRS = ("wrong_schema", "null", "length", "no_choices", "unknown_chunks")
# What says no more than "later"; an hour is longer than a run takes.
THROTTLES = ("429", "429:1", "429:3600")
# What is good all the same.
ODDITIES = ("chunks", "no_usage")
# A hearing has three attempts: one may fail by the script and one when the provider goes down. A third
# would rightly end it.
SCRIPTED_FAILURES = 1


class AtItsWorst:
    """A script by seed: which question meets what, however the calls are ordered."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.asked: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.met: Counter[str] = Counter()

    def __call__(self, number: int, body: dict) -> str:
        words = "".join(message["content"] for message in body["messages"])
        question = hashlib.sha256(words.split(COMPLAINT)[0].encode()).hexdigest()
        again = COMPLAINT in words
        dice = moments(self.seed, f"{question} {self.asked[question]}")
        self.asked[question] += 1
        meets = self._chosen(dice, again=again, failures_left=self.failed[question] < SCRIPTED_FAILURES)
        self.failed[question] += meets in FAILURES or meets in REPAIRS
        self.met[meets] += 1
        return meets

    def _chosen(self, dice, *, again: bool, failures_left: bool) -> str:
        luck = dice.random()
        if luck < 0.2 and failures_left:
            return dice.choice(FAILURES)
        if luck < 0.3 and failures_left and not again:
            return dice.choice(REPAIRS)
        if luck < 0.4:
            return dice.choice(THROTTLES)
        return dice.choice(ODDITIES) if luck < 0.5 else "ok"

    @property
    def bad(self) -> int:
        """Calls that brought no answer."""
        return sum(count for word, count in self.met.items() if word not in (*ODDITIES, "ok"))


@pytest.mark.parametrize("seed", rounds(3))
def test_a_provider_at_its_worst_changes_not_one_word(
    services, undisturbed, hearings, mistral, tmp_path, seed
):
    script = AtItsWorst(seed)
    mistral.script(script)
    with Stage(services, mistral, tmp_path, MISTRAL_DEADLINE_SECONDS=3) as stage:
        stage.wait_for_calls(hearings // 2)
        mistral.down()  # refuses connections, and tears those it has
        stage.note_in_flight()
        torn = len(stage.claims)
        time.sleep(0.3)
        mistral.up()
        stage.until_over()
        assert sum(script.met[word] for word in FAILURES) > 2, script.met
        stage.check(undisturbed, calls=hearings + script.bad + torn)
        # No more than a failed, a repaired or a torn call each: what was answered is never asked again.
        answered = stage.books.number("SELECT count(*) FROM panel_attempt WHERE outcome = 'answered'")
        assert answered == hearings
        assert stage.books.number("SELECT coalesce(max(latency_ms), 0) FROM panel_attempt") < 10_000


def test_an_hour_of_retry_after_puts_the_hearing_off_and_nobody_else(
    services, undisturbed, hearings, mistral, tmp_path
):
    mistral.script(["429:3600"])
    with Stage(services, mistral, tmp_path, watched=False) as stage:
        stage.let_minutes_pass = lambda: None
        stage.wait_for_calls(hearings)
        put_off = stage.books.ask(
            "SELECT attempts, not_before > now() + interval '50 minutes' FROM panel_hearing "
            "WHERE not_before > now()"
        )
        assert put_off == [(0, True)]
        del stage.let_minutes_pass
        stage.until_over()
        stage.check(undisturbed, calls=hearings + 1)
