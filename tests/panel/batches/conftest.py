"""One pairing convened by batch, nothing submitted yet."""

from __future__ import annotations

import pytest

from tests.panel.batches.running import convened, make_pairing


@pytest.fixture
def run(mistral):
    make_pairing()
    return convened()
