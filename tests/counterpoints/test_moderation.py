"""Nothing appears unless a moderator said so; what they decide is logged for good."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string

from comparisons.counterpoints.actions import AlreadyDecided, ReasonMissing, decide
from comparisons.counterpoints.admin import CounterpointAdmin, DecisionAdmin
from comparisons.counterpoints.listing import newest
from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.counterpoints.reasons import ADVICE, REASONS, because
from comparisons.pairings.models import Pairing

State = Counterpoint.State
SECRET = "xyzzy-nobody-may-read-this"
BODY = f"A pending thought about {SECRET}, long enough."
PAGES = (
    "/",
    "/compare/",
    f"/compare/?q={SECRET}",
    "/compare/alpha-vs-beta/",
    "/compare/alpha-vs-beta/vote/",
    "/compare/alpha-vs-beta/counterpoints/new/",
    "/models/",
    "/models/alpha/",
    "/reviewers/",
    "/reviewers/skeptic/",
    "/sitemap.xml",
    "/llms.txt",
    "/feeds/verdicts.atom",
    "/api/v1/",
)


@pytest.fixture
def ann(django_user_model):
    return django_user_model.objects.create_user("ann", is_staff=True)


@pytest.fixture
def bob(django_user_model):
    return django_user_model.objects.create_user("bob", is_staff=True)


def fragment(pairing: Pairing) -> str:
    return render_to_string(
        "counterpoints/_counterpoints.html",
        {
            "pairing": pairing,
            "name_a": "Alpha",
            "name_b": "Beta",
            "counterpoints": newest(Counterpoint.objects.of(pairing)),
        },
    )


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED, State.SPAM])
def test_text_not_approved_stands_in_no_answer(client, sent, pairing, ann, state):
    counterpoint = sent(BODY, name=SECRET, link=f"https://example.org/{SECRET}")
    if state != State.PENDING:
        decide(counterpoint=counterpoint, to=state, by=ann, reason="off_topic")
    for page in PAGES:
        content = client.get(page, follow=True).content.decode()
        # A search page repeats what was searched for; the text itself is what may not be there.
        assert f"about {SECRET}" not in content, page
        assert f"example.org/{SECRET}" not in content, page
    assert SECRET not in fragment(pairing)


@pytest.mark.django_db
def test_an_approved_text_is_shown_with_what_it_answers(sent, pairing, ann):
    counterpoint = sent(
        name="Ann <b>", link="https://example.org/a?b=1&c", answers_reviewer="skeptic", answers_side="left"
    )
    decide(counterpoint=counterpoint, to=State.APPROVED, by=ann)
    page = fragment(pairing)
    assert "<strong>forgets</strong>" in page
    assert "<bdi>Ann &lt;b&gt;</bdi>" in page
    assert "answers Skeptic on Alpha" in page
    assert 'href="https://example.org/a?b=1&amp;c" rel="nofollow ugc noopener"' in page


@pytest.mark.django_db
def test_the_comparison_page_shows_what_was_approved_and_votes(client, sent, pairing, ann):
    decide(counterpoint=sent(), to=State.APPROVED, by=ann)
    client.post("/compare/alpha-vs-beta/vote/", {"choice": "both"})
    page = client.get("/compare/alpha-vs-beta/").content.decode()
    assert "<strong>forgets</strong>" in page
    assert "1 community vote." in page
    assert "aria-pressed" not in page  # the same bytes for everybody, also for who has voted


@pytest.mark.django_db
def test_the_list_takes_one_query_at_one_and_at_three(sent, pairing, ann, django_assert_num_queries):
    for number in range(3):
        counterpoint = sent(f"Argument number {number} is long enough.", answers_reviewer="skeptic")
        decide(counterpoint=counterpoint, to=State.APPROVED, by=ann)
        with django_assert_num_queries(1):
            assert fragment(pairing).count("<article") == number + 1
    assert fragment(pairing).index("number 2") < fragment(pairing).index("number 0")  # newest first


@pytest.mark.django_db
def test_without_any_the_page_says_what_to_do(pairing):
    assert "Nobody has argued with the panel here yet" in fragment(pairing)
    assert "Nobody has argued" in fragment(Pairing(left=pairing.left, right=pairing.right, slug=pairing.slug))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "reason", "words"),
    [
        (State.PENDING, "", "Waiting for a moderator."),
        (State.APPROVED, "", "Approved on"),
        (State.REJECTED, "no_argument", "it makes no argument that could be checked."),
        (State.SPAM, "", "Taken for spam"),
    ],
)
def test_the_author_follows_by_the_private_link_alone(client, sent, ann, to, reason, words):
    counterpoint = sent(BODY)
    if to != State.PENDING:
        decide(counterpoint=counterpoint, to=to, by=ann, reason=reason)
    answer = client.get(counterpoint.private_address)
    page = answer.content.decode()
    assert words in page and SECRET in page
    assert "ann" not in page.replace("another", "").lower().split()  # which moderator it was stays inside
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


@pytest.mark.django_db
def test_a_private_link_is_not_guessed_nor_moved(client, sent, pairing):
    counterpoint = sent(BODY)
    for address in (
        f"/compare/alpha-vs-beta/counterpoints/{counterpoint.private_token[:-1]}/",
        f"/compare/alpha-vs-beta/counterpoints/{counterpoint.pk}/",
        f"/compare/alpha-vs-noise/counterpoints/{counterpoint.private_token}/",
    ):
        assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_a_decision_is_logged_and_can_be_taken_back(sent, ann, bob):
    counterpoint = sent()
    decide(counterpoint=counterpoint, to=State.REJECTED, by=ann, reason="off_topic")
    decide(counterpoint=counterpoint, to=State.PENDING, by=bob, seen=State.REJECTED)
    decide(counterpoint=counterpoint, to=State.APPROVED, by=bob)
    log = Decision.objects.order_by("pk").values_list("by__username", "from_state", "to_state", "reason")
    assert list(log) == [
        ("ann", "pending", "rejected", "off_topic"),
        ("bob", "rejected", "pending", ""),
        ("bob", "pending", "approved", ""),
    ]
    counterpoint.refresh_from_db()
    assert counterpoint.decided_at is not None


@pytest.mark.django_db
def test_the_second_moderator_is_told(sent, ann, bob):
    counterpoint = sent()
    seen_by_bob = Counterpoint.objects.get()
    decide(counterpoint=counterpoint, to=State.APPROVED, by=ann)
    with pytest.raises(AlreadyDecided, match="it is approved now"):
        decide(counterpoint=seen_by_bob, to=State.SPAM, by=bob)
    assert Counterpoint.objects.get().state == "approved"
    assert Decision.objects.count() == 1


@pytest.mark.django_db
def test_a_text_that_is_gone_cannot_be_decided(sent, ann):
    counterpoint = sent()
    Counterpoint.objects.all().delete()
    with pytest.raises(AlreadyDecided, match="gone"):
        decide(counterpoint=counterpoint, to=State.APPROVED, by=ann)
    assert not Decision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_decides(sent, ann, bob):
    counterpoints = [sent(nonce=str(number)) for number in range(10)]

    def moderate(who, to):
        done = 0
        try:
            for counterpoint in counterpoints:
                try:
                    decide(counterpoint=Counterpoint(pk=counterpoint.pk), to=to, by=who)
                    done += 1
                except AlreadyDecided:
                    pass
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(4) as pool:
        counts = pool.map(moderate, [ann, bob] * 2, [State.APPROVED, State.SPAM] * 2)
        assert sum(counts) == 10
    assert Decision.objects.count() == 10
    assert not Counterpoint.objects.waiting().exists()
    for decision in Decision.objects.select_related("counterpoint"):
        assert decision.counterpoint.state == decision.to_state


@pytest.mark.django_db
def test_rejecting_takes_a_reason(sent, ann):
    with pytest.raises(ReasonMissing):
        decide(counterpoint=sent(), to=State.REJECTED, by=ann)
    assert Counterpoint.objects.get().state == "pending"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attempt",
    [
        lambda: Decision.objects.update(reason="abusive"),
        lambda: Decision.objects.all().update(to_state="approved"),  # no change is a change too
        lambda: Decision.objects.all().delete(),
        lambda: Decision.objects.get().save(),
        lambda: Decision.objects.get().delete(),
        lambda: connection.cursor().execute("DELETE FROM comparisons_decision"),
    ],
)
def test_the_log_is_only_ever_added_to(sent, ann, attempt):
    decide(counterpoint=sent(), to=State.APPROVED, by=ann)
    before = list(Decision.objects.values())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        attempt()
    assert list(Decision.objects.values()) == before


@pytest.mark.django_db
def test_the_log_outlives_an_erased_text(sent, ann, pairing):
    decide(counterpoint=sent(), to=State.APPROVED, by=ann)
    pairing.delete()
    assert not Counterpoint.objects.exists()
    assert Decision.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"body": "x" * 19}, "counterpoint_body_20_to_4000_characters"),
        ({"body": "x" * 4_001}, "counterpoint_body_20_to_4000_characters"),
        ({"kind": "rant"}, "counterpoint_kind_is_known"),
        ({"state": "approved"}, "counterpoint_pending_until_decided"),
        ({"state": "edited"}, "counterpoint_pending_until_decided"),
        ({"answers_side": "left"}, "counterpoint_side_goes_with_reviewer"),
        ({"link": "javascript:alert(1)"}, "counterpoint_link_is_http"),
    ],
)
def test_what_the_database_refuses(sent, change, sentence):
    sent()
    with pytest.raises(IntegrityError, match=sentence):
        Counterpoint.objects.update(**change)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"from_state": "pending", "to_state": "pending"}, "decision_changes_the_state"),
        ({"from_state": "pending", "to_state": "rejected"}, "decision_gives_a_reason_to_reject"),
    ],
)
def test_what_the_log_refuses(sent, ann, given, sentence):
    with pytest.raises(IntegrityError, match=sentence):
        Decision.objects.create(counterpoint=sent(), by=ann, **given)


@pytest.mark.django_db
def test_who_has_worked_comes_first_in_the_queue_then_who_waits_longest(sent):
    first, second, third = (sent(nonce=nonce) for nonce in "abc")
    Counterpoint.objects.filter(pk=third.pk).update(proof_of_work=True)
    assert list(Counterpoint.objects.waiting()) == [third, first, second]


def act(admin_client, action: str, *counterpoints: Counterpoint, **given: str) -> str:
    chosen = {
        "action": action,
        "_selected_action": [counterpoint.pk for counterpoint in counterpoints],
        **given,
    }
    answer = admin_client.post("/admin/comparisons/counterpoint/", chosen, follow=True)
    return "".join(str(message) for message in answer.context["messages"])


@pytest.mark.django_db
def test_moderating_in_the_admin_decides_and_logs(admin_client, sent):
    one, two, three = (sent(nonce=nonce) for nonce in "abc")
    assert act(admin_client, "approve", one) == "1 decided: approved."
    assert "Choose a reason" in act(admin_client, "reject", two)
    assert act(admin_client, "reject", two, reason="made up") == "No action selected."
    assert act(admin_client, "reject", two, reason="repeats") == "1 decided: rejected."
    assert "it is approved now" in act(admin_client, "mark_as_spam", one, three)
    assert act(admin_client, "take_back", one, two) == "2 decided: pending."
    states = Counterpoint.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["pending", "pending", "spam"]
    assert set(Decision.objects.values_list("by__username", flat=True)) == {"admin"}
    assert Decision.objects.count() == 5


@pytest.mark.django_db
def test_in_the_admin_nothing_is_edited_added_or_deleted(admin_client, sent):
    counterpoint = sent(f"{BODY} <script>alert(1)</script>")
    act(admin_client, "approve", counterpoint)
    for room in (CounterpointAdmin, DecisionAdmin):
        table = room.__name__.removesuffix("Admin").lower()
        row = {"counterpoint": counterpoint, "decision": Decision.objects.get()}[table]
        assert admin_client.get(f"/admin/comparisons/{table}/").status_code == 200
        assert admin_client.get(f"/admin/comparisons/{table}/add/").status_code == 403
        assert admin_client.post(f"/admin/comparisons/{table}/{row.pk}/delete/").status_code == 403
    address = f"/admin/comparisons/counterpoint/{counterpoint.pk}/change/"
    shown = admin_client.get(address).content.decode()
    assert SECRET in shown and "<script>alert" not in shown
    assert counterpoint.private_token not in shown and counterpoint.author_key not in shown
    admin_client.post(address, {"body": "Edited by a moderator, which may not be.", "state": "spam"})
    counterpoint.refresh_from_db()
    assert SECRET in counterpoint.body and counterpoint.state == "approved"


@pytest.mark.django_db
def test_strangers_do_not_moderate(client, sent, ann):
    counterpoint = sent()
    chosen = {"action": "approve", "_selected_action": [counterpoint.pk]}
    assert client.post("/admin/comparisons/counterpoint/", chosen).status_code == 302
    client.force_login(ann)  # staff without the permission
    assert client.post("/admin/comparisons/counterpoint/", chosen).status_code == 403
    assert Counterpoint.objects.get().state == "pending"


@pytest.mark.django_db
def test_whoever_was_turned_down_is_told_what_to_do(client, sent, ann):
    for number, reason in enumerate(REASONS):
        text = sent(nonce=f"n{number}")
        decide(counterpoint=text, to=State.REJECTED, by=ann, reason=reason)
        page = client.get(text.private_address).text
        assert because(reason) in page
        assert ADVICE[reason] in page
    spam = sent(nonce="spam")
    assert "There is nothing to do" in client.get(spam.private_address).text
    decide(counterpoint=spam, to=State.SPAM, by=ann)
    assert "send it again in your own words and without links" in client.get(spam.private_address).text
