"""The rules that the Observatory of MDN scores by, kept here so that a regression fails without npm.

Its engine itself runs in tests/bench/observatory.py.
"""

from __future__ import annotations

from collections.abc import Mapping

PRIVATE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SIX_MONTHS = 15_768_000
UNSAFE = {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:", "blob:"}


def policy(text: str) -> dict[str, set[str]]:
    parts = (part.split() for part in text.split(";") if part.strip())
    return {name.lower(): set(sources) for name, *sources in parts}


def broken(headers: Mapping[str, str], *, secure: bool, cookies: Mapping[str, object]) -> list[str]:
    """Every rule that an answer breaks; names of headers in small letters."""
    found = []
    csp = policy(headers.get("content-security-policy", ""))
    if csp.get("default-src") != {"'none'"}:
        found.append("CSP: default-src is not 'none'")
    for name, sources in csp.items():
        if sources & UNSAFE or any("." in source or source.startswith("//") for source in sources):
            found.append(f"CSP: {name} lets others in: {sorted(sources)}")
        if "data:" in sources and name != "img-src":
            found.append(f"CSP: {name} takes data:")
    found += [
        f"CSP: {name} is not 'none'"
        for name in ("base-uri", "frame-ancestors")
        if csp.get(name) != {"'none'"}
    ]
    if csp.get("form-action") != {"'self'"}:
        found.append("CSP: forms may be sent elsewhere")
    wanted = {
        "x-content-type-options": {"nosniff"},
        "x-frame-options": {"DENY"},
        "cross-origin-resource-policy": {"same-origin"},
        "cross-origin-opener-policy": {"same-origin"},
        "referrer-policy": PRIVATE_REFERRERS,
    }
    found += [
        f"{name}: {headers.get(name)}" for name, good in wanted.items() if headers.get(name) not in good
    ]
    if "access-control-allow-origin" in headers:
        found.append("CORS lets others read")
    if secure:
        found += _transport(headers.get("strict-transport-security", "")) + _cookies(cookies)
    found += [f"{name} tells the software" for name in ("server", "x-powered-by") if name in headers]
    return found


def _transport(told: str) -> list[str]:
    parts = dict(part.strip().lower().partition("=")[::2] for part in told.split(";") if part.strip())
    age = parts.get("max-age", "0")
    good = age.isdigit() and int(age) >= SIX_MONTHS and "includesubdomains" in parts
    return [] if good else [f"HSTS: {told or 'missing'}"]


def _cookies(cookies: Mapping[str, object]) -> list[str]:
    found = []
    for name, told in cookies.items():
        attributes = {key: told[key] for key in ("secure", "httponly", "samesite", "path", "domain")}  # type: ignore[index]
        if not name.startswith("__Host-"):
            found.append(f"cookie {name} has no __Host-")
        narrow = attributes["samesite"] in {"Lax", "Strict"}
        if not (attributes["secure"] and attributes["httponly"] and narrow):
            found.append(f"cookie {name}: {attributes}")
        if attributes["path"] != "/" or attributes["domain"]:
            found.append(f"cookie {name} is not this host's alone")
    return found
