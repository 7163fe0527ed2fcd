"""The sitemap: an index and its files, written by PostgreSQL so that 50,000 addresses cost a fraction of a
second. Django's own framework pages by OFFSET and builds an object for every address.

Only pairings with a verdict are listed: the page of an unheard one says noindex.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from comparisons.listing import BIGGEST

SIZE = 50_000  # addresses a file, the most that sitemaps.org allows
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = ("home", "compare", "models", "reviewers", "methodology", "articles", "digest")

# Ranges of the pairings' ids: they need no OFFSET, hold SIZE addresses at most, and an address stays in its
# file. The range is said of both tables, so that both are read by their index on it and merged; said of one,
# PostgreSQL walks the other from end to end. The index names no dates: they would cost a walk over all.
FILES = """
    SELECT n FROM generate_series(1, (SELECT (max(id) - 1) / %(size)s + 1 FROM comparisons_pairing)) AS n
     WHERE EXISTS (SELECT FROM comparisons_verdict
                    WHERE pairing_id > (n - 1) * %(size)s AND pairing_id <= n * %(size)s
                      AND superseded_at IS NULL)
     ORDER BY n
"""
COMPARISONS = """
    SELECT string_agg('<url><loc>' || %(site)s || '/compare/' || pairing.slug || '/</loc><lastmod>'
                      || (verdict.published_at AT TIME ZONE 'UTC')::date || '</lastmod></url>', E'\n'
                      ORDER BY pairing.id)
      FROM comparisons_pairing AS pairing
      JOIN comparisons_verdict AS verdict ON verdict.pairing_id = pairing.id AND verdict.superseded_at IS NULL
      JOIN comparisons_card AS one ON one.id = pairing.left_id AND one.snapshot_id IS NOT NULL
      JOIN comparisons_card AS other ON other.id = pairing.right_id AND other.snapshot_id IS NOT NULL
     WHERE pairing.id > %(after)s AND pairing.id <= %(upto)s
       AND verdict.pairing_id > %(after)s AND verdict.pairing_id <= %(upto)s
"""
# A card's page changes with its facts and with what the panel says of it.
CARDS = """
    SELECT '/models/' || card.slug || '/', greatest(card.created_at, card.changed_at, max(review.heard_at))
      FROM comparisons_card AS card
      LEFT JOIN comparisons_review AS review ON review.snapshot_id = card.snapshot_id
     WHERE card.snapshot_id IS NOT NULL
     GROUP BY card.id ORDER BY card.id LIMIT %(size)s
"""
REVIEWERS = (
    "SELECT '/reviewers/' || slug || '/', NULL FROM comparisons_reviewer WHERE active ORDER BY position"
)
ARTICLES = """
    SELECT '/articles/' || article.slug || '/', greatest(article.changed_at, max(note.dated))
      FROM comparisons_article AS article
      LEFT JOIN comparisons_agednote AS note ON note.article_id = article.id
     WHERE article.state = 'published'
     GROUP BY article.id ORDER BY article.published_at DESC, article.id LIMIT %(size)s
"""

ISSUES = """
    SELECT '/digest/' || year || '-W' || lpad(week::text, 2, '0') || '/', started_at
      FROM comparisons_issue WHERE started_at IS NOT NULL ORDER BY year DESC, week DESC LIMIT 1000
"""


@require_safe
@cache_control(public=True, max_age=3600)
@conditional_page
def index(request: HttpRequest) -> HttpResponse:
    site = escape(settings.SITE_URL)
    entries = (f"<sitemap><loc>{site}/sitemaps/{name}.xml</loc></sitemap>" for name in ("pages", *files()))
    return _xml("sitemapindex", "\n".join(entries))


@require_safe
@cache_control(public=True, max_age=3600)
@conditional_page
def pages(request: HttpRequest) -> HttpResponse:
    """Every page that is no comparison."""
    return _xml("urlset", "\n".join(_pages()))


@require_safe
@cache_control(public=True, max_age=3600)
@conditional_page
def comparisons(request: HttpRequest, number: int) -> HttpResponse:
    listed = judged(number)
    if not listed:
        raise Http404("There is no such file in the sitemap.")
    return _xml("urlset", listed)


def files(size: int = SIZE) -> list[int]:
    """The files of comparisons there are, empty ones left out, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(FILES, {"size": size})
        return [number for (number,) in cursor.fetchall()]


def judged(number: int, size: int = SIZE) -> str:
    """The entries of file `number`, counted from 1; "" when it would be empty."""
    # Slugs are checked to be plain by a constraint, so only the site's own address needs escaping.
    if not 0 < number <= BIGGEST // size:
        return ""
    site = str(escape(settings.SITE_URL))
    bounds: dict[str, int | str] = {"after": (number - 1) * size, "upto": number * size, "site": site}
    with connection.cursor() as cursor:
        cursor.execute(COMPARISONS, bounds)
        row = cursor.fetchone()
    return (row and row[0]) or ""


def _pages() -> Iterator[str]:
    for name in PAGES:
        yield _entry(reverse(name), None)
    with connection.cursor() as cursor:
        for query in (REVIEWERS, ISSUES, CARDS, ARTICLES):
            cursor.execute(query, {"size": SIZE // 2 - 1000})
            for path, changed in cursor.fetchall():
                yield _entry(path, changed)


def _entry(path: str, changed: datetime | None) -> str:
    return f"<url><loc>{escape(settings.SITE_URL)}{path}</loc>{_lastmod(changed)}</url>"


def _lastmod(changed: datetime | None) -> str:
    return f"<lastmod>{changed:%Y-%m-%d}</lastmod>" if changed else ""


def _xml(root: str, entries: str) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{entries}\n</{root}>\n'
    return HttpResponse(text, content_type="application/xml; charset=utf-8")
