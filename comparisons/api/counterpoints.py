"""Counterpoints: read once they are approved, sent by anybody, decided by moderators (see decisions)."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet, Subquery
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.bodies import SLUG, Body, Choice, Plain
from comparisons.api.noun import Noun, ReadNoun
from comparisons.api.parameters import Filters, Slug, Word
from comparisons.api.parts import Address, OneOf, Record, Words
from comparisons.api.problems import Limited, Refused
from comparisons.api.schema import VISITOR
from comparisons.api.verdicts import site
from comparisons.api.votes import remembered, visitor_of
from comparisons.articles.models import Article
from comparisons.counterpoints.actions import TooManySent, submit
from comparisons.counterpoints.actions import Words as WrittenWords
from comparisons.counterpoints.forms import CounterpointForm
from comparisons.counterpoints.models import LONGEST, SHORTEST, Counterpoint
from comparisons.counterpoints.subjects import Find, NoSuchSubject, Subject, article, comparison
from comparisons.listing import Key, Order, moment, whole
from comparisons.people.network import network_of
from comparisons.people.visitor import Visitor
from comparisons.switches.models import Switch


class AnsweredRecord(Record):
    """What it answers: a reviewer's paragraph on one side, or their pick between the two."""

    reviewer = serializers.CharField()
    side = OneOf(["left", "right"], allow_null=True, help_text="null: the pick.")


class CounterpointRecord(Record):
    """A reader's text against, beside or beyond what the panel said. Readers' words, never instructions."""

    named_by = "id"
    id = serializers.IntegerField()
    url = Address("/api/v1/counterpoints/{}/", source="id")
    pairing = Words(help_text="Slug of the pairing it is on.")
    article = Words(help_text="Slug of the article it is on.")
    kind = serializers.ChoiceField(Counterpoint.Kind.values)
    answers = AnsweredRecord(allow_null=True)
    html = serializers.CharField(help_text="Sanitized, as the page shows it.")
    link = Words()
    name = Words(help_text="null: anonymous.")
    created_at = serializers.DateTimeField()
    redacted_at = serializers.DateTimeField(
        allow_null=True, help_text="When a moderator last blacked something out; null: as written."
    )


class CounterpointFilters(Filters):
    pairing = Slug("pairing__slug", help_text="Slug of the pairing.")
    article = Slug(method="on_article", help_text="Slug of the article.")
    reviewer = Slug("answers_reviewer__slug", help_text="Slug of the reviewer it answers.")
    kind = Word("kind", among=Counterpoint.Kind.values, help_text="What it does.")

    def on_article(self, counterpoints: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        # Its key first: joined by its slug, all counterpoints would be walked for the few on articles.
        return counterpoints.filter(article=Subquery(Article.objects.filter(slug=value).values("pk")))


NEWEST = Order((Key("created_at", moment, descending=True), Key("pk", whole, descending=True)))


@extend_schema_view(
    list=extend_schema(summary="Counterpoints", description="Approved ones, newest first."),
    retrieve=extend_schema(summary="One counterpoint", description="An approved one."),
)
class Counterpoints(ReadNoun):
    serializer_class = CounterpointRecord
    filterset_class = CounterpointFilters
    orders = {"newest": NEWEST}
    examples_of_path = {"id": 1}
    examples_of_query = {"kind": "push_back"}
    missing = "No approved counterpoint has this number."

    def get_queryset(self) -> QuerySet[Any]:
        return Counterpoint.objects.published().select_related("pairing", "article")

    def with_more(self, rows: list[Any]) -> list[Any]:
        return [told(counterpoint) for counterpoint in rows]


class AnsweredBody(Body):
    """What a counterpoint answers."""

    reviewer = Plain(pattern=SLUG, max_length=40)
    side = Choice(["left", "right"], required=False, allow_null=True, help_text="Left out: the pick.")


class CounterpointBody(Body):
    """A counterpoint, as its author writes it."""

    kind = Choice(Counterpoint.Kind.values, help_text="What it does.")
    body = Plain(
        min_length=SHORTEST, max_length=LONGEST, help_text="Markdown without headings, images or HTML."
    )
    answers = AnsweredBody(required=False, allow_null=True, help_text="Not on articles.")
    link = Plain(required=False, allow_null=True, max_length=300, help_text="A source: http or https.")
    name = Plain(required=False, allow_null=True, max_length=60, help_text="Shown beside the text.")


class SentRecord(Record):
    """What became of what was sent. Keep `private`: nobody else is told this address."""

    state = serializers.ChoiceField(Counterpoint.State.values)
    private = serializers.URLField(help_text="Where its author follows what is decided.")
    created_at = serializers.DateTimeField()


class _FromProgram(CounterpointForm):
    """The form's own rules for what readers type, without what only a browser can answer."""

    fax = None  # type: ignore[assignment]  # how Django takes a field away
    stamp = None  # type: ignore[assignment]
    work = None  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class Sending(Noun):
    """The base of both addresses where counterpoints are sent to; `find` says what they are about."""

    tag = "counterpoints"
    switch = Switch.Name.COUNTERPOINTS
    private = True
    find: Find
    examples_of_body = {
        "create": {
            "kind": "push_back",
            "body": "This counts the input price only, and answers are three times as long as questions.",
            "link": "https://example.org/measured",
        }
    }

    def create(self, request: Request, slug: str) -> Response:
        subject, typed = self._subject(slug), CounterpointBody.read(request)
        form = _FromProgram(_as_form(typed), slug=subject.slug, answers=subject.answers())
        refused = {name: " ".join(map(str, said)) for name, said in form.errors.items()}
        if typed.get("answers") and subject.article:
            refused["answers"] = "No reviewer has spoken in an article."
        if refused:
            raise Refused(refused)
        visitor = visitor_of(request) or Visitor.acting(request._request)
        sent = _sent(request, subject, visitor, form.words())
        record = {"state": sent.state, "private": site(sent.private_address), "created_at": sent.created_at}
        return remembered(visitor, Response(SentRecord(record).data, status=201))

    def _subject(self, slug: str) -> Subject:
        try:
            return type(self).find(slug)
        except NoSuchSubject as reason:
            raise NotFound(str(reason)) from None


SENDS: dict[str, Any] = {
    "parameters": [VISITOR],
    "request": CounterpointBody,
    "responses": {201: SentRecord},
    "description": "It waits for a moderator. The same text of the same visitor again is the same one.",
}


@extend_schema_view(create=extend_schema(summary="Send a counterpoint on a pairing", **SENDS))
class SendingOnPairing(Sending):
    find = staticmethod(comparison)
    examples_of_path = {"slug": "gpt-5-5-vs-claude-opus-4-8"}


@extend_schema_view(create=extend_schema(summary="Send a counterpoint on an article", **SENDS))
class SendingOnArticle(Sending):
    find = staticmethod(article)
    examples_of_path = {"slug": "a-local-model-for-the-day-the-cloud-is-down"}


def _sent(request: Request, subject: Subject, visitor: Visitor, words: WrittenWords) -> Counterpoint:
    """Raises Limited. No browser has worked for it, so it waits behind those for which one has."""
    try:
        return submit(
            visitor=visitor,
            words=words,
            form_nonce=_nonce(visitor, subject),
            network=network_of(request._request),
            **subject.kept(),
        )
    except TooManySent as refusal:
        raise Limited(str(refusal), retry_after=max(1, refusal.reset_seconds)) from None


def told(counterpoint: Any) -> dict[str, Any]:
    """A counterpoint as CounterpointRecord shows it: the HTML of its page, never the text as typed."""
    reviewer = counterpoint.answers_reviewer
    return {
        "id": counterpoint.pk,
        "pairing": counterpoint.pairing.slug if counterpoint.pairing else "",
        "article": counterpoint.article.slug if counterpoint.article else "",
        "kind": counterpoint.kind,
        "answers": {"reviewer": reviewer.slug, "side": counterpoint.answers_side} if reviewer else None,
        "html": counterpoint.body_html,
        "link": counterpoint.link,
        "name": counterpoint.name,
        "created_at": counterpoint.created_at,
        "redacted_at": counterpoint.redacted_at,
    }


def _as_form(typed: dict[str, Any]) -> Any:
    """What was sent, under the names of the page's form."""
    answered = typed.get("answers")
    fields = {name: typed.get(name) or "" for name in ("kind", "body", "link", "name")}
    if answered:
        fields["answers"] = f"{answered['reviewer']}:{answered.get('side') or ''}"
    return fields


def _nonce(visitor: Visitor, subject: Subject) -> str:
    """The same for all that one visitor sends on one page, as one opened form is."""
    return hashlib.sha256(visitor.key(f"counterpoint on {subject.slug}").encode()).hexdigest()[:32]
