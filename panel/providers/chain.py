"""Who may speak, in which order, and how to say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from django.conf import settings

from panel.providers import Provider, mistral_setup, ollama_setup, openai_compatible_setup
from panel.providers.ollama import OllamaProvider
from panel.providers.ollama_shelf import shelf
from panel.providers.openai_compatible import OpenAICompatibleProvider
from panel.providers.rubric import RubricProvider

RUBRIC, MISTRAL, OLLAMA, OPENAI_COMPATIBLE = "rubric", "mistral", "ollama", "openai_compatible"
KINDS = (MISTRAL, OLLAMA, OPENAI_COMPATIBLE, RUBRIC)
ALONE = "the rule-based rubric reviews"
# What would let a judge speak that cannot, in the order in which it is said.
REMEDIES = {
    MISTRAL: "set MISTRAL_API_KEY",
    OLLAMA: "start Ollama",
    OPENAI_COMPATIBLE: "set OPENAI_COMPATIBLE_URL",
}
_making = Lock()  # lru_cache alone lets two first callers make one each


def chain(kinds: Sequence[str] | None = None) -> list[Provider]:
    """The judges of these kinds that can speak, in order; without kinds, those of PANEL_JUDGES."""
    wanted = settings.PANEL_JUDGES if kinds is None else kinds
    # The rubric never fails: whoever stood behind it would never be heard.
    last = sorted(wanted, key=lambda kind: kind == RUBRIC)
    return [provider for kind in last if (provider := provider_for(kind)) is not None]


def provider_for(kind: str) -> Provider | None:
    """This process's one instance; None for a judge that has no key and no server, or is unknown."""
    if kind == OLLAMA:
        setup = ollama_setup.Setup.from_settings()
        found = shelf(setup.server)  # outside the lock: it may take a second
        digest = found.digest_of(setup.model) if found else ""
        return _made(setup, digest=digest, version=found.version if found else "") if digest else None
    with _making:
        if kind == RUBRIC:
            return _rubric()
        if kind == MISTRAL and (mistral := mistral_setup.Setup.from_settings()).can_speak:
            return _mistral(mistral)
        if kind == OPENAI_COMPATIBLE and (server := openai_compatible_setup.Setup.from_settings()):
            return _openai_compatible(server)
        return None


def provider_convened(kind: str, as_: Mapping[str, Any]) -> Provider | None:
    """The judge for a hearing that was convened with these settings of it.

    A server that is merely away is no other judge: the call will say so, and the queue tries again.
    """
    if kind == OLLAMA and shelf((setup := ollama_setup.Setup.from_settings()).server) is None:
        return _made(setup, digest=str(as_.get("digest", "")), version="")
    return provider_for(kind)


def describe_chain(kinds: Sequence[str] | None = None) -> str:
    """Who will review, in one line: of these kinds, without kinds of PANEL_JUDGES. Loads no SDK."""
    named = settings.PANEL_JUDGES if kinds is None else kinds
    if unknown := [kind for kind in named if kind not in KINDS]:
        return f"there is no judge called {unknown[0]!r}; there are {', '.join(KINDS)}"
    wanted = [kind for kind in named if kind != RUBRIC]
    rubric = RUBRIC in named
    if not wanted:
        return f"{ALONE}, as PANEL_JUDGES says"
    speakers, notes = [], []
    for kind in wanted:
        speaker, note = _described(kind)
        speakers += [speaker] if speaker else []
        notes += [note] if note else []
    who = "PANEL_JUDGES names" if kinds is None else "--judge named"
    said = _order(speakers, rubric=rubric) if speakers else _nobody(wanted, rubric=rubric, who=who)
    return f"{said} ({'; '.join(notes)})" if notes else said


def _order(speakers: Sequence[str], *, rubric: bool) -> str:
    first, *others = [*speakers, "the rubric"] if rubric else speakers
    behind = ", then ".join(others) + (" does" if len(others) == 1 else "") if others else "its pairings wait"
    return f"{first} reviews; if it fails, {behind}"


def _nobody(wanted: Sequence[str], *, rubric: bool, who: str) -> str:
    missing = "no key found" if MISTRAL in wanted else "no server found"
    # The one server of many that a default would have to guess is named only where it is wanted alone.
    remedies = [said for kind, said in REMEDIES.items() if kind in wanted and kind != OPENAI_COMPATIBLE]
    remedy = " or ".join(remedies or [REMEDIES[OPENAI_COMPATIBLE]])
    if rubric:
        return f"{missing}: {ALONE}; {remedy} for LLM reviewers"
    return f"{missing} and {who} nobody else: nobody reviews; {remedy}"


def _described(kind: str) -> tuple[str, str]:
    """The judge in words, "" when it cannot speak; and what its owner should know of it."""
    if kind == MISTRAL:
        mistral = mistral_setup.Setup.from_settings()
        return (f"{mistral.model} at {mistral.host}", "") if mistral.can_speak else ("", "")
    if kind == OPENAI_COMPATIBLE:
        server = openai_compatible_setup.Setup.from_settings()
        return (f"{server.model} at {server.host}", "") if server else ("", "")
    setup = ollama_setup.Setup.from_settings()
    found = shelf(setup.server)
    if found is None:
        return "", f"Ollama at {setup.host} does not answer" if setup.announced else ""
    if found.digest_of(setup.model):
        return f"{setup.model} at {setup.host}", ""
    others = ", ".join(name for name, _ in found.digests[:5])
    instead = f", or set OLLAMA_MODEL to one it has: {others}" if others else ""
    return "", f"Ollama at {setup.host} has no {setup.model}; run: ollama pull {setup.model}{instead}"


def _made(setup: ollama_setup.Setup, *, digest: str, version: str) -> Provider:
    with _making:
        return _ollama(setup, digest, version)


# Keyed by the settings themselves, so that changed settings never meet a client made from old ones.
@lru_cache(maxsize=4)
def _mistral(setup: mistral_setup.Setup) -> Provider:
    # The SDK takes half a second and 25 MB: only a process that asks pays for it.
    from panel.providers.mistral import MistralProvider  # noqa: PLC0415

    return MistralProvider(setup)


@lru_cache(maxsize=4)
def _ollama(setup: ollama_setup.Setup, digest: str, version: str) -> Provider:
    return OllamaProvider(setup, digest=digest, version=version)


@lru_cache(maxsize=4)
def _openai_compatible(setup: openai_compatible_setup.Setup) -> Provider:
    return OpenAICompatibleProvider(setup)


@lru_cache(maxsize=1)
def _rubric() -> Provider:
    return RubricProvider()
