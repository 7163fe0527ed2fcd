"""docs/security.md speaks of every item of ASVS 5.0 levels 1 and 2, and names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# Items of levels 1 and 2 in each section of version 5.0.0; those of level 3 follow them.
ITEMS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2,
    "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3,
    "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3,
    "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3,
    "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2,
    "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1,
    "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def rows():
    return re.findall(r"(?m)^\| (\d+\.\d+\.\d+[^|]*) \| ([^|]+) \| ([^|]*)\|$", TEXT)


def named(items):
    """`1.2.1–1.2.3, 1.3.1` one by one."""
    for part in items.split(","):
        first, _, last = part.strip().partition("–")
        section, _, begin = first.rpartition(".")
        end = last.rpartition(".")[2] or begin
        assert not last or last.startswith(f"{section}."), part
        yield from (f"{section}.{number}" for number in range(int(begin), int(end) + 1))


def test_every_item_is_there_once():
    told = [item for items, _, _ in rows() for item in named(items)]
    wanted = [f"{section}.{number}" for section, count in ITEMS.items() for number in range(1, count + 1)]
    assert sorted(told) == sorted(wanted)
    assert len(wanted) == 253


def test_every_item_has_a_reason_or_a_test_that_exists():
    files = {file for _, _, proofs in rows() for file in re.findall(r"`([^`]+)`", proofs)}
    assert files and [file for file in files if not (ROOT / file).is_file()] == []
    assert [items for items, how, _ in rows() if len(how) < 8] == []
