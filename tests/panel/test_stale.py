"""What is heard again without being asked for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comparisons.pairings.models import Pairing
from panel.actions.hear import hear
from panel.actions.stale import convene_stale
from panel.models import Hearing, Run, Sitting
from panel.tasks import clean_up, stale_verdicts
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def pairing(rubric_alone):
    return Pairing.objects.between(make_card("alpha"), make_card("beta", context_tokens=8000))


def hear_all():
    for pk in Hearing.objects.filter(state="queued").values_list("pk", flat=True):
        hear(pk)


def test_a_pairing_is_heard_once_and_again_when_a_card_changed(pairing):
    assert convene_stale().startswith("1 pairings, run ")
    hear_all()
    assert convene_stale() == "Nothing is out of date."
    make_card("alpha", tagline="Changed.")
    convene_stale()
    assert Sitting.objects.count() == 2
    hear_all()
    assert convene_stale() == "Nothing is out of date."


def test_one_that_is_being_heard_or_found_no_quorum_is_left_alone_for_a_week(pairing):
    convene_stale()
    assert convene_stale() == "Nothing is out of date."
    Run.objects.update(started_at=timezone.now() - timedelta(days=8))
    assert convene_stale().startswith("1 pairings, run ")


def test_no_more_than_the_setting_says_and_outdated_verdicts_first(pairing, settings):
    convene_stale()
    hear_all()
    Pairing.objects.between(make_card("gamma"), make_card("delta"))
    make_card("alpha", tagline="Changed.")
    settings.PANEL_STALE_PER_HOUR = 1
    convene_stale()
    assert Sitting.objects.latest("pk").pairing == pairing


def test_it_can_be_switched_off(pairing, settings):
    settings.PANEL_STALE_PER_HOUR = 0
    assert convene_stale() == "Off: PANEL_STALE_PER_HOUR is 0."
    assert Run.objects.count() == 0


def test_nobody_to_ask_is_said(pairing, settings):
    settings.PANEL_JUDGES = ("mistral",)
    settings.MISTRAL_API_KEY = ""
    assert "nobody reviews; set MISTRAL_API_KEY." in convene_stale()


def test_two_beats_convene_once(pairing):
    stale_verdicts()
    stale_verdicts()
    assert Run.objects.count() == 1


def test_clean_up_ends_sessions_that_ended(client, django_user_model):
    from django.contrib.sessions.models import Session

    client.force_login(django_user_model.objects.create_user("ann"))
    client.session.save()
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(1))
    clean_up()
    assert [each.session_key for each in Session.objects.all()] == [client.session.session_key]
