"""Accounts with a role."""

from django.contrib.auth.models import Group

from comparisons.people.models import User


def make_staff(role: str = "moderator", name: str = "") -> User:
    """Named as their role unless told otherwise. Without a password, which would take its time, and without a
    line in the audit log, which the tests of that log would have to overlook."""
    user = User.objects.create_user(name or role, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user
