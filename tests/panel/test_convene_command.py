"""`manage.py convene` over two cards: what it says, what it makes, and what it refuses in one line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from panel.models import Run
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


def command(*words):
    said = StringIO()
    call_command("convene", *words, stdout=said)
    return said.getvalue()


def test_two_cards_in_any_order_are_one_pairing_in_the_queue(rubric_alone):
    make_card("alpha")
    make_card("beta")
    make_card("noise")
    assert "12 hearings, Beta vs Alpha." in command("beta", "alpha", "--queue")
    assert list(Pairing.objects.values_list("slug", flat=True)) == ["alpha-vs-beta"]
    assert Run.objects.get().sittings.count() == 1


def test_a_dry_run_over_two_cards_makes_no_pairing_that_would_await_a_verdict(rubric_alone):
    make_card("alpha")
    make_card("beta")
    assert "1 pairings before Rubric v1: 12 hearings new" in command("alpha", "beta", "--dry-run")
    assert not Pairing.objects.exists()
    assert not Run.objects.exists()


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("slugs", "says"),
    [
        (("alpha", "nobody"), "No card has the slug 'nobody'."),
        (("unseen", "alpha"), "No card has the slug 'unseen'."),  # there, and nothing is known of it yet
        (("alpha", "alpha"), "A card cannot be compared with itself."),
        (("alpha",), "A pairing is two cards; 1 named."),
        ((), "Name two cards, or say --featured, or --all."),
    ],
)
def test_wrong_cards_are_one_line_and_exit_code_two(rubric_alone, slugs, says, more):
    alpha = make_card("alpha")
    Card.objects.create(slug="unseen", lab=alpha.lab)
    with pytest.raises(CommandError) as refused:
        command(*slugs, *more)
    assert (str(refused.value), refused.value.returncode) == (says, 2)
    assert not Pairing.objects.exists()
