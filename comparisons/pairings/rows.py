"""The rows of the decision table: the facts each is made of, and how one card words them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from comparisons.cards.facts import Facts
from comparisons.pairings.prices import Line, Offered, ways_in
from comparisons.templatetags.figures import (
    UNKNOWN,
    modalities,
    params,
    partial_date,
    percent_n,
    short_tokens,
)

LICENSE_WORDS = {
    "permissive": "permissive",
    "weak_conditions": "open with conditions",
    "community": "community license",
    "non_commercial": "non-commercial",
    "proprietary": "proprietary",
}
COMMERCIAL_WORDS = {"yes": "allowed", "no": "not allowed", "conditional": "with conditions"}
IDENTITY_WORDS = {
    "found": "found in public catalogs",
    "near": "only a near name in public catalogs",
    "not_found": "not found in public catalogs",
    "conflicting": "catalogs contradict each other",
}
RUNNER_WORDS = {"ollama": "Ollama", "vllm": "vLLM", "llama.cpp": "llama.cpp", "hugging_face": "Hugging Face"}


@dataclass(frozen=True, slots=True)
class Side:
    """What the table is told of one card."""

    facts: Facts
    offers: tuple[Offered, ...] = ()
    panel: str = ""  # "Ship · 4 ship / 0 skip", "" before a verdict
    community: tuple[int, int] = (0, 0)  # ships, votes
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conflicts: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class RowKind:
    """One row before it meets two cards."""

    key: str
    label: str
    fields: tuple[str, ...]  # of the card, for its sources and conflicts
    lines: Callable[[Side], tuple[Line, ...]]
    always: bool = True  # shown even when neither side knows
    window: str = ""  # the field to compare by size instead of by words
    missing: str = UNKNOWN  # the word for a side without lines


def _text(words: str, note: str = "") -> tuple[Line, ...]:
    return (Line(words, note),) if words else ()


def _community(side: Side) -> tuple[Line, ...]:
    ships, votes = side.community
    return _text(f"{percent_n(ships, votes)} would ship" if votes else "")


def _license(side: Side) -> tuple[Line, ...]:
    name, note = side.facts.license, LICENSE_WORDS.get(side.facts.license_class, "")
    # "Proprietary, proprietary" helps nobody.
    return _text(name or note, note if name.casefold() != note else "")


def _parameters(side: Side) -> tuple[Line, ...]:
    counts = ((side.facts.params_total_b, "total"), (side.facts.params_active_b, "active"))
    return _text(", ".join(f"{params(count)} {which}" for count, which in counts if count is not None))


def _window(name: str) -> Callable[[Side], tuple[Line, ...]]:
    read = attrgetter(name)

    def lines(side: Side) -> tuple[Line, ...]:
        tokens = read(side.facts)
        return () if tokens is None else _text(f"{short_tokens(tokens)} tokens", f"{tokens:,}")

    return lines


def _words(name: str) -> Callable[[Side], tuple[Line, ...]]:
    read = attrgetter(name)
    return lambda side: _text(str(read(side.facts)))


def _date(name: str) -> Callable[[Side], tuple[Line, ...]]:
    read = attrgetter(name)
    return lambda side: _text(partial_date(read(side.facts)) if read(side.facts) else "")


def _modalities(side: Side) -> tuple[Line, ...]:
    into, out = (
        _listed(modalities(kinds)) for kinds in (side.facts.modalities_in, side.facts.modalities_out)
    )
    return _text(f"{into} → {out}" if into and out else into or out)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _languages(side: Side) -> tuple[Line, ...]:
    count = side.facts.programming_languages
    return () if count is None else _text(f"{count:,}")


def _local(side: Side) -> tuple[Line, ...]:
    """Commands to copy first, then the other runners by name, then what hardware it wants."""
    facts = side.facts
    ways = sorted((way for way in facts.run if way.kind != "api"), key=lambda way: not way.command)
    lines = [Line(RUNNER_WORDS.get(way.kind, way.kind), way.note, way.command) for way in ways]
    if not lines and facts.open_weights:
        lines = [Line("weights can be downloaded", "no runner listed")]
    if not lines and facts.open_weights is False:
        lines = [Line("no: hosted only")]
    if lines and facts.hardware_note:
        lines.append(Line("", facts.hardware_note))
    return tuple(lines)


ROWS = (
    RowKind("panel", "Panel verdict", (), lambda side: _text(side.panel), missing="no verdict"),
    RowKind("community", "Community", (), _community, missing="no votes yet"),
    RowKind(
        "price",
        "Price, every way in",
        ("entry_price", "pricing_note", "price_in", "price_out"),
        lambda side: ways_in(side.facts, side.offers),
    ),
    RowKind("best_for", "Best for", ("best_for",), _words("best_for")),
    RowKind("category", "Category", ("category",), _words("category")),
    RowKind("license", "License", ("license", "license_class"), _license),
    RowKind(
        "commercial",
        "Commercial use",
        ("commercial_use",),
        lambda side: _text(COMMERCIAL_WORDS.get(side.facts.commercial_use, "")),
    ),
    RowKind("parameters", "Parameters", ("params_total_b", "params_active_b"), _parameters),
    RowKind("architecture", "Architecture", ("architecture",), _words("architecture"), always=False),
    RowKind(
        "context", "Context window", ("context_tokens",), _window("context_tokens"), window="context_tokens"
    ),
    RowKind("output", "Longest answer", ("output_tokens",), _window("output_tokens"), window="output_tokens"),
    RowKind("modalities", "Modalities", ("modalities_in", "modalities_out"), _modalities),
    RowKind(
        "features", "Features", ("features",), lambda side: _text(_listed(side.facts.features)), always=False
    ),
    RowKind("languages", "Programming languages", ("programming_languages",), _languages, always=False),
    RowKind("local", "Run it locally", ("run", "open_weights", "weights_url", "hardware_note"), _local),
    RowKind("released", "Released", ("release_date",), _date("release_date")),
    RowKind("cutoff", "Knowledge until", ("knowledge_cutoff",), _date("knowledge_cutoff"), always=False),
    RowKind(
        "identity",
        "Listed elsewhere",
        ("identity",),
        lambda side: _text(IDENTITY_WORDS[side.facts.identity.status], side.facts.identity.note),
    ),
)
