"""Bookmarking over HTTP: with and without scripts, by strangers, twice, from elsewhere, and wrongly."""

from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from comparisons.bookmarks import actions
from comparisons.bookmarks.models import Bookmark
from comparisons.pairings.models import Pairing
from comparisons.votes.models import Vote
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
CARD, PAIR = "/bookmarks/cards/alpha/", "/bookmarks/pairings/alpha-vs-beta/"
HTMX = {"HX-Request": "true"}
KEEP = {"state": "to_evaluate"}


@pytest.mark.parametrize("address", [CARD, PAIR])
def test_a_bookmark_without_scripts_leads_to_its_own_page(client, pairing, address):
    answer = client.post(address, KEEP)
    assert (answer.status_code, answer["Location"]) == (303, address)
    assert "visitor" in answer.cookies
    page = client.get(address).text
    assert "<html" in page and 'content="noindex"' in page
    assert 'value="to_evaluate" aria-pressed="true"' in page
    assert "All bookmarks" in page


def test_a_bookmark_by_htmx_is_answered_in_place(client, pairing):
    answer = client.post(CARD, KEEP, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'value="to_evaluate" aria-pressed="true"' in answer.text
    assert "Alpha is bookmarked: to evaluate." in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_beyond_the_networks_rate_nothing_is_kept_and_taking_back_still_works(
    client, pairing, settings, headers
):
    client.post(CARD, KEEP)
    settings.BOOKMARKS_PER_NETWORK = (0, 3600)
    answer = client.post(PAIR, {"state": "dropped", "note": "typed text"}, headers=headers)
    assert answer.status_code == 422
    assert "as many bookmarks as it may for now" in answer.text and "typed text" in answer.text
    assert [each.card.slug for each in Bookmark.objects.all()] == ["alpha"]
    client.post(CARD, {"state": "none"}, headers=headers)
    assert not Bookmark.objects.exists()


def test_a_comparison_offers_itself_and_both_its_models(client, pairing):
    client.post(CARD, {"state": "dropped", "note": "Mine & <mine>"})
    answer = client.get(PAIR, headers=HTMX)
    assert answer.text.count('class="keep"') == 3
    assert "Bookmark this comparison" in answer.text and "Bookmark Beta" in answer.text
    assert "Mine &amp; &lt;mine&gt;" in answer.text
    assert 'value="dropped" aria-pressed="true"' in answer.text
    assert not answer.cookies


def test_two_models_of_one_name_are_told_apart(client):
    make_card("alpha", name="Twin", params_total_b=70), make_card("beta", name="Twin", params_total_b=200)
    text = client.get(PAIR, headers=HTMX).text
    assert "Bookmark Twin (70B)" in text and "Bookmark Twin (200B)" in text


def test_each_button_saves_the_note_too_and_none_is_no_note(client, pairing):
    client.post(CARD, {"state": "to_evaluate", "note": " Try\r\nit.\u202e "})
    assert Bookmark.objects.get().note == "Try\nit."
    client.post(CARD, {"state": "in_rotation"})
    assert (Bookmark.objects.get().state, Bookmark.objects.get().note) == ("in_rotation", "Try\nit.")
    client.post(CARD, {"state": "in_rotation", "note": ""})
    assert Bookmark.objects.get().note == ""


def test_twice_is_once_and_another_browser_is_another_visitor(client, pairing):
    for _ in range(2):
        client.post(CARD, KEEP)
    assert Bookmark.objects.count() == 1
    client.cookies.clear()
    client.post(CARD, KEEP)
    assert Bookmark.objects.count() == 2


def test_one_sees_ones_own_alone(client, pairing):
    client.post(CARD, {**KEEP, "note": "xyzzy"})
    stranger = Client()
    for address in (
        CARD,
        PAIR,
        "/bookmarks/",
        "/bookmarks/export/",
        "/compare/alpha-vs-beta/",
        "/models/alpha/",
    ):
        for headers in ({}, HTMX):
            answer = stranger.get(address, headers=headers)
            assert "xyzzy" not in answer.text, address
            assert not answer.cookies
    stranger.post("/bookmarks/forget/")
    stranger.post(CARD, {"state": "none"})
    assert Bookmark.objects.count() == 1


def test_taking_back_by_a_stranger_sets_no_cookie_and_keeps_no_pairing(client):
    make_card("alpha"), make_card("beta")
    for address in (CARD, PAIR):
        answer = client.post(address, {"state": "none"})
        assert answer.status_code == 303
        assert not answer.cookies
    assert not Pairing.objects.exists()


def test_taking_back_by_htmx_offers_to_bookmark_again(client, pairing):
    client.post(PAIR, KEEP)
    answer = client.post(PAIR, {"state": "none"}, headers=HTMX)
    assert "Alpha vs Beta is no longer bookmarked." in answer.text
    assert "Bookmark this comparison" in answer.text
    assert not Bookmark.objects.exists()


def test_looking_writes_nothing_and_the_first_bookmark_makes_the_pairing(client):
    make_card("alpha"), make_card("beta"), make_card("noise")
    client.get(PAIR), client.get(PAIR, headers=HTMX), client.get("/bookmarks/")
    assert not Pairing.objects.exists()
    answer = client.post(PAIR, KEEP, headers=HTMX)
    assert 'value="to_evaluate" aria-pressed="true"' in answer.text
    assert [pairing.slug for pairing in Pairing.objects.all()] == ["alpha-vs-beta"]


@pytest.mark.parametrize("address", ["/bookmarks/", "/bookmarks/export/", CARD, PAIR])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_answers_belong_to_one_visitor(client, pairing, address, headers):
    answer = client.get(address, headers=headers)
    assert answer["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer["Vary"]
    assert not answer.cookies


@pytest.mark.parametrize("state", [None, "", "loved", "TO_EVALUATE", "none\x00", "<script>"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nonsense_is_refused_in_words(client, pairing, state, headers):
    answer = client.post(CARD, {} if state is None else {"state": state}, headers=headers)
    assert answer.status_code == 422
    assert "Press one of the buttons" in answer.text
    assert not answer.cookies and not Bookmark.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_note_that_is_too_long_is_refused_and_not_lost(client, pairing, headers):
    note = "n" * 501
    answer = client.post(PAIR, {**KEEP, "note": note}, headers=headers)
    assert answer.status_code == 422
    assert "That is 501 characters; keep the note to 500." in answer.text
    assert note in answer.text
    assert not Bookmark.objects.exists()
    assert client.post(PAIR, {**KEEP, "note": "n" * 499 + "\r\n" + "n"}).status_code == 422
    assert client.post(PAIR, {**KEEP, "note": "n" * 498 + "\r\n" + "n"}).status_code == 303


def test_a_nul_in_a_note_is_refused(client, pairing):
    assert client.post(CARD, {**KEEP, "note": "a\x00b"}).status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_full_list_says_so(client, pairing, monkeypatch, headers):
    monkeypatch.setattr(actions, "MOST", 1)
    client.post(CARD, KEEP)
    answer = client.post(PAIR, KEEP, headers=headers)
    assert answer.status_code == 422
    assert "That would be more than 1 bookmarks. Remove some first." in answer.text


@pytest.mark.parametrize(
    "address",
    ["/bookmarks/cards/nobody/", "/bookmarks/pairings/alpha/", "/bookmarks/pairings/alpha-vs-alpha/",
     "/bookmarks/pairings/beta-vs-alpha/", "/bookmarks/pairings/alpha-vs-nobody/"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_names_nothing_is_not_found(client, pairing, address, method):
    answer = getattr(client, method)(address, KEEP)
    assert answer.status_code == 404
    assert not answer.cookies and not Bookmark.objects.exists()


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        (CARD, ["put", "patch", "delete"]),
        (PAIR, ["put", "patch", "delete"]),
        ("/bookmarks/", ["post", "put", "delete"]),
        ("/bookmarks/export/", ["post", "put", "delete"]),
        ("/bookmarks/forget/", ["get", "put", "delete"]),
    ],
)
def test_other_methods_are_not_allowed(client, pairing, address, methods):
    client.post(CARD, KEEP)
    for method in methods:
        assert getattr(client, method)(address).status_code == 405
    assert Bookmark.objects.count() == 1


@pytest.mark.parametrize("address", [CARD, PAIR, "/bookmarks/forget/"])
def test_another_site_cannot_act_for_its_visitors(client, pairing, address):
    client.post("/bookmarks/cards/noise/", KEEP)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = client.post(address, KEEP, headers=headers)
        assert answer.status_code == 403
        assert not answer.cookies
    assert Bookmark.objects.get().card.slug == "noise"


def test_no_token_is_needed_and_none_is_in_the_page(pairing):
    client = Client(enforce_csrf_checks=True)
    assert client.post(CARD, KEEP, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert "csrfmiddlewaretoken" not in client.get("/bookmarks/").text
    assert client.post("/bookmarks/forget/", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_clicks_of_one_visitor_are_one_bookmark(pairing):
    first = Client()
    first.post("/bookmarks/cards/noise/", KEEP)
    cookies = {name: morsel.value for name, morsel in first.cookies.items()}

    def click(number):
        client = Client()
        client.cookies.load(cookies)
        try:
            return client.post((CARD, PAIR)[number % 2], KEEP).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(click, range(16))) == {303}
    assert Bookmark.objects.count() == 3


def test_the_list_is_sorted_by_state_last_changed_first(client, pairing):
    for slug, state in (("beta", "dropped"), ("alpha", "to_evaluate"), ("noise", "to_evaluate")):
        client.post(f"/bookmarks/cards/{slug}/", {"state": state, "note": f"About <{slug}>"})
    client.post(PAIR, {"state": "in_rotation"})
    text = unescape(client.get("/bookmarks/").text).partition("bookmark-list")[2]
    order = [
        'id="shelf-to_evaluate"',
        ">Noise<",
        ">Alpha<",
        'id="shelf-in_rotation"',
        ">Alpha vs Beta<",
        'id="shelf-dropped"',
        ">Beta<",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "About <beta>" in text
    assert "4 bookmarks" in text


def test_the_drawer_is_the_list_alone(client, pairing):
    assert "Nothing is bookmarked yet" in client.get("/bookmarks/", headers=HTMX).text
    client.post(CARD, KEEP)
    text = client.get("/bookmarks/", headers=HTMX).text
    assert "<html" not in text and ">Alpha</a>" in text and "Forget me" not in text


def test_what_is_changed_in_the_list_brings_the_list_and_tells_the_page(client, pairing):
    client.post(CARD, {**KEEP, "note": "Kept"})
    answer = client.post(CARD, {"state": "dropped", "note": "Kept", "from": "list"}, headers=HTMX)
    assert 'class="bookmark-list"' in answer.text and 'id="shelf-dropped"' in answer.text
    assert "Alpha is bookmarked: dropped." in answer.text
    assert answer["HX-Trigger-After-Settle"] == "bookmarks-changed"
    answer = client.post(CARD, {"state": "none", "from": "list"}, headers=HTMX)
    assert "Nothing is bookmarked yet" in answer.text
    answer = client.post(CARD, {**KEEP, "from": "list"})
    assert (answer.status_code, answer["Location"]) == (303, "/bookmarks/")


def test_what_is_refused_in_the_list_stays_in_its_row(client, pairing):
    client.post(CARD, KEEP)
    answer = client.post(CARD, {"state": "dropped", "note": "n" * 501, "from": "list"}, headers=HTMX)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "closest .keep"
    assert 'id="keep-list-cards-alpha"' in answer.text and 'name="from" value="list"' in answer.text


@pytest.mark.parametrize("many", [0, 1, 3])
def test_the_list_costs_one_query(client, pairing, django_assert_num_queries, many):
    for slug in ("alpha", "beta", "noise")[:many]:
        client.post(f"/bookmarks/cards/{slug}/", KEEP)
        client.post(f"/bookmarks/pairings/{pairing.slug}/", KEEP)
    with django_assert_num_queries(1 if many else 0):
        client.get("/bookmarks/")


def test_the_fragment_of_a_page_costs_two_queries(client, pairing, django_assert_num_queries):
    client.post(PAIR, KEEP)
    for address in (CARD, PAIR):
        client.post(address, KEEP)
        with django_assert_num_queries(2):
            client.get(address, headers=HTMX)


def test_the_export_has_everything_as_json(client, pairing):
    client.post(CARD, {"state": "in_rotation", "note": "Über\nalles"})
    client.post(PAIR, KEEP)
    answer = client.get("/bookmarks/export/")
    assert answer["Content-Disposition"] == 'attachment; filename="bookmarks.json"'
    both = answer.json()["bookmarks"]
    assert [each["kind"] for each in both] == ["comparison", "model"]
    assert both[1] == {
        "kind": "model",
        "name": "Alpha",
        "address": "http://127.0.0.1:8000/models/alpha/",
        "state": "in_rotation",
        "note": "Über\nalles",
        "bookmarked_at": both[1]["bookmarked_at"],
        "changed_at": both[1]["changed_at"],
    }
    assert Client().get("/bookmarks/export/").json()["bookmarks"] == []


def test_forgetting_deletes_bookmarks_and_cookie_and_says_what_stays(client, pairing):
    client.post(CARD, KEEP)
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    answer = client.post("/bookmarks/forget/")
    assert answer.status_code == 200
    assert "1 bookmark deleted, and the cookie is gone" in answer.text
    assert "Votes and counterpoints stay" in answer.text
    assert answer.cookies["visitor"]["max-age"] == 0
    assert not Bookmark.objects.exists()
    assert Vote.objects.count() == 1
    again = client.post("/bookmarks/forget/")
    assert "there was no bookmark to delete" in again.text


def test_the_cookie_that_is_taken_away_is_the_one_that_was_set(client, pairing, settings):
    settings.SECURE = True
    cookie = client.post("/bookmarks/forget/", secure=True).cookies["__Host-visitor"]
    assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["max-age"]) == (True, "/", "", 0)


@pytest.mark.parametrize("address", ["/compare/alpha-vs-beta/", "/models/alpha/", "/"])
def test_kept_pages_do_not_depend_on_who_reads(client, pairing, address):
    before = Client().get(address)
    client.post(CARD, {**KEEP, "note": "xyzzy"}), client.post(PAIR, KEEP)
    after = client.get(address)
    assert before.content == after.content
    assert "Cookie" not in after.get("Vary", "")
    assert not after.cookies


@pytest.mark.parametrize(("page", "address"), [("/compare/alpha-vs-beta/", PAIR), ("/models/alpha/", CARD)])
def test_a_kept_page_asks_once_for_what_belongs_to_its_reader(client, pairing, page, address):
    text = client.get(page).text
    assert f'hx-get="{address}" hx-trigger="load"' in text
    assert f'href="{address}"' in text  # where no script runs
    assert "aria-pressed" not in text
    # The answer does not ask for itself again, unless the drawer has changed something.
    assert 'hx-trigger="load"' not in client.get(address, headers=HTMX).text


def test_every_page_leads_to_the_bookmarks(client):
    text = client.get("/").text
    assert 'href="/bookmarks/" data-drawer' in text
    assert '<dialog class="drawer"' in text


def test_staff_see_how_many_and_never_whose(admin_client, pairing):
    admin_client.post(CARD, {**KEEP, "note": "xyzzy"})
    bookmark = Bookmark.objects.get()
    assert str(bookmark) == "to_evaluate on Alpha"
    for address in ("", "add/", f"{bookmark.pk}/change/", f"{bookmark.pk}/delete/"):
        answer = admin_client.get(f"/admin/comparisons/bookmark/{address}")
        assert answer.status_code == (403 if address in {"add/", f"{bookmark.pk}/delete/"} else 200)
        assert bookmark.visitor_key not in answer.text and "xyzzy" not in answer.text
