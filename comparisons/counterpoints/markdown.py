"""Markdown of people we do not know, as HTML that can do no harm. Pure: text in, HTML out.

Two nets, either of which would do: the parser knows no raw HTML and links to http(s) alone, and the
sanitizer lets through a short list of elements, whatever the parser thought.
"""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
# "*" said to be empty: left out, nh3 lets `title` and `lang` through everywhere.
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}}
SCHEMES = {"http", "https"}
# No page of ours lends its name to what is linked here, and the linked page gets no handle on ours.
LINK_REL = "nofollow ugc noopener"


def render(source: str, *, unlink: str = "") -> str:
    """HTML made of TAGS only. Headings and rules stay as typed; images are dropped.

    Links whose address holds the word `unlink` lead nowhere.
    """

    def keep(tag: str, attribute: str, value: str) -> str | None:
        return None if unlink and unlink in value.lower() else value

    return nh3.clean(
        _parser.render(source),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=keep if unlink else None,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel=LINK_REL,
    ).strip()


def _links_elsewhere(address: str) -> bool:
    """Full addresses only: a relative link would pass for one of ours."""
    return address.lower().startswith(("http://", "https://"))


class _Parser(MarkdownIt):
    """CommonMark without raw HTML, and without headings, which would tear the outline of the page around."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.disable(["heading", "lheading", "hr"])

    def validateLink(self, url: str) -> bool:
        return _links_elsewhere(url)


_parser = _Parser()
