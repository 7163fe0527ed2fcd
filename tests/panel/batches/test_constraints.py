"""What the database itself keeps of batches, each tried by breaking it."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from panel.models import Batch, Hearing
from tests.panel.batches.running import convened, look, make_pairing

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(mistral):
    make_pairing()
    convened()
    return Batch.objects.get()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"remote_id": "job-1"}, "batch_preparing_has_no_job"),
        ({"state": "submitted"}, "batch_submitted_has_job_and_money"),
        (
            {"state": "submitted", "remote_id": "job-1", "submitted_at": "2026-01-01T00:00Z"},
            "batch_submitted_has_job_and_money",
        ),
        ({"state": "done"}, "batch_ended_when_over"),
        ({"ended_at": "2026-01-01T00:00Z"}, "batch_ended_when_over"),
        ({"returned": 9, "released": 8}, "batch_gives_back_what_it_took"),
    ],
)
def test_a_batch_that_cannot_be(batch, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(**change)


@pytest.mark.parametrize("state", ["running", "dead"])
def test_a_hearing_in_a_batch_waits_or_is_done(batch, state):
    with pytest.raises(IntegrityError, match="hearing_in_batch_waits_or_is_done"), transaction.atomic():
        Hearing.objects.filter(batch=batch).update(
            state=state, lease_until=timezone.now() if state == "running" else None
        )


def test_one_job_belongs_to_one_batch(batch, mistral):
    look()
    batch.refresh_from_db()
    with pytest.raises(IntegrityError, match="batch_once_per_job"), transaction.atomic():
        Batch.objects.create(
            run=batch.run,
            judge=batch.judge,
            state="done",
            host=batch.host,
            remote_id=batch.remote_id,
            ended_at=timezone.now(),
        )


def test_questions_of_a_run_that_is_deleted_go_back_to_the_queue(batch):
    batch.run.delete()
    assert Hearing.objects.filter(batch=None, state="queued").count() == 16
