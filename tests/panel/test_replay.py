"""Asking a receipt's question again."""

import uuid
import zlib
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from comparisons.pairings.models import Pairing
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.brief import canary_for
from panel.models import Attempt, Hearing
from tests.factories.cards import make_card
from tests.fakes.ollama import FakeOllama
from tests.panel.batches.running import convened, look, make_pairing
from tests.panel.ollama.asking import MODEL

pytestmark = pytest.mark.django_db


def a_receipt():
    pairing = Pairing.objects.between(make_card("alpha", context_tokens=128000), make_card("beta"))
    convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope="a pairing")
    hear(Hearing.objects.filter(kind="review").first().pk)
    return Attempt.objects.get()


def replay(receipt_id):
    said = StringIO()
    call_command("replay", str(receipt_id), stdout=said, stderr=said)
    return said.getvalue()


def test_the_rubric_says_the_same_again(rubric_alone):
    assert "The same answer, character for character." in replay(a_receipt().pk)


def test_another_answer_is_shown_as_a_difference_and_has_a_receipt(mistral):
    receipt = a_receipt()
    mistral.words = "Something else entirely."
    said = replay(receipt.pk)
    assert "--- then" in said
    assert "+++ now" in said
    assert "Something else entirely." in said
    assert Attempt.objects.count() == 2
    assert Attempt.objects.exclude(pk=receipt.pk).get().run is None


def test_nothing_is_published_and_the_answer_stands(mistral):
    receipt = a_receipt()
    before = Hearing.objects.get(pk=receipt.hearing_id).answer
    mistral.words = "Something else entirely."
    replay(receipt.pk)
    assert Hearing.objects.get(pk=receipt.hearing_id).answer == before


@pytest.mark.parametrize("meets", ["wrong_schema", "length"])
def test_of_a_repair_the_repair_is_asked_again(mistral, meets):
    make_pairing()
    mistral.script([meets])
    hear(convene(Pairing.objects.with_cards(), scope="all").sittings.get().hearings.first().pk)
    repair = Attempt.objects.get(repair=True)
    assert "The same answer, character for character." in replay(repair.pk)
    again = Attempt.objects.get(run=None)
    assert (again.prompt_sha, again.repair) == (repair.prompt_sha, True)
    assert mistral.calls[2].body == mistral.calls[1].body


def test_an_unknown_receipt_is_one_line(db):
    with pytest.raises(CommandError, match="No receipt has the id") as refused:
        replay(uuid.uuid4())
    assert refused.value.returncode == 2


def test_a_provider_that_is_down_is_one_line(mistral):
    receipt = a_receipt()
    mistral.down()
    with pytest.raises(CommandError, match="Unavailable"):
        replay(receipt.pk)


def test_an_unchanged_model_says_the_same_again(mistral):
    assert "The same answer, character for character." in replay(a_receipt().pk)


def test_the_private_word_makes_no_difference_and_is_not_shown(mistral):
    mistral.answer = lambda body: body["messages"][0]["content"]
    reciting = a_receipt()
    assert reciting.error_class == "Quarantined"
    assert "The same answer, character for character." in replay(reciting.pk)
    canary = canary_for(reciting.hearing.persona, settings.SECRET_KEY.encode())
    mistral.answer = lambda body: f"I was told {canary}."
    said = replay(reciting.pk)
    assert "+I was told [private word]." in said
    assert canary not in said


def test_an_answer_of_ollama_is_held_against_words_and_not_times(settings):
    with FakeOllama() as fake:
        settings.PANEL_JUDGES, settings.OLLAMA_URL = ("ollama",), fake.url
        settings.OLLAMA_MODEL = MODEL
        receipt = a_receipt()
        assert receipt.provider == "ollama"
        stored = zlib.decompress(bytes(receipt.raw_response)).replace(b'"done": true', b'"done":   true')
        Attempt.objects.filter(pk=receipt.pk).update(raw_response=zlib.compress(stored))
        assert "The same answer, character for character." in replay(receipt.pk)


def test_an_answer_that_came_in_a_batch_is_held_against_a_single_one(mistral):
    make_pairing()
    convened()
    look()
    look()
    receipt = Attempt.objects.filter(outcome="answered").first()
    assert "The same answer, character for character." in replay(receipt.pk)
    again = Attempt.objects.exclude(pk=receipt.pk).get(hearing=receipt.hearing)
    assert (again.batch, again.cost_usd > receipt.cost_usd) == (None, True)
