"""Django's admin behind the guard that all staff pages have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from comparisons.people import second_factor
from comparisons.people.roles import Role, role_of, role_required


class StaffSite(AdminSite):
    """What each role sees in it is told by the permissions of `comparisons.people.roles`."""

    def has_permission(self, request: HttpRequest) -> bool:
        return role_of(request.user) >= Role.MODERATOR and not second_factor.missing_step(request.user)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return role_required(Role.MODERATOR)(super().admin_view(view, cacheable))
