"""The rules of the house that no linter knows. CONTRIBUTING says why; here a machine keeps them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("comparisons", "panel", "reviewsite")
NOT_OURS = {
    ".git", ".venv", "data", "node_modules", "__pycache__", "results",
    ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis",
}  # fmt: skip
NOT_TEXT = {".png", ".jpg", ".ico", ".woff2", ".gz", ".br", ".pyc"}
LONGEST_FILE, LONGEST_TEMPLATE, LONGEST_VIEW, LONGEST_TASK = 400, 150, 25, 15
NOUNLESS = {"utils", "helpers", "common", "services", "signals"}
# None of these heals a circle.
IMPORTS_INSIDE = {
    "ready",  # Django imports an app's receivers and checks there, and may not earlier
    "_mistral",  # the SDK takes half a second and 25 MB: only a process that asks it pays
}


def files(*folders: str, suffix: str = "") -> Iterator[Path]:
    """Our files, in `folders` of the project or all of it."""
    places = [ROOT / folder for folder in folders] or [ROOT]
    for place in places:
        for path in sorted(place.rglob(f"*{suffix}")):
            if path.is_file() and not NOT_OURS & set(path.relative_to(ROOT).parts):
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def too_long(paths: Iterator[Path], limit: int) -> list[str]:
    """Functions of `paths` that take more than `limit` lines, decorators not counted."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} takes {node.end_lineno - node.lineno + 1} lines"
        for path in paths
        for node in functions(path)
        if node.end_lineno and node.end_lineno - node.lineno + 1 > limit
    ]


def test_no_python_file_grows_past_a_folder() -> None:
    assert [str(path) for path in files(suffix=".py") if length(path) > LONGEST_FILE] == []


def test_no_template_grows_past_a_fragment() -> None:
    assert [str(path) for path in files("templates") if length(path) > LONGEST_TEMPLATE] == []


def test_every_file_and_folder_has_a_noun() -> None:
    parts = ((path, set(path.relative_to(ROOT).with_suffix("").parts)) for path in files(*CODE, "tests"))
    assert [str(path) for path, names in parts if names & NOUNLESS] == []


def test_views_only_find_act_and_answer() -> None:
    assert too_long(files(*CODE, suffix="views.py"), LONGEST_VIEW) == []


def test_tasks_only_call_an_action() -> None:
    assert too_long(files(*CODE, suffix="tasks.py"), LONGEST_TASK) == []


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in files(*CODE, suffix=".py")
        for node in functions(path)
        if node.name not in IMPORTS_INSIDE
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize(
    "host",
    # In pieces, so that this file does not name them either.
    [
        "pypi" + ".org", "python" + "hosted", "npm" + "js.", "--index" + "-url", "extra-index" + "-url",
        "find" + "-links",
        "gh" + "cr.io", "docker" + ".io", "qu" + "ay.io", "jsdeliv" + "r", "un" + "pkg.com",
    ],
)  # fmt: skip
def test_no_file_names_an_index_or_registry(host: str) -> None:
    """Where packages come from is the business of whoever installs them."""
    naming = [
        str(path.relative_to(ROOT))
        for path in files()
        if path.suffix not in NOT_TEXT and host in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert naming == []
