"""Every address that writes: tried by a stranger, by a wrong method, from elsewhere, twice and at once.

The list comes from the URL resolver, so an address that begins to write has no case here, and that fails.
What only staff may use must turn a stranger away; its own room tries the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from comparisons.counterpoints.forms import Stamp
from comparisons.pairings.models import Pairing
from tests.articles.conftest import make_article
from tests.factories.cards import make_card
from tests.factories.reviews import make_verdict

TEXT = "The skeptic forgets that the license forbids it."
ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
)
NONSENSE = (
    {"choice": "\x00"}, {"choice": "left,right"}, {"state": b"\xed\xa0\x80"}, {"body": "x" * 200_000},
    {"stamp": "a:b:c"}, {"reviewer": "' OR 1=1 --"}, {f"f{n}": "x" for n in range(900)},
)  # fmt: skip
# Not ours, or with a suite of its own that asks more: the API's schema is walked by schemathesis.
ELSEWHERE_TRIED = ("admin/", "api/")
# What an address is asked with; nothing of it need exist for an address that only reads.
ARGUMENTS = {
    "compare/": "alpha-vs-beta",
    "models/": "alpha",
    "articles/": "a-local-model",
    "reviewers/": "skeptic",
    "bookmarks/cards/": "alpha",
    "bookmarks/pairings/": "alpha-vs-beta",
}


@dataclass(frozen=True)
class Case:
    """What one address takes in good faith, and how it answers."""

    path: str
    typed: Callable[[], dict[str, str]]
    status: int  # of a good request without scripts
    before: Callable[[Client], object] = field(default=lambda client: None)  # what must have happened
    reads: bool = False  # the same address answers GET


def counterpoint(slug: str) -> dict[str, str]:
    stamp = Stamp(slug).fresh()
    return {"kind": "push_back", "body": TEXT, "stamp": stamp}


def vote(client: Client) -> object:
    return client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})


def bookmark(client: Client) -> object:
    return client.post("/bookmarks/cards/alpha/", {"state": "to_evaluate"})


CASES = {
    "vote": Case("/compare/alpha-vs-beta/vote/", lambda: {"choice": "both"}, 303, reads=True),
    "vote-decider": Case(
        "/compare/alpha-vs-beta/vote/decider/", lambda: {"reviewer": "skeptic"}, 303, before=vote
    ),
    "counterpoints": Case(
        "/compare/alpha-vs-beta/counterpoints/", lambda: counterpoint("alpha-vs-beta"), 303
    ),
    "article-counterpoints": Case(
        "/articles/a-local-model/counterpoints/", lambda: counterpoint("article:a-local-model"), 303
    ),
    "bookmark-cards": Case("/bookmarks/cards/alpha/", lambda: {"state": "dropped"}, 303, reads=True),
    "bookmark-pairings": Case(
        "/bookmarks/pairings/alpha-vs-beta/", lambda: {"state": "dropped"}, 303, reads=True
    ),
    "forget-me": Case("/bookmarks/forget/", dict, 200, before=bookmark),
}
every_case = pytest.mark.parametrize("name", CASES)


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if path.startswith(ELSEWHERE_TRIED):
            continue
        if isinstance(each, URLPattern):
            yield path, each
        else:
            yield from patterns(each, path)


def example(path: str) -> str:
    """An address that the pattern matches."""

    def value(found: re.Match[str]) -> str:
        kind, _, _ = found[1].rpartition(":")
        if kind in {"uuid", "int"}:
            return str(UUID(int=0)) if kind == "uuid" else "1"
        known = [ARGUMENTS[start] for start in ARGUMENTS if path[: found.start()] == start]
        return known[0] if known else "something"

    return "/" + re.sub(r"<([^>]+)>", value, path)


@pytest.fixture(autouse=True)
def site(db, monkeypatch) -> None:
    """Two cards with a verdict and an article. Nobody waits three seconds; opening times are rounded: −1."""
    monkeypatch.setattr("comparisons.counterpoints.forms.LEAST_SECONDS", -1)
    pairing = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    make_verdict(pairing, (88, 82, 85, 78), (84, 78, 80, 55))
    make_article()


def rows() -> dict[str, int]:
    """How many rows each table has; what the page store is told and what Django keeps for itself left out."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("comparisons_", "panel_")) and not table.endswith("pagechange"):
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
                found[table] = cursor.fetchone()[0]
    return found


def test_every_address_that_writes_has_a_case_here_or_turns_strangers_away() -> None:
    known = {case.path for case in CASES.values()}
    unknown = []
    for path, pattern in patterns(get_resolver()):
        answer = Client().post(example(path))
        away = answer.status_code == 403 or (answer.status_code == 302 and "/login/" in answer["Location"])
        if answer.status_code != 405 and not away and pattern.name not in CASES:
            unknown.append(f"{path} ({pattern.name}) answers POST with {answer.status_code}")
    assert unknown == []
    assert {name for _, pattern in patterns(get_resolver()) if (name := pattern.name) in CASES} == set(CASES)
    assert len(known) == len(CASES)


@every_case
def test_a_stranger_s_first_request_is_taken_and_remembered(name: str) -> None:
    case, client = CASES[name], Client(enforce_csrf_checks=True)
    case.before(client)
    before = rows()
    answer = client.post(case.path, case.typed())
    assert answer.status_code == case.status
    assert rows() != before or name == "vote-decider"  # which changes a row
    assert answer.cookies


@every_case
def test_a_wrong_method_writes_nothing(name: str) -> None:
    case, client = CASES[name], Client()
    case.before(client)
    before = rows()
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = client.generic(method, case.path, "choice=left&state=dropped&reviewer=skeptic")
        reads = case.reads and method in {"GET", "HEAD"}
        assert (answer.status_code, bool(answer.cookies)) == (200 if reads else 405, False), method
        assert rows() == before, method


@every_case
@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}], ids=["form", "htmx"])
def test_from_another_site_nothing_is_taken(name: str, htmx: dict[str, str]) -> None:
    case, client = CASES[name], Client()
    case.before(client)
    before = rows()
    for headers in ELSEWHERE:
        answer = client.post(case.path, case.typed(), headers=headers | htmx)
        assert (answer.status_code, bool(answer.cookies)) == (403, False), headers
        assert rows() == before, headers


@every_case
@pytest.mark.parametrize("htmx", [False, True])
def test_twice_is_once(name: str, htmx: bool) -> None:
    case, client = CASES[name], Client()
    case.before(client)
    typed, headers = case.typed(), {"HX-Request": "true"} if htmx else {}
    first = client.post(case.path, typed, headers=headers)
    once = rows()
    second = client.post(case.path, typed, headers=headers)
    assert second.status_code == first.status_code
    assert rows() == once


@every_case
def test_nonsense_is_refused_and_never_an_error(name: str) -> None:
    if name == "forget-me":
        return  # reads nothing of it
    case, client = CASES[name], Client(raise_request_exception=False)
    case.before(client)
    before = rows()
    types = ("application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x")
    for typed in NONSENSE:
        body = "&".join(f"{key}={value}" for key, value in typed.items())
        answers = [
            client.post(case.path, typed),
            *(client.generic("POST", case.path, body, type_) for type_ in types),
        ]
        assert [400 <= answer.status_code < 500 for answer in answers] == [True] * 4, list(typed)
        assert rows() == before, list(typed)


@every_case
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_at_once_is_once_for_each_visitor(name: str, known: bool) -> None:
    """Eight at a time with one visitor's cookie; without one they are many, and nothing fails."""
    case, first = CASES[name], Client()
    case.before(first)
    if known and not first.cookies:
        first.post("/bookmarks/cards/beta/", {"state": "dropped"})
    typed, before = case.typed(), rows()

    def act(_: int) -> int:
        client = Client()
        if known:
            client.cookies = first.cookies
        try:
            return client.post(case.path, typed).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(act, range(16)))
    strange = not known and name == "vote-decider"  # none of them has voted
    assert statuses == {400 if strange else case.status}
    if known:
        once = rows()
        client = Client()
        client.cookies = first.cookies
        client.post(case.path, typed)
        assert rows() == once
        moved = {
            table: (before[table], once[table])
            for table in once
            if once[table] != before[table] and not table.endswith("count")
        }
        assert all(abs(after - earlier) <= 1 for earlier, after in moved.values()), moved
