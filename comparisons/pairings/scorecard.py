"""One review in its column of the scorecard, as HTML. Pure.

A comparison has eight of them. Django's engine takes 1.2 ms for their many small questions; this takes 0.1.
What a review says is a model's words: every value is escaped where it is put in.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from comparisons.reviews.folded import folded
from comparisons.templatetags.figures import day

if TYPE_CHECKING:
    from comparisons.pairings.bench import Heard


@lru_cache(maxsize=4_096)  # as long as the review itself is kept: see bench.spoken
def review_html(heard: Heard | None, letter: str, reviewer: str) -> SafeString:
    """`letter` is the side, "a" or "b"; `heard` is None where this reviewer said nothing of this card."""
    mark = f'<span class="mark">{letter.upper()}</span>'
    if heard is None:
        said = f'<p class="verdict-line">{mark} <span class="unknown">not heard</span></p>'
    else:
        said = (
            f'<h4 class="verdict-line">{mark} {_score(heard)}</h4>'
            f'<div class="paragraph">{_paragraph(heard.paragraph)}</div>'
            f"{_flag(heard)}{folded(heard.answers, heard.points)}{_by(heard, letter, reviewer)}"
        )
    return mark_safe(f'<div class="review side-{letter}">{said}</div>')  # noqa: S308  # escaped below


def _paragraph(text: str) -> str:
    if "\n" in text or "\r" in text:
        return str(linebreaks(text, autoescape=True))
    return f"<p>{escape(text)}</p>"


def _score(heard: Heard) -> str:
    if heard.score is None:
        return '<span class="unknown">Abstained: too few facts to score</span>'
    call = "Ship" if heard.ship else "Skip"
    return (
        f'<span class="score-figure">{heard.score}<span class="unit">/100</span></span>'
        f' <span class="call call-{call.lower()}">{call}</span>'
    )


def _flag(heard: Heard) -> str:
    if not heard.flagged:
        return ""
    return f'<p class="badge badge-note">Read with care: {escape(heard.flagged)}</p>'


def _by(heard: Heard, letter: str, reviewer: str) -> str:
    receipts = "".join(
        f' · <a href="{escape(each)}" rel="nofollow">Receipt'
        f'<span class="unseen"> of {escape(reviewer)} on {letter.upper()}</span></a>'
        for each in heard.receipts
    )
    abstained = f"{reviewer} abstained for want of facts; no model was asked"
    spoke = abstained if heard.score is None else heard.judge
    return (
        f'<p class="by">{escape(spoke)}, <time datetime="{heard.heard_at:%Y-%m-%d}">'
        f"{day(heard.heard_at)}</time>{receipts}</p>"
    )
