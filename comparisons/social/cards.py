"""What a social card says, from what a page says. Pure: pages in, values to be drawn out."""

from __future__ import annotations

from comparisons.cards.models import Card
from comparisons.pairings.page import CardSide, Page
from comparisons.reviews.benches import Bench
from comparisons.social.drawing import Comparison, Plate, Side
from comparisons.social.lettering import drawable
from comparisons.templatetags.figures import partial_date, points

QUESTION = "Which of two models should you ship with?"


def of_comparison(page: Page, site: str) -> Comparison:
    a, b = (_name(side) for side in page.sides)
    answer = page.answer
    # The names stand in the sentence too; there as well they must be letters that can be drawn.
    because = answer.because.replace(page.a.name, a).replace(page.b.name, b)
    lead = f"{answer.lead} {a if answer.side == 'a' else b}" if answer.side else answer.lead
    day = page.verdict.published_at if page.verdict else None
    return Comparison(
        site=drawable(site),
        day=f"Verdict of {partial_date(day.strftime('%Y-%m-%d'))}" if day else "",
        a=_side(page.a, a),
        b=_side(page.b, b),
        side=answer.side,
        lead=lead,
        because=drawable(because),
        foot=drawable(_judge(page)),
    )


def of_card(card: Card, bench: Bench | None, site: str) -> Plate:
    panel = "Not heard by the panel yet."
    if bench and bench.tally.has_quorum:
        tally = bench.tally
        panel = f"Panel: {tally.ships} of {tally.n} would ship, median score {points(tally.score)} of 100"
        panel += f" · judge: {bench.judge_label}"
    return Plate(
        site=drawable(site),
        kicker=drawable(f"{card.lab.name} · {card.category}"),
        title=drawable(card.name, otherwise=card.slug),
        text=drawable(card.tagline),
        foot=drawable(panel),
    )


def of_site(site: str) -> Plate:
    return Plate(
        site=drawable(site),
        kicker="Model comparisons",
        title=QUESTION,
        text="A panel of reviewers reads both cards and says which one, by how much, and who disagrees.",
        foot="AI personas and published rules, not people. Every verdict names its judge and carries its n.",
    )


def _name(side: CardSide) -> str:
    return drawable(side.name, otherwise=side.card.slug)


def _side(side: CardSide, name: str) -> Side:
    if side.tally is None:
        return Side(name)
    return Side(name, side.call, side.tally.ships, side.tally.n, side.tally.score)


def _judge(page: Page) -> str:
    if page.spoke is None:
        return "Facts, prices and sources of both, side by side"
    n = len(page.seats)
    labels = " and ".join(page.spoke.labels)
    kind = "rule-based, no model" if page.spoke.rule_based else page.spoke.lenses
    note = "mixed judges, provisional" if page.spoke.provisional else kind
    said = f"n = {n} reviewer{'' if n == 1 else 's'} · judge: {labels}"
    return f"{said} ({note})" if note else said
