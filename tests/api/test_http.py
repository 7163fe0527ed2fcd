"""What is true of every answer: problems, caching, reading from other sites, limits, no cookie."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.http import HttpResponse

from comparisons.api.edge import ApiAnswers
from comparisons.cards.models import Lab

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("get", "/api/v1/nothing/", {}, 404),
        ("get", "/api/v1/cards", {}, 404),
        ("post", "/api/v1/cards", {}, 404),
        ("get", "/api/v1/cards/nobody/", {}, 404),
        ("get", "/api/v1/cards/%ff%00/", {}, 404),
        ("get", "/api/v1/verdicts/abc/", {}, 404),
        ("post", "/api/v1/cards/", {}, 405),
        ("delete", "/api/v1/cards/alpha/", {}, 405),
        ("trace", "/api/v1/cards/", {}, 405),
        ("get", "/api/v1/cards/", {"Accept": "text/html"}, 406),
        ("get", "/api/v1/cards/", {"Accept": "application/json;q=0"}, 406),
        ("get", "/api/v1/cards/", {"Accept": "x" * 11_000}, 406),
        ("get", "/api/v1/cards/alpha/", {"Accept": "text/csv"}, 406),
        ("get", "/api/v1/cards/", {"Host": "evil.example"}, 400),
        ("get", "/api/v1/cards/", {"If-Match": '"another"'}, 412),
    ],
)
def test_every_refusal_is_a_problem_document(client, method, address, headers, status):
    answer = getattr(client, method)(address, headers=headers)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told.keys() == {"type", "title", "status", "detail", "errors"}
    assert told["status"] == status
    assert told["type"].startswith("http://127.0.0.1:8000/api/docs/#problem-")
    assert "no-store" in answer["Cache-Control"]


def test_a_method_that_is_not_there_names_those_that_are(client):
    assert client.put("/api/v1/cards/")["Allow"] == "GET, HEAD, OPTIONS"
    assert client.post("/api/v1/pairings/a-vs-b/vote/")["Allow"] == "GET, PUT, DELETE, HEAD, OPTIONS"


def test_the_weights_of_the_accept_header_count(client):
    answer = client.get("/api/v1/labs/", headers={"Accept": "application/json;q=0.5, text/csv"})
    assert answer["Content-Type"].startswith("text/csv")
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert client.get("/api/v1/labs/", headers={"Accept": browser})["Content-Type"] == "application/json"


def test_an_error_of_ours_is_told_without_a_trace(client, monkeypatch):
    def fail(*args: object) -> None:
        raise RuntimeError("the secret is 1234")

    monkeypatch.setattr(Lab.objects, "filter", fail)
    client.raise_request_exception = False
    answer = client.get("/api/v1/labs/")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert "1234" not in answer.content.decode() and "Runtime" not in answer.content.decode()


def test_a_database_that_is_gone_is_503_and_when_to_come_again(client, monkeypatch):
    def gone(*args: object) -> None:
        raise OperationalError("connection refused at 10.0.0.1")

    monkeypatch.setattr(Lab.objects, "filter", gone)
    answer = client.get("/api/v1/labs/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "10.0.0.1" not in answer.content.decode()


def test_an_answer_that_is_still_the_same_is_304(client, site):
    for address in ("/api/v1/cards/", "/api/v1/cards/alpha/", "/api/v1/cards/?format=csv"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert "RateLimit" in again.headers and again["Vary"] == "Accept"
        assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
        assert client.head(address)["ETag"] == first["ETag"]
    assert client.get("/api/v1/cards/")["ETag"] != client.get("/api/v1/cards/?format=csv")["ETag"]


def test_public_answers_may_be_kept_for_a_minute_and_those_with_a_token_by_nobody_else(client, bearer):
    answer = client.get("/api/v1/cards/")
    assert answer["Cache-Control"] == "public, max-age=60, stale-while-revalidate=300"
    assert answer["Vary"] == "Accept"
    own = client.get("/api/v1/cards/", headers=bearer("read"))
    assert own["Cache-Control"] == "private, no-cache"


def test_other_sites_may_read_and_not_write(client, site):
    answer = client.get("/api/v1/cards/", headers={"Origin": "https://elsewhere.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"  # read by fetch(), embedded by nobody
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "PUT"}
    preflight = client.options("/api/v1/pairings/alpha-vs-beta/vote/", headers=asked)
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "Authorization" not in preflight["Access-Control-Allow-Headers"]
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        write = client.put(
            "/api/v1/pairings/alpha-vs-beta/vote/", {"choice": "left"}, "application/json", headers=headers
        )
        assert write.status_code == 403
        assert "Access-Control-Allow-Origin" not in write.headers


def test_pages_are_not_readable_from_other_sites(client, site):
    for address in ("/models/alpha/", "/api/docs/"):
        answer = client.get(address)
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_session_lets_nobody_in_and_gets_no_cookie(admin_client, site):
    assert admin_client.get("/api/v1/panel/runs/").status_code == 401
    assert not admin_client.get("/api/v1/cards/").cookies
    assert Session.objects.count() == 1


def test_a_cookie_that_anything_inside_sets_goes_no_further(rf):
    def careless(request):
        answer = HttpResponse("{}", content_type="application/json")
        answer.set_cookie("session", "1")
        return answer

    assert not ApiAnswers(careless)(rf.get("/api/v1/cards/")).cookies
    assert ApiAnswers(careless)(rf.get("/models/")).cookies


def test_a_network_has_its_limit_and_is_told_what_is_left(client, settings):
    settings.API_PER_NETWORK = (2, 3600)
    here = {"REMOTE_ADDR": "203.0.113.7"}
    first = client.get("/api/v1/labs/", **here)
    assert first["RateLimit-Policy"] == '"network";q=2;w=3600'
    assert first["RateLimit"].startswith('"network";r=1;t=')
    client.get("/api/v1/nothing/", **here)  # an address that is none is counted too
    third = client.get("/api/v1/labs/", **here)
    assert third.status_code == 429
    assert third["Content-Type"] == "application/problem+json"
    assert 3590 <= int(third["Retry-After"]) <= 3600
    assert third["RateLimit"].startswith('"network";r=0;t=')
    assert client.get("/api/v1/labs/", REMOTE_ADDR="198.51.100.7").status_code == 200


def test_a_format_that_is_refused_is_counted_too(client, settings):
    settings.API_PER_NETWORK = (1, 3600)
    answer = client.get("/api/v1/cards/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["RateLimit"]) == (406, '"network";r=0;t=3600')
    assert client.get("/api/v1/cards/", headers={"Accept": "text/html"}).status_code == 429


def test_a_token_has_a_limit_of_its_own(client, settings, bearer):
    settings.API_PER_NETWORK, settings.API_PER_TOKEN = (1, 3600), (2, 3600)
    there, headers = {"REMOTE_ADDR": "203.0.114.7"}, bearer("read")
    assert client.get("/api/v1/labs/", headers=headers, **there)["RateLimit"].startswith('"token";r=1;t=')
    client.get("/api/v1/labs/", headers=headers, **there)
    assert client.get("/api/v1/labs/", headers=headers, **there).status_code == 429
    assert client.get("/api/v1/labs/", **there).status_code == 200


def test_guessing_tokens_is_counted_for_the_network(client, settings):
    settings.API_PER_NETWORK = (1, 3600)
    guess, there = {"Authorization": "Bearer so_guess"}, {"REMOTE_ADDR": "203.0.115.7"}
    assert client.get("/api/v1/labs/", headers=guess, **there).status_code == 401
    assert client.get("/api/v1/labs/", headers=guess, **there).status_code == 429


def test_without_redis_nothing_is_limited(client, settings):
    settings.LIMITER_URL, settings.API_PER_NETWORK = "unix:///nowhere/at/all.sock", (0, 3600)
    answer = client.get("/api/v1/labs/")
    assert answer.status_code == 200
    assert answer["RateLimit-Policy"] == '"network";q=0;w=3600'
    assert "RateLimit" not in answer.headers
