"""From a composed issue to a mailbox, by a real SMTP server: each reader once, whatever the server does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comparisons.digest.actions.composing import compose, start
from comparisons.digest.actions.subscribing import unsubscribe
from comparisons.digest.models import Delivery, Issue, Outlet, Subscriber
from comparisons.digest.sending.rounds import send, tick
from comparisons.digest.week import Week
from tests.digest.happenings import a_full_week
from tests.fakes.smtp import Sink

pytestmark = pytest.mark.django_db(transaction=True)


def issue() -> Issue:
    """This week's issue, composed and queued."""
    a_full_week()
    composed = compose(week=Week.of(timezone.now()))
    assert start(issue=composed)
    return composed


def states() -> dict[str, str]:
    rows = Delivery.objects.order_by("pk").values_list("subscriber__email", "state")
    return {email.partition("@")[0]: state for email, state in rows}


def test_every_reader_gets_the_issue_once(sink, reader):
    for name in ("ada", "bob", "cleo"):
        reader(f"{name}@example.org")
    reader("noise@example.org", state="unsubscribed", ended_at=timezone.now())
    week = issue()
    send()
    send()
    assert sink.copies() == {"ada@example.org": 1, "bob@example.org": 1, "cleo@example.org": 1}
    assert sink.connections == 1
    assert states() == {"ada": "sent", "bob": "sent", "cleo": "sent"}
    week.refresh_from_db()
    assert week.state == "sent"


def test_what_arrives_is_the_issue_with_the_reader_s_own_links(sink, reader):
    ada = reader("ada@example.org")
    issue()
    send()
    [mail] = sink.taken
    message, delivery = mail.message, Delivery.objects.get()
    assert message["To"] == "ada@example.org"
    assert message["From"] == "Second Opinion <digest@127.0.0.1>"
    assert message["Subject"] == "Clearly Alder over Birch, and 7 more"
    assert message["Message-ID"] == f"<{delivery.message_id}@127.0.0.1>"
    address = f"http://127.0.0.1:8000/digest/unsubscribe/{ada.token}/"
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<digest.127.0.0.1>"
    for part in (mail.text, mail.html):
        assert address in part and f"/digest/preferences/{ada.token}/" in part
        assert "Alder" in part and "Local models in winter" in part and "what fills it" in part
    assert max(map(len, (line for line in mail.text.splitlines() if "http" not in line))) <= 72
    assert all(len(line) <= 998 for line in mail.raw.split(b"\r\n"))


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_server_s_refusal_touches_one_reader_and_is_tried_again_later(by_smtp, reader, pipelining):
    replies = {
        ("rcpt", "grey"): "450 4.2.0 greylisted <grey@example.org>", ("end", "full"): "452 4.3.1 no room",
        ("rcpt", "gone"): "550 5.1.1 no such user gone@example.org", ("end", "spam"): "554 5.7.1 spam",
        ("rcpt", "relay"): "550 5.7.1 relaying denied",
    }  # fmt: skip
    for name in ("ada", "grey", "bob", "full", "gone", "cleo", "spam", "relay", "dora"):
        reader(f"{name}@example.org")
    issue()
    with Sink(lambda at, to: replies.get((at, to.partition("@")[0])), pipelining=pipelining) as sink:
        by_smtp(sink)
        send()
        assert states() == {
            "ada": "sent", "grey": "queued", "bob": "sent", "full": "queued", "gone": "bounced",
            "cleo": "sent", "spam": "failed", "relay": "queued", "dora": "sent",
        }  # fmt: skip
        assert sink.connections == 1
        later = Delivery.objects.get(subscriber__email="grey@example.org")
        assert timedelta(seconds=50) < later.not_before - timezone.now() < timedelta(seconds=61)
        # The server's words are kept, the address in them is not.
        assert later.answer == "450 4.2.0 greylisted <<address>>"
        assert Subscriber.objects.get(email="gone@example.org").state == "suspended"
        assert Subscriber.objects.get(email="relay@example.org").state == "confirmed"
        replies.clear()
        Delivery.objects.filter(state="queued").update(not_before=timezone.now())
        send()
        assert set(states().values()) == {"sent", "bounced", "failed"}
        assert all(copies == 1 for copies in sink.copies().values())
        assert "gone@example.org" not in sink.copies() and len(sink.copies()) == 7


@pytest.mark.parametrize("phase", ["mail", "rcpt"])
def test_a_connection_lost_before_the_text_is_tried_again(by_smtp, reader, phase):
    harms = iter([None, "drop"])
    reader("ada@example.org"), reader("bob@example.org"), reader("cleo@example.org")
    issue()
    with Sink(lambda at, to: next(harms, None) if at == phase else None) as sink:
        by_smtp(sink)
        send()
        assert sorted(states().values()) == ["queued", "sent", "sent"]
        Delivery.objects.update(not_before=timezone.now())
        send()
    assert set(states().values()) == {"sent"}
    assert sink.copies().most_common(1)[0][1] == 1


@pytest.mark.parametrize("harm", ["drop", "drop taken"])
def test_a_connection_lost_after_the_text_is_unknown_and_never_sent_again(by_smtp, reader, harm):
    for name in ("ada", "bob", "cleo"):
        reader(f"{name}@example.org")
    issue()
    with Sink(lambda at, to: harm if (at, to) == ("end", "bob@example.org") else None) as sink:
        by_smtp(sink)
        send()
        Delivery.objects.update(not_before=timezone.now())
        tick()
        send()
    assert states() == {"ada": "sent", "bob": "unknown", "cleo": "sent"}
    assert sink.copies()["bob@example.org"] == (harm == "drop taken")
    assert sink.offered.count("bob@example.org") == 1


def test_who_unsubscribes_while_it_is_sent_gets_none(by_smtp, reader):
    ada, bob = reader("ada@example.org"), reader("bob@example.org")
    reader("cleo@example.org")
    issue()

    def leave(at, to):
        if (at, to) == ("rcpt", "ada@example.org"):
            # Bob is claimed in the same batch by now.
            Subscriber.objects.filter(pk=bob.pk).update(state="unsubscribed", ended_at=timezone.now())
            connection.close()  # the server's thread

    with Sink(leave) as sink:
        by_smtp(sink)
        send()
    assert states() == {"ada": "sent", "bob": "withdrawn", "cleo": "sent"}
    assert set(sink.copies()) == {"ada@example.org", "cleo@example.org"}
    assert ada.state == "confirmed"


def test_who_unsubscribed_before_the_round_is_not_even_offered(sink, reader):
    ada = reader("ada@example.org")
    reader("bob@example.org")
    issue()
    unsubscribe(token=ada.token)
    send()
    assert sink.offered == ["bob@example.org"]
    assert states() == {"ada": "withdrawn", "bob": "sent"}


def test_a_server_in_trouble_is_left_alone_for_a_while(by_smtp, reader):
    for number in range(30):
        reader(f"reader-{number}@example.org")
    issue()
    with Sink(lambda at, to: "451 4.3.0 try later" if at == "mail" else None) as sink:
        by_smtp(sink)
        send()
        offered = len(Delivery.objects.filter(attempts__gt=0))
        assert 10 <= offered <= 12
        outlet = Outlet.objects.get()
        assert timedelta(seconds=50) < outlet.paused_until - timezone.now() < timedelta(seconds=61)
        assert outlet.trouble == "451 4.3.0 try later"
        send()
        assert len(Delivery.objects.filter(attempts__gt=0)) == offered
        sink.harm = lambda at, to: None
        Outlet.objects.update(paused_until=timezone.now())
        Delivery.objects.update(not_before=timezone.now())
        send()
    assert set(states().values()) == {"sent"}
    assert Outlet.objects.get().pauses == 0


def test_a_server_that_is_not_there_costs_nobody_an_attempt(by_smtp, reader):
    reader("ada@example.org")
    issue()
    with Sink() as sink:
        by_smtp(sink)
    send()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.claim) == ("queued", 0, None)
    assert "ConnectionRefusedError" in Outlet.objects.get().trouble


def test_several_connections_share_the_work(by_smtp, reader, settings):
    for number in range(300):
        reader(f"reader-{number}@example.org")
    issue()
    with Sink() as sink:
        by_smtp(sink)
        settings.DIGEST_CONNECTIONS = 4
        send()
    assert len(sink.copies()) == 300 and max(sink.copies().values()) == 1
    assert 1 < sink.connections <= 4


def test_the_rate_is_kept(sink, reader, settings):
    settings.DIGEST_RATE = (20, 1)
    for number in range(12):
        reader(f"reader-{number}@example.org")
    issue()
    send()
    times = sorted(taken.at for taken in sink.taken)
    assert len(times) == 12
    assert times[-1] - times[0] >= 0.5


def test_a_server_that_closes_after_one_mail_gets_the_next_on_another_line(by_smtp, reader):
    for name in ("ada", "bob", "cleo"):
        reader(f"{name}@example.org")
    issue()
    replies = {("end", "ada"): "421 4.3.2 closing", ("rcpt", "bob"): "421 4.3.2 closing too"}
    with Sink(lambda at, to: replies.get((at, to.partition("@")[0]))) as sink:
        by_smtp(sink)
        send()
    assert states() == {"ada": "queued", "bob": "queued", "cleo": "sent"}
    assert sink.connections == 3
