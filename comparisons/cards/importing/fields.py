"""Types of the fields that text from outside may fill: what they accept, and how it is cleaned.

Text is plain: control, bidirectional and invisible characters go, white space collapses, HTML is refused.
Refused rather than stripped, because what is left of a stripped sentence was said by nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError, core_schema

from comparisons.cards.models import SLUG

_TAG = re.compile(r"<[a-zA-Z/!?]")
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")
# Cc control, Cf format (bidi, zero width, soft hyphen, tags), Cs lone surrogates, Co private, Cn unassigned.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def refused(sentence: str) -> PydanticCustomError:
    """`sentence` says what the value is not: "is not …"."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence})


def shown(value: object) -> str:
    """The value as a sentence quotes it: short, on one line, nothing invisible in it."""
    text = _SPACES.sub(" ", visible(str(value)))
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


def visible(text: str, keep: str = "") -> str:
    if text.isascii() and text.isprintable():
        return text
    spaced = (" " if char in "\t\n\r\v\f\x85\u2028\u2029" and char not in keep else char for char in text)
    plain = "".join(char for char in spaced if char in keep or unicodedata.category(char) not in _UNSEEN)
    return unicodedata.normalize("NFC", plain)


def _text(value: Any) -> str:
    # An unquoted 4.10 in YAML is a decimal that kept its digits, so it can be a version after all.
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise refused("is not text." if isinstance(value, dict | list) else f"{shown(value)} is not text.")
    return str(value)


def _no_html(text: str) -> str:
    if found := _TAG.search(text):
        tag = shown(text[found.start() : found.start() + 20])
        raise refused(f"{tag} looks like HTML; plain text is wanted.")
    return text


def _line(value: Any) -> str:
    return _no_html(_SPACES.sub(" ", visible(_text(value))).strip())


def _prose(value: Any) -> str:
    text = visible(_text(value).replace("\r\n", "\n").replace("\r", "\n"), keep="\n")
    lines = (re.sub(r"[ \t]+", " ", line).rstrip() for line in text.split("\n"))
    return _no_html(_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip())


def _word(text: str) -> str:
    if text and not any(char.isalnum() for char in text):
        raise refused(f"{shown(text)} holds no letter or digit.")
    return text


def _whole(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise refused(f"{shown(value)} is not a whole number.")


def _decimal(places: int, below: int) -> Callable[[Any], Decimal]:
    def check(value: Any) -> Decimal:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise refused(f"{shown(value)} is not a number.")
        number = Decimal(value)
        if number < 0:
            raise refused(f"{shown(value)} is less than 0.")
        if number >= below:
            raise refused(f"{shown(value)} is not less than {below:,}.")
        # normalize() so that 0.30 and 0.3 are one value, quantize-free so that nothing is rounded.
        number = number.normalize()
        if int(number.as_tuple().exponent) < -places:
            raise refused(f"{shown(value)} has more than {places} decimal places.")
        return number

    return check


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"yes", "true", "no", "false"}:
        return value.lower() in {"yes", "true"}
    raise refused(f"{shown(value)} is not true or false.")


def _address(text: str) -> str:
    if not text:
        return text
    try:
        parts = urlsplit(text)
        complete = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    except ValueError:
        complete = False
    if not complete or " " in text or "\\" in text:
        raise refused(f"{shown(text)} is not an address that starts with https:// or http://.")
    return text


def _slug(text: str) -> str:
    if not re.fullmatch(SLUG, text):
        raise refused(
            f"{shown(text)} is not a slug: small letters and digits with single hyphens, without '-vs-'."
        )
    return text


def _some_date(value: Any) -> str:
    """YYYY, YYYY-MM or YYYY-MM-DD, a day that exists."""
    text = str(value)
    if text == "":
        return text
    try:
        if not re.fullmatch(r"[12][0-9]{3}(-[0-9]{2}){0,2}", text):
            raise ValueError
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        raise refused(f"{shown(value)} is not a date like 2026, 2026-07 or 2026-07-02.") from None
    return text


def _day(value: Any) -> date:
    # The pattern comes first: date.fromisoformat() also takes 20260702 and 2026-W27-4.
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise refused(f"{shown(value)} is not a date like 2026-07-02.") from None


@dataclass(frozen=True, slots=True)
class Line:
    """Annotation of a text field of one line, `least` to `most` characters after cleaning."""

    most: int
    least: int = 0

    def read(self, value: Any) -> str:
        return self.measured(_word(_line(value)))

    def measured(self, text: str) -> str:
        if len(text) > self.most:
            raise refused(f"is longer than {self.most:,} characters.")
        if len(text) < self.least:
            raise refused("is empty.")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)


class Prose(Line):
    """Text of many lines; Markdown is meant, HTML is not."""

    def read(self, value: Any) -> str:
        return self.measured(_prose(value))


class Address(Line):
    def read(self, value: Any) -> str:
        return self.measured(_address(_line(value)))


class Slug(Line):
    def read(self, value: Any) -> str:
        return _slug(self.measured(_line(value)))


# No window or count of ours comes near; what is above is a slip of the keyboard.
Count = Annotated[int, Field(ge=1, le=1_000_000_000), BeforeValidator(_whole)]
Price = Annotated[Decimal, BeforeValidator(_decimal(places=6, below=10**6))]
Billions = Annotated[Decimal, BeforeValidator(_decimal(places=3, below=10**6))]
Truth = Annotated[bool, BeforeValidator(_truth)]
SomeDate = Annotated[str, BeforeValidator(_some_date)]
Day = Annotated[date, BeforeValidator(_day)]


def _stated(value: Any) -> Any:
    """What another source says, as JSON keeps it: text, a number, a truth or a list of lines."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        # Bounded before it is written out: 1e999999999 is short only as it stands.
        if abs(Decimal(value)) >= 10**15:
            raise refused(f"{shown(value)} is not a number that a card could hold.")
        if isinstance(value, int):
            return value
        # Text, as in the record of a snapshot: JSON's numbers are binary wherever they are read.
        return format(round(value, 9).normalize(), "f")
    if isinstance(value, list):
        return [Line(200).read(inner) for inner in value]
    return Line(500).read(value)


Stated = Annotated[Any, BeforeValidator(_stated)]
