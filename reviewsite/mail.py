"""EMAIL_URL, one address for every way mail can leave, as Django's and anymail's settings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from reviewsite.env import BadSetting, text

FOLDER = "comparisons.digest.outbox.Folder"
WANTED = (
    "an address like smtp://user:password@host:587/?tls=starttls, smtps://…, file:///folder, console:, "
    "anymail+mailgun://KEY@domain or backend:package.module.Class"
)
PORTS = {"smtp": 25, "smtps": 465}
# What each provider calls its key, and the name it wants besides.
PROVIDERS = {
    "brevo": ("BREVO_API_KEY", ""),
    "mailersend": ("MAILERSEND_API_TOKEN", ""),
    "mailgun": ("MAILGUN_API_KEY", "MAILGUN_SENDER_DOMAIN"),
    "mandrill": ("MANDRILL_API_KEY", ""),
    "postmark": ("POSTMARK_SERVER_TOKEN", ""),
    "resend": ("RESEND_API_KEY", ""),
    "sendgrid": ("SENDGRID_API_KEY", ""),
    "sparkpost": ("SPARKPOST_API_KEY", ""),
}


def mail(name: str, folder: Path) -> dict[str, object]:
    """Django settings by name; without the variable mail becomes files in `folder`. Raises BadSetting."""
    value = text(name) or f"file://{folder}"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _refusal(name, value) from None
    scheme, _, provider = parts.scheme.partition("+")
    match scheme:
        case "smtp" | "smtps" if parts.hostname and not provider:
            return _smtp(name, value, parts, port or PORTS[scheme])
        case "file" if parts.path and not parts.netloc:
            return {"EMAIL_BACKEND": FOLDER, "EMAIL_FILE_PATH": unquote(parts.path)}
        case "console":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        case "backend" if parts.path.count("."):
            return {"EMAIL_BACKEND": parts.path}
        case "anymail" if provider in PROVIDERS and parts.netloc:
            return _provider(provider, parts)
    raise _refusal(name, value)


def _refusal(name: str, value: str) -> BadSetting:
    """Without what stands behind the scheme: a password is no line for a log."""
    scheme, colon, _ = value.partition(":")
    return BadSetting(name, f"{scheme}:…" if colon else "…", WANTED)


def _smtp(name: str, value: str, parts: SplitResult, port: int) -> dict[str, object]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = options.pop("tls", "none")
    # A misspelled option that is passed over would send the password in the clear.
    if options or tls not in {"none", "starttls"} or (parts.scheme == "smtps" and tls == "starttls"):
        raise _refusal(name, value)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def _provider(provider: str, parts: SplitResult) -> dict[str, object]:
    """`?name=value` becomes the provider's setting of that name: `?webhook_signing_key=…`."""
    key, domain = PROVIDERS[provider]
    told = {f"{provider}_{option}".upper(): value for option, value in parse_qsl(parts.query)}
    if parts.username is None:
        told[key] = unquote(parts.netloc)  # not the hostname, which urlsplit writes small
    else:
        told[key] = unquote(parts.username)
        if domain:
            told[domain] = parts.hostname or ""
    return {"EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend", "ANYMAIL": told}
