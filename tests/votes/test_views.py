"""Voting over HTTP: with and without scripts, by strangers, twice, from elsewhere, and wrongly."""

import pytest
from django.template.loader import render_to_string

from comparisons.pairings.models import Pairing
from comparisons.votes.admin import ShipCountAdmin, VoteAdmin, VoteCountAdmin
from comparisons.votes.counts import Counts
from comparisons.votes.models import ShipCount, Vote, VoteCount
from tests.factories.cards import make_card
from tests.factories.votes import counts_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_a_vote_without_scripts_leads_back_to_the_page(client, pairing):
    answer = client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    assert (answer.status_code, answer["Location"]) == (303, "/compare/alpha-vs-beta/#vote")
    assert "visitor" in answer.cookies
    assert counts_of(pairing) == Counts(left=1)


def test_a_vote_by_htmx_shows_the_own_vote_and_the_fresh_bar(client, pairing):
    answer = client.post("/compare/alpha-vs-beta/vote/", {"choice": "both"}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert 'value="both" aria-pressed="true"' in page
    assert 'value="left" aria-pressed="false"' in page
    assert "1 community vote." in page
    assert "Your vote is counted: ship both." in page
    assert "Take back my vote" in page


def test_the_answers_belong_to_one_visitor(client, pairing):
    for answer in (
        client.get("/compare/alpha-vs-beta/vote/", headers=HTMX),
        client.post("/compare/alpha-vs-beta/vote/", {"choice": "both"}, headers=HTMX),
    ):
        assert answer["Cache-Control"] == "private, no-store"
        assert "Cookie" in answer["Vary"] and "HX-Request" in answer["Vary"]


def test_the_second_vote_of_a_visitor_changes_the_first(client, pairing):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "neither"})
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "neither"})
    assert counts_of(pairing) == Counts(neither=1)


def test_another_browser_is_another_visitor(client, pairing, django_user_model):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    client.cookies.clear()
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    assert counts_of(pairing) == Counts(left=2)


def test_a_vote_can_be_taken_back(client, pairing):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    answer = client.post("/compare/alpha-vs-beta/vote/", {"choice": "none"}, headers=HTMX)
    assert "Your vote is taken back." in answer.content.decode()
    assert "No community votes yet" in answer.content.decode()
    # The button that was pressed is gone, so the keyboard's place is named anew.
    assert 'value="left" autofocus' in answer.content.decode()
    assert not Vote.objects.exists()


def test_taking_back_what_was_never_given_sets_no_cookie_and_keeps_no_pairing(client):
    make_card("alpha"), make_card("beta")
    answer = client.post("/compare/alpha-vs-beta/vote/", {"choice": "none"})
    assert answer.status_code == 303
    assert not answer.cookies
    assert not Pairing.objects.exists()


def test_the_own_vote_is_shown_when_the_page_asks_for_it(client, pairing):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "right"})
    answer = client.get("/compare/alpha-vs-beta/vote/", headers=HTMX)
    assert 'value="right" aria-pressed="true"' in answer.content.decode()
    assert not answer.cookies
    # It does not ask for itself again.
    assert "hx-get" not in answer.content.decode()


def test_looking_sets_no_cookie_and_writes_nothing(client):
    make_card("alpha"), make_card("beta")
    for headers in ({}, HTMX):
        answer = client.get("/compare/alpha-vs-beta/vote/", headers=headers)
        assert answer.status_code == 200
        assert not answer.cookies
    assert not Pairing.objects.exists()


def test_without_scripts_there_is_a_page_to_see_and_take_back_the_vote(client, pairing):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "right"})
    page = client.get("/compare/alpha-vs-beta/vote/").content.decode()
    assert "<html" in page and 'content="noindex"' in page
    assert "Take back my vote" in page


def test_the_first_vote_makes_the_pairing(client):
    make_card("alpha"), make_card("beta"), make_card("noise")
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    assert [pairing.slug for pairing in Pairing.objects.all()] == ["alpha-vs-beta"]


@pytest.mark.parametrize("choice", [None, "", "LEFT", "toss_up", "left\x00", "<script>"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nonsense_is_refused_beside_the_buttons(client, pairing, choice, headers):
    data = {} if choice is None else {"choice": choice}
    answer = client.post("/compare/alpha-vs-beta/vote/", data, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="vote-error">Choose one of the four buttons' in page
    assert 'aria-describedby="vote-error"' in page
    assert "toss_up" not in page
    assert not answer.cookies and not Vote.objects.exists()


@pytest.mark.parametrize(
    "slug",
    [
        "alpha-vs-nobody",
        "nobody-vs-beta",
        "alpha",
        "alpha-vs-alpha",
        "beta-vs-alpha",  # the mirrored address: "left" would mean the other card
        "alpha-vs-beta-vs-noise",
        "ALPHA-vs-beta",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_names_no_pairing_is_not_found(client, pairing, slug, method):
    for choice in ("left", "none", "nonsense"):
        answer = getattr(client, method)(f"/compare/{slug}/vote/", {"choice": choice})
        assert answer.status_code == 404
    assert not answer.cookies and not Vote.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_allowed(client, pairing, method):
    answer = getattr(client, method)("/compare/alpha-vs-beta/vote/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


def test_another_site_cannot_vote_for_its_visitors(client, pairing):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert (
            client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"}, headers=headers).status_code
            == 403
        )
    assert not Vote.objects.exists()


def test_a_name_is_text_wherever_it_stands(client):
    make_card("alpha", name="<script>alert(1)</script>"), make_card("beta")
    page = client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"}, headers=HTMX).content.decode()
    assert "<script" not in page
    assert "Ship &lt;script&gt;" in page


def test_the_kept_page_asks_once_for_what_belongs_to_its_reader(pairing):
    context = {
        "pairing": pairing,
        "name_a": "Alpha",
        "name_b": "Beta",
        "votes": Counts(left=2, neither=1, set_aside=4),
    }
    page = render_to_string("votes/_vote.html", context)
    assert 'hx-get="/compare/alpha-vs-beta/vote/" hx-trigger="load"' in page
    assert "aria-pressed" not in page and "Take back my vote" not in page
    assert '3 community votes; <a href="/methodology/#set-aside">4 set aside</a> and not counted.' in page
    assert 'viewBox="0 0 3 1"' in page
    assert '<rect class="result-neither" x="2" y="0" width="1" height="1"/>' in page
    assert "style=" not in page


def test_a_vote_takes_few_queries(client, pairing, django_assert_max_num_queries):
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    with django_assert_max_num_queries(3):  # the pairing, the statement, the fresh counts
        client.post("/compare/alpha-vs-beta/vote/", {"choice": "right"}, headers=HTMX)


def test_staff_look_at_votes_and_change_none(admin_client, pairing):
    client_votes = admin_client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    assert client_votes.status_code == 303
    for room in (VoteAdmin, VoteCountAdmin, ShipCountAdmin):
        table = room.__name__.removesuffix("Admin").lower()
        assert admin_client.get(f"/admin/comparisons/{table}/").status_code == 200
        assert admin_client.get(f"/admin/comparisons/{table}/add/").status_code == 403
    for table, row in (("votecount", VoteCount.objects.get()), ("shipcount", ShipCount.objects.first())):
        shown = admin_client.get(f"/admin/comparisons/{table}/{row.pk}/change/").content.decode()
        assert str(row) in shown
    shown = admin_client.get(f"/admin/comparisons/vote/{Vote.objects.get().pk}/change/").content.decode()
    assert Vote.objects.get().voter_key not in shown
    assert 'name="choice"' not in shown
    assert admin_client.post(f"/admin/comparisons/vote/{Vote.objects.get().pk}/delete/").status_code == 403
