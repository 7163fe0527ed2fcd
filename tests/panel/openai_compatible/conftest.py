import pytest

from tests.fakes.openai_compatible import FakeOpenAICompatible
from tests.panel.openai_compatible.asking import judge_of


@pytest.fixture
def fake():
    with FakeOpenAICompatible() as fake:
        yield fake


@pytest.fixture
def judge(fake):
    yield from judge_of(fake.url)
