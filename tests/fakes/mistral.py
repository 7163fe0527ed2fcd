"""A fake of the Mistral API: the documented wire format, and every fault a provider can have."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.batches import Jobs
from tests.fakes.replies import Reply
from tests.fakes.server import Call, FakeServer, Script, serve

__all__ = ["Call", "FakeMistral", "Script"]


class FakeMistral(FakeServer):
    name = "Mistral"

    def __init__(self, *, job_seconds: float = 0.0, **given: Any) -> None:
        super().__init__(**given)
        self.jobs = Jobs(
            answer=lambda body: self.answer(body) if self.answer else None,
            words=lambda: self.words,
            dialect=self.dialect,
            seconds=job_seconds,
        )

    def other(self, route: str, target: str, headers: Mapping[str, str], raw: bytes) -> Reply | None:
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return self.dialect.refusal(401)
        return self.jobs.reply(route, target, headers, raw)

    def more_counts(self) -> dict[str, Any]:
        return {
            "jobs_asked_for": len(self.jobs.asked),
            "jobs": {job.id: [job.state, len(job.requests)] for job in self.jobs.made},
        }


if __name__ == "__main__":
    serve(FakeMistral, job_seconds=(float, "how long a batch job takes, in seconds"))
