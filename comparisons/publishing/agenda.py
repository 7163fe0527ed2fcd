"""What is to be published, and when. Pure: the caller brings the time."""

from __future__ import annotations

from collections.abc import Iterable

from comparisons.publishing.dependencies import Page, Target

# A hot page is rendered about once a second, however many vote. What is left of the second within which a
# change must be seen is for noticing and rendering it.
SPACING = 0.8


class Agenda:
    """Targets in waiting. The first change is due at once, further ones `SPACING` after the last time."""

    def __init__(self) -> None:
        self._due: dict[Target, float] = {}
        self._heard: dict[Target, float] = {}  # the latest change of what is due
        self._last: dict[Target, float] = {}  # when it was last taken

    def __bool__(self) -> bool:
        return bool(self._due)

    def add(self, targets: Iterable[Target], *, now: float) -> None:
        for target in targets:
            # What was due keeps its place: a stream of changes must not push it away.
            self._due.setdefault(target, max(now, self._last.get(target, float("-inf")) + SPACING))
            self._heard[target] = now

    def take(self, *, now: float) -> tuple[Target, frozenset[str]] | None:
        """The next that is due: first what is dropped (quick), then comparisons, then the rest.

        With it the addresses that are not to be dropped for it: those that wait for their own rendering, and
        those that had it since the change. Else a hot page, a moment before its votes drop the comparisons
        around it, would be rendered twice.
        """
        due = [target for target, at in self._due.items() if at <= now]
        if not due:
            return None
        chosen = min(due, key=_rank)
        del self._due[chosen]
        heard = self._heard.pop(chosen)
        spared = [*self._due, *(target for target, at in self._last.items() if at >= heard)]
        self._last = {target: at for target, at in self._last.items() if at + SPACING > now}
        self._last[chosen] = now
        return chosen, frozenset(target.address for target in spared if isinstance(target, Page))

    def wait(self, *, now: float, most: float) -> float:
        """Seconds until something is due, at most `most`."""
        return max(0.0, min([most, *(at - now for at in self._due.values())]))


def _rank(target: Target) -> int:
    if not isinstance(target, Page):
        return 0
    return 1 if target.address.startswith("/compare/") and target.address != "/compare/" else 2
