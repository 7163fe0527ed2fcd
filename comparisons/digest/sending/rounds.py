"""One round of the postman: what came in, what is due, what a dead sender left lying."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from comparisons.digest import doorbell
from comparisons.digest.actions.composing import finish, keep_timetable
from comparisons.digest.actions.subscribing import READ_AT_ONCE, forget_unconfirmed, read_sign_ups
from comparisons.digest.models import Delivery, Outlet, SignUp
from comparisons.digest.sending.desk import end_leases
from comparisons.digest.sending.sender import Sender
from comparisons.switches.models import Switch
from comparisons.switches.state import sentence

# Of one task: shorter than any broker's patience with an unfinished one.
SECONDS = 45.0


def tick() -> str:
    """Beat's: cheap when there is nothing to do. A line for staff."""
    if stopped := sentence(Switch.Name.WRITING):
        return stopped
    end_leases()
    forget_unconfirmed()
    keep_timetable(weekday=settings.DIGEST_WEEKDAY, hour=settings.DIGEST_HOUR)
    finish()
    if not is_due():
        return "nothing due"
    doorbell.ring()
    return "rang for the mail that is due"


def send(seconds: float = SECONDS) -> None:
    """Reads what was asked, sends what is due, and rings for another round when time was too short."""
    if sentence(Switch.Name.WRITING):
        return  # whoever moves the database must not find mail sent that it knows nothing of
    while read_sign_ups() == READ_AT_ONCE:
        pass
    Sender(seconds=seconds).run()
    finish()
    if is_due():
        doorbell.ring()


def is_due() -> bool:
    """Whether a round would find something to do now."""
    now = timezone.now()
    if SignUp.objects.exists():
        return True
    if not Delivery.objects.filter(state=Delivery.State.QUEUED, not_before__lte=now).exists():
        return False
    return not Outlet.objects.filter(Q(paused_until__gt=now) | Q(held_until__gt=now)).exists()
