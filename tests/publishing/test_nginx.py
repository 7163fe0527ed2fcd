"""nginx on our configuration answers as the web process does, and passes on what is not its business."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Iterator
from itertools import product

import pytest

from comparisons.pairings.models import Pairing
from reviewsite.headers import HEADERS
from tests.publishing.test_two_hosts import Hosts, soon, vote, warm
from tests.publishing.webs import NGINX, Nginx, Process, ask, free_port, our_config

pytestmark = [
    pytest.mark.flow,
    pytest.mark.xdist_group("pages"),
    pytest.mark.skipif(not NGINX, reason="nginx is neither on PATH nor in /usr/sbin"),
]
URL = "/compare/alpha-vs-beta/"
# What each server says of itself.
OWN = {"server", "date", "connection", "accept-ranges"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def nginx(hosts: Hosts) -> Iterator[Process]:
    web, port = hosts[0], free_port()
    static = web.store.parent / "static"
    config = our_config(port=port, app=web.port, store=web.store, static=static)
    nginx = Nginx(web.store.parent / "nginx", config, port)
    yield nginx
    nginx.stop()


def test_the_configuration_is_valid(nginx: Nginx) -> None:
    done = subprocess.run(
        [NGINX, "-t", "-e", "stderr", "-c", str(nginx.config)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


# Paths in one test each, not one test a path: it is the change before the test that takes seconds to settle.
def test_same_answer_as_the_web_process(hosts: Hosts, nginx: Nginx, heard: Pairing) -> None:
    paths = (URL, "/", "/compare/", "/models/", "/models/alpha/", "/reviewers/skeptic/", "/articles/")
    warm((hosts[0], hosts[0]), *paths)
    for path, accepted in product(paths, ("", "gzip")):
        asked = {"Accept-Encoding": accepted} if accepted else {}
        ours, theirs = (ask(port, path, headers=asked) for port in (hosts[0].port, nginx.port))
        assert theirs.body == ours.body, path
        assert {n: v for n, v in theirs.headers.items() if n not in OWN} == {
            n: v for n, v in ours.headers.items() if n not in OWN
        }, path
        again = ask(nginx.port, path, headers={**asked, "If-None-Match": theirs.headers["etag"]})
        assert (again.status, again.body) == (304, b""), path
        assert again.headers["cache-control"] == theirs.headers["cache-control"], path


def test_it_reads_the_store_without_the_web_process(hosts: Hosts, nginx: Nginx, heard: Pairing) -> None:
    warm((hosts[0], hosts[0]))
    file = hosts[0].store / "html" / "compare" / "alpha" / "beta.html"
    file.with_name("beta.html.gz").write_bytes(gzip.compress(b"from the file"))
    answer = ask(nginx.port, URL, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.body) == b"from the file"


def test_the_rest_is_passed_on(hosts: Hosts, nginx: Nginx, heard: Pairing) -> None:
    warm((hosts[0], hosts[0]), "/models/")
    part = {"HX-Request": "true", "HX-Target": "part"}
    for path, asked, status in (
        ("/models/?lab=example-lab", {}, 200),
        ("/models/", part, 200),
        ("/models/suggest/", {}, 200),
        ("/compare/beta-vs-alpha/", {}, 301),
        ("/compare/alpha-vs-nobody/", {}, 404),
        ("/models/?lab=example%2Dlab&q=a%20b", {}, 200),
        ("/healthz/", {}, 200),
        ("/drafts/", {}, 404),
        ("/position.json", {}, 404),
        ("/compare/alpha/beta.html", {}, 404),
    ):
        answer = ask(nginx.port, path, headers=asked)
        assert answer.status == status, path
        assert asked is not part or "<html" not in answer.text


def test_a_form_goes_through_and_its_page_is_fresh(hosts: Hosts, nginx: Nginx, heard: Pairing) -> None:
    warm(hosts)
    answer = ask(nginx.port, f"{URL}vote/", method="POST", body="choice=left", headers=FORM)
    assert answer.status == 303
    assert "1 community vote" in ask(nginx.port, URL).text
    vote(heard, "another")
    soon((nginx, hosts[1]), "2 community votes")  # type: ignore[arg-type]


def test_hashed_static_files_are_for_ever(hosts: Hosts, nginx: Nginx, heard: Pairing) -> None:
    page = ask(nginx.port, "/").text
    css = page[page.index("/static/site.") :].partition('"')[0]
    for port in (hosts[0].port, nginx.port):
        answer = ask(port, css, headers={"Accept-Encoding": "gzip"})
        assert answer.status == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert "max-age=315360000" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        URL, "/models/?lab=example-lab", "/nowhere/", "/compare/beta-vs-alpha/", "/admin/", "/healthz/",
        "/feeds/verdicts.atom", "/robots.txt", "/static/nothing.css", "/metrics/",
    ],
)  # fmt: skip
def test_everything_carries_the_headers_of_the_house(
    hosts: Hosts, nginx: Nginx, heard: Pairing, path: str
) -> None:
    for port in (nginx.port, hosts[0].port):
        told = ask(port, path).headers
        assert {name: told.get(name.lower()) for name in HEADERS} == HEADERS


def test_static_files_carry_them_too(hosts: Hosts, nginx: Nginx, heard: Pairing) -> None:
    page = ask(nginx.port, "/").text
    css = page[page.index("/static/site.") :].partition('"')[0]
    for port in (nginx.port, hosts[0].port):
        first = ask(port, css)
        again = ask(port, css, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status, again.status) == (200, 304)
        for answer in (first, again):
            assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS


def test_over_tls_it_says_so_and_sends_others_to_django(hosts: Hosts, heard: Pairing) -> None:
    warm((hosts[0], hosts[0]))
    web, port = hosts[0], free_port()
    config = our_config(port=port, app=web.port, store=web.store, static=web.store, hsts="max-age=31536000")
    nginx = Nginx(web.store.parent / "nginx-tls", config, port)
    try:
        outside = nginx.get(URL, X_Forwarded_Proto="https")
        assert outside.headers["strict-transport-security"] == "max-age=31536000"
        for plain in (nginx.get(URL), nginx.get(URL, X_Forwarded_Proto="http")):
            assert "strict-transport-security" not in plain.headers  # Django's own answer
    finally:
        nginx.stop()


def test_other_methods_are_django_s_to_refuse(hosts: Hosts, nginx: Nginx, heard: Pairing) -> None:
    warm((hosts[0], hosts[0]))
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        theirs, ours = (
            ask(port, URL, method=method, body="x=1", headers=FORM) for port in (nginx.port, hosts[0].port)
        )
        assert (theirs.status, theirs.headers.get("allow")) == (ours.status, ours.headers.get("allow"))
        assert theirs.status in {403, 405}, method
