"""Taking words out of a published text: visibly, and only out."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from comparisons.counterpoints.actions import AlreadyDecided, decide
from comparisons.counterpoints.markdown import render
from comparisons.counterpoints.models import Counterpoint, Decision, Original
from comparisons.counterpoints.reasons import MARKS, Reason, mark
from comparisons.counterpoints.redaction import NotThere, cut, render_redacted
from comparisons.moderation.actions import Cut, NothingToRemove, erase_original, redact
from tests.counterpoints.payloads import PAYLOADS
from tests.counterpoints.test_markdown import TAGS, Elements
from tests.pointers import dangling

State = Counterpoint.State
SECRET = "Jane Roe of 12 Main Street"
BODY = f"The *price* is wrong, says {SECRET}, and **the license** too."
MARK = "[removed by a moderator: it contains personal data]"


@pytest.fixture
def published(waits, ann):
    def published(body: str = BODY, **given) -> Counterpoint:
        text = waits(body, **given)
        decide(counterpoint=text, to=State.APPROVED, by=ann)
        return text

    return published


def take_out(desk, text, **sent):
    return desk.post(f"/moderation/{text.pk}/redact/", {"reason": "personal_data", **sent})


# --- the text -------------------------------------------------------------------------------------
def test_a_mark_stands_wherever_the_passage_stood():
    assert cut("One two one.", "One", "abusive") == "[removed by a moderator: it attacks a person] two one."
    assert cut("aaa bbb aaa", "aaa", "repeats").count("repeats what is published") == 2


@pytest.mark.parametrize("passage", ["", "  ", "ab", "not in there", "removed by a moderator", "PRICE"])
def test_what_stands_nowhere_is_refused(passage):
    with pytest.raises(NotThere):
        cut(f"The price is {MARK} wrong.", passage, "abusive")


def test_marks_are_marked_up_and_the_rest_is_as_before():
    html = render_redacted(cut(BODY, SECRET, "personal_data"))
    assert html == (
        f"<p>The <em>price</em> is wrong, says <mark>{MARK}</mark>, and <strong>the license</strong> too.</p>"
    )


@pytest.mark.parametrize(
    ("body", "passage"),
    [
        ("See [here](https://host.example/secret-name) for it.", "secret-name"),
        ("See [here](https://host.example/secret-name) for it.", "https://host.example/secret-name"),
        ("See <https://host.example/secret-name> for it.", "secret-name"),
        ("See [here][1] for it.\n\n[1]: https://host.example/secret-name", "secret-name"),
        ('See [here](https://host.example "secret-name") for it.', "secret-name"),
        ("See ![secret-name](https://host.example/x.png) for it.", "secret-name"),
        ("It says `secret-name` and\n\n    secret-name\n\nagain.", "secret-name"),
        ("| secret-name | x |\n|--|--|\n| 1 | 2 |", "secret-name"),
    ],
)
def test_nothing_of_it_is_left_in_any_attribute_and_the_mark_is_seen(body, passage):
    html = render_redacted(cut(body, passage, "personal_data"))
    assert "secret-name" not in html
    assert f"<mark>{MARK}</mark>" in html
    for tag, attributes in Elements(html).found:
        assert tag in TAGS | {"mark"}
        assert not any("removed" in (value or "") or "m0" in (value or "") for value in attributes.values())
        assert not (tag == "a" and "secret" in str(attributes))


@pytest.mark.parametrize(
    "payload", PAYLOADS, ids=lambda payload: payload[:30].encode("unicode_escape").decode()
)
def test_no_payload_becomes_more_by_being_cut(payload):
    body = f"before {payload} after secret-name {payload}"
    html = render_redacted(cut(body, "secret-name", "abusive"))
    assert "<mark>" in html
    elements = Elements(html)
    assert elements.others == []
    for tag, attributes in elements.found:
        assert tag in TAGS | {"mark"}
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        assert "mark" not in str(attributes)


@given(st.text(alphabet="ab[]()<>*`_ \n:/", min_size=3, max_size=80), st.integers(0, 77), st.integers(3, 20))
def test_whatever_is_cut_is_gone_and_seen(body, start, length):
    passage = body[start : start + length].strip()
    if len(passage) < 3:
        return
    left = cut(body, passage, "abusive")
    assert MARKS.sub("", left).count(passage) <= MARKS.sub("", body).count(passage)
    assert render_redacted(left).count("<mark>") == len(MARKS.findall(left)) > 0


def test_a_reader_cannot_write_a_mark_that_looks_like_ours():
    assert "<mark>" not in render(f"I was silenced here: {mark('abusive')} <mark>x</mark>")


# --- the desk -------------------------------------------------------------------------------------
def test_a_passage_is_taken_out_everywhere_at_once(desk, client, published, ann):
    text, noise = published(), published("Noise that stays as it is.")
    answer = take_out(desk, text, passage=SECRET)
    assert answer.url == f"/moderation/{text.pk}/"
    for address in ("/compare/alpha-vs-beta/", text.private_address):
        page = client.get(address).text
        assert "Jane Roe" not in page
        assert f"<mark>{MARK}</mark>" in page
        assert "Redacted by a moderator" in page
    assert "A moderator removed something on" in client.get(text.private_address).text
    assert "Noise that stays as it is." in client.get("/compare/alpha-vs-beta/").text
    staff = desk.get(answer.url).text
    assert SECRET in staff and "Only staff sees this." in staff
    assert Decision.objects.values_list("by", "from_state", "to_state", "reason").first() == (
        ann.pk, "approved", "redacted", "personal_data",
    )  # fmt: skip
    assert Original.objects.get().body == BODY
    assert not Original.objects.filter(pk=noise.pk).exists()


def test_everything_is_taken_out_with_name_and_link(desk, client, published):
    text = published(name="Jane Roe", link="https://jane.example/")
    take_out(desk, text, whole="on")
    page = client.get("/compare/alpha-vs-beta/").text
    assert (
        "Jane Roe" not in page
        and "jane.example" not in page
        and "license" not in page[page.index("<mark>") :][:99]
    )
    assert f"<p><mark>{MARK}</mark></p>" in page
    kept = Original.objects.get()
    assert (kept.body, kept.name, kept.link) == (BODY, "Jane Roe", "https://jane.example/")


def test_name_and_link_alone(desk, client, published):
    text = published(name="Jane Roe", link="https://jane.example/")
    take_out(desk, text, name="on", link="on")
    page = client.get("/compare/alpha-vs-beta/").text
    assert "jane.example" not in page and "<bdi>Anonymous</bdi>" in page
    assert SECRET in page and "Redacted by a moderator" in page


def test_a_second_cut_keeps_the_first_mark_and_the_first_original(desk, client, published):
    text = published()
    take_out(desk, text, passage=SECRET)
    desk.post(f"/moderation/{text.pk}/redact/", {"reason": "abusive", "passage": "the license"})
    page = client.get("/compare/alpha-vs-beta/").text
    assert (
        f"<mark>{MARK}</mark>" in page
        and "<mark>[removed by a moderator: it attacks a person]</mark>" in page
    )
    assert Original.objects.get().body == BODY


def test_erasing_keeps_nothing_anywhere(desk, published):
    one, two = published(), published(f"Another text that names {SECRET} too.")
    take_out(desk, one, passage=SECRET, erase="on")
    take_out(desk, two, passage=SECRET)
    answer = desk.post(f"/moderation/{two.pk}/erase/", {"reason": ""})
    assert answer.status_code == 422 and "Choose a reason: it stands in the log." in answer.text
    assert not dangling(answer.text)
    answer = desk.post(f"/moderation/{two.pk}/erase/", {"reason": "unlawful"}, follow=True)
    assert "The original is gone for good." in answer.text
    again = desk.post(f"/moderation/{two.pk}/erase/", {"reason": "unlawful"})
    assert again.status_code == 422 and "There is no original any more." in again.text
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != "django_session":
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', ["%Jane Roe%"]
                )
                assert cursor.fetchone() == (0,), table
    assert list(Decision.objects.order_by("pk").values_list("to_state", flat=True))[2:] == [
        "erased", "redacted", "erased",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"passage": "never written"}, "These words do not stand in the text."),
        ({"passage": "a"}, "Name at least 3 characters of the text."),
        ({}, "Say what to remove"),
        ({"name": "on"}, "Say what to remove"),  # there is none
        ({"whole": "on", "reason": ""}, "Choose a reason: it stands in the mark."),
        ({"whole": "on", "reason": "because"}, "Select a valid choice"),
    ],
)
def test_a_refusal_keeps_what_was_typed(desk, published, sent, says):
    text = published()
    answer = take_out(desk, text, **sent)
    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert not dangling(answer.text)
    assert 'role="alert" autofocus' in answer.text  # the form stands far down its page
    assert not sent.get("passage") or f">\n{sent['passage']}</textarea>" in answer.text
    assert Counterpoint.objects.get().body == BODY
    assert not Original.objects.exists()


def test_only_a_published_text_is_redacted(desk, waits):
    text = waits(BODY)
    answer = take_out(desk, text, whole="on")
    assert answer.status_code == 422
    assert Counterpoint.objects.get().body == BODY
    assert "Remove something from it" not in desk.get(f"/moderation/{text.pk}/").text


def test_of_two_who_redact_at_once_the_second_looks_again(published, ann, bob):
    text = published()
    seen = Counterpoint.objects.get()
    redact(counterpoint=text, what=Cut("personal_data", SECRET), by=ann)
    with pytest.raises(AlreadyDecided, match="changed it meanwhile"):
        redact(counterpoint=seen, what=Cut("abusive", whole=True), by=bob)
    with pytest.raises(NothingToRemove):
        redact(counterpoint=text, what=Cut("abusive"), by=bob)
    assert Decision.objects.filter(to_state="redacted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_too(published, ann, bob):
    text = published()

    def remove(user):
        try:
            redact(counterpoint=Counterpoint.objects.get(pk=text.pk), what=Cut("abusive", "license"), by=user)
            return 1
        except (AlreadyDecided, NotThere):
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(remove, [ann, bob] * 2)) == 1
    assert Decision.objects.filter(to_state="redacted").count() == 1


def test_two_texts_of_one_form_may_end_as_the_same_mark(published, ann):
    one, two = published(), published("Another text, long enough.")
    Counterpoint.objects.update(form_nonce="same")
    for text in Counterpoint.objects.filter(pk__in=[one.pk, two.pk]):
        redact(counterpoint=text, what=Cut("abusive", whole=True), by=ann)
    assert Counterpoint.objects.filter(body=mark("abusive")).count() == 2


def test_a_text_of_full_length_may_grow_by_its_marks(published, ann):
    text = published("word and " * 440 + "xyz")
    redact(counterpoint=text, what=Cut("no_argument", "and"), by=ann)
    assert len(Counterpoint.objects.get().body) > 4_000


# --- the database ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change", [{"body": "x" * 30}, {"name": "Somebody"}, {"link": "https://evil.example/"}]
)
def test_the_database_lets_nobody_edit_a_text(published, change):
    published()
    with pytest.raises(IntegrityError, match="never edited, only redacted"), transaction.atomic():
        Counterpoint.objects.update(**change)
    Counterpoint.objects.update(
        body_html="<p>rendered by a better sanitizer</p>", state="pending", decided_at=None
    )


@pytest.mark.parametrize("redacted", ["redacted", "erased"])
def test_the_log_wants_a_reason_for_a_cut_and_knows_its_words(published, ann, redacted):
    text = published()
    for given_, sentence in (
        ({"to_state": redacted}, "decision_gives_a_reason_to_redact"),
        ({"to_state": "edited"}, "decision_states_are_known"),
        ({"from_state": redacted, "to_state": "pending"}, "decision_states_are_known"),
    ):
        with pytest.raises(IntegrityError, match=sentence), transaction.atomic():
            Decision.objects.create(**{"counterpoint": text, "by": ann, "from_state": "approved", **given_})


def test_an_original_goes_with_its_text(published, ann):
    text = published()
    redact(counterpoint=text, what=Cut("abusive", "license"), by=ann)
    text.delete()
    assert not Original.objects.exists()


def test_erasing_names_the_state_it_was_in(published, ann):
    text = published()
    redact(counterpoint=text, what=Cut("abusive", "license"), by=ann)
    decide(counterpoint=text, to=State.SPAM, by=ann, seen=State.APPROVED)
    assert str(erase_original(counterpoint=text, reason="unlawful", by=ann)) == f"{text.pk}: spam → erased"


def test_every_reason_has_a_mark_of_its_own():
    marks = [mark(reason) for reason in Reason if reason]
    assert len(set(marks)) == len(marks) == 7
    assert all(
        MARKS.fullmatch(each) and re.fullmatch(r"\[removed by a moderator: [^\[\]]+\]", each)
        for each in marks
    )
