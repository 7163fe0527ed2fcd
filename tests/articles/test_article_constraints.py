"""What the database refuses, and what saving keeps together."""

import pytest
from django.db import IntegrityError

from comparisons.articles.models import AgedNote, Article, RelatedCard
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from tests.articles.conftest import make_article
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"published_at": None}, "article_published_has_a_date"),
        ({"state": "hidden"}, "article_state_is_known"),
        ({"title": ""}, "article_has_title_standfirst_and_body"),
        ({"standfirst": ""}, "article_has_title_standfirst_and_body"),
        ({"body": ""}, "article_has_title_standfirst_and_body"),
    ],
)
def test_what_the_database_refuses(change, sentence):
    make_article()
    with pytest.raises(IntegrityError, match=sentence):
        Article.objects.update(**change)


def test_a_card_has_one_box_in_an_article():
    article = make_article(cards=("alpha",))
    with pytest.raises(IntegrityError, match="related_card_once_per_article"):
        RelatedCard.objects.create(article=article, card=make_card("alpha"))


def test_a_note_says_something():
    with pytest.raises(IntegrityError, match="aged_note_says_something"):
        AgedNote.objects.create(article=make_article(), body="")


@pytest.mark.parametrize("both", [True, False])
def test_a_counterpoint_is_on_one_thing(both):
    on = {}
    if both:
        on = {
            "pairing": Pairing.objects.between(make_card("alpha"), make_card("beta")),
            "article": make_article(),
        }
    with pytest.raises(IntegrityError, match="counterpoint_is_on_a_pairing_or_an_article"):
        Counterpoint.objects.create(kind="extend", body="x" * 30, author_key="k", form_nonce="n", **on)


def test_the_html_is_made_whenever_the_text_is_saved():
    article = make_article()
    article.body = "**New**"
    article.save(update_fields=["body"])
    article.refresh_from_db()
    assert article.body_html == "<p><strong>New</strong></p>"
    Article.objects.update_or_create(slug=article.slug, defaults={"body": "*Newer*"})
    article.refresh_from_db()
    assert article.body_html == "<p><em>Newer</em></p>"


def test_an_article_and_its_parts_have_names():
    article = make_article(cards=("alpha",))
    note = AgedNote.objects.create(article=article, body="A note.")
    assert str(article) == "A local model"
    assert str(note).startswith(str(article.pk))
    assert str(article.related_cards.get()).endswith(f"on {article.pk}")
