"""Writing a counterpoint over HTTP, with and without scripts; and every way it can go wrong."""

from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from comparisons.counterpoints.actions import Words, submit
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from tests.counterpoints.conftest import TEXT, stamp
from tests.factories.cards import make_card
from tests.pointers import dangling

pytestmark = pytest.mark.django_db
ADDRESS = "/compare/alpha-vs-beta/counterpoints/"
HTMX = {"HX-Request": "true"}


def test_a_counterpoint_without_scripts_leads_to_its_private_page(client, pairing, typed):
    answer = client.post(
        ADDRESS, typed(name="Ann", link="https://example.org/license", answers="skeptic:left")
    )
    kept = Counterpoint.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{ADDRESS}{kept.private_token}/")
    assert "visitor" in answer.cookies
    assert (kept.state, kept.name, kept.answers_reviewer_id, kept.answers_side) == (
        "pending",
        "Ann",
        "skeptic",
        "left",
    )
    assert "<strong>forgets</strong>" in kept.body_html


def test_a_counterpoint_by_htmx_is_answered_in_place(client, pairing, typed):
    answer = client.post(ADDRESS, typed(), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 201
    assert "<html" not in page
    assert Counterpoint.objects.get().private_address in page
    assert answer["Cache-Control"] == "private, no-store"


def test_what_one_visitor_sends_carries_one_key_that_says_nothing(client, pairing, typed):
    client.post(ADDRESS, typed())
    client.post(ADDRESS, typed(body=f"{TEXT} And more."))
    client.cookies.clear()
    client.post(ADDRESS, typed(body=f"{TEXT} Says another."))
    keys = [counterpoint.author_key for counterpoint in Counterpoint.objects.order_by("pk")]
    assert keys[0] == keys[1] != keys[2]


def test_the_first_counterpoint_makes_the_pairing(client, typed):
    make_card("alpha"), make_card("beta"), make_card("noise")
    client.get(f"{ADDRESS}new/")
    client.post(ADDRESS, typed(body="short"))
    assert not Pairing.objects.exists()
    client.post(ADDRESS, typed())
    assert Pairing.objects.get().slug == "alpha-vs-beta"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_empty_form_offers_what_can_be_answered(client, pairing, headers):
    answer = client.get(f"{ADDRESS}new/", headers=headers)
    page = unescape(answer.content.decode())
    assert ("<html" in page) is (not headers)
    assert '<option value="skeptic:left">Skeptic on Alpha</option>' in page
    assert '<option value="skeptic:">Skeptic\'s pick</option>' in page
    assert "Retired" not in page
    assert "csrfmiddlewaretoken" not in page
    assert not answer.cookies
    assert answer["Cache-Control"] == "private, no-store"


def test_a_stamped_form_can_be_sent_as_it_came(client, pairing, monkeypatch):
    form = client.get(f"{ADDRESS}new/").context["form"]
    nonce, age = form.stamps.read(form.initial["stamp"])
    assert nonce and age < 5


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": ""}, "Say what it does."),
        ({"kind": "rant"}, "Choose one of the three."),
        ({"body": ""}, "Write what you want to say."),
        ({"body": "Too short"}, "That is 9 characters; write at least 20."),
        ({"body": f"{' ' * 40}\u200b\u202e{' ' * 40}x"}, "write at least 20"),
        ({"body": "x" * 4_001}, "That is 4,001 characters; keep it to 4,000."),
        ({"body": f"{TEXT}\x00"}, "Null characters are not allowed."),
        ({"name": "n" * 61}, "That is 61 characters; keep it to 60."),
        ({"link": "javascript:alert(1)"}, "Give a full http or https address."),
        ({"link": "ftp://example.org/"}, "Give a full http or https address."),
        ({"link": "example.org"}, "Give a full http or https address."),
        ({"link": f"https://example.org/{'x' * 300}"}, "keep it to 300 characters"),
        ({"answers": "nobody:left"}, "not on the list of what can be answered"),
        ({"answers": "gone:left"}, "not on the list of what can be answered"),
        ({"answers": "skeptic:middle"}, "not on the list of what can be answered"),
        ({"fax": "555"}, "it is there to catch programs"),
        ({"stamp": ""}, "This form was not complete."),
        ({"stamp": "made:up:here"}, "This form was not complete."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refusal_stands_beside_its_field_and_loses_nothing(
    client, pairing, typed, given, sentence, headers
):
    answer = client.post(ADDRESS, typed(**{"name": "Ann of Somewhere", **given}), headers=headers)
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert sentence in page
    if "body" not in given:
        assert TEXT in page
    if "name" not in given:
        assert 'value="Ann of Somewhere"' in page
    for name in given.keys() - {"stamp"}:
        assert f'id="counterpoint-{name}_error"' in page
        assert f"counterpoint-{name}_error" in page.split("aria-describedby=", 1)[1]
    assert not dangling(page)
    assert 'role="alert" autofocus' in page
    assert not answer.cookies
    assert not Counterpoint.objects.exists()


def test_faster_than_anybody_types_is_refused_and_a_moment_later_taken(client, pairing, typed, monkeypatch):
    words = typed(stamp=stamp(monkeypatch, ago=1))
    answer = client.post(ADDRESS, words)
    assert answer.status_code == 422
    assert "faster than anybody types" in answer.content.decode()
    assert words["stamp"] in answer.content.decode()  # the same clock goes on
    words = typed(stamp=stamp(monkeypatch, ago=4))
    assert client.post(ADDRESS, words).status_code == 303


def test_a_text_with_other_faults_is_not_told_to_wait(client, pairing, typed, monkeypatch):
    answer = client.post(ADDRESS, typed(stamp=stamp(monkeypatch, ago=1), body="short"))
    assert "faster than anybody types" not in answer.content.decode()


def test_a_form_left_open_for_days_is_shown_once_more_with_a_fresh_stamp(client, pairing, typed, monkeypatch):
    old = stamp(monkeypatch, ago=90_000)
    answer = client.post(ADDRESS, typed(stamp=old))
    assert answer.status_code == 422
    assert "open for more than a day" in answer.content.decode()
    assert old not in answer.content.decode()
    assert TEXT in answer.content.decode()


def test_a_stamp_of_another_pairing_does_not_open_this_one(client, pairing, typed, monkeypatch):
    answer = client.post(ADDRESS, typed(stamp=stamp(monkeypatch, "alpha-vs-noise")))
    assert answer.status_code == 422
    assert not Counterpoint.objects.exists()


def test_sending_twice_is_once(client, pairing, typed):
    words = typed()
    first, second = client.post(ADDRESS, words), client.post(ADDRESS, words)
    assert first["Location"] == second["Location"]
    assert Counterpoint.objects.count() == 1


def test_going_back_and_sending_a_better_text_sends_it(client, pairing, typed):
    words = typed()
    client.post(ADDRESS, words)
    client.post(ADDRESS, {**words, "body": f"{TEXT} Better."})
    assert Counterpoint.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_double_click_without_a_cookie_is_one_counterpoint(pairing, typed):
    words = typed()

    def send(_: int) -> str:
        try:
            return Client().post(ADDRESS, words)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(16)))) == 1
    assert Counterpoint.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_the_address_takes_posts_alone(client, pairing, method):
    assert getattr(client, method)(ADDRESS).status_code == 405


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_forms_and_private_pages_are_only_read(client, sent, method):
    for address in (f"{ADDRESS}new/", sent().private_address):
        assert getattr(client, method)(address).status_code in {403, 405}


@pytest.mark.parametrize("slug", ["alpha-vs-nobody", "alpha", "beta-vs-alpha", "alpha-vs-alpha"])
def test_an_address_that_names_no_pairing_is_not_found(client, pairing, typed, slug):
    assert client.post(f"/compare/{slug}/counterpoints/", typed()).status_code == 404
    assert client.get(f"/compare/{slug}/counterpoints/new/").status_code == 404
    assert not Counterpoint.objects.exists()


def test_another_site_cannot_send_for_its_visitors(client, pairing, typed):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert client.post(ADDRESS, typed(), headers=headers).status_code == 403
    assert not Counterpoint.objects.exists()


def test_words_are_cleaned_of_what_cannot_be_seen(client, pairing, typed):
    client.post(ADDRESS, typed(body=f"\u202e{TEXT}\r\n\x07next\ufeff", name=" Ann\n\u202e of  X "))
    kept = Counterpoint.objects.get()
    assert (kept.body, kept.name) == (f"{TEXT}\nnext", "Ann of X")


def test_a_row_that_is_wrong_for_another_reason_is_not_taken_for_a_repetition(pairing):
    with pytest.raises(Exception, match="counterpoint_body_20_to_4000_characters"):
        submit(
            pairing=pairing, visitor=Visitor("ann"), words=Words(kind="extend", body="short"), form_nonce="n"
        )
