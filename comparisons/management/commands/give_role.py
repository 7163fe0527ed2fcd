"""`manage.py give_role ann moderator`: what an account may do; also the way back in without a phone."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comparisons.people import second_factor
from comparisons.people.models import User
from comparisons.people.roles import Role, give


class Command(BaseCommand):
    help = "Gives an account one role; accounts are made by createsuperuser or in the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("role", nargs="?", choices=[role.group for role in Role])
        parser.add_argument(
            "--forget-second-factor", action="store_true", help="for somebody who lost phone and paper"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account named {options['username']}.", returncode=2)
        if options["role"] is None and not options["forget_second_factor"]:
            raise CommandError("Name a role, or --forget-second-factor.", returncode=2)
        if options["role"]:
            give(user=user, role=Role[options["role"].upper()])
            self.stdout.write(f"{user.username} is {options['role']} now.")
        if options["forget_second_factor"]:
            had = second_factor.forget(user=user)
            self.stdout.write("The second factor is gone." if had else "There was no second factor.")
