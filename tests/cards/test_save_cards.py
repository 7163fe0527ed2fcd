"""Saving cards: a snapshot exactly when a fact changed, and nothing written that is already there."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comparisons.cards.actions import CardTwice, Saved, save_cards
from comparisons.cards.models import Card, CardSnapshot, Lab, Offer
from tests.factories.cards import make_card, make_offer, make_record

pytestmark = pytest.mark.django_db

LATER = date(2026, 8, 1)


def source(seen_on: str = "2026-07-02", **rest: Any) -> dict[str, Any]:
    return {"name": "models.dev", "url": "https://example.org", "seen_on": seen_on, **rest}


def written(records: list[Any]) -> tuple[Saved, list[str]]:
    """What became of the records, and the statements that wrote."""
    with CaptureQueriesContext(connection) as queries:
        saved = save_cards(records)
    return saved, [q["sql"] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]


def test_a_new_card_has_a_lab_a_snapshot_and_its_offers() -> None:
    saved = save_cards([make_record("alpha", offers=[make_offer(price_in="0.3", price_out="0.9")])])
    card = Card.objects.published().get()
    assert saved.outcomes == {"alpha": "created"}
    assert (card.lab.slug, card.name, card.facts.price_in, card.price_in) == (
        "example-lab", "Alpha", card.price_in, card.facts.price_in,
    )  # fmt: skip
    assert card.snapshot is not None and card.snapshot.sha256 == card.facts.sha256
    assert card.offers.get().price_out == card.price_out
    assert card.changed_at is None


def test_the_same_records_again_write_nothing() -> None:
    records = [
        make_record(
            slug,
            offers=[make_offer(price_in="0.30", price_out=1)],
            sources={"context_tokens": source()},
            conflicts=[{"field": "context_tokens", "value": 131_072, **source()}],
        )
        for slug in ("alpha", "beta")
    ]
    save_cards(records)
    saved, writes = written(records)
    assert saved.outcomes == {"alpha": "unchanged", "beta": "unchanged"}
    assert (saved.wrote, writes) == (False, [])


def test_a_changed_fact_takes_a_snapshot_and_updates_what_lists_filter_by() -> None:
    make_card("alpha", context_tokens=128_000)
    make_card("beta")
    saved = save_cards([make_record("alpha", context_tokens=256_000), make_record("beta")])
    card = Card.objects.published().get(slug="alpha")
    assert saved.outcomes == {"alpha": "changed", "beta": "unchanged"}
    assert card.context_tokens == card.facts.context_tokens == 256_000
    assert card.snapshots.count() == 2
    assert card.changed_at is not None


def test_going_back_points_to_the_old_snapshot() -> None:
    first = make_card(context_tokens=128_000).snapshot
    make_card(context_tokens=256_000)
    card = make_card(context_tokens=128_000)
    assert card.snapshot == first
    assert card.context_tokens == 128_000
    assert CardSnapshot.objects.count() == 2


def test_a_later_date_on_the_same_facts_updates_the_date_alone() -> None:
    def seen(day: date) -> Any:
        return make_record(
            sources={"context_tokens": source(day.isoformat())},
            conflicts=[{"field": "license", "value": "MIT", **source(day.isoformat())}],
            offers=[make_offer(price_in=1, price_out=1, seen_on=day)],
        )

    save_cards([seen(date(2026, 7, 2))])
    saved, _ = written([seen(LATER)])
    assert saved.outcomes == {"alpha": "unchanged"}
    assert saved.seen_again == {"alpha"}
    card = Card.objects.get()
    assert card.sources["context_tokens"]["seen_on"] == card.conflicts[0]["seen_on"] == "2026-08-01"
    assert card.offers.get().seen_on == LATER
    assert card.changed_at is None
    # An older file makes nothing older.
    saved, writes = written([seen(date(2026, 7, 2))])
    assert (saved.wrote, writes) == (False, [])


def test_offers_come_change_and_go() -> None:
    save_cards([make_record(price_in=1, offers=[make_offer("a"), make_offer("b", price_in=1)])])
    saved = save_cards([make_record(price_in=1, offers=[make_offer("b", price_in=2), make_offer("c")])])
    assert saved.outcomes == {"alpha": "changed"}
    assert list(Offer.objects.order_by("provider").values_list("provider", "price_in")) == [
        ("b", 2),
        ("c", None),
    ]
    assert CardSnapshot.objects.count() == 1


def test_another_source_is_a_change_but_no_new_state() -> None:
    make_card(sources={"context_tokens": source()})
    saved = save_cards([make_record(sources={"context_tokens": source(name="the lab")})])
    assert saved.outcomes == {"alpha": "changed"}
    assert CardSnapshot.objects.count() == 1


def test_a_lab_is_renamed_by_a_card_file_and_never_by_a_catalogue() -> None:
    make_card("alpha", lab_name="Example")
    assert (
        save_cards([make_record("beta", lab_name="EXAMPLE Inc", catalogue="models.dev")]).labs == frozenset()
    )
    assert Lab.objects.get().name == "Example"
    assert save_cards([make_record("alpha", lab_name="Example Labs")]).labs == {"example-lab"}
    assert Lab.objects.get().name == "Example Labs"


def test_a_card_may_move_to_another_lab() -> None:
    make_card("alpha", lab="example-lab")
    saved = save_cards([make_record("alpha", lab="other-lab")])
    assert saved.outcomes == {"alpha": "changed"}
    assert Card.objects.get().lab.slug == "other-lab"


def test_one_batch_holds_a_card_once() -> None:
    with pytest.raises(CardTwice, match="alpha"):
        save_cards([make_record("alpha"), make_record("alpha", context_tokens=1)])
    assert not Card.objects.exists()


def test_nothing_is_nothing() -> None:
    assert save_cards([]) == Saved()


def test_a_batch_goes_in_whole_or_not_at_all() -> None:
    with pytest.raises(Exception, match="card_slug_is_plain_and_without_vs"):
        save_cards([make_record("alpha"), make_record("a-vs-b")])


@pytest.mark.parametrize("count", [1, 30])
def test_queries_do_not_grow_with_the_batch(count: int) -> None:
    def records(tokens: int) -> list[Any]:
        return [
            make_record(f"card-{n}", context_tokens=tokens, offers=[make_offer("a", price_in=tokens)])
            for n in range(count)
        ]

    counts = []
    for tokens in (1, 2, 2):
        with CaptureQueriesContext(connection) as queries:
            save_cards(records(tokens))
        counts.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))
    # Four look at what is there (of new cards no offers), the lock is one of them; the others write.
    assert counts == [9, 8, 4]


def test_the_greater_outcome_stands_when_batches_are_added_up() -> None:
    both = Saved({"alpha": "created", "beta": "unchanged"}) | Saved({"alpha": "unchanged", "beta": "changed"})
    assert both.outcomes == {"alpha": "created", "beta": "changed"}


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_each_card_once() -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def run(tokens: int) -> None:
        try:
            start.wait()
            for _ in range(5):
                save_cards(
                    make_record(f"card-{n}", context_tokens=tokens, offers=[make_offer(price_in=tokens)])
                    for n in range(20)
                )
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(tokens,)) for tokens in (1, 1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (Lab.objects.count(), Card.objects.count(), Offer.objects.count()) == (1, 20, 20)
    assert CardSnapshot.objects.count() == 60
    for card in Card.objects.published():
        assert card.context_tokens == card.facts.context_tokens == card.offers.get().price_in
