"""What an issue says, as frozen values, and which of it one reader wants. Pure.

Kept as JSON in `Issue.content` when the issue is composed: names, calls and figures as they stood then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from comparisons.reviews.tally import called

CLOSEST = 3  # shown as closest calls, and then not among the other verdicts


@dataclass(frozen=True, slots=True)
class Model:
    """A card as the issue names it."""

    slug: str
    name: str
    lab: str  # slug
    lab_name: str

    @property
    def path(self) -> str:
        return f"/models/{self.slug}/"


@dataclass(frozen=True, slots=True)
class _PairingNews:
    key: str
    slug: str
    left: Model
    right: Model

    @property
    def models(self) -> tuple[Model, ...]:
        return (self.left, self.right)

    @property
    def path(self) -> str:
        return f"/compare/{self.slug}/"


@dataclass(frozen=True, slots=True)
class VerdictNews(_PairingNews):
    """A first verdict, or one that says something else than the last."""

    outcome: str
    side: str  # "left", "right" or ""
    before: str  # what the last one said, "" for a first verdict
    before_side: str
    bench: tuple[str, str]  # "3 of 4 ship, median 84", left and right
    closeness: float | None  # points between the medians
    judge: str
    provisional: bool

    @property
    def call(self) -> str:
        return called(self.outcome, self.side, self.left.name, self.right.name)

    @property
    def flipped(self) -> bool:
        """Another side than before, or one where there was none."""
        return bool(self.before) and self.side != self.before_side

    @property
    def close(self) -> bool:
        return self.outcome in {"toss_up", "split", "lean"} and self.closeness is not None

    @property
    def letter(self) -> str:
        return {"left": "a", "right": "b"}.get(self.side, "")


@dataclass(frozen=True, slots=True)
class VotedNews(_PairingNews):
    """The votes of the week on one pairing."""

    n: int
    only_left: int
    only_right: int
    both: int
    neither: int


@dataclass(frozen=True, slots=True)
class CounterpointNews:
    key: str
    title: str  # of what it is about
    path: str
    kind: str  # "Push back"
    by: str
    excerpt: str  # plain text
    models: tuple[Model, ...]  # none on an article


@dataclass(frozen=True, slots=True)
class ArticleNews:
    key: str
    title: str
    standfirst: str
    path: str
    by: str
    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class ChangeNews:
    """A new card, or other prices or license terms on a known one."""

    key: str
    model: Model
    first: bool
    tagline: str
    words: tuple[str, ...]  # "input price $0.40 → $0.30"

    @property
    def models(self) -> tuple[Model, ...]:
        return (self.model,)

    @property
    def path(self) -> str:
        return self.model.path


Item = VerdictNews | VotedNews | CounterpointNews | ArticleNews | ChangeNews


@dataclass(frozen=True, slots=True)
class Taste:
    """What one reader chose. Nothing chosen is everything."""

    only_verdicts: bool = False
    labs: frozenset[str] = frozenset()
    cards: frozenset[str] = frozenset()

    def wants(self, item: Item) -> bool:
        if self.only_verdicts and not isinstance(item, VerdictNews):
            return False
        if not (self.labs or self.cards):
            return True
        # What is about no model in particular is for everybody.
        about_all = isinstance(item, ArticleNews) and not item.models
        return about_all or any(model.slug in self.cards or model.lab in self.labs for model in item.models)


@dataclass(frozen=True, slots=True)
class Content:
    """One issue, or what is left of it for one reader. Each list is in the order it is shown."""

    verdicts: tuple[VerdictNews, ...] = ()
    voted: tuple[VotedNews, ...] = ()
    counterpoints: tuple[CounterpointNews, ...] = ()
    articles: tuple[ArticleNews, ...] = ()
    changes: tuple[ChangeNews, ...] = ()

    def __iter__(self) -> Iterator[Item]:
        yield from self.verdicts
        yield from self.voted
        yield from self.counterpoints
        yield from self.articles
        yield from self.changes

    def __bool__(self) -> bool:
        return any(True for _ in self)

    @property
    def keys(self) -> list[str]:
        return [item.key for item in self]

    @property
    def flips(self) -> tuple[VerdictNews, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.flipped)

    @property
    def closest(self) -> tuple[VerdictNews, ...]:
        """The calls that could most easily have gone the other way. A flip is told as a flip."""
        close = (verdict for verdict in self.verdicts if verdict.close and not verdict.flipped)
        return tuple(sorted(close, key=lambda verdict: verdict.closeness or 0)[:CLOSEST])

    @property
    def other_verdicts(self) -> tuple[VerdictNews, ...]:
        shown = {verdict.key for verdict in (*self.flips, *self.closest)}
        return tuple(verdict for verdict in self.verdicts if verdict.key not in shown)

    def only(self, keys: Collection[str]) -> Self:
        return self._where(lambda item: item.key in keys)

    def for_taste(self, taste: Taste) -> Self:
        return self._where(taste.wants)

    def _where(self, wanted: Callable[[Item], bool]) -> Self:
        return replace(
            self,
            verdicts=tuple(item for item in self.verdicts if wanted(item)),
            voted=tuple(item for item in self.voted if wanted(item)),
            counterpoints=tuple(item for item in self.counterpoints if wanted(item)),
            articles=tuple(item for item in self.articles if wanted(item)),
            changes=tuple(item for item in self.changes if wanted(item)),
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, list[dict[str, Any]]]) -> Self:
        return cls(
            verdicts=tuple(
                VerdictNews(**{**row, **_sides(row), "bench": tuple(row["bench"])})
                for row in record["verdicts"]
            ),
            voted=tuple(VotedNews(**{**row, **_sides(row)}) for row in record["voted"]),
            counterpoints=tuple(
                CounterpointNews(**{**row, **_models(row)}) for row in record["counterpoints"]
            ),
            articles=tuple(ArticleNews(**{**row, **_models(row)}) for row in record["articles"]),
            changes=tuple(
                ChangeNews(**{**row, "model": Model(**row["model"]), "words": tuple(row["words"])})
                for row in record["changes"]
            ),
        )


def subject(content: Content) -> str:
    """The week's main thing, in one line. `content` is not empty."""
    main, *_ = _headlines(content)
    others = len(content.keys) - 1
    return main if not others else f"{main}, and {others} more"


def summary(content: Content) -> str:
    """How much of what, in one sentence."""
    counts = (
        (len(content.verdicts), "verdict", "verdicts"),
        (len(content.flips), "flip among them", "flips among them"),
        (len(content.counterpoints), "counterpoint", "counterpoints"),
        (len(content.articles), "article", "articles"),
        (len(content.changes), "catalog change", "catalog changes"),
        (len(content.voted), "pairing with new votes", "pairings with new votes"),
    )
    parts = [f"{n} {one if n == 1 else many}" for n, one, many in counts if n]
    return f"{', '.join(parts)}."


def _headlines(content: Content) -> Iterator[str]:
    """What could be the main thing, weightiest first: a changed mind outranks a first opinion."""
    clear = [verdict for verdict in content.verdicts if verdict.outcome == "clear"]
    for verdict in (*content.flips[:1], *clear[:1], *content.verdicts[:1]):
        lead = "Flipped: " if verdict.flipped else ""
        other = {"left": verdict.right.name, "right": verdict.left.name}.get(verdict.side)
        if other:
            yield f"{lead}{verdict.call} over {other}"
        else:
            yield f"{lead}{verdict.call}, {verdict.left.name} vs {verdict.right.name}"
    for article in content.articles:
        yield article.title
    for change in content.changes:
        yield f"New: {change.model.name}" if change.first else f"{change.model.name}: {change.words[0]}"
    for counterpoint in content.counterpoints:
        yield f"{counterpoint.kind} on {counterpoint.title}"
    for voted in content.voted:
        yield f"You voted: {voted.left.name} vs {voted.right.name}"


def _sides(row: Mapping[str, Any]) -> dict[str, Model]:
    return {"left": Model(**row["left"]), "right": Model(**row["right"])}


def _models(row: Mapping[str, Any]) -> dict[str, tuple[Model, ...]]:
    return {"models": tuple(Model(**model) for model in row["models"])}
