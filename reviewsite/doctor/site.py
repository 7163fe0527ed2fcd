"""Whether the settings make sense together."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from comparisons.palette import contrast
from reviewsite.doctor.findings import Finding, fail, ok, warn

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 5  # what Django's own check asks for
LEAST_CONTRAST = 4.5
LOCAL = {"127.0.0.1", "localhost", "::1"}


def site() -> Iterator[Finding]:
    yield _secret_key()
    yield _address()
    yield _debug()
    yield _proxies()
    yield _colors()


def _secret_key() -> Finding:
    key = settings.SECRET_KEY
    if len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_CHARACTERS:
        return ok("secret key", f"{len(key)} characters.")
    return fail(
        "secret key",
        f"SECRET_KEY has {len(key)} characters; {SHORTEST_KEY} are the least.",
        "Make one: openssl rand -base64 48 > secrets/secret_key, and name the file in SECRET_KEY_FILE. "
        "Everybody is signed out, and visitors' cookies are not recognized any more.",
    )


def _address() -> Finding:
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        said = f"SITE_URL names {host}, which ALLOWED_HOSTS does not."
        return fail("address", said, f"Add {host} to ALLOWED_HOSTS.")
    if "*" in settings.ALLOWED_HOSTS:
        return warn("address", "ALLOWED_HOSTS takes every name.", f"Set ALLOWED_HOSTS={host}.")
    if settings.SECURE or host in LOCAL:
        return ok("address", f"{settings.SITE_URL}, {'https' if settings.SECURE else 'this machine alone'}.")
    return fail(
        "address",
        f"SITE_URL is {settings.SITE_URL}: passwords and cookies cross the network readable.",
        "Put TLS in front (docs/operations.md) and set SITE_URL=https://…",
    )


def _colors() -> Finding:
    pale = [
        f"--{side} on --paper in the {name} theme has {ratio:.1f}:1"
        for name in ("light", "dark")
        for side in ("a", "b")
        if (theme := getattr(settings.PALETTE, name))
        and (ratio := contrast(getattr(theme, side), theme.paper)) < LEAST_CONTRAST
    ]
    if not pale:
        return ok("colors", f"both sides have {LEAST_CONTRAST}:1 or more on paper, light and dark.")
    return warn("colors", f"{'; '.join(pale)}.", f"Make it {LEAST_CONTRAST}:1 in brand.css (docs/brand.md).")


def _debug() -> Finding:
    if not settings.DEBUG:
        return ok("debug pages", "off.")
    said = "DEBUG is on: errors show settings and code to whoever sees them."
    return fail("debug pages", said, "Set DEBUG=off.")


def _proxies() -> Finding:
    count = settings.TRUSTED_PROXIES
    if settings.SECURE and not count:
        return warn(
            "proxies",
            "SITE_URL is https and TRUSTED_PROXIES is 0: everybody behind the proxy counts as one network.",
            "Set TRUSTED_PROXIES to the number of proxies of yours before the web process.",
        )
    return ok("proxies", f"{count} trusted.")
