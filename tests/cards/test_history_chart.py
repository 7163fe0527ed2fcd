"""How a card scored over time: a line for each judge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client

from comparisons.cards.models import CardSnapshot
from comparisons.cards.score_history import TO, Heard, Line, lines
from comparisons.reviews.models import Review
from tests.factories.benches import hear
from tests.factories.cards import make_card

START = datetime(2026, 7, 1, tzinfo=UTC)
BENCH = ("builder", "skeptic", "futurist", "founder")


def heard(snapshot: int, day: int, *scores: int, judge: str = "rubric") -> list[Heard]:
    at = START + timedelta(days=day)
    return [
        Heard(judge, f"{judge} v1", snapshot, who, score, at)
        for who, score in zip(BENCH, scores, strict=False)
    ]


def drawn(*benches: list[Heard]) -> tuple[Line, ...]:
    return lines(
        sorted((each for bench in benches for each in bench), key=lambda each: each.at, reverse=True)
    )


def test_each_state_is_the_median_of_its_scores_at_its_date() -> None:
    (line,) = drawn(heard(1, 0, 80, 60, 70, 90), heard(2, 10, 50, 50, 52, 90), heard(3, 40, 90, 90, 90))
    assert [(point.score, point.n) for point in line.points] == [(75, 4), (51, 4), (90, 3)]
    first, middle, last = (point.x for point in line.points)
    assert (middle - first) / (last - first) == pytest.approx(0.25, abs=0.01)
    assert line.points[1].y > line.points[0].y > line.points[2].y
    assert line.text == (
        "Median score by rubric v1: 75 on July 1, 2026 (n = 4), 51 on July 11, 2026 (n = 4), "
        "90 on August 10, 2026 (n = 3). A card ships from 60."
    )


def test_one_state_makes_no_line() -> None:
    assert drawn(heard(1, 0, 80, 60, 70, 90)) == ()
    assert drawn() == ()


def test_judges_never_share_a_line() -> None:
    rubric = [heard(number, number, 80, 80, 80) for number in (1, 2)]
    mistral = [heard(number, number + 5, 50, 50, 50, judge="mistral") for number in (2, 3)]
    alone = heard(3, 30, 10, 10, 10, judge="alone")
    found = drawn(*rubric, *mistral, alone)
    assert [(line.judge_label, [point.score for point in line.points]) for line in found] == [
        ("mistral v1", [50, 50]),
        ("rubric v1", [80, 80]),
    ]


def test_a_bench_below_quorum_is_no_point() -> None:
    assert drawn(heard(1, 0, 80, 60, 70), heard(2, 1, 80, 60)) == ()


def test_a_state_scored_again_counts_once_by_the_newer_score() -> None:
    (line,) = drawn(heard(1, 0, 10, 10, 10), heard(1, 3, 70, 70, 70), heard(2, 9, 80, 80, 80))
    assert [point.score for point in line.points] == [70, 80]


def test_dates_that_would_cover_each_other_are_not_written_and_the_last_always_is() -> None:
    (line,) = drawn(*(heard(number, number, 80, 80, 80) for number in range(20)))
    written = [point.x for point in line.points if point.dated]
    assert written[-1] == TO
    assert all(later - earlier >= 40 for earlier, later in pairwise(written))


def test_states_heard_at_the_same_moment_do_not_divide_by_nothing() -> None:
    assert len(drawn(heard(1, 0, 80, 80, 80), heard(2, 0, 80, 80, 80))[0].points) == 2


@pytest.mark.django_db
def test_the_card_page_draws_it_from_two_states_on(client: Client) -> None:
    other = make_card("other")
    hear(make_card("alpha", context_tokens=1000), other)
    assert "score-history" not in client.get("/models/alpha/").text
    Review.objects.update(heard_at=START)
    hear(make_card("alpha", context_tokens=2000), other, (50, 50, 50, 50))
    assert CardSnapshot.objects.filter(card__slug="alpha").count() == 2
    html = client.get("/models/alpha/").text
    assert html.count("score-history-1") == 2
    assert "Median score by rubric v1: 83.5 on July 1, 2026 (n = 4), 50 on " in html
    assert "style=" not in html
