"""Real web processes with a page store each, for tests and the bench."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").is_file() else "")
PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> float:
    """Seconds it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, what
        time.sleep(0.005)
    return time.monotonic() - begun


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request(method, path, body, dict(headers or {}))
        answer = line.getresponse()
        return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
    finally:
        line.close()


def database_url() -> str:
    """The database of this very test run, in the words of the environment."""
    found = connection.settings_dict
    place = f"?host={quote(str(found['HOST']), safe='/')}" if str(found["HOST"]).startswith("/") else ""
    host = "" if place else f"{found['HOST']}"
    login = f"{quote(str(found['USER']))}:{quote(str(found['PASSWORD']))}@" if found["USER"] else ""
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgresql://{login}{host}{port}/{found['NAME']}{place}"


def environment(data: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATA_DIR": str(data),
        "DATABASE_URL": database_url(),
        "DATABASE_POOL": "10",
        "SECRET_KEY": "for web processes of tests",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def manage(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment(data, **more), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


class Process:
    """A server that listens on a port of its own and writes to a log."""

    def __init__(self, argv: list[str], port: int, log: Path, env: Mapping[str, str]) -> None:
        self.port, self._log = port, log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                argv, env=dict(env), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        wait_for(lambda: self._listens() or self.process.poll() is not None, "never up")
        assert self.process.poll() is None, self.log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str, **headers: str) -> Answer:
        return ask(
            self.port, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def signal(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def stop(self) -> float:
        """Asks it to end; seconds until it had."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        finally:
            self.kill()
        return time.monotonic() - begun

    def kill(self) -> None:
        try:
            self.signal(signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


class Web(Process):
    """One granian with its own store, as `manage.py up` runs it."""

    def __init__(
        self, data: Path, store: Path, *, port: int = 0, before: tuple[str, ...] = (), **more: str
    ) -> None:
        self.store = store
        port = port or free_port()
        granian = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--workers",
            "1",
            "--blocking-threads",
        ]
        place = ["8", "--no-ws", "--no-access-log", "--host", "127.0.0.1", "--port", str(port)]
        argv = [*before, *granian, *place, "reviewsite.wsgi:application"]
        env = environment(data, PAGE_STORE=str(store), **more)
        super().__init__(argv, port, store.with_suffix(".log"), env)
        wait_for(lambda: self.get("/healthz/").status == 200, f"not healthy: {self.log}")
        wait_for((store / "position.json").exists, f"keeps nothing: {self.log}")

    def kept(self) -> list[str]:
        html = self.store / "html"
        return sorted(str(path.relative_to(html)) for path in html.rglob("*.html"))


class Nginx(Process):
    """nginx on a configuration; `before` may pin it to a core."""

    def __init__(self, folder: Path, server: str, port: int, *, before: tuple[str, ...] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config.write_text(
            f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log warn;"
            f" {'user root;' if os.geteuid() == 0 else ''} events {{ worker_connections 512; }}"
            f" http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; {temporary}\n"
            f" include /etc/nginx/mime.types;\n{server}\n}}",
            encoding="utf-8",
        )
        self.config = config
        argv = [*before, NGINX, "-e", f"{folder}/error.log", "-c", str(config)]
        super().__init__(argv, port, folder / "log", os.environ)


def our_config(*, port: int, app: int | str, store: Path, static: Path, hsts: str = "", **more: str) -> str:
    """reviewsite/nginx.conf with its variables filled in, as the image's envsubst does."""
    text = (ROOT / "reviewsite" / "nginx.conf").read_text(encoding="utf-8")
    return Template(text).safe_substitute(
        {
            "LISTEN": f"127.0.0.1:{port}",
            "TLS": "",
            "APP": f"127.0.0.1:{app}" if isinstance(app, int) else app,
            "RESOLVER": "127.0.0.1",  # asked for nothing: the tests name addresses
            "OUTSIDE": "$http_x_forwarded_proto",
            "PAGE_STORE": str(store),
            "STATIC_ROOT": str(static),
            "HSTS": hsts,
            "ACCESS_LOG": "off",
            **more,
        }
    )
