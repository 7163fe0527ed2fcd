"""Fragments that are written in Python escape every value that is put into them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.http import QueryDict

from comparisons.cards.price_map import Marked, Place, PriceMap
from comparisons.escaping import escaped
from comparisons.listing import Options
from comparisons.pairings.bench import Heard
from comparisons.pairings.cells import Cell, Row, Source, rows_html
from comparisons.pairings.chart import Scored, dumbbell
from comparisons.pairings.forms import VerdictsForm
from comparisons.pairings.prices import Line
from comparisons.pairings.scorecard import review_html
from comparisons.reviews.folded import folded

WHEN = datetime(2026, 7, 2, 9, 30, tzinfo=UTC)
PLAIN = "plain"


def hostile(number: int) -> str:
    return f"""v{number}"><img src=x onerror='alert({number})'></svg></script>&amp;"""


class Reader(HTMLParser):
    """What a browser would see: elements with their attributes, and all text and values together."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.words += " ".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def heard(*texts: str) -> Heard:
    paragraph, question, answer, fact, because, flagged, judge, receipt = texts
    return Heard(
        score=88, ship=True, paragraph=paragraph, answers=((question, answer),),
        points=({"fact": fact, "points": 3, "because": because},), flagged=flagged, judge=judge,
        heard_at=WHEN, receipts=(receipt,),
    )  # fmt: skip


def cell(*texts: str) -> Cell:
    text, note, command, url, more, value, name = texts
    source = Source(1, name, "https://example.org/", "July 2, 2026")
    line = Line(text, note, command, url)
    return Cell(lines=(line,), more=(replace(line, text=more),), sources=(source,), others=((value, source),))


def table(*texts: str) -> str:
    return rows_html([Row("k", texts[0], cell(*texts[1:]), Cell(), True, texts[0])])


def chart(*texts: str) -> str:
    drawn = dumbbell([Scored(texts[0], 88, None), Scored("B", 1, 2)], (texts[1], texts[2]))
    assert drawn is not None
    return drawn.svg


def price_map(*texts: str) -> str:
    return PriceMap("judge", texts[0], (Marked("a", "A", "x", Place(1, 2)), Marked("b", "B", "x", None))).svg


def select(*texts: str) -> str:
    return Options(choices=[("", "Any"), (texts[0], texts[1])]).render("lab", texts[0])


FRAGMENTS = {
    "a row of the table": (table, 8),
    "a fact of a card": (lambda *texts: cell(*texts).as_fact, 5),
    "a review": (lambda *texts: review_html(heard(*texts[:8]), "a", texts[8]), 9),
    "the dumbbell": (chart, 3),
    "the price map": (price_map, 1),
    "a select": (select, 2),
}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_hostile_value_stays_words(name: str) -> None:
    write, values = FRAGMENTS[name]
    filler = 7 if name == "a fact of a card" else values
    texts = [hostile(number) for number in range(filler)]
    bad = Reader(write(*texts))
    assert bad.elements == Reader(write(*[PLAIN] * filler)).elements
    for text in texts[:values]:
        assert text in bad.words


def test_many_texts_come_back_in_order_each_escaped() -> None:
    assert escaped(["<a>", 3, None, "b & 'c'", ""]) == ["&lt;a&gt;", "3", "", "b &amp; &#x27;c&#x27;", ""]
    assert escaped([]) == [""]
    assert escaped(["one\x00two", "three"]) == ["onetwo", "three"]


def test_a_select_marks_what_was_chosen_and_the_first_entry_otherwise() -> None:
    def marked(query: str) -> str:
        form = VerdictsForm(QueryDict(query), labs=[("a&b", "A & B")], categories=[])
        return str(form["lab"]).partition(" selected>")[2].partition("<")[0]

    assert (marked("lab=a%26b"), marked(""), marked("lab=nobody")) == ("A &amp; B", "Any", "")


def test_what_nobody_gave_is_not_said() -> None:
    silent = Heard(None, False, "One.\n\nTwo.", (), (), "", "Judge", WHEN, ())
    text = review_html(silent, "b", "X")
    assert "Abstained" in text and "<p>One.</p>\n\n<p>Two.</p>" in text
    assert "<details>" not in text and "badge" not in text and "Receipt" not in text
    assert folded((), ({"fact": "start", "points": 0, "because": None},)) == (
        '<details><summary>How the points were given</summary><ul class="points">'
        '<li><span class="figure">0</span> <span>start</span></li></ul></details>'
    )
    assert "not heard" in review_html(None, "a", "X")
