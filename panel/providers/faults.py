"""What went wrong on the wire, as the error that says what to do about it. The same for every server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from panel.providers import Misconfigured, ProviderError, Refused, Throttled, Unavailable
from panel.providers.wire import Exchange

MOST_TOKENS = 10**9  # what the books can hold; a server that claims more is not believed
MULTIPLE_CHOICES, BAD_REQUEST, SERVER_ERROR = 300, 400, 500
BAD_KEY = frozenset({401, 402, 403})
SLOW_DOWN = 429
TRY_AGAIN = frozenset({408, 425})  # refusals that are none


def fault(host: str, seen: Exchange, *, reserved: Decimal, cut: str = "") -> ProviderError:
    """The error for an exchange that gave no answer. `cut` says why it ended early, "" when it did not.

    A call of which nobody knows whether the server finished it may be on the bill: it counts as `reserved`.
    """
    status = seen.status or 0
    told = record(seen)
    said = said_of(seen.body)
    if status == SLOW_DOWN:
        return Throttled(_sentence(f"{host} asks to slow down (429).", said), **told)
    if status in BAD_KEY:
        return Misconfigured(_sentence(f"{host} refuses this key ({status}).", said), **told)
    if MULTIPLE_CHOICES <= status < BAD_REQUEST:
        target = one_line(urlsplit(seen.headers.get("Location", "")).netloc, 100) or "elsewhere"
        sentence = f"{host} redirects to {target} ({status}), and redirects are not followed."
        return Refused(sentence, **told)
    if BAD_REQUEST <= status < SERVER_ERROR and status not in TRY_AGAIN:
        return Refused(_sentence(f"{host} refuses the call ({status}).", said), **told)
    if status >= BAD_REQUEST:
        return Unavailable(_sentence(f"{host} failed ({status}).", said), **told)
    unknown = Decimal(0) if told["tokens_in"] or not seen.sent else reserved
    return Unavailable(f"{host}: {cut or _nonsense(seen)}", may_have_cost=unknown, **told)


def retry_after(header: str | None) -> float | None:
    """Seconds to wait, however many, from a number or an HTTP date; None for anything else."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            when = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if isfinite(seconds) else None


def usage_of(body: bytes) -> tuple[int, int, int]:
    """Tokens in, out and, of those in, cached; 0 where nothing believable is said.

    Read from the raw answer: one that a client chokes on was paid for all the same.
    """
    reply = mapping(json_of(body))
    usage = mapping(reply.get("usage"))
    cached = mapping(usage.get("prompt_tokens_details")).get("cached_tokens")
    asked = usage.get("prompt_tokens", reply.get("prompt_eval_count"))  # the latter is Ollama's word
    said = usage.get("completion_tokens", reply.get("eval_count"))
    return _tokens(asked), _tokens(said), _tokens(cached)


def said_of(body: bytes) -> str:
    """What a refusal says of itself, in one line; its shape differs from error to error."""
    reply = mapping(json_of(body))
    said = reply.get("message") or reply.get("detail") or reply.get("error") or ""
    said = mapping(said).get("message") or said
    return one_line(said if isinstance(said, str) else json.dumps(said), 200)


def one_line(text: str, most: int) -> str:
    """Text from outside that a database column and a page can hold."""
    return "".join(c if c.isprintable() else " " for c in text[:most])


def record(seen: Exchange) -> dict[str, Any]:
    """What every error keeps of its exchange."""
    tokens_in, tokens_out, _ = usage_of(seen.body)
    return {
        "http_status": seen.status,
        "retry_after": retry_after(seen.headers.get("Retry-After")),
        "raw_request": seen.request,
        "raw_response": seen.response,
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "latency_ms": seen.latency_ms,
    }


def _sentence(ours: str, theirs: str) -> str:
    return f"{ours} It says: {theirs}" if theirs else ours


def _nonsense(seen: Exchange) -> str:
    if seen.status != 200:
        return f"An answer with status {seen.status} is no completion."
    kind = one_line(seen.headers.get("Content-Type", ""), 60) or "something unnamed"
    if "json" not in kind:
        return f"It sent {kind} instead of JSON."
    return "It sent broken JSON." if json_of(seen.body) is None else "It sent JSON that is no completion."


def json_of(body: bytes) -> Any:
    """None for what is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def mapping(value: object) -> Mapping[str, Any]:
    """An empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def _tokens(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= MOST_TOKENS else 0
