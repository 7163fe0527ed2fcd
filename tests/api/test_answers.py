"""Every operation answers, and what it answers is what the schema says: no field more, none less."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from comparisons.api.schema import document
from tests.api.site import RECEIPT, RUN, SECRET

pytestmark = pytest.mark.django_db
READS = [
    "/api/v1/",
    "/api/v1/labs/",
    "/api/v1/labs/example-lab/",
    "/api/v1/cards/",
    "/api/v1/cards/alpha/",
    "/api/v1/cards/gamma/",
    "/api/v1/pairings/",
    "/api/v1/pairings/alpha-vs-beta/",
    "/api/v1/pairings/beta-vs-gamma/",
    "/api/v1/verdicts/",
    "/api/v1/verdicts/{verdict}/",
    "/api/v1/reviews/",
    "/api/v1/reviews/{review}/",
    "/api/v1/reviewers/",
    "/api/v1/reviewers/skeptic/",
    "/api/v1/articles/",
    "/api/v1/articles/how-to-read-a-verdict/",
    "/api/v1/counterpoints/",
    "/api/v1/counterpoints/{counterpoint}/",
    "/api/v1/leaderboard/",
    "/api/v1/search/?q=alpha",
    f"/api/v1/receipts/{RECEIPT}/",
    "/api/v1/receipts/",
]


def filled(address: str, site: Any) -> str:
    return address.format(
        verdict=site.verdict.pk,
        review=site.verdict.reviews.order_by("pk").first().pk,
        counterpoint=site.approved.pk,
    )


def whole(schema: Any) -> Any:
    """The schema, with every field required: what an answer is that was not asked for fewer fields."""
    if isinstance(schema, dict):
        schema = {key: whole(inner) for key, inner in schema.items()}
        if schema.get("additionalProperties") is False:
            schema["required"] = list(schema["properties"])
    return [whole(inner) for inner in schema] if isinstance(schema, list) else schema


def check(answer: Any, path: str, method: str = "get", status: str = "200") -> None:
    said = document()
    content = said["paths"][path][method]["responses"][status]["content"]["application/json"]
    schema = {**content["schema"], "components": said["components"]}
    validator = jsonschema.Draft202012Validator(whole(schema), format_checker=jsonschema.FormatChecker())
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.json())] == []


def template_of(address: str) -> str:
    path = address.partition("?")[0]
    for known in document()["paths"]:
        parts, wanted = path.strip("/").split("/"), known.strip("/").split("/")
        if len(parts) == len(wanted) and all(
            a == b or b[:1] == "{" for a, b in zip(parts, wanted, strict=True)
        ):
            return known
    raise LookupError(path)


def test_an_answer_has_exactly_the_fields_of_the_schema(client, site):
    for address in READS:
        answer = client.get(filled(address, site))
        assert answer.status_code == 200, answer.content
        check(answer, template_of(address))


def test_no_answer_sets_a_cookie_or_tells_what_is_not_approved(client, site):
    for address in READS:
        answer = client.get(filled(address, site))
        assert not answer.cookies, address
        assert SECRET not in answer.content.decode(), address
        assert "noise" not in json.dumps(answer.json()), address


def test_a_run_is_for_staff(client, site, bearer):
    for address in ("/api/v1/panel/runs/", f"/api/v1/panel/runs/{RUN}/"):
        assert client.get(address).status_code == 401
        answer = client.get(address, headers=bearer("read"))
        assert answer.status_code == 200
        check(answer, template_of(address))
        assert answer["Cache-Control"] == "private, no-store"
