"""Where two medians stand between 0 and 100, small enough for a row of a list. Pure.

The numbers at the marks are the picture's only words, and the row beside it says what they mean.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe

from comparisons.reviews.models import SHIP_FROM
from comparisons.templatetags.figures import points

HEIGHT = 32  # px
LINE = 16
NEAR = 10  # points; in the narrowest row marks closer than this would cover each other, so they step apart
STEP = 6  # px
LABEL = 12  # px from a mark to its number


def scale_svg(left: Decimal, right: Decimal) -> SafeString:
    """Round is A, square is B, as everywhere; the dotted line is where a card begins to ship."""
    apart = STEP if abs(left - right) < NEAR else 0
    a_first = left <= right
    y_a, y_b = LINE - apart, LINE + apart
    return mark_safe(  # noqa: S308  # numbers
        f'<svg class="scale" width="100%" height="{HEIGHT}" aria-hidden="true">'
        f'<line class="scale-line" x1="0" x2="100%" y1="{LINE}" y2="{LINE}"/>'
        f'<line class="tick-ship" x1="{SHIP_FROM}%" x2="{SHIP_FROM}%" y1="3" y2="{HEIGHT - 3}"/>'
        f'<line class="bar" x1="{left}%" x2="{right}%" y1="{y_a}" y2="{y_b}"/>'
        f'<circle class="fill-a" cx="{left}%" cy="{y_a}" r="6"/>'
        f'<svg x="{right}%" y="{y_b}" overflow="visible">'
        '<rect class="fill-b" x="-5.5" y="-5.5" width="11" height="11" rx="1"/></svg>'
        f"{_number(left, y_a, before=a_first)}{_number(right, y_b, before=not a_first)}</svg>"
    )


def _number(median: Decimal, y: int, *, before: bool) -> str:
    """On the outer side of its mark; the style sheet leaves room for it at both ends."""
    dx, anchor = (-LABEL, "end") if before else (LABEL, "start")
    return (
        f'<text class="score" x="{median}%" y="{y}" dx="{dx}" dy="4.5" text-anchor="{anchor}">'
        f"{points(median)}</text>"
    )
