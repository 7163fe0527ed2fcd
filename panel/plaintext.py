"""Text from outside as readers may see it: nothing hidden in it, nothing that links, loads or acts."""

from __future__ import annotations

import html
import re
import unicodedata

_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_URL = re.compile(
    # Any scheme with slashes, the others that do something when clicked, and what mail programs make a link:
    # an e-mail address, or a host with a path that is no “llama.cpp/vLLM”.
    r"<?\b(?:(?:[a-z][a-z0-9+.-]{1,15}://|(?:javascript|vbscript|mailto|data|tel|sms|magnet):(?=\S)|www\.)[^\s<>]*"
    r"|[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[\w-]*"
    r"|(?:[a-z0-9-]{1,63}\.){1,5}(?!(?:cpp|js|ts|py|rs|go)/)[a-z]{2,24}/[^\s<>]*"
    r")(?<![\s<>.,;:!?)\]}'\"”’])>?",
    re.IGNORECASE,
)
_HIDDEN_ELEMENT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<!--.*?(?:-->|$)|</?[a-zA-Z][^<>]*(?:>|$)|<[!?][^<>]*(?:>|$)", re.DOTALL)
# What begins like a tag and has no end, because another one begins first: "<a<".
_OPENER = re.compile(r"<(?=[a-zA-Z/!?])")
_SELECTORS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
LINK_REMOVED = "[link removed]"
_PASSES = 20  # honest text is stable after two; what is not after these was built to keep a worker busy
_BUILT_OF = re.compile(r"[<>\[\]()&]")


def visible(text: str) -> str:
    """Text without control, bidi, zero-width and other unseen characters; quotes and dashes stay."""
    kept = (
        # Line and paragraph ends part words; format characters sit inside them.
        " " if unicodedata.category(char) in {"Zs", "Zl", "Zp"} or char in "\t\n\r\v\f\x85" else char
        for char in _SELECTORS.sub("", text)
        if char in "\t\n\r\v\f\x85" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join("".join(kept).split())


def plain(text: str) -> str:
    """Visible text without HTML, and with links, images and addresses reduced to what a reader may see."""
    text = visible(text)
    # Again until nothing changes: taking one tag out can put another together.
    for _ in range(_PASSES):
        before, text = text, _stripped(text)
        if text == before:
            text = _OPENER.sub("", text)
            if text == before:
                return text
    return visible(_URL.sub(LINK_REMOVED, _BUILT_OF.sub(" ", text)))


def _stripped(text: str) -> str:
    text = _LINK.sub(r"\1", html.unescape(text))
    text = _URL.sub(LINK_REMOVED, text)
    return visible(_TAG.sub(" ", _HIDDEN_ELEMENT.sub(" ", text)))
