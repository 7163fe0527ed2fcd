"""`manage.py digest` and `manage.py erase`, at a terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from comparisons.digest.actions.subscribing import ask
from comparisons.digest.models import Delivery, Issue
from comparisons.digest.outbox import folder
from comparisons.digest.sending.rounds import send
from tests.digest.happenings import a_full_week

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "comparisons.digest.outbox.Folder"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    err = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command(*arguments, stderr=err)
    assert end.value.code == 2 and err.getvalue().count("\n") == 1
    return err.getvalue()


def test_a_preview_prints_the_mail_and_changes_nothing():
    a_full_week()
    text = said("digest", "--preview")
    assert text.startswith("Subject: Clearly Alder over Birch, and 7 more\n\nSecond Opinion\n")
    assert not Issue.objects.exclude(state="draft").exists()


@pytest.mark.django_db(transaction=True)
def test_compose_and_send_by_hand(reader):
    reader()
    a_full_week()
    assert "Clearly Alder over Birch" in said("digest", "--compose")
    assert "1 sent" in said("digest", "--send")
    assert "sent already" in refusal("digest", "--send")
    assert Delivery.objects.get().state == "sent"
    [file] = folder().iterdir()
    assert b"ada@example.org" in file.read_bytes()


def test_a_test_goes_to_one_address():
    a_full_week()
    assert said("digest", "--test", "editor@example.org") == "Sent to editor@example.org.\n"
    assert len(list(folder().iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--preview",), "nothing to say yet"),
        (("--compose",), "nothing to say, so there is no issue"),
        (("--send",), "nothing to say, so nothing is sent"),
        (("--compose", "--week", "2026-W99"), "has no week 99"),
        (("--compose", "--week", "soon"), "is not a week"),
        (("--test", "nobody"), "not an e-mail address"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments, says):
    assert says in refusal("digest", *arguments)
    assert not Issue.objects.exclude(state="draft").exists()  # the week is not over


def test_a_test_that_cannot_be_sent_is_said_in_one_line(tmp_path):
    a_full_week()
    (tmp_path / "mail").write_text("in the way", encoding="utf-8")
    assert "Not sent. NotWritten" in refusal("digest", "--test", "editor@example.org")


@pytest.mark.django_db(transaction=True)
def test_after_erasing_no_table_and_no_file_holds_a_trace(reader):
    reader("ada.lovelace@example.org"), reader("noise@example.org")
    a_full_week()
    said("digest", "--compose"), said("digest", "--send")
    ask(email="Ada.Lovelace@example.org", wording="1", page="/")
    send()
    ask(email="Ada.Lovelace@example.org", wording="1", page="/")
    assert said("erase", "Ada.LOVELACE@example.org") == "Erased. Only a keyed hash of the address is kept.\n"
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text ILIKE %s', ["%lovelace%"])
            assert cursor.fetchone() == (0,), table
    files = [file.read_bytes() for file in folder().iterdir()]
    assert len(files) == 1 and b"noise@example.org" in files[0]
    # Asked for a stranger, it says and does the same.
    assert said("erase", "stranger@example.org") == "Erased. Only a keyed hash of the address is kept.\n"
    assert "not an e-mail address" in refusal("erase", "nobody")
