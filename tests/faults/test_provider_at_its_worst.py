"""All that a provider can do wrong, in one run: refusing, hanging, dripping, throttling, talking nonsense."""

import hashlib
from collections import Counter

import pytest

from tests.faults.conftest import rounds
from tests.faults.stage import COMPLAINT, moments

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]

# What a failed attempt is, of which a hearing has three.
FAILURES = ("500", "502", "503", "500:1", "hang", "drip", "drip_headers", "short", "reset", "babble", "html",
            "html_as_json", "truncated", "not_a_completion", "no_id", "huge", "deprecated")  # fmt: skip
# What is asked again at once, saying what was wrong.
REPAIRS = ("wrong_schema", "null", "length", "no_choices", "unknown_chunks", "nul")
# What says no more than "later"; an hour is longer than a run takes.
THROTTLES = ("429", "429:1", "429:3600")
# What is good all the same.
ODDITIES = ("chunks", "no_usage")
FAULTS = (*FAILURES, *REPAIRS, *THROTTLES, *ODDITIES)
# So long that a call on a busy machine is not cut by mistake: such a one would be a third failed attempt.
DEADLINE = 8  # seconds


class AtItsWorst:
    """A script by seed: each fault meets one question when it is asked first, and is never met again.

    So a hearing fails once at most, and once more when the provider goes down. A third time would rightly end
    it, and is not what this is about.
    """

    def __init__(self, seed: int, questions: int) -> None:
        self.hand = [*FAULTS, *["ok"] * (questions - len(FAULTS))]
        moments(seed, "worst").shuffle(self.hand)
        self.known: set[str] = set()
        self.met: Counter[str] = Counter()

    def __call__(self, number: int, body: dict) -> str:
        words = "".join(message["content"] for message in body["messages"])
        question = hashlib.sha256(words.split(COMPLAINT)[0].encode()).hexdigest()
        meets = "ok" if question in self.known else self.hand[len(self.known)]
        self.known.add(question)
        self.met[meets] += 1
        return meets

    @property
    def bad(self) -> int:
        """Calls that brought no answer."""
        return sum(count for word, count in self.met.items() if word not in (*ODDITIES, "ok"))


@pytest.mark.parametrize("seed", rounds(1))
def test_a_provider_at_its_worst_changes_not_one_word(staged, hearings, mistral, seed):
    script = AtItsWorst(seed, hearings)
    mistral.script(script)
    told = {"MISTRAL_DEADLINE_SECONDS": DEADLINE, "PANEL_CONCURRENCY": 8}
    with staged(pages=seed > 0, **told) as stage:
        stage.wait_for_calls(moments(seed, "down").randint(1, hearings // 2))
        torn = mistral.down()  # refuses connections, and tears those it has
        stage.wait(lambda: stage.is_left_alone, "nobody notices")
        mistral.up()
        stage.until_over()
        assert script.met.keys() >= set(FAULTS)
        stage.check(calls=hearings + script.bad + torn)
        # No more than a failed, a repaired or a torn call each: what was answered is never asked again.
        answered = stage.books.number("SELECT count(*) FROM panel_attempt WHERE outcome = 'answered'")
        assert answered == hearings
        longest = stage.books.number("SELECT max(latency_ms) FROM panel_attempt")
        assert DEADLINE * 1000 <= longest < 2 * DEADLINE * 1000


def test_an_hour_of_retry_after_puts_the_hearing_off_and_nobody_else(staged, hearings, mistral):
    mistral.script(["429:3600"])
    with staged() as stage:
        stage.wait(lambda: stage.heard == hearings - 1, "they wait for the one")
        put_off = stage.books.ask(
            "SELECT attempts, not_before > now() + interval '50 minutes' FROM panel_hearing "
            "WHERE state = 'queued'"
        )
        assert put_off == [(0, True)]
        assert len(mistral.calls) == hearings
        stage.until_over()
        stage.check(calls=hearings + 1)
