"""The desk: what waits, what was done, what can be stopped; every door from outside."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from comparisons.audit.actions import note
from comparisons.audit.models import AuditEntry
from comparisons.cards.models import Card
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.switches.models import Switch
from comparisons.ticks.models import Tick
from comparisons.ticks.timetable import Job
from panel.actions.convene import convene
from panel.desk.history import pieces, states_of
from panel.desk.overview import appointments
from panel.models import Run, Spend
from tests.factories.cards import make_card
from tests.factories.staff import make_staff

pytestmark = pytest.mark.django_db
CARDS = """
labs:
  - {slug: example-lab, name: Example Lab}
cards:
  - {slug: alpha, lab: example-lab, name: Alpha, category: General}
  - {slug: beta, lab: example-lab, name: Beta, category: General%s}
"""
LEAST = {
    "/panel/desk/": "moderator",
    "/panel/cards/": "moderator",
    "/panel/cards/alpha/": "moderator",
    "/panel/audit/": "editor",
    "/panel/cards/import/": "editor",
    "/panel/switches/": "admin",
}
ROLES = ["reader", "moderator", "editor", "admin"]


@pytest.fixture
def signed_in(client):
    def signed_in(role):
        staff = make_staff(role, name=f"a-{role}")
        client.force_login(staff)
        return client

    return signed_in


@pytest.mark.parametrize(("address", "least"), LEAST.items())
@pytest.mark.parametrize("role", ROLES)
def test_each_door_opens_to_its_role_and_those_above(signed_in, address, least, role):
    make_card("alpha")
    allowed = ROLES.index(role) >= ROLES.index(least)
    assert signed_in(role).get(address).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("address", LEAST)
def test_a_stranger_is_sent_to_sign_in(client, address):
    for answer in (client.get(address), client.post(address, {"cards": CARDS, "confirm": "1"})):
        assert answer.status_code == 302 if answer.status_code != 405 else True
    assert Card.objects.count() == 0


def test_writes_want_the_token():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_staff("admin"))
    assert (
        client.post("/panel/switches/", {"name": "votes", "stopped": "yes", "reason": "x"}).status_code == 403
    )
    assert client.post("/panel/cards/import/", {"cards": CARDS, "confirm": "1"}).status_code == 403
    assert Switch.objects.count() == Card.objects.count() == 0


def fill(settings, number):
    settings.PANEL_JUDGES = ("rubric",)
    now = timezone.now()
    for each in range(number):
        one, other = make_card(f"one-{each}"), make_card(f"other-{each}")
        pairing = Pairing.objects.between(one, other)
        Counterpoint.objects.create(
            pairing=pairing,
            kind="extend",
            body="Twenty characters and more.",
            author_key="k" * 64,
            form_nonce=str(each),
            body_html="-",
        )
        convene(
            Pairing.objects.with_cards().filter(pk=pairing.pk),
            scope=f"run {each}",
            by=make_staff("editor", f"ed-{each}"),
        )
        Tick.objects.create(job=f"job-{each}", period=now, started_at=now)
        Pairing.objects.between(one, make_card(f"unheard-{each}"))


@pytest.mark.parametrize("number", [1, 3])
def test_everything_in_a_fixed_number_of_queries(signed_in, settings, number, django_assert_num_queries):
    fill(settings, number)
    Spend.objects.create(day=timezone.now().date(), spent_usd=Decimal("1.25"), reserved_usd=Decimal("0.5"))
    client = signed_in("admin")
    # Besides the desk's eleven: session, account, role, second factor, the session kept awake (savepoint).
    with django_assert_num_queries(18):
        page = client.get("/panel/desk/").content.decode()
    assert f"run {number - 1}" in page
    assert f'<b class="figure">{12 * number}</b>' in page  # hearings due
    assert "$1.25" in page


def test_a_long_queue_is_not_counted_to_its_end(signed_in, settings, monkeypatch):
    fill(settings, 2)
    monkeypatch.setattr("panel.desk.overview.MANY", 2)
    page = signed_in("moderator").get("/panel/desk/").content.decode()
    assert page.count('<b class="figure">2</b> <span class="of">or more</span>') == 2  # hearings, pairings


@pytest.mark.parametrize("number", [1, 3])
def test_the_audit_log_costs_the_same_queries(signed_in, number, django_assert_num_queries):
    for each in range(number):
        AuditEntry.objects.create(by=make_staff("editor", f"ed-{each}"), did="tried", about=f"thing {each}")
    client = signed_in("editor")
    with django_assert_num_queries(8):
        page = client.get("/panel/audit/").content.decode()
    assert page.count("thing ") == number


def test_an_empty_desk_says_so(signed_in):
    page = signed_in("moderator").get("/panel/desk/").content.decode()
    assert "No run is open." in page
    assert "Nobody has done anything here yet." in page
    assert "/panel/switches/" not in page


def test_the_desk_renews_only_its_part(signed_in):
    part = signed_in("moderator").get("/panel/desk/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="now"')


def test_a_job_that_has_not_run_for_long_is_called_late():
    job = Job("sweep", "", every=timedelta(seconds=10))
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    for seconds, late in ((80, False), (120, True)):
        tick = Tick(job="sweep", period=now - timedelta(seconds=seconds))
        [found] = appointments([job], {"sweep": tick}, now)
        assert found.late is late
    assert appointments([job], {}, now)[0].late is False


def test_a_switch_is_turned_with_a_reason_and_back(signed_in):
    client = signed_in("admin")
    refused = client.post("/panel/switches/", {"name": "votes", "stopped": "yes", "reason": " "})
    assert refused.status_code == 422
    assert "Say why: readers see it" in refused.content.decode()
    assert (
        client.post("/panel/switches/", {"name": "votes", "stopped": "yes", "reason": "Moving."}).status_code
        == 302
    )
    assert Switch.objects.get(name="votes").stopped
    assert "Moving." in client.get("/panel/desk/").content.decode()
    client.post("/panel/switches/", {"name": "votes", "stopped": "no"})
    assert not Switch.objects.get(name="votes").stopped
    assert client.post("/panel/switches/", {"name": "lunch", "stopped": "no"}).status_code == 422


def test_the_admin_can_end_read_only(signed_in, django_capture_on_commit_callbacks):
    Switch.objects.create(name="writing", stopped=True, reason="Moving.")
    seen = hashlib.sha256((CARDS % "").strip("\n").encode()).hexdigest()
    client, cards = signed_in("admin"), {"cards": CARDS % "", "confirm": "1", "seen": seen}
    assert client.post("/panel/cards/import/", cards).status_code == 503
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/panel/switches/", {"name": "writing", "stopped": "no"})
    assert client.post("/panel/cards/import/", cards).status_code == 302


def test_the_log_can_be_read_by_person_and_paged(signed_in):
    ann = make_staff("editor", "ann")
    for number in range(60):
        note(by=ann if number % 2 else None, did="did", about=f"thing-{number}")
    client = signed_in("editor")
    page = client.get("/panel/audit/").content.decode()
    assert "thing-59" in page
    assert "thing-9<" not in page
    assert "Older entries" in page
    mine = client.get("/panel/audit/?by=ann").content.decode()
    assert "thing-59" in mine
    assert "thing-58" not in mine
    assert "nothing that is logged" in client.get("/panel/audit/?by=nobody").content.decode()
    assert "not in this log" in client.get("/panel/audit/?after=nonsense").content.decode()
    assert client.get("/panel/audit/?by=%00").status_code == 200


def test_pasted_cards_are_previewed_then_written_then_logged(signed_in):
    client = signed_in("editor")
    page = client.post("/panel/cards/import/", {"cards": CARDS % ", tagline: Second."}).content.decode()
    assert "an import would have: created 2" in page
    assert "Write 2 cards" in page
    assert Card.objects.count() == 0
    [seen] = re.findall('name="seen" value="([0-9a-f]{64})"', page)
    other = client.post("/panel/cards/import/", {"cards": CARDS % "", "confirm": "1", "seen": seen})
    assert other.status_code == 422
    assert "the text has changed since its preview" in other.text
    assert Card.objects.count() == 0
    # As a browser sends the same text again.
    text = (CARDS % ", tagline: Second.").strip("\n").replace("\n", "\r\n")
    sent = {"cards": text, "confirm": "1", "seen": seen}
    assert client.post("/panel/cards/import/", sent).status_code == 302
    assert Card.objects.count() == 2
    assert AuditEntry.objects.filter(did="imported cards", by__username="a-editor").count() == 1
    again = client.post("/panel/cards/import/", {"cards": text}).content.decode()
    assert "Nothing changed" in again
    assert 'name="confirm"' not in again


@pytest.mark.parametrize(
    ("cards", "strict", "status", "says"),
    [
        ("", "", 422, "Paste the labs and cards first."),
        ("cards: [", "", 422, "Not YAML"),
        ("- just a list", "", 422, "Is neither a card file"),
        ("a\x00b", "", 422, "Null characters are not allowed."),
        (CARDS % ", context_tokens: many", "", 200, "&#x27;many&#x27; is not a whole number"),
        (CARDS % ", context_tokens: many", "on", 422, "all or nothing was asked for"),
    ],
)
def test_a_bad_text_is_refused_and_kept_in_the_form(signed_in, cards, strict, status, says):
    answer = signed_in("editor").post("/panel/cards/import/", {"cards": cards, "strict": strict})
    page = answer.content.decode()
    assert answer.status_code == status
    assert says in page
    assert Card.objects.count() == 0
    if cards.startswith("\nlabs"):
        assert "slug: alpha" in page


def test_every_state_of_a_card_with_what_changed_word_by_word(signed_in):
    make_card("alpha", tagline="A small model for tests.")
    make_card("alpha", tagline="A large model for tests.")
    page = signed_in("moderator").get("/panel/cards/alpha/").content.decode()
    assert "A <del>small </del><ins>large </ins>model for tests." in page
    assert "First seen." in page
    assert len(states_of(Card.objects.get(slug="alpha"))) == 2


def test_the_pieces_of_two_texts():
    found = list(pieces("one two three", "one three four"))
    assert "".join(words for kind, words in found if kind != "gone") == "one three four"
    assert [kind for kind, _ in found].count("gone") >= 1


def test_a_card_is_found_by_a_mistyped_name(signed_in):
    make_card("alpha")
    make_card("unrelated", name="Zzz")
    page = signed_in("moderator").get("/panel/cards/?q=alpa").content.decode()
    assert "/panel/cards/alpha/" in page
    assert "/panel/cards/unrelated/" not in page


def test_one_card_against_several_and_everything_stale(signed_in, settings):
    settings.PANEL_JUDGES = ("rubric",)
    for slug in ("alpha", "beta", "gamma", "noise"):
        make_card(slug)
    client = signed_in("editor")
    order = {"one": "alpha", "other": "beta\r\n gamma \r\n"}
    page = client.post("/panel/convene/", order).content.decode()
    assert "Alpha vs 2 others" in page
    assert "20</b> hearings are new" in page
    assert Pairing.objects.count() == 0
    client.post("/panel/convene/", {**order, "confirm": "1"})
    assert Run.objects.get().sittings.count() == 2
    Pairing.objects.between(Card.objects.get(slug="noise"), Card.objects.get(slug="beta"))
    page = client.post("/panel/convene/", {"stale": "1"}).content.decode()
    assert "What awaits a verdict" in page
    client.post("/panel/convene/", {"stale": "1", "confirm": "1"})
    assert Run.objects.first().sittings.count() == 1
    refused = client.post("/panel/convene/", {"one": "alpha", "other": "beta\nnothing"})
    assert "nothing: no model has this slug or name." in refused.content.decode()


def test_stopping_and_going_on_are_in_the_log(signed_in, settings):
    settings.PANEL_JUDGES = ("rubric",)
    pairing = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    run = convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope="alpha vs beta")
    client = signed_in("editor")
    client.post(f"/panel/runs/{run.pk}/stop/")
    client.post(f"/panel/runs/{run.pk}/stop/")  # twice is once
    client.post(f"/panel/runs/{run.pk}/resume/")
    mine = AuditEntry.objects.filter(by__username="a-editor").order_by("pk")
    assert list(mine.values_list("did", "about")) == [
        ("stopped a run", "alpha vs beta"),
        ("let a run go on", "alpha vs beta"),
    ]
