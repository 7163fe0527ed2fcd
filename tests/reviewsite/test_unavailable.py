"""While the database is gone."""

import pytest
from django.db import OperationalError, connection


def gone(execute, sql, params, many, context):
    raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/models/", "/compare/alpha-vs-beta/", "/reviewers/"])
def test_a_page_says_when_to_come_back(client, address):
    with connection.execute_wrapper(gone):
        answer = client.get(address)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer["Cache-Control"] == "no-store"
    assert "The database does not answer right now." in answer.content.decode()


@pytest.mark.django_db
def test_a_script_gets_the_sentence_alone(client):
    with connection.execute_wrapper(gone):
        answer = client.get("/models/", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer.content.decode().startswith("The database does not answer right now.")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
def test_our_own_mistakes_stay_ours(client, monkeypatch):
    monkeypatch.setattr("comparisons.switches.middleware.SAFE_METHODS", None)
    client.raise_request_exception = False
    assert client.get("/models/").status_code == 500
