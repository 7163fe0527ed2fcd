"""Traces over OTLP; loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set.

A span a request and a span a task, joined when a request rings for a task. Requests by a middleware of ours:
the ready-made one writes down address, path, query and browser of the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode

from reviewsite.telemetry.routes import method_of, route_of

MIDDLEWARE = "reviewsite.telemetry.traces.Traces"
SERVER_ERROR = 500


def start() -> None:
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say otherwise if they are set.
    provider = TracerProvider(resource=Resource.create().merge(_named()))
    provider.add_span_processor(BatchSpanProcessor(WithoutWords()))
    trace.set_tracer_provider(provider)
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    if MIDDLEWARE not in settings.MIDDLEWARE:
        settings.MIDDLEWARE.insert(0, MIDDLEWARE)


def _named() -> Resource:
    told = Resource.create().attributes.get(SERVICE_NAME, "")
    return Resource({SERVICE_NAME: "second-opinion"} if str(told).startswith("unknown_service") else {})


class WithoutWords(OTLPSpanExporter):
    """Sends spans without their events: a recorded error quotes what it was about."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export([_plain(span) for span in spans])


def _plain(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name, context=span.get_span_context(), parent=span.parent, resource=span.resource,
        attributes=span.attributes, links=span.links, kind=span.kind, start_time=span.start_time,
        end_time=span.end_time, status=Status(span.status.status_code),
        instrumentation_scope=span.instrumentation_scope,
    )  # fmt: skip


class Traces:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._tracer = trace.get_tracer("reviewsite")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A trace begun by whoever asks is not ours to go on with.
        with self._tracer.start_as_current_span(method_of(request), kind=SpanKind.SERVER) as span:
            answer = self.get_response(request)
            span.update_name(f"{method_of(request)} {route_of(request)}")
            span.set_attribute("http.request.method", method_of(request))
            span.set_attribute("http.route", route_of(request))
            span.set_attribute("http.response.status_code", answer.status_code)
            if answer.status_code >= SERVER_ERROR:
                span.set_status(Status(StatusCode.ERROR))
            return answer
