"""The newest articles, whole, for feed readers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import conditional_page, require_safe

from comparisons.articles.markdown import with_full_addresses
from comparisons.articles.models import Article

NEWEST = 20
# XML has no way to write these, not even escaped; pasted text may hold them.
UNWRITABLE = dict.fromkeys(set(range(32)) - {9, 10, 13})


class FullText(Atom1Feed):
    """Atom with the text itself beside the summary; Django's generator knows only the summary."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@require_safe
@conditional_page
def articles_atom(request: HttpRequest) -> HttpResponse:
    """The same for everybody; a reader that comes again with the ETag gets an empty 304."""
    feed = FullText(
        title=f"{settings.SITE_NAME}: articles",
        link=f"{settings.SITE_URL}{reverse('articles')}",
        description="",
        feed_url=f"{settings.SITE_URL}{request.path}",
        author_name=settings.SITE_NAME,
        language="en",
    )
    for article in Article.objects.published().select_related("author")[:NEWEST]:
        address = f"{settings.SITE_URL}{article.get_absolute_url()}"
        feed.add_item(
            title=article.title.translate(UNWRITABLE),
            link=address,
            unique_id=address,
            # Django says that a summary is HTML, and so do readers take it; a standfirst is none.
            description=escape(article.standfirst.translate(UNWRITABLE)),
            author_name=article.byline,
            pubdate=article.published_at,
            updateddate=article.changed_at,
            content=with_full_addresses(article.body_html, settings.SITE_URL).translate(UNWRITABLE),
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
