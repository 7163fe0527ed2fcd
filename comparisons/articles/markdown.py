"""Markdown of our own editors as HTML. Pure: text in, HTML out.

Editors are trusted with more than readers (headings, tables, links to our own pages), not with scripts: an
account can be taken over, and text is pasted from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "hr", "li", "ol", "p", "pre", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
# "*" said to be empty: left out, nh3 lets `title` and `lang` through everywhere.
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}}
SCHEMES = {"http", "https"}
# The title is the page's h1, so a text begins one lower; below h3 an article is too deep.
LEVELS = {"h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}


def render(source: str) -> str:
    """HTML made of TAGS only; images are dropped."""
    tokens = _parser.parse(source)
    for token in tokens:
        token.tag = LEVELS.get(token.tag, token.tag)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener").strip()


def with_copy_buttons(html: str) -> str:
    """What `render` made, each code block in a frame with a button that copies it.

    Added after sanitizing: in sanitized HTML "<pre>" is always the element, never text.
    """
    numbers = count(1)
    return re.sub(r"<pre>.*?</pre>", lambda found: _framed(found[0], numbers), html, flags=re.DOTALL)


def with_full_addresses(html: str, site_url: str) -> str:
    """What `render` made, for readers elsewhere: links to our own pages name the site."""
    return html.replace('href="/', f'href="{site_url}/')


def _framed(block: str, numbers: Iterator[int]) -> str:
    name = f"code-{next(numbers)}"
    # A block wider than the page is scrolled by keyboard too, hence the tabindex.
    return (
        f'<div class="code-block">{block.replace("<pre>", f"""<pre id="{name}" tabindex="0">""", 1)}'
        f'<button class="copy needs-js" type="button" data-copy-from="#{name}"'
        f' aria-label="Copy this code">Copy</button></div>'
    )


class _Parser(MarkdownIt):
    """CommonMark and tables, without raw HTML; links lead to http(s) or to a page of ours."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable("table")

    def validateLink(self, url: str) -> bool:
        address = url.lower()
        ours = address.startswith("/") and not address.startswith(("//", "/\\"))
        return ours or address.startswith(("http://", "https://"))


_parser = _Parser()
