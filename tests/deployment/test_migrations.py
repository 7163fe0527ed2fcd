"""Migrations go forward, back to nothing, and forward again; and tables and migrations agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psycopg
import pytest
from django.core.management import call_command

from tests.deployment.compose import ROOT
from tests.flows.backing import Services

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("deployment")]
LEFT = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname <> 'django_migrations' AND c.relname NOT LIKE 'django_migrations_%'
UNION ALL
SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
SHAPE = """
SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY 1, 2
"""
TRIGGERS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
BACK = """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
django.setup()
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db import connection
call_command("migrate", verbosity=0)
{after_first}
apps = MigrationLoader(connection).migrated_apps
for app in ("panel", "comparisons", *sorted(apps - {{"panel", "comparisons"}})):
    call_command("migrate", app, "zero", verbosity=0)
"""


def run(url: str, code: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def look(url: str, *queries: str) -> list[list[tuple[object, ...]]]:
    with psycopg.connect(url) as line:
        return [line.execute(query).fetchall() for query in queries]  # type: ignore[arg-type]


def test_forward_back_to_nothing_and_forward_again() -> None:
    with Services() as services:
        url = services.database_url()
        first = services.data / "first"
        keep = (
            "import psycopg, json, os\n"
            f"line = psycopg.connect(os.environ['DATABASE_URL'])\n"
            f"open({str(first)!r}, 'w').write(json.dumps([line.execute(q).fetchall() for q in "
            f"({SHAPE!r}, {TRIGGERS!r})]))\nline.close()"
        )
        run(url, BACK.format(after_first=keep))
        assert look(url, LEFT) == [[]]
        assert look(url, "SELECT count(*) FROM django_migrations") == [[(0,)]]
        run(url, BACK.partition("{after_first}")[0])
        again = json.loads(json.dumps(look(url, SHAPE, TRIGGERS)))
        assert again == json.loads(first.read_text())
        assert len(again[0]) > 200


@pytest.mark.django_db
def test_tables_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
