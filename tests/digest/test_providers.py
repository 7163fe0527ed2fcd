"""Mail by a provider's API: what it takes, what it reports later, and what that does to a subscription."""

from __future__ import annotations

import pytest
from anymail.signals import AnymailTrackingEvent
from django.core import mail
from django.utils import timezone

from comparisons.digest.actions.composing import compose, start
from comparisons.digest.bounces import on_tracking
from comparisons.digest.models import Delivery, Subscriber
from comparisons.digest.sending.rounds import send
from comparisons.digest.week import Week
from tests.digest.happenings import a_full_week

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def delivery(reader, settings) -> Delivery:
    """One mail that a provider took."""
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    settings.USES_ANYMAIL = True
    reader("ada@example.org")
    a_full_week()
    start(issue=compose(week=Week.of(timezone.now())))
    send()
    return Delivery.objects.get()


def report(kind: str, **told: object) -> None:
    plain = {"event_type": kind, "message_id": None, "recipient": "ada@example.org", "metadata": {}}
    on_tracking(None, AnymailTrackingEvent(**{**plain, **told}), "Provider")


def state() -> tuple[str, str]:
    return Delivery.objects.get().state, Subscriber.objects.get().state


def test_the_provider_is_given_the_whole_mail_and_our_mark(delivery):
    [message] = mail.outbox
    assert (delivery.state, delivery.provider_id) == ("sent", "0")
    assert message.metadata == {"delivery": str(delivery.message_id)}
    assert message.extra_headers["Message-ID"] == f"<{delivery.message_id}@127.0.0.1>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "slot" not in message.body and message.alternatives[0][1] == "text/html"


def test_a_hard_bounce_ends_the_subscription_and_its_words_name_nobody(delivery):
    for _ in range(2):
        report("bounced", metadata={"delivery": str(delivery.message_id)}, reject_reason="bounced",
               mta_response="550 5.1.1 <ada@example.org> unknown")  # fmt: skip
    assert state() == ("bounced", "suspended")
    assert Delivery.objects.get().answer == "Provider: 550 5.1.1 <<address>> unknown"


def test_a_soft_bounce_is_counted_and_the_third_in_a_row_is_enough(delivery):
    report("bounced", message_id="0", reject_reason="timed_out")
    assert state() == ("bounced", "confirmed")
    now, ada = timezone.now(), delivery.subscriber
    for _ in range(2):
        Delivery.objects.create(kind="known", subscriber=ada, state="bounced", not_before=now)
    report("bounced", message_id="0", reject_reason="timed_out")
    assert Subscriber.objects.get().state == "suspended"


def test_a_complaint_and_a_provider_s_own_link_unsubscribe(delivery):
    report("complained", message_id="0")
    assert state() == ("sent", "unsubscribed")


def test_a_delivery_report_settles_what_was_unknown(delivery):
    Delivery.objects.update(state="unknown")
    report("delivered", metadata={"delivery": str(delivery.message_id)})
    assert state()[0] == "sent"


@pytest.mark.parametrize(
    "told", [{}, {"message_id": "another"}, {"metadata": {"delivery": "nonsense"}}, {"metadata": None}]
)
def test_a_report_of_another_mail_changes_nothing(delivery, told):
    report("bounced", reject_reason="bounced", **told)
    assert state() == ("sent", "confirmed")


def test_what_readers_do_with_a_mail_is_nobody_s_business(delivery):
    report("opened", message_id="0")
    assert state() == ("sent", "confirmed")


def test_a_report_of_an_erased_reader_changes_nothing(delivery):
    Subscriber.objects.all().delete()
    report("bounced", message_id="0", reject_reason="bounced")
    assert Delivery.objects.get().state == "sent"
