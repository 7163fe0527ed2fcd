"""`manage.py import_cards`: what it says and writes, how it ends, and how both kinds of files get along."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comparisons.cards.models import Card, CardSnapshot, Lab, Offer
from tests.cards.test_models_dev import entry, provider

pytestmark = pytest.mark.django_db

LAB = {"slug": "openai", "name": "OpenAI", "url": "https://openai.com"}


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.strip().splitlines()[-1]


def run(*paths: Path, seen_on: str = "", **options: Any) -> Ran:
    out, err = StringIO(), StringIO()
    if seen_on:
        options["seen_on"] = date.fromisoformat(seen_on)
    try:
        call_command("import_cards", *map(str, paths), stdout=out, stderr=err, **options)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def card(slug: str = "gpt-9", **fields: Any) -> dict[str, Any]:
    return {"slug": slug, "lab": "openai", "name": slug.upper(), "category": "Frontier", **fields}


def offer(provider_id: str = "openai", **fields: Any) -> dict[str, Any]:
    return {
        "provider": provider_id, "model_id": "gpt-9", "usd_per_mtok_in": 1, "usd_per_mtok_out": 2,
        "seen_on": "2026-07-02", **fields,
    }  # fmt: skip


@pytest.fixture
def card_file(tmp_path: Path) -> Any:
    def write(*cards: dict[str, Any], name: str = "cards.yaml", labs: Iterable[Any] = (LAB,)) -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump({"labs": list(labs), "cards": list(cards)}), encoding="utf-8")
        return path

    return write


@pytest.fixture
def catalogue(tmp_path: Path) -> Any:
    def write(*providers: dict[str, Any], name: str = "api.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({key: value for one in providers for key, value in one.items()}))
        return path

    return write


def test_good_ones_go_in_and_bad_ones_are_named(card_file: Any) -> None:
    path = card_file(card("gpt-9"), card("gpt-8", context_tokens="many"), card("gpt-7"))
    ran = run(path)
    assert ran.code == 1
    assert ran.err == "cards.yaml, card gpt-8, context_tokens: 'many' is not a whole number.\n"
    assert ran.out == "2 cards read from 1 file.\nDone: created 2, changed 0, unchanged 0, refused 1.\n"
    assert set(Card.objects.published().values_list("slug", flat=True)) == {"gpt-9", "gpt-7"}


def test_the_second_time_nothing_changes_and_it_says_so(card_file: Any, catalogue: Any) -> None:
    paths = [
        card_file(
            card(offers=[offer()], sources=[{"name": "x", "seen_on": "2026-07-02", "fields": ["name"]}])
        ),
        catalogue(
            provider("openai", {"gpt-9": entry(), "gpt-8": entry()}), provider("other", {"gpt-9": entry()})
        ),
    ]
    assert run(*paths).last == "Done: created 2, changed 0, unchanged 0, refused 0."
    with CaptureQueriesContext(connection) as queries:
        ran = run(*paths)
    assert (ran.code, ran.last) == (0, "Nothing changed: created 0, changed 0, unchanged 2, refused 0.")
    assert [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_what_changed_is_counted(card_file: Any) -> None:
    run(card_file(card("gpt-9"), card("gpt-8")))
    ran = run(card_file(card("gpt-9", tagline="New."), card("gpt-8"), card("gpt-7")))
    assert ran.last == "Done: created 1, changed 1, unchanged 1, refused 0."


def test_strict_takes_all_or_nothing(card_file: Any) -> None:
    path = card_file(card("gpt-9"), card("gpt-8", name=""))
    ran = run(path, strict=True)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        "cards.yaml, card gpt-8, name: is empty.",
        "1 card read from 1 file, 1 refused; nothing was written (--strict).",
    ]
    assert not Card.objects.exists() and not Lab.objects.exists()
    assert run(card_file(card("gpt-9")), strict=True).code == 0
    assert Card.objects.count() == 1


def test_a_dry_run_says_what_would_change_and_writes_nothing(card_file: Any) -> None:
    ran = run(card_file(card()), dry_run=True)
    assert (
        ran.last == "Nothing was written; an import would have: created 1, changed 0, unchanged 0, refused 0."
    )
    assert not Card.objects.exists()


def test_of_many_problems_the_first_fifty_are_shown(card_file: Any) -> None:
    ran = run(card_file(*(card(f"gpt-{n}", name="") for n in range(120))))
    lines = ran.err.splitlines()
    assert (len(lines), lines[0], lines[-1]) == (
        51,
        "cards.yaml, card gpt-0, name: is empty.",
        "and 70 more.",
    )
    assert ran.last == "Nothing changed: created 0, changed 0, unchanged 0, refused 120."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("cards: [", "cards.yaml: not YAML (line "),
        ("", "cards.yaml: the file is empty."),
        ("hello: world", "cards.yaml: is neither a card file (labs, cards) nor the api.json of models.dev."),
        ("!!python/name:os.system", "cards.yaml: line 1 uses the tag"),
    ],
)
def test_unusable_input_is_one_line_and_code_2(card_file: Any, content: str, sentence: str) -> None:
    good = card_file(card(), name="good.yaml")
    bad = card_file(name="cards.yaml")
    bad.write_text(content)
    ran = run(good, bad)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(sentence)
    assert not Card.objects.exists()


def test_a_path_that_is_not_there_is_one_line_and_code_2(tmp_path: Path) -> None:
    ran = run(tmp_path / "missing")
    assert (ran.code, ran.err) == (2, f"{tmp_path}/missing: no such file or folder.\n")


def test_a_day_that_is_none_is_refused(card_file: Any) -> None:
    with pytest.raises(CommandError, match="'soon' is not a date like 2026-07-02"):
        call_command("import_cards", str(card_file(card())), "--seen-on", "soon")


def test_cards_by_the_hundreds_go_in_batches_with_plain_lines(card_file: Any) -> None:
    ran = run(card_file(*(card(f"gpt-{n}") for n in range(1_100))))
    assert ran.out.splitlines() == [
        "1,100 cards read from 1 file.",
        "1,000 of 1,100 cards done.",
        "Done: created 1,100, changed 0, unchanged 0, refused 0.",
    ]


def test_on_a_terminal_there_is_a_bar(card_file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    call_command("import_cards", str(card_file(card())), stdout=screen)
    assert "1/1" in screen.getvalue()
    assert screen.getvalue().endswith("Done: created 1, changed 0, unchanged 0, refused 0.\n")


def test_a_catalogue_adds_to_a_card_written_by_hand_and_never_overrules_it(
    card_file: Any, catalogue: Any
) -> None:
    by_hand = card_file(
        card(tagline="Ours.", context_tokens=400_000, offers=[offer(usd_per_mtok_in=5, first_party=True)])
    )
    theirs = catalogue(
        provider("openai", {"gpt-9": entry("GPT 9", knowledge="2025-12", cost={"input": 4, "output": 2})}),
        provider("azure", {"gpt-9": entry()}),
    )
    run(by_hand)
    assert run(theirs, seen_on="2026-07-02").last == "Done: created 0, changed 1, unchanged 0, refused 0."
    card_ = Card.objects.published().get()
    facts = card_.facts
    assert (facts.name, facts.tagline, facts.category) == ("GPT-9", "Ours.", "Frontier")
    assert (facts.context_tokens, facts.price_in) == (400_000, 5)
    assert (facts.knowledge_cutoff, facts.output_tokens) == ("2025-12", 8192)
    assert card_.sources["knowledge_cutoff"]["name"] == "models.dev"
    assert [(c["field"], c["value"]) for c in card_.conflicts] == [("context_tokens", 128_000)]
    # The same offer on the same day is the card file's; on a later day it is news.
    assert card_.offers.get(provider="openai").price_in == 5
    run(theirs, seen_on="2026-07-09")
    assert card_.offers.get(provider="openai").price_in == 4
    # Both files again, in any order, come to rest.
    for paths in ([by_hand], [theirs], [theirs, by_hand], [by_hand]):
        ran = run(*paths, seen_on="2026-07-09")
        assert ran.last.startswith("Nothing changed"), (paths, ran.out)


def test_a_catalogue_follows_itself_on_what_it_added(card_file: Any, catalogue: Any) -> None:
    by_hand = card_file(card(context_tokens=1_000))
    run(by_hand, catalogue(provider("openai", {"gpt-9": entry(knowledge="2025-12")})), seen_on="2026-07-02")
    facts = Card.objects.published().get().facts
    assert (facts.knowledge_cutoff, facts.price_in) == ("2025-12", 1)
    newer = entry(knowledge="2026-01", cost={"input": 3, "output": 3}, limit={"context": 1_000})
    run(catalogue(provider("openai", {"gpt-9": newer})), seen_on="2026-07-09")
    card_ = Card.objects.published().get()
    assert (card_.facts.knowledge_cutoff, card_.facts.price_in) == ("2026-01", 3)
    assert card_.conflicts == []
    # Once the card file states a fact, it is the card file's.
    run(card_file(card(context_tokens=1_000, knowledge_cutoff="2025-11", offers=[offer(usd_per_mtok_in=2)])))
    card_ = Card.objects.published().get()
    assert (card_.facts.knowledge_cutoff, card_.facts.price_in) == ("2025-11", 2)
    assert "knowledge_cutoff" not in card_.sources


def test_what_a_catalogue_filled_in_survives_the_card_file(card_file: Any, catalogue: Any) -> None:
    by_hand = card_file(card())
    theirs = catalogue(provider("openai", {"gpt-9": entry(knowledge="2025-12")}))
    run(by_hand)
    run(theirs, seen_on="2026-07-02")
    for path in (by_hand, theirs):
        assert run(path, seen_on="2026-07-02").last.startswith("Nothing changed")
    card_ = Card.objects.published().get()
    assert (card_.facts.price_in, card_.facts.price_provider) == (1, "openai")
    assert (card_.facts.knowledge_cutoff, card_.offers.count()) == ("2025-12", 1)


def test_a_catalogue_is_the_authority_on_the_cards_it_made(catalogue: Any) -> None:
    both = provider("openai", {"gpt-9": entry()}), provider("azure", {"gpt-9": entry()})
    run(catalogue(*both), seen_on="2026-07-02")
    changed = provider("openai", {"gpt-9": entry(limit={"context": 256_000, "output": 8_192})})
    run(catalogue(changed), seen_on="2026-07-09")
    card_ = Card.objects.published().get()
    assert card_.facts.context_tokens == 256_000
    assert [o.provider for o in card_.offers.all()] == ["openai"]
    # And back: the old state gets its old snapshot.
    run(catalogue(*both), seen_on="2026-07-10")
    assert CardSnapshot.objects.count() == 2
    assert Offer.objects.count() == 2


def test_a_card_file_takes_over_what_a_catalogue_made(card_file: Any, catalogue: Any) -> None:
    theirs = catalogue(provider("openai", {"gpt-9": entry("GPT 9")}))
    run(theirs, seen_on="2026-07-02")
    run(card_file(card(tagline="Ours.")))
    run(theirs, seen_on="2026-07-09")
    facts = Card.objects.published().get().facts
    assert (facts.name, facts.tagline, facts.context_tokens) == ("GPT-9", "Ours.", 128_000)


def test_a_card_written_by_hand_is_found_by_its_offer(card_file: Any, catalogue: Any) -> None:
    run(card_file(card("gpt-nine", offers=[offer()])))
    run(catalogue(provider("openai", {"gpt-9": entry()}), provider("azure", {"gpt-9": entry()})))
    assert Card.objects.get().slug == "gpt-nine"
    assert Offer.objects.count() == 2


def test_two_catalogues_at_once_that_know_the_same_model(catalogue: Any) -> None:
    one = catalogue(provider("openai", {"gpt-9": entry()}), name="a.json")
    other = catalogue(provider("openai", {"gpt-9": entry()}), name="b.json")
    assert run(one, other, seen_on="2026-07-02").last == "Done: created 1, changed 0, unchanged 0, refused 0."


def test_the_starter_catalogue_is_good() -> None:
    ran = run(settings.BASE_DIR / "comparisons/cards/starter", strict=True)
    assert (ran.code, ran.err) == (0, "")
    assert Card.objects.count() >= 40
    assert Lab.objects.count() >= 12
