"""How often a web process looks for garbage that reference counting left behind."""

from __future__ import annotations

import gc

# Python's 700 has it look dozens of times while one page is rendered, for cycles that Django's requests and
# templates hardly make: a quarter of a page's time.
ALLOCATIONS = 50_000


def settle() -> None:
    """To be called when everything is imported: what is there by then is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)
