"""The dumbbell: where marks and numbers stand, and the same in words."""

from __future__ import annotations

from comparisons.pairings.chart import ROW, Chart, Scored, dumbbell

NAMES = ("Alpha", "Beta")


def drawn(*scores: Scored) -> Chart:
    chart = dumbbell(scores, NAMES)
    assert chart is not None
    return chart


def test_marks_stand_at_their_scores_with_numbers_outside() -> None:
    bar = drawn(Scored("Builder", 55, 78)).bars[0]
    assert bar.a is not None
    assert bar.b is not None
    assert (bar.a.x, bar.a.anchor, bar.b.x, bar.b.anchor) == (55, "end", 78, "start")
    assert bar.a.dx < 0 < bar.b.dx
    assert bar.a.y == bar.b.y == bar.y


def test_mirrored_scores_give_mirrored_numbers() -> None:
    bar = drawn(Scored("Builder", 78, 55)).bars[0]
    assert bar.a is not None
    assert bar.b is not None
    assert (bar.a.anchor, bar.b.anchor) == ("start", "end")


def test_marks_that_would_cover_each_other_step_apart() -> None:
    bar = drawn(Scored("Builder", 80, 80)).bars[0]
    assert bar.a is not None
    assert bar.b is not None
    assert bar.a.y < bar.y < bar.b.y
    assert (bar.a.anchor, bar.b.anchor) == ("end", "start")


def test_an_abstention_has_no_mark_and_a_note() -> None:
    bar = drawn(Scored("Skeptic", None, 70)).bars[0]
    assert bar.a is None
    assert bar.b is not None
    assert bar.b.anchor == "start"
    assert bar.note == "abstained on A"
    assert drawn(Scored("S", None, None), Scored("B", 1, 2)).bars[0].note == "abstained on A and B"


def test_one_row_a_reviewer() -> None:
    one, two = drawn(Scored("B", 1, 2)), drawn(Scored("B", 1, 2), Scored("S", 3, 90))
    assert two.height - one.height == ROW
    assert two.bars[1].y - two.bars[0].y == ROW


def test_the_picture_is_also_told_in_words() -> None:
    assert drawn(Scored("Builder", 88, 84), Scored("Skeptic", None, 78)).text == (
        "Score out of 100 by reviewer. Builder: 88 for Alpha, 84 for Beta; "
        "Skeptic: no score for Alpha, 78 for Beta. A card ships from 60."
    )


def test_without_a_score_there_is_no_picture() -> None:
    assert dumbbell([], NAMES) is None
    assert dumbbell([Scored("Builder", None, None)], NAMES) is None
