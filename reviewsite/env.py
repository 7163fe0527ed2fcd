"""Typed readers of environment variables: a value that makes no sense is refused by name, at start."""

from __future__ import annotations

import json
import os
import re
from decimal import Decimal, InvalidOperation
from email.utils import formataddr, parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg_pool import ConnectionPool

from comparisons.palette import WANTED, NoColor, Palette, palette_of

WEB = ("http", "https")


class BadSetting(ImproperlyConfigured):
    """A variable holds something its reader cannot mean; the message starts with the variable's name."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name}: {value!r} is not {wanted}.")


class NotInstalled(BadSetting):
    """A variable asks for a package that only the image and whoever develops this have."""

    def __init__(self, name: str, package: str) -> None:
        ImproperlyConfigured.__init__(
            self,
            f"{name}: {package}, which it needs, is not installed here: see requirements/production.txt.",
        )


def text(name: str, default: str = "") -> str:
    """The variable, or the text of the file that `<name>_FILE` names (how Docker hands over secrets)."""
    value = os.environ.get(name)
    path = os.environ.get(f"{name}_FILE", "").strip()
    # An empty line of .env, which a file may stand beside, is no answer.
    if path and not (value and value.strip()):
        try:
            value = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise BadSetting(f"{name}_FILE", path, "a file that can be read") from None
    return (value or "").strip() or default


def wants(*, package: str, by: str) -> None:
    """The package is there, where the variable is set; it is not loaded by asking. Raises NotInstalled."""
    if text(by) and find_spec(package) is None:
        raise NotInstalled(by, package)


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(name, value, "one of on, off")


def integer(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    value = text(name)
    if not value:
        return default
    wanted = f"a whole number from {least}" + (f" to {most}" if most is not None else " up")
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(name, value, wanted) from None
    if number < least or (most is not None and number > most):
        raise BadSetting(name, value, wanted)
    return number


def decimal(name: str, default: str, *, least: str = "0", most: str | None = None) -> Decimal:
    value = text(name) or default
    wanted = f"a number from {least}" + (f" to {most}" if most is not None else " up")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadSetting(name, value, wanted) from None
    if not number.is_finite() or number < Decimal(least) or (most is not None and number > Decimal(most)):
        raise BadSetting(name, value, wanted)
    return number


def folder(name: str) -> Path | None:
    """A folder that exists, or None where the variable is empty."""
    value = text(name)
    if not value:
        return None
    path = Path(value).expanduser().resolve()
    if not path.is_dir():
        raise BadSetting(name, value, "a folder")
    return path


def file(name: str) -> Path | None:
    """A file that exists, or None where the variable is empty."""
    value = text(name)
    if not value:
        return None
    path = Path(value).expanduser().resolve()
    if not path.is_file():
        raise BadSetting(name, value, "a file")
    return path


def rate(name: str, default: str) -> tuple[int, int]:
    """`60/hour` as (60, 3600): how many in how many seconds."""
    spans = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
    value = text(name) or default
    most, _, span = value.partition("/")
    if not most.isascii() or not most.isdigit() or span not in spans:
        raise BadSetting(name, value, f"a number per time like 60/hour ({', '.join(spans)})")
    return int(most), spans[span]


def choices(name: str, default: str, *, among: tuple[str, ...]) -> tuple[str, ...]:
    """A comma-separated list, each once, in the order given."""
    names = tuple(part.strip().lower() for part in (text(name) or default).split(",") if part.strip())
    if not names or len(set(names)) != len(names) or not set(names) <= set(among):
        raise BadSetting(name, text(name), f"a list of {', '.join(among)}, each at most once")
    return names


def one_of(name: str, default: str, *, among: tuple[str, ...]) -> str:
    value = (text(name) or default).strip().lower()
    if value not in among:
        raise BadSetting(name, value, f"one of {', '.join(among)}")
    return value


def names(name: str, default: str) -> list[str]:
    return [part.strip() for part in (text(name) or default).split(",") if part.strip()]


def _split(address: str) -> SplitResult:
    """Empty where host or port are none, which urlsplit by itself says late or not at all."""
    try:
        parts = urlsplit(address)
        spoiled = parts.port == 0 or re.search(r"\s", parts.netloc)
    except ValueError:
        spoiled = True
    return urlsplit("") if spoiled else parts


def url(name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
    value = text(name) or default
    if not value:
        return ""
    parts = _split(value)
    whole = parts.hostname if parts.scheme in WEB else parts.netloc or parts.path or parts.query
    if parts.scheme not in schemes or not whole:
        wanted = f"an address that starts with {' or '.join(f'{s}:' for s in schemes)}"
        raise BadSetting(name, without_secret(value), wanted)
    return value


def origin(name: str, default: str) -> str:
    """Scheme, host and port of a site, and nothing else: addresses are put behind it."""
    value = url(name, default, schemes=WEB).rstrip("/")
    parts = urlsplit(value)
    if value != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise BadSetting(name, without_secret(value), "an address like https://example.org, without a path")
    return value


def dsn(name: str) -> str:
    """Where Sentry listens: `https://key@host/number`, or empty."""
    value = url(name, schemes=WEB)
    parts = urlsplit(value)
    if value and not (parts.username and re.search(r"/\d+$", parts.path)):
        raise BadSetting(name, without_secret(value), "an address like https://key@host/1")
    return value


def without_secret(address: str) -> str:
    """For a log: without name and password, and without what stands behind a question mark."""
    return re.sub(r"^([a-z+]*:/*)?.*@", r"\1…@", address, flags=re.IGNORECASE).partition("?")[0]


def with_password(address: str, password: str) -> str:
    """The address with this password, if it is one of a network and holds none of its own."""
    parts = urlsplit(address)
    if not password or parts.password or not parts.hostname:
        return address
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{place}").geturl()


def _keep_trying(pool: ConnectionPool[Any]) -> None:
    """Begins anew with short pauses, also for those who are waiting already."""
    pool.check()


def mailbox(name: str, default: str) -> str:
    """`Name <name@host>` or a bare address, as a From header wants it."""
    value = text(name) or default
    shown, address = parseaddr(value)
    local, _, host = address.rpartition("@")
    if not local or not host or not address.isascii() or any(sign in value for sign in "\r\n"):
        raise BadSetting(name, value, "a sender like Second Opinion <digest@example.org>")
    return formataddr((shown, address))


def database(address: str, *, pool_size: int, password: str = "") -> dict[str, object]:
    """`postgresql://user:password@host:port/name?host=/socket/folder` as Django's DATABASES entry."""
    parts = _split(address)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        wanted = "an address like postgresql://user@host/name"
        raise BadSetting("DATABASE_URL", without_secret(address), wanted)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = str(options.pop("host", parts.hostname or ""))
    # A pool instead of persistent connections: threads of the web server and of the worker share it, and
    # a dead connection is replaced on the next request instead of failing it.
    options["pool"] = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 10,
        # The pool's own pauses double for five minutes: a database that was away for one came back to this
        # process after two, and whoever asked meanwhile waited ten seconds for an error.
        "reconnect_timeout": 2,
        "reconnect_failed": _keep_trying,
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or password,
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def broker(address: str) -> str:
    """REDIS_URL in Celery's words: for a unix socket another scheme, and another name for the database."""
    if not address.startswith("unix:"):
        return address
    parts = urlsplit(address)
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"


def running(note: Path) -> dict[str, str]:
    """What the instance that runs on a data folder says of itself there; empty when none does."""
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def palette(*sheets: Path) -> Palette:
    """The colors of these style sheets, the last of them a brand's."""
    try:
        return palette_of(*(sheet.read_text(encoding="utf-8") for sheet in sheets))
    except NoColor as error:
        raise BadSetting(f"{sheets[-1].name}, {error.token}", error.value, WANTED) from None
