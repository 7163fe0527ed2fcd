"""Who holds a hearing: claimed under a lease and a fence by one conditional statement."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from comparisons.cards.models import CardSnapshot
from panel.leases import lease_from
from panel.models import MAX_ATTEMPTS, Hearing, Judge, PersonaVersion, Run

# One statement claims, reads the row and finds a run that wants it. Of two claimers the second waits for the
# row, finds it running, and gets nothing. The ORM needs three statements and ten times the processor for it.
_CLAIM = """
UPDATE panel_hearing
SET state = 'running', fence = fence + 1, attempts = attempts + 1, lease_until = %(lease)s
FROM (
    SELECT sitting.run_id
    FROM panel_sitting_hearings seat
    JOIN panel_sitting sitting ON sitting.id = seat.sitting_id AND sitting.state = 'open'
    JOIN panel_run run ON run.id = sitting.run_id AND run.state = 'running'
    WHERE seat.hearing_id = %(hearing)s
      AND NOT EXISTS (SELECT 1 FROM comparisons_switch WHERE stopped AND name IN ('panel', 'writing'))
    LIMIT 1
) wanted
WHERE panel_hearing.id = %(hearing)s AND panel_hearing.state = 'queued' AND panel_hearing.batch_id IS NULL
  AND panel_hearing.not_before <= %(now)s AND panel_hearing.attempts < %(most)s
RETURNING panel_hearing.id, kind, persona_id, judge_id, first_id, second_id, sample, panel_hearing.state,
          fence, attempts, lease_until, wanted.run_id AS wanted_by
"""

_KEEP = """
UPDATE panel_hearing
SET state = 'done', lease_until = NULL, answer = %(answer)s::jsonb, receipt_id = %(receipt)s,
    done_at = %(now)s, last_error = ''
WHERE id = %(hearing)s AND fence = %(fence)s AND state IN ('running', 'queued')
"""


def claim(hearing_id: int) -> Hearing | None:
    """The hearing under a new fence and lease, or None when it is not due, not free, or not wanted."""
    now = timezone.now()
    values = {"hearing": hearing_id, "now": now, "lease": lease_from(now), "most": MAX_ATTEMPTS}
    for hearing in Hearing.objects.raw(_CLAIM, values):
        hearing.persona = _persona(hearing.persona_id)
        hearing.judge = _judge(hearing.judge_id)
        hearing.first = _snapshot(hearing.first_id)
        hearing.second = None if hearing.second_id is None else _snapshot(hearing.second_id)
        return hearing
    return None


def keep(hearing: Hearing, answer: dict[str, Any], *, receipt_id: UUID) -> bool:
    """Keeps the answer unless somebody else claimed the hearing meanwhile; says whether it did."""
    values: dict[str, Any] = {"answer": json.dumps(answer), "receipt": receipt_id, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values | {"hearing": hearing.pk, "fence": hearing.fence})
        return bool(cursor.rowcount)


def wanted_by(hearing: Hearing) -> Run:
    """The run that a claimed hearing is asked for. Only its key is loaded: a receipt needs no more."""
    return Run(pk=hearing.wanted_by)  # type: ignore[attr-defined]  # named in the statement above


# Rows that are never changed, so a process may keep those it has seen: a reviewer, a judge and a card come
# back with every other hearing.
@lru_cache(maxsize=64)
def _persona(pk: int) -> PersonaVersion:
    return PersonaVersion.objects.get(pk=pk)


@lru_cache(maxsize=64)
def _judge(pk: int) -> Judge:
    return Judge.objects.get(pk=pk)


@lru_cache(maxsize=256)
def _snapshot(pk: int) -> CardSnapshot:
    return CardSnapshot.objects.get(pk=pk)
