"""From the form to a confirmed subscription, and out again. Nothing tells whether an address is known."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comparisons.digest import doorbell
from comparisons.digest.actions.subscribing import (
    LinkIsSpent,
    ask,
    confirm,
    erase,
    forget_unconfirmed,
    read_sign_ups,
    unsubscribe,
)
from comparisons.digest.models import Delivery, SignUp, Subscriber, Suppression
from comparisons.digest.sending.rounds import send, tick
from comparisons.switches.actions import turn
from comparisons.switches.models import Switch
from comparisons.switches.state import reread
from tests.pointers import dangling

pytestmark = pytest.mark.django_db

FORM = {"email": "ada@example.org", "wording": "1", "page": "/compare/alder-vs-birch/"}
TOKEN = "x" * 32


def sign_up(email: str = "ada@example.org") -> None:
    ask(email=email, wording="1", page="/")
    read_sign_ups()


def kinds() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("kind", flat=True))


# --- asking ---------------------------------------------------------------------------------------
def test_a_request_is_kept_for_a_worker_and_answered_at_once(client):
    answer = client.post("/digest/subscribe/", FORM)
    assert answer.status_code == 200 and "Look into your mailbox" in answer.content.decode()
    [kept] = SignUp.objects.all()
    assert (kept.email, kept.wording, kept.page) == ("ada@example.org", "1", "/compare/alder-vs-birch/")
    assert not Subscriber.objects.exists() and not answer.cookies


def test_the_form_has_a_page_of_its_own(client):
    answer = client.get("/digest/subscribe/")
    page = answer.content.decode()
    assert "I can stop it at any time" in page and 'name="page" value="/digest/subscribe/"' in page
    assert not answer.cookies and "csrfmiddlewaretoken" not in page


def test_by_htmx_only_the_form_is_replaced(client):
    page = client.post("/digest/subscribe/", FORM, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page and 'id="sign-up"' in page


def test_known_pending_suppressed_and_unknown_addresses_get_the_same_bytes_in_the_same_queries(
    client, reader, django_capture_on_commit_callbacks
):
    reader("known@example.org")
    reader("pending@example.org", state="pending", confirmed_at=None)
    reader("left@example.org", state="unsubscribed", ended_at=timezone.now())
    erase(email="erased@example.org")
    answers = set()
    for name in ("known", "pending", "left", "erased", "nobody"):
        with CaptureQueriesContext(connection) as captured, django_capture_on_commit_callbacks() as rung:
            answer = client.post("/digest/subscribe/", {**FORM, "email": f"{name}@example.org"})
        # What is switched off is read again every two seconds, whoever asks.
        asked = [query["sql"][:40] for query in captured if "comparisons_switch" not in query["sql"]]
        told = tuple(sorted(item for item in answer.headers.items() if item[0] != "X-Request-ID"))
        answers.add((answer.status_code, answer.content, told, *asked))
        assert rung == [doorbell.ring]
    assert len(answers) == 1 and len(next(iter(answers))) == 4
    assert SignUp.objects.count() == 5


@pytest.mark.parametrize(
    "email",
    [
        "", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\nBcc: x", "ä@example.org",
        "a" * 250 + "@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_beside_the_field(client, email):
    answer = client.post("/digest/subscribe/", {**FORM, "email": email})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page and 'id="sign-up-email_error"' in page
    assert not SignUp.objects.exists()


def test_the_typed_address_is_kept_where_it_is_refused(client):
    page = client.post("/digest/subscribe/", {**FORM, "email": "ada@<b>"}).content.decode()
    assert 'value="ada@&lt;b&gt;"' in page


@pytest.mark.parametrize("wording", ["", "0", "newer"])
def test_nobody_agrees_to_words_they_were_not_shown(client, wording):
    answer = client.post("/digest/subscribe/", {**FORM, "wording": wording})
    page = answer.content.decode()
    assert answer.status_code == 422 and "This form is out of date." in page
    assert 'name="wording" value="1"' in page and 'value="ada@example.org"' in page
    assert not SignUp.objects.exists()


def test_a_page_that_is_none_is_not_kept_as_one(client):
    client.post("/digest/subscribe/", {**FORM, "page": "https://elsewhere.example/"})
    assert SignUp.objects.get().page == "/digest/subscribe/"


def test_other_sites_cannot_subscribe_their_visitors(client):
    answer = client.post("/digest/subscribe/", FORM, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and not SignUp.objects.exists()


def test_over_the_limit_the_answer_is_the_same_and_nothing_is_kept(client, settings):
    settings.SUBSCRIPTIONS_PER_ADDRESS = (2, 3600)
    form = {**FORM, "email": "limit@example.org"}
    answers = {client.post("/digest/subscribe/", form, REMOTE_ADDR="198.51.100.7").content for _ in range(4)}
    assert len(answers) == 1
    assert SignUp.objects.count() == 2
    settings.SUBSCRIPTIONS_PER_NETWORK = (1, 3600)
    for number in range(3):
        other = {**FORM, "email": f"limit-{number}@example.org"}
        assert client.post("/digest/subscribe/", other, REMOTE_ADDR="203.0.113.9").content in answers
    assert SignUp.objects.count() == 3


def test_without_redis_nobody_is_sent_more_letters_than_the_limit_says(client, settings):
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    settings.SUBSCRIPTIONS_PER_ADDRESS = (3, 3600)
    for address in ("ada@example.org", "noise@example.org", *["ada@example.org"] * 5):
        assert client.post("/digest/subscribe/", {**FORM, "email": address}).status_code == 200
        read_sign_ups()
        Delivery.objects.update(state="sent", begun_at=timezone.now(), answered_at=timezone.now())
    assert Delivery.objects.filter(subscriber__email="ada@example.org").count() == 3
    assert Delivery.objects.filter(subscriber__email="noise@example.org").count() == 1
    Delivery.objects.update(not_before=timezone.now() - timedelta(hours=2))
    sign_up()
    assert Delivery.objects.filter(subscriber__email="ada@example.org").count() == 4


# --- being asked ----------------------------------------------------------------------------------
def test_an_unknown_address_is_asked_to_confirm(db):
    sign_up()
    subscriber = Subscriber.objects.get()
    assert (subscriber.state, subscriber.wording, subscriber.page) == ("pending", "1", "/")
    assert kinds() == ["confirm"] and not SignUp.objects.exists()


def test_asked_twice_is_one_letter_and_the_first_link_stays_good(db):
    sign_up()
    first = Subscriber.objects.get().confirm_token
    sign_up("ADA@example.org")
    assert kinds() == ["confirm"]
    assert Subscriber.objects.get().confirm_token == first


def test_a_subscriber_is_told_so_and_stays_one(reader):
    ada = reader()
    sign_up("Ada@Example.org")
    ada.refresh_from_db()
    assert ada.state == "confirmed" and kinds() == ["known"]


def test_who_left_is_asked_anew_and_old_confirmations_do_not_count(reader):
    ada = reader(state="unsubscribed", ended_at=timezone.now())
    sign_up()
    old = ada.confirm_token
    ada.refresh_from_db()
    assert (ada.state, ada.confirmed_at, ada.ended_at) == ("pending", None, None)
    assert ada.confirm_token != old
    with pytest.raises(LinkIsSpent):
        confirm(token=old)


def test_an_erased_address_is_not_written_to(db):
    erase(email="ada@example.org")
    sign_up("ADA@example.org")
    assert not Subscriber.objects.exists() and not Delivery.objects.exists()


def test_a_suppression_outlives_a_new_secret_key(db, settings):
    erase(email="ada@example.org")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    sign_up()
    assert not Subscriber.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_letter_s_link_leads_to_the_button(sink, client):
    sign_up()
    send()
    [mail] = sink.taken
    assert mail.message["Subject"] == "Confirm your subscription: Second Opinion"
    assert "List-Unsubscribe" not in mail.message
    [address] = set(re.findall(r"http://127\.0\.0\.1:8000(/digest/confirm/\S+/)", mail.text))
    assert address in mail.html
    assert "I can stop it at any time" in client.get(address).content.decode()


# --- confirming -----------------------------------------------------------------------------------
def test_looking_at_the_link_confirms_nothing_and_the_button_does(client):
    sign_up()
    address = f"/digest/confirm/{Subscriber.objects.get().confirm_token}/"
    for method in (client.get, client.head):
        answer = method(address)
        assert answer.status_code == 200
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("private, no-store", "no-referrer")
        assert answer["X-Robots-Tag"] == "noindex" and not answer.cookies
    assert Subscriber.objects.get().state == "pending"
    for _ in range(2):
        answer = client.post(address)
        assert answer.status_code == 200 and "You are subscribed" in answer.content.decode()
    assert Subscriber.objects.get().state == "confirmed"
    assert not answer.cookies


def test_another_site_cannot_press_the_button(client):
    sign_up()
    address = f"/digest/confirm/{Subscriber.objects.get().confirm_token}/"
    assert client.post(address, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert Subscriber.objects.get().state == "pending"


def test_a_link_is_good_for_a_week(client):
    sign_up()
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=7, minutes=1))
    answer = client.post(f"/digest/confirm/{Subscriber.objects.get().confirm_token}/")
    assert answer.status_code == 410 and "Subscribe again" in answer.content.decode()
    forget_unconfirmed()
    assert not Subscriber.objects.exists()


def test_a_link_of_nobody_s_says_what_a_spent_one_says(client):
    assert "not good any more" in client.get(f"/digest/confirm/{TOKEN}/").content.decode()
    assert client.post(f"/digest/confirm/{TOKEN}/").status_code == 410


# --- leaving --------------------------------------------------------------------------------------
def test_looking_at_the_unsubscribe_link_ends_nothing_and_the_button_does(client, reader):
    ada, noise = reader(), reader("noise@example.org")
    assert client.get(ada.unsubscribe_address).status_code == 200
    ada.refresh_from_db()
    assert ada.state == "confirmed"
    for _ in range(2):
        answer = client.post(ada.unsubscribe_address)
        assert "You are not subscribed" in answer.content.decode() and not answer.cookies
    ada.refresh_from_db(), noise.refresh_from_db()
    assert (ada.state, noise.state) == ("unsubscribed", "confirmed")


def test_one_click_by_the_mail_provider_needs_no_cookie_origin_or_question(client, reader):
    ada = reader()
    answer = client.post(
        ada.unsubscribe_address, "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded", headers={"Origin": "https://mail.example"},
    )  # fmt: skip
    ada.refresh_from_db()
    assert (answer.status_code, ada.state) == (200, "unsubscribed")


def test_the_link_of_an_erased_reader_still_comes_to_an_end(client, reader):
    ada = reader()
    expected, token = client.post(ada.unsubscribe_address).content.decode(), ada.token
    erase(email=ada.email)
    assert client.post(f"/digest/unsubscribe/{TOKEN}/").content.decode() == expected.replace(token, TOKEN)
    assert client.post(f"/digest/unsubscribe/{token}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_never_confirmed_and_leaves_is_forgotten():
    sign_up()
    unsubscribe(token=Subscriber.objects.get().token)
    assert not Subscriber.objects.exists()
    # The letter that waited for them goes to nobody.
    send()
    assert Delivery.objects.get().state == "withdrawn"


@pytest.mark.parametrize("room", ["confirm", "unsubscribe", "preferences", "subscribe"])
def test_wrong_methods_are_refused(client, reader, room):
    ada = reader()
    token = ada.confirm_token if room == "confirm" else ada.token
    address = f"/digest/{room}/" if room == "subscribe" else f"/digest/{room}/{token}/"
    for method in (client.put, client.delete, client.patch):
        assert method(address).status_code == 405


def test_who_wants_to_leave_is_never_told_to_wait(client, reader, admin_user):
    ada = reader()
    turn(name=Switch.Name.WRITING, stopped=True, by=admin_user, reason="we are moving")
    reread()
    try:
        assert client.post("/digest/subscribe/", FORM).status_code == 503
        assert client.post(ada.unsubscribe_address).status_code == 200
        send()
        assert tick() == "The site can be read but not written to for now: we are moving"
    finally:
        turn(name=Switch.Name.WRITING, stopped=False, by=admin_user)
        reread()
    ada.refresh_from_db()
    assert ada.state == "unsubscribed" and not SignUp.objects.exists()


# --- choosing -------------------------------------------------------------------------------------
def test_wishes_are_kept_and_shown_again(client, reader):
    from tests.digest.happenings import cards

    ada, noise = reader(), reader("noise@example.org")
    cards()
    chosen = {"scope": "verdicts", "labs": ["north"], "cards": "Birch\n cedar \n"}
    answer = client.post(ada.preferences_address, chosen)
    assert answer.status_code == 200 and "Kept." in answer.content.decode()
    client.post(ada.preferences_address, chosen)
    page = client.get(ada.preferences_address).content.decode()
    assert re.search(r'value="verdicts"[^>]*checked', page)
    assert re.search(r'value="north"[^>]*checked', page)
    assert not re.search(r'value="south"[^>]*checked', page)
    assert ">Birch\nCedar</textarea>" in page
    assert ada.interests.count() == 3 and noise.interests.count() == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"cards": "Nothing like it"}, "There is no model “Nothing like it” in the catalog."),
        ({"labs": ["nobody"]}, "There is no lab “nobody”."),
        ({"scope": "hourly"}, "Choose one of the two."),
        ({"cards": "\n".join(["x"] * 51)}, "That is 51 models; name at most 50."),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_beside_the_field(client, reader, wrong, says):
    ada = reader()
    answer = client.post(ada.preferences_address, {"scope": "verdicts", **wrong})
    page = answer.content.decode()
    assert answer.status_code == 422 and says in page
    assert re.search(f'aria-describedby="[^"]*preferences-{next(iter(wrong))}_error"', page)
    assert not dangling(page)
    ada.refresh_from_db()
    assert ada.scope == "weekly" and not ada.interests.exists()


def test_wishes_are_a_reader_s_alone(client, reader):
    ada = reader()
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post(ada.preferences_address, {"scope": "verdicts"}, headers=elsewhere)
    assert answer.status_code == 403
    gone = reader("gone@example.org", state="unsubscribed", ended_at=timezone.now())
    for address in (gone.preferences_address, f"/digest/preferences/{TOKEN}/"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "You are not subscribed" in answer.text and "/digest/subscribe/" in answer.text
    assert "not good any more" in client.get(f"/digest/confirm/{gone.confirm_token}/").text


# --- being forgotten ------------------------------------------------------------------------------
def test_erasing_leaves_an_hmac_and_the_counts(reader, django_user_model):
    ada = reader("ada.lovelace@example.org")
    sign_up("ada.lovelace@example.org")
    ask(email="ADA.lovelace@example.org", wording="1", page="/")
    Delivery.objects.update(answer="550 ada.lovelace@example.org unknown")
    erase(email="ada.lovelace@example.org")
    assert not Subscriber.objects.exists() and not SignUp.objects.exists()
    assert Suppression.objects.count() == 1
    delivery = Delivery.objects.get()
    assert (delivery.subscriber, delivery.answer, delivery.state) == (None, "", "withdrawn")
    erase(email="ada.lovelace@example.org")
    assert Suppression.objects.count() == 1
    assert ada.pk
