"""Somebody who takes what is sent, over HTTP: Sentry's envelopes, OTLP's protobuf."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.taken.append((self.path, body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def whole(self) -> bytes:
        return b"\n".join(body for _, body in self.taken)

    def events(self) -> list[dict[str, Any]]:
        """Errors that Sentry's library sent."""
        lines = [json.loads(line) for line in self.whole.splitlines() if line.startswith(b"{")]
        return [line for line in lines if "exception" in line]

    def spans(self) -> list[Any]:
        found = []
        for _, body in self.taken:
            told = ExportTraceServiceRequest.FromString(body)
            for resource in told.resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found
