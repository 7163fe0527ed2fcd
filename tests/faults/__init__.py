"""Whatever breaks, nothing is lost and nothing doubled.

`make test` runs a few seeds of each, `make faults` fifty; FAULT_SEED=17 runs the one that failed.
"""

import pytest

# Before its import, or a failed check would not say what it found.
pytest.register_assert_rewrite("tests.faults.stage")
