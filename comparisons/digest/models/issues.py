"""The week's issue, its editions for readers with different wishes, and one delivery a mail."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse

from comparisons.digest.models.subscribers import Subscriber
from comparisons.digest.week import Week


class IssueQuerySet(models.QuerySet["Issue"]):
    def public(self) -> Self:
        """What the archive shows: sent, or being sent. Newest first."""
        return self.filter(state__in=[Issue.State.SENDING, Issue.State.SENT]).order_by("-year", "-week")

    def of(self, week: Week) -> Self:
        return self.filter(year=week.year, week=week.number)


class Issue(models.Model):
    """One ISO week's digest. What it says is frozen when it is composed."""

    class State(models.TextChoices):
        DRAFT = "draft", "Not composed yet"
        EMPTY = "empty", "Nothing to say"
        READY = "ready", "Composed"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"

    year = models.PositiveSmallIntegerField()
    week = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    # What happened from `since` on, up to and without `until`: no moment is in two issues or in none.
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    content = models.JSONField(null=True)  # see content.py
    subject = models.CharField(max_length=200, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    held = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-week"]
        constraints = [
            models.UniqueConstraint(name="issue_once_per_week", fields=["year", "week"]),
            models.CheckConstraint(name="issue_week_is_1_to_53", condition=Q(week__gte=1, week__lte=53)),
            models.CheckConstraint(
                name="issue_composed_is_frozen",
                condition=Q(state__in=["draft", "empty"], content__isnull=True, subject="")
                | Q(state__in=["ready", "sending", "sent"], content__isnull=False, since__lt=F("until"))
                & ~Q(subject=""),
            ),
            models.CheckConstraint(
                name="issue_state_goes_with_its_dates",
                condition=Q(
                    state__in=["draft", "empty", "ready"], started_at__isnull=True, finished_at__isnull=True
                )
                | Q(state="sending", started_at__isnull=False, finished_at__isnull=True)
                | Q(state="sent", started_at__isnull=False, finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.iso_week)

    def get_absolute_url(self) -> str:
        return reverse("digest-issue", args=[str(self.iso_week)])

    @property
    def iso_week(self) -> Week:
        return Week(self.year, self.week)


class Edition(models.Model):
    """What of an issue one group of readers gets: everything, or the items that their wishes leave."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="editions", db_index=False)
    keys = models.JSONField()  # of the items, in the issue's order
    sha256 = models.CharField(max_length=64)  # of the keys

    class Meta:
        constraints = [
            models.UniqueConstraint(name="edition_once_per_issue_and_items", fields=["issue", "sha256"]),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {len(self.keys)} items"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def tally(self) -> dict[str, int]:
        """How many stand where, every state named."""
        counts = dict(self.order_by().values_list("state").annotate(n=Count("pk")))
        return {state: counts.get(state, 0) for state in Delivery.State.values}


class Delivery(models.Model):
    """One mail to one subscriber, and what became of it.

    queued → sending → sent | bounced | failed | unknown, or back to queued when the server's own answer
    proves that it did not take it. What nobody knows is `unknown`, and never sent again by a machine.
    """

    class Kind(models.TextChoices):
        ISSUE = "issue", "Issue"
        CONFIRM = "confirm", "Please confirm"
        KNOWN = "known", "Already subscribed"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        BOUNCED = "bounced", "Came back"
        FAILED = "failed", "Refused"
        UNKNOWN = "unknown", "Unknown"
        WITHDRAWN = "withdrawn", "Withdrawn: unsubscribed before its turn"

    kind = models.CharField(max_length=7, choices=Kind)
    issue = models.ForeignKey(
        Issue, on_delete=models.CASCADE, null=True, related_name="deliveries", db_index=False
    )
    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    # Empty once the person was erased: the count stays, who it was does not.
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, related_name="deliveries"
    )
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    # The Message-ID's left part: the same however often it is tried, so that a mailbox can tell.
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    provider_id = models.CharField(max_length=200, blank=True)  # what a mail provider calls it
    attempts = models.PositiveSmallIntegerField(default=0)  # tries that were refused
    not_before = models.DateTimeField()
    claim = models.UUIDField(null=True)  # of the sender that holds it, new with every batch
    lease_until = models.DateTimeField(null=True)
    # Set before the text goes out. A claim that died without it was provably never begun.
    begun_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)  # the server's words, without the address
    answered_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            # Letters (no issue) first: somebody is waiting for them.
            models.Index(
                F("issue").asc(nulls_first=True), F("id").asc(),
                name="delivery_waiting", condition=Q(state="queued"),
            ),
            models.Index(fields=["lease_until"], name="delivery_leased", condition=Q(state="sending")),
            models.Index(fields=["issue", "state"], name="delivery_of_issue"),
            models.Index(fields=["provider_id"], name="delivery_at_provider", condition=~Q(provider_id="")),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                name="delivery_once_per_issue_and_subscriber", fields=["issue", "subscriber"]
            ),
            models.UniqueConstraint(
                name="delivery_letter_waits_once",
                fields=["subscriber", "kind"],
                condition=Q(state="queued", issue__isnull=True),
            ),
            models.CheckConstraint(
                name="delivery_issue_goes_with_kind",
                condition=Q(kind="issue", issue__isnull=False, edition__isnull=False)
                | Q(kind__in=["confirm", "known"], issue__isnull=True, edition__isnull=True),
            ),
            models.CheckConstraint(
                name="delivery_claim_goes_with_state",
                condition=Q(
                    state="queued", claim__isnull=True, lease_until__isnull=True, begun_at__isnull=True
                )
                | Q(state="sending", claim__isnull=False, lease_until__isnull=False)
                | Q(state__in=["sent", "unknown"], lease_until__isnull=True, begun_at__isnull=False)
                | Q(state__in=["bounced", "failed", "withdrawn"], lease_until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"


class Outlet(models.Model):
    """The one way out: who is sending now, and until when nobody does. A single row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    holder = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    pauses = models.PositiveSmallIntegerField(default=0)  # in a row; each is twice as long
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="outlet_is_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return "the outlet"

    def save(self, *args: Any, **options: Any) -> None:
        self.id = 1
        super().save(*args, **options)
