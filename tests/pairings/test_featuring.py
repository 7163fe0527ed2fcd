"""`manage.py feature_pairings`: which pairings stand in front."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from comparisons.pairings.models import Pairing
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cards() -> None:
    for slug in ("alpha", "beta", "gamma"):
        make_card(slug)


def feature(tmp_path: Path, text: str | bytes) -> tuple[str, str]:
    file, out, err = tmp_path / "featured.yaml", StringIO(), StringIO()
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    call_command("feature_pairings", str(file), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def featured() -> set[str]:
    return set(Pairing.objects.filter(featured=True).values_list("slug", flat=True))


def test_pairings_are_made_and_marked_and_what_is_not_named_loses_the_mark(tmp_path):
    said, complaints = feature(tmp_path, "pairings:\n  - [beta, alpha]\n  - [gamma, alpha]\n")
    assert (said, complaints) == ("2 pairings are featured.\n", "")
    assert featured() == {"alpha-vs-beta", "alpha-vs-gamma"}
    feature(tmp_path, "pairings:\n  - [beta, gamma]\n")
    assert featured() == {"beta-vs-gamma"}
    assert Pairing.objects.filter(slug="alpha-vs-beta").exists()


def test_a_card_that_nobody_knows_is_named_and_the_rest_goes_on(tmp_path):
    said, complaints = feature(
        tmp_path, "pairings:\n  - [beta, delta]\n  - [alpha, beta]\n  - [alpha, alpha]\n"
    )
    assert complaints == "featured.yaml: no card has the slug 'delta'; its pairings were left out.\n"
    assert said == "1 pairing is featured.\n"
    assert featured() == {"alpha-vs-beta"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"\xff\xfe\x00", "cannot be read."),
        ("pairings: [", "is not YAML."),
        ("- [alpha, beta]", "has no list `pairings`."),
        ("pairings: alpha", "has no list `pairings`."),
        ("pairings:\n  - [alpha, beta]\n  - [alpha]\n", "pairing 2 is not a list of two card slugs."),
        ("pairings:\n  - [alpha, 4]\n", "pairing 1 is not a list of two card slugs."),
    ],
)
def test_a_file_of_another_shape_is_refused_in_one_line_and_nothing_changes(tmp_path, text, sentence):
    feature(tmp_path, "pairings:\n  - [alpha, gamma]\n")
    with pytest.raises(CommandError, match=r"featured\.yaml") as refusal:
        feature(tmp_path, text)
    assert str(refusal.value).endswith(sentence)
    assert refusal.value.returncode == 2
    assert featured() == {"alpha-vs-gamma"}


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("feature_pairings", str(tmp_path / "none.yaml"))
