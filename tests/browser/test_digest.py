"""From the foot of a page to a mailbox and out again, in a real browser and with a real mail server."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from comparisons.digest.letters import letter
from comparisons.digest.models import Delivery, Subscriber
from comparisons.digest.sending.rounds import send
from tests.browser.axe import violations
from tests.browser.catalogue import HEARD
from tests.fakes.smtp import Sink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def sink(settings, live_server):
    with Sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.DIGEST_CONNECTIONS = "127.0.0.1", sink.port, 1
        settings.SITE_URL = live_server.url
        letter.cache_clear()
        yield sink
        letter.cache_clear()


def links(text: str, room: str) -> str:
    """The address of one room of the digest, as the mail says it."""
    [address] = set(re.findall(rf"http\S+/digest/{room}/\S+/", text))
    return str(address)


def test_a_reader_subscribes_reads_and_leaves_by_one_click(
    page, visit, sink, signed_in, live_server, tmp_path
):
    page.goto(HEARD)
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_focused()
    send()  # what a worker does when the bell rings
    [asked] = sink.taken

    page.goto(links(asked.text, "confirm"))
    assert Subscriber.objects.get().state == "pending"
    page.get_by_role("button", name="Confirm the subscription").click()
    expect(page.get_by_role("heading", name="You are subscribed")).to_be_visible()
    assert page.context.cookies() == []
    consent = Subscriber.objects.get()
    assert (consent.state, consent.wording, consent.page) == ("confirmed", "1", HEARD)

    editor = signed_in(visit(viewport={"width": 1280, "height": 900}))
    editor.goto("/digest/desk/")
    frame = editor.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="The week’s verdicts")).to_be_visible()
    assert violations(editor, "the desk") == []
    editor.get_by_role("button", name="Send now").click()
    expect(editor.get_by_text("went out on")).to_be_visible()
    send()
    mail = sink.taken[1]
    assert mail.message["To"] == "ada@example.org" and "Alder Large" in mail.message["Subject"]

    # Opened as a mail program opens it: alone, without anything of ours, and asking nobody for anything.
    for name, said in (("mail.html", mail.html), ("mail.txt", mail.text)):
        file = tmp_path / name
        file.write_text(said, encoding="utf-8")
        opened = page.context.browser.new_page(viewport={"width": 600, "height": 900})
        asked_for = []
        opened.on("request", lambda request, asked_for=asked_for: asked_for.append(request.url))
        opened.goto(file.as_uri())
        expect(opened.get_by_text("Alder Large").first).to_be_visible()
        assert opened.evaluate("document.documentElement.scrollWidth") <= 600
        opened.screenshot(path=str(Path(tmp_path) / f"{name}.png"), full_page=True)
        assert asked_for == [file.as_uri()]
        opened.close()

    # One click, as a mail provider makes it: no cookie, no origin, no page.
    address = mail.message["List-Unsubscribe"].strip("<>")
    answer = page.context.request.fetch(
        address,
        method="POST",
        form={"List-Unsubscribe": "One-Click"},
        headers={"Origin": "https://mail.example"},
    )
    assert answer.status == 200 and Subscriber.objects.get().state == "unsubscribed"
    page.goto(urlsplit(links(mail.text, "unsubscribe")).path)
    expect(page.get_by_role("button", name="Unsubscribe")).to_be_visible()
    assert [row.state for row in Delivery.objects.order_by("pk")] == ["sent", "sent"]


def test_without_scripts_the_same_form_has_a_page(visit, catalogue, sink):
    page = visit(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    send()
    page.goto(links(sink.taken[0].text, "confirm"))
    page.get_by_role("button", name="Confirm the subscription").click()
    page.get_by_role("link", name="Choose what you get").click()
    page.get_by_label("Only flips and new verdicts").check()
    page.get_by_label("Models").fill("Alder Large")
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("Kept. The next issue follows it.")).to_be_visible()
    page.get_by_role("link", name="Unsubscribe").click()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are not subscribed")).to_be_visible()
    assert page.context.cookies() == []


def test_a_refused_address_is_said_beside_the_field_and_pages_have_no_violations(visit, catalogue):
    page = visit(refusals=(422,), viewport={"width": 360, "height": 800})
    page.goto("/digest/subscribe/")
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("That is not an e-mail address we can send to.")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("nobody")
    found = violations(page, "a refused address")
    for address in (
        "/digest/",
        "/digest/subscribe/",
        f"/digest/confirm/{'x' * 32}/",
        f"/digest/unsubscribe/{'x' * 32}/",
    ):
        page.goto(address)
        found += violations(page, address)
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    assert found == []
