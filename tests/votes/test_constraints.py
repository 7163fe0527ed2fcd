"""What the database refuses whoever asks."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from comparisons.votes.models import ShipCount, Vote, VoteCount

KEY = "0" * 64


def vote(pairing, **given):
    now = timezone.now()
    fields = {"voter_key": KEY, "choice": "left", "created_at": now, "changed_at": now, **given}
    return Vote.objects.create(pairing=pairing, **fields)


@pytest.mark.django_db
def test_one_vote_per_visitor_and_pairing(pairing):
    vote(pairing)
    with pytest.raises(IntegrityError, match="vote_once_per_visitor_and_pairing"):
        vote(pairing, choice="right")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"choice": "none"}, "vote_is_left_right_both_or_neither"),
        ({"previous": "none"}, "vote_is_left_right_both_or_neither"),
        ({"voter_key": "somebody"}, "vote_key_is_hex"),
        ({"set_aside": "because"}, "vote_set_aside_has_a_known_reason"),
    ],
)
def test_a_vote_is_one_of_four_answers_under_a_key(pairing, given, sentence):
    with pytest.raises(IntegrityError, match=sentence):
        vote(pairing, **given)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["left", "right", "both", "neither", "set_aside"])
def test_counts_are_not_negative(pairing, name):
    with pytest.raises(IntegrityError, match="vote_counts_are_not_negative"):
        VoteCount.objects.create(pairing=pairing, shard=0, **{name: -1})


@pytest.mark.django_db
@pytest.mark.parametrize("given", [{"ships": 2, "n": 1}, {"ships": -1, "n": 1}])
def test_a_card_is_shipped_at_most_as_often_as_it_was_voted_on(pairing, given):
    with pytest.raises(IntegrityError, match="ship_count_within_n"):
        ShipCount.objects.create(card=pairing.left, shard=0, **given)


@pytest.mark.django_db
def test_there_are_sixteen_shards_each_once(pairing):
    VoteCount.objects.create(pairing=pairing, shard=15)
    with pytest.raises(IntegrityError, match="vote_count_once_per_shard"):
        VoteCount.objects.create(pairing=pairing, shard=15)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [VoteCount, ShipCount])
def test_there_is_no_seventeenth_shard(pairing, model):
    owner = {"pairing": pairing} if model is VoteCount else {"card": pairing.left}
    with pytest.raises(IntegrityError, match="_shard_below_16"):
        model.objects.create(shard=16, **owner)


@pytest.mark.django_db
def test_a_card_has_each_shard_once(pairing):
    ShipCount.objects.create(card=pairing.left, shard=1)
    with pytest.raises(IntegrityError, match="ship_count_once_per_shard"):
        ShipCount.objects.create(card=pairing.left, shard=1)
