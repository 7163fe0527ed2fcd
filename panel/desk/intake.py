"""Cards pasted at the desk: read, previewed, taken in."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from comparisons.audit.actions import note
from comparisons.cards.importing.documents import parse
from comparisons.cards.importing.problems import Problem, UnusableFile
from comparisons.cards.importing.read import Document, read_documents
from comparisons.cards.intake import summary, take_in
from comparisons.cards.known import known_cards
from comparisons.cards.records import Outcome
from comparisons.people.models import User

NAME = "pasted"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became, or would become, of a text."""

    outcomes: list[tuple[str, Outcome]]  # slug and "created" or "changed", in the text's order
    unchanged: int
    problems: list[Problem]
    said: str
    refused_all: bool = False


@transaction.atomic
def take_in_text(text: str, *, by: User, strict: bool, preview: bool) -> Taken:
    """Imports the text's cards, or with `preview` says what that would do. Raises UnusableFile."""
    # PostgreSQL stores no NUL; no card file means one.
    if "\x00" in text:
        raise UnusableFile(f"{NAME}: holds a NUL character.")
    document = Document(NAME, parse(text, NAME), timezone.now().date())
    reading = read_documents([document], known=known_cards())
    if strict and reading.problems:
        said = f"{reading.refused:,} refused, so nothing is written: all or nothing was asked for."
        return Taken([], 0, reading.problems, said, refused_all=True)
    saved = take_in(reading.records, whole=True, dry_run=preview)
    said = summary(saved, reading, dry_run=preview)
    if saved.wrote and not preview:
        note(by=by, did="imported cards", about=", ".join(saved.outcomes)[:200], detail={"said": said})
    told = {slug: outcome for slug, outcome in saved.outcomes.items() if outcome != "unchanged"}
    return Taken(list(told.items()), saved.counts["unchanged"], reading.problems, said)
