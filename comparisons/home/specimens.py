"""What the style page shows: made-up cards, scores and words in every state, never saved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from comparisons.cards.facts import Facts, Identity, RunWay
from comparisons.cards.forms import CatalogForm
from comparisons.cards.models import Card, Lab, Offer
from comparisons.cards.score_history import Heard as Scoring
from comparisons.cards.score_history import Line, lines
from comparisons.counterpoints.models import Counterpoint
from comparisons.listing import Page
from comparisons.pairings import picking
from comparisons.pairings.bench import Heard, Picked, Seat, Seated, WhoSpoke
from comparisons.pairings.chart import Scored, dumbbell
from comparisons.pairings.difference import Side, compare
from comparisons.pairings.models import Pairing
from comparisons.pairings.prices import Offered
from comparisons.reviews.distribution import distribution
from comparisons.reviews.models import SHIP_FROM, Reviewer, Verdict
from comparisons.reviews.tally import CardTally
from comparisons.votes.counts import Community, Counts

WHEN = datetime(2026, 7, 2, 9, 30, tzinfo=UTC)
AGAINST_FACTS = "picked the card that the checked facts speak against"
BOTH_WROTE = "a language model and rules wrote what they say, each review under its own name."
LONG = (
    "The window holds a whole repository and the license lets you keep what you build. The price per answer "
    "is the catch: three long answers cost as much as thirty short ones, and the card says nothing of speed."
)
SCORES = {2: 1, 4: 3, 5: 2, 6: 5, 7: 4, 9: 1}  # how many by tens
SHORT = "Cheap, quick and closed. It does what the card says and no more."


def specimens() -> dict[str, Any]:
    """The context of the style page."""
    pairing = _pairing()
    names = (pairing.left.name, pairing.right.name)
    seats = _seats()
    scored = [Scored(each.reviewer.name, _score(each.a), _score(each.b)) for each in seats]
    return {
        "pairing": pairing,
        "name_a": names[0],
        "name_b": names[1],
        "page": {
            "a": _shown("a", pairing.left),
            "b": _shown("b", pairing.right),
            "sides": [_shown("a", pairing.left), _shown("b", pairing.right)],
            "table": compare(_told_well(), Side(_facts("Birch Mini"), community=(1, 2))),
            "seats": seats,
            "chart": dumbbell(scored, names),
            "spoke": WhoSpoke(
                ("Rubric v1", "a model"), False, "", BOTH_WROTE, "the first judge did not answer", True
            ),
            "scores": _score_history(),
        },
        "offers": _offers(),
        "verdicts": _verdicts(pairing),
        "own": "left",
        "vote_error": "Choose one of the four buttons; that answer is none of them.",
        "votes": Counts(left=5, right=2, both=3, neither=1, set_aside=2),
        "no_votes": Counts(),
        "counterpoints": _counterpoints(pairing),
        "picking": _picking(pairing),
        "form": CatalogForm(QueryDict("context=soon&price=-1&local=on"), labs=[], categories=[]),
        "given": distribution("Rubric v1", SCORES, total=930, ships=10, abstained=2),
        "ship_from": SHIP_FROM,
    }


def _pairing() -> Pairing:
    left, right = (
        Card(slug=slug, name=name, lab=Lab(slug="example-lab", name="Example Lab"), category="Code")
        for slug, name in (("alder-large", "Alder Large"), ("birch-mini", "Birch Mini with a Long Name"))
    )
    return Pairing(left=left, right=right, slug=f"{left.slug}-vs-{right.slug}")


def _picking(pairing: Pairing) -> picking.Picking:
    error = "No model has this name. Did you mean one of these?"
    meant = (pairing.left, pairing.right)
    return picking.Picking(picking.Side("a", "aldr", error=error, meant=meant), picking.Side("b"))


def _facts(name: str, **known: Any) -> Facts:
    return Facts(name=name, lab="Example Lab", category="Code", **known)


def _told_well() -> Side:
    source = {"name": "Its card", "url": "https://lab.example/alder", "seen_on": "2026-07-02"}
    prices = [Decimal(tenths) / 10 for tenths in range(4, 10)]
    offers = [Offered(f"provider at {price}", False, price, Decimal(2), "2026-07-02") for price in prices]
    return Side(
        _facts(
            "Alder Large", license="Apache-2.0", license_class="permissive", commercial_use="yes",
            context_tokens=262_144, open_weights=True, entry_price="$0.40 per 1M input tokens",
            run=(RunWay("ollama", "ollama pull alder-large", "75 GB"),),
        ),
        offers=tuple(offers),
        panel="Ship · 3 ship / 1 skip",
        community=(8, 11),
        sources={"context_tokens": source, "license": source},
        conflicts=[{**source, "field": "context_tokens", "value": 256_000, "name": "A catalog"}],
    )  # fmt: skip


def _shown(letter: str, card: Card) -> dict[str, Any]:
    known = letter == "a"
    return {
        "letter": letter,
        "card": card,
        "name": card.name,
        "address": card.get_absolute_url(),
        "monogram": "EL",
        "facts": _facts(
            card.name,
            tagline="A repository in one go, at a price per answer." if known else "",
            description=LONG if known else "",
            identity=Identity("found" if known else "not_found"),
        ),
        "call": "ship" if known else "none",
        "tally": CardTally(ships=3, n=4, score=74, mean=72) if known else None,
        "community": Community(8, 11) if known else Community(),
        "price": "$0.40 per 1M input tokens" if known else "",
    }


def _heard(score: int | None, paragraph: str, **said: Any) -> Heard:
    plain: dict[str, Any] = {"answers": (), "points": (), "flagged": "", "receipts": ()}
    ship = score is not None and score >= SHIP_FROM
    return Heard(score, ship, paragraph, judge="Rubric v1", heard_at=WHEN, **(plain | said))


def _score(heard: Heard | None) -> int | None:
    return None if heard is None else heard.score


def _seats() -> tuple[Seat, ...]:
    reviewers = [
        Seated(slug, f"The {slug.title()}", motto, position, questions=())
        for position, (slug, motto) in enumerate(
            (
                ("builder", "Show me the first hour."),
                ("skeptic", "Absence of evidence is filed under evidence."),
                ("futurist", "Everything is early."),
            )
        )
    ]
    full = _heard(
        74, LONG, flagged="a figure that the card does not name",
        answers=(("What happens in the first hour?", "One command, and it answers."),),
        points=({"points": 12, "fact": "runs locally", "because": "ollama pull"},
                {"points": -4, "fact": "price of an answer", "because": ""}),
    )  # fmt: skip
    against = Picked("b", "Cheap is a feature too.", False, AGAINST_FACTS, ())
    undecided = Picked("", "Either would do.", True, "", ())
    return (
        Seat(reviewers[0], full, _heard(58, SHORT), None, "a", False),
        Seat(reviewers[1], _heard(61, SHORT), _heard(62, SHORT), against, "b", True),
        Seat(reviewers[2], _heard(None, "The card says too little."), None, undecided, "", False),
    )


def _verdicts(pairing: Pairing) -> list[Verdict]:
    """A row for every outcome; `closeness` is what the list's query adds."""
    outcomes: list[tuple[str, str, Decimal | None]] = [
        ("clear", "left", Decimal("9.5")), ("lean", "right", Decimal("-3")), ("toss_up", "", Decimal(0)),
        ("split", "", Decimal("4")), ("none", "", None),
    ]  # fmt: skip
    shown = []
    for outcome, side, middle in outcomes:
        verdict = Verdict(
            pairing=pairing, outcome=outcome, side=side, median_difference=middle, left_ships=3, left_n=4,
            right_ships=2, right_n=4, left_score=None if middle is None else 70,
            right_score=None if middle is None else 70 - middle, judge_labels=["Rubric v1"],
            provisional=outcome == "split", published_at=WHEN,
        )  # fmt: skip
        verdict.closeness = None if middle is None else abs(middle)  # type: ignore[attr-defined]  # annotated
        shown.append(verdict)
    return shown


def _score_history() -> tuple[Line, ...]:
    """Three states of a card before one judge."""
    return lines(
        Scoring("judge", "Rubric v1", state, reviewer, score, WHEN + timedelta(days=90 * state))
        for state, score in ((2, 71), (1, 66), (0, 48))
        for reviewer in ("builder", "skeptic", "futurist", "founder")
    )


def _offers() -> list[Offer]:
    known = {"price_in": Decimal("0.4"), "price_out": Decimal(2), "price_cached": Decimal("0.04")}
    limits = {"context_tokens": 262_144, "output_tokens": 8_192}
    address = "https://lab.example/prices"
    return [
        Offer(provider="example", model_id="alder-large", first_party=True, source_url=address,
              seen_on=WHEN, **known, **limits),
        Offer(provider="another-host-with-a-long-name", model_id="vendor/alder-large-instruct", seen_on=WHEN),
    ]  # fmt: skip


def _counterpoints(pairing: Pairing) -> Page[Counterpoint]:
    body = (
        "<p>Count the <strong>output tokens</strong> too:</p><ul><li>long answers</li><li>retries</li></ul>"
        "<blockquote><p>three times as many</p></blockquote><pre><code>cost = price * tokens</code></pre>"
    )
    argued = Counterpoint(
        pk=1, pairing=pairing, kind="push_back", name="A reader", body_html=body, created_at=WHEN,
        link="https://reader.example/why", answers_side="left",
        answers_reviewer=Reviewer(slug="skeptic", name="The Skeptic"),
    )  # fmt: skip
    plain = "<p>The license changed last month.</p>"
    extended = Counterpoint(pk=2, pairing=pairing, kind="extend", body_html=plain, created_at=WHEN)
    return Page([argued, extended])
