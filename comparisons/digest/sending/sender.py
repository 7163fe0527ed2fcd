"""Sends what is due: over several connections, at a steady rate, and not against a wall."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from email.utils import format_datetime
from uuid import uuid4

from django.conf import settings
from django.core import mail as django_mail
from django.db import connection
from django.utils import timezone

from comparisons.digest.letters import letter, message_id
from comparisons.digest.mime import Slot
from comparisons.digest.sending import outlet
from comparisons.digest.sending.answers import Lost, Outcome, Unreachable, again, outcome, unknown
from comparisons.digest.sending.backend import sent_by
from comparisons.digest.sending.desk import Claimed, Desk
from comparisons.digest.sending.outlet import Pace
from comparisons.digest.sending.smtp import Line

log = logging.getLogger(__name__)

SMTP = "django.core.mail.backends.smtp.EmailBackend"
PATIENCE = 10  # troubles in a row, until there is a pause
UNREACHABLE = PATIENCE  # a server that is not there is trouble enough
AT_ONCE = 0.02  # seconds that an envelope may wait for its turn before its text
Told = tuple[Claimed, Outcome]

# Set when this process is to end: what is under way is finished, and nothing else begun.
ending = threading.Event()


class Sender:
    """One run. Threads share its rate, its patience and its end."""

    def __init__(self, *, seconds: float) -> None:
        self._holder = uuid4()
        self._deadline = time.monotonic() + seconds
        self._pace = Pace(*settings.DIGEST_RATE)
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._troubles = 0
        self._last_trouble = ""
        self._took = False

    def run(self) -> None:
        """Returns when nothing is due, time is up, or the server does not want. Two at once: one returns."""
        if not outlet.take(self._holder):
            return
        work = self._smtp if settings.EMAIL_BACKEND == SMTP else self._backend
        threads = [
            threading.Thread(target=self._thread, args=(work,), name=f"digest-{number}", daemon=True)
            for number in range(settings.DIGEST_CONNECTIONS)
        ]
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                threads[0].join(1) if threads[0].is_alive() else time.sleep(0.05)
                if time.monotonic() > self._deadline or ending.is_set():
                    self._stopped.set()
                outlet.take(self._holder)
        finally:
            if self._troubles >= PATIENCE:
                log.warning("The digest pauses: %s", self._last_trouble)
                outlet.pause(self._last_trouble)
            elif self._took:
                outlet.trouble_is_over()
            outlet.leave(self._holder)

    # --- one thread --------------------------------------------------------------------------------
    def _thread(self, work: Callable[[Desk], None]) -> None:
        desk = Desk()
        try:
            work(desk)
        except Exception as error:
            # Ours, so the next round would meet it at once: a pause, or it would be a loop.
            log.exception("A connection of the digest ended badly; its claims run out by themselves.")
            self._note_trouble(f"{type(error).__name__}: {error}", PATIENCE)
        finally:
            try:
                desk.put_back()
            finally:
                connection.close()

    def _next(self, desk: Desk, *, within: float | None = None) -> Claimed | None:
        """The next mail when its turn has come; None at the end, or when its turn is further away."""
        if self._stopped.is_set() or ending.is_set() or (wait := self._pace.turn(within=within)) is None:
            return None
        if wait and self._stopped.wait(wait):
            return None
        return desk.next()

    def _smtp(self, desk: Desk) -> None:
        mail = self._next(desk)
        while mail is not None:
            try:
                line = Line()
            except Unreachable as error:
                desk.put_back(mail)
                self._note_trouble(str(error), UNREACHABLE)
                return
            try:
                mail = self._talk(line, desk, mail) or self._next(desk)
            finally:
                line.close()
        desk.put_back()

    def _talk(self, line: Line, desk: Desk, mail: Claimed) -> Claimed | None:
        """Sends until the connection ends; what was claimed and not begun then is left for the next one."""
        told: Told | None = None  # answered, and written down together with the next beginning
        following: Claimed | None = None
        begun = False
        try:
            line.offer(mail.email)
            while True:
                begun = False
                refusal = line.answer_to_offer()
                if refusal is not None:
                    self._settle(desk, told, (mail, self._heard(outcome(refusal, attempts=mail.attempts))))
                elif not desk.begin(mail, told):
                    # The server waits for a text that must not go out; only hanging up takes the offer back.
                    return None
                else:
                    begun = True
                    following = self._next(desk, within=AT_ONCE)
                    answer = line.text(_text(mail), following.email if following else None)
                    told = (mail, self._heard(outcome(answer, attempts=mail.attempts)))
                    if following is not None and not line.closing:
                        mail, following = following, None
                        continue
                    desk.tell(*told)
                told = None
                if line.closing:
                    return following
                mail_or_none = self._next(desk)
                if mail_or_none is None:
                    line.quit()
                    return None
                mail = mail_or_none
                line.offer(mail.email)
        except Lost as lost:
            fate = unknown(str(lost)) if lost.maybe_taken else again(str(lost), mail.attempts)
            self._settle(desk, None if begun else told, (mail, self._heard(fate)))
            return following

    def _backend(self, desk: Desk) -> None:
        backend = django_mail.get_connection()
        try:
            while (mail := self._next(desk)) is not None:
                if desk.begin(mail):
                    desk.tell(mail, self._heard(sent_by(backend, mail, letter(mail.kind, mail.edition))))
        finally:
            backend.close()

    # --- what was heard ----------------------------------------------------------------------------
    def _settle(self, desk: Desk, *outcomes: Told | None) -> None:
        for told in outcomes:
            if told is not None:
                desk.tell(*told)

    def _heard(self, outcome: Outcome) -> Outcome:
        if outcome.ours:
            self._note_trouble(outcome.answer)
        elif outcome.state == "sent":
            with self._lock:
                self._troubles, self._took = 0, True
        return outcome

    def _note_trouble(self, words: str, weight: int = 1) -> None:
        with self._lock:
            self._troubles += weight
            self._last_trouble = words
            if self._troubles >= PATIENCE:
                self._stopped.set()


def _text(mail: Claimed) -> bytes:
    return letter(mail.kind, mail.edition).pattern.fill(
        {
            Slot.TO: mail.email.encode("ascii"),
            Slot.MESSAGE_ID: message_id(mail.message_id).encode("ascii"),
            Slot.DATE: format_datetime(timezone.now()).encode("ascii"),
            Slot.TOKEN: mail.link_token.encode("ascii"),
        }
    )
