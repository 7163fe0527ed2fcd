"""The desk: what waits, what it is about, what else its author sent; in a fixed number of queries."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Window
from django.db.models.functions import MD5, RowNumber
from django.utils import timezone

from comparisons.counterpoints.models import Counterpoint, CounterpointQuerySet
from comparisons.counterpoints.subjects import Subject, subject_of
from comparisons.listing import Key, Order, Page, moment, truth, turn, whole
from comparisons.moderation.actions import UNDONE_WITHIN
from comparisons.moderation.signs import host_of, signs

State = Counterpoint.State

SIZE = 20  # texts a page
OTHERS = 6  # of one author, listed
MOST_COUNTED = 1_000
# Whose browser has worked comes first, then who waits longest: the order of `waiting` and of its index.
FIRST = Order((Key("proof_of_work", truth, descending=True), Key("created_at", moment), Key("pk", whole)))


@dataclass(frozen=True, slots=True)
class Other:
    """Another text of the same author."""

    pk: int
    state: str
    beginning: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One text as the desk shows it."""

    counterpoint: Counterpoint
    subject: Subject
    host: str  # of its link; "" without one
    counts: tuple[tuple[str, int], ...]  # the author's other texts by state, spam first
    others: tuple[Other, ...]
    signs: tuple[str, ...]

    @property
    def others_in_all(self) -> int:
        return sum(number for _, number in self.counts)

    @property
    def undone_until(self) -> datetime | None:
        """Until when its decision can be taken back; None when it is too late or there is none."""
        decided = self.counterpoint.decided_at
        until = decided + UNDONE_WITHIN if decided else None
        return until if until and until > timezone.now() else None


def with_subjects(rows: CounterpointQuerySet) -> CounterpointQuerySet:
    return rows.select_related("pairing__left__lab", "pairing__right__lab", "article", "answers_reviewer")


def queue(at: Mapping[str, str]) -> tuple[Page[Counterpoint], list[Item]]:
    """One page of what waits, in four queries."""
    page = turn(with_subjects(Counterpoint.objects.waiting()), FIRST, at, size=SIZE)
    return page, items(page.rows)


def waiting() -> str:
    """How many wait, in words; not counted further than anybody reads."""
    number = Counterpoint.objects.filter(state=State.PENDING)[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else str(number)


def item(pk: int) -> Item | None:
    return next(iter(items(with_subjects(Counterpoint.objects.filter(pk=pk)))), None)


def items(rows: Iterable[Counterpoint]) -> list[Item]:
    texts = list(rows)
    if not texts:
        return []
    counts, others, same = _counts(texts), _others(texts), _same(texts)
    return [_item(each, counts[each.author_key], others[each.author_key], same) for each in texts]


def _item(
    text: Counterpoint, counted: Counter[str], listed: Sequence[Other], same: Mapping[str, int]
) -> Item:
    counts = counted.copy()
    counts[text.state] -= 1  # itself
    return Item(
        counterpoint=text,
        subject=subject_of(text),
        host=host_of(text.link),
        counts=tuple((state, counts[state]) for state in reversed(State.values) if counts[state] > 0),
        others=tuple(other for other in listed if other.pk != text.pk)[: OTHERS - 1],
        signs=signs(
            body=text.body,
            link=text.link,
            links=text.body_html.count("<a "),
            same_text=same[_digest(text.body)] - 1,
            turned_down=counts[State.REJECTED] + counts[State.SPAM],
            worked=text.proof_of_work,
        ),
    )


def _counts(texts: Sequence[Counterpoint]) -> Mapping[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    rows = Counterpoint.objects.filter(author_key__in={each.author_key for each in texts}).order_by()
    for key, state, number in rows.values_list("author_key", "state").annotate(n=Count("pk")):
        found[key][state] = number
    return found


def _others(texts: Sequence[Counterpoint]) -> Mapping[str, list[Other]]:
    """The newest few of each author."""
    nth = Window(
        RowNumber(), partition_by=[F("author_key")], order_by=[F("created_at").desc(), F("pk").desc()]
    )
    rows = (
        Counterpoint.objects.filter(author_key__in={each.author_key for each in texts})
        .annotate(nth=nth)
        .filter(nth__lte=OTHERS)
        .order_by("-created_at", "-pk")
    )
    found: defaultdict[str, list[Other]] = defaultdict(list)
    for key, pk, state, body, created_at in rows.values_list(
        "author_key", "pk", "state", "body", "created_at"
    ):
        found[key].append(Other(pk, state, body[:120], created_at))
    return found


def _same(texts: Sequence[Counterpoint]) -> Mapping[str, int]:
    """How often each text was sent, by its digest."""
    digests = {_digest(each.body) for each in texts}
    rows = Counterpoint.objects.alias(text=MD5("body")).filter(text__in=digests).order_by()
    return dict(rows.values_list(MD5("body")).annotate(n=Count("pk")))


def _digest(body: str) -> str:
    # To find equal texts by an index; nothing is kept safe by it.
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
