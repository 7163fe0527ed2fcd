"""Asking, confirming, choosing, ending and erasing: the doors through which subscriptions change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comparisons.cards.models import Card, Lab
from comparisons.digest.addresses import keyed_hashes
from comparisons.digest.models import Delivery, Interest, SignUp, Subscriber, Suppression
from comparisons.digest.models.subscribers import new_token

LINK_IS_GOOD = timedelta(days=7)
READ_AT_ONCE = 100
BOUNCES = 3  # mails in a row that came back, until an address is not written to any more


class LinkIsSpent(LookupError):
    """A link that confirms nothing: unknown, older than a week, or of a subscription that ended."""


def ask(*, email: str, wording: str, page: str) -> None:
    """Takes a request in. The same one insert for every address: whether it is known is found out later, so
    that neither the answer nor the time it takes can tell."""
    SignUp.objects.create(email=email, wording=wording, page=page)


def read_sign_ups() -> int:
    """Makes subscribers and letters of what was asked; how many were read."""
    with transaction.atomic():
        waiting = list(SignUp.objects.select_for_update(skip_locked=True)[:READ_AT_ONCE])
        for sign_up in waiting:
            _take_in(sign_up)
        SignUp.objects.filter(pk__in=[sign_up.pk for sign_up in waiting]).delete()
    return len(waiting)


def confirm(*, token: str) -> Subscriber:
    """Makes the subscription real; pressing twice is pressing once. Raises LinkIsSpent."""
    now = timezone.now()
    asked = Subscriber.objects.filter(confirm_token=token)
    pending = asked.filter(state=Subscriber.State.PENDING, asked_at__gte=now - LINK_IS_GOOD)
    pending.update(state=Subscriber.State.CONFIRMED, confirmed_at=now)
    subscriber = asked.filter(state=Subscriber.State.CONFIRMED).first()
    if subscriber is None:
        raise LinkIsSpent(token)
    return subscriber


@transaction.atomic
def unsubscribe(*, token: str) -> None:
    """Ends a subscription and withdraws what waits for it. Nothing to end is no error: it has ended."""
    subscriber = Subscriber.objects.select_for_update().filter(token=token).first()
    if subscriber is None:
        return
    if subscriber.confirmed_at is None:
        subscriber.delete()  # asked and never confirmed: there is no consent to keep a record of
        return
    if subscriber.state != Subscriber.State.UNSUBSCRIBED:
        subscriber.state, subscriber.ended_at = Subscriber.State.UNSUBSCRIBED, timezone.now()
        subscriber.save(update_fields=["state", "ended_at"])
    withdraw(subscriber)


def came_back(subscriber_id: int, *, hard: bool) -> None:
    """A mail came back. An address that is gone, or whose last mails all did, is left alone."""
    mails = Delivery.objects.filter(subscriber=subscriber_id).order_by("-pk")
    last = list(mails.values_list("state", flat=True)[:BOUNCES])
    if hard or last == [Delivery.State.BOUNCED] * BOUNCES:
        suspend(subscriber_id)


def suspend(subscriber_id: int) -> None:
    """Nothing more is sent to where mail comes back from, until its owner asks again."""
    suspended = Subscriber.objects.filter(pk=subscriber_id, state=Subscriber.State.CONFIRMED)
    if suspended.update(state=Subscriber.State.SUSPENDED, ended_at=timezone.now()):
        withdraw(Subscriber(pk=subscriber_id))


def withdraw(subscriber: Subscriber) -> None:
    waiting = Delivery.objects.filter(subscriber=subscriber, state=Delivery.State.QUEUED)
    waiting.update(state=Delivery.State.WITHDRAWN)


@transaction.atomic
def prefer(*, subscriber: Subscriber, scope: str, labs: Iterable[Lab], cards: Iterable[Card]) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).update(scope=scope)
    Interest.objects.filter(subscriber=subscriber).delete()
    Interest.objects.bulk_create(
        [
            *(Interest(subscriber=subscriber, lab=lab) for lab in labs),
            *(Interest(subscriber=subscriber, card=card) for card in cards),
        ],
        ignore_conflicts=True,  # the same form sent twice at once
    )


@transaction.atomic
def erase(*, email: str) -> None:
    """Removes a person and leaves an HMAC, so that nobody signs them up again. Known or not: the same."""
    SignUp.objects.filter(email__iexact=email).delete()
    found = Subscriber.objects.select_for_update().filter(email__iexact=email)
    # The counts of an issue stay true; whose mail it was, and what a server said of it, goes.
    Delivery.objects.filter(subscriber__in=found, state=Delivery.State.QUEUED).update(
        state=Delivery.State.WITHDRAWN
    )
    Delivery.objects.filter(subscriber__in=found).update(answer="", provider_id="")
    found.delete()
    Suppression.objects.get_or_create(keyed_hash=keyed_hashes(email)[0])


def forget_unconfirmed() -> None:
    """Who was asked and said nothing for a week is not kept."""
    late = timezone.now() - LINK_IS_GOOD
    Subscriber.objects.filter(state=Subscriber.State.PENDING, asked_at__lt=late).delete()


def _take_in(sign_up: SignUp) -> None:
    now = timezone.now()
    if Suppression.objects.filter(keyed_hash__in=keyed_hashes(sign_up.email)).exists():
        return
    agreed = {"asked_at": now, "wording": sign_up.wording, "page": sign_up.page}
    # Two requests for one address may be read at once: one makes the row, both find it.
    Subscriber.objects.bulk_create([Subscriber(email=sign_up.email, **agreed)], ignore_conflicts=True)
    subscriber = Subscriber.objects.select_for_update().at(sign_up.email).get()
    if subscriber.state == Subscriber.State.CONFIRMED:
        _write(subscriber, Delivery.Kind.KNOWN)
        return
    if subscriber.state != Subscriber.State.PENDING:
        subscriber.confirm_token = new_token()
    subscriber.state = Subscriber.State.PENDING
    subscriber.confirmed_at = subscriber.ended_at = None
    subscriber.asked_at, subscriber.wording, subscriber.page = now, sign_up.wording, sign_up.page
    subscriber.save()
    _write(subscriber, Delivery.Kind.CONFIRM)


def _write(subscriber: Subscriber, kind: str) -> None:
    # By rows as well as by Redis: without it anybody could fill somebody else's mailbox.
    most, seconds = settings.SUBSCRIPTIONS_PER_ADDRESS
    letters = subscriber.deliveries.exclude(kind=Delivery.Kind.ISSUE)
    if letters.filter(not_before__gt=timezone.now() - timedelta(seconds=seconds)).count() >= most:
        return
    # One letter of a kind waits at most: asked twice within a minute is answered once.
    Delivery.objects.bulk_create(
        [Delivery(subscriber=subscriber, kind=kind, not_before=timezone.now())], ignore_conflicts=True
    )
