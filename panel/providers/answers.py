"""From what came over the wire to the answer in it, in the two shapes that servers use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel.providers import Answer
from panel.providers.faults import json_of, mapping, one_line, usage_of
from panel.providers.wire import Exchange

OK = 200


def completion(seen: Exchange) -> Answer | None:
    """The answer in a chat completion as OpenAI shaped it; None when that is not what came.

    A missing text is an answer too: whoever reads it complains and asks once more.
    """
    reply = mapping(json_of(seen.body))
    choices = reply.get("choices")
    if seen.status != OK or not isinstance(choices, list):
        return None
    choice = mapping(choices[0]) if choices else {}
    content = mapping(choice.get("message")).get("content")
    if isinstance(content, list):  # reasoning models send their thinking as chunks beside the text
        content = "".join(_text(chunk) for chunk in map(mapping, content) if chunk.get("type") == "text")
    return _answer(seen, content, model=reply.get("model"), finish=choice.get("finish_reason"))


def chat(seen: Exchange) -> Answer | None:
    """The answer in a chat reply of Ollama's own; None when that is not what came. Thinking is no answer."""
    reply = mapping(json_of(seen.body))
    message = reply.get("message")
    if seen.status != OK or not isinstance(message, Mapping):
        return None
    return _answer(seen, message.get("content"), model=reply.get("model"), finish=reply.get("done_reason"))


def _answer(seen: Exchange, content: object, *, model: object, finish: object) -> Answer:
    tokens_in, tokens_out, tokens_cached = usage_of(seen.body)
    return Answer(
        text=content if isinstance(content, str) else "",
        served_model=one_line(model, 120) if isinstance(model, str) else "",
        finish_reason=one_line(finish, 40) if isinstance(finish, str) else "",
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_cached=tokens_cached,
        http_status=seen.status,
        latency_ms=seen.latency_ms,
        raw_request=seen.request,
        raw_response=seen.response,
    )


def _text(chunk: Mapping[str, Any]) -> str:
    text = chunk.get("text")
    return text if isinstance(text, str) else ""
