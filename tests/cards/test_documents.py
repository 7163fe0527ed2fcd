"""Files as a whole: which can be used, and one line for those that cannot."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from comparisons.cards.importing.documents import LARGEST_FILE, load
from comparisons.cards.importing.models_dev import Known
from comparisons.cards.importing.problems import UnusableFile
from comparisons.cards.importing.read import files_of, read_files


def read(folder: Path, content: bytes) -> None:
    path = folder / "cards.yaml"
    path.write_bytes(content)
    read_files([path], known=Known())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cards.yaml: the file is empty."),
        (b"# only a comment\n", "cards.yaml: the file is empty."),
        (b"just words", "cards.yaml: is neither a card file (labs, cards) nor the api.json of models.dev."),
        (b"- 1\n- 2\n", "cards.yaml: is neither a card file (labs, cards) nor the api.json of models.dev."),
        (b"cards: [", "cards.yaml: not YAML (line "),
        (b"a: b: c", "cards.yaml: not YAML (line 1: "),
        (b"cards: \xff\xfe", "cards.yaml: byte 8 is not UTF-8 text."),
        (b"cards: \x00\x07", "cards.yaml: not YAML ("),
        (b"cards: []\n---\ncards: []\n", "cards.yaml: holds 2 YAML documents; one is read."),
        (b"cards: !!python/object/apply:os.system [ls]",
         "cards.yaml: line 1 uses the tag 'tag:yaml.org,2002:python"),
        (b"cards: !!binary aGVsbG8=", "cards.yaml: line 1 uses the tag 'tag:yaml.org,2002:binary'"),
        (b"cards: *nowhere", "cards.yaml: "),
        (b"cards: &a [*a]", "cards.yaml: line 1 refers to *a, which is not there."),
        (b"cards: " + b"[" * 100_000, "cards.yaml: values are nested too deeply (line 1)."),
        (b"? [a]\n: b\n", "cards.yaml: line 1 uses a list or mapping as a key."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        read(tmp_path, content)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ['{"a": ', "[" * 100_000, '{"a": ' + "9" * 5000 + "}", "{'a': 1}"])
def test_json_that_cannot_be_used_is_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "api.json"
    path.write_text(content)
    with pytest.raises(UnusableFile, match=r"^api\.json: [^\n]*\.$"):
        load(path)


def test_aliases_are_for_reading_not_for_bombs(tmp_path: Path) -> None:
    read(tmp_path, b"labs: [{slug: &name alpha, name: *name}]")
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    start = time.monotonic()
    with pytest.raises(UnusableFile, match=r"aliases repeat more than 10,000 values"):
        read(tmp_path, "\n".join(levels).encode())
    assert time.monotonic() - start < 1


def test_a_file_of_more_than_20_mb_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "cards.yaml"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(UnusableFile, match=r"^cards\.yaml: the file is larger than 20 MB\.$"):
        load(path)


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("02.yaml", "01.yml", "featured.yaml", "notes.txt", "10.json"):
        (tmp_path / name).write_text("")
    (tmp_path / "inner.yaml").mkdir()
    assert [path.name for path in files_of([tmp_path, tmp_path / "02.yaml"])] == [
        "01.yml",
        "02.yaml",
        "10.json",
    ]


def test_paths_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="the folder holds no"):
        files_of([tmp_path])
    with pytest.raises(UnusableFile, match="no such file or folder"):
        files_of([tmp_path / "missing.yaml"])
    with pytest.raises(UnusableFile, match=r"cards\.yaml: is a directory"):
        (tmp_path / "cards.yaml").mkdir()
        load(tmp_path / "cards.yaml")
