"""Whatever breaks, nothing is lost and nothing doubled. FAULT_ROUNDS=50 runs fifty seeds of each."""

import pytest

# Before its import, or a failed check would not say what it found.
pytest.register_assert_rewrite("tests.faults.stage")
