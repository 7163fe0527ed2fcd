"""What a new password of staff may not be."""

from __future__ import annotations

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from comparisons.people.models import User
from comparisons.people.passwords import _holds

ANN = User(username="ann.lindqvist")


def refused(password: str) -> list[str]:
    try:
        validate_password(password, ANN)
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    "password",
    ["Second-Opinion-2026", "secondopinionadmin", "Lindqvist Lindqvist!", "reviews.example 42",
     "Small_Models_Weekly_1", "ＳＭＡＬＬ models ann.lindqvist"],
)  # fmt: skip
def test_names_that_stand_on_the_site_are_no_password(settings, password):
    settings.SITE_NAME, settings.SITE_URL = "Small Models Weekly", "https://reviews.example"
    assert refused(password) == ["This password is little more than names that stand on this site."]


@pytest.mark.parametrize(
    "password", ["a better horse battery", "Second Opinion of a heron", "0123-4567-89ab-x"]
)
def test_others_are(password):
    assert refused(password) == []


def line(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper() + ":7"


def test_a_password_on_the_operators_list_is_refused(settings, tmp_path):
    stolen = "a better horse battery"
    assert refused(stolen) == []
    file = tmp_path / "pwned.txt"
    known = sorted([line(stolen), *(line(f"noise {number}") for number in range(500))])
    file.write_text("\r\n".join(known), encoding="ascii")
    settings.BREACHED_PASSWORDS = file
    assert refused(stolen) == ["This password is on a list of stolen ones. Choose another."]
    assert refused("a better horse batterz") == []


@given(st.sets(st.text("01", min_size=3, max_size=3)), st.booleans())
def test_every_line_of_a_sorted_file_is_found_and_no_other(tmp_path_factory, known, ends):
    file = tmp_path_factory.mktemp("lists") / "list"
    text = "\n".join(f"{each}:{int(each, 2) * 'x'}" for each in sorted(known))
    file.write_text(text + "\n" * (ends and bool(known)), encoding="ascii")
    for number in range(8):
        assert _holds(file, f"{number:03b}".encode()) == (f"{number:03b}" in known)
