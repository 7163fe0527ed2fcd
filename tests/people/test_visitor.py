"""Who a reader without an account is to us: a cookie, and keys that cannot be linked."""

from http.cookies import Morsel

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from comparisons.people.visitor import YEAR, Visitor


def cookie_of(visitor: Visitor) -> Morsel[str]:
    (morsel,) = visitor.remember(HttpResponse()).cookies.values()
    return morsel


def request_with(name: str, value: str):
    request = RequestFactory().get("/")
    request.COOKIES[name] = value
    return request


def test_a_remembered_visitor_is_recognized():
    visitor = Visitor.acting(RequestFactory().post("/"))
    cookie = cookie_of(visitor)
    assert Visitor.of(request_with(cookie.key, cookie.value)) == visitor
    assert Visitor.acting(request_with(cookie.key, cookie.value)) == visitor


def test_two_first_actions_are_two_visitors():
    assert Visitor.acting(RequestFactory().post("/")) != Visitor.acting(RequestFactory().post("/"))


def test_nobody_is_a_visitor_before_the_first_action():
    assert Visitor.of(RequestFactory().get("/")) is None


@pytest.mark.parametrize("forged", ["", "me", "me:", ":", "me:AAAA", "a" * 5000, "é:é"])
def test_a_cookie_that_we_did_not_sign_is_nobodys(forged):
    assert Visitor.of(request_with("visitor", forged)) is None


def test_a_cookie_is_not_taken_from_another_visitor_by_changing_it():
    cookie = cookie_of(Visitor("somebody"))
    assert Visitor.of(request_with(cookie.key, cookie.value.replace("somebody", "somebodx"))) is None


def test_the_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(settings):
    settings.SECURE = True
    cookie = cookie_of(Visitor("somebody"))
    assert cookie.key == "__Host-visitor"
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    # What the __Host- prefix demands, or browsers drop the cookie.
    assert cookie["path"] == "/" and not cookie["domain"]
    assert cookie["max-age"] == YEAR


def test_on_plain_http_the_cookie_has_a_name_that_browsers_accept(settings):
    settings.SECURE = False
    cookie = cookie_of(Visitor("somebody"))
    assert (cookie.key, cookie["secure"]) == ("visitor", "")


def test_a_key_says_neither_who_nor_which_other_key_is_theirs():
    visitor = Visitor("somebody")
    keys = {
        visitor.key("vote on pairing 1"),
        visitor.key("vote on pairing 2"),
        Visitor("else").key("vote on pairing 1"),
    }
    assert len(keys) == 3
    assert all(len(key) == 64 and "somebody" not in key for key in keys)


def test_a_new_secret_key_makes_no_vote_a_strangers(settings):
    before = Visitor("somebody").key("vote on pairing 1")
    settings.SECRET_KEY = "another one"
    assert Visitor("somebody").key("vote on pairing 1") == before
