"""The documentation: every command in it is run against a live server, and the page is the schema's."""

from __future__ import annotations

import html
import http.client
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from drf_spectacular.drainage import GENERATOR_STATS

from comparisons.api.schema import document
from comparisons.counterpoints.models import Counterpoint
from comparisons.management.commands.api_schema import FILE
from comparisons.pairings.models import Pairing
from comparisons.people.models import Token
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Review, Verdict
from comparisons.votes.actions import cast
from panel.models import Run
from tests.api.site import RUN, fill
from tests.factories.benches import hear
from tests.factories.cards import make_card

GUIDE = Path(FILE).parent.parent / "api.md"


def commands(text: str) -> Iterator[list[str]]:
    """The words of every curl command, and "# 400" at its end as its last word where that is what it gets."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("curl "):
            yield shlex.split(line, comments=False)


def run(words: list[str], server: str, token: str) -> tuple[int, int, bytes]:
    """(status wanted, status, body). The few options of curl that the documentation uses."""
    method, address, body, headers, wanted = "GET", "", None, {}, 200
    rest = iter(words[1:])
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value.replace("so_…", token)
            case "-d":
                body = next(rest).encode()
            case "#":
                wanted = int(next(rest))
            case _:
                assert not word.startswith("-"), word
                address = word
    place, parts = urlsplit(server), urlsplit(address)
    line = http.client.HTTPConnection(str(place.hostname), place.port, timeout=20)
    try:
        line.request(method, f"{quote(parts.path)}?{parts.query}".rstrip("?"), body, headers)
        answer = line.getresponse()
        return wanted, answer.status, answer.read()
    finally:
        line.close()


@pytest.fixture
def documented(transactional_db, settings) -> None:
    """A site that has what the examples name, under the numbers they name it by."""
    site = fill()
    one, other = make_card("gpt-5-5", lab="mistral-ai"), make_card("claude-opus-4-8")
    hear(one, other)
    cast(pairing=Pairing.objects.between(one, other), visitor=Visitor("ann"), choice="left")
    site.article.slug = "a-local-model-for-the-day-the-cloud-is-down"
    site.article.save()
    Counterpoint.objects.all().delete()  # whatever numbers they got
    for row, number in ((site.approved, 1), (site.pending, 2)):
        row.pk, row.private_token, row.form_nonce = number, f"t{number}", f"n{number}"
        row.save(force_insert=True)
    for model in (Verdict, Review):
        if not model.objects.filter(pk=1).exists():
            row = model.objects.order_by("-pk").first()
            row.pk = 1
            if isinstance(row, Verdict):
                row.superseded_at = row.published_at
            else:
                row.sample = 9
            row.save(force_insert=True)


def test_every_command_of_page_and_guide_does_what_it_says(documented, live_server, bearer):
    token = bearer(*Token.Scope.values)["Authorization"].removeprefix("Bearer ")
    page = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port)
    page.request("GET", "/api/docs/")
    text = page.getresponse().read().decode()
    page.close()
    on_page = [html.unescape(found) for found in re.findall(r"<code>(curl .*?)</code>", text, re.DOTALL)]
    told = [*commands("\n".join(on_page)), *commands(GUIDE.read_text(encoding="utf-8"))]
    assert len(told) > 45
    wrong = []
    for words in told:
        if f"{RUN}/stop/" in " ".join(words):
            Run.objects.filter(pk=RUN).update(state=Run.State.RUNNING, ended_at=None)
        if f"{RUN}/resume/" in " ".join(words):
            Run.objects.filter(pk=RUN).update(state=Run.State.STOPPED)
        wanted, status, body = run(words, live_server.url, token)
        if status != wanted and not (wanted == 200 and status in (201, 202)):
            wrong.append((words, status, body[:300]))
    assert wrong == []


@pytest.mark.django_db
def test_the_page_tells_every_operation_and_object(client):
    page = client.get("/api/docs/")
    text = page.content.decode()
    said = document()
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            assert f'id="{operation["operationId"]}"' in text, (method, path)
    for name in said["components"]["schemas"]:
        assert f'id="object-{name}"' in text
    targets = set(re.findall(r'href="#([^"]+)"', text))
    assert targets <= set(re.findall(r'id="([^"]+)"', text))
    assert "style=" not in text and "`" not in re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL)
    assert client.get("/api/docs/", headers={"If-None-Match": page["ETag"]}).status_code == 304
    assert client.post("/api/docs/").status_code == 405


@pytest.mark.django_db
def test_the_schema_is_served_as_json_and_yaml(client):
    as_json = client.get("/api/v1/schema/")
    assert as_json["Content-Type"] == "application/json"
    assert as_json.json() == document()
    for answer in (
        client.get("/api/v1/schema/?format=yaml"),
        client.get("/api/v1/schema/", headers={"Accept": "application/yaml"}),
    ):
        assert answer["Content-Type"] == "application/yaml"
        assert answer.content.startswith(b"openapi: 3.1.0")
    assert client.get("/api/v1/schema/?format=xml").status_code == 400


def test_the_committed_schema_is_the_apis():
    """A difference is a change that nobody announced: `make schema`, and a line in CHANGELOG.md."""
    call_command("api_schema", "--check")


def test_the_generator_has_nothing_to_warn_of():
    document.cache_clear()
    document()
    assert not GENERATOR_STATS


def test_an_unannounced_change_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("comparisons.management.commands.api_schema.FILE", tmp_path / "api" / "openapi.json")
    with pytest.raises(CommandError, match="make schema"):
        call_command("api_schema", "--check")
    call_command("api_schema")
    call_command("api_schema", "--check")


@pytest.mark.django_db
def test_machines_are_told_of_the_api(client):
    assert "/api/docs/" in client.get("/llms.txt").content.decode()
    assert "Disallow: /api/v1/" in client.get("/robots.txt").content.decode()
    assert 'href="/api/docs/"' in client.get("/methodology/").content.decode()
