"""POST /v1/chat/completions as Mistral documents it and many servers copy it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.fakes.replies import Dialect, Reply, as_json, at_random

__all__ = ["COMPLETIONS", "Reply", "at_random", "completion", "refusal"]

SAID: dict[int, Any] = {
    400: {"object": "error", "message": "Invalid request", "type": "invalid_request_error", "code": "3001"},
    401: {"detail": "Unauthorized"},
    404: {"object": "error", "message": "Invalid model", "type": "invalid_model", "code": "1500"},
    422: {"detail": [{"type": "missing", "loc": ["body", "messages"], "msg": "Field required", "input": {}}]},
    429: {"object": "error", "message": "Rate limit exceeded", "type": "rate_limited", "code": "1300"},
}


def refusal(status: int) -> Reply:
    return as_json(status, SAID.get(status, {"object": "error", "message": f"Status {status}"}))


def completion(body: Mapping[str, Any], content: Any, finish: str) -> dict[str, Any]:
    """The documented answer to POST /v1/chat/completions. The id and the counts follow from what was said."""
    prompt = json.dumps(body["messages"])
    asked, said = len(prompt) // 4, len(json.dumps(content)) // 4
    return {
        "id": hashlib.sha256(f"{prompt}{content}".encode()).hexdigest()[:32],
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "tool_calls": None},
                "finish_reason": finish,
            }
        ],
        "usage": {
            "prompt_tokens": asked,
            "completion_tokens": said,
            "total_tokens": asked + said,
            "prompt_tokens_details": {"cached_tokens": asked // 2},
        },
    }


COMPLETIONS = Dialect(
    refusal=refusal,
    whole=completion,
    damaged={
        "not_a_completion": lambda whole: {"object": "list", "data": []},
        "no_choices": lambda whole: whole | {"choices": []},
        "no_usage": lambda whole: whole | {"usage": {"prompt_tokens": -1, "completion_tokens": 10**12}},
        "no_id": lambda whole: {key: value for key, value in whole.items() if key != "id"},
    },
)
