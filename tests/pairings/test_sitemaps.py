"""The sitemap: which addresses, in which files, at what cost."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client, override_settings

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Verdict
from comparisons.sitemaps import files, judged
from tests.articles.conftest import make_article
from tests.factories.benches import hear, make_reviewer
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

# Verdicts of all pairs of the cards there are, as one statement for each table.
PAIRS = """
    INSERT INTO comparisons_pairing (left_id, right_id, slug, featured, created_at)
    SELECT one.id, other.id, one.slug || '-vs-' || other.slug, false, now()
      FROM comparisons_card AS one JOIN comparisons_card AS other ON one.id < other.id
"""
VERDICTS = """
    INSERT INTO comparisons_verdict (pairing_id, left_snapshot_id, right_snapshot_id, formula_version,
        outcome, side, left_ships, left_n, right_ships, right_n, wins_left, wins_right, judge_kinds,
        judge_labels, fell_back_from, provisional, published_at)
    SELECT pairing.id, one.snapshot_id, other.snapshot_id, '1', 'toss_up', '', 2, 4, 2, 4, 0, 0,
           '{rubric}', '{"rubric v1"}', '', false, '2026-07-02 12:00:00+00'
      FROM comparisons_pairing AS pairing
      JOIN comparisons_card AS one ON one.id = left_id JOIN comparisons_card AS other ON other.id = right_id
"""
CURRENT = """
    UPDATE comparisons_pairing SET verdict_id = verdict.id
      FROM comparisons_verdict AS verdict WHERE verdict.pairing_id = comparisons_pairing.id
"""


def locations(xml: bytes) -> dict[str, str | None]:
    """Address → date of the last change, of an index or a file."""
    return {
        entry.findtext(f"{MAP}loc") or "": entry.findtext(f"{MAP}lastmod")
        for entry in ElementTree.fromstring(xml)
    }


def listed(client: Client, name: str = "") -> dict[str, str | None]:
    answer = client.get(f"/sitemaps/{name}.xml")
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    return {path.removeprefix(SITE): changed for path, changed in locations(answer.content).items()}


def number_of(verdict: Verdict) -> int:
    return (verdict.pairing_id - 1) // 50_000 + 1


def test_only_pairings_with_a_verdict_are_listed(client: Client) -> None:
    alpha = make_card("alpha")
    verdict = hear(alpha, make_card("beta"))
    Pairing.objects.between(alpha, make_card("unheard"))
    hear(alpha, make_card("hidden"))
    Card.objects.filter(slug="hidden").update(snapshot=None)
    assert listed(client, str(number_of(verdict))) == {
        "/compare/alpha-vs-beta/": f"{verdict.published_at:%Y-%m-%d}"
    }


def test_a_superseded_verdict_is_not_listed_twice(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"))
    newer = hear(make_card("alpha"), make_card("beta"), (10, 10, 10, 10), judge="mistral")
    assert len(listed(client, str(number_of(newer)))) == 1
    assert files(size=1) == [newer.pairing_id]


def test_all_other_pages_are_in_one_file(client: Client) -> None:
    make_card("alpha")
    make_card("hidden")
    Card.objects.filter(slug="hidden").update(snapshot=None)
    make_reviewer("builder")
    make_reviewer("gone", active=False)
    make_article("an-essay")
    make_article("a-draft", state="draft", published_at=None)
    found = listed(client, "pages")
    for path in ("/", "/compare/", "/models/", "/reviewers/", "/methodology/", "/articles/"):
        assert path in found
    assert "/reviewers/builder/" in found
    assert found["/articles/an-essay/"]
    assert "/articles/a-draft/" not in found
    assert found["/models/alpha/"]
    assert "/models/hidden/" not in found
    assert "/reviewers/gone/" not in found
    assert {path: client.get(path).status_code for path in found} == dict.fromkeys(found, 200)


def test_the_index_names_the_files_that_are_there(client: Client) -> None:
    first = locations(client.get("/sitemap.xml").content)
    assert first == {f"{SITE}/sitemaps/pages.xml": None}
    verdict = hear(make_card("alpha"), make_card("beta"))
    found = locations(client.get("/sitemap.xml").content)
    assert f"{SITE}/sitemaps/{number_of(verdict)}.xml" in found
    for address in found:
        assert client.get(address.removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize("number", ["0", "7654", "9" * 40])
def test_a_file_that_is_not_there_is_not_found(client: Client, number: str) -> None:
    assert client.get(f"/sitemaps/{number}.xml").status_code == 404


def test_many_verdicts_are_cut_into_files_without_a_gap_or_a_double() -> None:
    for number in range(50):
        make_card(f"card-{number}")
    with connection.cursor() as cursor:
        for statement in (PAIRS, VERDICTS, CURRENT):
            cursor.execute(statement)
    # By the snapshot, not by joins: PostgreSQL may know the tables only as they were before, empty, and then
    # takes two minutes for them.
    snapshot = Card.objects.get(slug="card-3").snapshot
    Verdict.objects.filter(left_snapshot=snapshot).update(superseded_at="2026-08-01T00:00:00Z")
    texts = [judged(number, size=100) for number in files(size=100)]
    assert all(0 < text.count("<url>") <= 100 for text in texts)
    addresses = [line.partition("<lastmod>")[0] for text in texts for line in text.splitlines()]
    standing = 50 * 49 // 2 - 46
    assert len(addresses) == len(set(addresses)) == standing


def test_each_answer_takes_a_fixed_number_of_queries(client: Client, django_assert_num_queries) -> None:
    verdict = hear(make_card("alpha"), make_card("beta"))
    for url, queries in (
        ("/sitemap.xml", 1),
        ("/sitemaps/pages.xml", 4),
        (f"/sitemaps/{number_of(verdict)}.xml", 1),
    ):
        with django_assert_num_queries(queries):
            client.get(url)


@override_settings(SITE_URL="https://example.org/a&b")
def test_the_site_s_own_address_is_escaped(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"))
    assert b"https://example.org/a&amp;b/sitemaps/pages.xml" in client.get("/sitemap.xml").content
