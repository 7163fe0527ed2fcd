"""Social cards: what they say, that any name can be drawn, and that they are drawn once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from comparisons.pairings.models import Pairing
from comparisons.pairings.page import comparison_page
from comparisons.reviews.benches import bench_of
from comparisons.social import cards, drawing, lettering, store
from comparisons.social.drawing import Comparison, Plate, Side, draw
from comparisons.social.lettering import drawable, fitted, wrap
from tests.factories.benches import hear
from tests.factories.cards import make_card

THEME = settings.PALETTE.light

pytestmark = pytest.mark.django_db
URL = "/compare/alpha-vs-beta/og.png"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path
    return tmp_path / "og"


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    return image.convert("RGB")


def has_color(image: Image.Image, color: str) -> bool:
    """Whether anything is drawn in (about) this color: a palette may shift it by a shade."""
    wanted = tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
    counted = image.getcolors(1 << 20) or []
    return any(max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 12 for _, found in counted)  # type: ignore[arg-type]


def test_it_is_a_picture_of_the_size_that_is_asked_for_in_both_colors(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"))
    answer = client.get(URL)
    assert answer["Content-Type"] == "image/png"
    assert not answer.cookies
    image = opened(answer.content)
    assert image.size == (1200, 630)
    assert has_color(image, THEME.a) and has_color(image, THEME.b)
    assert len(answer.content) < 60_000


def test_it_says_what_the_page_says() -> None:
    hear(make_card("alpha", name="Alphé"), make_card("beta", name="模型"))
    card = cards.of_comparison(comparison_page("alpha-vs-beta"), "Sécond Opinion")
    assert card.site == "Second Opinion"
    assert card.a == Side("Alphe", "ship", 4, 4, 83.5)
    assert card.b == Side("beta", "ship", 3, 4, 79.0)
    assert (card.side, card.lead) == ("a", "Lean Alphe")
    assert card.because == "preferred by 4 of 4 reviewers, by a small margin"
    assert card.foot == "n = 4 reviewers · judge: rubric v1 (rule-based, no model)"
    assert card.day.startswith("Verdict of ")


def test_one_model_and_mixed_judges_are_named() -> None:
    hear(make_card("alpha"), make_card("beta"), judge="mistral")
    assert "(one model, four lenses)" in cards.of_comparison(comparison_page("alpha-vs-beta"), "S").foot
    hear(make_card("alpha"), make_card("beta"), judge="mistral", other_judge="rubric")
    assert "(mixed judges, provisional)" in cards.of_comparison(comparison_page("alpha-vs-beta"), "S").foot


def test_a_sentence_names_the_folded_name_too() -> None:
    left, right = (70, 70, 70, 70), (70, 70, 70, 74)
    hear(make_card("alpha"), make_card("beta", name="模型"), left, right)
    assert (
        "1 of 4 reviewers prefers beta" in cards.of_comparison(comparison_page("alpha-vs-beta"), "S").because
    )


def test_an_unheard_pairing_has_a_plain_card_and_leaves_no_row(client: Client) -> None:
    make_card("alpha")
    make_card("beta")
    assert client.get(URL).status_code == 200
    card = cards.of_comparison(comparison_page("alpha-vs-beta"), "S")
    assert (card.lead, card.day, card.a.call) == ("Not heard yet", "", "")
    assert not Pairing.objects.exists()


def test_models_and_the_site_have_one(client: Client) -> None:
    alpha = make_card("alpha")
    assert cards.of_card(alpha, None, "S").foot == "Not heard by the panel yet."
    hear(alpha, make_card("beta"))
    assert cards.of_card(alpha, bench_of(alpha), "S").foot == (
        "Panel: 4 of 4 would ship, median score 83.5 of 100 · judge: rubric v1"
    )
    for url in ("/models/alpha/og.png", "/og.png"):
        assert opened(client.get(url).content).size == (1200, 630)


@pytest.mark.parametrize(
    "url", ["/compare/alpha-vs-nobody/og.png", "/models/nobody/og.png", "/compare/x/og.png"]
)
def test_what_has_no_page_has_no_picture(client: Client, url: str) -> None:
    make_card("alpha")
    assert client.get(url).status_code == 404


def test_the_other_order_leads_to_the_one_picture(client: Client) -> None:
    make_card("alpha")
    make_card("beta")
    answer = client.get("/compare/beta-vs-alpha/og.png")
    assert (answer.status_code, answer["Location"]) == (301, URL)


def test_it_is_only_read(client: Client) -> None:
    assert client.post(URL).status_code == 405


@pytest.mark.parametrize("heard", [False, True])
def test_it_costs_no_more_queries_than_its_page(
    client: Client, django_assert_num_queries, heard: bool
) -> None:
    alpha, beta = make_card("alpha"), make_card("beta")
    if heard:
        hear(alpha, beta)
        hear(alpha, make_card("gamma"))
    with django_assert_num_queries(2):
        client.get(URL)


def test_who_has_it_already_gets_an_empty_answer_until_it_says_something_else(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"))
    first = client.get(URL)
    assert "public" in first["Cache-Control"]
    assert first["Cross-Origin-Resource-Policy"] == "cross-origin"
    same = {"If-None-Match": first["ETag"]}
    again = client.get(URL, headers=same)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    hear(make_card("alpha"), make_card("beta"), (10, 10, 10, 10), judge="mistral")
    assert client.get(URL, headers=same).status_code == 200


def test_it_is_drawn_once(client: Client, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    hear(make_card("alpha"), make_card("beta"))
    first = client.get(URL).content
    (kept,) = folder.rglob("*.png")
    kept.write_bytes(b"from the folder")
    assert client.get(URL).content == b"from the folder"
    kept.unlink()
    assert client.get(URL).content == first


def test_the_folder_does_not_grow_without_end(folder: Path) -> None:
    for number in range(store.KEPT + 3):
        store.kept(f"abc{number}", lambda: b"drawn")
    assert len(list(folder.rglob("*.png"))) == store.KEPT
    assert len(list((folder / "abc").iterdir())) == store.KEPT


def test_a_disk_that_fails_costs_no_answer(folder: Path) -> None:
    folder.write_text("no folder")
    assert store.kept("abc1", lambda: b"drawn") == b"drawn"


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Mistral Large 2", "Mistral Large 2"),
        ("Größe\N{NO-BREAK SPACE}Ünï", "Grosse Uni"),
        ("Łódź – 2×7B", "Lodz - 2x7B"),
        ("模型", "slug"),
        ("Model 模", "slug"),
        ("model \N{ROBOT FACE}", "slug"),
        ("", ""),
    ],
)
def test_letters_are_folded_and_what_cannot_be_read_gives_way(text: str, drawn: str) -> None:
    assert drawable(text, otherwise="slug") == drawn


def test_without_another_name_what_cannot_be_drawn_is_left_out() -> None:
    assert drawable("judge 模型 v1") == "judge v1"


@pytest.mark.parametrize(
    "text",
    ["Alpha", "a " * 80, "x" * 400, "one-two-three-" * 20, "W" * 30 + " end", "i" * 90 + " " + "W" * 50],
)
def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(text: str) -> None:
    lines = wrap(text, room=300, size=40)
    assert all(0 < lettering.width(line, 40) <= 300 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_long_name_shrinks_then_wraps_then_is_cut() -> None:
    assert fitted("Alpha", room=400, sizes=(50, 40), lines=1).size == 50
    assert fitted("Alpha and nine letters", room=400, sizes=(50, 30), lines=1).size == 30
    cut = fitted("word " * 60, room=400, sizes=(50, 30), lines=2)
    assert len(cut.lines) == 2
    assert cut.lines[-1].endswith("word…")
    assert all(lettering.width(line, cut.size) <= 400 for line in cut.lines)


NAMES = ("A", "nvidia-llama-3.3-nemotron-super-49b-v1.5-" * 4, "Two words", "W" * 160)
SCORES = ((83.5, 79.0), (60.0, 60.0), (0.0, 100.0), (None, 3.0), (None, None))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scores", SCORES)
def test_nothing_is_drawn_over_the_edge(name: str, scores: tuple[float | None, float | None]) -> None:
    a, b = (Side(name, call, 2, 4, score) for call, score in zip(("split", "none"), scores, strict=True))
    card = Comparison(
        "Site " * 12, "Verdict of September 30, 2026", a, b, "b", f"Clearly {name}", "so", "n = 4"
    )
    image = opened(draw(card, THEME))
    paper = image.getpixel((2, 2))
    frame = [(x, y) for x in range(0, 1200, 3) for y in (*range(0, 30), *range(618, 630))]
    frame += [(x, y) for y in range(0, 630, 3) for x in (*range(0, 40), *range(1168, 1200))]
    assert {image.getpixel(at) for at in frame} == {paper}


def test_a_plate_holds_any_length_of_words() -> None:
    image = opened(draw(Plate("Site", "Lab · kind", "Name " * 30, "Tagline " * 60, "foot"), THEME))
    assert image.size == drawing.SIZE
