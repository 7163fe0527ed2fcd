"""Atom feeds."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from comparisons.pairings.listing import standing
from comparisons.pairings.page import told_apart
from comparisons.reviews.models import Verdict
from comparisons.templatetags.figures import points

NEWEST = 30
# XML has no way to write these, not even escaped; a name may hold them.
UNWRITABLE = dict.fromkeys(set(range(32)) - {9, 10, 13})


@require_safe
@cache_control(public=True, max_age=60)
@conditional_page
def verdicts(request: HttpRequest) -> HttpResponse:
    """The newest standing verdicts of cards that readers see, in one query."""
    feed = Atom1Feed(
        title=f"{settings.SITE_NAME}: newest verdicts",
        subtitle="Which of two models to ship with. The reviewers are AI personas or rules, not people.",
        link=f"{settings.SITE_URL}/compare/",
        feed_url=f"{settings.SITE_URL}/feeds/verdicts.atom",
        description="",
        language="en",
        author_name=settings.SITE_NAME,
    )
    shown = standing().filter(pairing__left__snapshot__isnull=False, pairing__right__snapshot__isnull=False)
    for verdict in shown.order_by("-published_at", "-pk")[:NEWEST]:
        _add(feed, verdict)
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _add(feed: Atom1Feed, verdict: Verdict) -> None:
    pairing = verdict.pairing
    names = told_apart(pairing.left, pairing.right)
    address = f"{settings.SITE_URL}{pairing.get_absolute_url()}"
    host = urlsplit(settings.SITE_URL).hostname
    feed.add_item(
        title=f"{' vs '.join(names)}: {_call(verdict, names)}".translate(UNWRITABLE),
        link=address,
        # Django says that a summary is HTML, and so do readers take it; a name is none.
        description=escape(_figures(verdict, names).translate(UNWRITABLE)),
        # A verdict, not its page: the next one on the same pairing is news again.
        unique_id=f"tag:{host},{verdict.published_at:%Y-%m-%d}:verdict/{verdict.pk}",
        pubdate=verdict.published_at,
        updateddate=verdict.published_at,
    )


def _call(verdict: Verdict, names: tuple[str, str]) -> str:
    if not verdict.side:
        return str(verdict.get_outcome_display())
    name = names[0] if verdict.side == Verdict.Side.LEFT else names[1]
    return f"{'clearly' if verdict.outcome == Verdict.Outcome.CLEAR else 'lean'} {name}"


def _figures(verdict: Verdict, names: tuple[str, str]) -> str:
    benches = (
        (names[0], verdict.left_ships, verdict.left_n, verdict.left_score),
        (names[1], verdict.right_ships, verdict.right_n, verdict.right_score),
    )
    said = "; ".join(
        f"{name}: {ships} of {n} reviewers would ship it, median score {points(score)} of 100"
        if n
        else f"{name}: no reviewer had facts enough to score it"
        for name, ships, n, score in benches
    )
    kind = " (rule-based, no model)" if set(verdict.judge_kinds) == {"rubric"} else ""
    mixed = " Mixed judges, provisional." if verdict.provisional else ""
    return f"{said}. Judge: {', '.join(verdict.judge_labels)}{kind}.{mixed}"
