"""A backup restored is the same site."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg import sql

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.votes.actions import cast
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.models import Hearing
from tests.factories.cards import make_card, make_offer
from tests.publishing.webs import database_url

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = "/compare/alpha-vs-beta/"
COPY = "copy_of_a_backup"


@pytest.fixture
def site(transactional_db, settings):
    """A verdict with its receipts, votes, and the rows that triggers write."""
    settings.PANEL_JUDGES = ("rubric",)
    for slug in ("alpha", "beta"):
        make_card(slug, offers=[make_offer(model_id=slug, price_in="1.50")])
    pairing = Pairing.objects.between(*Card.objects.order_by("slug"))
    convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope="one")
    for pk in Hearing.objects.values_list("pk", flat=True):
        hear(pk)
    for number in range(3):
        cast(pairing=pairing, visitor=Visitor(f"reader {number}"), choice="left")
    return pairing


@pytest.fixture
def target(request):
    """The address of a database that is not there yet, in the cluster of the tests."""
    here = database_url()
    name = f"{COPY}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

    def drop():
        with psycopg.connect(here, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    drop()
    request.addfinalizer(drop)
    scheme, _, rest = here.partition("@")
    return f"{scheme}@/{name}?{rest.partition('?')[2]}"


def counts(url):
    with psycopg.connect(url) as line:
        tables = [
            row[0]
            for row in line.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        ]
        return {
            table: line.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            for table in tables
        }


def page(url):
    done = subprocess.run(
        [sys.executable, "-m", "tests.deployment.page", PAGE], check=True, cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url}, capture_output=True,
    )  # fmt: skip
    return done.stdout


def test_a_backup_restored_is_the_same_site(site, target, tmp_path, capsys):
    file = tmp_path / "site.dump"
    call_command("backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["site.dump"]
    call_command("restore", str(file), "--into", target)
    before, after = counts(database_url()), counts(target)
    assert before.pop("comparisons_pagechange")[0] > 0
    assert after.pop("comparisons_pagechange") == (0,)  # means something in its own cluster alone
    assert before == after
    assert after["panel_attempt"][0] == 12
    assert after["comparisons_vote"] == (3,)
    assert page(database_url()) == page(target)
    # The triggers came along: what may only be added to is still so.
    with psycopg.connect(target) as line:
        line.execute(
            "INSERT INTO comparisons_auditentry (at, did, about, address, detail)"
            " VALUES (now(), 'x', '', '', '{}')"
        )
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            line.execute("DELETE FROM comparisons_auditentry")


def test_it_never_restores_over_data(site, tmp_path):
    file = tmp_path / "site.dump"
    call_command("backup", str(file))
    with pytest.raises(CommandError, match=r"holds \d+ tables; name an empty one") as refused:
        call_command("restore", str(file), "--into", database_url())
    assert refused.value.returncode == 2
    assert Pairing.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "There is no file"), (b"PGDMP, but torn", "pg_restore failed"), (b"", "pg_restore failed")],
)
def test_what_is_no_backup_is_refused_in_one_line(db, target, tmp_path, content, said):
    file = tmp_path / "site.dump"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=said) as refused:
        call_command("restore", str(file), "--into", target)
    assert "\n" not in str(refused.value)


def test_an_address_that_is_none_is_refused(tmp_path):
    with pytest.raises(CommandError, match="DATABASE_URL"):
        call_command("restore", str(tmp_path / "x"), "--into", "mysql://nowhere/x")


def test_a_backup_that_cannot_be_written_says_so(db, tmp_path):
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("backup", str(tmp_path / "nowhere" / "site.dump"))
    (tmp_path / "backups").mkdir()
    with pytest.raises(CommandError, match=r"backups is a folder; name a file in it\."):
        call_command("backup", str(tmp_path / "backups"))
    assert [each.name for each in tmp_path.iterdir()] == ["backups"]
