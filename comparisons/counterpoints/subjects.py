"""What a counterpoint is about, a comparison or an article, as its forms and pages need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from comparisons.articles.models import Article
from comparisons.counterpoints.forms import answer_choices
from comparisons.counterpoints.models import Counterpoint, CounterpointQuerySet
from comparisons.pairings.addresses import NoSuchPairing, kept, pairing_at
from comparisons.pairings.models import Pairing
from comparisons.pairings.page import told_apart
from comparisons.reviews.models import Reviewer


class NoSuchSubject(LookupError):
    """There is no page at this slug to argue with; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Exactly one of `pairing` and `article` is there."""

    pairing: Pairing | None = None
    article: Article | None = None
    name_a: str = ""
    name_b: str = ""

    @property
    def title(self) -> str:
        return self.article.title if self.article else f"{self.name_a} vs {self.name_b}"

    @property
    def noun(self) -> str:
        return "article" if self.article else "comparison"

    @property
    def slug(self) -> str:
        """Of the page: what a stamp is signed for. A colon is in no slug of a pairing."""
        return f"article:{self.article.slug}" if self.article else self._pairing.slug

    @property
    def address(self) -> str:
        return (self.article or self._pairing).get_absolute_url()

    @property
    def sends_to(self) -> str:
        if self.article:
            return reverse("article-counterpoints", args=[self.article.slug])
        return reverse("counterpoints", args=[self._pairing.slug])

    def answers(self) -> list[tuple[str, str]]:
        """What on the page can be answered; nothing in particular on an article."""
        if self.article:
            return []
        return answer_choices(Reviewer.objects.filter(active=True), self.name_a, self.name_b)

    def published(self) -> CounterpointQuerySet:
        """What readers have said about it."""
        if self.article:
            return Counterpoint.objects.on_article(self.article)
        return Counterpoint.objects.of(self._pairing)

    def kept(self) -> dict[str, Pairing] | dict[str, Article]:
        """The row that a counterpoint hangs on, under the name it has there."""
        return {"article": self.article} if self.article else {"pairing": kept(self._pairing)}

    @property
    def _pairing(self) -> Pairing:
        assert self.pairing is not None
        return self.pairing


Find = Callable[[str], Subject]


def comparison(slug: str) -> Subject:
    """Raises NoSuchSubject."""
    try:
        return _of_pairing(pairing_at(slug))
    except NoSuchPairing as reason:
        raise NoSuchSubject(str(reason)) from None


def article(slug: str) -> Subject:
    """Raises NoSuchSubject, also for a draft."""
    found = Article.objects.published().filter(slug=slug).first()
    if found is None:
        raise NoSuchSubject("No article is published at this address.")
    return Subject(article=found)


def subject_of(counterpoint: Counterpoint) -> Subject:
    subject = counterpoint.subject
    return Subject(article=subject) if isinstance(subject, Article) else _of_pairing(subject)


def _of_pairing(pairing: Pairing) -> Subject:
    name_a, name_b = told_apart(pairing.left, pairing.right)
    return Subject(pairing=pairing, name_a=name_a, name_b=name_b)
