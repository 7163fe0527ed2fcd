"""The parts of one comparison that come in pairs: its two cards, the rows of its table, its reviewers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from comparisons.api.cards import CardName
from comparisons.api.parts import Address, OneOf, Record, Share, Words, community, share
from comparisons.api.reviews import PointsRecord, ReviewerName, StandingAnswer, points
from comparisons.pairings.bench import Heard, Picked, Seat
from comparisons.pairings.difference import Cell, Row
from comparisons.pairings.page import CardSide
from comparisons.pairings.prices import Line

SIDES = {"a": "left", "b": "right", "": ""}


class PairingSide(CardName):
    """One of the two cards."""

    page = Address("/models/{}/", source="slug", help_text="For people.")
    call = serializers.ChoiceField(["ship", "skip", "split", "none"])
    panel = Share(allow_null=True, help_text="The panel in this verdict; null without one.")
    median_score = serializers.FloatField(min_value=0, max_value=100, allow_null=True)
    community = Share(help_text="Votes of readers on all its pairings.")
    entry_price = Words(help_text="The way in that costs least, in words.")
    read_on = serializers.DateTimeField(allow_null=True, help_text="Date of the snapshot the verdict read.")
    changed_since = serializers.BooleanField()


class LineRecord(Record):
    """One line of a cell."""

    text = Words()
    note = Words()
    command = Words(help_text="To copy into a terminal.")
    url = Words()


class CellSource(Record):
    """Where what a cell says was read."""

    name = serializers.CharField()
    url = Words()
    seen_on = Words(help_text="In words.")


class OtherRecord(Record):
    """What another source says instead."""

    value = serializers.CharField()
    source = CellSource()  # type: ignore[assignment]  # a field, not where one comes from


class CellRecord(Record):
    """One side of one row. No lines: nobody told us."""

    lines = LineRecord(many=True)
    sources = CellSource(many=True)
    others = OtherRecord(many=True)


class RowRecord(Record):
    """One row of the decision table."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the label of one
    differs = serializers.BooleanField(help_text="Both sides are known, and not the same.")
    left = CellRecord()
    right = CellRecord()


class HeardRecord(Record):
    """One reviewer on one card."""

    score = serializers.IntegerField(min_value=0, max_value=100, allow_null=True)
    call = serializers.ChoiceField(["ship", "skip", "abstained"])
    paragraph = serializers.CharField()
    answers = StandingAnswer(many=True)
    points = PointsRecord(many=True, help_text="Rubric only.")
    flagged = Words(help_text="Why it should be read with care.")
    judge = serializers.CharField()
    heard_at = serializers.DateTimeField()
    receipts = serializers.ListField(child=serializers.URLField())


class PickedRecord(Record):
    """One reviewer between the two."""

    choice = serializers.ChoiceField(["left", "right", "toss_up"])
    why = serializers.CharField()
    changed_with_order = serializers.BooleanField()
    flagged = Words(help_text="Why it should be read with care.")
    receipts = serializers.ListField(child=serializers.URLField())


class SeatRecord(Record):
    """One reviewer on both cards."""

    reviewer = ReviewerName()
    left = HeardRecord(allow_null=True)
    right = HeardRecord(allow_null=True)
    pick = PickedRecord(allow_null=True)
    prefers = OneOf(["left", "right"], allow_null=True)
    dissents = serializers.BooleanField(help_text="Prefers the side that the verdict is not for.")


def side_of(side: CardSide) -> dict[str, Any]:
    tally = side.tally
    return {
        "slug": side.card.slug,
        "name": side.name,
        "call": side.call,
        "panel": share(tally.ships, tally.n) if tally else None,
        "median_score": tally.score if tally else None,
        "community": community(side.community),
        "entry_price": side.price,
        "read_on": side.read_on,
        "changed_since": side.changed_since,
    }


def row_of(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "differs": row.differs,
        "left": _cell(row.left),
        "right": _cell(row.right),
    }


def seat_of(seat: Seat) -> dict[str, Any]:
    return {
        "reviewer": seat.reviewer,
        "left": _heard(seat.a, seat),
        "right": _heard(seat.b, seat),
        "pick": _picked(seat.pick),
        "prefers": SIDES[seat.prefers],
        "dissents": seat.dissents,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    lines: list[Line] = [*cell.lines, *cell.more]
    others = [{"value": value, "source": source} for value, source in cell.others]
    return {"lines": lines, "sources": cell.sources, "others": others}


def _heard(heard: Heard | None, seat: Seat) -> dict[str, Any] | None:
    if heard is None:
        return None
    keys = {str(each["question"]): str(each["key"]) for each in seat.reviewer.questions}
    asked = set(keys)
    return {
        "score": heard.score,
        "call": "abstained" if heard.score is None else "ship" if heard.ship else "skip",
        "paragraph": heard.paragraph,
        "answers": [
            {
                "key": keys.get(question, question),
                "question": question if question in asked else "",
                "answer": said,
            }
            for question, said in heard.answers
        ],
        "points": points(heard.points),
        "flagged": heard.flagged,
        "judge": heard.judge,
        "heard_at": heard.heard_at,
        "receipts": [Address("/api/v1{}").to_representation(path) for path in heard.receipts],
    }


def _picked(pick: Picked | None) -> dict[str, Any] | None:
    if pick is None:
        return None
    return {
        "choice": SIDES[pick.letter] or "toss_up",
        "why": pick.why,
        "changed_with_order": pick.changed_with_order,
        "flagged": pick.flagged,
        "receipts": [Address("/api/v1{}").to_representation(path) for path in pick.receipts],
    }
