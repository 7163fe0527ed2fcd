"""The README's table names every variable the site reads, once, and no other."""

import re

from tests.guides.shell import ROOT

READ = re.compile(r'(?:env\.\w+|environ\.get|mail\.mail)\(\s*"([A-Z][A-Z_]+)"')
NOT_OURS = {"PATH", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO"}  # the shell's, and headers


def rows() -> list[str]:
    table = re.search(r"(?s)\| variable \| default.*?\n\n", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert table
    found = table[0].splitlines()
    return [
        name
        for row in found
        if row.startswith("| `")
        for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])
    ]


def test_every_variable_has_one_row_and_no_row_is_stale():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "reviewsite").rglob("*.py"))
    read = set(READ.findall(code)) - NOT_OURS
    assert len(read) > 60
    assert sorted(read) == sorted(rows())
