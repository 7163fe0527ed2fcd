"""Hostile card files: what the importer refuses, and that what it takes is plain text."""

from __future__ import annotations

import re

import pytest
import yaml

from comparisons.cards.models import Card
from tests.cards.test_import_cards import LAB, run
from tests.hostile.corpus import CORPUS

TAG = re.compile(r"<[a-zA-Z/!?]")


@pytest.mark.django_db
def test_markup_is_refused_by_name_and_the_rest_is_text(tmp_path):
    cards = [
        {
            "slug": f"hostile-{n}",
            "lab": "openai",
            "name": payload[:120],
            "tagline": payload[:190],
            "category": "Frontier",
        }
        for n, payload in enumerate(CORPUS)
    ]
    path = tmp_path / "cards.yaml"
    path.write_text(yaml.safe_dump({"labs": [LAB], "cards": cards}), encoding="utf-8")
    ran = run(path)
    taken = list(Card.objects.all())
    assert 20 < len(taken) < len(CORPUS) / 2
    assert [card.slug for card in taken if TAG.search(card.name + card.tagline)] == []
    assert f"created {len(taken)}, changed 0, unchanged 0, refused {len(CORPUS) - len(taken)}." in ran.out
    assert "cards.yaml, card hostile-0, name: '<script>alert(1)</sc' looks like HTML" in ran.err
