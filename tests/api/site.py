"""What there is to read in tests of the API: at least one of every noun, and noise that must not appear."""

from __future__ import annotations

import zlib
from datetime import date
from types import SimpleNamespace
from uuid import UUID

from django.utils import timezone

from comparisons.articles.models import AgedNote, Article, RelatedCard
from comparisons.cards.models import Card, Lab
from comparisons.counterpoints.actions import Words, decide, submit
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.models import User
from comparisons.people.visitor import Visitor
from comparisons.votes.actions import cast
from panel.models import Attempt, Hearing, Judge, PersonaVersion, Run
from tests.factories.benches import hear
from tests.factories.cards import make_card, make_offer

SECRET = "Nobody has read this yet, and nobody but a moderator may."
RECEIPT, RUN = (UUID(f"00000000-0000-4000-8000-00000000000{number}") for number in (1, 2))
SOURCE = {"name": "Example Lab", "url": "https://example.org/alpha", "seen_on": "2026-07-02"}


def fill() -> SimpleNamespace:
    """Two judged pairings, one unheard; a receipt and a run; votes, counterpoints, articles."""
    alpha = make_card(
        "alpha", lab="example-lab", open_weights=True, license_class="permissive", params_total_b="7.5",
        sources={"context_tokens": SOURCE, "price_in": SOURCE},
        conflicts=[{"field": "price_in", "value": "0.5", **SOURCE}],
        offers=[make_offer(price_in="0.30", price_out="0.90", first_party=True)],
    )  # fmt: skip
    beta, gamma = make_card("beta", lab="other-lab"), make_card("gamma", lab="other-lab", context_tokens=None)
    Lab.objects.create(slug="noise-lab", name="Nothing of it is published")
    Card.objects.create(slug="noise", lab=alpha.lab, name="Noise", category="General", search_text="noise")
    hear(alpha, beta, picks={"skeptic": "right"})
    verdict = hear(
        alpha, beta, (80, 82, 85, 78), (84, 78, 80, 55), picks={"skeptic": "right"}, judge="mistral"
    )
    hear(alpha, gamma, (70, 62, 65, 58), (64, 58, 60, None))
    pairing = Pairing.objects.get(slug="alpha-vs-beta")
    Pairing.objects.between(beta, gamma)
    for number, choice in enumerate(("left", "left", "both", "neither", "right")):
        cast(pairing=pairing, visitor=Visitor(f"v{number}"), choice=choice)
    staff = User.objects.create_user("editor", is_staff=True, first_name="Ed", last_name="Itor")
    article = _article(staff, alpha)
    return SimpleNamespace(
        alpha=alpha, beta=beta, gamma=gamma, pairing=pairing, verdict=verdict, article=article, staff=staff,
        **_counterpoints(pairing, article, staff), receipt=_receipt(alpha, staff),
    )  # fmt: skip


def _article(author: User, card: Card) -> Article:
    text = {"body": "## Heading\n\nSee [this](/models/alpha/).", "author": author}
    article = Article.objects.create(
        slug="how-to-read-a-verdict", title="How to read a verdict", standfirst="Slowly.", state="published",
        published_at="2026-07-01T12:00:00Z", **text,
    )  # fmt: skip
    Article.objects.create(slug="draft", title="Draft", standfirst="Not yet.", **text)
    AgedNote.objects.create(article=article, dated=date(2026, 7, 5), body="It **held**.")
    RelatedCard.objects.create(article=article, card=card, position=1)
    return article


def _counterpoints(pairing: Pairing, article: Article, staff: User) -> dict[str, Counterpoint]:
    def sent(body: str, **on: object) -> Counterpoint:
        words = Words(
            kind="push_back", body=body, name="Reader", link="https://example.org/why",
            answers_reviewer="skeptic" if "pairing" in on else None,
            answers_side="left" if "pairing" in on else "",
        )  # fmt: skip
        return submit(visitor=Visitor("ann"), words=words, form_nonce=body[:20], **on)

    state = Counterpoint.State
    approved = sent("The license **forbids** what you want to do.", pairing=pairing)
    on_article = sent("Verdicts are read backwards, from the receipts.", article=article)
    rejected = sent("Rejected. " + SECRET, pairing=pairing)
    pending = sent("Pending. " + SECRET, pairing=pairing)
    decide(counterpoint=approved, to=state.APPROVED, by=staff)
    decide(counterpoint=on_article, to=state.APPROVED, by=staff)
    decide(counterpoint=rejected, to=state.REJECTED, by=staff, reason="off_topic")
    return {"approved": approved, "on_article": on_article, "pending": pending, "rejected": rejected}


def _receipt(card: Card, staff: User) -> Attempt:
    """A run that was stopped, and one call of it as a worker would have noted it."""
    run = Run.objects.create(
        id=RUN, scope="Alpha vs Beta", chain=["rubric"], started_by=staff, state=Run.State.STOPPED
    )
    persona = PersonaVersion.objects.create(slug="skeptic", sha256="1" * 64, name="The Skeptic", text="…")
    judge = Judge.objects.create(key="2" * 64, kind="rubric", label="Rubric v1", settings={"kind": "rubric"})
    assert card.snapshot is not None
    hearing = Hearing.objects.create(
        cache_key="3" * 64, kind="review", persona=persona, judge=judge, first=card.snapshot,
        not_before=timezone.now(),
    )  # fmt: skip
    return Attempt.objects.create(
        id=RECEIPT, hearing=hearing, run=run, number=1, fence=1, outcome="answered", provider="rubric",
        requested_model="rubric", prompt_sha="0" * 64, closed_at="2026-07-01T12:00:00Z", cost_usd="0.000120",
        raw_request=zlib.compress(b'{"ask": 1}'), raw_response=zlib.compress(b"fine"),
    )  # fmt: skip
