"""The comparison page as a reader gets it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from tests.factories.cards import make_card, make_offer
from tests.factories.reviews import make_reviewers, make_verdict

pytestmark = pytest.mark.django_db

URL = "/compare/alpha-vs-beta/"
REFERENCE = ((88, 82, 85, 78), (84, 78, 80, 55))  # a lean to the left


@pytest.fixture
def pairing() -> Pairing:
    return Pairing.objects.between(make_card("alpha"), make_card("beta"))


def page(client: Client, url: str = URL) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    """What a reader reads: no head, no tags, single spaces."""
    body = html.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def change(slug: str, **facts: Any) -> Card:
    card = make_card(slug, **facts)
    Card.objects.filter(pk=card.pk).update(changed_at=datetime(2026, 11, 5, tzinfo=UTC))
    return card


def test_the_reference_pairing(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE)
    text = words(page(client))
    assert "Lean Alpha: preferred by 4 of 4 reviewers, by a small margin." in text
    assert "Ship · 4 ship / 0 skip" in text
    assert "Ship · 3 ship / 1 skip" in text
    assert "88 /100 Ship" in text
    assert "55 /100 Skip" in text
    assert "The skeptic on snapshot" in text
    assert "Scores Alpha higher by 23." in text


def test_picks_are_shown_and_dissent_is_marked(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE, picks=("left", "left", "left", "right"))
    html = page(client)
    assert "Picks Beta. The founder's reason." in words(html)
    assert html.count("Dissents") == 1
    assert "Dissents" in html[html.index('id="seat-founder"') :]


def test_every_review_and_pick_links_to_its_receipt(client: Client, pairing: Pairing) -> None:
    verdict = make_verdict(pairing, *REFERENCE, picks=("left", "left", "left", "right"))
    html = page(client)
    for spoken in (*verdict.reviews.all(), *verdict.picks.all()):
        assert f'href="/receipts/{spoken.receipts[0]}/"' in html


def test_a_rubric_says_that_no_model_spoke(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE, fell_back_from="the key was refused")
    text = words(page(client))
    assert "Rule-based, no model." in text
    assert "An earlier judge did not speak: the key was refused." in text
    assert "one model, four lenses" not in text.lower()


def test_one_model_is_called_four_lenses(client: Client, pairing: Pairing) -> None:
    judge = {"judge": "mistral", "label": "mistral-medium"}
    make_verdict(pairing, *REFERENCE, left=judge, right=judge)
    text = words(page(client))
    assert "One model, four lenses." in text
    assert "Every reviewer is mistral-medium under another persona" in text
    assert "Rule-based" not in text


def test_mixed_judges_are_provisional(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE, right={"judge": "mistral", "label": "mistral-medium"})
    text = words(page(client))
    assert "Mixed judges, provisional." in text
    assert "Rubric v1 and mistral-medium spoke." in text


def test_two_keys_of_one_judge_are_mixed_as_well(client: Client, pairing: Pairing) -> None:
    same = {"label": "mistral-medium"}
    make_verdict(pairing, *REFERENCE, left={"judge": "mistral", **same}, right={"judge": "ollama", **same})
    text = words(page(client))
    assert "Mixed judges, provisional. mistral-medium spoke, and not always under the same settings." in text
    assert "lenses" not in text.lower()


def test_a_panel_of_one_model_and_one_seat_is_not_called_mixed(client: Client, pairing: Pairing) -> None:
    judge = {"judge": "mistral", "label": "mistral-medium"}
    make_verdict(pairing, (88,), (84,), left=judge, right=judge)
    text = words(page(client))
    assert "mistral-medium spoke." in text
    assert "Mixed judges" not in text


def test_an_abstention_below_quorum_is_no_verdict(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, (88, 82, None, None), REFERENCE[1])
    text = words(page(client))
    assert "No verdict: fewer than 3 reviewers had facts enough to score both cards." in text
    assert "Abstained: too few facts to score" in text


def test_without_picks_only_two_scores_make_a_preference(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, (70, 60, None, 90), (60, 70, 80, 88))
    text = words(page(client))
    assert "Scores Alpha higher by 10." in text
    assert "Scores Beta higher by 10." in text
    assert text.count("No preference by score.") == 2


def test_answers_and_points_are_folded_in(client: Client, pairing: Pairing) -> None:
    points = [{"fact": "license", "points": 12, "because": "permissive"}]
    rest = {"answers": {"first": "The first answer.", "no_longer_asked": "An old one."}, "points": points}
    make_verdict(pairing, *REFERENCE, left=rest)
    text = words(page(client))
    assert "What does the builder ask first? The first answer." in text
    assert "No longer asked An old one." in text
    assert "12 license permissive" in text


def test_a_flagged_review_says_why(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE, left={"flagged": "score and verdict disagreed"})
    assert "Read with care: score and verdict disagreed" in words(page(client))


def test_a_flagged_pick_says_why_and_the_others_do_not(client: Client, pairing: Pairing) -> None:
    verdict = make_verdict(pairing, *REFERENCE, picks=("left",) * 4)
    verdict.picks.filter(reviewer="skeptic").update(flagged="picked the card that <facts> speak against")
    html = page(client)
    assert words(html).count("Read with care: picked the card that <facts> speak against") == 1
    assert html.count("Read with care") == 1
    assert "Read with care" in html[html.index('id="seat-skeptic"') :]


MODEL, OTHER_MODEL = {"judge": "mistral", "label": "mistral-medium"}, {"judge": "ollama", "label": "qwen3:8b"}
ABSTAINED = (None, 82, 85, 78)


@pytest.mark.parametrize(
    ("scores", "left", "right", "picks", "said"),
    [
        (REFERENCE, {}, {}, 4, "rules wrote all that they say."),
        ((ABSTAINED, REFERENCE[1]), {}, {}, 0, "rules wrote all that they say."),
        (REFERENCE, MODEL, MODEL, 4, "a language model wrote all that they say."),
        (
            (ABSTAINED, REFERENCE[1]),
            MODEL,
            MODEL,
            4,
            "a language model wrote what they say; where one abstained, rules did.",
        ),
        (((None,) * 4, (None,) * 4), MODEL, MODEL, 0, "rules wrote all that they say."),
        (
            ((None,) * 4, (None,) * 4),
            MODEL,
            MODEL,
            4,
            "a language model wrote what they say; where one abstained, rules did.",
        ),
        (REFERENCE, MODEL, OTHER_MODEL, 0, "language models wrote all that they say."),
        (
            REFERENCE,
            {},
            MODEL,
            0,
            "a language model and rules wrote what they say, each review under its own name.",
        ),
    ],
)
def test_whose_words_the_bench_speaks(
    client: Client, pairing: Pairing, scores: Any, left: Any, right: Any, picks: int, said: str
) -> None:
    make_verdict(pairing, *scores, left=dict(left), right=dict(right), picks=("left",) * picks)
    assert f"Personas, not people: {said}" in words(page(client))


def test_a_card_that_changed_since_is_marked_on_its_side(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE)
    assert "changed since" not in words(page(client))
    change("beta", context_tokens=256_000)
    text = words(page(client))
    assert text.count("card changed since, on November 5, 2026; re-review queued") == 1
    assert "256K tokens" in text


def test_an_old_verdict_stays_readable(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE)
    change("beta", context_tokens=256_000)
    make_verdict(Pairing.objects.with_cards().get(), (60, 60, 60, 60), (60, 60, 60, 60))
    text = words(page(client))
    assert "Clearly Alpha: preferred by 4 of 4 reviewers, by a wide margin; pick Beta if you need" in text
    assert "1 earlier verdict" in text
    assert ": Lean Alpha (Rubric v1)" in text


def test_other_calls_are_worded_as_answers_are(client: Client, pairing: Pairing) -> None:
    alpha, lean = REFERENCE
    make_verdict(pairing, alpha, (50,) * 4)
    for slug, name, scores in (
        ("gamma", "Gamma", lean),
        ("delta", "Delta", (50,) * 4),
        ("eta", "Eta", alpha),
        ("twin", "Alpha", (50,) * 4),
    ):
        make_verdict(Pairing.objects.between(pairing.left, make_card(slug, name=name)), alpha, scores)
    change("beta", context_tokens=256_000)
    make_verdict(Pairing.objects.with_cards().get(slug="alpha-vs-beta"), alpha, alpha)
    text = words(page(client))
    assert "Alpha vs Gamma Lean Alpha" in text
    assert "Alpha vs Delta Clearly Alpha" in text
    assert "Alpha vs Eta Toss-up" in text
    assert "Alpha (alpha) vs Alpha (twin) Clearly Alpha (alpha)" in text
    assert ": Clearly Alpha (Rubric v1)" in text


@pytest.mark.parametrize("related", [0, 1, 9])
def test_queries_do_not_grow(
    client: Client, pairing: Pairing, related: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for at in range(related):
        card = make_card(f"gamma-{at}", offers=[make_offer(f"p{at}", price_in=1, price_out=2)])
        make_verdict(Pairing.objects.between(pairing.left, card), *REFERENCE)
    make_verdict(pairing, *REFERENCE, picks=("left",) * 4)
    with django_assert_num_queries(2):
        html = page(client)
    assert html.count("-vs-gamma-") == min(related, 4)


def test_related_pairings_leave_out_this_one_and_the_unheard(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE)
    Pairing.objects.between(pairing.left, make_card("noise"))
    make_verdict(Pairing.objects.between(pairing.right, make_card("gamma")), *REFERENCE)
    html = page(client)
    assert 'href="/compare/beta-vs-gamma/"' in html
    assert "noise" not in html
    assert 'class="row-main" href="/compare/alpha-vs-beta/"' not in html


def test_the_other_order_moves_to_the_canonical_address(client: Client, pairing: Pairing) -> None:
    response = client.get("/compare/beta-vs-alpha/")
    assert (response.status_code, response["Location"]) == (301, URL)


def test_two_cards_nobody_paired_have_a_page_and_no_row(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_card("alpha", license="MIT", offers=[make_offer(price_in="0.3", price_out="0.9")])
    make_card("beta")
    with django_assert_num_queries(2):
        text = words(page(client))
    assert "Not heard yet: the panel has not compared these two" in text
    assert "The panel has not heard this pairing yet." in text
    assert "$0.30 in / $0.90 out per 1M tokens" in text
    assert "no verdict" in text
    assert not Pairing.objects.exists()
    response = client.get("/compare/beta-vs-alpha/")
    assert (response.status_code, response["Location"]) == (301, URL)


def test_a_pairing_kept_but_not_heard_has_the_same_page(client: Client, pairing: Pairing) -> None:
    assert "The panel has not heard this pairing yet." in words(page(client))


@pytest.mark.parametrize(
    "slug",
    [
        "alpha-vs-alpha",
        "alpha-vs-nobody",
        "nobody-vs-alpha",
        "alpha",
        "alpha-vs-",
        "a-vs-b-vs-c",
        "Alpha-vs-Beta",
    ],
)
def test_what_names_no_two_cards_is_not_found(client: Client, pairing: Pairing, slug: str) -> None:
    assert client.get(f"/compare/{slug}/").status_code == 404


def test_a_card_without_a_snapshot_is_not_found(client: Client, pairing: Pairing) -> None:
    Card.objects.filter(slug="beta").update(snapshot=None)
    assert client.get(URL).status_code == 404


def test_reading_only(client: Client, pairing: Pairing) -> None:
    assert client.head(URL).status_code == 200
    assert client.post(URL).status_code == 405


def test_hostile_words_are_escaped(client: Client) -> None:
    evil = '</script><script>alert("x")</script>'
    card = make_card("alpha", name=evil, tagline=evil, description=evil, license=evil, lab_name=evil)
    source = {"license": {"name": evil, "url": "javascript:alert(1)", "seen_on": "2026-07-02"}}
    other = make_card("beta", sources=source, license="MIT")
    make_verdict(Pairing.objects.between(card, other), *REFERENCE, left={"paragraph": evil, "flagged": evil})
    html = page(client)
    assert "alert(" in html
    assert "<script>alert" not in html
    assert 'href="javascript:' not in html
    assert len(re.findall(r"</script>", html)) == len(re.findall(r"<script[ >]", html))


def test_two_cards_of_one_name_are_told_apart(client: Client) -> None:
    make_card("alpha", name="Twin", params_total_b=70)
    make_card("beta", name="Twin", params_total_b=200)
    assert "Twin (70B) vs Twin (200B)" in words(page(client))
    make_card("beta", name="Twin", params_total_b=70, lab="other-lab")
    assert "Twin (Example Lab) vs Twin (Other Lab)" in words(page(client))
    make_card("beta", name="Twin", params_total_b=70)
    assert "Twin (alpha) vs Twin (beta)" in words(page(client))


@pytest.mark.parametrize(("lab", "monogram"), [("Mistral AI", "MA"), ("Alibaba", "Al"), ("X", "X")])
def test_a_lab_has_a_monogram(client: Client, lab: str, monogram: str) -> None:
    make_card("alpha", lab_name=lab)
    make_card("beta", lab="other-lab")
    assert f'<span class="monogram" aria-hidden="true">{monogram}</span>' in page(client)


def test_machines_read_an_article_and_no_rating(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE)
    html = page(client)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    trail, article = json.loads(found[1])["@graph"]
    assert (trail["@type"], article["@type"]) == ("BreadcrumbList", "Article")
    assert article["headline"] == "Alpha vs Beta"
    assert datetime.fromisoformat(article["dateModified"])
    assert "Review" not in found[1]
    assert "Rating" not in found[1]
    assert '<link rel="canonical" href="http://127.0.0.1:8000/compare/alpha-vs-beta/">' in html


def test_unheard_pairings_are_kept_out_of_search_engines(client: Client, pairing: Pairing) -> None:
    assert '<meta name="robots" content="noindex">' in page(client)
    make_verdict(pairing, *REFERENCE)
    assert "noindex" not in page(client)


def test_the_same_bytes_for_everybody(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE)
    response = client.get(URL)
    other = Client(HTTP_ACCEPT_LANGUAGE="de", HTTP_USER_AGENT="other").get(URL)
    assert response.content == other.content
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert "Cookie" not in response.get("Vary", "")


def test_nothing_is_inline(client: Client, pairing: Pairing) -> None:
    make_verdict(pairing, *REFERENCE)
    html = page(client)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)
    assert "<style" not in html


def test_reviewers_are_ordered_as_they_sit(client: Client, pairing: Pairing) -> None:
    make_reviewers()
    make_verdict(pairing, *REFERENCE)
    assert re.findall(r'id="seat-(\w+)"', page(client)) == ["builder", "skeptic", "futurist", "founder"]
