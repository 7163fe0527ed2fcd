"""Two web hosts: one database, a page store each."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from tests.factories.cards import make_card, make_offer
from tests.factories.reviews import make_verdict
from tests.publishing.webs import Web, manage


@pytest.fixture(scope="module")
def hosts(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[tuple[Web, Web]]:
    home = Path(tempfile.mkdtemp(prefix="second-opinion-pages-"))
    home.chmod(0o755)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        done = manage(home, "collectstatic", "--noinput", "--verbosity=0")
        assert done.returncode == 0, done.stderr
        webs = Web(home, home / "one"), Web(home, home / "two")
    yield webs
    for web in webs:
        web.stop()
    shutil.rmtree(home)


@pytest.fixture
def heard(transactional_db: None) -> Pairing:
    """Alpha and Beta with a verdict, and Gamma, whom nobody has heard."""
    alpha, beta = (make_card(s, offers=[make_offer(model_id=s, price_in="1.50")]) for s in ("alpha", "beta"))
    make_card("gamma")
    pairing = Pairing.objects.between(alpha, beta)
    make_verdict(pairing, (88, 82, 85, 78), (84, 78, 80, 55), picks=("left", "left", "left", "right"))
    return Pairing.objects.with_cards().get(pk=pairing.pk)


@pytest.fixture
def alpha(heard: Pairing) -> Card:
    return heard.left
