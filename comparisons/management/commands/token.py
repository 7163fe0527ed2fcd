"""`manage.py token`: a token for a program of staff; the secret is printed once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comparisons.people.models import Token, User
from comparisons.people.tokens import LONGEST_DAYS, issue


class Command(BaseCommand):
    help = (
        "Makes a token for the API and prints its secret, which is kept nowhere else. Tokens are listed and "
        "revoked in the admin. They let in what their owner may do, and end with the owner's account."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what it is for, so that it can be told from others")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=Token.Scope.values,
            help="what it may do; may be repeated (default: read)",
        )
        parser.add_argument("--days", type=int, default=90, help="until it expires (default: 90)")
        parser.add_argument("--owner", help="user name of the staff it acts for (default: the only one)")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        if not 1 <= len(name) <= 80:
            raise CommandError("A name has 1 to 80 characters.", returncode=2)
        if not 1 <= options["days"] <= LONGEST_DAYS:
            raise CommandError(f"--days is a number from 1 to {LONGEST_DAYS}.", returncode=2)
        scopes = [Token.Scope(scope) for scope in options["scope"] or ["read"]]
        token, secret = issue(name=name, owner=_owner(options["owner"]), scopes=scopes, days=options["days"])
        self.stderr.write(
            f"{token.name}: {', '.join(token.scopes)}, for {token.owner}, "
            f"until {token.expires_at:%Y-%m-%d}. The secret is not shown again:"
        )
        self.stdout.write(secret)


def _owner(name: str | None) -> User:
    staff = User.objects.filter(is_staff=True, is_active=True)
    if name is not None:
        found = staff.filter(username=name).first()
        if found is None:
            raise CommandError(f"No active member of staff is called {name!r}.", returncode=2)
        return found
    only = list(staff.order_by("pk")[:2])
    if len(only) != 1:
        whom = "There is nobody on the staff yet" if not only else "Several are on the staff"
        raise CommandError(f"{whom}: say for whom it is with --owner.", returncode=2)
    return only[0]
