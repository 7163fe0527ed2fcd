"""What a password of staff may not be, besides too short and too common."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

SHORTEST_WORD = 4
LEFT_AT_LEAST = 8  # letters that nobody can read off this site
EVERYWHERE = ("admin", "password", "second", "opinion")


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())


class NotOfThisSite:
    """Refuses what is little more than the names of site, host and account."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        left = _plain(password)
        for word in sorted(self._words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < min(LEFT_AT_LEAST, len(_plain(password))):
            raise ValidationError(
                "This password is little more than names that stand on this site.",
                code="password_of_this_site",
            )

    def get_help_text(self) -> str:
        return "Your password is not made of the names of this site and your account."

    def _words(self, user: AbstractBaseUser | None) -> set[str]:
        host = urlsplit(settings.SITE_URL).hostname or ""
        names = [settings.SITE_NAME, host, user.get_username() if user else ""]
        words = {_plain(word) for name in names for word in [name, *re.split(r"[\W_]+", name)]}
        return {word for word in words | {*EVERYWHERE} if len(word) >= SHORTEST_WORD}


class NotBreached:
    """Refuses what a list of breached passwords has, where the operator has put one (BREACHED_PASSWORDS).

    The list is that of https://haveibeenpwned.com/Passwords as one file: lines `SHA1:times`, sorted. It is
    looked up by halves, so 40 GB take no memory, and no password leaves this machine.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        file: Path | None = settings.BREACHED_PASSWORDS
        # The list's own hash; it protects nothing here.
        digest = hashlib.sha1(password.encode("utf-8"), usedforsecurity=False).hexdigest().upper()
        if file is not None and _holds(file, digest.encode("ascii")):
            raise ValidationError(
                "This password is on a list of stolen ones. Choose another.", code="password_breached"
            )

    def get_help_text(self) -> str:
        return "Your password is not on a list of stolen ones."


def _holds(file: Path, digest: bytes) -> bool:
    """Whether a line of the sorted file begins with `digest`."""
    with file.open("rb") as lines:
        low, high = 0, lines.seek(0, 2)
        while low < high:  # the line sought begins somewhere in low..high
            middle = (low + high) // 2
            lines.seek(max(middle - 1, 0))
            if middle:
                lines.readline()  # to the first line that begins at or after the middle
            at, line = lines.tell(), lines.readline()
            if line.startswith(digest):
                return True
            if line and line < digest:
                low = at + len(line)
            else:
                high = middle
    return False
