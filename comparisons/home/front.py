"""What the front page shows, in six queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import OuterRef, Subquery

from comparisons.articles.models import Article
from comparisons.cards.history import Change, changes
from comparisons.cards.models import CardSnapshot
from comparisons.pairings.listing import closest, standing
from comparisons.reviews.models import Reviewer, Verdict

NEWEST = 6
CLOSEST = 4
CHANGED = 6
ARTICLES = 3
COUNTED = 2_000  # counting half a million rows takes longer than all else on the page together


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is; verdicts are counted up to `COUNTED` and then only said to be more."""

    models: int
    labs: int
    verdicts: int

    @property
    def verdicts_in_words(self) -> str:
        return f"more than {COUNTED:,}" if self.verdicts > COUNTED else f"{self.verdicts:,}"


@dataclass(frozen=True, slots=True)
class Changed:
    """A state a card newly took; without changes when it is the card's first."""

    snapshot: CardSnapshot
    first: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Front:
    newest: list[Verdict]
    closest: list[Verdict]
    changed: list[Changed]
    reviewers: list[Reviewer]
    counts: Counts
    articles: list[Article]


def front() -> Front:
    return Front(
        newest=list(standing().order_by("-published_at", "-pk")[:NEWEST]),
        closest=list(closest()[:CLOSEST]),
        changed=_changed(),
        reviewers=list(Reviewer.objects.filter(active=True)),
        counts=_counts(),
        articles=list(Article.objects.published()[:ARTICLES]),
    )


def _changed() -> list[Changed]:
    earlier = CardSnapshot.objects.filter(card=OuterRef("card"), pk__lt=OuterRef("pk")).order_by("-pk")
    # By key, not by time: snapshots are only ever added, and the key has an index.
    newest = CardSnapshot.objects.select_related("card__lab").order_by("-pk")
    return [
        Changed(
            snapshot=snapshot,
            first=snapshot.before is None,
            changes=changes(snapshot.before, snapshot.record) if snapshot.before is not None else (),
        )
        for snapshot in newest.annotate(before=Subquery(earlier.values("record")[:1]))[:CHANGED]
    ]


def _counts() -> Counts:
    """One query for three numbers, the last of them bounded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM comparisons_card WHERE snapshot_id IS NOT NULL),
                   (SELECT count(DISTINCT lab_id) FROM comparisons_card WHERE snapshot_id IS NOT NULL),
                   (SELECT count(*) FROM (SELECT 1 FROM comparisons_verdict
                                           WHERE superseded_at IS NULL LIMIT %s) AS standing)
            """,
            [COUNTED + 1],
        )
        models, labs, verdicts = cursor.fetchone() or (0, 0, 0)
    return Counts(models, labs, verdicts)
