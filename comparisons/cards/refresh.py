"""Fetching the catalogue again, once a day, from the one address that the settings name."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.utils import timezone

from comparisons.audit.actions import note
from comparisons.cards.importing.documents import LARGEST_FILE, parse
from comparisons.cards.importing.read import Document, read_documents
from comparisons.cards.intake import summary, take_in
from comparisons.cards.known import known_cards
from comparisons.ticks.timetable import Job

REFRESH = Job(
    "catalogue", "Fetch the catalog's prices and facts", every=timedelta(days=1), at=timedelta(hours=4)
)
SECONDS = 60.0  # for the whole of it, by the clock


class NotFetched(Exception):
    """The catalogue did not come; the message is a sentence for staff."""


def refresh() -> str:
    """Imports what CATALOGUE_URL holds now; a line for staff. Raises NotFetched, UnusableFile."""
    address = settings.CATALOGUE_URL
    if not address:
        return "Off: CATALOGUE_URL is not set."
    name = urlsplit(address).path.rpartition("/")[2] or "catalogue"
    document = Document(name, parse(fetch(address), name), timezone.now().date())
    reading = read_documents([document], known=known_cards())
    saved = take_in(reading.records)
    said = summary(saved, reading)
    if saved.wrote:
        note(by=None, did="fetched the catalog", about=address, detail={"said": said})
    return said


def fetch(address: str) -> str:
    """The text at `address`: no redirects, no more than an import may hold, within a minute."""
    begun, body = time.monotonic(), bytearray()
    try:
        with httpx2.stream("GET", address, follow_redirects=False, timeout=20.0) as answer:
            if answer.status_code != httpx2.codes.OK:
                raise NotFetched(f"{_host(address)} answered {answer.status_code}.")
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST_FILE:
                    raise NotFetched(f"{_host(address)} sent more than {LARGEST_FILE // 1024**2} MB.")
                if time.monotonic() - begun > SECONDS:
                    raise NotFetched(f"{_host(address)} took longer than {SECONDS:.0f} s.")
        return body.decode("utf-8-sig")
    except httpx2.HTTPError as error:
        raise NotFetched(f"{_host(address)} cannot be reached ({type(error).__name__}).") from None
    except UnicodeDecodeError:
        raise NotFetched(f"{_host(address)} did not send UTF-8 text.") from None


def _host(address: str) -> str:
    return urlsplit(address).netloc
