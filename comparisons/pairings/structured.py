"""What machines read of a comparison page. No Review and no AggregateRating: personas spoke, nobody rated."""

from __future__ import annotations

import json

from django.utils.safestring import SafeString, mark_safe

from comparisons.pairings.page import Page

# Inside a script element only these can end it or open another; JSON allows each to be written escaped.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def linked_data(page: Page, *, site_name: str, site_url: str) -> SafeString:
    """JSON-LD for a data block; safe to print between script tags whatever the cards are called."""
    address = f"{site_url}{page.pairing.get_absolute_url()}"
    publisher = {"@type": "Organization", "name": site_name, "url": f"{site_url}/"}
    trail = [("Home", f"{site_url}/"), ("Compare", f"{site_url}/compare/"), (page.title, address)]
    graph: list[dict[str, object]] = [
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": at, "name": name, "item": item}
                for at, (name, item) in enumerate(trail, start=1)
            ],
        }
    ]
    if page.verdict is not None:
        published = page.verdict.published_at.isoformat(timespec="seconds")
        graph.append(
            {
                "@type": "Article",
                "headline": page.title[:110],
                "description": page.answer.sentence,
                "mainEntityOfPage": address,
                "dateModified": published,
                "author": publisher,
                "publisher": publisher,
                "about": [
                    {"@type": "SoftwareApplication", "name": side.name, "url": f"{site_url}{side.address}"}
                    for side in page.sides
                ],
            }
        )
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308  # escaped on the line itself
