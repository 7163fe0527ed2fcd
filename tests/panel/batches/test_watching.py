"""Batches as people see them: on the terminal and on the staff's page."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from panel.actions.convene import NoBatches
from panel.models import Batch, Run
from tests.panel.batches.running import convened, look, make_pairing

pytestmark = pytest.mark.django_db


def command(*words):
    said = StringIO()
    call_command("convene", *words, stdout=said)
    return said.getvalue()


def test_the_command_submits_at_once_and_says_so(mistral):
    make_pairing()
    said = command("--all", "--batch", "--queue")
    assert "Batch jobs: 1 submitted; 0 of 16 answers back." in said
    assert len(mistral.jobs.made) == 1
    look()
    assert Run.objects.get().state == "done"


def test_the_command_can_do_without_workers(mistral, settings, capsys):
    settings.PANEL_BATCH_POLL_SECONDS = 0
    make_pairing()
    command("--all", "--batch", "--here")
    assert Run.objects.get().state == "done"
    said = capsys.readouterr().out
    assert "1 of 1 verdicts published" in said
    assert "Batch jobs: 1 done; 16 of 16 answers back." in said
    assert len(mistral.calls) == 0


def test_a_dry_run_says_half_the_price_and_asks_nobody(mistral):
    make_pairing()
    plain, batched = command("--all", "--dry-run"), command("--all", "--dry-run", "--batch")
    assert "16 hearings new" in plain and "16 hearings new" in batched
    usd = [float(said.split("at most ")[1].split()[0]) for said in (plain, batched)]
    assert abs(usd[1] - usd[0] / 2) < 0.0002
    assert mistral.jobs.asked == []
    assert Batch.objects.count() == 0


def test_what_is_answered_already_submits_nothing(mistral):
    make_pairing()
    command("--all", "--batch", "--queue")
    look()
    assert "Nothing to submit" in command("--all", "--batch", "--queue")


def test_a_judge_that_answers_single_calls_is_one_line_and_exit_code_two(settings, rubric_alone):
    make_pairing()
    with pytest.raises(CommandError, match="Batches are for Mistral, and Rubric v1 speaks first") as refused:
        command("--all", "--batch")
    assert refused.value.returncode == 2
    assert Run.objects.count() == 0
    with pytest.raises(NoBatches):
        convened()


def test_mistral_behind_another_judge_is_no_judge_for_batches(mistral, settings):
    make_pairing()
    settings.OPENAI_COMPATIBLE_URL, settings.OPENAI_COMPATIBLE_MODEL = mistral.url, "local"
    settings.PANEL_JUDGES = ("openai_compatible", "mistral")
    with pytest.raises(CommandError, match="local speaks first"):
        command("--all", "--batch")
    assert "1 submitted" in command("--all", "--batch", "--queue", "--judge", "mistral")


def test_a_budget_that_does_not_cover_it_is_said(mistral, settings):
    make_pairing()
    settings.PANEL_DAILY_BUDGET_USD = 0
    said = command("--all", "--batch", "--queue")
    assert "1 preparing; 0 of 16 answers back. Waits for money: the daily budget of 0 USD is spent." in said


def test_the_page_of_a_run_shows_its_batches(mistral, admin_client):
    make_pairing()
    run = convened()
    assert "Batch jobs: 1 preparing; 0 of 16 answers back." in page_of(admin_client, run)
    mistral.jobs.script("missing:2")
    look()
    assert "Batch jobs: 1 submitted; 0 of 16 answers back." in page_of(admin_client, run)
    look()
    said = page_of(admin_client, run)
    assert "Batch jobs: 1 done; 14 of 16 answers back, 2 went to single calls." in said


def test_a_run_of_single_calls_says_nothing_of_batches(mistral, admin_client):
    make_pairing()
    from panel.actions.convene import convene
    from tests.panel.batches.running import Pairing

    run = convene(Pairing.objects.with_cards(), scope="plain")
    assert "Batch jobs" not in page_of(admin_client, run)


def test_a_page_costs_the_same_queries_at_one_batch_and_at_three(
    mistral, admin_client, settings, django_assert_num_queries
):
    make_pairing()
    run = convened()
    admin_client.get("/panel/")  # notes once a minute that somebody is there
    with django_assert_num_queries(12):
        page_of(admin_client, run)
    settings.PANEL_BATCH_REQUESTS = 6
    make_pairing("gamma", "delta")
    run = convened()
    assert Batch.objects.filter(run=run).count() == 3
    with django_assert_num_queries(12):
        page_of(admin_client, run)


def page_of(client, run):
    part = client.get(f"/panel/runs/{run.pk}/", headers={"HX-Request": "true"})
    assert part.status_code == 200
    return part.content.decode()


def test_waiting_for_nobody_and_hearing_here_exclude_each_other():
    with pytest.raises(CommandError, match="argument --here: not allowed with argument --queue"):
        command("--all", "--queue", "--here")
