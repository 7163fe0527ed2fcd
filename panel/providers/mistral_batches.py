"""Batch jobs at Mistral: half the price, within a day.

Over our own wire and not by the SDK's calls. Those hold whole files in memory, make every one of two thousand
requests a pydantic object, and fail on a job that lacks a field nobody needs; a job that was made and could
not be read would be asked for twice. The requests themselves are the SDK's, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import quote, urlencode

import httpx2

from panel.providers import Misconfigured, ProviderError, Question, Refused, Unavailable
from panel.providers.batches import Job, NoSuchJob, Unsure
from panel.providers.faults import fault, json_of, mapping, one_line
from panel.providers.line import Line
from panel.providers.mistral_setup import Setup
from panel.providers.wire import OK, Cut, Exchange, Wire, exchange

JOBS = "/v1/batch/jobs"
ENDPOINT = "/v1/chat/completions"
MARK = "second_opinion_batch"  # the key in a job's metadata
HOURS = 24  # how long a job may take
ENDED = frozenset({"SUCCESS", "FAILED", "TIMEOUT_EXCEEDED", "CANCELLED"})
PAGE, MOST_PAGES = 100, 50
MOST_OUTPUT_BYTES = 256_000_000  # on disk; ten thousand reviews are 40 million
MOST_INLINE_BYTES = 64_000_000  # in memory
MOST_LINE_BYTES = 1_000_000
CONNECTIONS = 4
NOT_FOUND = 404


class MistralBatches:
    def __init__(self, setup: Setup, body: Callable[[Question], Mapping[str, Any]]) -> None:
        self._setup, self._body = setup, body
        self._line = Line(partial(_dial, setup), _hang_up)
        self.close = self._line.close

    def entry(self, question: Question, name: str) -> bytes:
        request = {"custom_id": name, "body": self._body(question)}
        return json.dumps(request, separators=(",", ":")).encode()

    def submit(self, mark: str, entries: Sequence[bytes]) -> Job:
        job = {
            "endpoint": ENDPOINT,
            "model": self._setup.model,
            "metadata": {MARK: mark},
            "timeout_hours": HOURS,
        }
        # Put together by hand: what was made into JSON once need not be taken apart and made again.
        body = json.dumps(job).encode()[:-1] + b', "requests": [' + b",".join(entries) + b"]}"
        seen, cut = self._call("POST", JOBS, body)
        made = None if cut else _job(json_of(seen.body))
        if seen.status == OK and made is not None:
            return made
        error = self._fault(seen, cut)
        # A refusal made nothing; after anything else there may be a job.
        if isinstance(error, Unavailable) and seen.sent:
            raise Unsure(str(error), http_status=error.http_status, retry_after=error.retry_after)
        raise error

    def find(self, mark: str, *, since: datetime) -> list[Job]:
        # Asked for by the mark first; then without, lest a server that reads the filter otherwise hides it.
        for filters in ({MARK: mark}, {}):
            try:
                found = [job for job in self._list(since, filters) if job.mark == mark]
            except Refused:
                if not filters:
                    raise
                continue
            if found:
                return found[::-1]
        return []

    def look(self, job_id: str) -> Job:
        return self._told("GET", f"{JOBS}/{quote(job_id, safe='')}")

    def cancel(self, job_id: str) -> None:
        self._told("POST", f"{JOBS}/{quote(job_id, safe='')}/cancel")

    @contextmanager
    def lines(self, job: Job) -> Iterator[Iterator[bytes]]:
        # To a file first: our database must not keep the server waiting, nor the deadline catch us reading.
        with TemporaryFile() as spool:
            for file in job.files:
                self._fetch(f"/v1/files/{quote(file, safe='')}/content", spool, MOST_OUTPUT_BYTES)
                spool.write(b"\n")  # a file cut short must not join the next one
            if not job.files:
                self._fetch(f"{JOBS}/{quote(job.id, safe='')}?inline=true", spool, MOST_INLINE_BYTES)
            spool.seek(0)
            yield self._read(spool) if job.files else _inline(spool)

    def _list(self, since: datetime, filters: Mapping[str, str]) -> Iterator[Job]:
        """The newest first."""
        asked = {"created_after": since.isoformat(), "order_by": "-created", "page_size": PAGE, **filters}
        for page in range(MOST_PAGES):
            seen, cut = self._call("GET", f"{JOBS}?{urlencode({**asked, 'page': page})}")
            listed = mapping(json_of(seen.body)).get("data")
            if cut or seen.status != OK or not isinstance(listed, list):
                raise self._fault(seen, cut)
            yield from filter(None, map(_job, listed))
            if len(listed) < PAGE:
                return

    def _told(self, method: str, path: str) -> Job:
        seen, cut = self._call(method, path)
        job = None if cut else _job(json_of(seen.body))
        if seen.status == OK and job is not None:
            return job
        if seen.status == NOT_FOUND:
            raise NoSuchJob(f"{self._setup.host} knows no such job (404).", http_status=NOT_FOUND)
        raise self._fault(seen, cut)

    def _call(self, method: str, path: str, body: bytes = b"") -> tuple[Exchange, str]:
        """What came, and why it ended early, "" when it did not."""
        wire = self._dialed()
        headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body else {})
        try:
            with exchange(self._setup.deadline) as seen:
                request = httpx2.Request(
                    method, f"{self._setup.server}{path}", headers=headers, content=body or None
                )
                wire.handle_request(request)
                return seen, ""
        except Cut as cut:
            return seen, str(cut)

    def _fetch(self, path: str, spool: IO[bytes], most_bytes: int) -> None:
        """All of it or a ProviderError."""
        wire = self._dialed()
        request = httpx2.Request("GET", f"{self._setup.server}{path}")
        with exchange(self._setup.deadline) as seen:
            try:
                wire.spool(request, spool, most_bytes=most_bytes)
            except Cut as cut:
                raise self._fault(seen, str(cut)) from cut
        if seen.status != OK:
            raise self._fault(seen, "")

    def _read(self, spool: IO[bytes]) -> Iterator[bytes]:
        without_key = self._dialed().without_key
        while line := spool.readline(MOST_LINE_BYTES):
            yield without_key(line)

    def _dialed(self) -> Wire:
        if not self._setup.can_speak:
            raise Misconfigured(f"{self._setup.host} wants a key: set MISTRAL_API_KEY.")
        return self._line.dialed()

    def _fault(self, seen: Exchange, cut: str) -> ProviderError:
        # A fetched file is paid for by its lines and not by the call.
        if not cut and seen.status == OK:
            cut = "It sent something that is no batch job."
        error = fault(self._setup.host, seen, reserved=Decimal(0), cut=cut)
        error.raw_request = error.raw_response = b""  # megabytes that no receipt is to hold
        return error


def _dial(setup: Setup) -> Wire:
    return Wire(setup.server, key=setup.key, connections=CONNECTIONS)


def _hang_up(wire: Wire) -> None:
    wire.close()


def _inline(spool: IO[bytes]) -> Iterator[bytes]:
    """Small jobs may tell their lines along with themselves."""
    outputs = mapping(json_of(spool.read())).get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        yield json.dumps(output).encode()


def _job(told: object) -> Job | None:
    """None for what is no job."""
    job = mapping(told)
    name, state, count = job.get("id"), job.get("status"), job.get("succeeded_requests")
    if not isinstance(name, str) or not isinstance(state, str) or not 0 < len(name) <= 100:
        return None
    files = (job.get("output_file"), job.get("error_file"))
    return Job(
        id=name,
        state=one_line(state, 40),
        mark=str(mapping(job.get("metadata")).get(MARK, "")),
        # A state that nobody knows yet is one to wait in.
        over=state in ENDED,
        whole=state == "SUCCESS",
        succeeded=count if isinstance(count, int) else 0,
        files=tuple(file for file in files if isinstance(file, str) and file),
    )
