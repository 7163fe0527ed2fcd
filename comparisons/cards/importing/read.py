"""Files in, records out: which format a file has is seen from what it holds, not from its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from comparisons.cards.importing import card_files, models_dev
from comparisons.cards.importing.card_files import LabEntry
from comparisons.cards.importing.documents import load
from comparisons.cards.importing.models_dev import Known
from comparisons.cards.importing.problems import Problem, UnusableFile
from comparisons.cards.records import CardRecord

# In a folder of card files this one names the pairings to convene first, not cards.
FEATURED = "featured.yaml"


@dataclass(slots=True)
class Reading:
    """What all files hold: complete records, card files first, and what had to be refused."""

    records: list[CardRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """What one file or text holds, and the day it was fetched."""

    name: str
    value: object
    seen_on: date


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files to read, a folder's in the order of their names. Raises UnusableFile."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                inner
                for inner in path.iterdir()
                if inner.suffix in {".yaml", ".yml", ".json"} and inner.name != FEATURED and inner.is_file()
            )
            if not inside:
                raise UnusableFile(f"{path}: the folder holds no .yaml or .json file.")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise UnusableFile(f"{path}: no such file or folder.")
    return list(dict.fromkeys(files))


def read_files(files: Iterable[Path], *, known: Known, seen_on: date | None = None) -> Reading:
    """Reads every file before anything is saved. Raises UnusableFile.

    `seen_on` is the day a catalogue was fetched; by default that of its file.
    """
    documents = (
        Document(path.name, load(path), seen_on or datetime.fromtimestamp(path.stat().st_mtime, UTC).date())
        for path in files
    )
    return read_documents(documents, known=known)


def read_documents(documents: Iterable[Document], *, known: Known) -> Reading:
    """Card files come first whatever the order: a catalogue has to know the cards it adds to, and importing
    both at once has to end where importing one after the other does. Raises UnusableFile.
    """
    reading = Reading()
    cards: list[tuple[str, card_files.CardEntry]] = []
    labs: dict[str, LabEntry] = {}
    catalogues: list[tuple[Document, dict[str, Any]]] = []
    for document in documents:
        name, value = document.name, document.value
        if card_files.recognizes(value):
            found = card_files.read(value, name)
            cards += [(name, entry) for entry in found.cards]
            reading.problems += found.problems
            reading.refused += found.refused + _add_labs(labs, found.labs, name, reading.problems)
        elif models_dev.recognizes(value):
            catalogues.append((document, value))
        else:
            raise UnusableFile(f"{name}: {_unknown(value)}")
        reading.files += 1
    _add_cards(reading, cards, labs, known)
    known = known.and_cards(reading.records)
    for document, value in catalogues:
        catalogue = models_dev.read(value, document.name, seen_on=document.seen_on, known=known)
        reading.problems += catalogue.problems
        reading.refused += catalogue.refused
        reading.records += catalogue.records
    return reading


def _unknown(document: object) -> str:
    if document is None:
        return "the file is empty."
    return "is neither a card file (labs, cards) nor the api.json of models.dev."


def _add_labs(labs: dict[str, LabEntry], found: list[LabEntry], file: str, problems: list[Problem]) -> int:
    refused = 0
    for lab in found:
        # Files may repeat a lab so that each can be read alone, but then they say the same.
        if lab != labs.setdefault(lab.slug, lab):
            problems.append(Problem(file, f"lab {lab.slug}", "", "differs from an earlier entry."))
            refused += 1
    return refused


def _add_cards(
    reading: Reading,
    cards: list[tuple[str, card_files.CardEntry]],
    labs: dict[str, LabEntry],
    known: Known,
) -> None:
    first_in: dict[str, str] = {}
    for file, entry in cards:
        lab = labs.get(entry.lab)
        if lab is None and entry.lab in known.labs:
            lab = LabEntry(slug=entry.lab, name=known.labs[entry.lab])
        if lab is None:
            problem = ("lab", f"'{entry.lab}' is not a lab of these files or of the site.")
        elif entry.slug in first_in:
            problem = ("slug", f"the card is already in {first_in[entry.slug]}.")
        else:
            first_in[entry.slug] = file
            reading.records.append(card_files.record(entry, lab))
            continue
        reading.problems.append(Problem(file, f"card {entry.slug}", *problem))
        reading.refused += 1
