"""Accounts and tokens in Django's admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from comparisons.people.models import Token, User
from comparisons.people.tokens import revoke

admin.site.register(User, UserAdmin)


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """To look at and to revoke; made by `manage.py token`, which can show the secret where nobody logs it."""

    list_display = ["name", "owner", "scopes", "created_at", "expires_at", "last_used_on", "revoked_at"]
    list_select_related = ["owner"]
    fields = ["name", "owner", "scopes", "created_at", "expires_at", "last_used_on", "revoked_at"]
    readonly_fields = ["name", "owner", "scopes", "created_at", "expires_at", "last_used_on", "revoked_at"]
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Revoke: nobody is let in by it any more", permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        assert isinstance(request.user, User)
        done = sum(revoke(token=token, by=request.user) for token in chosen)
        self.message_user(request, f"{done} revoked.", messages.SUCCESS if done else messages.INFO)
