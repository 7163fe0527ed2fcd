"""Settings of production: Django's own audit, secrets from files, and no host from anybody's input."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "SITE_URL": "https://site.example", "ALLOWED_HOSTS": "site.example", "TRUSTED_PROXIES": "1",
    "LOG_FORMAT": "json", "PATH": os.environ["PATH"], "SECRET_KEY": "0123456789abcdef" * 4,
}  # fmt: skip
# The only files that ask anybody by HTTP. Each takes its address from the settings and from nowhere else.
ASKS_OTHERS = {
    "comparisons/cards/refresh.py": "CATALOGUE_URL",
    "panel/providers/line.py": "the wire",
    "panel/providers/mistral.py": "MISTRAL_SERVER_URL",
    "panel/providers/mistral_batches.py": "MISTRAL_SERVER_URL",
    "panel/providers/ollama_shelf.py": "OLLAMA_URL",
    "panel/providers/reach.py": "each judge's own URL",
    "panel/providers/wire.py": "refuses every origin but its own",
    "reviewsite/alive.py": "the container itself",
    "reviewsite/local/site.py": "this machine itself",
}
CLIENTS = {
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "requests",
    "urllib3",
    "aiohttp",
    "http.client",
    "ftplib",
}


def python(code: str, tmp_path: Path, **told: str) -> subprocess.CompletedProcess[str]:
    environment = {**PRODUCTION, "DATA_DIR": str(tmp_path), **told}
    environment = {name: value for name, value in environment.items() if value != "(unset)"}
    return subprocess.run(
        [sys.executable, *(["-c", code] if code else ["manage.py", "check", "--deploy"])],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_django_s_own_audit_finds_nothing_and_is_told_to_overlook_nothing(tmp_path):
    done = python("", tmp_path)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")
    assert "W" not in done.stderr


def test_the_audit_would_find_something(tmp_path):
    assert "security.W009" in python("", tmp_path, SECRET_KEY="short").stderr
    assert "security.W018" in python("", tmp_path, DEBUG="on").stderr


def secret_variables() -> list[str]:
    """Every variable that settings read and that is a secret by its name, or may hold one."""
    text = "".join(
        (ROOT / "reviewsite" / name).read_text(encoding="utf-8") for name in ("settings.py", "env.py")
    )
    read = set(re.findall(r'(?:text|url|dsn)\(\s*"([A-Z_]+)"', text))
    return sorted(
        n for n in read if re.search("KEY|TOKEN|PASSWORD|SECRET|DSN|DATABASE_URL|REDIS_URL|BROKER", n)
    )


WHERE = {
    "BROKER_URL": "CELERY_BROKER_URL",
    "EMAIL_URL": "EMAIL_HOST",
    "ANYMAIL_WEBHOOK_SECRET": "ANYMAIL['WEBHOOK_SECRET']",
}
# Parts of mails, which no policy of ours reaches; the digest's pages are held to the rule.
OF_MAILS = {"_mail_frame.html", "_mail_verdict.html", "_mail_matchup.html", "mail.html", "letter.html"}
VALUES = {
    "DATABASE_URL": "postgresql://u:p@h/from-a-file", "REDIS_URL": "redis://h/7", "BROKER_URL": "amqp://from-a-file/",
    "EMAIL_URL": "smtp://from-a-file", "SENTRY_DSN": "https://key@sentry.example/1",
}  # fmt: skip


def test_the_list_of_secrets_is_whole():
    assert {"SECRET_KEY", "MISTRAL_API_KEY", "DATABASE_PASSWORD", "METRICS_TOKEN", "SENTRY_DSN"} <= set(
        secret_variables()
    )


@pytest.mark.parametrize("name", secret_variables())
def test_every_secret_may_come_from_a_file(name, tmp_path):
    value = VALUES.get(name, "from-a-file-with-fifty-characters-0123456789abcdefgh")
    (tmp_path / "secret").write_text(f"{value}\n", encoding="utf-8")
    setting = WHERE.get(name, name)
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'reviewsite.settings'\n"
        f"from django.conf import settings; print(settings.{setting})"
    )
    told = {name: "(unset)", f"{name}_FILE": str(tmp_path / "secret")}
    if name == "ANYMAIL_WEBHOOK_SECRET":
        told["EMAIL_URL"] = "anymail+postmark://key"
    done = python(code, tmp_path, **told)
    assert done.stdout.strip() == value.removeprefix("smtp://"), done.stderr


def test_a_secret_file_that_is_missing_is_refused_by_name(tmp_path):
    done = python("", tmp_path, SECRET_KEY="(unset)", SECRET_KEY_FILE="/nowhere")
    assert "SECRET_KEY_FILE" in done.stderr
    assert done.returncode != 0


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_only_these_files_ask_other_servers():
    clients = CLIENTS | {"urllib.request", "urllib.request.urlopen"}
    asking = {
        str(path.relative_to(ROOT))
        for folder in ("comparisons", "panel", "reviewsite")
        for path in (ROOT / folder).rglob("*.py")
        if imports(path) & clients
    }
    assert asking == set(ASKS_OTHERS)


def test_no_view_form_or_api_can_reach_a_client():
    """What asks others is not even imported where readers' input is read."""
    readers = [
        path
        for folder in ("comparisons", "panel")
        for path in (ROOT / folder).rglob("*.py")
        if path.name in {"views.py", "forms.py", "admin.py"} or "api" in path.parts
    ]
    assert len(readers) > 10
    assert [str(path) for path in readers if imports(path) & CLIENTS] == []


def test_there_are_no_uploads():
    from django.conf import settings

    assert settings.MEDIA_ROOT == "" and settings.MEDIA_URL == "/"
    fields = re.compile(r"\b(FileField|ImageField|request\.FILES|FilePathField)\b")
    places = [
        str(path)
        for folder in ("comparisons", "panel", "reviewsite")
        for path in (ROOT / folder).rglob("*.py")
        if fields.search(path.read_text(encoding="utf-8"))
    ]
    assert places == []
    templates = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    assert 'type="file"' not in templates and "multipart/form-data" not in templates


def test_templates_hold_nothing_inline():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if path.parent.name == "digest" and path.name in OF_MAILS:
            continue
        assert not re.search(r"<[^>]+\sstyle=|\son[a-z]+=|hx-on|javascript:|<style", text), path
        for script in re.findall(r"<script[^>]*>", text):
            assert re.search(r'src=|type="application/(ld\+)?json"', script), path
