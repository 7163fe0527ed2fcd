"""Every kind of answer keeps the rules of tests/security/rules.py, over https as in production."""

import pytest
from django.test import Client

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from reviewsite.headers import HEADERS
from tests.factories.cards import make_card
from tests.factories.reviews import make_verdict
from tests.security.rules import broken

FORM = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def secure(settings, db):
    settings.SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    for slug in ("alpha", "beta"):
        make_card(slug)
    pairing = Pairing.objects.between(*Card.objects.order_by("slug"))
    make_verdict(pairing, (88, 82, 85, 78), (84, 78, 80, 55), picks=("left", "left", "left", "right"))


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


def faults(answer, *, secure=True):
    headers = {name.lower(): value for name, value in answer.items()}
    return broken(headers, secure=secure, cookies=answer.cookies)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200), ("/compare/", 200), ("/compare/alpha-vs-beta/", 200), ("/models/", 200),
        ("/models/alpha/", 200), ("/models/?q=alp", 200), ("/reviewers/", 200), ("/methodology/", 200),
        ("/articles/", 200), ("/bookmarks/", 200), ("/style/", 302), ("/robots.txt", 200), ("/llms.txt", 200),
        ("/sitemap.xml", 200), ("/feeds/verdicts.atom", 200), ("/compare/beta-vs-alpha/", 301),
        ("/nowhere/", 404), ("/models/none/", 404), ("/models", 301),
        ("/admin/", 302), ("/admin/login/", 200), ("/panel/", 302), ("/healthz/", 200), ("/readyz/", 200),
        ("/metrics/", 404),
    ],
)  # fmt: skip
def test_every_kind_of_answer(visitor, address, status):
    answer = visitor.get(address, secure=True)
    assert answer.status_code == status
    assert faults(answer, secure=address not in {"/healthz/", "/readyz/", "/metrics/"}) == []


def test_only_the_pictures_made_for_other_sites_may_be_shown_there(visitor):
    answer = visitor.get("/compare/alpha-vs-beta/og.png", secure=True)
    assert answer.status_code == 200
    assert faults(answer) == ["cross-origin-resource-policy: cross-origin"]


def test_an_error_of_ours(visitor, monkeypatch):
    monkeypatch.setattr("comparisons.switches.middleware.SAFE_METHODS", None)
    answer = visitor.get("/models/", secure=True)
    assert answer.status_code == 500
    assert faults(answer) == []


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("/compare/alpha-vs-beta/vote/", FORM, 303),
        ("/compare/alpha-vs-beta/vote/", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("/models/", FORM, 403),
        ("/admin/login/", FORM, 403),
    ],
)
def test_answers_to_forms_and_the_cookies_they_set(address, headers, status):
    visitor = Client(enforce_csrf_checks=True, raise_request_exception=False)
    answer = visitor.post(address, {"choice": "left"}, secure=True, headers=headers)
    assert answer.status_code == status
    assert faults(answer) == []
    assert list(answer.cookies) == (["__Host-visitor"] if status == 303 else [])


def test_a_trace_is_refused_and_echoes_nothing(visitor):
    answer = visitor.trace("/models/", secure=True, headers={"X-Secret": "kJ8s"})
    assert answer.status_code in {403, 405}
    assert b"kJ8s" not in answer.content


def test_who_comes_by_http_is_sent_to_https_and_told_nothing_else(visitor):
    answer = visitor.get("/models/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/models/")
    assert faults(answer, secure=False) == []


def test_the_api_redirects_no_program_that_speaks_in_the_clear(visitor):
    for told in ({}, {"Authorization": "Bearer so_x"}):
        answer = visitor.get("/api/v1/cards/", headers=told)
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert "over https alone" in answer.json()["detail"]
        assert "Location" not in answer and faults(answer, secure=False) == []
    assert visitor.put("/api/v1/pairings/alpha-vs-beta/vote/").status_code == 403
    assert visitor.get("/api/v1/cards/", secure=True).status_code == 200
    assert visitor.get("/api/docs/").status_code == 301


def test_a_host_that_is_not_ours(visitor):
    answer = visitor.get("/models/", secure=True, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert faults(answer) == []


def test_a_signed_in_page_and_its_cookies(visitor, admin_user):
    visitor.force_login(admin_user)
    answer = visitor.get("/admin/", secure=True)
    assert answer.status_code in {200, 302}
    assert faults(answer) == []


@pytest.mark.parametrize("name", ["Content-Security-Policy", "Referrer-Policy", "X-Frame-Options"])
def test_a_missing_header_is_noticed(visitor, monkeypatch, name):
    monkeypatch.delitem(HEADERS, name)
    visitor_answer = visitor.get("/models/", secure=True)
    del visitor_answer.headers[name]
    assert faults(visitor_answer)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ("default-src 'self'", "default-src is not 'none'"),
        ("default-src 'none'; script-src 'self' 'unsafe-inline'", "script-src lets others in"),
        ("default-src 'none'; img-src https://cdn.example", "img-src lets others in"),
        ("default-src 'none'; script-src data:", "script-src takes data:"),
        ("default-src 'none'", "forms may be sent elsewhere"),
    ],
)
def test_a_looser_policy_is_noticed(told, complaint):
    headers = {name.lower(): value for name, value in HEADERS.items()} | {"content-security-policy": told}
    assert any(complaint in each for each in broken(headers, secure=False, cookies={}))
