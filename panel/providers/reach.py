"""Whether each judge could be asked now, found out without a call that costs anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from panel.providers import mistral_setup, ollama_setup, openai_compatible_setup, setup
from panel.providers.chain import MISTRAL, OLLAMA, OPENAI_COMPATIBLE
from panel.providers.faults import BAD_KEY
from panel.providers.ollama_shelf import shelf
from panel.providers.wire import Cut, Wire, exchange

PATIENCE_SECONDS = 5.0
OK = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """One of `said` (it speaks), `absent` (nobody asked for it), `fault` with `mend`."""

    kind: str
    said: str = ""
    absent: str = ""
    fault: str = ""
    mend: str = ""


def judges() -> Iterator[Reach]:
    """Those of PANEL_JUDGES, in order."""
    looks = {MISTRAL: _mistral, OLLAMA: _ollama, OPENAI_COMPATIBLE: _openai_compatible}
    for kind in settings.PANEL_JUDGES:
        try:
            yield looks[kind]() if kind in looks else Reach(kind, said="speaks by itself.")
        except ImproperlyConfigured as error:
            yield Reach(kind, fault=str(error), mend="Correct the variable.")


def _mistral() -> Reach:
    mistral = mistral_setup.Setup.from_settings()
    if not mistral.can_speak:
        return Reach(MISTRAL, absent="no MISTRAL_API_KEY, so it is passed over.")
    return _listed(MISTRAL, mistral)


def _openai_compatible() -> Reach:
    server = openai_compatible_setup.Setup.from_settings()
    if server is None:
        return Reach(OPENAI_COMPATIBLE, absent="no OPENAI_COMPATIBLE_URL, so it is passed over.")
    return _listed(OPENAI_COMPATIBLE, server)


def _ollama() -> Reach:
    ollama = ollama_setup.Setup.from_settings()
    found = shelf(ollama.server)
    if found is None and not ollama.announced:
        return Reach(OLLAMA, absent="no OLLAMA_URL and nobody at its usual place, so it is passed over.")
    if found is None:
        return Reach(OLLAMA, fault=f"{ollama.host} does not answer.", mend="Start it, or correct OLLAMA_URL.")
    if not found.digest_of(ollama.model):
        missing = f"{ollama.host} has no {ollama.model}."
        return Reach(OLLAMA, fault=missing, mend=f"Run: ollama pull {ollama.model}")
    return Reach(OLLAMA, said=f"{ollama.model} at {ollama.host}.")


def _listed(kind: str, told: setup.Setup) -> Reach:
    """Asks for the list of models, which needs the key and costs nothing."""
    wire = Wire(told.server, key=told.key, connections=1)
    try:
        with exchange(PATIENCE_SECONDS):
            answer = wire.handle_request(httpx2.Request("GET", f"{told.server}/v1/models"))
    except Cut as cut:
        return Reach(kind, fault=f"{told.host}: {cut}", mend=f"Correct {told.URL_SETTING}, or the network.")
    finally:
        wire.close()
    if answer.status_code in BAD_KEY:
        fault = f"{told.host} refuses the key ({answer.status_code})."
        return Reach(kind, fault=fault, mend=f"Correct {told.KEY_SETTING}.")
    if answer.status_code != OK:
        fault = f"{told.host} answers {answer.status_code} to a request for its models."
        return Reach(kind, fault=fault, mend="Look at the provider's status page; hearings wait meanwhile.")
    return Reach(kind, said=f"{told.model} at {told.host}.")
