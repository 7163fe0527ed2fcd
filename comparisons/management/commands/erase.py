"""`manage.py erase EMAIL`: removes a person from the digest; only a keyed hash of the address stays."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from comparisons.digest import outbox
from comparisons.digest.actions import subscribing
from comparisons.digest.addresses import NoAddress, normalized

REFUSED = 2


class Command(BaseCommand):
    help = (
        "Erases an e-mail address: subscription, interests, sign-ups, server answers, files of the outbox. "
        "An HMAC stays, so that nobody can sign the address up again. Known or not, the answer is the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            address = normalized(email)
        except NoAddress as refusal:
            self.stderr.write(str(refusal))
            sys.exit(REFUSED)
        subscribing.erase(email=address)
        outbox.erase(address)
        self.stdout.write("Erased. Only a keyed hash of the address is kept.")
