"""Who asks: a token in the Authorization header, or nobody. Session cookies let nobody in here, so no other
site can make a browser write in a reader's or moderator's name."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from comparisons.people.models import Token, User
from comparisons.people.roles import role_of
from comparisons.people.tokens import recognize

REALM = 'Bearer realm="api"'
UNKNOWN = "This token is unknown, expired or revoked."


class BearerToken(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """None without the header. Raises AuthenticationFailed."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, secret = header.partition(" ")
        token = recognize(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed(UNKNOWN)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return REALM


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "comparisons.api.tokens.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Made by staff with `manage.py token NAME --scope …`; begins with `so_`.",
        }


class Scoped(BasePermission):
    """A view's `scopes` says which token an action needs; an action it does not name is for everybody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises NotAuthenticated, PermissionDenied."""
        wanted: tuple[str, ...] = view.scopes.get(view.action, ())
        if not wanted:
            return True
        if not isinstance(request.auth, Token):
            raise NotAuthenticated(f"This needs a token with the scope {' or '.join(wanted)}.")
        if not set(wanted) & set(request.auth.scopes):
            raise PermissionDenied(f"This token lacks the scope {' or '.join(wanted)}.")
        if role_of(request.user) < (least := view.roles[view.action]):
            raise PermissionDenied(f"The owner of this token has no {least.group} role.")
        return True
