"""Who did what, for good."""

import pytest
from django.db import IntegrityError, transaction

from comparisons.audit.actions import note
from comparisons.audit.models import AuditEntry
from comparisons.people.models import User
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


def test_a_note_stands_with_what_was_done_or_not_at_all():
    ann = User.objects.create_user("ann")
    with pytest.raises(ValueError, match="undone"), transaction.atomic():
        note(by=ann, did="removed", about="alpha")
        raise ValueError("undone")
    note(by=None, did="imported", about="cards.yaml", detail={"created": 3})
    entry = AuditEntry.objects.get()
    assert (str(entry), entry.detail) == ("nobody imported cards.yaml", {"created": 3})


@pytest.mark.parametrize("change", ["update", "delete"])
def test_nobody_changes_the_log(change):
    note(by=None, did="imported")
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        if change == "update":
            AuditEntry.objects.update(did="nothing")
        else:
            AuditEntry.objects.all()._raw_delete("default")
    assert AuditEntry.objects.get().did == "imported"


def test_what_is_done_in_the_admin_is_in_the_log(client):
    root = User.objects.create_superuser("root", password="-")
    client.force_login(root)
    lab = make_card("alpha").lab
    client.post(f"/admin/comparisons/lab/{lab.pk}/delete/", {"post": "yes"})
    client.post("/admin/comparisons/user/add/", {
        "username": "mod", "usable_password": "false", "password1": "", "password2": "",
    })  # fmt: skip
    found = AuditEntry.objects.filter(did="added user").get()
    assert (found.by, found.about, found.detail["in"]) == (root, "mod", "admin")
