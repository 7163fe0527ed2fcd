"""What happened in a stretch of time, in seven queries whatever the amount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.html import strip_tags
from django.utils.text import Truncator

from comparisons.articles.models import Article, RelatedCard
from comparisons.cards.history import changes
from comparisons.cards.models import Card, CardSnapshot
from comparisons.counterpoints.models import Counterpoint
from comparisons.digest.content import (
    ArticleNews,
    ChangeNews,
    Content,
    CounterpointNews,
    Model,
    VerdictNews,
    VotedNews,
)
from comparisons.pairings.listing import standing
from comparisons.pairings.models import Pairing
from comparisons.pairings.page import told_apart
from comparisons.reviews.models import Verdict
from comparisons.reviews.tally import called
from comparisons.templatetags.figures import points
from comparisons.votes.models import Vote

MOST = 400  # of one kind in one issue: a first import makes thousands, and nobody reads them
MOST_VOTED = 20
EXCERPT = 280  # characters
# What of a card is news by mail; the rest is on its page.
FACTS = (
    "price_in",
    "price_out",
    "price_cached",
    "license",
    "license_class",
    "commercial_use",
    "open_weights",
)


def news(since: datetime, until: datetime) -> Content:
    """From `since` on, up to and without `until`."""
    return Content(
        verdicts=tuple(_verdicts(since, until)),
        voted=tuple(_voted(since, until)),
        counterpoints=tuple(_counterpoints(since, until)),
        articles=tuple(_articles(since, until)),
        changes=tuple(_changes(since, until)),
    )


def _verdicts(since: datetime, until: datetime) -> Iterator[VerdictNews]:
    """Clear ones first, then by how far apart the two are."""
    # What stood when the stretch began: of three changes in a week the reader is told the sum.
    earlier = Verdict.objects.filter(pairing=OuterRef("pairing"), published_at__lt=since).order_by(
        "-published_at", "-pk"
    )
    found = (
        standing()
        .filter(published_at__gte=since, published_at__lt=until)
        .filter(pairing__left__snapshot__isnull=False, pairing__right__snapshot__isnull=False)
        .annotate(was=Subquery(earlier.values("outcome")[:1]), was_side=Subquery(earlier.values("side")[:1]))
        .order_by("-published_at", "-pk")[:MOST]
    )
    rank = {"clear": 0, "lean": 1, "split": 2, "toss_up": 3, "none": 4}
    rows: list[Any] = [row for row in found if (row.was, row.was_side) != (row.outcome, row.side)]
    for verdict in sorted(rows, key=lambda row: (rank[row.outcome], -(row.closeness or 0))):
        yield _verdict(verdict)


def _verdict(verdict: Any) -> VerdictNews:
    left, right = _sides(verdict.pairing)
    rubric = set(verdict.judge_kinds) == {"rubric"}
    return VerdictNews(
        key=f"verdict:{verdict.pk}",
        slug=verdict.pairing.slug,
        left=left,
        right=right,
        outcome=verdict.outcome,
        side=verdict.side,
        before=called(verdict.was, verdict.was_side, left.name, right.name) if verdict.was else "",
        before_side=verdict.was_side or "",
        bench=(
            _bench(verdict.left_ships, verdict.left_n, verdict.left_score),
            _bench(verdict.right_ships, verdict.right_n, verdict.right_score),
        ),
        closeness=None if verdict.closeness is None else float(verdict.closeness),
        judge="rule-based, no model" if rubric else ", ".join(verdict.judge_labels),
        provisional=verdict.provisional,
    )


def _bench(ships: int, n: int, score: Any) -> str:
    return f"{ships} of {n} ship, median {points(score)}" if n else "not scored"


def _voted(since: datetime, until: datetime) -> Iterator[VotedNews]:
    counted = {
        row["pairing"]: row
        for row in Vote.objects.filter(created_at__gte=since, created_at__lt=until, set_aside="")
        .values("pairing")
        .annotate(
            n=Count("pk"),
            only_left=Count("pk", filter=Q(choice="left")),
            only_right=Count("pk", filter=Q(choice="right")),
            both=Count("pk", filter=Q(choice="both")),
            neither=Count("pk", filter=Q(choice="neither")),
        )
        .order_by("-n", "pairing")[:MOST_VOTED]
    }
    pairings = Pairing.objects.select_related("left__lab", "right__lab").in_bulk(counted)
    for pk, row in counted.items():
        left, right = _sides(pairings[pk])
        counts = {name: row[name] for name in ("n", "only_left", "only_right", "both", "neither")}
        yield VotedNews(key=f"voted:{pk}", slug=pairings[pk].slug, left=left, right=right, **counts)


def _counterpoints(since: datetime, until: datetime) -> Iterator[CounterpointNews]:
    approved = (
        Counterpoint.objects.published()
        .filter(decided_at__gte=since, decided_at__lt=until)
        .select_related("pairing__left__lab", "pairing__right__lab", "article")
        .exclude(article__state=Article.State.DRAFT)
    )
    for counterpoint in approved[:MOST]:
        pairing = counterpoint.pairing
        models = _sides(pairing) if pairing else ()
        yield CounterpointNews(
            key=f"counterpoint:{counterpoint.pk}",
            title=" vs ".join(model.name for model in models) or str(counterpoint.subject),
            path=counterpoint.subject.get_absolute_url(),
            kind=counterpoint.get_kind_display(),
            by=counterpoint.name,
            excerpt=_excerpt(counterpoint.body_html),
            models=models,
        )


def _excerpt(body: str) -> str:
    """The beginning, as plain text."""
    # Blocks are parted by a space, or two paragraphs would run into one word.
    plain = unescape(strip_tags(re.sub(r"</(?:p|li|pre|blockquote)>|<br>", " ", body)))
    return Truncator(" ".join(plain.split())).chars(EXCERPT, truncate=" …")


def _articles(since: datetime, until: datetime) -> Iterator[ArticleNews]:
    shown = Article.objects.published().filter(published_at__gte=since, published_at__lt=until)
    found = list(shown.select_related("author")[:MOST])
    about: dict[int, list[Model]] = {article.pk: [] for article in found}
    for related in RelatedCard.objects.filter(article__in=found).select_related("card__lab"):
        about[related.article_id].append(_model(related.card))
    for article in found:
        yield ArticleNews(
            key=f"article:{article.pk}",
            title=article.title,
            standfirst=article.standfirst,
            path=article.get_absolute_url(),
            by=article.byline,
            models=tuple(about[article.pk]),
        )


def _changes(since: datetime, until: datetime) -> Iterator[ChangeNews]:
    """New cards and what changed on others; a card that changed back again did not."""
    before = CardSnapshot.objects.filter(card=OuterRef("card"), taken_at__lt=since).order_by("-pk")
    taken = (
        CardSnapshot.objects.filter(taken_at__gte=since, taken_at__lt=until, current_of__isnull=False)
        .select_related("card__lab")
        .annotate(before=Subquery(before.values("record")[:1]))
        .order_by("-pk")
    )
    rows = [_change(snapshot) for snapshot in taken[:MOST]]
    # What costs another price interests more people than what is new.
    yield from sorted((row for row in rows if row.first or row.words), key=lambda row: row.first)


def _change(snapshot: Any) -> ChangeNews:
    first = snapshot.before is None
    different = () if first else changes(_news_of(snapshot.before), _news_of(snapshot.record))
    return ChangeNews(
        key=f"change:{snapshot.pk}",
        model=_model(snapshot.card),
        first=first,
        tagline=snapshot.card.tagline,
        words=tuple(change.in_words for change in different),
    )


def _news_of(record: Mapping[str, Any]) -> dict[str, Any]:
    return {fact: record[fact] for fact in FACTS if fact in record}


def _sides(pairing: Pairing) -> tuple[Model, Model]:
    names = told_apart(pairing.left, pairing.right)
    return _model(pairing.left, names[0]), _model(pairing.right, names[1])


def _model(card: Card, name: str = "") -> Model:
    return Model(slug=card.slug, name=name or card.name, lab=card.lab.slug, lab_name=card.lab.name)
