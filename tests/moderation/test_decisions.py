"""Deciding at the desk: with and without scripts, one and many, and two moderators at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from comparisons.counterpoints.actions import AlreadyDecided, decide
from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.moderation.actions import TooLate, undo
from tests.factories.staff import make_staff
from tests.moderation.conftest import desk_of

State = Counterpoint.State
HTMX = {"HX-Request": "true"}


def states() -> list[str]:
    return list(Counterpoint.objects.order_by("pk").values_list("state", flat=True))


def aged(text, **ago) -> Counterpoint:
    Counterpoint.objects.filter(pk=text.pk).update(decided_at=timezone.now() - timedelta(**ago))
    return Counterpoint.objects.get(pk=text.pk)


@pytest.mark.parametrize(
    ("decision", "state", "reason"),
    [("approved", "approved", ""), ("spam", "spam", ""), ("rejected:abusive", "rejected", "abusive")],
)
def test_one_decision_is_one_line_of_the_log(desk, waits, ann, decision, state, reason):
    text, noise = waits(), waits("Noise that goes on waiting.")
    answer = desk.post(f"/moderation/{text.pk}/decide/", {"decision": decision, "at": "after=xyz&evil=1"})
    assert (answer.status_code, answer.url) == (302, f"/moderation/?after=xyz&decided={text.pk}")
    assert states() == [state, "pending"]
    assert list(Decision.objects.values_list("by", "counterpoint", "to_state", "reason")) == [
        (ann.pk, text.pk, state, reason)
    ]
    page = desk.get(f"/moderation/?decided={text.pk}").text
    assert f'action="/moderation/{text.pk}/undo/"' in page
    assert f'action="/moderation/{noise.pk}/decide/"' in page


def test_with_scripts_the_text_becomes_one_line_with_undo_and_comes_back(desk, waits):
    text = waits()
    answer = desk.post(f"/moderation/{text.pk}/decide/", {"decision": "approved"}, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text and "queue-result" in answer.text
    stamp = re.search(r'name="decided_at" value="([^"]+)"', answer.text)[1]
    answer = desk.post(f"/moderation/{text.pk}/undo/", {"decided_at": stamp}, headers=HTMX)
    assert answer.status_code == 200
    assert 'class="queue-item"' in answer.text and "autofocus" in answer.text
    assert states() == ["pending"]
    log = Decision.objects.order_by("pk").values_list("from_state", "to_state")
    assert list(log) == [("pending", "approved"), ("approved", "pending")]


def test_a_rejection_asks_for_its_reason(desk, waits):
    text = waits()
    for decision in ("rejected", "rejected:", "rejected:because", "pending", ""):
        for headers in ({}, HTMX):
            answer = desk.post(f"/moderation/{text.pk}/decide/", {"decision": decision}, headers=headers)
            assert answer.status_code == 422
            assert "Choose a reason: the author is told why." in answer.text
    assert states() == ["pending"]
    assert not Decision.objects.exists()


def test_the_second_of_two_is_told_who_was_first(desk, waits, bob):
    text = waits()
    decide(counterpoint=text, to=State.REJECTED, by=bob, reason="repeats")
    for headers in ({}, HTMX):
        answer = desk.post(f"/moderation/{text.pk}/decide/", {"decision": "approved"}, headers=headers)
        assert answer.status_code == 422
        assert "Somebody was faster: it is rejected now." in answer.text
    assert Decision.objects.count() == 1


def test_what_was_decided_can_be_decided_otherwise_later(desk, waits, bob):
    text = waits()
    decide(counterpoint=text, to=State.APPROVED, by=bob)
    answer = desk.post(
        f"/moderation/{text.pk}/decide/", {"decision": "rejected:unlawful", "seen": "approved"}
    )
    assert answer.status_code == 302
    assert states() == ["rejected"]
    again = desk.post(f"/moderation/{text.pk}/decide/", {"decision": "rejected:unlawful", "seen": "rejected"})
    assert again.status_code == 422 and "It is rejected already." in again.text


def test_several_at_once_each_by_itself(desk, waits, bob):
    one, two, three, other = waits(), waits(), waits(), waits("Noise that nobody selected.")
    decide(counterpoint=two, to=State.APPROVED, by=bob)
    chosen = [one.pk, two.pk, three.pk, 999_999]
    answer = desk.post("/moderation/decide/", {"decision": "spam", "chosen": chosen}, follow=True)
    assert answer.status_code == 200
    assert states() == ["spam", "approved", "spam", "pending"]
    assert Decision.objects.count() == 3
    assert (
        f"Somebody else was faster on 2: No. {two.pk}, No. 999999." in answer.text or "not one" in answer.text
    )
    assert str(other.pk) in answer.text


def test_several_are_rejected_for_one_reason(desk, waits):
    texts = [waits(), waits()]
    chosen = {"decision": "rejected:advertising", "chosen": [text.pk for text in texts]}
    answer = desk.post("/moderation/decide/", chosen, follow=True)
    assert "2 decided: rejected." in answer.text
    assert set(Decision.objects.values_list("reason", flat=True)) == {"advertising"}


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"decision": "spam"}, "Select at least one text first."),
        ({"decision": "spam", "chosen": ["1", "x"]}, "Select texts of the queue"),
        ({"decision": "spam", "chosen": "9" * 30}, "Select texts of the queue"),
        ({"decision": "spam", "chosen": range(101)}, "Select texts of the queue, at most 100 at once."),
        ({"decision": "approved", "chosen": "1"}, "Choose a reason"),  # nobody publishes without reading
        ({"decision": "rejected", "chosen": "1"}, "Choose a reason"),
    ],
)
def test_several_need_a_selection_and_a_reason(desk, waits, sent, says):
    waits()
    assert says in desk.post("/moderation/decide/", sent, follow=True).text
    assert states() == ["pending"]


def test_another_moderator_may_undo_and_twice_is_refused(waits, ann, bob):
    text = waits()
    decide(counterpoint=text, to=State.SPAM, by=ann)
    stamp = {"decided_at": text.decided_at.isoformat()}
    desk = desk_of(bob)
    assert desk.post(f"/moderation/{text.pk}/undo/", stamp).url == f"/moderation/{text.pk}/"
    again = desk.post(f"/moderation/{text.pk}/undo/", stamp)
    assert again.status_code == 422 and "Somebody was faster: it is pending now." in again.text
    assert Decision.objects.filter(to_state="pending").get().by == bob


def test_after_ten_minutes_the_button_is_gone_and_the_post_refused(desk, waits, ann):
    text = waits()
    decide(counterpoint=text, to=State.APPROVED, by=ann)
    address = f"/moderation/{text.pk}/"
    text = aged(text, minutes=9, seconds=50)
    assert "Undo" in desk.get(address).text
    text = aged(text, minutes=10, seconds=1)
    assert "Undo" not in desk.get(address).text
    answer = desk.post(f"{address}undo/", {"decided_at": text.decided_at.isoformat()})
    assert answer.status_code == 422
    assert "A decision can be undone for ten minutes; this one stands." in answer.text
    assert states() == ["approved"]


def test_a_stale_undo_does_not_undo_a_later_decision(waits, ann, bob):
    text = waits()
    decide(counterpoint=text, to=State.SPAM, by=ann)
    first = text.decided_at
    undo(counterpoint=text, decided_at=first, by=ann)
    decide(counterpoint=text, to=State.SPAM, by=bob)
    with pytest.raises(AlreadyDecided, match="it is spam now"):
        undo(counterpoint=text, decided_at=first, by=ann)
    with pytest.raises(TooLate):
        undo(counterpoint=text, decided_at=aged(text, minutes=11).decided_at, by=ann)


def test_an_undo_without_its_time_is_refused(desk, waits, ann):
    text = waits()
    decide(counterpoint=text, to=State.SPAM, by=ann)
    for wrong in ({}, {"decided_at": "yesterday"}):
        answer = desk.post(f"/moderation/{text.pk}/undo/", wrong)
        assert answer.status_code == 422 and "This form was not complete." in answer.text
    assert states() == ["spam"]


@pytest.mark.django_db(transaction=True)
def test_two_moderators_over_fifty_texts_decide_each_exactly_once(waits, bob):
    ann = make_staff("moderator", "ann")
    texts = [waits(f"Waiting text number {number}.") for number in range(50)]

    def moderate(user, decision):
        desk, done = desk_of(user), 0
        try:
            for text in texts if user == ann else reversed(texts):
                address = f"/moderation/{text.pk}/decide/"
                done += desk.post(address, {"decision": decision}, headers=HTMX).status_code == 200
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(moderate, [ann, bob], ["approved", "rejected:repeats"]))
    assert sum(done) == 50 and min(done) > 0
    assert Decision.objects.count() == 50
    assert Decision.objects.values("counterpoint").distinct().count() == 50
    for decision in Decision.objects.select_related("counterpoint"):
        assert decision.counterpoint.state == decision.to_state


@pytest.mark.parametrize("deed", ["decide", "undo", "redact", "erase"])
def test_the_desk_acts_by_posts_with_the_token_alone(desk, waits, ann, deed):
    text = waits()
    assert desk.get(f"/moderation/{text.pk}/{deed}/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    sent = {"decision": "approved", "whole": "on", "reason": "abusive"}
    assert strict.post(f"/moderation/{text.pk}/{deed}/", sent).status_code == 403
    assert desk.post(f"/moderation/999999/{deed}/", sent).status_code == 404
    assert states() == ["pending"]


def test_getting_the_address_of_several_is_refused(desk):
    assert desk.get("/moderation/decide/").status_code == 405


def test_a_text_has_a_page_with_its_log(desk, waits, ann, bob, django_assert_num_queries):
    text = waits()
    decide(counterpoint=text, to=State.REJECTED, by=bob, reason="off_topic")
    page = desk.get(f"/moderation/{text.pk}/").text
    assert "Pending → <b>Rejected</b>: it is about something else than this page" in page
    assert "bob" in page
    assert 'value="approved"' in page and 'value="rejected:' not in page
    assert desk.get("/moderation/999999/").status_code == 404
    with django_assert_num_queries(10):
        desk.get(f"/moderation/{text.pk}/")


@pytest.mark.parametrize("typed", ["{pk}", " #counterpoint-{pk} ", "http://testserver/moderation/{pk}/"])
def test_a_text_is_found_by_its_number_or_address(desk, waits, typed):
    text = waits()
    answer = desk.get("/moderation/find/", {"q": typed.format(pk=text.pk)})
    assert answer.url == f"/moderation/{text.pk}/"


def test_a_text_is_found_by_the_private_address_its_author_has(desk, waits):
    other, text = waits(), waits()
    text.private_token = f"{'x' * 30}-{other.pk}"[-32:]  # it may end in somebody else's number
    text.save()
    answer = desk.get("/moderation/find/", {"q": f"https://testserver{text.private_address}"})
    assert answer.url == f"/moderation/{text.pk}/"


@pytest.mark.parametrize(
    "typed", ["", "nothing", "999999", "9" * 40, "/articles/{pk}/", "/compare/alpha-vs-beta-{pk}/"]
)
def test_a_number_nobody_has_is_said(desk, waits, typed):
    answer = desk.get("/moderation/find/", {"q": typed.format(pk=waits().pk)}, follow=True)
    assert "There is no text of this number or address." in answer.text


def test_the_history_is_filtered_by_decision_and_moderator(desk, waits, ann, bob, pairing):
    one, two = waits(), waits()
    decide(counterpoint=one, to=State.APPROVED, by=ann)
    decide(counterpoint=two, to=State.REJECTED, by=bob, reason="abusive")
    page = desk.get("/moderation/history/").text
    assert page.index(f"No. {two.pk}") < page.index(f"No. {one.pk}")
    assert page.count("Undo") == 2 and "it attacks a person" in page
    part = desk.get(
        "/moderation/history/", {"to": "rejected", "by": bob.pk}, headers={**HTMX, "HX-Target": "part"}
    )
    assert "<html" not in part.text and f"No. {two.pk}" in part.text and f"No. {one.pk}" not in part.text
    assert part["HX-Push-Url"] == f"/moderation/history/?to=rejected&by={bob.pk}"
    assert "No decision is like that." in desk.get("/moderation/history/?to=spam").text
    assert "is not on this list" in desk.get("/moderation/history/?to=nonsense").text
    pairing.delete()
    assert f"No. {one.pk}, deleted since" in desk.get("/moderation/history/").text


@pytest.mark.parametrize("texts", [1, 3])
def test_the_history_costs_the_same_queries(desk, waits, ann, django_assert_num_queries, texts):
    for _ in range(texts):
        decide(counterpoint=waits(), to=State.APPROVED, by=ann)
    desk.get("/moderation/")
    with django_assert_num_queries(7):
        assert desk.get("/moderation/history/").text.count("Undo") == texts


def test_before_any_decision_the_history_says_so(desk):
    assert "Nothing has been decided yet." in desk.get("/moderation/history/").text
