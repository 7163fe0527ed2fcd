"""A fake of Ollama's own API: version, tags and chat, with every fault a provider can have."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.fakes.replies import Dialect, Reply, as_json
from tests.fakes.server import Call, FakeServer, serve

SAID = {
    400: "the input length exceeds the context length",
    404: "model 'absent' not found",
    503: "server busy, please try again.  maximum pending requests exceeded",
}


def digest_of(model: str) -> str:
    return hashlib.sha256(model.encode()).hexdigest()


def refusal(status: int) -> Reply:
    return as_json(status, {"error": SAID.get(status, f"Status {status}")})


def chat(body: Mapping[str, Any], content: Any, finish: str) -> dict[str, Any]:
    """The documented answer to POST /api/chat without streaming. Durations are in nanoseconds."""
    return {
        "model": body["model"],
        "created_at": "2026-01-01T00:00:00.000000Z",
        "message": {"role": "assistant", "content": content, "thinking": "Let me see. I would say 11."},
        "done": True,
        "done_reason": finish,
        "total_duration": 1_000_000,
        "prompt_eval_count": len(json.dumps(body["messages"])) // 4,
        "eval_count": len(json.dumps(content)) // 4,
    }


CHAT = Dialect(
    refusal=refusal,
    whole=chat,
    damaged={
        "not_a_completion": lambda whole: {"models": []},
        "no_choices": lambda whole: {key: value for key, value in whole.items() if key != "message"},
        "no_usage": lambda whole: whole | {"prompt_eval_count": -1, "eval_count": 10**12},
        "no_id": lambda whole: {key: value for key, value in whole.items() if key != "created_at"},
    },
    too_many=503,
)


class FakeOllama(FakeServer):
    name = "Ollama"
    path = "/api/chat"
    dialect = CHAT

    def __init__(self, *, models: tuple[str, ...] = ("qwen2.5:7b",), **given: Any) -> None:
        super().__init__(**given)
        self.digests = {model: digest_of(model) for model in models}  # what was pulled
        self.looks = 0  # how often somebody wanted to know what was pulled

    def look(self, route: str) -> Reply | None:
        if route == "GET /api/version":
            return as_json(200, {"version": "0.12.6"})
        if route == "GET /api/tags":
            self.looks += 1
            rows = [{"name": name, "model": name, "digest": digest} for name, digest in self.digests.items()]
            return as_json(200, {"models": rows})
        return None

    async def _reply(self, call: Call) -> Reply:
        if call.body.get("model") not in self.digests:
            return self.dialect.refusal(404)
        return await super()._reply(call)


if __name__ == "__main__":
    serve(FakeOllama)
