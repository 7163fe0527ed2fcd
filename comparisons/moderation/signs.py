"""What should make a moderator look twice at a text. Pure: counts in, sentences out; nothing is decided."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])\+?\d[\d ()/-]{7,}\d(?![\w.])")


def host_of(link: str) -> str:
    """The host a link leads to, as it is spelled: `xn--…` stays so, or a look-alike would look alike."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def signs(
    *, body: str, link: str, links: int, same_text: int, turned_down: int, worked: bool
) -> tuple[str, ...]:
    """`links`: in the text itself; `same_text`: elsewhere; `turned_down`: others of this author, or spam;
    `worked`: whether the browser has done the work that is asked of it."""
    host = host_of(link)
    found = [
        (same_text > 0, f"The same text was sent {same_text} more {_times(same_text)}"),
        (turned_down > 0, f"{turned_down} of this author's were turned down"),
        (links > 0, f"{links} {'link' if links == 1 else 'links'} in the text"),
        (bool(host) and not _plain(host), "The link's host is not in plain letters"),
        (bool(MAIL.search(body)), "It seems to hold an e-mail address"),
        (bool(PHONE.search(body)), "It seems to hold a telephone number"),
        (not worked, "Sent without scripts"),
    ]
    return tuple(sentence for there, sentence in found if there)


def _times(number: int) -> str:
    return "time" if number == 1 else "times"


def _plain(host: str) -> bool:
    return host.isascii() and "xn--" not in host
