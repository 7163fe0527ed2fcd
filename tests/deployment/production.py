"""A process with what `requirements/production.txt` names and nothing else.

Whatever a package of the other lists brings is refused, as if it were not installed. Then the first argument
is run as Python: `python -m tests.deployment.production 'print(1)'`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

LISTS = Path(__file__).resolve().parent.parent.parent / "requirements"


def named(*lists: str) -> set[str]:
    """Names of distributions, as `==` has them in those lists."""
    text = "".join((LISTS / f"{name}.txt").read_text(encoding="utf-8") for name in lists)
    return set(re.findall(r"(?m)^([a-z0-9._-]+)==", text))


def absent() -> set[str]:
    """The modules that an image would not have."""
    left_out = named("run", "dev") - named("production")
    plain = {
        module: {re.sub(r"[-_.]+", "-", each).lower() for each in bringing}
        for module, bringing in packages_distributions().items()
    }
    return {module for module, bringing in plain.items() if bringing <= left_out}


class Refusing:
    """A finder before all others that finds none of these."""

    def __init__(self, modules: set[str]) -> None:
        self._modules = modules

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in self._modules:
            raise ModuleNotFoundError(f"{name} is not in requirements/production.txt", name=name)
        return None


def main(code: str) -> None:
    refused = absent()
    # Already there: what a .pth file of the tests' environment loads at start.
    for name in [name for name in sys.modules if name.partition(".")[0] in refused]:
        del sys.modules[name]
    sys.meta_path.insert(0, Refusing(refused))
    exec(code, {"__name__": "__main__"})


if __name__ == "__main__":
    main(sys.argv[1])
