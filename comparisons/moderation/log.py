"""The log of decisions as pages show it: to staff with names, to everybody without, and in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncMonth

from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.counterpoints.reasons import REASONS
from comparisons.counterpoints.subjects import Subject, subject_of
from comparisons.listing import Key, Order, Page, moment, turn, whole
from comparisons.moderation.page import Item, with_subjects
from comparisons.people.models import User

Step = Decision.Step

SIZE = 50
MONTHS = 12
NEWEST = Order((Key("at", moment, descending=True), Key("pk", whole, descending=True)))
COLUMNS = (Step.APPROVED, Step.REJECTED, Step.SPAM, Step.REDACTED, Step.ERASED, Step.PENDING)


@dataclass(frozen=True, slots=True)
class Line:
    """One decision, and what it was about as far as that is still there and published."""

    decision: Decision
    counterpoint: Counterpoint | None
    subject: Subject | None

    @property
    def undoable(self) -> Item | None:
        """The text, when this is its last decision and can still be taken back."""
        text = self.counterpoint
        if text is None or text.state != self.decision.to_state or text.decided_at is None:
            return None
        # The two times are of one transaction, a moment apart.
        if abs((text.decided_at - self.decision.at).total_seconds()) > 1:
            return None
        found = Item(text, subject_of(text), "", (), (), ())
        return found if found.undone_until else None


@dataclass(frozen=True, slots=True)
class Month:
    first: datetime
    numbers: tuple[int, ...]  # one for each of COLUMNS


@dataclass(frozen=True, slots=True)
class Numbers:
    months: tuple[Month, ...]  # newest first
    reasons: tuple[tuple[str, int], ...]  # (words, how often), of what was turned down or redacted


def lines(
    decisions: QuerySet[Decision], at: Mapping[str, str], *, named: bool
) -> tuple[Page[Decision], list[Line]]:
    """One page of the log, in two queries. `named`: with who decided, for staff."""
    # Not joined: a decision stands though its text was erased.
    page = turn(decisions.select_related("by") if named else decisions, NEWEST, at, size=SIZE)
    wanted = {each.counterpoint_id for each in page.rows}
    texts = with_subjects(Counterpoint.objects.all()).in_bulk(wanted)
    return page, [_line(each, texts.get(each.counterpoint_id)) for each in page.rows]


def _line(decision: Decision, text: Counterpoint | None) -> Line:
    shown = text is not None and (text.article is None or text.article.state == "published")
    return Line(decision, text, subject_of(text) if text is not None and shown else None)


def moderators() -> QuerySet[User]:
    """Who has decided anything."""
    return User.objects.filter(Exists(Decision.objects.filter(by=OuterRef("pk")))).order_by("username")


def numbers(now: datetime) -> Numbers:
    """The last twelve months, in one query."""
    month = now.year * 12 + now.month - MONTHS
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight.replace(year=month // 12, month=month % 12 + 1, day=1)
    rows = (
        Decision.objects.filter(at__gte=since)
        .order_by()
        .values_list(TruncMonth("at"), "to_state", "reason")
        .annotate(n=Count("pk"))
    )
    return _counted(rows)


def _counted(rows: Iterable[tuple[datetime, str, str, int]]) -> Numbers:
    months: dict[datetime, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    for first, step, reason, number in rows:
        months.setdefault(first, Counter())[step] += number
        if reason:
            reasons[reason] += number
    return Numbers(
        tuple(
            Month(first, tuple(months[first][step] for step in COLUMNS))
            for first in sorted(months, reverse=True)
        ),
        tuple((str(reason.label), reasons[reason]) for reason in REASONS if reasons[reason]),
    )
