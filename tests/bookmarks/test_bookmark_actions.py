"""Keeping, changing, taking back and forgetting; and what the database refuses."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from comparisons.bookmarks import actions
from comparisons.bookmarks.actions import TooMany, forget, keep, take_back
from comparisons.bookmarks.models import Bookmark, visitor_key
from comparisons.people.visitor import Visitor
from comparisons.votes.actions import cast
from comparisons.votes.models import Vote, voter_key

ANN, BOB = Visitor("ann"), Visitor("bob")
State = Bookmark.State


@pytest.mark.django_db
def test_a_visitor_has_one_bookmark_on_each_thing(pairing):
    for on in (pairing, pairing.left, pairing.right):
        keep(visitor=ANN, on=on, state=State.TO_EVALUATE)
        keep(visitor=ANN, on=on, state=State.DROPPED)
    keep(visitor=BOB, on=pairing.left, state=State.IN_ROTATION)
    assert Bookmark.objects.of(ANN).count() == 3
    assert set(Bookmark.objects.of(ANN).values_list("state", flat=True)) == {"dropped"}
    assert Bookmark.objects.of(BOB).get().state == "in_rotation"


@pytest.mark.django_db
def test_a_note_stays_until_another_is_given(pairing):
    keep(visitor=ANN, on=pairing, state=State.TO_EVALUATE, note="Try it.")
    assert keep(visitor=ANN, on=pairing, state=State.IN_ROTATION).note == "Try it."
    assert keep(visitor=ANN, on=pairing, state=State.IN_ROTATION, note="").note == ""


@pytest.mark.django_db
def test_a_change_keeps_the_day_it_was_made(pairing):
    made = keep(visitor=ANN, on=pairing, state=State.TO_EVALUATE)
    changed = keep(visitor=ANN, on=pairing, state=State.DROPPED)
    assert changed.pk == made.pk
    assert changed.created_at == made.created_at
    assert changed.changed_at > made.changed_at


@pytest.mark.django_db
def test_taking_back_leaves_nothing_and_twice_is_once(pairing):
    keep(visitor=ANN, on=pairing, state=State.TO_EVALUATE, note="Try it.")
    keep(visitor=BOB, on=pairing, state=State.TO_EVALUATE)
    for _ in range(2):
        take_back(visitor=ANN, on=pairing)
        assert not Bookmark.objects.of(ANN).exists()
    assert Bookmark.objects.of(BOB).count() == 1


@pytest.mark.django_db
def test_forgetting_deletes_ones_own_bookmarks_and_leaves_votes_nobody_s(pairing):
    keep(visitor=ANN, on=pairing, state=State.TO_EVALUATE)
    keep(visitor=ANN, on=pairing.left, state=State.TO_EVALUATE)
    keep(visitor=BOB, on=pairing, state=State.TO_EVALUATE)
    cast(pairing=pairing, visitor=ANN, choice="left")
    assert forget(ANN) == 2
    assert forget(ANN) == 0
    assert Bookmark.objects.count() == 1
    assert Vote.objects.count() == 1


@pytest.mark.django_db
def test_bookmarks_and_votes_of_one_visitor_cannot_be_linked(pairing):
    assert visitor_key(ANN) != voter_key(pairing, ANN)
    assert visitor_key(ANN) != visitor_key(BOB)
    assert "ann" not in visitor_key(ANN)


@pytest.mark.django_db
def test_a_list_has_an_end(pairing, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 2)
    keep(visitor=ANN, on=pairing, state=State.TO_EVALUATE)
    keep(visitor=ANN, on=pairing.left, state=State.TO_EVALUATE)
    with pytest.raises(TooMany, match="more than 2 bookmarks"):
        keep(visitor=ANN, on=pairing.right, state=State.TO_EVALUATE)
    # What is there can still be changed, and somebody else's list is not this one.
    keep(visitor=ANN, on=pairing.left, state=State.DROPPED)
    keep(visitor=BOB, on=pairing.right, state=State.TO_EVALUATE)


@pytest.mark.django_db(transaction=True)
def test_clicks_in_parallel_are_one_bookmark(pairing):
    def act(number):
        try:
            for on in (pairing, pairing.left):
                keep(visitor=ANN, on=on, state=list(State)[number % 3], note=f"{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(act, range(48)))
    assert Bookmark.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_kept_and_taken_back_at_once(pairing):
    def act(number):
        try:
            for _ in range(20):
                if number % 2:
                    take_back(visitor=ANN, on=pairing.left)
                else:
                    assert keep(visitor=ANN, on=pairing.left, state=State.TO_EVALUATE).card == pairing.left
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    assert Bookmark.objects.count() <= 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"card": None}, "bookmark_is_on_a_card_or_a_pairing"),
        ({"state": "loved"}, "bookmark_state_is_known"),
        ({"visitor_key": "ann"}, "bookmark_key_is_hex"),
    ],
)
def test_what_the_database_refuses(pairing, change, sentence):
    keep(visitor=ANN, on=pairing.left, state=State.TO_EVALUATE)
    with pytest.raises(IntegrityError, match=sentence):
        Bookmark.objects.update(**change)


@pytest.mark.django_db
def test_a_bookmark_is_not_on_two_things(pairing):
    keep(visitor=ANN, on=pairing.left, state=State.TO_EVALUATE)
    with pytest.raises(IntegrityError, match="bookmark_is_on_a_card_or_a_pairing"):
        Bookmark.objects.update(pairing=pairing)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["card", "pairing"])
def test_one_bookmark_a_visitor_and_target(pairing, kind):
    on = {kind: pairing.left if kind == "card" else pairing}
    Bookmark.objects.create(visitor_key="0" * 64, **on)
    with pytest.raises(IntegrityError, match=f"bookmark_once_per_visitor_and_{kind}"):
        Bookmark.objects.create(visitor_key="0" * 64, **on)
