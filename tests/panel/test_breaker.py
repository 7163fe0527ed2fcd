"""A host that fails is left alone, and one probe finds out when it is back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from panel.breaker import LeftAlone, Permit, admit, give_back, pause_after, report_failure, report_success
from panel.models import Breaker, BreakerEvent
from panel.providers import Misconfigured, NotYet, Refused, Throttled, Unavailable

pytestmark = pytest.mark.django_db


class Far:
    kind, host = "mistral", "far.example"


class Near:
    kind, host = "rubric", ""


def fail(times=1, error=Unavailable):
    for _ in range(times):
        report_failure(admit(Far), error("it failed"))


def pause_over():
    Breaker.objects.update(until=timezone.now() - timedelta(seconds=1))


def test_a_judge_in_this_process_needs_no_breaker():
    assert admit(Near).breaker_id is None
    assert Breaker.objects.count() == 0


def test_five_failures_in_a_row_open_it_and_four_do_not():
    fail(4)
    assert admit(Far)
    fail(1)
    with pytest.raises(LeftAlone) as left:
        admit(Far)
    assert 25 < left.value.retry_after <= 30


def test_an_answer_in_between_starts_the_count_again():
    fail(4)
    report_success(admit(Far))
    fail(4)
    assert admit(Far)


@pytest.mark.parametrize("error", [Throttled, Refused])
def test_being_too_fast_or_refused_says_nothing_about_the_host(error):
    fail(20, error)
    assert admit(Far)


def test_a_wrong_key_opens_it_at_once_and_says_so():
    fail(1, Misconfigured)
    with pytest.raises(LeftAlone):
        admit(Far)
    assert Breaker.objects.get().state == Breaker.State.MISCONFIGURED


def test_after_the_pause_one_caller_is_the_probe_and_the_rest_wait():
    fail(5)
    pause_over()
    assert admit(Far).probe
    with pytest.raises(LeftAlone):
        admit(Far)


@pytest.mark.parametrize("closed", [True, False])
def test_of_two_who_find_the_pause_over_the_second_hears_what_became_of_it(closed, monkeypatch):
    """Between the second's look and its claim the first has become the probe, or has its answer already."""
    fail(5)
    pause_over()
    looked = Breaker.objects.get_or_create

    def while_another_probes(**names):
        found = looked(**names)
        probe = {"state": "closed", "until": None, "failures": 0} if closed else {"until": in_a_minute}
        Breaker.objects.update(**probe)
        return found

    in_a_minute = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr(Breaker.objects, "get_or_create", while_another_probes)
    if closed:
        permit = admit(Far)
        assert permit.spotless and not permit.probe
    else:
        with pytest.raises(LeftAlone):
            admit(Far)


def test_an_answered_probe_closes_it():
    fail(5)
    pause_over()
    report_success(admit(Far))
    assert not admit(Far).probe
    assert Breaker.objects.get().openings == 0


def test_a_failed_probe_doubles_the_pause():
    fail(5)
    pause_over()
    fail(1)
    with pytest.raises(LeftAlone) as left:
        admit(Far)
    assert 55 < left.value.retry_after <= 60


@pytest.mark.parametrize("error", [NotYet, Throttled, Refused])
def test_a_probe_that_found_nothing_out_leaves_it_to_the_next(error):
    fail(5)
    pause_over()
    report_failure(admit(Far), error("it says nothing"))
    assert admit(Far).probe
    assert Breaker.objects.get().openings == 1


def test_what_is_given_back_after_an_answer_opens_nothing():
    fail(5)
    pause_over()
    probe = admit(Far)
    report_success(Permit(probe.breaker_id, spotless=False))  # a call from before
    give_back(probe)
    assert admit(Far).spotless


def test_calls_under_way_when_it_opened_do_not_lengthen_the_pause():
    under_way = [admit(Far) for _ in range(20)]
    for permit in under_way:
        report_failure(permit, Unavailable("it failed"))
    assert Breaker.objects.get().openings == 1


def test_the_pause_has_an_end():
    assert [pause_after(n).total_seconds() for n in (1, 2, 5, 6, 50)] == [30, 60, 480, 600, 600]


def test_every_transition_is_kept_for_staff():
    fail(5)
    pause_over()
    report_success(admit(Far))
    assert list(BreakerEvent.objects.order_by("pk").values_list("state", flat=True)) == ["open", "closed"]


def test_an_open_breaker_without_an_end_is_refused_by_the_database():
    fail(1)
    with pytest.raises(IntegrityError, match="breaker_left_alone_until_a_time"), transaction.atomic():
        Breaker.objects.update(state="open")
