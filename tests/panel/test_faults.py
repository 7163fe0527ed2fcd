"""How long a server wants to be left alone, and what it says of itself."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from panel.providers.faults import one_line, retry_after, said_of, usage_of


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("7", 7), ("1.5", 1.5), ("3600", 3600), ("99999999", 99_999_999), ("-3", 0)],
)
def test_seconds_are_taken_as_they_are_however_many(header, seconds):
    assert retry_after(header) == seconds


@pytest.mark.parametrize("header", [None, "", "soon", "nan", "inf", "1e999", "Wed, 99 Foo 2026 00:00:00 GMT"])
def test_what_is_neither_number_nor_date_says_nothing(header):
    assert retry_after(header) is None


def test_a_date_is_so_many_seconds_from_now():
    later = datetime.now(UTC) + timedelta(hours=1)
    assert retry_after(format_datetime(later, usegmt=True)) == pytest.approx(3600, abs=3)
    assert retry_after(format_datetime(later.replace(tzinfo=None))) == pytest.approx(3600, abs=3)
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"message": "No such model"}', "No such model"),
        (b'{"detail": "Unauthorized"}', "Unauthorized"),
        (b'{"detail": [{"msg": "Field required"}]}', '[{"msg": "Field required"}]'),
        (b'{"message": "two\\nlines\\u0000"}', "two lines "),
        (b'{"object": "error"}', ""),
        (b"[1]", ""),
        (b"<html>", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_a_refusal_is_one_line_or_nothing(body, says):
    assert said_of(body) == says


def test_a_long_line_is_cut():
    assert one_line("é" * 300, 200) == "é" * 200


@pytest.mark.parametrize(
    "usage", [b"null", b"[]", b'"many"', b'{"prompt_tokens": "1"}', b'{"prompt_tokens": -1}']
)
def test_usage_of_another_shape_is_none(usage):
    assert usage_of(b'{"usage": %s}' % usage) == (0, 0, 0)
