"""docs/settings.md names every variable that the product reads, with its default, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [file for room in ("comparisons", "panel", "reviewsite") for file in (ROOT / room).rglob("*.py")]


def read_by_the_product() -> dict[str, object]:
    """{name: literal default, or None where there is none or it is made}, of the readers in env and mail."""
    found: dict[str, object] = {}
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            of, name = ast.unparse(node.func.value), node.args[0]
            if of not in ("env", "os.environ", "mail") or not isinstance(name, ast.Constant):
                continue
            given = [each.value for each in node.args[1:2] if isinstance(each, ast.Constant)]
            given += [
                each.value.value
                for each in node.keywords
                if each.arg == "default" and isinstance(each.value, ast.Constant)
            ]
            found[str(name.value)] = given[0] if given else found.get(str(name.value))
    return found


def documented(file: str) -> dict[str, str]:
    """{name: what the default's column says of it}."""
    found: dict[str, str] = {}
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        names = re.findall(r"`([A-Z][A-Z_]+)`", cells[0])
        if not line.startswith("| `") or not names:
            continue
        defaults = cells[1].split(", ") if cells[1].count(", ") == len(names) - 1 else [cells[1]] * len(names)
        assert not found.keys() & set(names), f"twice: {names}"
        found |= dict(zip(names, defaults, strict=True))
    return found


# Of libraries and of this machine; none is for whoever runs the site.
OTHERS = {"DJANGO_SETTINGS_MODULE", "CELERY_SKIP_CHECKS", "NO_COLOR", "PATH", "HTTP_HOST"}


def test_every_variable_that_is_read_has_a_row_and_every_row_is_read():
    assert set(documented("docs/settings.md")) == set(read_by_the_product()) - OTHERS


@pytest.mark.parametrize("file", ["docs/settings.md", "README.md"])
def test_rows_tell_the_default(file):
    read = read_by_the_product()
    for name, said in documented(file).items():
        default = read[name]
        if default in ("", None):
            continue
        words = (
            {True: "on", False: "off"}.get(default, str(default))
            if isinstance(default, bool)
            else str(default)
        )
        assert words in said, f"{name}: {default!r} is not said in {said!r}"
