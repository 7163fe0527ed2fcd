"""docker-compose.yml and .env.example, as far as files can be proved without an engine."""

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.deployment.compose import ROOT, VARIABLE, composed, env_file

FILE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES = composed()["services"]
OURS = ("migrate", "web", "worker", "ticker", "beat")
RUN_ONCE = {"migrate", "backup"}


def schema():
    file = Path(__file__).parent / "compose-spec.json"
    return Draft7Validator(json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("read", [lambda: yaml.safe_load(FILE), composed])
def test_it_keeps_the_compose_specification(read):
    found = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in schema().iter_errors(read())]
    assert found == []


def test_the_schema_refuses_what_is_none():
    broken = composed()
    broken["services"]["web"]["helth"] = {}
    assert not schema().is_valid(broken)


def test_every_dollar_is_a_variable_that_the_example_names():
    bare = [line for line in FILE.splitlines() if "$" in VARIABLE.sub("", line)]
    assert bare == []
    used = {match["name"] for match in VARIABLE.finditer(FILE) if match["name"]}
    assert used - set(env_file()) <= {"VERSION", "BACKUP_USER"}


def test_every_variable_of_the_example_is_the_sites_or_the_files():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "reviewsite").rglob("*.py"))
    unknown = [name for name in env_file() if f'"{name}"' not in code and f"${{{name}" not in FILE]
    assert unknown == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "healthcheck" in service or name in RUN_ONCE
    assert "stop_grace_period" in service or name in RUN_ONCE
    if "image" in service and name not in OURS:
        assert re.search(r":v?\d", service["image"]), "a version, never `latest`"


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_is_reached_from_outside_but_the_front(name):
    ports = [str(port) for port in SERVICES[name].get("ports", [])]
    if name == "front-tls":
        assert ports == ["80:8080", "443:8443"]
    else:
        assert all(port.startswith("127.0.0.1:") for port in ports)
    assert not (name in {"postgres", "redis"} and ports)


def test_the_books_network_leads_nowhere():
    assert composed()["networks"]["books"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["books"]


@pytest.mark.parametrize("server", ["ollama", "mail"])
def test_whoever_asks_a_server_of_a_profile_reaches_it(server):
    """Web convenes, so it looks for judges; doctor runs there. Worker and ticker hear and send."""
    for asker in ("web", "worker", "ticker"):
        assert set(SERVICES[asker]["networks"]) & set(SERVICES[server]["networks"]), asker


def test_no_secret_stands_in_an_environment():
    for name in OURS:
        told = SERVICES[name]["environment"]
        secret = [key for key in told if re.search("KEY|PASSWORD|TOKEN|DSN|EMAIL", key)]
        assert secret and all(key.endswith("_FILE") for key in secret)
        assert {Path(told[key]).name for key in secret} == set(SERVICES[name]["secrets"])
        assert "@" not in told["DATABASE_URL"].partition("@")[2]
    declared = composed()["secrets"]
    assert {each for service in SERVICES.values() for each in service.get("secrets", [])} == set(declared)


def test_every_queue_has_a_worker():
    from django.conf import settings

    taken = set()
    for name in ("worker", "ticker"):
        command = SERVICES[name]["command"]
        taken |= set(command[command.index("-Q") + 1].split(","))
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert {settings.CELERY_TASK_DEFAULT_QUEUE, *routed} <= taken


def test_every_folder_that_is_written_is_a_tmpfs_or_a_volume():
    for name in OURS:
        service = SERVICES[name]
        writable = [*service["tmpfs"], *(each.split(":")[1] for each in service.get("volumes", []))]
        told = service["environment"]
        wanted = [told["DATA_DIR"], told.get("HEARTBEAT_FILE"), told.get("STATIC_ROOT")]
        wanted += [told.get("PROMETHEUS_MULTIPROC_DIR")]
        for place in filter(None, wanted):
            assert any(place.startswith(folder) for folder in writable), (name, place)


@pytest.mark.parametrize("name", [name for name in OURS if "healthcheck" in SERVICES[name]])
def test_health_checks_are_ours(name):
    test = SERVICES[name]["healthcheck"]["test"]
    assert test[:3] == ["CMD", "python", "reviewsite/alive.py"]
    told = SERVICES[name]["environment"]
    assert test[3] in {told.get("HEARTBEAT_FILE"), "http://127.0.0.1:8000/readyz/"}


def alive(what):
    argv = [sys.executable, "-S", "reviewsite/alive.py", str(what)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False).returncode == 0


def test_a_heartbeat_that_stopped_is_no_life(tmp_path):
    import os

    file = tmp_path / "alive"
    assert not alive(file)
    file.touch()
    assert alive(file)
    os.utime(file, (0, 0))
    assert not alive(file)


def test_a_web_process_lives_by_its_answer(live_server):
    assert alive(f"{live_server.url}/healthz/")
    assert not alive(f"{live_server.url}/nowhere/")
    assert not alive("http://127.0.0.1:1/healthz/")


def test_the_example_holds_no_secret_and_git_takes_none():
    assert not [name for name, value in env_file().items() if value and re.search("KEY|PASSWORD|DSN", name)]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {".env", "/secrets/", "/tls/", "/backups/"} <= set(ignored)


def test_scripts_of_the_file_are_scripts():
    role = composed()["configs"]["role"]["content"]
    assert subprocess.run(["sh", "-n"], input=role, text=True, check=False).returncode == 0
    mode = SERVICES["postgres"]["configs"][0]["mode"]
    assert int(mode) & stat.S_IXOTH
    for name in ("migrate", "backup"):
        command = SERVICES[name]["command"]
        assert command[:2] == ["sh", "-c"]
        assert subprocess.run(["sh", "-n"], input=command[2], text=True, check=False).returncode == 0


def test_prometheus_is_told_where_the_web_containers_are():
    told = yaml.safe_load(composed()["configs"]["prometheus"]["content"])
    (job,) = told["scrape_configs"]
    assert job["metrics_path"] == "/metrics/"
    assert job["dns_sd_configs"][0]["names"] == ["web"]
