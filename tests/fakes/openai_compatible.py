"""A fake of vLLM, llama.cpp or LM Studio: chat completions, with refusals wrapped as OpenAI wraps them."""

import dataclasses
import json

from tests.fakes import completions
from tests.fakes.replies import Reply, as_json
from tests.fakes.server import FakeServer, serve


def refusal(status: int) -> Reply:
    plain = json.loads(completions.refusal(status).body)
    said = plain.get("message") or plain["detail"]
    return as_json(status, {"error": {"message": said, "type": "invalid_request_error", "code": status}})


class FakeOpenAICompatible(FakeServer):
    name = "OpenAI-compatible server"
    dialect = dataclasses.replace(completions.COMPLETIONS, refusal=refusal)


if __name__ == "__main__":
    serve(FakeOpenAICompatible)
