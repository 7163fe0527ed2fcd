"""What a fake judge answers, good and bad: status, headers, bytes, and the manner of sending them. Pure.

What a call meets is one word: `ok`, a status (`404`, `500`), a status with Retry-After (`429:3600`),
`redirect:URL`, or one of `FAULTS`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.fakes.forms import answer_text

Manner = Literal["whole", "hang", "drip", "drip_headers", "short", "reset", "babble"]

MANNERS: dict[str, Manner] = {
    "hang": "hang",  # listens, never answers
    "drip": "drip",  # headers, then a byte now and then
    "drip_headers": "drip_headers",  # not even those
    "short": "short",  # fewer bytes than announced, then the end
    "reset": "reset",  # the connection is torn
    "babble": "babble",  # what was heard, said back, which is no HTTP
}
CONTENTS: dict[str, Callable[[str], Any]] = {
    "null": lambda text: None,
    "chunks": lambda text: [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Let me see."}]},
        {"type": "text", "text": text[:20]},
        {"type": "text", "text": text[20:]},
    ],
    "unknown_chunks": lambda text: [{"type": "hologram", "beam": 1}, {"type": "text", "text": text}],
    "length": lambda text: text[: len(text) // 2],
    "wrong_schema": lambda text: json.dumps({"mood": "fine", "score": "eleven"}),
    "nul": lambda text: f"\0{text}",
}
FAULTS = (
    *MANNERS, *CONTENTS, "html", "html_as_json", "truncated", "not_a_completion", "no_choices", "no_usage",
    "no_id", "huge", "packed", "echo", "deprecated", "empty",
)  # fmt: skip
HUGE_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    manner: Manner = "whole"


def at_random(seed: int, rates: Mapping[str, float]) -> Callable[[int, Mapping[str, Any]], str]:
    """A script: each call meets each fault with its probability; one seed, one history."""

    def meets(number: int, _: Mapping[str, Any]) -> str:
        dice = Random(f"{seed}:{number}").random()
        for fault, rate in rates.items():
            if dice < rate:
                return fault
            dice -= rate
        return "ok"

    return meets


def as_json(status: int, value: object) -> Reply:
    return Reply(status, json.dumps(value, ensure_ascii=False).encode(), {"content-type": "application/json"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of server puts what all of them say."""

    refusal: Callable[[int], Reply]
    whole: Callable[[Mapping[str, Any], Any, str], dict[str, Any]]  # (request, content, finish reason)
    damaged: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]  # by fault word: a whole one, spoiled
    too_many: int = 429


def reply_to(
    meets: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any],
    *,
    words: str = "",
    text: str | None = None,
    dialect: Dialect,
) -> Reply:
    """`text` is what the model says; None lets it fill in the form. Raises ValueError for an unknown word."""
    word, _, more = meets.partition(":")
    if word.isdigit():
        plain = dialect.refusal(int(word))
        return Reply(plain.status, plain.body, plain.headers | ({"retry-after": more} if more else {}))
    if word == "redirect":
        return Reply(307, b"", {"location": more})
    if word != "ok" and word not in FAULTS:
        raise ValueError(f"nobody can meet {meets!r}")
    if not isinstance(body.get("messages"), list) or "model" not in body:
        return dialect.refusal(422)
    text = answer_text(body, words) if text is None else text
    whole = dialect.whole(body, CONTENTS.get(word, str)(text), "length" if word == "length" else "stop")
    if word in dialect.damaged:
        return as_json(200, dialect.damaged[word](whole))
    good = as_json(200, whole)
    html = b"<!doctype html><title>502</title><p>Somebody in between is not well."
    return {
        "babble": Reply(200, f"{headers}\r\n\r\n".encode(), {}, "babble"),
        "html": Reply(200, html, {"content-type": "text/html; charset=utf-8"}),
        "html_as_json": Reply(200, html, good.headers),
        "truncated": Reply(200, good.body[: len(good.body) // 2], good.headers),
        "huge": as_json(200, whole | {"padding": "x" * HUGE_BYTES}),
        "packed": Reply(200, gzip.compress(good.body), good.headers | {"content-encoding": "gzip"}),
        "echo": as_json(401, {"detail": f"Not welcome: {headers.get('authorization')}"}),
        "deprecated": Reply(200, b"[]", good.headers | {"x-model-deprecation-timestamp": "2027-01-01"}),
        "empty": Reply(204, b""),
    }.get(word, Reply(200, good.body, good.headers, MANNERS.get(word, "whole")))
