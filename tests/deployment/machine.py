"""What docker-compose.yml starts, started on this machine: its commands and environment, word for word but
for the names of hosts, folders and ports.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Self
from urllib.parse import parse_qs, urlsplit

from reviewsite.local.programs import postgres_programs, redis_program
from reviewsite.processes import Program, spawn
from tests.deployment.compose import ROOT, composed, env_file, natively
from tests.flows.backing import Services
from tests.publishing.webs import Nginx, ask, free_port, our_config

ROLE = "deployed"  # the tests' cluster already has a second_opinion, who may do everything
SECRETS = {
    "secret_key": "0123456789" * 6,
    "database_password": "a password's \"quote",
    "redis_password": "of/Redis+with=signs",
    "mistral_api_key": "a-key-for-tests",
    "metrics_token": "a-token-for-tests",
    "email_url": "",
}
PATIENCE = 60.0


class Container:
    """One service of the file as a process."""

    def __init__(self, machine: Machine, service: str, number: int = 0) -> None:
        self.machine, self.service = machine, service
        self.port = free_port()
        self.tmp = machine.root / f"{service}-{number}"
        self.tmp.mkdir(exist_ok=True)
        self.log = machine.root / f"{service}-{number}.log"
        self._places = {
            **machine.places,
            "/tmp": str(self.tmp),
            "--host=0.0.0.0": "--host=127.0.0.1",
            "--port=8000": f"--port={self.port}",
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
        }
        told = machine.file["services"][service]
        self.environment = machine.environment | {
            name: natively(value, self._places) for name, value in told.get("environment", {}).items()
        }
        self.command = self._native(told["command"])
        self._check = told.get("healthcheck", {}).get("test", [])[1:]
        self.start()

    def start(self) -> None:
        program = Program(name=self.service, argv=tuple(self.command), env=self.environment, cwd=ROOT)
        with self.log.open("ab") as log:
            self.process = spawn(program, output=log.fileno())

    def finish(self) -> None:
        assert self.process.wait(PATIENCE) == 0, self.words

    def stop(self) -> float:
        """As an engine does it; the seconds it took."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    def healthy(self) -> bool:
        """Its own health check."""
        done = subprocess.run(
            self._native(self._check), env=self.environment, cwd=ROOT, capture_output=True, check=False
        )
        return done.returncode == 0

    @property
    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _native(self, command: list[str]) -> list[str]:
        words = [natively(word, self._places) for word in command]
        if words[:2] == ["sh", "-c"]:
            return [*words[:2], words[2].replace("python ", f"{shlex.quote(sys.executable)} ")]
        return [sys.executable if word == "python" else word for word in words]


class Machine:
    """PostgreSQL and Redis, the role that the file makes, and as many of its services as are asked for."""

    def __init__(self, services: Services, **told: str) -> None:
        self.root = services.data / "machine"
        self.root.mkdir()
        self.root.chmod(0o755)
        services.data.chmod(0o755)  # nginx's workers read below it
        self.file = composed(env_file())
        self._containers: list[Container] = []
        self._front: Nginx | None = None
        secrets = self.root / "secrets"
        secrets.mkdir()
        for name, value in SECRETS.items():
            (secrets / name).write_text(f"{value}\n", encoding="utf-8")
        self.redis_port, redis = free_port(), redis_program()
        server, cli = (shlex.quote(str(program)) for program in (redis, redis.with_name("redis-cli")))
        self.database = services.database_url(ROLE).replace("second_opinion@", f"{ROLE}@")
        self.places = {
            "postgresql://second_opinion@postgres/second_opinion": self.database,
            "redis://redis:6379/0": f"redis://127.0.0.1:{self.redis_port}/0",
            "redis-server -": f"{server} - --port {self.redis_port} --bind 127.0.0.1",
            "redis-cli ping": f"{cli} -p {self.redis_port} ping",
            "/run/secrets": str(secrets),
            "/data": str(self.root / "data"),
            "/static": str(self.root / "static"),
        }
        self.root.joinpath("data").mkdir()
        self._make_role(services)
        passed = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        # The tests may run as root, which no container does, and Celery would say so.
        passed["PYTHONWARNINGS"] = "ignore:::celery.platforms"
        # STATIC_ROOT: the image has its own copy of what the job collects for the front.
        self.environment: Mapping[str, str] = {
            **passed, **env_file(), "STATIC_ROOT": str(self.root / "static"), **told,
        }  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._front is not None:
            self._front.stop()
        for container in self._containers:
            if container.process.poll() is None:
                container.process.terminate()
        for container in self._containers:
            container.process.wait(PATIENCE)

    def run(self, service: str, number: int = 0) -> Container:
        self._containers.append(Container(self, service, number))
        return self._containers[-1]

    def front(self, webs: list[Container]) -> Nginx:
        """nginx on the shipped configuration, before these."""
        told = self.file["services"]["front"]["environment"]
        _, limits = told["APP"].removesuffix(";").split(" resolve ")
        servers = "; server ".join(f"127.0.0.1:{web.port} {limits}" for web in webs)
        port = free_port()
        config = our_config(
            port=port, app=servers, store=self.root / "data" / "pages", static=self.root / "static",
            OUTSIDE=told["OUTSIDE"], ACCESS_LOG=f"{self.root}/pages.log pages",
        )  # fmt: skip
        self._front = Nginx(self.root / "nginx", config, port)
        return self._front

    def _make_role(self, services: Services) -> None:
        script = self.file["configs"]["role"]["content"].replace("second_opinion", ROLE)
        address = urlsplit(services.database_url("postgres"))
        subprocess.run(
            ["sh"], input=natively(script, self.places), text=True, check=True, capture_output=True,
            env={
                "PATH": f"{postgres_programs()}:{os.environ['PATH']}",
                "PGHOST": parse_qs(address.query)["host"][0],
                "PGUSER": "second_opinion",
                "PGDATABASE": "postgres",
            },
        )  # fmt: skip


def wait_until(condition: object, *containers: Container, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, [container.words[-2000:] for container in containers]
        for container in containers:
            assert container.process.poll() is None, container.words[-2000:]
        time.sleep(0.1)


def status(port: int, path: str) -> int:
    try:
        return ask(port, path).status
    except OSError:
        return 0
