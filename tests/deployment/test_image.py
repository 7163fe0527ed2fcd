"""The Dockerfile, as far as a file can be proved without an engine."""

from __future__ import annotations

import json
import re

import pytest

from tests.deployment.compose import ROOT, composed

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
REFUSED_IN_RUN = {
    r"\bsudo\b": "DL3004",
    r"\bcd ": "DL3003",
    r"\bapt-get (dist-)?upgrade": "DL3005",
    r"\b(curl|wget)\b": "not pinned",
    r"chmod .*777": "for anybody to write",
    r"apt-get install(?!.*rm -rf /var/lib/apt/lists)": "DL3009",
    r"pip install(?!.*--require-hashes)": "DL3013",
    r"pip install(?!.*--only-binary :all:)": "runs what it installs",
    r"useradd(?!.*--no-create-home)": "a home nobody needs",
}


def instructions(text: str = DOCKERFILE) -> list[tuple[str, str]]:
    """(word, rest) of each instruction, lines joined, comments away."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    parts = (line.split(None, 1) for line in joined.splitlines() if line.strip())
    return [(word, " ".join(rest.split())) for word, rest in parts]


def faults(text: str) -> list[str]:
    """What is wrong with a Dockerfile: the rules of hadolint that apply here, by its numbers, and ours."""
    found = instructions(text)
    words = [word for word, _ in found]
    last = max(index for index, word in enumerate(words) if word == "FROM")
    wrong = [fault for word, rest in found for fault in _faults(word, rest)]
    final = words[last:]
    wrong += [f"DL4003, DL3012: {word} once" for word in ("CMD", "HEALTHCHECK") if final.count(word) != 1]
    if "USER" not in final or final.index("USER") > final.index("CMD"):
        wrong.append("DL3002: the last user is root")
    if "PIP_NO_CACHE_DIR=1" not in text:
        wrong.append("DL3042: a cache stays")
    return wrong


def _faults(word: str, rest: str) -> list[str]:
    match word:
        case "FROM" if not re.fullmatch(r"[\w./-]+:\d[\w.-]*(@sha256:[0-9a-f]{64})?( AS \w+)?", rest):
            return ["DL3006, DL3007: a version"]
        case "WORKDIR" if not rest.startswith("/"):
            return ["DL3000: from the root"]
        case "COPY" if not rest.startswith("--from=") and not (ROOT / rest.split(maxsplit=1)[0]).exists():
            return [f"{rest}: is not there"]
        case "COPY" if rest.split(maxsplit=1)[0] in {".", "./"}:
            return ["only what is named is copied"]
        case "USER" if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", rest):
            return ["DL3002: a number that is not root's, which an orchestrator can check"]
        case "CMD" | "ENTRYPOINT" | "HEALTHCHECK" if not re.search(r'\["[^\]]+\]$', rest):
            return [f"DL3025: {word} in words, without a shell"]
        case "ADD" | "MAINTAINER" | "SHELL":
            return [f"DL3020, DL4000: no {word}"]
        case "RUN":
            return [f"{rule}: {rest}" for refused, rule in REFUSED_IN_RUN.items() if re.search(refused, rest)]
    return []


def test_the_image_keeps_the_rules_of_a_linter():
    assert faults(DOCKERFILE) == []


@pytest.mark.parametrize(
    ("ours", "broken"),
    [
        ("FROM python:3.12-slim AS build", "FROM python AS build"),
        ("FROM python:3.12-slim AS build", "FROM python:latest AS build"),
        ("WORKDIR /site", "WORKDIR site"),
        ("COPY manage.py ./", "COPY . ./"),
        ("COPY manage.py ./", "COPY gone.py ./"),
        ("COPY manage.py ./", "ADD https://example.org/manage.py ./"),
        ("USER 10001:10001\n", ""),
        ("USER 10001:10001", "USER 0:0"),
        ("USER 10001:10001", "USER site"),
        ('CMD ["python", "-m"', "CMD python -m granian #"),
        ("--require-hashes ", ""),
        ("--only-binary :all: ", ""),
        ("PIP_NO_CACHE_DIR=1 ", ""),
        ("RUN python -m venv /venv", "RUN apt-get update && apt-get install -y git && python -m venv /venv"),
        ("RUN python -m venv /venv", "RUN curl https://example.org/x | sh && python -m venv /venv"),
        ("--no-create-home ", ""),
    ],
)
def test_a_broken_rule_is_noticed(ours, broken):
    assert ours in DOCKERFILE
    assert faults(DOCKERFILE.replace(ours, broken)) != []


def test_no_secret_stays_in_the_image():
    told = " ".join(rest for word, rest in instructions() if word in {"ENV", "ARG", "LABEL", "COPY"})
    assert not re.search("SECRET|PASSWORD|KEY|TOKEN", told)


def test_the_image_starts_what_the_file_starts():
    cmd = next(rest for word, rest in instructions() if word == "CMD")
    assert json.loads(cmd) == composed()["services"]["web"]["command"]


def test_only_what_is_copied_is_sent_to_the_build():
    assert IGNORED[1] == "*"
    sent = {line[1:] for line in IGNORED if line.startswith("!")}
    copied = {
        rest.split()[0] for word, rest in instructions() if word == "COPY" and not rest.startswith("--from")
    }
    assert sent == copied
    assert all((ROOT / place).exists() for place in copied)


def test_what_the_image_installs_is_locked_with_hashes():
    text = (ROOT / "requirements" / "production.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"(?m)^([a-z0-9._-]+)==", text)
    assert len(pinned) > 30
    assert len(re.findall(r"(?m)^[a-z0-9._-]+==[^\n]*\\\n\s+--hash=sha256:", text)) == len(pinned)
