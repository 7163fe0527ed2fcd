"""A pairing whose judges fail one after the other: the next one hears both cards, and nobody's are mixed."""

import pytest
from django.utils import timezone

from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Verdict
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.models import Attempt, Hearing, Judge, Run, Sitting
from panel.providers.ollama_shelf import forget
from tests.factories.cards import make_card
from tests.fakes.ollama import FakeOllama, digest_of
from tests.fakes.openai_compatible import FakeOpenAICompatible

pytestmark = pytest.mark.django_db


@pytest.fixture
def ollama(mistral, settings):
    """Behind Mistral, before the rubric."""
    with FakeOllama(words="Read at home.") as fake:
        forget(fake.url)
        settings.PANEL_JUDGES = ("mistral", "ollama", "rubric")
        settings.OLLAMA_URL, settings.OLLAMA_CONCURRENCY = fake.url, 8
        yield fake


@pytest.fixture
def pairing(db):
    # Enough is known of both that every reviewer has something to say.
    facts = {"license": "MIT", "license_class": "permissive", "commercial_use": "yes", "open_weights": True,
             "price_in": "0.10", "price_out": "0.40", "params_total_b": 8}  # fmt: skip
    return Pairing.objects.between(make_card("alpha", **facts), make_card("beta", **facts))


def convened(pairing):
    return convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope=pairing.slug)


def hear_all(run, rounds=8):
    """As workers would: every waiting hearing of the run, until none waits; time passes at once."""
    for _ in range(rounds):
        waiting = list(Hearing.objects.filter(sittings__run=run, state="queued").values_list("pk", flat=True))
        if not waiting:
            break
        Hearing.objects.filter(pk__in=waiting).update(not_before=timezone.now())
        for pk in waiting:
            hear(pk)
    run.refresh_from_db()


def judge_kinds():
    verdict = Verdict.objects.get()
    assert not verdict.provisional
    assert {review.judge_kind for review in verdict.reviews.all()} == set(verdict.judge_kinds)
    assert verdict.reviews.count() == 8
    return verdict.judge_kinds


def test_when_mistral_refuses_ollama_hears_both_cards(mistral, ollama, pairing):
    mistral.script(lambda number, body: "401")
    run = convened(pairing)
    hear_all(run)
    assert judge_kinds() == ["ollama"]
    assert run.state == Run.State.DONE
    assert len(ollama.calls) == 16
    assert "mistral" in Verdict.objects.get().fell_back_from
    assert all("Read at home." in review.paragraph for review in Verdict.objects.get().reviews.all())


def test_the_receipt_names_the_digest_and_costs_nothing(mistral, ollama, pairing):
    mistral.script(lambda number, body: "401")
    hear_all(convened(pairing))
    receipt = Attempt.objects.filter(provider="ollama", outcome="answered").first()
    assert receipt.hearing.judge.settings["digest"] == digest_of("qwen2.5:7b")
    assert (receipt.sdk_version, receipt.served_model) == ("Ollama 0.12.6", "qwen2.5:7b")
    assert (receipt.cost_usd, receipt.reserved_usd) == (0, 0)
    assert receipt.tokens_in > 0


def test_when_ollama_fails_as_well_the_rubric_hears_both(mistral, ollama, pairing):
    mistral.script(lambda number, body: "401")
    ollama.script(lambda number, body: "404" if number >= 3 else "ok")
    hear_all(convened(pairing))
    assert judge_kinds() == ["rubric"]
    assert "ollama pull qwen2.5:7b" in Verdict.objects.get().fell_back_from
    assert Hearing.objects.filter(judge__kind="ollama", state="done").exists()


def test_an_ollama_nobody_started_is_passed_over(mistral, ollama, pairing):
    ollama.down()
    mistral.script(lambda number, body: "401")
    hear_all(convened(pairing))
    assert judge_kinds() == ["rubric"]
    assert not Attempt.objects.filter(provider="ollama").exists()


def test_a_local_server_behind_ollama_has_its_turn(mistral, ollama, pairing, settings):
    with FakeOpenAICompatible() as server:
        settings.PANEL_JUDGES = ("mistral", "ollama", "openai_compatible", "rubric")
        settings.OPENAI_COMPATIBLE_URL, settings.OPENAI_COMPATIBLE_MODEL = server.url, "local-model"
        mistral.script(lambda number, body: "401")
        ollama.script(lambda number, body: "404")
        hear_all(convened(pairing))
        assert len(server.calls) == 16
    assert judge_kinds() == ["openai_compatible"]


def test_an_ollama_that_restarts_in_mid_run_is_waited_for(mistral, ollama, pairing, settings):
    settings.PANEL_JUDGES = ("ollama", "rubric")
    run = convened(pairing)
    first, second, *_ = Hearing.objects.filter(sittings__run=run).values_list("pk", flat=True)
    hear(first)
    ollama.down()
    forget(ollama.url)
    hear(second)
    waiting = Hearing.objects.get(pk=second)
    assert (waiting.state, waiting.attempts) == (Hearing.State.QUEUED, 1)
    assert "Connection refused" in waiting.last_error
    ollama.up()
    forget(ollama.url)
    hear_all(run)
    assert judge_kinds() == ["ollama"]
    assert Judge.objects.filter(kind="ollama").count() == 1


def test_a_full_queue_is_no_failed_attempt(mistral, ollama, pairing, settings):
    settings.PANEL_JUDGES = ("ollama", "rubric")
    ollama.script(["503"] * 4)
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run).first().pk
    for _ in range(4):
        Hearing.objects.filter(pk=pk).update(not_before=timezone.now())
        hear(pk)
    assert Hearing.objects.get(pk=pk).attempts == 0


def test_a_model_pulled_anew_in_mid_run_does_not_speak_in_the_old_ones_name(
    mistral, ollama, pairing, settings
):
    settings.PANEL_JUDGES = ("ollama", "rubric")
    run = convened(pairing)
    for pk in list(Hearing.objects.filter(sittings__run=run).values_list("pk", flat=True))[:6]:
        hear(pk)
    ollama.digests["qwen2.5:7b"] = digest_of("of today")
    forget(ollama.url)
    hear_all(run)
    assert judge_kinds() == ["rubric"]
    hear_all(convened(pairing))
    assert Sitting.objects.latest("pk").judge.settings["digest"] == digest_of("of today")
    assert Verdict.objects.count() == 2
