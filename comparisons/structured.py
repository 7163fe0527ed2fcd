"""What machines read of a page (schema.org), in one place. No Review and no AggregateRating: personas spoke,
nobody rated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from comparisons.articles.page import ArticlePage
from comparisons.cards.models import Card
from comparisons.pairings.page import Page
from comparisons.reviews.models import Reviewer

Node = dict[str, Any]
# Inside a script element only these can end it or open another; JSON allows each to be written escaped.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def of_home() -> SafeString:
    """The site, and how to search it."""
    site = {
        **_publisher(),
        "@type": "WebSite",
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": _at("/search/?q={search_term_string}")},
            "query-input": "required name=search_term_string",
        },
    }
    return _as_json([site])


def of_card(card: Card) -> SafeString:
    """A model as software, without the panel's opinion of it."""
    told = {
        "description": card.tagline,
        "datePublished": card.release_date,
        "dateModified": card.changed_at.isoformat(timespec="seconds") if card.changed_at else "",
    }
    software = {
        **_software(card.name, card.get_absolute_url()),
        "applicationSubCategory": card.category,
        "creator": {"@type": "Organization", "name": card.lab.name},
        **{key: value for key, value in told.items() if value},
    }
    return _as_json([_trail(("Models", "/models/"), (card.name, card.get_absolute_url())), software])


def of_reviewer(reviewer: Reviewer) -> SafeString:
    """Only where the page is: a persona is no Person."""
    return _as_json([_trail(("Reviewers", "/reviewers/"), (reviewer.name, reviewer.get_absolute_url()))])


def of_comparison(page: Page) -> SafeString:
    """The way to the page and, once there is a verdict, the article that it is."""
    path = page.pairing.get_absolute_url()
    graph = [_trail(("Compare", "/compare/"), (page.title, path))]
    if page.verdict is not None:
        graph.append(
            {
                "@type": "Article",
                "headline": page.title[:110],
                "description": page.answer.sentence,
                "image": _at(f"{path}og.png"),
                "mainEntityOfPage": _at(path),
                "dateModified": page.verdict.published_at.isoformat(timespec="seconds"),
                "author": _publisher(),
                "publisher": _publisher(),
                "about": [_software(side.name, side.address) for side in page.sides],
            }
        )
    return _as_json(graph)


def of_article(page: ArticlePage) -> SafeString:
    """The way to an article, and what it is about."""
    article, path = page.article, page.article.get_absolute_url()
    published = article.published_at
    node = {
        "@type": "Article",
        "headline": article.title[:110],
        "description": article.standfirst,
        "mainEntityOfPage": _at(path),
        **({"datePublished": published.isoformat(timespec="seconds")} if published else {}),
        "dateModified": article.changed_at.isoformat(timespec="seconds"),
        "author": _publisher(),
        "publisher": _publisher(),
        "about": [_software(box.card.name, box.card.get_absolute_url()) for box in page.boxes],
    }
    return _as_json([_trail(("Articles", "/articles/"), (article.title, path)), node])


def _at(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _publisher() -> Node:
    return {"@type": "Organization", "name": settings.SITE_NAME, "url": _at("/")}


def _software(name: str, path: str) -> Node:
    return {
        "@type": "SoftwareApplication",
        "name": name,
        "url": _at(path),
        "applicationCategory": "DeveloperApplication",
    }


def _trail(*steps: tuple[str, str]) -> Node:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": _at(path)}
            for position, (name, path) in enumerate((("Home", "/"), *steps), start=1)
        ],
    }


def _as_json(graph: Sequence[Node]) -> SafeString:
    """Safe to print between script tags whatever the cards are called."""
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308  # escaped on the line itself
