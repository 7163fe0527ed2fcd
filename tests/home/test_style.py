"""The style page: who sees it, and that it holds every state."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_stranger_is_sent_to_sign_in(client):
    answer = client.get("/style/")
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")


def test_a_plain_account_sees_nothing(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("reader", password="x"))
    assert client.get("/style/").status_code == 403


def test_it_takes_no_writes(admin_client):
    assert admin_client.post("/style/").status_code == 405


def test_everybody_sees_it_while_debugging(client, settings):
    settings.DEBUG = True
    assert client.get("/style/").status_code == 200


def test_staff_see_every_state_and_nobody_keeps_the_page(admin_client):
    answer = admin_client.get("/style/")
    page = " ".join(answer.content.decode().split())
    assert "no-store" in answer["Cache-Control"]
    for state in (
        "Clearly", "Lean", "Toss-up", "Split decision", "No verdict", "mixed judges, provisional",
        "Abstained", "not heard", "Dissents", "Read with care", "also reported", "3 more",
        "No community votes yet", "set aside", "Take back my vote", "No model has this name",
        "Write a number of tokens", "Loading", 'class="scale"', "verdict-rows-lead", "first party",
        "score-history", "glance-facts", "seated-large",
    ):  # fmt: skip
        assert state in page, state


def test_browsers_that_ask_for_the_icon_are_led_to_it(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer.url == "/static/favicon.svg"
