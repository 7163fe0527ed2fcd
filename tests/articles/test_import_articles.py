"""Articles from files, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from comparisons.articles.importing import UnusableArticle, read_article
from comparisons.articles.models import Article
from tests.factories.cards import make_card

STARTER = settings.BASE_DIR / "comparisons" / "articles" / "starter"
FRONT = "slug: one\ntitle: One\nstandfirst: Short.\n"


def written(folder: Path, text: str, name: str = "one.md") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def article_file(folder: Path, front: str = FRONT, body: str = "Text.\n") -> Path:
    return written(folder, f"---\n{front}---\n{body}")


@pytest.mark.django_db
def test_the_starter_article_goes_in_once(admin_user, capsys) -> None:
    make_card("codestral-22b"), make_card("devstral-small-2")
    call_command("import_articles", str(STARTER))
    article = Article.objects.get()
    assert article.state == "published" and article.author == admin_user
    assert [each.card.slug for each in article.related_cards.all()] == ["codestral-22b", "devstral-small-2"]
    assert article.aged_notes.count() == 1
    assert "<pre><code>ollama pull codestral\n" in article.body_html
    Article.objects.update(title="Edited since")
    call_command("import_articles", str(STARTER))
    assert Article.objects.get().title == "Edited since"
    assert "created 0, there already 1, refused 0" in capsys.readouterr().out


def test_the_starter_article_names_settings_that_exist() -> None:
    text = read_article(next(STARTER.glob("*.md"))).body
    for name in ("PANEL_JUDGES", "OLLAMA_MODEL", "MISTRAL_SERVER_URL"):
        assert name in text and hasattr(settings, name)


@pytest.mark.django_db
def test_without_a_day_it_is_a_draft(tmp_path: Path, admin_user) -> None:
    call_command("import_articles", str(article_file(tmp_path)))
    assert (Article.objects.get().state, Article.objects.get().published_at) == ("draft", None)


@pytest.mark.django_db
def test_an_unknown_card_is_told_and_left_out(tmp_path: Path, admin_user, capsys) -> None:
    make_card("alpha")
    call_command("import_articles", str(article_file(tmp_path, f"{FRONT}cards: [nobody, alpha, alpha]\n")))
    assert [each.card.slug for each in Article.objects.get().related_cards.all()] == ["alpha"]
    assert "no card has the slug 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("No front matter.", "does not begin with front matter"),
        ("---\nslug: one\n", "does not begin with front matter"),
        ("words ---\nslug: one\n---\nText.", "does not begin with front matter"),
        ("---\n{: [\n---\nText.", "is not YAML"),
        ("---\njust words\n---\nText.", "has no fields"),
        (f"---\n{FRONT}---\n \n", "body"),
        ("---\nslug: one\nstandfirst: Short.\n---\nText.", "title"),
        (f"---\n{FRONT}published_on: soon\n---\nText.", "published_on"),
        (f"---\n{FRONT}colour: red\n---\nText.", "colour"),
        ("---\nslug: One Two\ntitle: One\nstandfirst: Short.\n---\nText.", "slug"),
        (f"---\n{FRONT}aged: [{{note: No day.}}]\n---\nText.", "aged.0.dated"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_field(tmp_path: Path, text: str, sentence: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(UnusableArticle, match=r"one\.md") as refusal:
        read_article(file)
    assert sentence in str(refusal.value)


def test_what_is_no_text_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "one.md"
    file.write_bytes(b"\xff\xfe")
    for path in (file, tmp_path / "missing.md"):
        with pytest.raises(UnusableArticle, match="cannot be read"):
            read_article(path)


@pytest.mark.django_db
@pytest.mark.parametrize(("good", "code"), [(True, 1), (False, 2)])
def test_the_good_ones_go_in(tmp_path: Path, admin_user, good: bool, code: int, capsys) -> None:
    written(tmp_path, "Nothing.", "bad.md")
    if good:
        article_file(tmp_path)
    with pytest.raises(SystemExit) as end:
        call_command("import_articles", str(tmp_path))
    assert end.value.code == code
    assert Article.objects.count() == good
    assert "bad.md: does not begin with front matter" in capsys.readouterr().err


@pytest.mark.django_db
def test_an_article_needs_an_author(tmp_path: Path, django_user_model) -> None:
    file = article_file(tmp_path)
    with pytest.raises(CommandError, match="there is no admin yet"):
        call_command("import_articles", str(file))
    with pytest.raises(CommandError, match="nobody is called 'ann'"):
        call_command("import_articles", str(file), author="ann")
    django_user_model.objects.create_user("ann")
    call_command("import_articles", str(file), author="ann")
    assert Article.objects.get().author.username == "ann"


@pytest.mark.django_db
def test_an_empty_folder_is_said(tmp_path: Path, admin_user) -> None:
    with pytest.raises(CommandError, match=r"There is no \.md file there"):
        call_command("import_articles", str(tmp_path))
