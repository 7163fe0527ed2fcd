"""The text part of a mail: 72 columns that read well in any program. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from comparisons.digest.content import (
    ArticleNews,
    ChangeNews,
    Content,
    CounterpointNews,
    VerdictNews,
    VotedNews,
)

WIDTH = 72


def paragraph(text: str, indent: str = "") -> str:
    """Wrapped at WIDTH; an address is never broken."""
    lines = wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return "\n".join(lines)


def heading(words: str) -> str:
    return f"{words.upper()}\n{'-' * len(words)}"


def sections(content: Content, site: str, most: dict[str, int]) -> str:
    """Everything between the head and the foot; `most` says how many of a kind are shown."""
    return "\n\n\n".join(_sections(content, site, most))


def _sections(content: Content, site: str, most: dict[str, int]) -> Iterator[str]:
    for title, verdicts in (
        ("Changed its mind", content.flips),
        ("New verdicts", content.other_verdicts[: most["verdicts"]]),
        ("Closest calls", content.closest),
    ):
        yield from _section(title, (_verdict(verdict, site) for verdict in verdicts))
    yield from _section("Articles", (_article(row, site) for row in content.articles[: most["articles"]]))
    yield from _section(
        "Counterpoints", (_counterpoint(row, site) for row in content.counterpoints[: most["counterpoints"]])
    )
    yield from _section("Most voted", (_voted(row, site) for row in content.voted[: most["voted"]]))
    yield from _section("Catalog changes", (_change(row, site) for row in content.changes[: most["changes"]]))


def _section(title: str, blocks: Iterable[str]) -> Iterator[str]:
    text = "\n\n".join(blocks)
    if text:
        yield f"{heading(title)}\n\n{text}"


def _verdict(verdict: VerdictNews, site: str) -> str:
    lines = [
        paragraph(f"{verdict.left.name} vs {verdict.right.name}"),
        paragraph(f"{verdict.call}{f' (before: {verdict.before})' if verdict.before else ''}", "  "),
        paragraph(f"A  {verdict.left.name}: {verdict.bench[0]}", "  "),
        paragraph(f"B  {verdict.right.name}: {verdict.bench[1]}", "  "),
    ]
    judge = f"{verdict.judge}; mixed judges, provisional" if verdict.provisional else verdict.judge
    return "\n".join([*lines, paragraph(f"Judge: {judge}", "  "), f"  {site}{verdict.path}"])


def _article(row: ArticleNews, site: str) -> str:
    words = paragraph(f"By {row.by}. {row.standfirst}", "  ")
    return f"{paragraph(row.title)}\n{words}\n  {site}{row.path}"


def _counterpoint(row: CounterpointNews, site: str) -> str:
    by = f" by {row.by}" if row.by else ""
    said = paragraph(f"“{row.excerpt}”", "  ")
    return f"{paragraph(f'{row.kind}{by} on {row.title}')}\n{said}\n  {site}{row.path}"


def _voted(row: VotedNews, site: str) -> str:
    votes = "1 vote" if row.n == 1 else f"{row.n} votes"
    said = f"{votes}: {row.only_left} A, {row.only_right} B, {row.both} both, {row.neither} neither"
    names = paragraph(f"{row.left.name} (A) vs {row.right.name} (B)")
    return f"{names}\n{paragraph(said, '  ')}\n  {site}{row.path}"


def _change(row: ChangeNews, site: str) -> str:
    said = f"new card. {row.tagline}" if row.first else "; ".join(row.words)
    return f"{paragraph(f'{row.model.name} ({row.model.lab_name}): {said}')}\n  {site}{row.path}"
