"""schemathesis in process: what fits the schema is answered as the schema says, what does not is refused.

With a fixed seed, so that a failure is one to look at and not one to run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from comparisons.api.schema import document
from comparisons.people.models import Token
from tests.api.site import RECEIPT, RUN
from tests.api.test_answers import whole

FEW, MANY = 6, 1_000
SEED = 20260101
# 422 is what fits the schema and is refused for what it says: an unknown reviewer, a cursor of another list.
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "422", "503"]
CONFIG = {
    "seed": SEED,
    "generation": {"with-security-parameters": False},  # the tests bring their own token, or none
    "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
}
REAL: dict[str, Any] = {
    "labs": "example-lab", "cards": "alpha", "pairings": "alpha-vs-beta", "reviewers": "skeptic",
    "articles": "how-to-read-a-verdict", "receipts": str(RECEIPT), "panel": str(RUN),
}  # fmt: skip
ANONYMOUS: dict[str, str] = {}


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests stay in the test's transaction, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def validators() -> dict[tuple[str, str], Any]:
    """By address and method, what an answer is like that was not asked for fewer fields."""
    said = document()
    found = {}
    for path, operations in said["paths"].items():
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if json := content.get("application/json"):
            schema = {**json["schema"], "components": said["components"]}
            found[path, "get"] = jsonschema.Draft202012Validator(whole(schema))
    return found


WHOLE: dict[tuple[str, str], Any] = {}


def answers_are_whole(context: Any, response: Any, case: Any) -> None:
    """The schema lets fields be left out for the sake of `fields=`; without it none may be missing."""
    WHOLE.update(WHOLE or validators())
    validator = WHOLE.get((case.operation.path, case.method.lower()))
    asked_for_fewer = "fields" in (case.query or {})
    json = "json" in response.headers.get("content-type", [""])[0]
    if validator and json and response.status_code == 200 and not asked_for_fewer:
        missing = [error.message for error in validator.iter_errors(response.json())]
        assert missing == []


def know(site: Any) -> None:
    """What has a number that the database gave it."""
    REAL["verdicts"], REAL["counterpoints"] = site.verdict.pk, site.approved.pk
    REAL["reviews"] = site.verdict.reviews.order_by("pk").first().pk


def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = get_wsgi_application()
    return [found.ok() for found in schema.get_all_operations()]


def examine(operation: Any, examples: int, headers: dict[str, str]) -> None:
    """So many examples, those that fit and those that do not by turns. Raises the first failure."""
    modes = [GenerationMode.POSITIVE]
    if list(operation.iter_parameters()) or operation.body:
        modes.append(GenerationMode.NEGATIVE)

    @seed(SEED)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate] if examples <= FEW else [Phase.generate, Phase.shrink],
    )
    @given(
        case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)),
        there=st.booleans(),
    )
    def ask(case: Any, there: bool) -> None:
        # Nobody guesses a slug, and then every answer would be 404.
        fits = case.meta.generation.mode is GenerationMode.POSITIVE
        if there and fits and (known := REAL.get(case.operation.path.split("/")[3])):
            case.path_parameters = dict.fromkeys(case.path_parameters, known)
        case.call_and_validate(headers=headers, additional_checks=[answers_are_whole])

    ask()


def label(operation: Any) -> str:
    return f"{operation.method.upper()} {operation.path}"


@pytest.mark.parametrize("scopes", [(), tuple(Token.Scope.values)], ids=["anonymous", "with a token"])
def test_a_few_examples_of_every_operation(site, bearer, scopes):
    failures = []
    know(site)
    for operation in operations():
        try:
            examine(operation, FEW, bearer(*scopes) if scopes else ANONYMOUS)
        except Exception as failure:
            failures.append(f"{label(operation)}: {failure}")
    assert failures == []


@pytest.mark.slow
@pytest.mark.parametrize("scopes", [(), tuple(Token.Scope.values)], ids=["anonymous", "with a token"])
@pytest.mark.parametrize("number", range(36))
def test_a_thousand_examples_of_every_operation(site, bearer, scopes, number):
    know(site)
    found = operations()
    assert len(found) <= 36, "more operations than this test goes through"
    if number < len(found):
        examine(found[number], MANY, bearer(*scopes) if scopes else ANONYMOUS)
