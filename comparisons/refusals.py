"""A 503 in the words of whoever asks: a problem document, one line for htmx, a page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse


def unavailable(
    request: HttpRequest, said: str, *, retry_after: int, page: Callable[[], HttpResponse]
) -> HttpResponse:
    """`said` is the sentence, `retry_after` in seconds; `page` makes the whole page where one is wanted."""
    answer: HttpResponse
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": said}
        answer = JsonResponse(problem, status=503, content_type="application/problem+json")
    elif "HX-Request" in request.headers:
        answer = HttpResponse(said, status=503, content_type="text/plain; charset=utf-8")
    else:
        answer = page()
    answer["Retry-After"] = str(retry_after)
    answer["Cache-Control"] = "no-store"
    return answer
