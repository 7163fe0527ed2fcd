"""What is folded away under a review, as HTML: its standing answers and how its points were given. Pure.

Written here because a comparison has some 150 of these lines, and Django's engine takes 2 ms for them.
Answers and points are a model's words: each value is escaped where it is put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import starmap
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from comparisons.escaping import escaped


def folded(answers: Sequence[tuple[str, str]], points: Sequence[Mapping[str, Any]]) -> SafeString:
    """`answers` as (question, answer); `points`, rubric only, as fact, points, because."""
    return mark_safe(f"{_answers(answers)}{_points(points)}")  # noqa: S308  # escaped below


def _answers(answers: Sequence[tuple[str, str]]) -> str:
    if not answers:
        return ""
    texts = iter(escaped(text for answer in answers for text in answer))
    said = "".join(
        f"<dt>{question}</dt><dd>{answer}</dd>" for question, answer in zip(texts, texts, strict=True)
    )
    plural = "" if len(answers) == 1 else "s"
    return (
        f"<details><summary>{len(answers)} standing answer{plural}</summary>"
        f'<dl class="answers">{said}</dl></details>'
    )


def _points(points: Sequence[Mapping[str, Any]]) -> str:
    if not points:
        return ""
    texts = iter(escaped(point.get(key) for point in points for key in ("points", "fact", "because")))
    given = "".join(starmap(_point, zip(texts, texts, texts, strict=True)))
    return f'<details><summary>How the points were given</summary><ul class="points">{given}</ul></details>'


def _point(points: str, fact: str, because: str) -> str:
    note = f' <span class="line-note">{because}</span>' if because else ""
    return f'<li><span class="figure">{points}</span> <span>{fact}{note}</span></li>'
