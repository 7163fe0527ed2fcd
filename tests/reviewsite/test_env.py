"""Every reader takes what makes sense and refuses the rest by the variable's name."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from kombu import Connection

from reviewsite import env
from reviewsite.env import BadSetting

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch):
    """Sets the variable THING, which nothing else reads."""
    monkeypatch.delenv("THING", raising=False)
    monkeypatch.delenv("THING_FILE", raising=False)
    return lambda value, name="THING": monkeypatch.setenv(name, value)


# --- text -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("redis://redis:6379/0", "redis://:a%2Fb%2Bc%3D@redis:6379/0"),
        ("rediss://site@redis/1", "rediss://site:a%2Fb%2Bc%3D@redis/1"),
        ("redis://:own@redis/0", "redis://:own@redis/0"),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
        ("", ""),
    ],
)
def test_a_password_joins_an_address_that_holds_none(address, whole):
    assert env.with_password(address, "a/b+c=") == whole
    assert env.with_password(address, "") == address


def test_text_is_stripped(variable) -> None:
    variable(" hello ")
    assert env.text("THING") == "hello"


def test_text_falls_back_to_the_default(variable) -> None:
    assert env.text("THING", "default") == "default"


def test_text_may_come_from_a_file(variable, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n", encoding="utf-8")
    variable(str(tmp_path / "secret"), "THING_FILE")
    assert env.text("THING", "default") == "from a file"


def test_text_set_directly_wins_over_the_file(variable) -> None:
    variable("directly")
    variable("/nowhere", "THING_FILE")
    assert env.text("THING") == "directly"


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_is_none(variable, tmp_path: Path, empty: str) -> None:
    """.env.example has lines like `SENTRY_DSN=`; beside them stands SENTRY_DSN_FILE, or nothing."""
    variable(empty)
    assert env.text("THING", "default") == "default"
    variable(empty, "THING_FILE")
    assert env.text("THING", "default") == "default"
    (tmp_path / "secret").write_text("from a file\n", encoding="utf-8")
    variable(str(tmp_path / "secret"), "THING_FILE")
    assert env.text("THING", "default") == "from a file"


def test_a_file_that_cannot_be_read_is_refused(variable, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary"):
        variable(str(tmp_path / name), "THING_FILE")
        with pytest.raises(BadSetting, match=r"^THING_FILE: .* is not a file that can be read\.$"):
            env.text("THING")


def test_a_package_that_a_variable_asks_for(variable) -> None:
    env.wants(package="no_such_package", by="THING")
    variable("on")
    env.wants(package="sentry_sdk", by="THING")
    with pytest.raises(BadSetting, match=r"^THING: no_such_package, .* is not installed here: see requirem"):
        env.wants(package="no_such_package", by="THING")


# --- flag -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", ["1", "true", "Yes", "ON"])
def test_flag_on(variable, value: str) -> None:
    variable(value)
    assert env.flag("THING", default=False) is True


@pytest.mark.parametrize("value", ["0", "false", "No", "OFF"])
def test_flag_off(variable, value: str) -> None:
    variable(value)
    assert env.flag("THING", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_flag_is_the_default(variable, default: bool) -> None:
    variable("")
    assert env.flag("THING", default=default) is default


def test_a_flag_that_is_neither_is_refused(variable) -> None:
    variable("maybe")
    with pytest.raises(BadSetting, match=r"^THING: 'maybe' is not one of on, off\.$"):
        env.flag("THING", default=True)


# --- numbers --------------------------------------------------------------------------------------
def test_integer(variable) -> None:
    assert env.integer("THING", 7) == 7
    variable("12")
    assert env.integer("THING", 7) == 12


@pytest.mark.parametrize("value", ["1.5", "ten", "0", "101", "-3", "1e2"])
def test_an_integer_out_of_range_or_none_at_all_is_refused(variable, value: str) -> None:
    variable(value)
    with pytest.raises(BadSetting, match=r"^THING: .* is not a whole number from 1 to 100\.$"):
        env.integer("THING", 7, least=1, most=100)


def test_an_integer_without_an_upper_end(variable) -> None:
    variable("-1")
    with pytest.raises(BadSetting, match=r"a whole number from 0 up\.$"):
        env.integer("THING", 7)


def test_decimal(variable) -> None:
    assert env.decimal("THING", "0.2") == Decimal("0.2")
    variable("5.00")
    assert env.decimal("THING", "0.2") == Decimal("5.00")


@pytest.mark.parametrize("value", ["much", "NaN", "Infinity", "-0.1", "1.6"])
def test_a_decimal_out_of_range_or_none_at_all_is_refused(variable, value: str) -> None:
    variable(value)
    with pytest.raises(BadSetting, match=r"^THING: .* is not a number from 0 to 1\.5\.$"):
        env.decimal("THING", "0.2", most="1.5")


# --- lists ----------------------------------------------------------------------------------------
def test_choices_keep_their_order(variable) -> None:
    assert env.choices("THING", "b,a", among=("a", "b")) == ("b", "a")
    variable(" A , b,")
    assert env.choices("THING", "b", among=("a", "b")) == ("a", "b")


@pytest.mark.parametrize("value", ["c", "a,c", "a,a", ","])
def test_choices_unknown_or_twice_are_refused(variable, value: str) -> None:
    variable(value)
    with pytest.raises(BadSetting, match=r"^THING: .* is not a list of a, b, each at most once\.$"):
        env.choices("THING", "a", among=("a", "b"))


def test_one_of(variable) -> None:
    assert env.one_of("THING", "a", among=("a", "b")) == "a"
    variable(" B ")
    assert env.one_of("THING", "a", among=("a", "b")) == "b"
    variable("a,b")
    with pytest.raises(BadSetting, match=r"^THING: .* is not one of a, b\.$"):
        env.one_of("THING", "a", among=("a", "b"))


def test_names(variable) -> None:
    assert env.names("THING", "a,b") == ["a", "b"]
    variable("example.org, ,www.example.org")
    assert env.names("THING", "a") == ["example.org", "www.example.org"]


# --- addresses ------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", ["https://example.org", "unix:///run/x.sock"])
def test_url(variable, value: str) -> None:
    variable(value)
    assert env.url("THING", schemes=("https", "unix")) == value


def test_no_url_is_none(variable) -> None:
    assert env.url("THING", schemes=("https",)) == ""


@pytest.mark.parametrize(
    "value",
    [
        "example.org", "ftp://example.org", "https:", "javascript:alert(1)", "https:example.org", "https:///x",
        "https://[example.org", "https://example.org:many", "https://example.org:99999", "https://an example",
    ],
)  # fmt: skip
def test_a_url_of_another_kind_is_refused(variable, value: str) -> None:
    variable(value)
    with pytest.raises(BadSetting, match=r"^THING: .* is not an address that starts with https:\.$"):
        env.url("THING", schemes=("https",))


def test_an_origin_is_scheme_host_and_port(variable) -> None:
    assert env.origin("THING", "http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    variable("https://example.org/")
    assert env.origin("THING", "") == "https://example.org"
    for value in ("https://example.org/sub", "https://example.org?x=1", "https://me:secret@example.org"):
        variable(value)
        with pytest.raises(BadSetting, match=r"^THING: .* like https://example.org, without a path\.$"):
            env.origin("THING", "")


def test_an_address_for_sentry_has_a_key_and_a_number(variable) -> None:
    assert env.dsn("THING") == ""
    variable("https://key@errors.example/some/7")
    assert env.dsn("THING") == "https://key@errors.example/some/7"
    for value in ("https://errors.example/7", "https://key@errors.example", "https://key@errors.example/x"):
        variable(value)
        with pytest.raises(BadSetting, match=r"^THING: .* is not an address like https://key@host/1\.$"):
            env.dsn("THING")


@pytest.mark.parametrize(
    "value",
    ["redis://me:secret@[host", "amqp://me:secret@h:x?secret", "me:secret@host", "http://me:s@secret@h"],
)
def test_a_refused_address_does_not_repeat_its_password(variable, value: str) -> None:
    variable(value)
    with pytest.raises(BadSetting, match=r"^THING: ") as refusal:
        env.url("THING", schemes=("redis", "amqp"))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "found"), [("5/second", (5, 1)), ("60/hour", (60, 3600)), ("0/day", (0, 86400))]
)
def test_a_rate(monkeypatch: pytest.MonkeyPatch, value: str, found: tuple[int, int]) -> None:
    monkeypatch.setenv("THING", value)
    assert env.rate("THING", "1/minute") == found


@pytest.mark.parametrize("value", ["60", "60/", "60/week", "-1/hour", "many/hour", "²/hour"])
def test_a_rate_without_sense_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THING", value)
    with pytest.raises(BadSetting, match=r"^THING: .* is not a number per time like 60/hour"):
        env.rate("THING", "1/minute")


def test_database_over_tcp() -> None:
    found = env.database("postgresql://me:p%40ss@db.example:5433/site?sslmode=require", pool_size=3)
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "site")
    assert (found["USER"], found["PASSWORD"]) == ("me", "p@ss")
    pool = {
        "min_size": 1, "max_size": 3, "timeout": 10, "reconnect_timeout": 2,
        "reconnect_failed": env._keep_trying,
    }  # fmt: skip
    assert found["OPTIONS"] == {"sslmode": "require", "pool": pool}


def test_database_over_a_socket_in_a_folder_with_a_space() -> None:
    found = env.database("postgresql://me@/site?host=/run/with%20a%20space%2C%25", pool_size=3)
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("/run/with a space,%", "", "site")


@pytest.mark.parametrize(
    "address",
    [
        "mysql://me:secret@host/site", "postgresql://me:secret@host", "postgresql://me:secret@host:many/site",
        "postgresql://me:secret@[host/site", "site",
    ],
)  # fmt: skip
def test_a_database_address_without_sense_is_refused(address: str) -> None:
    with pytest.raises(BadSetting, match=r"^DATABASE_URL: ") as refusal:
        env.database(address, pool_size=3)
    assert "secret" not in str(refusal.value)


def test_broker_over_tcp_stays_as_it_is() -> None:
    assert env.broker("redis://redis.example:6379/2") == "redis://redis.example:6379/2"


@pytest.mark.parametrize(("query", "number"), [("", 0), ("?db=0", 0), ("?db=3", 3)])
def test_broker_over_a_socket_keeps_path_and_database(query: str, number: int) -> None:
    """Celery's transport reads the number under another name, and silently takes 0 for the usual one."""
    socket = urlsplit(os.environ["REDIS_URL"]).path
    with tempfile.TemporaryDirectory(prefix="a space ") as folder:  # short, as socket paths must be
        (Path(folder) / "redis.sock").symlink_to(socket)
        with Connection(env.broker(f"unix://{quote(folder)}/redis.sock{query}")) as connection:
            client = connection.default_channel.client
            assert client.ping()
            assert client.client_info()["db"] == number


# --- a running instance ---------------------------------------------------------------------------
def test_a_running_instance_says_where_its_services_are(tmp_path: Path) -> None:
    note = tmp_path / "running.json"
    note.write_text('{"REDIS_URL": "unix:///run/redis.sock?db=0"}', encoding="utf-8")
    assert env.running(note) == {"REDIS_URL": "unix:///run/redis.sock?db=0"}


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_a_torn_note_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "running.json").write_text(text, encoding="utf-8")
    assert env.running(tmp_path / "running.json") == {}
    assert env.running(tmp_path / "missing.json") == {}


# --- the command line -----------------------------------------------------------------------------
def on_the_command_line(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SITE_URL", "example.org"),
        ("SITE_URL", "https://example.org/sub"),
        ("SENTRY_DSN", "https://errors.example"),
        ("DIGEST_WEEKDAY", "monday,tuesday"),
        ("DATABASE_URL", "mysql://host/site"),
        ("REDIS_URL", "http://redis"),
        ("DATABASE_POOL", "0"),
        ("TRUSTED_PROXIES", "-1"),
        ("PANEL_JUDGES", "oracle"),
        ("MISTRAL_TEMPERATURE", "hot"),
    ],
)
def test_a_nonsense_setting_ends_in_one_line_and_exit_code_2(name: str, value: str) -> None:
    done = on_the_command_line("check", **{name: value})
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"{name}: '{value}' is not ")


def test_a_command_without_its_database_ends_in_one_line_and_exit_code_2(tmp_path: Path) -> None:
    nowhere = f"postgresql://me@/site?host={quote(str(tmp_path))}"
    done = on_the_command_line("token", "import", DATABASE_URL=nowhere)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The database does not answer (connection is bad: ")
    assert done.stderr.endswith("): is the site running, and DATABASE_URL right?\n")
    assert done.stderr.count("\n") == 1


def test_an_interrupted_command_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import signal, threading\nthreading.Timer(3, signal.raise_signal, [signal.SIGINT]).start()\n",
        encoding="utf-8",
    )
    nowhere = f"postgresql://me@/site?host={quote(str(tmp_path))}"  # the pool tries for ten seconds
    done = on_the_command_line("token", "import", DATABASE_URL=nowhere, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")
