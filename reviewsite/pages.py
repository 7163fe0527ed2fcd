"""The page store's place in this site: which headers, which host, and the process that keeps it."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

from comparisons.publishing.edition import edition
from comparisons.publishing.front import Front
from comparisons.publishing.keeper import Keeper
from comparisons.publishing.rendering import Headers, Renderer
from comparisons.publishing.store import Store
from reviewsite.headers import SecurityHeaders
from reviewsite.telemetry.routes import FOR_THE_STORE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def every_page_says() -> Headers:
    """The headers that the middleware puts on whatever it answers."""

    def nothing(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    request = HttpRequest()
    request.META = {"HTTP_X_FORWARDED_PROTO": "https"} if settings.SECURE else {}
    within: Any = SecurityMiddleware(XFrameOptionsMiddleware(nothing))
    response = SecurityHeaders(within)(request)
    assert isinstance(response, HttpResponse)
    return [(name, value) for name, value in response.items() if name != "Content-Type"]


def admits(environ: WSGIEnvironment) -> bool:
    """Whether Django would take the request for one to this site, and not send it elsewhere first."""
    secure = not settings.SECURE or environ.get("HTTP_X_FORWARDED_PROTO") == "https"
    return secure and _is_ours(environ.get("HTTP_HOST", ""))


@lru_cache(maxsize=64)
def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def canonical_host() -> str:
    """A host that Django takes; pages name SITE_URL, never the host they were asked by."""
    wanted = urlsplit(settings.SITE_URL).netloc
    plain = (host.removeprefix(".") for host in settings.ALLOWED_HOSTS if host != "*")
    return wanted if _is_ours(wanted) else next(plain, wanted)


def renderer(application: WSGIApplication) -> Renderer:
    scheme = "https" if settings.SECURE else "http"

    def for_the_store(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[FOR_THE_STORE] = True
        return application(environ, start_response)

    return Renderer(for_the_store, host=canonical_host(), scheme=scheme, headers=every_page_says())


def keeper_of(store: Store, rendering: Renderer) -> Keeper:
    return Keeper(store, rendering, edition=edition(), most_pages=settings.PAGE_STORE_MOST)


def published(application: WSGIApplication) -> WSGIApplication:
    """The application behind its page store; by itself where no store can be written."""
    store, rendering = Store(settings.PAGE_STORE), renderer(application)
    try:
        store.make()
    except OSError as error:
        logging.getLogger(__name__).warning("pages: no store, every page is rendered: %s", error)
        return application
    keeper = keeper_of(store, rendering)
    keeper.start()
    atexit.register(keeper.stop)
    return Front(application, store=store, renderer=rendering, keeper=keeper, admits=admits)
