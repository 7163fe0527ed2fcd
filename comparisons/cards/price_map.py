"""Price against score: where each model stands between cheap and dear, skipped and shipped.

The axes are fixed. So a card's place follows from its own price and score alone, the other models can be one
picture that all pages share, and a comparison page does not change whenever any card of the catalog does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from html import escape
from math import log10
from statistics import median

from django.db import connection
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from comparisons.reviews.models import SHIP_FROM
from comparisons.reviews.tally import QUORUM
from comparisons.templatetags.figures import points, usd

DOTS = 500  # the most that one picture shows
LOWEST, DECADES = (
    Decimal("0.01"),
    4,
)  # USD per 1M input tokens at the left end; tenfold steps
FREE, START = 4, 17  # percent of the width: where what costs nothing stands, and where the scale begins
TOP, HEIGHT = 20, 260  # px
NEAR_X, NEAR_Y, STEP = 3, 18, 9  # marks nearer than that (percent, px) step apart
TICKS = tuple(LOWEST * 10**step for step in range(DECADES + 1))

# The newest score of each reviewer before one judge, on the cards as they are now, where there are enough of
# them. Without a judge named, the one who scored most cards. Both parts read the index `review_scores` alone.
MOST_HEARD = """
    SELECT review.judge_key FROM comparisons_review AS review
      JOIN comparisons_card AS card ON card.snapshot_id = review.snapshot_id
     GROUP BY review.judge_key
     ORDER BY count(DISTINCT review.snapshot_id) DESC, max(review.heard_at) DESC, review.judge_key LIMIT 1
"""
SCORED = """
    WITH judge AS MATERIALIZED ({judge})
    SELECT (SELECT judge_key FROM judge), bench.label, card.slug, card.price_in, bench.scores
      FROM (SELECT newest.snapshot_id, max(newest.judge_label) AS label,
                   array_agg(newest.score) FILTER (WHERE newest.score IS NOT NULL) AS scores
              FROM (SELECT DISTINCT ON (snapshot_id, reviewer_id) snapshot_id, score, judge_label
                      FROM comparisons_review
                     WHERE judge_key = (SELECT judge_key FROM judge)
                       AND snapshot_id IN (SELECT snapshot_id FROM comparisons_card)
                     ORDER BY snapshot_id, reviewer_id, heard_at DESC, id DESC) AS newest
             GROUP BY newest.snapshot_id HAVING count(newest.score) >= %(quorum)s) AS bench
      JOIN comparisons_card AS card ON card.snapshot_id = bench.snapshot_id
     ORDER BY card.id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """`x` in percent of the width, so that text keeps its size on every screen; `y` in px."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Marked:
    """One of the two cards of a comparison. `place` is None when its price or its score is unknown."""

    letter: str
    name: str
    words: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class PriceMap:
    judge: str  # key; names the picture of the others
    text: str
    marks: tuple[Marked, ...] = ()

    @property
    def svg(self) -> SafeString:
        """The other models are a picture of their own that all pages share."""
        others = reverse("price-map", args=[self.judge])
        marks = "".join(_mark_svg(mark.letter, mark.place) for mark in self.marks if mark.place)
        return mark_safe(  # noqa: S308  # numbers, an address, and words that are escaped
            f'<svg class="chart price-map" width="100%" height="{TOP + HEIGHT + 44}" role="img"'
            f' aria-labelledby="price-map-words"><title id="price-map-words">{escape(self.text)}</title>'
            f'{_AXES}<image href="{escape(others)}" x="0" y="{TOP}" width="100%" height="{HEIGHT}"'
            f' preserveAspectRatio="none"/>{marks}</svg>'
        )


@dataclass(frozen=True, slots=True)
class Others:
    """All models that one judge has scored. `dots` are those with a price, as many as are shown."""

    judge: str
    label: str
    dots: tuple[Place, ...]
    priced: int
    unpriced: int


def place(price: Decimal, score: float) -> Place:
    """What is dearer or cheaper than the scale stands at its end."""
    steps = log10(price / LOWEST) if price > 0 else 0.0
    across = START + (97 - START) * min(max(steps / DECADES, 0.0), 1.0)
    return Place(round(across if price > 0 else FREE, 2), round(TOP + HEIGHT * (100 - score) / 100, 1))


def _score_svg(score: int) -> str:
    y = place(LOWEST, score).y
    ship, words = (" tick-ship", f"ships from {score}") if score == SHIP_FROM else ("", f"{score}")
    return (
        f'<line class="tick{ship}" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        f'<text class="tick-word" x="100%" y="{y}" dy="-4" text-anchor="end">{words}</text>'
    )


def _price_svg(x: float, words: str) -> str:
    foot = TOP + HEIGHT
    return (
        f'<line class="tick" x1="{x}%" x2="{x}%" y1="{foot}" y2="{foot + 5}"/>'
        f'<text class="tick-word" x="{x}%" y="{foot + 20}" text-anchor="middle">{words}</text>'
    )


def _mark_svg(letter: str, at: Place) -> str:
    """Round is A, square is B, as everywhere."""
    shape = (
        f'<circle class="fill-a" cx="{at.x}%" cy="{at.y}" r="9"/>'
        if letter == "a"
        else f'<svg x="{at.x}%" y="{at.y}" overflow="visible">'
        '<rect class="fill-b" x="-8.5" y="-8.5" width="17" height="17" rx="1"/></svg>'
    )
    return (
        f'{shape}<text class="mark-word" x="{at.x}%" y="{at.y}" dy="4" text-anchor="middle">'
        f"{letter.upper()}</text>"
    )


# The same on every page.
_AXES = "".join(
    [
        *(_score_svg(score) for score in (0, SHIP_FROM, 100)),
        _price_svg(FREE, "free"),
        *(_price_svg(place(price, 0).x, usd(price).removesuffix(".00")) for price in TICKS),
        f'<text class="tick-word" x="0" y="{TOP + HEIGHT + 40}">US dollars per 1M tokens in</text>',
    ]
)


def others(judge: str = "") -> Others | None:
    """In one query; None while nobody has scored a card."""
    with connection.cursor() as cursor:
        sql = SCORED.format(judge="SELECT %(judge)s::text AS judge_key" if judge else MOST_HEARD)
        cursor.execute(sql, {"judge": judge, "quorum": QUORUM})
        rows = cursor.fetchall()
    if not rows:
        return None
    key, label, *_ = rows[0]
    priced = [(slug, price, median(scores)) for _, _, slug, price, scores in rows if price is not None]
    dots = tuple(place(price, score) for _, price, score in _shown(priced))
    return Others(key, label, dots, len(priced), len(rows) - len(priced))


def _shown(priced: list[tuple[str, Decimal, float]]) -> list[tuple[str, Decimal, float]]:
    """Which of too many depends on their slugs alone: a random choice, and always the same one."""
    if len(priced) <= DOTS:
        return priced
    return sorted(priced, key=lambda card: sha256(card[0].encode()).digest())[:DOTS]


def catalog_map(found: Others | None) -> PriceMap | None:
    """The picture of all of them."""
    if found is None or not found.priced:
        return None
    shown = f"{len(found.dots)} of {found.priced}" if found.priced > DOTS else f"{found.priced}"
    left_out = ""
    if found.unpriced:
        has = "has" if found.unpriced == 1 else "have"
        left_out = f"{found.unpriced} more {has} a score and no known price, so no place here. "
    text = (
        f"Input price against median score for {shown} model{'' if found.priced == 1 else 's'} scored by "
        f"{found.label}. {left_out}A card ships from {SHIP_FROM}."
    )
    return PriceMap(found.judge, text)


def pair_map(
    judges: set[str], names: Sequence[str], prices: Sequence[Decimal | None], scores: Sequence[float | None]
) -> PriceMap | None:
    """Two cards among the others; none where judges were mixed or neither card has both figures."""
    found = [
        place(price, score) if price is not None and score is not None else None
        for price, score in zip(prices, scores, strict=True)
    ]
    if len(judges) != 1 or not any(found):
        return None
    words = [_words(price, score) for price, score in zip(prices, scores, strict=True)]
    marks = zip("ab", names, words, _apart(found), strict=True)
    unpriced = sum(price is None for price in prices)
    told = "; ".join(f"{name}: {said}" for name, said in zip(names, words, strict=True))
    left_out = f" {unpriced} of the two has no known price and is not drawn." if unpriced else ""
    text = f"Input price against median score, among all models that this judge scored. {told}.{left_out}"
    return PriceMap(next(iter(judges)), text, tuple(Marked(*mark) for mark in marks))


def _words(price: Decimal | None, score: float | None) -> str:
    cost = "price unknown" if price is None else "free" if price == 0 else f"{usd(price)} per 1M tokens in"
    return f"{cost}, {'no score' if score is None else f'median {points(score)} of 100'}"


def _apart(places: Sequence[Place | None]) -> tuple[Place | None, ...]:
    """Marks that would cover each other, one above the other."""
    one, other = places
    if one and other and abs(one.x - other.x) < NEAR_X and abs(one.y - other.y) < NEAR_Y:
        up = STEP if one.y <= other.y else -STEP
        middle = (one.y + other.y) / 2
        return Place(one.x, middle - up), Place(other.x, middle + up)
    return one, other
