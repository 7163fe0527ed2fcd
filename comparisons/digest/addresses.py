"""E-mail addresses: one spelling of each, and the keyed hash that is left of one that was erased."""

from __future__ import annotations

import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.crypto import salted_hmac

LONGEST = 254  # RFC 5321, 4.5.3.1.3: what fits into a path
REFUSAL = "That is not an e-mail address we can send to. Write it like name@example.org."
_valid = EmailValidator(REFUSAL)


class NoAddress(ValueError):
    """Not an address; the message is a sentence for whoever typed it."""


def normalized(typed: str) -> str:
    """The one spelling that is kept. Raises NoAddress.

    The local part stays as typed, because it is its server's business; who is who is compared without case,
    because no server in use tells A from a.
    """
    address = unicodedata.normalize("NFKC", typed.strip())
    local, _, domain = address.rpartition("@")
    try:
        address = f"{local}@{domain.lower().encode('idna').decode('ascii')}"
        _valid(address)
    except (UnicodeError, ValidationError):
        raise NoAddress(REFUSAL) from None
    # A name that is not ASCII would need SMTPUTF8 from every server on the way.
    if len(address) > LONGEST or not address.isascii():
        raise NoAddress(REFUSAL)
    return address


def keyed_hashes(address: str) -> list[str]:
    """What an erased address may be kept as: an HMAC under each key, today's first; 64 hex digits.

    The key comes from SECRET_KEY, never from the database, or whoever holds a dump could try addresses. So a
    new SECRET_KEY would forget whom not to write to: the old one belongs into SECRET_KEY_FALLBACKS for as
    long as suppressions are to hold.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        salted_hmac(
            "comparisons.digest.suppression", address.lower(), secret=key, algorithm="sha256"
        ).hexdigest()
        for key in keys
    ]
