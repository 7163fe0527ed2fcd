"""What `convene` shows while a run goes on."""

from dataclasses import replace
from decimal import Decimal
from io import StringIO

from rich.console import Console

from panel.progress import Progress, ReviewerProgress
from panel.terminal import Board

BUILDER, SKEPTIC = ReviewerProgress("The Builder", 3, 0, 8), ReviewerProgress("The [Skeptic]", 5, 2, 8)
NOW = Progress("running", 16, 8, 4, 1, 2, 0, 9, Decimal("0.0123"), (BUILDER, SKEPTIC), None)


def shown(*, terminal: bool) -> str:
    said = StringIO()
    console = Console(file=said, force_terminal=terminal, width=160, color_system=None)
    with Board(console) as board:
        board.show(replace(NOW, reviewers=(), hearings=0, heard=0))
        board.show(NOW)
    return said.getvalue()


def test_each_reviewer_has_a_line_and_above_them_stand_fallbacks_and_cost() -> None:
    last = shown(terminal=True).rpartition("all hearings")[2]
    assert "3/8" in last.partition("The Builder")[2]
    assert "5/8" in last.partition("The [Skeptic]")[2]
    assert "2 given up" in last
    assert "1 of 4 verdicts published, 2 by a later judge, 0 without any; 9 calls, 0.0123 USD" in last
    assert "8/16" in last


def test_a_log_file_is_not_filled_with_bars() -> None:
    assert shown(terminal=False).strip() == ""
