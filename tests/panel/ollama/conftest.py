import pytest

from panel.providers.ollama_shelf import forget
from tests.fakes.ollama import FakeOllama
from tests.panel.ollama.asking import judge_of


@pytest.fixture
def fake():
    with FakeOllama() as fake:
        forget(fake.url)  # an earlier test's server may have had this port
        yield fake


@pytest.fixture
def judge(fake):
    yield from judge_of(fake.url)
