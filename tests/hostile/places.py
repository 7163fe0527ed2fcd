"""The corpus on real pages: wherever text from outside is shown."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from urllib.parse import quote

from comparisons.cards.actions import save_cards
from comparisons.cards.models import Card
from comparisons.counterpoints.actions import Words, submit
from comparisons.counterpoints.forms import plain
from comparisons.counterpoints.models import SHOWN, Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer
from tests.articles.conftest import age, make_article
from tests.factories.cards import make_lab, make_offer, make_record
from tests.factories.reviews import make_reviewers, make_verdict
from tests.hostile.corpus import CORPUS

PER_QUERY = 100  # characters that a search takes
PARAGRAPH = 12_000
DESCRIBED = 14  # cards that together describe themselves by the whole corpus; the others have names of it
SEARCHES = 9  # each of some three payloads that would break out of an attribute or a sentence


def all_pages() -> list[str]:
    """Fills the site; the addresses of the pages that together show every payload in every place."""
    cards = _cards()
    return [
        *_counterpoints(cards), _article(), *_panel(cards), "/models/", "/reviewers/", "/reviewers/skeptic/",
        "/compare/", "/", *(f"/models/{card.slug}/" for card in cards[:DESCRIBED]), *_searches(),
    ]  # fmt: skip


def chunks(payloads: Sequence[str], most: int) -> Iterator[str]:
    """The payloads side by side, as many as fit; none is cut, so one that is too long is left out."""
    chunk = ""
    for payload in payloads:
        if len(payload) > most:
            continue
        if chunk and len(chunk) + 1 + len(payload) > most:
            yield chunk
            chunk = ""
        chunk = f"{chunk} {payload}" if chunk else payload
    if chunk:
        yield chunk


def _cards() -> list[Card]:
    """Not through the importers, which refuse most of it: the pages must bear what they let through."""
    shown = [plain(payload) for payload in CORPUS]
    names, tags, texts = list(chunks(shown, 150)), list(chunks(shown, 190)), list(chunks(shown, 2_000))
    make_lab("hostile-lab", name=names[0][:110], url="https://evil.example/?<script>alert(1)</script>")
    assert len(texts) <= 3 * DESCRIBED
    records = []
    for n, (name, tag) in enumerate(zip(names, tags, strict=False)):
        text = [texts[(3 * n + at) % len(texts)] for at in range(3)]
        records.append(
            make_record(
                f"hostile-{n:03}", lab="hostile-lab", lab_name=names[0][:110], name=name, tagline=tag,
                description=text[0], best_for=text[1], pricing_note=text[2], license=tag,
                hardware_note=name, category=name[:60],
                offers=[make_offer("x", f"m-{n}", provider_name=name[:110], price_in="1", price_out="2")],
            )
        )  # fmt: skip
    save_cards(records)
    return list(Card.objects.published().order_by("slug"))


def _counterpoints(cards: list[Card]) -> Iterator[str]:
    """Each payload is one approved counterpoint: its text, its author's name and its source."""
    waiting = iter(CORPUS)
    for right in cards[1:]:
        batch = list(islice(waiting, SHOWN))
        if not batch:
            return
        pairing = Pairing.objects.between(cards[0], right)
        for payload in batch:
            write(payload, pairing)
        yield pairing.get_absolute_url()
    assert next(waiting, None) is None, "more cards are needed for so many payloads"


def write(payload: str, pairing: Pairing) -> Counterpoint:
    """Cleaned as the form does, sent and approved."""
    body = plain(payload)[:3_980].ljust(20, ".")
    words = Words(
        kind="extend", body=body, name=body[:60], link=f"https://evil.example/{plain(payload)[:200]}"
    )
    sent = submit(pairing=pairing, visitor=Visitor("somebody"), words=words, form_nonce=secrets.token_hex(8))
    Counterpoint.objects.filter(pk=sent.pk).update(state="approved", decided_at="2026-11-01T00:00Z")
    return sent


def _article() -> str:
    """Each payload is a note on how it aged, which is Markdown of its own; the body has some as well."""
    article = make_article(
        "hostile", title=plain(CORPUS[0]), standfirst=" ".join(CORPUS[5:9]), body=CORPUS[1]
    )
    for payload in CORPUS:
        age(article, plain(payload), date(2026, 11, 1))
    return article.get_absolute_url()


def _panel(cards: list[Card]) -> Iterator[str]:
    """What a model says: its paragraph, its answers and the reasons of its pick; and a hostile reviewer."""
    make_reviewers()
    Reviewer.objects.filter(slug="skeptic").update(
        name="<b onclick=alert(1)>Skeptic</b>", motto=CORPUS[3], excites=CORPUS[4], tires=CORPUS[5]
    )
    for n, text in enumerate(chunks([plain(payload) for payload in CORPUS], PARAGRAPH)):
        pairing = Pairing.objects.between(cards[-1], cards[-2 - n])
        said = {
            "paragraph": text,
            "answers": {"first": text[:2_000], "<script>alert(1)</script>": text[:500]},
        }
        make_verdict(
            pairing, (88, 82, 85, 78), (84, 78, 80, 55), picks=("left",) * 4, left=said,
            right={**said, "judge": "mistral", "label": "<script>alert(1)</script>"},
        )  # fmt: skip
        yield pairing.get_absolute_url()


def _searches() -> Iterator[str]:
    searched = list(chunks([payload.replace("\x00", "") for payload in CORPUS], PER_QUERY))
    for n, words in enumerate(searched[:: max(1, len(searched) // SEARCHES)]):
        path = ("/compare/?q=", "/models/?q=", "/search/?q=")[n % 3]
        yield path + quote(words, safe="")
    yield "/compare/?a=" + quote(CORPUS[5]) + "&b=" + quote(CORPUS[8])
    yield "/models/?" + "&".join(
        f"{name}={quote(CORPUS[5])}" for name in ("lab", "license", "context", "sort")
    )
