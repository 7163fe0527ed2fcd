"""The fake keeps its own promises: what it counts, caps, repeats and forgets."""

import gc
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.fakes.completions import COMPLETIONS
from tests.fakes.forms import fill
from tests.fakes.mistral import FakeMistral
from tests.fakes.replies import at_random, reply_to

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hello."}]}


def post(url, body, path="/v1/chat/completions"):
    request = urllib.request.Request(f"{url}{path}", json.dumps(body).encode(), {"Authorization": "Bearer k"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def all_at_once(fake, calls):
    """As many calls under way as asked for, until `with` ends and the server with it."""
    fake.script(["hang"] * calls)
    pool = ThreadPoolExecutor(calls)
    answers = [pool.submit(post, fake.url, BODY) for _ in range(calls)]
    patience = time.monotonic() + 20
    while fake.busy < calls:
        assert time.monotonic() < patience
        time.sleep(0.01)
    return pool, answers


def test_one_call_too_many_at_once_is_told_to_slow_down():
    with FakeMistral(cap=8) as fake:
        pool, _ = all_at_once(fake, 8)
        assert post(fake.url, BODY)[0] == 429
    pool.shutdown()
    assert fake.counts()["calls"] == 9


def test_sixty_four_at_once_are_served_and_torn_when_the_server_goes_down():
    with FakeMistral() as fake:
        pool, answers = all_at_once(fake, 64)
        assert fake.counts()["most_at_once"] == 64
        fake.down()
        assert all(isinstance(answer.exception(20), OSError) for answer in answers)
        fake.up()
        assert post(fake.url, BODY)[0] == 200
        assert fake.busy == 0
    pool.shutdown()


def test_who_knocks_while_it_goes_down_is_not_let_in_and_not_forgotten():
    """A socket that asyncio forgets would warn in whichever test comes next, and warnings are errors."""
    for _ in range(5):
        with FakeMistral() as fake, ThreadPoolExecutor(4) as pool, ExitStack() as knocking:
            for _ in range(100):
                pool.submit(knock, fake.port, knocking)
            while not fake.connections:
                time.sleep(0.001)
            fake.down()
            met = fake.connections
            pool.shutdown()
            assert fake.connections == met
    gc.collect()


def knock(port, knocking):
    knocking.enter_context(socket.create_connection(("127.0.0.1", port)))


def test_an_answer_takes_its_time_give_or_take_the_same_jitter_in_every_run():
    with FakeMistral(latency=0.05, jitter=0.02, seed=3) as fake:
        post(fake.url, BODY)
        assert fake.counts()["busy_seconds"] >= 0.03


def test_the_same_prompt_gets_the_same_answer_and_another_another():
    with FakeMistral() as one, FakeMistral() as two:
        assert post(one.url, BODY) == post(two.url, BODY)
        assert post(one.url, BODY) != post(one.url, {**BODY, "random_seed": 1})


def test_a_caller_without_the_key_or_without_messages_is_refused():
    with FakeMistral(key="another") as fake:
        assert post(fake.url, BODY)[0] == 401
        fake.key = "k"
        assert post(fake.url, {"model": "m"})[0] == 422
        assert post(fake.url, BODY, path="/v1/nothing")[0] == 404
        assert fake.counts()["calls"] == 2


def test_chance_repeats_itself_by_seed():
    def history(seed):
        meets = at_random(seed, {"500": 0.1, "429:1": 0.1})
        return [meets(number, {}) for number in range(200)]

    assert history(1) == history(1) != history(2)
    assert 10 <= history(1).count("500") <= 35


def test_a_word_nobody_knows_is_an_error():
    with pytest.raises(ValueError, match="hiccup"):
        reply_to("hiccup", {}, BODY, dialect=COMPLETIONS)


def test_a_form_of_every_sort_of_field_is_filled_in():
    schema = {
        "$defs": {
            "Row": {"type": "object", "properties": {"ok": {"type": "boolean"}, "n": {"type": "number"}}}
        },
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}, "minItems": 3},
            "maybe": {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 5, "exclusiveMaximum": 7}]},
            "nothing": {"type": "null"},
            "fixed": {"const": 4},
            "day": {"type": "string", "format": "date"},
            "short": {"type": "string", "maxLength": 5},
        },
    }
    filled = fill(schema, prompt="x")
    assert [set(row) for row in filled["rows"]] == [{"ok", "n"}] * 3
    assert filled["maybe"] in {5, 6}
    assert (filled["nothing"], filled["fixed"], filled["day"]) == (None, 4, "2027-12-31")
    assert len(filled["short"]) == 5


def test_it_runs_as_a_process_and_takes_another_script_while_it_does():
    command = [
        sys.executable,
        "-m",
        "tests.fakes.mistral",
        "--port",
        "0",
        "--words",
        "I am fake.",
        "--script",
        "500",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[-1]
            assert post(url, BODY)[0] == 500
            answer = post(url, BODY)[1]
            assert answer["choices"][0]["message"]["content"].startswith("I am fake.")
            assert post(url, {"script": ["404"]}, path="/fake")[1]["calls"] == 2
            assert post(url, BODY)[0] == 404
        finally:
            process.terminate()
        assert process.wait(5) == 0
