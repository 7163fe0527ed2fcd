"""Where an account is signed in, and ending that from another browser."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from comparisons.audit.models import AuditEntry
from tests.factories.staff import make_staff
from tests.people.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE, END = "/admin/account/", "/admin/account/sessions/"


def marks(page: str) -> list[str]:
    return re.findall(r'name="session" value="(\w+)"', page)


def inside(client: Client) -> bool:
    return client.get("/panel/").status_code == 200


@pytest.fixture
def elsewhere(ann) -> list[Client]:
    """Two other browsers of ann, and one of somebody else."""
    others = [Client(), Client(), Client()]
    for client in others[:2]:
        client.post("/admin/login/", {"username": str(ann), "password": PASSWORD})
    others[2].force_login(make_staff("moderator", "noise"))
    return others


def test_each_browser_is_listed_and_this_one_is_named(client, ann, sign_in, elsewhere):
    sign_in(ann)
    page = client.get(PAGE).text
    assert len(marks(page)) == 2 and page.count("this browser") == 1
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))


def test_one_is_signed_out_and_the_rest_stay(client, ann, sign_in, elsewhere):
    sign_in(ann)
    chosen = marks(client.get(PAGE).text)[0]
    answer = client.post(END, {"session": chosen, "password": PASSWORD})
    assert answer.url == PAGE
    page = client.get(PAGE).text
    assert "Signed out in 1 other browser." in page
    assert chosen not in marks(page) and len(marks(page)) == 1
    assert sorted(inside(each) for each in elsewhere) == [False, True, True] and inside(elsewhere[2])
    assert inside(client)
    assert AuditEntry.objects.filter(did="signed out elsewhere").count() == 1


def test_twice_and_strange_marks_do_nothing_more(client, ann, sign_in, elsewhere):
    sign_in(ann)
    chosen = marks(client.get(PAGE).text)
    for told in ("Signed out in 2 other browsers.", "Nothing was marked that is still signed in."):
        assert told in client.post(END, {"session": chosen, "password": PASSWORD}, follow=True).text
    theirs = Client()
    theirs.force_login(ann)
    client.post(END, {"session": ["x", "0" * 24], "password": PASSWORD})
    assert inside(elsewhere[2]) and inside(theirs)


def test_the_password_is_asked_for(client, ann, sign_in, elsewhere):
    sign_in(ann)
    chosen = marks(client.get(PAGE).text)
    answer = client.post(END, {"session": chosen, "password": "wrong"})
    assert answer.status_code == 422 and "That is not your password." in answer.text
    assert 'id="again-sessions-error"' in answer.text
    assert 'aria-describedby="again-sessions-error" autofocus' in answer.text  # far down its page
    assert all(inside(each) for each in elsewhere)


def test_who_may_not(client, ann, sign_in, elsewhere):
    assert client.post(END, {"password": PASSWORD}).status_code == 302
    sign_in(ann)
    assert client.get(END).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    assert strict.post(END, {"password": PASSWORD}).status_code == 403
