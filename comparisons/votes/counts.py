"""What votes add up to. Pure: numbers in, shares with their n out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comparisons.templatetags.figures import whole_percent


@dataclass(frozen=True, slots=True)
class Share:
    """One answer's part of a result. `offset` is where its piece of the bar starts, in votes."""

    choice: str
    count: int
    percent: int
    offset: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The votes on one pairing. Votes set aside are told, never counted in n."""

    left: int = 0
    right: int = 0
    both: int = 0
    neither: int = 0
    set_aside: int = 0

    @classmethod
    def read(cls, row: Mapping[str, int] | None) -> Counts:
        """From what `votes_subquery()` annotates; None where nobody has voted."""
        return cls(**row) if row else cls()

    @property
    def n(self) -> int:
        return self.left + self.right + self.both + self.neither

    @property
    def shares(self) -> tuple[Share, ...]:
        """The four answers in the order of the bar: both ships stand between the sides, skips at the end."""
        counts = {"left": self.left, "both": self.both, "right": self.right, "neither": self.neither}
        shares = []
        offset = 0
        for choice, count in counts.items():
            shares.append(Share(choice, count, whole_percent(count, self.n), offset))
            offset += count
        return tuple(shares)


@dataclass(frozen=True, slots=True)
class Community:
    """How often a card would be shipped: (its side + both) of all n votes on its pairings."""

    ships: int = 0
    n: int = 0

    @classmethod
    def read(cls, row: Mapping[str, int] | None) -> Community:
        """From what `community_subquery()` annotates; None where nobody has voted."""
        return cls(**row) if row else cls()

    @property
    def percent(self) -> int | None:
        """None without votes: no share of nothing."""
        return whole_percent(self.ships, self.n) if self.n else None
