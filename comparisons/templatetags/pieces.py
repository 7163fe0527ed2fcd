"""Small pieces of markup that stand dozens of times on a page.

Filters and no includes: an include costs Django 12 µs, a filter 2, and a list of 24 verdicts has 150 of them.
The fragments of the same names in templates/_shared/ call these.
"""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from comparisons.reviews.models import Verdict
from comparisons.reviews.scale import scale_svg
from comparisons.templatetags.figures import count, percent

register = template.Library()

_MARK = '<span class="mark side-{}"{}>{}</span>'
_MARKS = {side: mark_safe(_MARK.format(side, "", side.upper())) for side in "ab"}  # noqa: S308  # constants
_HIDDEN = {
    side: mark_safe(_MARK.format(side, ' aria-hidden="true"', side.upper()))  # noqa: S308
    for side in "ab"
}
_CALLS = {
    call: mark_safe(f'<span class="call call-{call}">{words}</span>')  # noqa: S308
    for call, words in (("ship", "Ship"), ("skip", "Skip"), ("split", "Split"), ("none", "No verdict"))
}
NO_SHARE = mark_safe('<span class="unknown">—</span>')


@register.filter
def mark(side: str) -> SafeString:
    """Whose number this is, "a" or "b": by letter, shape (A round, B square) and color."""
    return _MARKS["a" if side == "a" else "b"]


@register.filter
def hidden_mark(side: str) -> SafeString:
    """The same beside a name, so that a screen reader does not spell letters."""
    return _HIDDEN["a" if side == "a" else "b"]


@register.filter
def call(word: str) -> SafeString:
    """Ship or skip, told apart by word and shape (filled / outlined), never by color."""
    return _CALLS.get(word, _CALLS["none"])


@register.filter
def share(part: int | None, n: int | None) -> SafeString:
    """A percentage with what it is a percentage of; a dash while there is nothing to count."""
    if not n:
        return NO_SHARE
    return format_html(
        '<span class="percent"><span class="figure">{}</span> <span class="of">n = {}</span></span>',
        percent(part or 0, n),
        count(n),
    )


@register.filter
def monogram(name: str) -> SafeString:
    """A reviewer or lab in two letters beside its name: "The Builder" → Bu, "Mistral AI" → MA."""
    return format_html('<span class="monogram" aria-hidden="true">{}</span>', initials(name))


def initials(name: str) -> str:
    """Always two letters: a single A or B beside the sides' own letters would mislead."""
    words = name.split()
    first, *rest = words[1:] if len(words) > 1 and words[0] == "The" else words or ["?"]
    return (first[0] + rest[0][0]).upper() if rest else first[:2].capitalize()


@register.filter
def median_scale(verdict: Verdict) -> SafeString:
    """Where the medians of both cards stand; nothing where a side has none or the judges were mixed."""
    if verdict.provisional or verdict.left_score is None or verdict.right_score is None:
        return mark_safe("")
    return scale_svg(verdict.left_score, verdict.right_score)
