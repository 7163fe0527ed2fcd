"""Counterpoints of readers, and the log of what moderators decided about them."""

from __future__ import annotations

import secrets
from typing import Self

from django.conf import settings
from django.core.validators import MaxLengthValidator, MinLengthValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Length
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.urls import reverse

from comparisons.articles.models import Article
from comparisons.counterpoints.reasons import ADVICE, Reason, because
from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Reviewer

SHORTEST, LONGEST = 20, 4_000  # characters of Markdown
SHOWN = 50  # on one page


def new_token() -> str:
    return secrets.token_urlsafe(24)


class CounterpointQuerySet(models.QuerySet["Counterpoint"]):
    def published(self) -> Self:
        """What readers may see, newest first: approved by a moderator, nothing else, anywhere."""
        return (
            self.filter(state=Counterpoint.State.APPROVED)
            .select_related("answers_reviewer")
            .order_by("-created_at", "-pk")
        )

    def of(self, pairing: Pairing) -> Self:
        """The published ones on one pairing; none on one that is not kept yet."""
        return self.published().filter(pairing=pairing) if pairing.pk else self.none()

    def on_article(self, article: Article) -> Self:
        """The published ones on one article."""
        return self.published().filter(article=article)

    def waiting(self) -> Self:
        """The moderators' queue: texts whose sender's browser has worked for it first, then by age."""
        return self.filter(state=Counterpoint.State.PENDING).order_by("-proof_of_work", "created_at", "pk")


class Counterpoint(models.Model):
    """One reader's text against, beside or beyond what the panel said.

    Never edited, only decided, and redacted by a visible mark. What these columns hold is what everybody may
    see once it is approved: what was redacted stands in `Original` or nowhere.
    """

    class Kind(models.TextChoices):
        PUSH_BACK = "push_back", "Push back"
        EXTEND = "extend", "Extend"
        SHARPEN = "sharpen", "Sharpen"

    class State(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"
        SPAM = "spam"

    class Side(models.TextChoices):
        LEFT = "left"
        RIGHT = "right"
        PICK = "", "their pick between the two"

    # What it is about: one of the two.
    pairing = models.ForeignKey(
        Pairing, on_delete=models.CASCADE, null=True, blank=True, related_name="counterpoints"
    )
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, null=True, blank=True, related_name="counterpoints"
    )
    kind = models.CharField(max_length=9, choices=Kind)
    # Markdown as typed, and what `markdown.render` made of it once, when it was sent.
    body = models.TextField(validators=[MinLengthValidator(SHORTEST), MaxLengthValidator(LONGEST)])
    body_html = models.TextField(editable=False)
    name = models.CharField(max_length=60, blank=True)
    link = models.URLField(max_length=300, blank=True, validators=[URLValidator(schemes=["http", "https"])])
    # What it answers: this reviewer's paragraph on the card of that side, or their pick; nothing in
    # particular when empty.
    answers_reviewer = models.ForeignKey(
        Reviewer, to_field="slug", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answers_side = models.CharField(max_length=5, choices=Side, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    author_key = models.CharField(max_length=64, editable=False)  # HMAC: the same for all one visitor sends
    private_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    # One opened form makes one counterpoint of one text, however often it is sent.
    form_nonce = models.CharField(max_length=32, editable=False)
    proof_of_work = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, editable=False)
    redacted_at = models.DateTimeField(null=True, editable=False)  # the last time

    objects = CounterpointQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                name="counterpoint_published",
                fields=["pairing", "-created_at", "-id"],
                condition=Q(state="approved"),
            ),
            models.Index(
                name="counterpoint_on_article",
                fields=["article", "-created_at", "-id"],
                condition=Q(state="approved", article__isnull=False),
            ),
            models.Index(
                name="counterpoint_newest", fields=["-created_at", "-id"], condition=Q(state="approved")
            ),
            models.Index(
                name="counterpoint_waiting",
                fields=["-proof_of_work", "created_at", "id"],
                condition=Q(state="pending"),
            ),
            models.Index(name="counterpoint_by_author", fields=["author_key", "-created_at"]),
            models.Index(MD5("body"), name="counterpoint_by_text"),
        ]
        constraints = [
            models.UniqueConstraint(F("form_nonce"), MD5("body"), name="counterpoint_once_per_form_and_text"),
            models.CheckConstraint(
                name="counterpoint_is_on_a_pairing_or_an_article",
                condition=Q(pairing__isnull=False, article__isnull=True)
                # No reviewer has spoken in an article, so there is none to answer.
                | Q(pairing__isnull=True, article__isnull=False, answers_reviewer__isnull=True),
            ),
            models.CheckConstraint(
                name="counterpoint_body_20_to_4000_characters",
                # A mark may be longer than what it stands for.
                condition=Q(GreaterThanOrEqual(Length("body"), SHORTEST))
                & (Q(LessThanOrEqual(Length("body"), LONGEST)) | Q(redacted_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="counterpoint_kind_is_known", condition=Q(kind__in=["push_back", "extend", "sharpen"])
            ),
            models.CheckConstraint(
                name="counterpoint_pending_until_decided",
                condition=Q(state="pending", decided_at__isnull=True)
                | Q(state__in=["approved", "rejected", "spam"], decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="counterpoint_side_goes_with_reviewer",
                condition=Q(answers_side="")
                | Q(answers_side__in=["left", "right"], answers_reviewer__isnull=False),
            ),
            models.CheckConstraint(
                name="counterpoint_link_is_http", condition=Q(link="") | Q(link__iregex=r"^https?://")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.subject}, {self.state}"

    @property
    def subject(self) -> Pairing | Article:
        """What it is about."""
        subject = self.pairing or self.article
        assert subject is not None  # counterpoint_is_on_a_pairing_or_an_article
        return subject

    @property
    def private_address(self) -> str:
        """Where the author, and nobody else who was not told, follows what becomes of it."""
        name = "counterpoint" if self.pairing_id else "article-counterpoint"
        return reverse(name, args=[self.subject.slug, self.private_token])


class Original(models.Model):
    """What a counterpoint said before a moderator took something out: for staff, until it is erased."""

    counterpoint = models.OneToOneField(Counterpoint, on_delete=models.CASCADE, primary_key=True)
    body = models.TextField()
    name = models.CharField(max_length=60, blank=True)
    link = models.URLField(max_length=300, blank=True)
    kept_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.counterpoint_id}, as it was sent"


class Decision(models.Model):
    """One line of the moderation log. A trigger refuses UPDATE and DELETE: the log is only ever added to."""

    class Step(models.TextChoices):
        """The states, and the two things done to a text that stays in the state it is in."""

        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"
        SPAM = "spam"
        REDACTED = "redacted"
        ERASED = "erased"

    Reason = Reason

    # No constraint in the database, and nothing done on deletion: the log outlives a text that was erased.
    counterpoint = models.ForeignKey(
        Counterpoint, on_delete=models.DO_NOTHING, db_constraint=False, related_name="decisions"
    )
    # Accounts that have decided are deactivated, not deleted: the log must go on saying who.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    from_state = models.CharField(max_length=8, choices=Step)
    to_state = models.CharField(max_length=8, choices=Step)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(name="decision_newest", fields=["-at", "-id"])]
        constraints = [
            models.CheckConstraint(name="decision_changes_the_state", condition=~Q(from_state=F("to_state"))),
            models.CheckConstraint(
                name="decision_gives_a_reason_to_reject", condition=~Q(to_state="rejected") | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="decision_gives_a_reason_to_redact",
                condition=~Q(to_state__in=["redacted", "erased"]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="decision_states_are_known",
                condition=Q(from_state__in=["pending", "approved", "rejected", "spam"])
                & Q(to_state__in=["pending", "approved", "rejected", "spam", "redacted", "erased"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counterpoint_id}: {self.from_state} → {self.to_state}"

    @property
    def because(self) -> str:
        """The reason, to stand within a sentence."""
        return because(self.reason)

    @property
    def advice(self) -> str:
        """What the author can do about it."""
        return ADVICE.get(Reason(self.reason), "")
