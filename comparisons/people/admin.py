"""Accounts and tokens in Django's admin. A role is given by its group."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from comparisons.people import second_factor
from comparisons.people.models import Token, User
from comparisons.people.roles import GROUPS
from comparisons.people.tokens import revoke

# Their pages show secrets to whoever may see them; here a factor can only be taken away.
for _model in (TOTPDevice, StaticDevice):
    admin.site.unregister(_model)


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["username", "email", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "is_superuser", "groups"]
    actions = ["forget_second_factor"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="role")
    def roles(self, user: User) -> str:
        named = [group.name for group in user.groups.all() if group.name in GROUPS]
        return "admin (superuser)" if user.is_superuser else ", ".join(named) or "–"

    def save_related(self, request: HttpRequest, form: ModelForm[Model], formsets: Any, change: bool) -> None:
        """Django's own mark of staff follows the groups."""
        super().save_related(request, form, formsets, change)
        User.objects.filter(pk=form.instance.pk, groups__name__in=GROUPS).update(is_staff=True)

    @admin.action(description="Take away the second factor", permissions=["change"])
    def forget_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        by = request.user if isinstance(request.user, User) else None
        gone = sum(second_factor.forget(user=user, by=by) for user in chosen)
        self.message_user(request, f"{gone} taken away.", messages.SUCCESS if gone else messages.INFO)


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
