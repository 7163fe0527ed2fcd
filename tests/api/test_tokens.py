"""Tokens: made once, hashed, scoped, ended."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone

from comparisons.audit.models import AuditEntry
from comparisons.people.models import Token, User
from comparisons.people.roles import Role, give
from comparisons.people.tokens import issue, recognize, revoke

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/panel/runs/"


def made(staff: User, *scopes: str, days: int = 1) -> tuple[Token, str]:
    wanted = [Token.Scope(each) for each in scopes or ("read",)]
    return issue(name="robot", owner=staff, scopes=wanted, days=days)


def test_the_secret_is_told_once_and_kept_nowhere(staff, capsys):
    call_command("token", "robot", "--scope", "read", "--scope", "convene", "--days", "2")
    said = capsys.readouterr()
    secret = said.out.strip()
    token = Token.objects.get()
    assert secret.startswith("so_") and len(secret) == 46
    assert token.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(list(Token.objects.values())) and secret not in said.err
    assert (token.owner, token.scopes) == (staff, ["convene", "read"])
    assert timedelta(days=1) < token.expires_at - timezone.now() < timedelta(days=2)
    assert AuditEntry.objects.get().did == "token made"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x" * 81], "A name has 1 to 80 characters."),
        (["robot", "--days", "0"], "--days is a number from 1"),
        (["robot", "--owner", "nobody"], "No active member of staff is called 'nobody'."),
    ],
)
def test_the_command_refuses_in_one_line(staff, arguments, sentence):
    with pytest.raises(CommandError, match=sentence) as refusal:
        call_command("token", *arguments)
    assert refusal.value.returncode == 2
    assert not Token.objects.exists()


def test_whom_it_acts_for_is_asked_where_several_could_be_meant(staff):
    User.objects.create_user("bob", is_staff=True)
    with pytest.raises(CommandError, match="Several are on the staff"):
        call_command("token", "robot")
    call_command("token", "robot", "--owner", "bob")
    assert Token.objects.get().owner.username == "bob"
    Token.objects.all().delete()
    User.objects.update(is_staff=False)
    with pytest.raises(CommandError, match="nobody on the staff"):
        call_command("token", "robot")


def test_a_good_token_is_noted_as_used_today(client, staff):
    token, secret = made(staff)
    headers = {"Authorization": f"bearer {secret}"}
    assert client.get(RUNS, headers=headers).status_code == 200
    token.refresh_from_db()
    assert token.last_used_on == timezone.now().date()


@pytest.mark.parametrize("end", ["expired", "revoked", "left", "demoted", "mistyped", "basic", "accented"])
def test_a_token_that_is_not_good_any_more_lets_nobody_in(client, staff, end):
    token, secret = made(staff)
    header = f"Bearer {secret}"
    if end == "expired":
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "revoked":
        assert revoke(token=token, by=staff)
        assert not revoke(token=token, by=staff)
    elif end in ("left", "demoted"):
        User.objects.update(**{"is_active" if end == "left" else "is_staff": False})
    elif end == "accented":
        header = "Bearer so_é"
    else:
        header = f"Basic {secret}" if end == "basic" else header[:-1]
    for address in (RUNS, "/api/v1/cards/"):
        answer = client.get(address, headers={"Authorization": header})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_a_scope_lets_one_do_what_it_names_and_nothing_else(client, bearer):
    for scope, status in (("read", 200), ("convene", 200), ("moderate", 403), ("import", 403)):
        assert client.get(RUNS, headers=bearer(scope)).status_code == status
    for scope, status in (("read", 403), ("convene", 400), ("moderate", 403)):
        assert client.post(RUNS, {"x": 1}, "application/json", headers=bearer(scope)).status_code == status


def test_a_token_does_not_what_its_owner_may_not(client, site, staff, bearer):
    headers = bearer("moderate", "convene")
    User.objects.filter(pk=staff.pk).update(is_superuser=False)
    assert client.get("/api/v1/counterpoints/waiting/", headers=headers).status_code == 403
    give(user=User.objects.get(pk=staff.pk), role=Role.MODERATOR)
    assert client.get("/api/v1/counterpoints/waiting/", headers=headers).status_code == 200
    answer = client.post(RUNS, {"pairings": ["alpha-vs-beta"]}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (
        403, "The owner of this token has no editor role.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"scopes": ["root"]}, "token_scopes_are_known"),
        ({"scopes": []}, "token_scopes_are_known"),
        ({"sha256": "x" * 64}, "token_sha256_is_hex"),
        ({"name": ""}, "token_has_a_name"),
    ],
)
def test_the_database_keeps_what_a_token_is(staff, columns, name):
    token, _ = made(staff)
    with pytest.raises(IntegrityError, match=name):
        Token.objects.filter(pk=token.pk).update(**columns)


def test_two_tokens_never_share_a_secret(staff):
    token, _ = made(staff)
    with pytest.raises(IntegrityError, match="sha256"):
        Token.objects.create(
            name="twin", owner=staff, scopes=["read"], sha256=token.sha256, expires_at=timezone.now()
        )


def test_staff_revoke_in_the_admin_and_make_none_there(admin_client, staff):
    token, secret = made(staff)
    shown = admin_client.get("/admin/comparisons/token/").content.decode()
    assert "robot" in shown and token.sha256 not in shown
    assert admin_client.get("/admin/comparisons/token/add/").status_code == 403
    admin_client.post("/admin/comparisons/token/", {"action": "revoke", "_selected_action": [token.pk]})
    assert recognize(secret) is None
    assert AuditEntry.objects.filter(did="token revoked").count() == 1
