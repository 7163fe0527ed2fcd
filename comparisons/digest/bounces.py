"""What a mail provider reports later, through anymail's webhooks. Connected only where anymail is used."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q

from comparisons.digest.actions.subscribing import came_back, unsubscribe
from comparisons.digest.models import Delivery
from comparisons.digest.sending.answers import without

SENT = (Delivery.State.SENDING, Delivery.State.SENT, Delivery.State.UNKNOWN)
GONE = {"bounced", "invalid", "blocked"}


class Event(Protocol):
    """Of anymail's AnymailTrackingEvent what we read."""

    event_type: str
    message_id: str | None
    metadata: dict[str, Any]
    recipient: str | None
    reject_reason: str | None
    mta_response: str | None
    description: str | None


def on_tracking(sender: Any, event: Event, esp_name: str, **_: Any) -> None:
    """One report of the provider about one mail; reports come twice and in any order."""
    delivery = _delivery(event)
    if delivery is None or delivery.subscriber is None:
        return
    mails = Delivery.objects.filter(pk=delivery.pk)
    match event.event_type:
        case "bounced" | "rejected":
            words = event.mta_response or event.description or event.event_type
            answer = without(delivery.subscriber.email, f"{esp_name}: {words}")
            mails.filter(state__in=SENT).update(state=Delivery.State.BOUNCED, lease_until=None, answer=answer)
            came_back(delivery.subscriber.pk, hard=event.reject_reason in GONE)
        case "delivered":
            # The proof that was missing.
            mails.filter(state=Delivery.State.UNKNOWN).update(
                state=Delivery.State.SENT, answer=f"{esp_name}: delivered"
            )
        case "complained" | "unsubscribed":
            unsubscribe(token=delivery.subscriber.token)


def _delivery(event: Event) -> Delivery | None:
    known = Q(provider_id=event.message_id) if event.message_id else Q(pk__in=[])
    try:
        known |= Q(message_id=UUID(str((event.metadata or {}).get("delivery"))))
    except ValueError:
        pass  # not one of ours, or a provider that gives no metadata back
    return Delivery.objects.filter(known).select_related("subscriber").first()
