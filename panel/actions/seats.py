"""Who sits on the bench: personas and judges as rows, and the hearings one pairing needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from comparisons.cards.facts import canonical_json
from comparisons.cards.models import CardSnapshot
from comparisons.reviews.models import Reviewer
from panel.brief import SANITISER_VERSION
from panel.models import Hearing, Judge, PersonaVersion
from panel.personas import Persona, load_personas
from panel.providers import Kind, Provider
from panel.reply import form_for
from panel.schedule import cache_key, judge_key


@dataclass(frozen=True, slots=True)
class Seat:
    """One persona, as a file and as a row."""

    persona: Persona
    version: PersonaVersion


def take_seats() -> list[Seat]:
    """The personas of today as rows; readers' pages learn of them here too."""
    seats = []
    for persona in load_personas(settings.PERSONAS_DIR):
        version, _ = PersonaVersion.objects.get_or_create(
            sha256=persona.sha256,
            defaults={"slug": persona.slug, "name": persona.name, "text": persona.text},
        )
        profile = {
            "name": persona.name,
            "motto": persona.motto,
            "excites": persona.excites,
            "tires": persona.tires,
            "position": persona.position,
            "questions": [question.record() for question in persona.questions],
            "persona_sha": persona.sha256,
            "active": True,
        }
        Reviewer.objects.update_or_create(slug=persona.slug, defaults=profile)
        seats.append(Seat(persona, version))
    Reviewer.objects.exclude(slug__in=[seat.persona.slug for seat in seats]).update(active=False)
    return seats


def judge_row(provider: Provider) -> Judge:
    judge, _ = Judge.objects.get_or_create(
        key=judge_key(provider.settings()),
        defaults={"kind": provider.kind, "label": provider.label, "settings": provider.settings()},
    )
    return judge


@lru_cache(maxsize=64)
def _schema_sha(persona: Persona, kind: Kind) -> str:
    schema = form_for(persona, kind).model_json_schema()
    return hashlib.sha256(canonical_json(json.loads(json.dumps(schema)))).hexdigest()


def needed_hearings(
    left: CardSnapshot, right: CardSnapshot, *, seats: Iterable[Seat], judge: Judge, both_orders: bool
) -> list[Hearing]:
    """The unsaved hearings of one pairing: a review a card and reviewer, and picks in one or both orders.

    Each snapshot comes with its card loaded.
    """
    shown: list[tuple[Kind, tuple[CardSnapshot, ...]]] = [("review", (left,)), ("review", (right,))]
    if settings.PANEL_PICKS:
        shown.append(("pick", (left, right)))
        if both_orders:
            shown.append(("pick", (right, left)))
    return [_hearing(seat, judge, kind, snapshots) for seat in seats for kind, snapshots in shown]


def _hearing(seat: Seat, judge: Judge, kind: Kind, snapshots: Sequence[CardSnapshot]) -> Hearing:
    key = cache_key(
        kind=kind,
        persona_sha=seat.persona.sha256,
        schema_sha=_schema_sha(seat.persona, kind),
        # The hash alone would let two cards with the same facts share a review; they are two cards.
        snapshot_shas=[f"{snapshot.card.slug}:{snapshot.sha256}" for snapshot in snapshots],
        judge=judge.settings,
        sample=0,
        sanitiser_version=SANITISER_VERSION,
    )
    return Hearing(
        cache_key=key,
        kind=kind,
        persona=seat.version,
        judge=judge,
        first=snapshots[0],
        second=snapshots[1] if len(snapshots) > 1 else None,
        not_before=timezone.now(),
    )


def keep_hearings(hearings: Sequence[Hearing]) -> tuple[dict[str, int], list[int]]:
    """(id by cache key, ids that wait for a worker or a batch). A dead one is wanted again: new tries."""
    once = {hearing.cache_key: hearing for hearing in hearings}
    # In the order of their keys, or two runs that want the same hearings could wait for each other for ever.
    Hearing.objects.bulk_create([once[key] for key in sorted(once)], ignore_conflicts=True)
    keys = [hearing.cache_key for hearing in hearings]
    Hearing.objects.filter(cache_key__in=keys, state=Hearing.State.DEAD).update(
        state=Hearing.State.QUEUED, attempts=0, not_before=timezone.now(), done_at=None
    )
    kept = Hearing.objects.filter(cache_key__in=keys)
    ids = dict(kept.values_list("cache_key", "pk"))
    return ids, sorted(kept.single().values_list("pk", flat=True))
