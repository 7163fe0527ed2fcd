"""No command of a guide is run by nobody: each is in tests/guides/ledger.py, and nothing else is."""

from __future__ import annotations

import re
import shlex

import yaml

from tests.guides.ledger import ELSEWHERE, MANAGED, NOT_HERE, WHOLE
from tests.guides.shell import GUIDES, ROOT, Command, commands, fences, inline

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SHELL = [
    each
    for guide in GUIDES
    if str(guide.relative_to(ROOT)) not in WHOLE
    for each in commands(guide)
]  # fmt: skip


def key(command: Command) -> str:
    return shlex.join(command.managed).replace("'", "") if command.managed else command.text


def strangers(found: list[Command]) -> list[str]:
    """Commands that nobody runs and nobody says why."""
    known = {**MANAGED, **ELSEWHERE, **NOT_HERE}
    return [f"{each.guide}: {each.text}" for each in found if key(each) not in known]


def test_every_command_is_run_or_is_said_not_to_be():
    assert strangers(SHELL) == []


def test_a_new_command_is_noticed(tmp_path):
    guide = ROOT / "docs" / "operations.md"
    new = Command(str(guide), "docker compose exec web python manage.py migrate panel 0001")
    assert strangers([*SHELL, new]) == [f"{guide}: {new.text}"]


def test_the_ledger_holds_nothing_that_no_guide_shows():
    shown = {key(each) for each in SHELL}
    assert {*MANAGED, *ELSEWHERE, *NOT_HERE} - shown == set()


def test_every_test_that_it_names_exists():
    assert [file for file in (*WHOLE.values(), *ELSEWHERE.values()) if not (ROOT / file).is_file()] == []


def test_every_block_says_its_language():
    told = [(guide.name, language) for guide in GUIDES for language, _ in fences(guide)]
    assert ("README.md", "sh") in told
    assert [each for each in told if each[1] != "sh"] == []


def test_the_guide_of_the_api_holds_nothing_but_what_its_test_takes():
    shown = [each.text for each in commands(ROOT / "docs" / "api.md")]
    assert shown and [text for text in shown if not text.startswith("curl ")] == []


def compose_commands() -> list[list[str]]:
    shown = [each.text for each in SHELL if "docker compose" in each.text]
    shown += [text for guide in GUIDES for text in inline(guide) if text.startswith("docker compose")]
    found = (re.search(r"docker compose ([^)<]*)", text) for text in shown)
    return [shlex.split(match[1]) for match in found if match and "…" not in match[1]]


def test_what_is_told_to_compose_is_in_its_file():
    services, profiles = set(COMPOSE["services"]), set()
    for service in COMPOSE["services"].values():
        profiles |= set(service.get("profiles", []))
    taken = {
        "up": {"-d", "--no-deps", "--no-recreate", "--scale"}, "run": {"--rm"}, "ps": {"-q"},
        "exec": {"-T"},
    }  # fmt: skip
    found = compose_commands()
    assert len(found) > 8
    for words in found:
        profiled = words[0] == "--profile"
        assert not profiled or words[1] in profiles
        verb, *rest = words[2:] if profiled else words
        if verb in {"run", "exec"}:
            options = [word for word in rest if word.startswith("-")]
            service = next(word for word in rest if not word.startswith("-"))
            assert service in services
            assert set(options[: rest.index(service)]) <= taken[verb]
            continue
        for word in rest:
            name = word.partition("=")[0]
            assert name in taken[verb] if word.startswith("-") else name in services, words
