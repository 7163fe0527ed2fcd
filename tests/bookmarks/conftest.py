"""What can be bookmarked."""

import pytest

from comparisons.pairings.models import Pairing
from tests.factories.cards import make_card


@pytest.fixture
def pairing() -> Pairing:
    pairing = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    # Noise that nobody bookmarks.
    Pairing.objects.between(pairing.left, make_card("noise"))
    return pairing
