"""A moderator's evening at the desk, by keys alone, by mouse without scripts, and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from comparisons.counterpoints.actions import Words, submit
from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.people.visitor import Visitor
from tests.browser.axe import violations
from tests.factories.staff import make_staff
from tests.people.conftest import code_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def queue(catalogue):
    def queue(number: int, name: str = "A reader") -> list[Counterpoint]:
        return [
            submit(
                pairing=catalogue.pairing,
                visitor=Visitor(f"reader {at % 3}"),
                words=Words(
                    kind="push_back",
                    body=f"Waiting text number {at}: **count** the [tokens](https://reader.example/).",
                    name=name if at % 2 else "",
                    link="https://reader.example/a/rather/long/address" if at % 2 else "",
                ),
                form_nonce=f"waiting {at}",
            )
            for at in range(number)
        ]

    return queue


def states() -> list[str]:
    return list(
        Counterpoint.objects.filter(body__startswith="Waiting").order_by("pk").values_list("state", flat=True)
    )


def item(page, text):
    return page.locator(f".queue-item#item-{text.pk}")


def test_by_keys_alone(visit, queue, signed_in):
    texts = queue(6)
    page = signed_in(visit(viewport={"width": 1280, "height": 900}))
    page.goto("/moderation/")
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        expect(item(page, texts[at])).to_be_focused()
    page.keyboard.press("a")
    line = page.locator(f".queue-result#item-{texts[0].pk}")
    expect(line).to_contain_text("Approved")
    expect(item(page, texts[1])).to_be_focused()  # where the next decision is

    page.keyboard.press("r")
    expect(page.get_by_role("button", name="It is about something else")).to_be_focused()
    page.keyboard.press("Escape")
    expect(item(page, texts[1])).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.press("4")
    expect(page.locator(f".queue-result#item-{texts[1].pk}")).to_contain_text("Rejected")
    expect(item(page, texts[2])).to_be_focused()
    page.keyboard.press("s")
    expect(item(page, texts[3])).to_be_focused()
    assert states() == ["approved", "rejected", "spam", "pending", "pending", "pending"]
    assert Decision.objects.get(to_state="rejected").reason == "abusive"

    page.keyboard.press("u")
    expect(item(page, texts[2])).to_be_focused()
    page.keyboard.press("u")
    expect(item(page, texts[1])).to_be_focused()
    assert states() == ["approved", "pending", "pending", "pending", "pending", "pending"]

    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#chosen-count")).to_have_text("2")
    page.keyboard.press("s")
    expect(page.get_by_text("2 decided: spam.")).to_be_visible()
    assert states() == ["approved", "spam", "spam", "pending", "pending", "pending"]

    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys of the desk")).to_be_visible()
    page.keyboard.press("a")  # means nothing while the list is open
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("a")
        expect(page.locator(".queue-result")).to_have_count(_ + 1)
    expect(page.get_by_text("That was this page.")).to_be_visible()
    assert states()[3:] == ["approved"] * 3


def test_a_key_that_is_held_decides_one_text(visit, queue, signed_in):
    queue(4)
    page = signed_in(visit())
    page.goto("/moderation/")
    page.keyboard.press("j")
    page.keyboard.down("a")
    expect(page.locator(".queue-result")).to_have_count(1)
    for _ in range(3):
        page.keyboard.down("a")  # again without having been let go
        page.wait_for_timeout(200)
    page.keyboard.up("a")
    assert states() == ["approved", "pending", "pending", "pending"]


def test_letters_typed_into_a_field_decide_nothing(visit, queue, signed_in):
    queue(1)
    page = signed_in(visit())
    page.goto("/moderation/")
    page.keyboard.press("j")
    page.keyboard.press("/")
    page.keyboard.type("as")
    expect(page.locator("#site-search")).to_have_value("as")
    assert states() == ["pending"]


def test_somebody_else_was_faster(visit, queue, signed_in):
    (text,) = queue(1)
    page = signed_in(visit(refusals=(422,)))
    page.goto("/moderation/")
    text.state, text.decided_at = "spam", text.created_at
    text.save()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator(".queue-refused")).to_contain_text("Somebody was faster: it is spam now.")


def test_without_scripts(visit, queue, signed_in):
    texts = queue(3)
    page = signed_in(visit(java_script_enabled=False))
    page.goto("/moderation/")
    item(page, texts[0]).get_by_role("button", name="Approve").click()
    expect(page.locator(f".queue-result#item-{texts[0].pk}")).to_contain_text("Approved")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"No. {texts[0].pk} waits again.")).to_be_visible()
    page.get_by_text("Reject…").click()
    page.get_by_role("button", name="It advertises").click()
    page.goto("/moderation/")
    for text in texts[1:]:
        page.get_by_label(f"Select No. {text.pk}").check()
    page.locator("#bulk").get_by_role("button", name="Spam").click()
    expect(page.get_by_text("2 decided: spam.")).to_be_visible()
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    assert states() == ["rejected", "spam", "spam"]


def test_a_passage_is_taken_out_of_a_published_text(visit, catalogue, signed_in):
    page = signed_in(visit())
    page.goto(f"/moderation/find/?q=counterpoint-{catalogue.counterpoint.pk}")
    page.get_by_label("A passage").fill("The window is large")
    page.get_by_label("Because").first.select_option("personal_data")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Removed, with a mark that everybody sees.")).to_be_visible()
    page.goto(catalogue.pairing.get_absolute_url())
    expect(page.locator(".counterpoint mark")).to_have_text(
        "[removed by a moderator: it contains personal data]"
    )
    expect(page.get_by_text("The window is large")).to_have_count(0)


def test_a_second_factor_from_setting_it_up_to_needing_it(visit, catalogue, client, live_server):
    user = make_staff("moderator", "mfa")
    user.set_password("correct horse battery")
    user.save()
    page = visit(viewport={"width": 1280, "height": 900}, refusals=(422,))
    found = []

    def sign_in():
        page.goto("/admin/login/?next=/admin/account/")
        page.get_by_label("Name").fill("mfa")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Log in").click()

    page.goto("/admin/login/")
    page.get_by_label("Name").fill("mfa")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Give your password.")).to_be_visible()
    found += violations(page, "a login that was refused")
    sign_in()
    page.get_by_label("Your password").fill("correct horse battery")
    found += violations(page, "an account")
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_text("Type it instead").click()
    found += violations(page, "setting up an app")
    page.get_by_role("textbox", name="Code").fill(code_of(user))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".paper-codes li")).to_have_count(10)
    paper = page.locator(".paper-codes li").first.inner_text()
    found += violations(page, "codes on paper")
    page.get_by_role("link", name="I have them").click()
    found += violations(page, "an account with a second factor")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile("/$"))
    sign_in()
    found += violations(page, "the second step")
    page.get_by_role("textbox", name="Code").fill(paper)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.goto("/admin/password_change/")
    found += violations(page, "a new password")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_at_the_desk(visit, queue, catalogue, signed_in):
    page = signed_in(visit(refusals=(422, 403)))
    page.goto("/moderation/")
    found = violations(page, "an empty queue")
    page.goto("/moderation/history/?to=spam")
    found += violations(page, "a history without a line")
    texts = queue(3)
    page.goto("/moderation/")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found += violations(page, "a queue, everything open")
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator(f".queue-result#item-{texts[0].pk}")).to_be_visible()
    page.keyboard.press("?")
    found += violations(page, "one decided, keys shown")
    for address in ("/moderation/history/", "/methodology/decisions/", f"/moderation/{texts[0].pk}/"):
        page.goto(address)
        found += violations(page, address)
    page.goto(f"/moderation/{catalogue.counterpoint.pk}/")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Choose a reason: it stands in the mark.")).to_be_visible()
    found += violations(page, "a redaction that was refused")
    page.get_by_label("Everything").check()
    page.get_by_label("Because").first.select_option("abusive")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", name="As it was sent")).to_be_visible()
    found += violations(page, "a redacted text")
    assert not found, "\n".join(found)


def test_readers_learn_that_a_page_is_not_theirs(visit, catalogue, client, live_server, django_user_model):
    page = visit(refusals=(403,))
    client.force_login(django_user_model.objects.create_user("reader"))
    session = client.cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    page.goto("/moderation/")
    expect(page.get_by_role("heading", name="This page is not for this account")).to_be_visible()
    assert violations(page, "403") == []


@pytest.mark.parametrize("width", [320, 640])
def test_no_page_of_the_desk_scrolls_sideways(visit, queue, catalogue, signed_in, width):
    queue(3, name="N" * 60)
    page = signed_in(visit(viewport={"width": width, "height": 700}))
    wide = []
    for address in (
        "/moderation/", "/moderation/history/", f"/moderation/{catalogue.counterpoint.pk}/",
        "/admin/account/", "/admin/password_change/", "/methodology/decisions/",
    ):  # fmt: skip
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
    assert wide == []
