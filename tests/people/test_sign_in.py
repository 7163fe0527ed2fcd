"""Coming in by name and password: what is refused, how it is worded, and how long one stays."""

from __future__ import annotations

import re
import time

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comparisons.pairings.models import Pairing
from comparisons.votes.models import Vote
from tests.factories.cards import make_card
from tests.people.conftest import PASSWORD
from tests.pointers import dangling

pytestmark = pytest.mark.django_db

HASHED = []


class Counting(MD5PasswordHasher):
    """Says how often it was asked: that is what takes the time."""

    algorithm = "counting"

    def encode(self, password, salt):
        HASHED.append(password)
        return super().encode(password, salt)


def _ours(statement: str) -> bool:
    """What is switched off is read again every two seconds, whoever asks."""
    return "comparisons_switch" not in statement


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_who_signs_in_goes_where_they_wanted(client, ann, sign_in):
    answer = client.get("/panel/")
    assert (answer.status_code, answer.url) == (302, "/admin/login/?next=/panel/")
    assert 'value="/panel/"' in client.get(answer.url).text
    answer = sign_in(ann, next="/panel/")
    assert (answer.status_code, answer.url) == (302, "/panel/")
    assert client.get("/panel/").status_code == 200
    assert client.get("/admin/login/?next=/panel/").url == "/panel/"  # who is in need not sign in again


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_nobody_is_sent_to_another_site(ann, sign_in, elsewhere):
    assert sign_in(ann, next=elsewhere).url == "/panel/desk/"


def test_every_refusal_reads_the_same_and_hashes_once(client, ann, sign_in, settings, django_user_model):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    for user in (ann, django_user_model.objects.create_user(f"{ann}-off", is_active=False)):
        user.set_password(PASSWORD)
        user.save()
    pages, work = [], []
    for name, password in ((ann, "wrong"), (f"{ann}-nobody", PASSWORD), (f"{ann}-off", PASSWORD)):
        HASHED.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = sign_in(name, password)
        assert len(HASHED) == 1, name
        work.append([re.sub(r"'[^']*'", "?", each["sql"]) for each in asked if _ours(each["sql"])])
        assert answer.status_code == 422
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.text)
        pages.append(page.replace(f'value="{name}"', ""))
    assert pages[0] == pages[1] == pages[2]
    # The same statements and the same hash: there is nothing else that could take longer for one of them.
    assert work[0] == work[1] == work[2] and len(work[0]) == 1
    assert "That name and password do not belong together." in pages[0]
    assert not signed_in(client)


def test_what_is_missing_is_said_beside_the_field(client, ann, sign_in):
    page = sign_in("", "").text
    assert "Give the name of your account." in page and "Give your password." in page
    assert not dangling(page)


def test_a_name_is_tried_ten_times_whether_or_not_anybody_has_it(client, ann, sign_in, settings):
    settings.LOGINS_PER_NAME = (3, 3600)
    for name in (str(ann), f"{ann}-nobody"):
        answers = [sign_in(each, "wrong") for each in (name, name.upper(), f" {name}", name)]
        assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
        assert "Too many attempts. Try again in 60 minutes." in answers[-1].text
        assert 3500 < int(answers[-1]["Retry-After"]) <= 3600
    assert sign_in(ann).status_code == 429  # not even the right one, until the hour is over
    assert not signed_in(client)


def test_a_network_is_stopped_whatever_names_it_tries(ann, sign_in, settings):
    settings.LOGINS_PER_NETWORK = (2, 60)
    statuses = [sign_in(f"{ann}-{number}", "wrong").status_code for number in range(3)]
    assert statuses == [422, 422, 429]
    answer = sign_in(ann)
    assert answer.status_code == 429
    assert "Try again in 1 minute." in answer.text
    assert PASSWORD not in answer.text


def test_the_form_asks_for_djangos_token(ann):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/admin/login/", {"username": str(ann), "password": PASSWORD})
    assert answer.status_code == 403
    assert "This form was not taken" in answer.text


def test_an_account_without_a_role_is_told_so(client, quick, uncounted, django_user_model, sign_in):
    reader = django_user_model.objects.create_user("reader-of-ours", password=PASSWORD)
    assert sign_in(reader, next="/panel/").url == "/panel/"
    answer = client.get("/panel/")
    assert answer.status_code == 403
    assert "You are signed in as reader-of-ours, who has no moderator role here." in answer.text
    assert "Log out" in answer.text


def test_staff_are_signed_out_after_half_an_hour_without_a_step(client, ann, sign_in, settings):
    assert settings.SESSION_COOKIE_AGE == 30 * 60
    answer = sign_in(ann)
    assert answer.cookies["session"]["max-age"] == 30 * 60
    Session.objects.update(expire_date="2026-01-01T00:00:00Z")
    assert client.get("/panel/").status_code == 302


def noted_ago(client, *, since: float, noted: float) -> None:
    session = client.session
    session["since"], session["noted"] = time.time() - since, time.time() - noted
    session.save()


def test_a_step_keeps_them_in_and_a_page_that_asks_by_itself_does_not(client, ann, sign_in):
    sign_in(ann)
    noted_ago(client, since=600, noted=300)
    assert "session" not in client.get("/panel/", headers={"HX-Request": "true"}).cookies
    assert "session" in client.get("/panel/").cookies
    assert "session" not in client.get("/panel/").cookies  # noted once a minute is enough


def test_after_twelve_hours_they_sign_in_again_whatever_they_do(client, ann, sign_in):
    sign_in(ann)
    noted_ago(client, since=12 * 60 * 60 + 1, noted=10)
    assert client.get("/panel/").status_code == 302
    assert not signed_in(client)


def test_logging_out_is_a_post_and_ends_it(client, ann, sign_in):
    sign_in(ann)
    assert client.get("/admin/logout/").status_code == 405
    assert client.post("/admin/logout/").url == "/"
    assert client.get("/panel/").status_code == 302


def test_a_fragment_asked_for_too_late_sends_the_page_to_sign_in(client, ann):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/panel/"}
    answer = client.get("/panel/", headers=headers)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/admin/login/?next=/panel/")
    headers["HX-Current-URL"] = "http://evil.example/panel/"
    assert client.get("/panel/", headers=headers)["HX-Redirect"] == "/admin/login/?next=/"


def test_a_write_made_too_late_comes_back_to_its_page(client, ann):
    answer = client.post("/panel/convene/", headers={"Referer": "http://testserver/panel/"})
    assert answer.url == "/admin/login/?next=/panel/"


def test_a_new_password_takes_the_old_one_and_signs_other_browsers_out(client, ann, sign_in):
    elsewhere = Client()
    elsewhere.force_login(ann)
    sign_in(ann)
    new = {"new_password1": "a better horse battery", "new_password2": "a better horse battery"}
    refused = client.post("/admin/password_change/", {"old_password": "wrong", **new})
    assert refused.status_code == 422
    short = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}
    assert "at least 12 characters" in client.post("/admin/password_change/", short).text
    answer = client.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert answer.url == "/admin/account/"
    assert "other browsers were signed out" in client.get("/admin/account/").text
    assert elsewhere.get("/panel/").status_code == 302
    ann.refresh_from_db()
    assert ann.check_password("a better horse battery")


@pytest.mark.parametrize(
    "address", ["/", "/compare/", "/models/", "/methodology/", "/articles/", "/no/such/"]
)
def test_public_pages_do_not_look_at_the_session(client, ann, django_assert_max_num_queries, address):
    client.force_login(ann)
    with django_assert_max_num_queries(10) as asked:
        answer = client.get(address)
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies
    assert not [query for query in asked.captured_queries if "django_session" in query["sql"]]


def test_where_attempts_cannot_be_counted_nobody_comes_in(client, ann, sign_in, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    HASHED.clear()
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    pages = set()
    for name, password in ((ann, PASSWORD), (ann, "wrong"), (f"{ann}-nobody", "wrong")):
        answer = sign_in(name, password)
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert "Nobody can log in for the moment" in answer.text
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.text))
    assert len(pages) == 1 and not HASHED
    assert not signed_in(client)


def test_who_is_in_stays_in_without_the_limits_and_votes_go_on(client, ann, sign_in, settings):
    sign_in(ann)
    pairing = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    assert client.get("/panel/").status_code == 200
    again = client.post("/admin/account/second-factor/", {"password": PASSWORD})
    assert again.status_code == 503 and "Try again in a minute." in again.text
    client.logout()
    answer = client.post("/compare/alpha-vs-beta/vote/", {"choice": "left"})
    assert answer.status_code == 303
    assert Vote.objects.get(pairing=pairing).choice == "left"
