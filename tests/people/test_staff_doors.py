"""Every door of staff, tried from outside: by nobody, by an account without a role, by each role.

The doors are what the resolver knows, so one that is added without a line here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from comparisons.people.models import User
from comparisons.people.roles import Role, give, permissions_of, role_of
from tests.factories.staff import make_staff

pytestmark = pytest.mark.django_db

READER, MODERATOR, EDITOR, ADMIN = Role
# And whatever is called a preview.
STAFF = ("admin/", "moderation/", "panel/", "digest/desk/", "digest/outbox/", "style/")
SAMPLES = {
    "uuid": "00000000-0000-0000-0000-000000000007",
    "int": "1",
    "slug": "nothing",
    "str": "1",
    "path": "1",
}

OPEN = {"admin/login/", "admin/login/code/", "admin/logout/"}  # how one comes in, and out
# The least role that gets further than the door; to GET and to POST alike.
DOORS = {
    "articles/<slug:slug>/preview/": EDITOR,
    "digest/desk/": EDITOR,
    "digest/desk/preview/": EDITOR,
    "digest/desk/preview.txt": EDITOR,
    "digest/desk/test/": EDITOR,
    "digest/desk/turn/": EDITOR,
    "digest/outbox/": EDITOR,
    "moderation/": MODERATOR,
    "moderation/decide/": MODERATOR,
    "moderation/history/": MODERATOR,
    "moderation/find/": MODERATOR,
    "moderation/<int:pk>/": MODERATOR,
    "moderation/<int:pk>/decide/": MODERATOR,
    "moderation/<int:pk>/undo/": MODERATOR,
    "moderation/<int:pk>/redact/": MODERATOR,
    "moderation/<int:pk>/erase/": MODERATOR,
    "panel/": MODERATOR,
    "panel/convene/": EDITOR,
    "panel/desk/": MODERATOR,
    "panel/switches/": ADMIN,
    "panel/audit/": EDITOR,
    "panel/cards/": MODERATOR,
    "panel/cards/import/": EDITOR,
    "panel/cards/<slug:slug>/": MODERATOR,
    "panel/runs/<uuid:run_id>/": MODERATOR,
    "panel/runs/<uuid:run_id>/stop/": EDITOR,
    "panel/runs/<uuid:run_id>/resume/": EDITOR,
    "style/": MODERATOR,
    "admin/account/": MODERATOR,
    "admin/account/sessions/": MODERATOR,
    "admin/account/second-factor/": MODERATOR,
    "admin/account/second-factor/confirm/": MODERATOR,
    "admin/account/second-factor/codes/": MODERATOR,
    "admin/account/second-factor/off/": MODERATOR,
    "admin/password_change/": MODERATOR,
    "admin/password_change/done/": MODERATOR,
    "admin/": MODERATOR,
    "admin/autocomplete/": MODERATOR,
    "admin/jsi18n/": MODERATOR,
    "admin/r/<path:content_type_id>/<path:object_id>/": MODERATOR,
    "admin/<app_label>/": MODERATOR,
    "admin/<url>": MODERATOR,
}
# Lists in Django's admin: the least role that reads them.
TABLES = {
    "auth/group": ADMIN, "comparisons/user": ADMIN, "comparisons/token": ADMIN,
    "comparisons/counterpoint": MODERATOR, "comparisons/decision": MODERATOR,
    "comparisons/article": MODERATOR, "comparisons/card": MODERATOR,
    "comparisons/lab": EDITOR, "comparisons/offer": EDITOR, "comparisons/cardsnapshot": EDITOR,
    "comparisons/bookmark": EDITOR, "comparisons/vote": EDITOR, "comparisons/votecount": EDITOR,
    "comparisons/shipcount": EDITOR,
    "panel/run": EDITOR, "panel/hearing": EDITOR, "panel/attempt": EDITOR, "panel/personaversion": EDITOR,
    "panel/judge": EDITOR, "panel/spend": EDITOR, "panel/batch": EDITOR,
    "comparisons/issue": EDITOR, "comparisons/delivery": EDITOR, "comparisons/subscriber": ADMIN,
}  # fmt: skip
TABLE = re.compile(r"admin/(?P<table>\w+/\w+)/(?P<rest>.*)")


def routes(patterns=None, before: str = "") -> Iterator[str]:
    for each in get_resolver().url_patterns if patterns is None else patterns:
        # The admin has two regular expressions; the rest are paths.
        route = before + re.sub(r"^\^?\(\?P<(\w+)>.*?\)(/?)\$$", r"<\1>\2", str(each.pattern))
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from routes(each.url_patterns, route)


def doors() -> list[str]:
    found = {route for route in routes() if route.startswith(STAFF) or "preview" in route}
    return sorted(found - OPEN)


def address(route: str) -> str:
    route = route.replace("<app_label>", "comparisons").replace("<url>", "nowhere/")
    return "/" + re.sub(r"<(\w+):\w+>", lambda part: SAMPLES[part[1]], route)


def least(route: str) -> Role | None:
    if route in DOORS:
        return DOORS[route]
    table = TABLE.match(route)
    return TABLES.get(table["table"]) if table else None


def browser(role: Role | None) -> Client:
    client = Client()
    if role is not None:
        user = User.objects.create_user(f"the-{role.group}")
        give(user=user, role=role)
        client.force_login(user)
    return client


def test_every_door_has_a_line_here():
    missing = [route for route in doors() if least(route) is None]
    assert missing == []
    assert len(doors()) > 100


def test_no_line_is_left_of_a_door_that_is_gone():
    known = set(doors())
    assert set(DOORS) <= known
    tables = {TABLE.match(route)["table"] for route in known - set(DOORS)}
    assert set(TABLES) == tables


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(method):
    stranger = browser(None)
    for route in doors():
        answer = getattr(stranger, method)(address(route))
        if answer.status_code == 405:  # asked before who is there: nothing is done and nothing told
            continue
        assert answer.status_code == 302, route
        assert answer.url.startswith("/admin/login/?next="), route
        assert not answer.content, route


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", [READER, MODERATOR, EDITOR])
def test_a_role_that_is_too_low_gets_a_sentence_and_no_further(role, method):
    client = browser(role)
    refused = 0
    for route in doors():
        if least(route) > role:
            answer = getattr(client, method)(address(route))
            if answer.get("Location") == f"{address(route)}change/" and role is not READER:
                continue  # an old address of the admin, which leads to another door
            if route.endswith("/history/") and answer.get("Location") == "/admin/":
                continue  # there is no such row: see below for one that is there
            assert answer.status_code in (403, 405), route
            refused += answer.status_code == 403
            if role is READER and answer.status_code == 403:
                assert "You are signed in as the-reader, who has no" in answer.text, route
    assert refused >= 10


@pytest.mark.parametrize("role", [MODERATOR, EDITOR, ADMIN])
def test_a_role_that_is_high_enough_gets_in(role):
    client = browser(role)
    for route in doors():
        table = TABLE.match(route) if route not in DOORS else None
        if role < least(route) or (table and table["rest"]):  # adding and changing: the next test
            continue
        answer = client.get(address(route))
        if table:
            assert answer.status_code == 200, route
        assert not answer.get("Location", "").startswith("/admin/login/"), route
        assert answer.status_code != 403 or route == "admin/autocomplete/", route  # which wants a field


@pytest.mark.parametrize(
    ("table", "adds"),
    [("article", EDITOR), ("user", ADMIN), ("card", None), ("counterpoint", None), ("vote", None)],
)
def test_who_adds_rows_in_the_admin(table, adds):
    for role in (MODERATOR, EDITOR, ADMIN):
        answer = browser(role).get(f"/admin/comparisons/{table}/add/")
        may = adds is not None and role >= adds
        assert (answer.status_code == 200) is may, role
        User.objects.filter(username=f"the-{role.group}").delete()


def test_a_row_that_is_there_is_refused_as_well(admin_user):
    client = browser(EDITOR)
    for part in ("history", "change", "delete", "password"):
        assert client.get(f"/admin/comparisons/user/{admin_user.pk}/{part}/").status_code == 403, part


def test_roles_are_a_ladder():
    assert permissions_of(READER) == frozenset()
    assert permissions_of(MODERATOR) < permissions_of(EDITOR)
    assert "comparisons.change_counterpoint" in permissions_of(MODERATOR)
    assert "comparisons.change_card" not in permissions_of(MODERATOR)
    assert not any(name.endswith("_user") for name in permissions_of(EDITOR))


def test_a_role_is_one_of_the_groups_and_superusers_are_admins(admin_user, django_user_model):
    user = make_staff("moderator")
    assert (role_of(user), user.is_staff) == (MODERATOR, True)
    give(user=user, role=EDITOR)
    assert role_of(user) is EDITOR
    assert list(user.groups.values_list("name", flat=True)) == ["editor"]
    give(user=user, role=READER)
    assert (role_of(user), user.is_staff, user.groups.count()) == (READER, False, 0)
    assert role_of(admin_user) is ADMIN
    admin_user.is_active = False
    assert role_of(admin_user) is READER


def test_an_account_that_is_switched_off_is_out_at_once():
    client = browser(MODERATOR)
    assert client.get("/moderation/").status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/moderation/").status_code == 302
