"""Which writes are let in without a token: the table of Go's http.CrossOriginProtection, case by case."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.views.decorators.http import require_POST

from comparisons.people.origin import comes_from_here, same_origin_writes

HOST = "reviews.example:8000"


def request(method: str = "POST", **headers: str):
    names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return RequestFactory().generic(method, "/", **{"HTTP_HOST": HOST, **names})


@pytest.fixture(autouse=True)
def _any_host(settings):
    settings.ALLOWED_HOSTS = ["*"]


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, True),  # no browser: nobody's cookies ride along
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),  # the reader's own doing, such as a bookmark
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False),  # a neighbor below the same domain
        ({"sec_fetch_site": "nonsense"}, False),
        ({"origin": f"http://{HOST}"}, True),
        ({"origin": f"https://{HOST}"}, True),  # a proxy may have taken TLS off
        ({"origin": f"http://{HOST.upper()}"}, True),
        ({"origin": "http://reviews.example"}, False),  # another port is another origin
        ({"origin": "http://evil.example"}, False),
        ({"origin": f"http://{HOST}.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
        # What a modern browser says of itself outweighs the older header, both ways.
        ({"sec_fetch_site": "same-origin", "origin": "http://evil.example"}, True),
        ({"sec_fetch_site": "cross-site", "origin": f"http://{HOST}"}, False),
    ],
)
def test_a_write_comes_from_here_or_is_refused(headers, let_in):
    assert comes_from_here(request(**headers)) is let_in


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_free_from_anywhere(method):
    assert comes_from_here(request(method, sec_fetch_site="cross-site", origin="http://evil.example"))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_writing_method_slips_through(method):
    assert not comes_from_here(request(method, sec_fetch_site="cross-site"))


def test_a_refusal_says_what_to_do_and_the_view_is_not_called():
    def view(asked):
        raise AssertionError

    answer = same_origin_writes(view)(request(sec_fetch_site="cross-site"))
    assert answer.status_code == 403
    assert b"from another site. Open the page here" in answer.content


@pytest.mark.parametrize("outermost", [True, False])
def test_the_mark_takes_the_place_of_djangos_token_wherever_it_stands(outermost):
    def view(asked):
        return HttpResponse("done")

    guarded = same_origin_writes(require_POST(view)) if outermost else require_POST(same_origin_writes(view))
    assert guarded.csrf_exempt


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/compare/a-vs-b/vote/", "/compare/a-vs-b/counterpoints/"])
def test_every_anonymous_door_refuses_other_sites_before_it_looks(address):
    client = Client(enforce_csrf_checks=True)
    assert client.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(address, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 404
