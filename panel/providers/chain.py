"""Who may speak, in which order, and how to say so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

from django.conf import settings

from panel.providers import Provider
from panel.providers.mistral_setup import Setup
from panel.providers.rubric import RubricProvider

RUBRIC, MISTRAL = "rubric", "mistral"
ALONE = "the rule-based rubric reviews"
_making = Lock()  # lru_cache alone lets two first callers make one each


def chain(kinds: Sequence[str] | None = None) -> list[Provider]:
    """The judges of these kinds that can speak, in order; without kinds, those of PANEL_JUDGES."""
    wanted = settings.PANEL_JUDGES if kinds is None else kinds
    # The rubric never fails: whoever stood behind it would never be heard.
    last = sorted(wanted, key=lambda kind: kind == RUBRIC)
    return [provider for kind in last if (provider := provider_for(kind)) is not None]


def provider_for(kind: str) -> Provider | None:
    """This process's one instance; None for a judge that has no key and no server, or is unknown."""
    with _making:
        if kind == RUBRIC:
            return _rubric()
        if kind == MISTRAL and (setup := Setup.from_settings()).can_speak:
            return _mistral(setup)
        return None


def describe_chain() -> str:
    """Who will review, in one line. Loads no SDK."""
    setup = Setup.from_settings()
    rubric = RUBRIC in settings.PANEL_JUDGES
    if MISTRAL not in settings.PANEL_JUDGES:
        return f"{ALONE}, as PANEL_JUDGES says"
    if setup.can_speak:
        fallback = "the rubric does" if rubric else "its pairings wait"
        return f"{setup.model} at {setup.host} reviews; if it fails, {fallback}"
    if rubric:
        return f"no key found: {ALONE}; set MISTRAL_API_KEY or start Ollama for LLM reviewers"
    return "no key found and PANEL_JUDGES names nobody else: nobody reviews; set MISTRAL_API_KEY"


# Keyed by the settings themselves, so that changed settings never meet a client made from old ones.
@lru_cache(maxsize=4)
def _mistral(setup: Setup) -> Provider:
    # The SDK takes half a second and 25 MB: only a process that asks pays for it.
    from panel.providers.mistral import MistralProvider  # noqa: PLC0415

    return MistralProvider(setup)


@lru_cache(maxsize=1)
def _rubric() -> Provider:
    return RubricProvider()
