"""Escaping many short texts at once, for the few fragments that are written in Python. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

BETWEEN = "\x00"  # what no text out of PostgreSQL can hold


def escaped(texts: Iterable[object]) -> list[str]:
    """Each as HTML text or attribute, in order; None becomes "". A call per text costs ten times as much.

    A text with a NUL loses it, so that there are as many pieces as texts whatever comes.
    """
    plain = ("" if text is None else str(text) for text in texts)
    joined = BETWEEN.join(text.replace(BETWEEN, "") if BETWEEN in text else text for text in plain)
    return escape(joined).split(BETWEEN)
