"""Stopping something and letting it run again."""

from __future__ import annotations

from django.db import transaction

from comparisons.audit.actions import note
from comparisons.people.models import User
from comparisons.switches.models import Switch
from comparisons.switches.state import reread


class ReasonMissing(ValueError):
    """Readers are told why; the message is a sentence for the form."""


@transaction.atomic
def turn(*, name: Switch.Name, stopped: bool, by: User | None, reason: str = "") -> bool:
    """Turns a switch and says whether that changed anything. Raises ReasonMissing."""
    reason = reason.strip()[:120]
    if stopped and not reason:
        raise ReasonMissing("Say why: readers see it where they would have written.")
    Switch.objects.get_or_create(name=name)
    turned = Switch.objects.filter(name=name).exclude(stopped=stopped, reason=reason if stopped else "")
    switch = turned.select_for_update().first()
    if switch is None:
        return False
    switch.stopped, switch.reason, switch.changed_by = stopped, reason if stopped else "", by
    switch.save()
    verb = "stopped" if stopped else "let run"
    note(by=by, did=f"{verb}: {switch.get_name_display()}", detail={"reason": reason} if reason else {})
    transaction.on_commit(reread)
    return True
