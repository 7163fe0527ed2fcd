"""What an attempt came to, and what follows from it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Phase = Literal["connect", "mail", "rcpt", "data", "end"]
State = Literal["sent", "bounced", "failed", "unknown", "queued"]

MOST_ATTEMPTS = 6
# A refused recipient whom nobody calls unknown may be our own fault ("relaying denied"), of a whole issue.
MOST_REFUSALS = 3
FIRST_WAIT = timedelta(minutes=1)
# Enhanced codes (RFC 3463) that say the mailbox itself is gone. 5.7.1 and the like speak of us, not of it.
NOBODY_THERE = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
LONGEST = 300


class Lost(Exception):
    """The connection broke. `maybe_taken` only if the whole text had gone out and no answer came back."""

    def __init__(self, why: str, *, maybe_taken: bool) -> None:
        super().__init__(why)
        self.maybe_taken = maybe_taken


class Unreachable(Exception):
    """No connection came about: nothing was offered to anybody."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's own words about one mail."""

    phase: Phase
    code: int
    text: str

    @property
    def words(self) -> str:
        return f"{self.code} {self.text}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state a delivery takes. `queued` means again, after `wait`."""

    state: State
    answer: str
    wait: timedelta | None = None
    hard: bool = False  # the mailbox does not exist
    ours: bool = False  # speaks against us or the server, not against this address
    provider_id: str = ""


def outcome(answer: Answer, *, attempts: int) -> Outcome:
    """`attempts`: how many tries were refused before this one."""
    words, at_the_end = answer.words, answer.phase == "end"
    fate = again(words, attempts)
    if at_the_end and not 400 <= answer.code < 600:
        # What is no refusal and no "taken" proves neither.
        fate = Outcome("sent", words) if 200 <= answer.code < 300 else unknown(words)
    elif at_the_end and answer.code >= 500:
        fate = Outcome("failed", words, ours=True)
    elif answer.phase == "rcpt" and 400 <= answer.code < 500:
        fate = again(words, attempts, ours=False)  # greylisting is no trouble
    elif answer.phase == "rcpt" and NOBODY_THERE.search(answer.text):
        fate = Outcome("bounced", words, hard=True)
    elif answer.phase == "rcpt" and attempts + 1 >= MOST_REFUSALS:
        fate = Outcome("bounced", words, ours=True)
    return fate


def again(words: str, attempts: int, *, ours: bool = True) -> Outcome:
    """Not taken, provably: 1, 4, 16, 64 … minutes later, and given up after MOST_ATTEMPTS."""
    if attempts + 1 >= MOST_ATTEMPTS:
        return Outcome("failed", words, ours=ours)
    return Outcome("queued", words, wait=FIRST_WAIT * 4**attempts, ours=ours)


def unknown(words: str) -> Outcome:
    """The text went out and nobody knows what became of it: never again by a machine."""
    return Outcome("unknown", words, ours=True)


def without(address: str, words: str) -> str:
    """Servers repeat the address they refuse; what is kept of a mail must outlive its erasure."""
    plain = " ".join(words.split())
    if address.lower() in plain.lower():  # a pattern for each address would take longer than the mail
        plain = re.sub(re.escape(address), "<address>", plain, flags=re.IGNORECASE)
    return plain[:LONGEST]
