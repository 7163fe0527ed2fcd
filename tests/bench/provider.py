"""The fake Mistral as a bench wants it: its own process, with a limit, counting since the last script."""

from __future__ import annotations

import argparse
import signal
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Self

from tests.fakes.completions import Reply, at_random, refusal
from tests.fakes.mistral import Call, FakeMistral, Script


class BenchProvider(FakeMistral):
    """Its limits are part of its script, so that one process serves a whole bench."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self.refused: set[int] = set()
        self._let_in_at_most(0)

    def script(self, script: Script | Mapping[str, float]) -> Self:
        """Counts from here on. A mapping is met by chance, {"500": 0.02}, but for its limits: `cap` calls at
        once, `per_minute` with a second's worth saved up at most; one more gets 429 at once."""
        if isinstance(script, Mapping):
            faults = dict(script)
            self.cap = int(faults.pop("cap", 0)) or None
            self._let_in_at_most(faults.pop("per_minute", 0))
            script = at_random(self.seed, faults)
        return super().script(script)

    def _let_in_at_most(self, per_minute: float) -> None:
        self.per_second = per_minute / 60
        self._tokens, self._told = self.per_second, time.monotonic()

    def counts(self) -> dict[str, Any]:
        calls = self.calls[self._script_from :]
        served = [call for call in calls if call.ended and call.number not in self.refused]
        first = min((call.started for call in served), default=0.0)
        return {
            "calls": len(calls),
            "served": len(served),
            "refused": len(calls) - len(served),
            "failed": sum(call.meets != "ok" for call in served),
            "most_at_once": self.most_at_once,
            "busy_seconds": sum(call.ended - call.started for call in served),
            "seconds": max((call.ended for call in served), default=0.0) - first,
            "meets": dict(Counter(call.meets for call in calls)),
            "timeline": [(round(call.started - first, 3), round(call.ended - first, 3)) for call in served],
        }

    async def _reply(self, call: Call) -> Reply:
        if self.cap is not None and self.busy > self.cap:
            self.refused.add(call.number)
            return refusal(429)
        if self.per_second and not self._lets_in():
            self.refused.add(call.number)
            return refusal(429)
        return await super()._reply(call)

    def _lets_in(self) -> bool:
        now = time.monotonic()
        self._tokens = min(self._tokens + (now - self._told) * self.per_second, self.per_second)
        self._told = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake Mistral API to measure against.")
    parser.add_argument("--latency", type=float, default=0.5, help="seconds")
    parser.add_argument("--jitter", type=float, default=0.15, help="seconds, either way")
    parser.add_argument("--seed", type=int, default=0)
    given = vars(parser.parse_args())
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with BenchProvider(**given) as provider:
        print(provider.url, flush=True)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
