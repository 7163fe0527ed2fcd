"""Security headers on every answer: pages, static files, redirects, errors, the admin, the API.

nginx.conf repeats them for what it answers by itself; tests/publishing/test_nginx.py compares the two.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Own sources only and nothing inline; `style-src` carries no 'unsafe-inline', so templates hold no style
# attributes (charts are SVG with presentation attributes and classes). Without require-trusted-types-for:
# htmx writes innerHTML, so a default policy would have to let every string pass.
PUBLIC_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": PUBLIC_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=()",
    # Not `no-referrer`: browsers then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class SecurityHeaders:
    """The outermost middleware, so that nothing is answered without them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response
