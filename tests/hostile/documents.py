"""Markdown that nobody would write: pieces of the corpus and of Markdown itself, nested and glued."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import strategies as st

from tests.hostile.corpus import CORPUS

PIECES = (
    "[", "]", "(", ")", "<", ">", "!", "`", "```\n", "~~~", "*", "**", "_", "#", "\n", "\n\n", "> ", "- ",
    "1. ", "|", "|-|\n", "\\", "&", ";", ":", '"', "'", "=", " ", "\t", "    ", "/", "//", "\u0001",
    "\u200b", "\u202e", "&#x6a;", "&colon;", "&Tab;", "&NewLine;", "&lt;", "&quot;", "javascript:",
    "data:text/html,", "vbscript:", "https://evil.example/", "http:", "alert(1)", "<script>", "</script>",
    "<img src=x onerror=alert(1)>", " onclick=alert(1) ", "<!--", "-->", "<![CDATA[", "<?", "<svg",
    "<a href=", "[x]: ", "x", "[x]", "](", "][",
)  # fmt: skip
SHORT = tuple(payload for payload in CORPUS if len(payload) <= 120)
WRAPPED = (
    "**{}**",
    "[{}](x)",
    "[x]({})",
    "![{}]({})",
    "`{}`",
    "> {}",
    "- {}",
    "# {}",
    "<{}>",
    "[x]: {}\n\n[x]",
)

_piece = st.one_of(st.sampled_from(PIECES), st.sampled_from(SHORT), st.text(max_size=8))
documents = st.recursive(
    st.lists(_piece, max_size=14).map("".join),
    lambda inside: st.one_of(
        st.tuples(st.sampled_from(WRAPPED), inside).map(lambda two: two[0].replace("{}", two[1])),
        st.tuples(inside, st.sampled_from(PIECES), inside).map("".join),
    ),
    max_leaves=4,
)


class Elements(HTMLParser):
    """Every start tag with its attributes, and every comment or declaration."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def harm(html: str, *, tags: set[str], rel: str, ours: bool) -> list[str]:
    """What an HTML parser finds in it that must not be there; `ours`: links to our own pages may."""
    elements = Elements(html)
    found = [f"markup {other!r}" for other in elements.others]
    for tag, attributes in elements.found:
        if tag not in tags:
            found.append(f"<{tag}>")
        wanted = {"href", "rel"} if tag == "a" and "href" in attributes else {"rel"} if tag == "a" else set()
        if not set(attributes) <= wanted or attributes.get("rel", rel) != rel:
            found.append(f"<{tag} {attributes}>")
        address = attributes.get("href")
        if address is not None and not _leads_well(address, ours=ours):
            found.append(f"link to {address!r}")
    return found


def _leads_well(address: str, *, ours: bool) -> bool:
    # `[x]()` leads to the very page it stands on.
    own = ours and (address.startswith("/") or not address) and not address.startswith(("//", "/\\"))
    return own or address.lower().startswith(("http://", "https://"))
