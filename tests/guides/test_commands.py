"""Every `manage.py` command of README and operations guide, run in their order, says what it should."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.db import close_old_connections, connections
from psycopg import sql

from comparisons.pairings.models import Pairing
from panel.actions.hear import hear
from panel.actions.poll import poll
from panel.models import Attempt, Batch, Hearing, Run
from tests.cards.test_models_dev import entry, provider
from tests.deployment.compose import composed
from tests.factories.cards import make_card
from tests.factories.staff import make_staff
from tests.fakes.mistral import FakeMistral
from tests.guides.ledger import MANAGED
from tests.guides.shell import GUIDES, ROOT, commands, inline
from tests.publishing.webs import database_url

CARDS = """labs:
  - {slug: river, name: River Lab, url: "https://river.example"}
cards:
  - {slug: river-3b, lab: river, name: River 3B, category: Small}
  - {slug: river-9b, lab: river, name: River 9B, category: Small}
"""
RECEIPT = "01a2b3c4-…"


def told(guide: str) -> list[str]:
    """The commands of a guide after `manage.py`, in its order, once each."""
    found = (shlex.join(each.managed) for each in commands(ROOT / guide) if each.managed)
    return list(dict.fromkeys(text.replace("'", "") for text in found))


@pytest.fixture
def target() -> Iterator[str]:
    """The address of a database that is not there yet, in the cluster of the tests."""
    here, name = database_url(), f"copy_of_a_guide_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

    def drop() -> None:
        with psycopg.connect(here, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    drop()
    scheme, _, rest = here.partition("@")
    yield f"{scheme}@/{name}?{rest.partition('?')[2]}"
    drop()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """Hears what is queued and looks after batches, as a worker and beat would."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.05):
            for pk in Hearing.objects.single().filter(state="queued").values_list("pk", flat=True)[:50]:
                hear(pk)
            if Batch.objects.open().update(polled_at=None):
                poll()
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join(30)
    close_old_connections()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], target: str) -> Callable[[str], str]:
    def run(line: str) -> str:
        words = [re.sub(r"postgresql://….*", target, word) for word in line.split()]
        words = [str(Attempt.objects.filter(provider="rubric")[0].pk) if w == RECEIPT else w for w in words]
        capsys.readouterr()
        try:
            call_command(*(["createsuperuser", "--noinput"] if words == ["createsuperuser"] else words))
        except SystemExit as end:
            assert words[0] == "doctor" and end.code in {0, 1}  # the tests' own settings are no deployment's
        said = capsys.readouterr()
        return said.out + said.err

    return run


def test_daily_work_of_the_readme(worker, run, settings, tmp_path, monkeypatch):
    settings.PANEL_JUDGES = ("rubric",)
    make_staff("admin", "ann")
    for slug in ("gpt-5-5", "claude-opus-4-8", "beta"):
        make_card(slug, license="MIT", license_class="permissive", open_weights=True)
    other = Pairing.objects.between(*(make_card(slug) for slug in ("beta", "gpt-5-5")))
    Pairing.objects.filter(pk=other.pk).update(featured=True)
    monkeypatch.chdir(tmp_path)
    Path("my-cards").mkdir()
    Path("my-cards/cards.yaml").write_text(CARDS, encoding="utf-8")
    Path("my-cards/featured.yaml").write_text("pairings:\n  - [river-3b, river-9b]\n", encoding="utf-8")
    models = {"gpt-9": entry("GPT 9")}
    Path("api.json").write_text(json.dumps(provider("openai", models)), encoding="utf-8")
    with FakeMistral(words="The fake has read the card.") as fake:
        for line in told("README.md"):
            asks_mistral = "--batch" in line
            settings.PANEL_JUDGES = ("mistral", "rubric") if asks_mistral else ("rubric",)
            settings.MISTRAL_SERVER_URL, settings.MISTRAL_API_KEY = fake.url, "a-key-for-tests"
            assert MANAGED[line] in run(line), line
    assert Run.objects.filter(state="done").count() == 3


def test_the_beginning_of_a_deployment(transactional_db, run, settings, tmp_path, monkeypatch):
    settings.PANEL_JUDGES = ("rubric",)
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "ann")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "")
    for line in told("docs/operations.md"):
        file = tmp_path / "FILE"
        if "FILE" in line:
            call_command("backup", str(file))
        assert MANAGED[line] in run(line.replace("FILE", str(file))), line


def options_of(name: str) -> set[str]:
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    return {option for action in parser._actions for option in action.option_strings}


def test_every_command_and_option_that_a_guide_names_exists():
    """In blocks, in the comments beside their lines, and in running text."""
    seen = []
    for guide in GUIDES:
        named = [(each.managed, each.comment) for each in commands(guide) if each.managed]
        texts = (found for found in inline(guide) if found.startswith("manage.py "))
        named += [(shlex.split(text)[1:], "") for text in texts]
        for (name, *rest), comment in named:
            assert name in get_commands(), f"{guide.name}: {name}"
            options = {word for word in rest if word.startswith("--")}
            options |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", comment))
            assert options <= options_of(name), f"{guide.name}: {name}"
            seen.append(name)
    assert {"give_role", "digest", "backup", "token"} <= set(seen)


def test_every_make_target_that_a_guide_names_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z]+):", makefile))
    named = {found[5:] for guide in GUIDES for found in inline(guide) if re.match(r"make [a-z]+$", found)}
    named |= {each.text.split()[-1] for guide in GUIDES for each in commands(guide) if "make " in each.text}
    assert {"run", "test", "lint", "schema", "lock"} <= named <= targets
    assert re.search(r"(?m)^run: .*\n\t@exec \$\(PYTHON\) manage\.py up$", makefile)
    assert re.search(r"(?m)^test: .*\n\t@exec \$\(PYTHON\) -m pytest ", makefile)


def test_the_example_of_settings_says_how_every_secret_is_made(tmp_path):
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    script = "\n".join(re.findall(r"(?m)^#   (\S.*|  .*)$", text))
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "secrets"
    wanted = {Path(told["file"]).name for told in composed()["secrets"].values()}
    assert {each.name for each in folder.iterdir()} == wanted
    assert len((folder / "secret_key").read_text().strip()) >= 50
    assert folder.stat().st_mode & 0o777 == 0o700
