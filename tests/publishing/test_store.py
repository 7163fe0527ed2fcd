"""Files: their places, what drops them, and who wins when rendering and dropping meet."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from comparisons.publishing.addresses import address_at, cards_of, place_of
from comparisons.publishing.agenda import SPACING, Agenda
from comparisons.publishing.dependencies import EVERYTHING, Below, ComparisonsOf, Page, Target
from comparisons.publishing.store import FORGOTTEN, Store, compress, copy_of

PLACES = {
    "/": "index.html",
    "/compare/": "compare.html",
    "/compare/a-vs-b/": "compare/a/b.html",
    "/compare/gpt-4-1-vs-o3/": "compare/gpt-4-1/o3.html",
    "/models/": "models.html",
    "/models/a-1/": "models/a-1.html",
    "/reviewers/skeptic/": "reviewers/skeptic.html",
    "/methodology/": "methodology.html",
    "/articles/": "articles.html",
    "/articles/a-local-model/": "articles/a-local-model.html",
}


@pytest.mark.parametrize(("address", "place"), PLACES.items())
def test_places(address: str, place: str) -> None:
    assert place_of(address) == place
    assert address_at(place) == address


@pytest.mark.parametrize(
    "address",
    [
        "", "/x/", "/compare/a/", "/compare/a-vs-/", "/compare/-vs-b/", "/compare/a-vs-b-vs-c/",
        "/compare/a-vs-b", "/compare/../a-vs-b/", "/models/../x/", "/models/a/b/", "/models/A/",
        "/models/a_b/", "/models/a.b/", "/models/suggest/", "/admin/", f"/models/{'a' * 300}/", "/\x00/",
        "/models/\xe9/", "/compare/a-vs-b/\n", "/articles/a/preview/",
    ],
)  # fmt: skip
def test_no_place(address: str) -> None:
    assert place_of(address) is None


def test_cards_of_a_comparison() -> None:
    assert cards_of("/compare/a-vs-b/") == ("a", "b")
    assert cards_of("/models/a/") is None


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "pages")
    store.make()
    for address in PLACES:
        keep(store, address, b"old")
    return store


def keep(store: Store, address: str, body: bytes) -> bool:
    return store.open(address).keep(body, compress(body))


def test_both_encodings_and_a_time_that_names_the_content(store: Store) -> None:
    for compressed, body in ((False, b"old"), (True, compress(b"old"))):
        path = Path(store.path("index.html", compressed=compressed))
        found = path.stat()
        assert path.read_bytes() == body
        # nginx makes its tag so.
        assert f'"{int(found.st_mtime):x}-{found.st_size:x}"' == copy_of(body).etag
    assert list((store.root / "drafts").iterdir()) == []


@pytest.mark.parametrize(
    ("target", "gone"),
    [
        (Page("/compare/a-vs-b/"), {"/compare/a-vs-b/"}),
        (ComparisonsOf("a"), {"/compare/a-vs-b/"}),
        (ComparisonsOf("b"), {"/compare/a-vs-b/"}),
        (ComparisonsOf("gpt-4-1"), {"/compare/gpt-4-1-vs-o3/"}),
        (Below("/reviewers/"), {"/reviewers/skeptic/"}),
        (Page("/nowhere/"), set()),
        (EVERYTHING, set(PLACES)),
    ],
)
def test_dropping(store: Store, target: Page | Below | ComparisonsOf, gone: set[str]) -> None:
    assert store.drop(target) >= len(gone)
    assert set(PLACES) - set(store.addresses()) == gone
    assert not [file for file in store.html.rglob("*.gz") if not file.with_suffix("").exists()]


def test_dropping_many_spares_what_is_rendered_anyway(store: Store) -> None:
    store.drop(ComparisonsOf("a"), sparing={"/compare/a-vs-b/"})
    assert store.keeps("/compare/a-vs-b/")


@pytest.mark.parametrize("target", [Page("/compare/a-vs-b/"), ComparisonsOf("b"), EVERYTHING])
def test_what_was_dropped_while_it_was_rendered_is_not_kept(
    store: Store, target: Page | Below | ComparisonsOf
) -> None:
    draft = store.open("/compare/a-vs-b/")
    other = store.open("/compare/gpt-4-1-vs-o3/")
    store.drop(target)
    assert not draft.keep(b"stale", compress(b"stale"))
    assert not store.keeps("/compare/a-vs-b/")
    assert other.keep(b"fresh", compress(b"fresh")) == (target is not EVERYTHING)


def test_a_drop_between_the_two_files_takes_both(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def interrupted(self: Path, target: str) -> Path:
        moved = rename(self, target)
        if self.name.endswith(".gz"):
            store.drop(Page("/"))
        return moved

    monkeypatch.setattr(Path, "rename", interrupted)
    assert not keep(store, "/", b"stale")
    assert not list(store.html.glob("index.html*"))


def test_drafts_of_the_dead_are_swept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.open("/")
    store.sweep()
    assert len(list((store.root / "drafts").iterdir())) == 2
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + FORGOTTEN + 1)
    store.sweep()
    assert list((store.root / "drafts").iterdir()) == []


def test_a_store_that_cannot_be_made() -> None:
    with pytest.raises(OSError):
        Store(Path("/dev/null/pages")).make()


# --- when -----------------------------------------------------------------------------------------
ROUND_A, PAGE = ComparisonsOf("a"), Page("/compare/a-vs-b/")


def take(agenda: Agenda, now: float) -> Target | None:
    taken = agenda.take(now=now)
    return taken and taken[0]


def spared(agenda: Agenda, now: float) -> frozenset[str]:
    """What is not dropped with the comparisons around `a`, whose turn it is."""
    taken = agenda.take(now=now)
    assert taken is not None
    assert taken[0] == ROUND_A
    return taken[1]


def test_the_first_change_is_due_at_once_and_the_next_when_its_time_has_come() -> None:
    agenda = Agenda()
    agenda.add([PAGE], now=100.0)
    assert take(agenda, 100.0) == PAGE
    agenda.add([PAGE], now=100.1)
    agenda.add([PAGE], now=100.8)  # does not push it away
    assert take(agenda, 100.2) is None
    assert agenda.wait(now=100.2, most=9) == pytest.approx(SPACING - 0.2)
    assert take(agenda, 100.0 + SPACING) == PAGE
    assert not agenda
    assert agenda.wait(now=101, most=0.4) == 0.4


def test_drops_come_first_then_comparisons() -> None:
    agenda = Agenda()
    agenda.add([Page("/"), Page("/compare/"), PAGE, ROUND_A], now=0)
    assert spared(agenda, 0) == {"/", "/compare/", PAGE.address}
    assert take(agenda, 0) == PAGE
    assert take(agenda, 0) in {Page("/"), Page("/compare/")}


def test_a_drop_spares_what_was_rendered_since_the_change() -> None:
    agenda = Agenda()
    for target, at in ((PAGE, 0.0), (ROUND_A, 0.1)):
        agenda.add([target], now=at)
        assert take(agenda, at) == target
    agenda.add([PAGE, ROUND_A], now=0.2)
    assert take(agenda, SPACING) == PAGE
    assert spared(agenda, SPACING + 0.1) == {PAGE.address}


def test_a_drop_spares_what_waits_for_its_own_turn_and_nothing_rendered_before_the_change() -> None:
    agenda, other = Agenda(), Page("/compare/a-vs-c/")
    agenda.add([PAGE, other], now=0)
    assert {take(agenda, 0), take(agenda, 0)} == {PAGE, other}
    agenda.add([PAGE, ROUND_A], now=0.1)
    assert spared(agenda, 0.1) == {PAGE.address}
