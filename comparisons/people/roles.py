"""Who may do what: four roles, each of which may all that the ones before it may.

A role is a group of that name, or none. What it may do stands here and not in the database, where it would
drift from the code. Superusers are admins.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from comparisons.audit.actions import note
from comparisons.people import second_factor, staying
from comparisons.people.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Role(IntEnum):
    READER = 0
    MODERATOR = 1
    EDITOR = 2
    ADMIN = 3

    @property
    def group(self) -> str:
        return self.name.lower()

    @property
    def moderates(self) -> bool:
        return self >= Role.MODERATOR

    @property
    def edits(self) -> bool:
        """Cards, articles, the digest, and what the panel hears."""
        return self >= Role.EDITOR


GROUPS = {role.group: role for role in Role if role is not Role.READER}
READS = {
    Role.MODERATOR: {"counterpoint", "decision", "pairing", "article", "card"},
    Role.EDITOR: {
        "agednote", "relatedcard", "cardsnapshot", "lab", "offer", "bookmark", "vote", "votecount",
        "shipcount", "reviewer", "review", "pick", "verdict", "run", "hearing", "attempt", "personaversion",
        "judge", "spend", "batch", "issue", "delivery",
    },
}  # fmt: skip
CHANGES = {
    Role.MODERATOR: {"counterpoint"},
    Role.EDITOR: {"article", "agednote", "relatedcard", "card", "lab", "offer"},
}


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """Reader for everybody without an account, and for accounts that are switched off."""
    if not isinstance(user, User) or not user.is_active:
        return Role.READER
    if user.is_superuser:
        return Role.ADMIN
    known = vars(user)  # of one request: its user is read once
    if "_role" not in known:
        names = user.groups.filter(name__in=GROUPS).values_list("name", flat=True)
        known["_role"] = max((GROUPS[name] for name in names), default=Role.READER)
    return cast(Role, known["_role"])


@transaction.atomic
def give(*, user: User, role: Role, by: User | None = None) -> None:
    """Makes this the only role of an account; Django's own mark of staff goes along."""
    user.groups.remove(*Group.objects.filter(name__in=GROUPS))
    if role is not Role.READER:
        # Made when it is missing: tests and restores empty the table.
        user.groups.add(Group.objects.get_or_create(name=role.group)[0])
    User.objects.filter(pk=user.pk).update(is_staff=role is not Role.READER)
    user.is_staff = role is not Role.READER
    vars(user).pop("_role", None)
    note(by=by, did=f"gave the role {role.group}", about=user.get_username())


def permissions_of(role: Role) -> frozenset[str]:
    """What Django's admin asks for, as "comparisons.change_card". Admins may anything without being asked."""
    names = set()
    for least, tables in READS.items():
        names |= {f"view_{table}" for table in tables if role >= least}
    for least, tables in CHANGES.items():
        verbs = ("view", "change") if least is Role.MODERATOR else ("view", "add", "change", "delete")
        names |= {f"{verb}_{table}" for verb in verbs for table in tables if role >= least}
    return frozenset(f"{app}.{name}" for app in ("comparisons", "panel") for name in names)


class RoleBackend(ModelBackend):
    """Accounts with a password, whose permissions are those of their role."""

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        given = set(super().get_group_permissions(user_obj, obj))
        return given if obj is not None else given | permissions_of(role_of(user_obj))

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if role_of(user_obj) is Role.ADMIN:
            return True
        return bool(super().has_perm(user_obj, perm, obj))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return role_of(user_obj) is Role.ADMIN or bool(super().has_module_perms(user_obj, app_label))


def role_required(least: Role, *, enrolling: bool = False) -> Callable[[View[P]], View[P]]:
    """The guard of every staff page.

    Strangers are sent to sign in; accounts without the role get a 403 with a sentence; accounts with a second
    factor must have given it. `enrolling`: the page where a factor is set up, open to those who have none.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            answer = _turned_away(request, least, enrolling) or view(request, *args, **kwargs)
            patch_cache_control(answer, private=True, no_store=True)
            return answer

        return cast("View[P]", guarded)

    return guard


def _turned_away(request: HttpRequest, least: Role, enrolling: bool) -> HttpResponse | None:
    user = request.user
    if not user.is_authenticated or not staying.still_here(request):
        return _to(request, "")
    role = role_of(user)
    if role < least:
        raise PermissionDenied(
            f"You are signed in as {user.get_username()}, who has no {least.group} role here. "
            "Ask an admin for it, or sign in with another account."
        )
    step = second_factor.missing_step(user)
    if step and not (enrolling and step == second_factor.ENROLL):
        return _to(request, step)
    request.role = role  # type: ignore[attr-defined]  # for the head of staff pages
    return None


def _to(request: HttpRequest, step: str) -> HttpResponse:
    """To a page that comes first, and back from there: for a write, to the page it was made on."""
    back = request.get_full_path()
    if request.method != "GET" or "HX-Request" in request.headers:
        here = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
        back = here.path if here.netloc == request.get_host() else "/"
    answer = redirect_to_login(back, *([step] if step else []))
    if "HX-Request" in request.headers:
        # A redirect would be followed by htmx and put a whole page where a fragment belongs.
        return HttpResponse(headers={"HX-Redirect": answer.url})
    return answer
