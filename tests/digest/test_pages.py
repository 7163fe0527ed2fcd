"""The archive for everybody, the desk and the outbox for staff, and the sign-up at the foot of pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comparisons.digest.actions.composing import compose, start
from comparisons.digest.models import Delivery, Issue
from comparisons.digest.outbox import folder
from comparisons.digest.week import Week
from comparisons.people.roles import Role, give
from tests.digest.happenings import a_full_week

pytestmark = pytest.mark.django_db
STAFF_PAGES = ("/digest/desk/", "/digest/desk/preview/", "/digest/desk/preview.txt", "/digest/outbox/")


@pytest.fixture(autouse=True)
def _own_outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "comparisons.digest.outbox.Folder"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")


@pytest.fixture
def sent() -> Issue:
    a_full_week()
    issue = compose(week=Week.of(timezone.now()))
    start(issue=issue)
    return issue


# --- the archive ----------------------------------------------------------------------------------
def test_an_archive_without_issues_says_when_there_will_be_one(client):
    page = client.get("/digest/").content.decode()
    assert "No issue has gone out yet." in page and 'action="/digest/subscribe/"' in page


def test_what_went_out_is_in_the_archive_whole(client, sent, django_assert_num_queries):
    address = sent.get_absolute_url()
    with django_assert_num_queries(1):
        archive = client.get("/digest/")
    with django_assert_num_queries(1):
        issue = client.get(address)
    assert f'href="{address}"' in archive.content.decode()
    page = issue.content.decode()
    for words in ("Clearly Alder", "Toss-up", "what fills it", "Local models in winter", "Cedar", "2 votes"):
        assert words in page
    assert "style=" not in page and not issue.cookies and "slot" not in page
    assert issue["Cache-Control"] == "public, max-age=60"
    assert client.get(address, headers={"If-None-Match": issue["ETag"]}).status_code == 304


@pytest.mark.parametrize("state", ["draft", "ready", "empty"])
def test_what_did_not_go_out_is_nowhere(client, state):
    now = timezone.now()
    composed = {"content": {}, "subject": "Secret", "since": now.replace(year=2020), "until": now}
    Issue.objects.create(year=2026, week=9, state=state, **(composed if state == "ready" else {}))
    assert client.get("/digest/2026-W09/").status_code == 404
    assert "Secret" not in client.get("/digest/").content.decode()
    assert "2026-W09" not in client.get("/sitemaps/pages.xml").content.decode()


@pytest.mark.parametrize("week", ["2026-W54", "2026-W00", "2026-47", "9999-W01"])
def test_what_is_no_week_is_not_found(client, week):
    assert client.get(f"/digest/{week}/").status_code == 404


def test_the_sitemap_lists_the_archive_and_its_issues(client, sent):
    listed = client.get("/sitemaps/pages.xml").content.decode()
    assert "/digest/</loc>" in listed and f"{sent.get_absolute_url()}</loc><lastmod>" in listed


def test_pages_end_with_the_same_sign_up_for_everybody(client, sent):
    for address in ("/", "/compare/alder-vs-birch/"):
        page = client.get(address).content.decode()
        assert page.count('action="/digest/subscribe/"') == 1
        assert f'name="page" value="{address}"' in page
        assert "csrfmiddlewaretoken" not in page


# --- the desk -------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", STAFF_PAGES)
def test_strangers_are_asked_to_sign_in_and_only_editors_come_in(client, address, django_user_model):
    assert client.get(address).status_code == 302
    for role in (Role.READER, Role.MODERATOR):
        stranger = django_user_model.objects.create_user(f"a {role.group}")
        give(user=stranger, role=role)
        client.force_login(stranger)
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", ["/digest/desk/turn/", "/digest/desk/test/"])
def test_only_staff_turn_and_test_and_by_post(client, admin_client, address):
    assert client.post(address).status_code == 302
    assert admin_client.get(address).status_code == 405
    assert not Issue.objects.exclude(state="draft").exists()


def test_staff_see_the_mail_as_it_would_be(admin_client):
    a_full_week()
    desk = admin_client.get("/digest/desk/")
    assert "Clearly Alder over Birch, and 7 more" in desk.content.decode()
    assert "frame-src 'self'" in desk["Content-Security-Policy"]
    mail = admin_client.get("/digest/desk/preview/")
    assert mail["X-Frame-Options"] == "SAMEORIGIN"
    policy = mail["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy and "sandbox" in policy
    assert f"/digest/unsubscribe/{'0' * 32}/" in mail.content.decode()
    text = admin_client.get("/digest/desk/preview.txt")
    assert text["Content-Type"] == "text/plain; charset=utf-8" and "Clearly Alder" in text.content.decode()


def send_out(issues: int) -> None:
    now = timezone.now()
    for each in range(issues):
        Issue.objects.create(
            year=2025, week=10 + each, state="sent", subject=f"Week {each}", content=[],
            since=now - timedelta(days=7), until=now, started_at=now, finished_at=now,
        )  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
def test_the_desk_costs_the_same_queries(admin_client, django_assert_num_queries, number):
    send_out(number)
    with django_assert_num_queries(20):
        desk = admin_client.get("/digest/desk/").content.decode()
    assert desk.count("<td>Week ") == number


def test_the_desk_shows_the_newest_twelve_issues(admin_client):
    send_out(14)
    desk = admin_client.get("/digest/desk/").content.decode()
    assert [f"<td>Week {each}<" in desk for each in range(14)] == [False] * 2 + [True] * 12


def test_a_desk_without_news_says_so(admin_client):
    assert "Nothing to say yet" in admin_client.get("/digest/desk/").content.decode()
    answer = admin_client.post("/digest/desk/test/", {"email": "editor@example.org"})
    assert answer.status_code == 422 and "Nothing to say yet" in answer.content.decode()
    for turn, says in (("compose", "Nothing to say yet"), ("send", "Not sent: there is nothing to say")):
        answer = admin_client.post("/digest/desk/turn/", {"turn": turn}, follow=True)
        assert says in answer.content.decode()
        assert Issue.objects.get().state == "draft"  # the week is not over


def test_an_editor_sends_what_has_come_since_there_was_nothing_to_say(admin_client, reader):
    reader()
    compose(week=Week.of(timezone.now()))
    a_full_week()
    assert "Send now" in admin_client.get("/digest/desk/").content.decode()
    admin_client.post("/digest/desk/turn/", {"turn": "send"})
    assert Issue.objects.get().state == "sending" and Delivery.objects.count() == 1


def test_an_editor_holds_releases_composes_and_sends(admin_client, reader):
    reader()
    a_full_week()
    for turn, state, held in (("hold", "draft", True), ("send", "ready", True), ("release", "ready", False)):
        assert admin_client.post("/digest/desk/turn/", {"turn": turn}).status_code == 302
        issue = Issue.objects.get()
        assert (issue.state, issue.held) == (state, held)
    admin_client.post("/digest/desk/turn/", {"turn": "compose"})
    admin_client.post("/digest/desk/turn/", {"turn": "nonsense"})
    for _ in range(2):
        admin_client.post("/digest/desk/turn/", {"turn": "send"})
    assert Issue.objects.get().state == "sending" and Delivery.objects.count() == 1


def test_a_test_mail_goes_to_one_address_and_is_nobody_s_delivery(admin_client):
    a_full_week()
    answer = admin_client.post("/digest/desk/test/", {"email": "editor@example.org"}, follow=True)
    assert "The test is on its way." in answer.content.decode()
    [file] = folder().iterdir()
    assert b"To: editor@example.org" in file.read_bytes() and b"[Test]" in file.read_bytes()
    assert not Delivery.objects.exists()


def test_a_test_mail_that_cannot_be_sent_says_why(admin_client, settings, tmp_path):
    a_full_week()
    (tmp_path / "mail").write_text("in the way", encoding="utf-8")
    answer = admin_client.post("/digest/desk/test/", {"email": "editor@example.org"})
    assert answer.status_code == 502 and "Not sent. NotWritten" in answer.content.decode()
    bad = admin_client.post("/digest/desk/test/", {"email": "nobody"})
    assert bad.status_code == 422 and 'value="nobody"' in bad.content.decode()


# --- the outbox -----------------------------------------------------------------------------------
def test_staff_read_what_became_files(admin_client):
    assert "Nothing has been written here." in admin_client.get("/digest/outbox/").content.decode()
    a_full_week()
    admin_client.post("/digest/desk/test/", {"email": "editor@example.org"})
    page = admin_client.get("/digest/outbox/").content.decode()
    [address] = re.findall(r'href="(/digest/outbox/[^"]+\.eml/)"', page)
    message = admin_client.get(address)
    assert "Clearly Alder" in message.content.decode()
    assert "List-Unsubscribe-Post" in message.content.decode()
    html = admin_client.get(f"{address}html/")
    assert html["X-Frame-Options"] == "SAMEORIGIN" and "sandbox" in html["Content-Security-Policy"]
    assert "<h1" in html.content.decode()


@pytest.mark.parametrize("name", ["20260101-000000-0123456789ab.eml", "..eml", "0.eml"])
def test_a_message_that_is_not_there_is_not_found(admin_client, client, name):
    assert admin_client.get(f"/digest/outbox/{name}/").status_code == 404
    assert admin_client.get(f"/digest/outbox/{name}/html/").status_code == 404


def test_rows_can_be_looked_at_and_not_changed_in_the_admin(admin_client, reader, sent):
    ada = reader()
    page = admin_client.get(f"/admin/comparisons/subscriber/{ada.pk}/change/").content.decode()
    assert "ada@example.org" in page and ada.token not in page and ada.confirm_token not in page
    for room in ("subscriber", "issue", "delivery"):
        assert admin_client.get(f"/admin/comparisons/{room}/").status_code == 200
        assert admin_client.get(f"/admin/comparisons/{room}/add/").status_code == 403
    assert admin_client.post(f"/admin/comparisons/subscriber/{ada.pk}/delete/").status_code == 403
