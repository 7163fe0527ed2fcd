import pytest

from tests.fakes.mistral import FakeMistral
from tests.panel.mistral.asking import judge_of


@pytest.fixture
def fake():
    with FakeMistral() as fake:
        yield fake


@pytest.fixture
def judge(fake):
    yield from judge_of(fake.url)
