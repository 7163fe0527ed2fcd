"""A second factor: setting it up, needing it, losing it."""

import re
import time

import pytest
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from comparisons.people.second_factor import BEGUN
from tests.people.conftest import PASSWORD, code_of

pytestmark = pytest.mark.django_db
AGAIN = {"password": PASSWORD}
FACTOR = "/admin/account/second-factor/"


@pytest.fixture
def enrolled(client, ann, sign_in):
    """Signs ann in and sets her app up; gives her codes on paper."""

    def enrolled() -> list[str]:
        sign_in(ann)
        client.post(FACTOR, AGAIN)
        page = client.post(f"{FACTOR}confirm/", {"code": code_of(ann)}).text
        return re.findall(r"<code>(\w{5}-\w{5})</code>", page)

    return enrolled


def used_again(ann) -> None:
    """As if the codes used so far were of another half minute."""
    TOTPDevice.objects.filter(user=ann).update(
        last_t=-1, throttling_failure_timestamp=None, throttling_failure_count=0
    )


def in_now(client) -> bool:
    return client.get("/panel/").status_code == 200


def test_setting_it_up_shows_a_picture_and_ends_with_codes_on_paper(client, ann, sign_in):
    sign_in(ann)
    assert "Your password alone signs you in." in client.get("/admin/account/").text
    refused = client.post(FACTOR, {"password": "wrong"})
    assert refused.status_code == 422 and "That is not your password." in refused.text
    assert not TOTPDevice.objects.exists()
    assert client.post(FACTOR, AGAIN).url == "/admin/account/"
    page = client.get("/admin/account/").text
    assert "<svg" in page and "style=" not in page
    refused = client.post(f"{FACTOR}confirm/", {"code": "000000"})
    assert refused.status_code == 422 and "That code is not right" in refused.text
    used_again(ann)
    codes = client.post(f"{FACTOR}confirm/", {"code": code_of(ann)})
    found = re.findall(r"<code>(\w{5}-\w{5})</code>", codes.text)
    assert len(set(found)) == 10
    assert codes["Cache-Control"] == "private, no-store"
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 10 and not kept & {code.replace("-", "") for code in found}
    assert in_now(client)


def test_what_was_begun_and_not_finished_is_not_shown_for_ever(client, ann, sign_in):
    sign_in(ann)
    client.post(FACTOR, AGAIN)
    assert 'class="qr"' in client.get("/admin/account/").text
    code = code_of(ann)
    TOTPDevice.objects.update(created_at=timezone.now() - BEGUN)
    page = client.get("/admin/account/").text
    assert 'class="qr"' not in page and "Your password alone signs you in." in page
    late = client.post(f"{FACTOR}confirm/", {"code": code}, follow=True)
    assert "begin again" in late.text
    assert not TOTPDevice.objects.filter(confirmed=True).exists()


def test_a_password_alone_does_not_sign_in_who_has_one(client, ann, sign_in, enrolled):
    enrolled()
    client.post("/admin/logout/")
    answer = sign_in(ann, next="/panel/")
    assert answer.url == "/admin/login/code/?next=%2Fpanel%2F"
    for address in ("/panel/", "/admin/", "/admin/account/", "/articles/x/preview/"):
        assert client.get(address).url.startswith("/admin/login/?next=")
    refused = client.post("/admin/login/code/", {"code": "000000", "next": "/panel/"})
    assert refused.status_code == 422 and "That code is not right" in refused.text
    used_again(ann)
    assert client.post("/admin/login/code/", {"code": code_of(ann), "next": "/panel/"}).url == "/panel/"
    assert in_now(client)


def test_a_code_is_good_once(client, ann, sign_in, enrolled):
    enrolled()
    used_again(ann)
    code = code_of(ann)
    for status in (302, 422):
        client.post("/admin/logout/")
        sign_in(ann)
        assert client.post("/admin/login/code/", {"code": code}).status_code == status


def test_a_code_on_paper_is_good_once_however_it_is_typed(client, ann, sign_in, enrolled):
    first, second, *_ = enrolled()
    for typed, status in ((first, 302), (first, 422), (f" {second.upper().replace('-', ' ')} ", 302)):
        ann.staticdevice_set.update(throttling_failure_timestamp=None, throttling_failure_count=0)
        client.post("/admin/logout/")
        sign_in(ann)
        assert client.post("/admin/login/code/", {"code": typed}).status_code == status
    assert StaticToken.objects.count() == 8


def test_wrong_codes_make_the_next_one_wait_even_if_it_is_right(client, ann, sign_in, enrolled):
    enrolled()
    client.post("/admin/logout/")
    used_again(ann)
    sign_in(ann)
    client.post("/admin/login/code/", {"code": "000000"})
    assert client.post("/admin/login/code/", {"code": code_of(ann)}).status_code == 422


def test_codes_are_tried_a_few_times_an_hour(client, ann, sign_in, enrolled, settings):
    enrolled()
    client.post("/admin/logout/")
    sign_in(ann)
    settings.LOGINS_PER_NAME = (2, 3600)  # one was the code that set it up
    assert client.post("/admin/login/code/", {"code": "000000"}).status_code == 422
    refused = client.post("/admin/login/code/", {"code": code_of(ann)})
    assert refused.status_code == 429 and "Too many attempts." in refused.text


def test_the_second_step_is_only_for_who_has_just_taken_the_first(client, ann, sign_in, enrolled):
    assert client.get("/admin/login/code/?next=/panel/").url == "/admin/login/?next=%2Fpanel%2F"
    enrolled()
    client.post("/admin/logout/")
    sign_in(ann)
    session = client.session
    session["half_way"] = {**session["half_way"], "at": time.time() - 301}
    session.save()
    assert client.post("/admin/login/code/", {"code": code_of(ann)}).status_code == 302
    assert not in_now(client)


def test_a_browser_that_was_in_before_owes_the_code_too(client, ann, sign_in, enrolled):
    enrolled()
    client = Client()
    client.force_login(ann)  # a session without a factor
    answer = client.get("/panel/")
    assert answer.url == "/admin/login/code/?next=/panel/"
    used_again(ann)
    assert client.post("/admin/login/code/", {"code": code_of(ann), "next": "/panel/"}).url == "/panel/"
    assert in_now(client)


def test_where_it_is_required_nobody_goes_on_without(client, ann, sign_in, settings):
    settings.STAFF_MFA = "required"
    sign_in(ann)
    for address in ("/panel/", "/admin/", "/admin/password_change/"):
        assert client.get(address).url.startswith("/admin/account/?next=")
    assert "This site asks its staff for a second factor" in client.get("/admin/account/").text
    client.post(FACTOR, AGAIN)
    client.post(f"{FACTOR}confirm/", {"code": code_of(ann)})
    assert in_now(client)
    assert "Take the second factor off" not in client.get("/admin/account/").text
    assert client.post(f"{FACTOR}off/", AGAIN).status_code == 403


def test_a_new_phone_takes_the_place_of_the_old_one_once_it_has_shown_a_code(client, ann, enrolled, settings):
    enrolled()
    settings.STAFF_MFA = "required"
    old = TOTPDevice.objects.get()
    client.post(FACTOR, AGAIN)
    assert client.post(f"{FACTOR}confirm/", {"code": "000000"}).status_code == 422
    assert TOTPDevice.objects.filter(pk=old.pk, confirmed=True).exists()
    used_again(ann)
    assert client.post(f"{FACTOR}confirm/", {"code": code_of(ann)}).status_code == 200
    assert TOTPDevice.objects.get().pk != old.pk
    assert in_now(client)


def test_it_is_taken_off_by_the_password(client, ann, enrolled):
    enrolled()
    assert client.post(f"{FACTOR}off/", {"password": "wrong"}).status_code == 422
    assert TOTPDevice.objects.exists()
    answer = client.post(f"{FACTOR}off/", AGAIN)
    assert [str(each) for each in get_messages(answer.wsgi_request)][-1].startswith(
        "The second factor is off."
    )
    assert not TOTPDevice.objects.exists() and not StaticToken.objects.exists()


def test_new_codes_on_paper_replace_the_old(client, ann, enrolled):
    old = set(StaticToken.objects.values_list("token", flat=True)) if enrolled() else set()
    assert client.post(f"{FACTOR}codes/", {"password": "wrong"}).status_code == 422
    assert client.post(f"{FACTOR}codes/", AGAIN).status_code == 200
    fresh = set(StaticToken.objects.values_list("token", flat=True))
    assert len(fresh) == 10 and not fresh & old


@pytest.mark.parametrize("address", [FACTOR, f"{FACTOR}confirm/", f"{FACTOR}codes/", f"{FACTOR}off/"])
def test_changing_it_is_a_post_of_somebody_signed_in(client, ann, sign_in, address):
    assert client.post(address, {**AGAIN, "code": "1"}).url.startswith("/admin/login/")
    sign_in(ann)
    assert client.get(address).status_code == 405


def test_an_admin_takes_it_off_an_account(admin_client, ann, client, enrolled):
    enrolled()
    chosen = {"action": "forget_second_factor", "_selected_action": [ann.pk]}
    admin_client.post("/admin/comparisons/user/", chosen)
    assert not TOTPDevice.objects.exists()
    assert admin_client.get("/admin/otp_totp/totpdevice/").status_code == 404  # where secrets would be shown


def test_the_command_gives_roles_and_forgets_a_factor(ann, enrolled, capsys):
    enrolled()
    call_command("give_role", str(ann), "editor")
    call_command("give_role", str(ann), "--forget-second-factor")
    assert not TOTPDevice.objects.exists()
    assert capsys.readouterr().out == f"{ann} is editor now.\nThe second factor is gone.\n"
    for wrong in (["nobody-of-that-name", "editor"], [str(ann)]):
        with pytest.raises(CommandError) as refusal:
            call_command("give_role", *wrong)
        assert refusal.value.returncode == 2


def test_no_code_is_looked_at_where_attempts_cannot_be_counted(client, ann, sign_in, enrolled, settings):
    enrolled()
    used_again(ann)
    client.post("/admin/logout/")
    step = sign_in(ann)
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    answer = client.post(step.url, {"code": code_of(ann)})
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "Nobody can log in for the moment" in answer.text
    assert not in_now(client)
    client.force_login(ann)
    TOTPDevice.objects.all().delete()
    TOTPDevice.objects.create(user=ann, name="app", confirmed=False)
    refused = client.post(f"{FACTOR}confirm/", {"code": code_of(ann)})
    assert refused.status_code == 503 and "Nobody can log in" in refused.text
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
