"""Batch jobs as Mistral documents them: made, listed, told of, canceled, and their lines as files.

What a job meets is one word, or several joined by `+`: `ok`; a status (`429:7`, `422`) and nothing is made;
`made:500`, `made:hang`, `made:reset`, `made:garbage`: the job is made and the answer to that is lost;
`fails`, `expires`, `stays`: how it ends; `twice`, `strange`, `broken`, `missing:3`, `cut:3` (that many lines
are lost with no word of it), `inline` (no files), `later` (not listed at first): what comes back.
What a line meets is a word of `tests.fakes.replies`, scripted with `lines`.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.replies import Reply, as_json, reply_to

LineScript = Callable[[int, Mapping[str, Any]], str]
Answers = Callable[[Mapping[str, Any]], str | None]
FILTERS = {"page", "page_size", "created_after", "order_by", "model", "status", "inline"}


@dataclass(slots=True)
class Job:
    id: str
    body: dict[str, Any]
    meets: tuple[str, ...]
    made_at: float
    state: str = "QUEUED"
    looks: int = 0
    lists: int = 0
    lines: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)

    def has(self, word: str) -> bool:
        return any(each.split(":")[0] == word for each in self.meets)

    def number(self, word: str) -> int:
        return next(int(each.split(":")[1]) for each in self.meets if each.startswith(f"{word}:"))

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.body["requests"]


class Jobs:
    """The desk of one fake server. Times by time.monotonic()."""

    def __init__(self, *, answer: Answers, words: Callable[[], str], dialect: Any, seconds: float) -> None:
        self.made: list[Job] = []
        self.asked: list[dict[str, Any]] = []  # bodies of every attempt to make one
        self.headers: list[dict[str, str]] = []  # of every call at all
        self.canceled: list[str] = []
        self.downloads: list[str] = []
        self.seconds = seconds  # how long a job takes
        self.looks = 1  # how often it is looked at before it is over
        self._answer, self._words, self._dialect = answer, words, dialect
        self._script: Sequence[str] = ()
        self._lines: LineScript = lambda number, body: "ok"
        self.faults_left: list[str] = []  # of downloads, one after the other

    def script(self, *words: str) -> None:
        """What jobs meet, one after the other; then all is well."""
        self._script, self._from = words, len(self.asked)

    def lines(self, script: LineScript) -> None:
        self._lines = script

    def files(self, *faults: str) -> None:
        """What downloads meet, one after the other."""
        self.faults_left = list(faults)

    def reply(self, route: str, target: str, headers: Mapping[str, str], raw: bytes) -> Reply | None:
        """None for what is none of its business."""
        method, path = route.split(" ", 1)
        steps = path.strip("/").split("/")
        if steps[:3] == ["v1", "batch", "jobs"]:
            self.headers.append(dict(headers))
            return self._jobs(method, steps[3:], parse_qs(urlsplit(target).query), raw, headers)
        if steps[:2] == ["v1", "files"] and steps[3:] == ["content"]:
            self.headers.append(dict(headers))
            return self._file(steps[2])
        return None

    def _jobs(
        self, method: str, steps: list[str], query: dict[str, list[str]], raw: bytes, headers: Any
    ) -> Reply:
        if not steps:
            return self._make(json.loads(raw), headers) if method == "POST" else self._list(query)
        job = next((job for job in self.made if job.id == steps[0]), None)
        if job is None:
            return self._dialect.refusal(404)
        if steps[1:] == ["cancel"]:
            self.canceled.append(job.id)
            if job.state in {"QUEUED", "RUNNING"}:
                job.state = "CANCELLATION_REQUESTED"
            return as_json(200, self._told(job))
        job.looks += 1
        self._move(job)
        return as_json(200, self._told(job, inline="inline" in query))

    def _make(self, body: dict[str, Any], headers: Mapping[str, str]) -> Reply:
        step = len(self.asked) - getattr(self, "_from", 0)
        word = self._script[step] if step < len(self._script) else "ok"
        self.asked.append(body)
        if word.split(":")[0].isdigit():
            return reply_to(word, headers, {}, dialect=self._dialect)
        job = Job(str(uuid.uuid4()), body, tuple(word.split("+")), time.monotonic())
        self.made.append(job)
        how = next((each.split(":")[1] for each in job.meets if each.startswith("made:")), "")
        good = as_json(200, self._told(job))
        if how.isdigit():
            return self._dialect.refusal(int(how))
        if how == "garbage":
            return Reply(200, b"<p>ok</p>", {"content-type": "text/html"})
        return Reply(200, good.body, good.headers, how or "whole")  # type: ignore[arg-type]

    def _list(self, query: dict[str, list[str]]) -> Reply:
        wanted = {key: values[0] for key, values in query.items() if key not in FILTERS}
        page, size = int(query.get("page", ["0"])[0]), int(query.get("page_size", ["100"])[0])
        found = []
        for job in reversed(self.made):
            job.lists += 1
            hidden = job.has("later") and job.lists <= job.number("later")
            metadata = job.body.get("metadata") or {}
            if not hidden and all(metadata.get(key) == value for key, value in wanted.items()):
                found.append(self._told(job))
        return as_json(200, {"object": "list", "total": len(found), "data": found[page * size :][:size]})

    def _move(self, job: Job) -> None:
        over = job.looks >= self.looks and time.monotonic() - job.made_at >= self.seconds
        if job.state == "CANCELLATION_REQUESTED":
            if job.looks > 1:
                self._answer_some(job, len(job.requests) // 2)
                job.state = "CANCELLED"
        elif job.state in {"QUEUED", "RUNNING"}:
            job.state = "RUNNING"
            if over and not job.has("stays"):
                self._finish(job)

    def _finish(self, job: Job) -> None:
        if job.has("fails"):
            job.state = "FAILED"
        elif job.has("expires"):
            self._answer_some(job, len(job.requests) // 2)
            job.state = "TIMEOUT_EXCEEDED"
        else:
            self._answer_some(job, len(job.requests))
            job.state = "SUCCESS"

    def _answer_some(self, job: Job, count: int) -> None:
        for number, request in enumerate(job.requests[:count]):
            word = self._lines(number, request["body"])
            reply = reply_to(
                word,
                {},
                request["body"],
                words=self._words(),
                text=self._answer(request["body"]),
                dialect=self._dialect,
            )
            try:
                body = json.loads(reply.body)
            except ValueError:
                body = reply.body.decode("utf-8", "replace")
            response = {"status_code": reply.status, "body": body}
            line = {"id": uuid.uuid4().hex, "custom_id": request["custom_id"], "response": response}
            into = job.lines if reply.status == 200 else job.errors
            into.append(json.dumps(line | {"error": None}).encode())
        job.lines.reverse()  # in no order

    def _file(self, name: str) -> Reply:
        self.downloads.append(name)
        kind, _, job_id = name.partition("_")
        job = next(job for job in self.made if job.id == job_id)
        lines = list(job.lines if kind == "output" else job.errors)
        if kind == "output":
            lines = self._spoiled(job, lines)
        body = b"\n".join(lines) + b"\n"
        if job.has("broken"):
            body = body[: -len(lines[-1]) // 2]
        word = self.faults_left.pop(0) if self.faults_left else "ok"
        if word.isdigit():
            return self._dialect.refusal(int(word))
        headers = {"content-type": "application/octet-stream"}
        return Reply(200, body, headers, "whole" if word == "ok" else word)  # type: ignore[arg-type]

    def _spoiled(self, job: Job, lines: list[bytes]) -> list[bytes]:
        for word in ("missing", "cut"):
            if job.has(word):
                lines = lines[: -job.number(word)]
        if job.has("twice"):
            lines = [line for line in lines for _ in range(2)]
        if job.has("strange"):
            stranger = json.loads(lines[0]) | {"custom_id": "f" * 64}
            lines = [b"", b"[]", b'"', b"{}", b"\xff\xfe", json.dumps(stranger).encode(), *lines]
        return lines

    def _told(self, job: Job, *, inline: bool = False) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": job.id,
            "object": "batch",
            "input_files": [],
            "endpoint": job.body.get("endpoint"),
            "model": job.body.get("model"),
            "metadata": job.body.get("metadata"),
            "errors": [],
            "status": job.state,
            "created_at": 1_767_225_600,
            "total_requests": len(job.requests),
            "completed_requests": len(job.lines) + len(job.errors),
            "succeeded_requests": len(job.lines) - (job.number("missing") if job.has("missing") else 0),
            "failed_requests": len(job.errors),
            "output_file": None,
            "error_file": None,
        }
        if job.has("inline"):
            if inline:
                told["outputs"] = [json.loads(line) for line in job.lines + job.errors]
        else:
            told["output_file"] = f"output_{job.id}" if job.lines else None
            told["error_file"] = f"error_{job.id}" if job.errors else None
        return told
