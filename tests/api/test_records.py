"""What records say: unknown as null, a percentage with its n, the judge by name."""

from __future__ import annotations

import pytest

from tests.factories.benches import hear
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


def test_a_card_has_facts_with_sources_and_offers_with_units_and_dates(client, site):
    card = client.get("/api/v1/cards/alpha/").json()
    assert card["facts"]["usd_per_mtok_in"] == "0.3"
    assert {"field": "usd_per_mtok_in", "name": "Example Lab", "url": "https://example.org/alpha",
            "seen_on": "2026-07-02"} in card["sources"]  # fmt: skip
    assert card["conflicts"][0]["value"] == "0.5"
    [offer] = card["offers"]
    prices = (offer["usd_per_mtok_in"], offer["usd_per_mtok_out"])
    assert (*prices, offer["seen_on"]) == ("0.3", "0.9", "2026-07-02")


def test_unknown_is_null(client, site):
    card = client.get("/api/v1/cards/gamma/").json()
    for name in ("context_tokens", "open_weights", "license_class", "params_total_b", "usd_per_mtok_in"):
        assert card[name] is None, name
    for name in ("commercial_use", "license", "features", "weights_url", "price_basis"):
        assert card["facts"][name] is None, name
    assert card["community"] == {"ships": 0, "n": 0, "percent": None}


def test_percentages_carry_their_n(client, site):
    assert client.get("/api/v1/cards/alpha/").json()["community"] == {"ships": 3, "n": 5, "percent": 60}
    sides = client.get("/api/v1/pairings/alpha-vs-beta/").json()
    assert sides["right"]["panel"] == {"ships": 3, "n": 4, "percent": 75}


def test_a_pairing_is_told_as_its_page_tells_it(client, site):
    told = client.get("/api/v1/pairings/alpha-vs-beta/").json()
    assert (
        told["answer"]["sentence"].startswith("Toss-up:") or told["answer"]["side"] == told["verdict"]["side"]
    )
    assert told["verdict"]["judges"] == ["mistral v1"]
    assert told["verdict"]["rule_based"] is False
    assert told["lenses"] == "one model, four lenses"
    seats = [seat["reviewer"]["slug"] for seat in told["reviewers"]]
    assert seats == ["builder", "skeptic", "futurist", "founder"]
    assert told["reviewers"][1]["pick"]["choice"] == "right"
    assert {row["key"] for row in told["rows"]} >= {"price", "license", "context"}
    assert told["votes"] == {"left": 2, "right": 1, "both": 1, "neither": 1, "n": 5, "set_aside": 0}
    assert len(told["earlier"]) == 1


def test_mixed_judges_are_provisional(client):
    hear(make_card("one"), make_card("two"), other_judge="mistral")
    verdict = client.get("/api/v1/pairings/one-vs-two/").json()["verdict"]
    assert verdict["provisional"] is True
    assert verdict["judges"] == ["mistral v1", "rubric v1"]


def test_the_other_order_redirects_and_two_unheard_cards_have_a_page(client, site):
    answer = client.get("/api/v1/pairings/beta-vs-alpha/")
    assert answer.status_code == 301
    assert answer["Location"] == "http://127.0.0.1:8000/api/v1/pairings/alpha-vs-beta/"
    assert client.get("/api/v1/pairings/beta-vs-gamma/").json()["verdict"] is None
    for wrong in ("alpha-vs-alpha", "alpha-vs-nobody", "alpha"):
        assert client.get(f"/api/v1/pairings/{wrong}/").status_code == 404


def test_reading_a_pairing_writes_none(client):
    make_card("one"), make_card("two")
    assert client.get("/api/v1/pairings/one-vs-two/").status_code == 200
    assert client.get("/api/v1/pairings/").json()["results"] == []


def test_the_leaderboard_counts_wins_and_ties(client, site):
    [row] = client.get("/api/v1/leaderboard/").json()["results"]
    assert (row["left_wins"], row["right_wins"], row["ties"], row["n"]) == (2, 1, 2, 5)
    assert row["left_community"] == {"ships": 3, "n": 5, "percent": 60}


def test_an_article_has_full_addresses_and_no_draft_is_told(client, site):
    article = client.get("/api/v1/articles/how-to-read-a-verdict/").json()
    assert 'href="http://127.0.0.1:8000/models/alpha/"' in article["html"]
    assert (article["author"], article["aged_on"], article["notes"][0]["dated"]) == (
        "Ed Itor", "2026-07-05", "2026-07-05",
    )  # fmt: skip
    assert client.get("/api/v1/articles/draft/").status_code == 404


def test_counterpoints_are_those_that_were_approved(client, site):
    rows = client.get("/api/v1/counterpoints/?pairing=alpha-vs-beta").json()["results"]
    assert [row["id"] for row in rows] == [site.approved.pk]
    assert rows[0]["html"] == "<p>The license <strong>forbids</strong> what you want to do.</p>"
    assert rows[0]["answers"] == {"reviewer": "skeptic", "side": "left"}
    for hidden in (site.pending, site.rejected):
        assert client.get(f"/api/v1/counterpoints/{hidden.pk}/").status_code == 404


def test_a_number_no_column_can_hold_is_not_found(client, site):
    for noun in ("verdicts", "reviews", "counterpoints"):
        assert client.get(f"/api/v1/{noun}/{10**30}/").status_code == 404
