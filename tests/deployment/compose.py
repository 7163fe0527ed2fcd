"""docker-compose.yml as Compose reads it, and its commands where no container runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
# ${NAME}, ${NAME:-default}; $$ is a dollar. The file uses no other form, which a test holds it to.
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})")


def composed(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole file, merged and interpolated."""
    told = environment or {}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each) for each in value]
        if not isinstance(value, str):
            return value
        return VARIABLE.sub(
            lambda m: "$" if m["dollar"] else told.get(m["name"], "") or m["default"] or "", value
        )

    return filled(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


def env_file() -> dict[str, str]:
    """What .env.example says."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def natively(value: str, places: Mapping[str, str]) -> str:
    """A word of a command or of an environment with containers' names and folders replaced by ours."""
    theirs = "|".join(re.escape(each) for each in sorted(places, key=len, reverse=True))
    return re.sub(rf"(?:{theirs})(?![\w-])", lambda match: places[match[0]], value)
