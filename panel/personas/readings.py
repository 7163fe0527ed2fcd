"""What a persona can read off a card: typed facts under fixed names, each with its words for readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from comparisons.cards.facts import Facts

# Yes/no facts are the words "yes" and "no", so that a persona file compares them like any other value.
Value = str | int | Decimal
Read = Callable[[Facts], Value | None]
Show = Callable[[Facts, Value], str]

DATE = re.compile(r"\d{4}(-\d{2}){0,2}")
SYNONYMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "tools": frozenset({"function calling", "tool use", "tool calling", "tool call", "tools"}),
        "structured_output": frozenset(
            {"structured output", "structured outputs", "json mode", "json schema"}
        ),
        "fill_in_middle": frozenset({"fill in the middle", "fim", "code infilling", "infilling"}),
        "reasoning": frozenset({"reasoning", "thinking", "extended thinking", "hybrid reasoning"}),
    }
)
WAYS: Mapping[str, str] = MappingProxyType(
    {
        "ollama": "Ollama",
        "vllm": "vLLM",
        "llama.cpp": "llama.cpp",
        "hugging_face": "Hugging Face",
        "api": "an API",
    }
)
CLASS_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "permissive": "permissive",
        "weak_conditions": "open with conditions",
        "community": "a community license",
        "non_commercial": "non-commercial",
        "proprietary": "proprietary",
    }
)
IDENTITY_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "found": "found in public catalogs",
        "near": "only a near match in public catalogs",
        "not_found": "not found in public catalogs",
        "conflicting": "sources conflict",
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One fact a persona may score. `read` gives None for unknown; `show` gives it in words."""

    label: str
    read: Read
    show: Show


def blended_price(facts: Facts) -> Decimal | None:
    """USD per 1,000,000 tokens at three tokens in for one out; one price alone stands for both."""
    if facts.price_in is None:
        return facts.price_out
    if facts.price_out is None:
        return facts.price_in
    return (3 * facts.price_in + facts.price_out) / 4


def usd(amount: Decimal) -> str:
    """Dollars as a reader writes them: $0.075, $3, $1.50, $1,200."""
    if amount >= 100:
        return f"${amount:,.0f}"
    text = f"{amount:.3f}".rstrip("0") if amount < 1 else f"{amount:.2f}".removesuffix(".00")
    text = text.removesuffix(".")
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents:0<2}" if cents else f"${whole}"


def number(amount: Decimal | int) -> str:
    """1,048,576 or 3.8, without trailing zeros."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else ("yes" if value else "no")


def _feature(name: str) -> Read:
    def read(facts: Facts) -> str | None:
        if not facts.features:
            return None  # a card without a feature list is silent, not negative
        listed = {re.sub(r"[\s_-]+", " ", feature).strip().casefold() for feature in facts.features}
        return _yes_no(bool(listed & SYNONYMS[name]))

    return read


def _takes(modality: str) -> Read:
    def read(facts: Facts) -> str | None:
        return _yes_no(modality in facts.modalities_in) if facts.modalities_in else None

    return read


def _local(facts: Facts) -> str | None:
    if facts.runs_locally:
        return "yes"
    return "no" if facts.open_weights is False else None


def _hosted(facts: Facts) -> str | None:
    return "yes" if facts.price_provider or blended_price(facts) is not None or facts.ways("api") else None


def _sparse(facts: Facts) -> str | None:
    total, active = facts.params_total_b, facts.params_active_b
    if total is not None and active is not None:
        return _yes_no(active < total)
    if not facts.architecture:
        return None
    return _yes_no(bool(re.search(r"mixture|sparse|\bmoe\b", facts.architecture, re.IGNORECASE)))


def _for_code(facts: Facts) -> str:
    words = f"{facts.category} {facts.best_for} {facts.name}".casefold()
    listed = facts.programming_languages is not None or _feature("fill_in_middle")(facts) == "yes"
    return "yes" if listed or re.search(r"\bcod(e|ing|er|estral)|developer|devstral", words) else "no"


def _date(field: str) -> Read:
    def read(facts: Facts) -> str | None:
        text: str = getattr(facts, field)
        # ISO dates of any precision compare as text, and "2025" counts as before January 2025: a vague
        # date earns no recency it cannot prove.
        return text if DATE.fullmatch(text) else None

    return read


def _license(facts: Facts, value: Value) -> str:
    words = CLASS_WORDS.get(str(value), str(value))
    return f"{facts.license} ({words})" if facts.license and facts.license.casefold() != words else words


def _plain(_: Facts, value: Value) -> str:
    return str(value) if isinstance(value, str) else number(value)


def _unit(unit: str) -> Show:
    return lambda _, value: f"{_plain(_, value)} {unit}"


def _price(facts: Facts, value: Value) -> str:
    if facts.price_in is not None and facts.price_out is not None:
        return f"{usd(facts.price_in)} in, {usd(facts.price_out)} out per million tokens"
    return f"{usd(Decimal(value))} per million tokens"


def _billions(_: Facts, value: Value) -> str:
    return f"{_plain(_, value)} billion"


READINGS: Mapping[str, Reading] = MappingProxyType(
    {
        "license_class": Reading(
            "license", lambda f: None if f.license_class == "unknown" else f.license_class, _license
        ),
        "commercial_use": Reading(
            "commercial use", lambda f: None if f.commercial_use == "unknown" else f.commercial_use, _plain
        ),
        "open_weights": Reading("open weights", lambda f: _yes_no(f.open_weights), _plain),
        "local": Reading("running it yourself", _local, _plain),
        "hosted": Reading("a hosted offer", _hosted, _plain),
        "one_command": Reading(
            "one-command install", lambda f: _yes_no(bool(f.ways("ollama"))) if f.run else None, _plain
        ),
        "ways": Reading(
            "ways to run it",
            lambda f: len({way.kind for way in f.run}) or None,
            lambda f, _: ", ".join(dict.fromkeys(WAYS.get(way.kind, way.kind) for way in f.run)),
        ),
        "price": Reading("price", blended_price, _price),
        "price_basis": Reading(
            "whose price it is",
            lambda f: f.price_basis,
            lambda _, v: str(v).replace("_", " ").replace("first ", "first-"),
        ),
        "free_entry": Reading(
            "a free way in",
            lambda f: (
                _yes_no(f.entry_price.casefold().startswith(("free", "$0 "))) if f.entry_price else None
            ),
            _plain,
        ),
        "context_tokens": Reading("context window", lambda f: f.context_tokens, _unit("tokens")),
        "output_tokens": Reading("output limit", lambda f: f.output_tokens, _unit("tokens")),
        "params_total_b": Reading("size", lambda f: f.params_total_b, _billions),
        "params_active_b": Reading("active parameters", lambda f: f.params_active_b, _billions),
        "sparse": Reading("architecture", _sparse, lambda _, v: "sparse" if v == "yes" else "dense"),
        "modalities": Reading(
            "inputs", lambda f: len(f.modalities_in) or None, lambda f, _: ", ".join(f.modalities_in)
        ),
        "image_in": Reading("image input", _takes("image"), _plain),
        "audio_in": Reading("audio input", _takes("audio"), _plain),
        "tools": Reading("function calling", _feature("tools"), _plain),
        "structured_output": Reading("structured output", _feature("structured_output"), _plain),
        "fill_in_middle": Reading("fill-in-the-middle", _feature("fill_in_middle"), _plain),
        "reasoning": Reading("reasoning mode", _feature("reasoning"), _plain),
        "programming_languages": Reading("programming languages", lambda f: f.programming_languages, _plain),
        "for_code": Reading("made for code", _for_code, _plain),
        "identity": Reading(
            "identity", lambda f: f.identity.status, lambda _, v: IDENTITY_WORDS.get(str(v), str(v))
        ),
        "release_date": Reading("release date", _date("release_date"), _plain),
        "knowledge_cutoff": Reading("knowledge cut-off", _date("knowledge_cutoff"), _plain),
        "claims": Reading("claims by the lab", lambda f: len(f.claims), _plain),
    }
)


def lacking(needs: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    """The needs a card does not meet. A need is one reading, or several of which any will do: `a or b`."""
    return tuple(
        need for need in needs if all(READINGS[name].read(facts) is None for name in need.split(" or "))
    )
