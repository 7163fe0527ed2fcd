"""Accounts with a role."""

from comparisons.people.models import User
from comparisons.people.roles import Role, give


def make_staff(role: str = "moderator", name: str = "") -> User:
    """Named as their role unless told otherwise. Without a password, which would take its time."""
    user = User.objects.create_user(name or role)
    give(user=user, role=Role[role.upper()])
    return user
