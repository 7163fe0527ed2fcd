"""Casting, changing and taking back; the counters equal the rows after every step."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.votes.actions import NoSuchChoice, cast, read_choice
from comparisons.votes.counts import Community, Counts
from comparisons.votes.models import (
    ShipCount,
    Vote,
    community_subquery,
    own_vote,
    votes_subquery,
)
from tests.factories.cards import make_card
from tests.factories.votes import counts_of

ANN, BOB = Visitor("ann"), Visitor("bob")
CHOICES = ["left", "right", "both", "neither", "none"]


def counted_by_hand(pairing: Pairing) -> Counts:
    rows = list(Vote.objects.filter(pairing=pairing))
    said = [vote.choice for vote in rows if not vote.set_aside]
    return Counts(
        **{choice: said.count(choice) for choice in CHOICES[:4]},
        set_aside=sum(1 for vote in rows if vote.set_aside),
    )


def shipped_by_hand(card: Card) -> Community:
    ships = n = 0
    for vote in Vote.objects.filter(set_aside="").select_related("pairing"):
        sides = {vote.pairing.left_id: "left", vote.pairing.right_id: "right"}
        if card.pk in sides:
            n += 1
            ships += vote.choice in {sides[card.pk], "both"}
    return Community(ships, n)


def community(card: Card) -> Community:
    row = ShipCount.objects.filter(card=card).aggregate(ships=Sum("ships"), n=Sum("n"))
    return Community(row["ships"] or 0, row["n"] or 0)


def assert_counts_equal_rows() -> None:
    for pairing in Pairing.objects.all():
        assert counts_of(pairing) == counted_by_hand(pairing), pairing
    for card in Card.objects.all():
        assert community(card) == shipped_by_hand(card), card


@pytest.mark.django_db
def test_a_vote_counts_for_the_pairing_and_for_both_cards(pairing):
    cast(pairing=pairing, visitor=ANN, choice="left")
    assert counts_of(pairing) == Counts(left=1)
    assert community(pairing.left) == Community(1, 1)
    assert community(pairing.right) == Community(0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("choice", CHOICES)
def test_twice_is_once(pairing, choice):
    cast(pairing=pairing, visitor=ANN, choice=choice)
    once = list(Vote.objects.values())
    cast(pairing=pairing, visitor=ANN, choice=choice)
    assert list(Vote.objects.values()) == once
    assert_counts_equal_rows()


@pytest.mark.django_db
def test_a_change_of_mind_moves_one_vote(pairing):
    cast(pairing=pairing, visitor=BOB, choice="neither")
    cast(pairing=pairing, visitor=ANN, choice="left")
    cast(pairing=pairing, visitor=ANN, choice="both")
    assert counts_of(pairing) == Counts(both=1, neither=1)
    assert own_vote(pairing, ANN).choice == "both"
    assert_counts_equal_rows()


@pytest.mark.django_db
def test_taking_back_leaves_nothing_of_the_voter(pairing):
    cast(pairing=pairing, visitor=ANN, choice="right")
    cast(pairing=pairing, visitor=ANN, choice="none")
    assert not Vote.objects.exists()
    assert counts_of(pairing) == Counts()
    assert own_vote(pairing, ANN) is None
    assert_counts_equal_rows()


@pytest.mark.django_db
def test_the_table_does_not_show_that_two_votes_are_one_persons(pairing):
    other = Pairing.objects.get(right__slug="noise")
    cast(pairing=pairing, visitor=ANN, choice="left")
    cast(pairing=other, visitor=ANN, choice="left")
    assert Vote.objects.values("voter_key").distinct().count() == 2


@pytest.mark.django_db
def test_a_vote_set_aside_is_told_and_not_counted_and_stays_so(pairing):
    cast(pairing=pairing, visitor=ANN, choice="left", set_aside="too_many")
    assert counts_of(pairing) == Counts(set_aside=1)
    cast(pairing=pairing, visitor=ANN, choice="right")
    assert counts_of(pairing) == Counts(set_aside=1)
    assert community(pairing.left) == Community()
    assert_counts_equal_rows()
    cast(pairing=pairing, visitor=ANN, choice="none")
    assert counts_of(pairing) == Counts()


@pytest.mark.parametrize("word", CHOICES)
def test_the_four_buttons_and_taking_back_are_choices(word):
    assert read_choice(word) == word


@pytest.mark.parametrize("word", ["", "LEFT", "left ", "toss_up", "left\x00", "'; DROP TABLE votes; --"])
def test_anything_else_is_none(word):
    with pytest.raises(NoSuchChoice):
        read_choice(word)


@pytest.mark.django_db
def test_pages_read_all_numbers_in_the_query_they_make_anyway(pairing, django_assert_num_queries):
    cast(pairing=pairing, visitor=ANN, choice="both")
    cast(pairing=pairing, visitor=BOB, choice="right")
    with django_assert_num_queries(1):
        row = Pairing.objects.annotate(
            votes=votes_subquery(),
            left_community=community_subquery("left"),
            right_community=community_subquery("right"),
        ).get(pk=pairing.pk)
    assert Counts.read(row.votes) == Counts(right=1, both=1)
    assert Community.read(row.left_community) == Community(1, 2)
    assert Community.read(row.right_community) == Community(2, 2)


@pytest.mark.django_db
def test_without_votes_the_page_reads_zero(pairing):
    row = Pairing.objects.annotate(votes=votes_subquery()).get(pk=pairing.pk)
    assert Counts.read(row.votes) == Counts()
    card = Card.objects.annotate(community=community_subquery()).get(pk=pairing.left_id)
    assert Community.read(card.community).percent is None


class AnySequence(TestCase):
    """Whatever a handful of visitors does on pairings that share cards, the counters equal the rows."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 2),
                st.sampled_from("abcd"),
                st.sampled_from(CHOICES),
                st.sampled_from(["", "too_many"]),
            ),
            max_size=25,
        )
    )
    def test_counts_equal_rows(self, acts):
        a, b, c = (make_card(slug) for slug in ("any-a", "any-b", "any-c"))
        pairings = [Pairing.objects.between(*two) for two in ((a, b), (b, c), (c, a))]
        for at, visitor, choice, reason in acts:
            cast(pairing=pairings[at], visitor=Visitor(visitor), choice=choice, set_aside=reason)
        assert_counts_equal_rows()


@pytest.mark.django_db(transaction=True)
def test_64_threads_on_hot_pairings_leave_exact_counts(pairing):
    # Three pairings of three cards in a ring, so that threads lock the same cards from both ends; 24 visitors
    # for 64 threads, so that one visitor changes, repeats and takes back against themselves.
    noise = Card.objects.get(slug="noise")
    ring = [pairing, Pairing.objects.get(right=noise), Pairing.objects.between(pairing.right, noise)]

    def act(thread: int) -> None:
        chance = random.Random(thread)
        try:
            for _ in range(8):
                cast(
                    pairing=chance.choice([ring[0], *ring]),
                    visitor=Visitor(f"visitor {chance.randrange(24)}"),
                    choice=chance.choice(CHOICES),
                )
        finally:
            connection.close()

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(act, range(64)))
    assert Vote.objects.exists()
    assert_counts_equal_rows()


@pytest.mark.django_db(transaction=True)
def test_one_visitor_clicking_in_parallel_has_one_vote(pairing):
    def act(_: int) -> None:
        try:
            cast(pairing=pairing, visitor=ANN, choice="left")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(act, range(64)))
    assert counts_of(pairing) == Counts(left=1)
    assert_counts_equal_rows()
