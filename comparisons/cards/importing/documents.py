"""Text of a file to plain values, exactly: numbers keep their digits, and nobody can make it explode.

YAML is read in the manner of its 1.2 core schema, not of PyYAML's 1.1: there `no` is a boolean, 1:30 is
ninety and 0.1 is not a tenth. Building values from events instead of nodes also keeps the recursion, the
aliases and the repeated keys in our hands.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from comparisons.cards.importing.problems import UnusableFile

LARGEST_FILE = 20 * 1024 * 1024
DEEPEST = 40
# Values that aliases may add to a file: enough for any anchor meant for reading, far from a bomb.
MOST_REPEATED = 10_000

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?\Z")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_TAGS = {"tag:yaml.org,2002:str", "!"}
_CONTAINERS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
# libyaml's parser where PyYAML has it: ten times faster, and it makes the same events.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mapping(dict[str, Any]):
    """A mapping as it stood in the file: on which line, and which keys it held twice."""

    line: int = 0
    twice: tuple[str, ...] = ()


def load(path: Path) -> object:
    """The value that a JSON or YAML file holds. Raises UnusableFile."""
    name = path.name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnusableFile(f"{name}: the file is larger than {LARGEST_FILE // 1024**2} MB.")
        # A byte order mark is what Windows editors leave; it is no part of the text.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFile(f"{name}: byte {error.start + 1} is not UTF-8 text.") from None
    except OSError as error:
        raise UnusableFile(f"{path}: {(error.strerror or 'cannot be read').lower()}.") from None
    return parse(text, name)


def parse(text: str, name: str) -> object:
    """The value of a JSON or YAML text; which it is, the end of its name or else its first sign says.

    Raises UnusableFile.
    """
    if name.endswith(".json") or (not name.endswith((".yaml", ".yml")) and text.lstrip()[:1] in {"{", "["}):
        return _json(text, name)
    return _yaml(text, name)


def _json(text: str, name: str) -> object:
    try:
        # NaN and Infinity are no JSON; as words the field that holds one is refused by name.
        return json.loads(text, parse_float=_decimal, parse_constant=str, object_pairs_hook=_object)
    except RecursionError:
        raise UnusableFile(f"{name}: values are nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise UnusableFile(f"{name}: not JSON (line {error.lineno}: {error.msg.lower()}).") from None
    except ValueError:
        raise UnusableFile(f"{name}: holds a number that is too long.") from None


def _decimal(digits: str) -> Decimal | str:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent of twenty digits
        return digits


def _object(pairs: list[tuple[str, Any]]) -> Mapping:
    result = Mapping(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        result.twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return result


def _yaml(text: str, name: str) -> object:
    try:
        builder = _Builder(name)
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise UnusableFile(f"{name}: not YAML ({line}{error.problem}).") from None
    except yaml.YAMLError:
        raise UnusableFile(f"{name}: not YAML (it holds characters that YAML does not allow).") from None
    if len(builder.documents) > 1:
        raise UnusableFile(f"{name}: holds {len(builder.documents)} YAML documents; one is read.")
    return builder.documents[0] if builder.documents else None


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    value: Mapping | list[Any]
    anchor: str | None
    key: str | None = None
    size: int = 1
    twice: list[str] = field(default_factory=list)


class _Builder:
    """Puts values together from the events of a YAML parser, without recursion."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.documents: list[object] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[object, int]] = {}
        self._repeated = 0
        self._line = 0

    def take(self, event: yaml.Event) -> None:
        self._line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                closed = self._stack.pop()
                if isinstance(closed.value, Mapping):
                    closed.value.twice = tuple(closed.twice)
                self._put(closed.value, closed.size, closed.anchor)
            case yaml.AliasEvent():
                self._put(*self._repeat(event.anchor), None)
            case yaml.ScalarEvent():
                self._check_tag(event.tag, _TAGS)
                plain = event.implicit[0] and not event.tag
                self._put(_scalar(event.value) if plain else event.value, 1, event.anchor)

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if len(self._stack) >= DEEPEST:
            raise self._unusable("values are nested too deeply (line {line}).")
        self._check_tag(event.tag, _CONTAINERS)
        container: Mapping | list[Any] = []
        if isinstance(event, yaml.MappingStartEvent):
            container = Mapping()
            container.line = self._line
        self._stack.append(_Open(container, event.anchor))

    def _repeat(self, anchor: str | None) -> tuple[object, int]:
        if anchor is None or anchor not in self._anchors:
            raise self._unusable(f"line {{line}} refers to *{anchor}, which is not there.")
        value, size = self._anchors[anchor]
        self._repeated += size
        if self._repeated > MOST_REPEATED:
            raise self._unusable(f"its aliases repeat more than {MOST_REPEATED:,} values.")
        return value, size

    def _put(self, value: object, size: int, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = value, size
        if not self._stack:
            self.documents.append(value)
            return
        parent = self._stack[-1]
        parent.size += size
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is None:
            if isinstance(value, dict | list):
                raise self._unusable("line {line} uses a list or mapping as a key.")
            parent.key = "null" if value is None else str(value)
        else:
            if parent.key in parent.value:
                parent.twice.append(parent.key)
            parent.value[parent.key] = value
            parent.key = None

    def _check_tag(self, tag: str | None, allowed: set[str]) -> None:
        # Tags ask the reader to build objects; plain data needs none.
        if tag is not None and tag not in allowed:
            raise self._unusable(f"line {{line}} uses the tag {tag[:60]!r}; only plain values are read.")

    def _unusable(self, sentence: str) -> UnusableFile:
        return UnusableFile(f"{self.name}: {sentence.replace('{line}', str(self._line))}")


def _scalar(text: str) -> object:
    """A word without quotes: null, a boolean, a whole number, an exact decimal, or itself."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return Decimal(text)
    return text
