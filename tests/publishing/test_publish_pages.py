"""`manage.py publish_pages`, and a keeper without a thread."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import override_settings

from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.publishing import keeper as keeping
from comparisons.publishing.keeper import Keeper
from comparisons.publishing.rendering import Answer, Renderer
from comparisons.publishing.store import Store
from comparisons.votes.actions import cast
from reviewsite.pages import keeper_of, renderer
from tests.factories.cards import make_card

URL = "/compare/alpha-vs-beta/"


@pytest.fixture
def store(tmp_path: Path, heard: Pairing) -> Iterator[Store]:
    with override_settings(PAGE_STORE=tmp_path / "pages"):
        yield Store(settings.PAGE_STORE)


@pytest.fixture
def keeper(store: Store) -> Iterator[Keeper]:
    store.make()
    keeper = keeper_of(store, renderer(get_wsgi_application()))
    yield keeper
    keeper.release()


def publish(*arguments: str) -> str:
    said = StringIO()
    call_command("publish_pages", *arguments, stdout=said)
    return said.getvalue()


def page(store: Store) -> str:
    return (store.html / "compare" / "alpha" / "beta.html").read_text(encoding="utf-8")


def test_it_fills_the_store(store: Store) -> None:
    Pairing.objects.update(featured=True)
    assert "14 pages rendered" in publish()  # 6 lists, 3 cards, 4 reviewers, 1 featured pairing
    assert store.keeps(URL) and store.keeps("/") and store.keeps("/reviewers/skeptic/")
    assert "0 pages rendered" in publish()


def test_all_renders_every_verdict_and_what_is_kept_again(store: Store) -> None:
    assert "13 pages" in publish()
    assert not store.keeps(URL)
    assert "14 pages" in publish("--all")
    assert store.keeps(URL)


def test_a_change_since_the_last_time_is_made_up_for(store: Store, heard: Pairing) -> None:
    publish("--all")
    assert "1 community vote" not in page(store)
    cast(pairing=heard, visitor=Visitor("somebody"), choice="left")
    publish()
    assert "1 community vote" in page(store)


@pytest.mark.parametrize("what", ["origin", "edition", "at"])
def test_a_store_that_cannot_know_what_it_missed_is_emptied(store: Store, keeper: Keeper, what: str) -> None:
    publish("--all")
    position = store.root / "position.json"
    text = position.read_text(encoding="utf-8")
    value = "0" if what == "at" else '"another"'
    start = text.index(f'"{what}": ') + len(what) + 4
    end = min(at for at in (text.find(",", start), text.find("}", start)) if at > 0)
    position.write_text(text[:start] + value + text[end:], encoding="utf-8")
    assert keeper.catch_up()
    assert list(store.addresses()) == []


def test_half_a_page_does_not_outlive_a_change(
    store: Store, keeper: Keeper, heard: Pairing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change is dealt with between the two renames of a page that was rendered before it. Nobody else would
    drop the packed half, and the web process hands it out by itself."""
    rename = Path.rename

    def overtaken(self: Path, target: str) -> Path:
        moved = rename(self, target)
        if self.name.endswith(".html.gz"):
            cast(pairing=heard, visitor=Visitor("somebody"), choice="left")
            assert keeper.catch_up()
        return moved

    assert keeper.catch_up()
    draft, packed = store.open(URL), Path(store.path("compare/alpha/beta.html", compressed=True))
    monkeypatch.setattr(Path, "rename", overtaken)
    assert not draft.keep(b"stale", b"stale and packed")
    assert not packed.exists()


def test_a_page_that_breaks_is_dropped(
    store: Store, keeper: Keeper, heard: Pairing, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("--all")
    broken = Answer("500 Internal Server Error", [], b"")
    monkeypatch.setattr(Renderer, "answer", lambda self, address: broken)
    cast(pairing=heard, visitor=Visitor("somebody"), choice="left")
    assert keeper.catch_up()
    assert not store.keeps(URL)


def test_only_so_many_pages_are_kept(store: Store, keeper: Keeper) -> None:
    publish("--all")
    few = Keeper(store, keeper._renderer, edition=keeper._edition, most_pages=5)
    assert few.catch_up()
    few.release()
    assert len(list(store.addresses())) == 5


def test_one_keeper_at_a_time(store: Store, keeper: Keeper) -> None:
    assert keeper.catch_up()
    other = keeper_of(store, renderer(get_wsgi_application()))
    assert not other.catch_up()
    keeper.release()
    assert other.catch_up()
    other.release()


def test_without_a_database_kept_pages_are_trusted_unless_others_reach_it(
    store: Store, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("--all")
    keeper._away(psycopg.OperationalError("gone"))
    assert keeper.ready
    assert store.keeps(URL)
    keeper._touched -= 60  # for so long that somebody else may have changed something
    monkeypatch.setattr(keeping, "_requests_reach_the_database", lambda: False)
    keeper._away(psycopg.OperationalError("gone"))
    assert store.keeps(URL)
    monkeypatch.undo()
    keeper._away(psycopg.OperationalError("only the keeper is kept out"))
    assert not keeper.ready
    assert list(store.addresses()) == []


def test_bad_places_are_one_line(store: Store) -> None:
    with override_settings(PAGE_STORE=Path("/dev/null/pages")), pytest.raises(CommandError) as refusal:
        publish()
    assert refusal.value.returncode == 2
    assert "/dev/null/pages" in str(refusal.value)


def test_old_notes_are_pruned(store: Store, keeper: Keeper) -> None:
    make_card("old")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE comparisons_pagechange SET at = now() - interval '2 hours'")
        make_card("new")
        assert keeper.catch_up()
        cursor.execute("SELECT DISTINCT key FROM comparisons_pagechange WHERE key IN ('old', 'new')")
        assert cursor.fetchall() == [("new",)]
