"""The pure parts: weeks, addresses, selection, layout, bytes, and what a server's answer means."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparisons.digest.addresses import NoAddress, normalized
from comparisons.digest.content import (
    ArticleNews,
    ChangeNews,
    Content,
    CounterpointNews,
    Model,
    Taste,
    VerdictNews,
    VotedNews,
    subject,
    summary,
)
from comparisons.digest.letters import MOST
from comparisons.digest.mime import MARKER, Sheet, Slot, pattern
from comparisons.digest.outbox import NotWritten
from comparisons.digest.plain import WIDTH, sections
from comparisons.digest.sending.answers import Answer, again, outcome, without
from comparisons.digest.sending.backend import read
from comparisons.digest.week import NoSuchWeek, Week

# Other suites may have the processor to themselves for seconds.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLUGS = ("alder", "birch", "cedar", "dogwood")
LABS = ("north", "south")
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)


def model(slug: str) -> Model:
    lab = LABS[SLUGS.index(slug) % 2]
    return Model(slug, slug.title(), lab, lab.title())


models = st.sampled_from(SLUGS).map(model)


@st.composite
def contents(draw) -> Content:
    verdicts = [
        VerdictNews(
            f"verdict:{n}", f"v-{n}", draw(models), draw(models),
            *draw(st.sampled_from([("clear", "left"), ("lean", "right"), ("toss_up", ""), ("split", "")])),
            *draw(st.sampled_from([("", ""), ("Toss-up", ""), ("Lean Alder", "left")])),
            ("3 of 4 ship, median 84", "not scored"), draw(st.none() | st.floats(0, 50)), draw(words),
            draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    few = range(draw(st.integers(0, 2)))
    about = st.lists(models, max_size=2).map(tuple)
    voted = [VotedNews(f"voted:{n}", f"w-{n}", draw(models), draw(models), 3, 1, 1, 1, 0) for n in few]
    said = [
        CounterpointNews(
            f"counterpoint:{n}", draw(words), "/x/", "Extend", draw(words), draw(words), draw(about)
        )
        for n in few
    ]
    articles = [
        ArticleNews(f"article:{n}", draw(words), draw(words), "/y/", draw(words), draw(about)) for n in few
    ]
    changes = [
        ChangeNews(f"change:{n}", draw(models), n == 0, draw(words), ("license rewritten",)) for n in few
    ]
    return Content(tuple(verdicts), tuple(voted), tuple(said), tuple(articles), tuple(changes))


tastes = st.builds(
    Taste, st.booleans(), st.frozensets(st.sampled_from(LABS)), st.frozensets(st.sampled_from(SLUGS))
)


# --- content --------------------------------------------------------------------------------------
@unhurried
@given(contents())
def test_what_is_frozen_comes_back_as_it_was(content):
    assert Content.from_json(content.as_json()) == content


@unhurried
@given(contents(), tastes)
def test_a_reader_gets_a_part_of_the_issue_and_nothing_of_what_they_did_not_choose(content, taste):
    mine = content.for_taste(taste)
    assert [key for key in content.keys if key in mine.keys] == mine.keys
    assert content.only(frozenset(mine.keys)) == mine
    assert not (taste.only_verdicts and (mine.articles or mine.changes or mine.voted or mine.counterpoints))
    for item in mine:
        named = {model.slug for model in item.models} & taste.cards or {
            m.lab for m in item.models
        } & taste.labs
        assert named or not (taste.labs or taste.cards) or (isinstance(item, ArticleNews) and not item.models)


@unhurried
@given(contents())
def test_every_verdict_is_told_once(content):
    told = [
        verdict.key for part in (content.flips, content.closest, content.other_verdicts) for verdict in part
    ]
    assert sorted(told) == sorted(verdict.key for verdict in content.verdicts)


@unhurried
@given(contents().filter(bool))
def test_every_issue_has_a_subject_and_a_summary_of_one_line(content):
    assert subject(content).strip() and "\n" not in summary(content)


@unhurried
@given(contents())
def test_the_text_part_fits_72_columns(content):
    text = sections(content, "https://site.example", dict.fromkeys(MOST, 9))
    # A word that is longer by itself is left whole, as an address is.
    long = [line for line in text.splitlines() if len(line) > WIDTH and " " in line.strip()]
    assert long == []


# --- bytes ----------------------------------------------------------------------------------------
anything = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=200
)
titles = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=150)


@unhurried
@given(st.lists(anything, min_size=1, max_size=5), titles)
def test_a_token_survives_any_encoding_and_the_text_with_it(pieces, title):
    text = f"/digest/{MARKER}/".join(pieces) + f"{MARKER}\n..\n.\n{'x' * 200}"
    built = pattern(
        Sheet(title.strip() or "x", text, text),
        sender="Site <a@b.example>",
        headers={"X-Link": f"<{MARKER}>"},
    )
    token = "t" * 32
    raw = built.fill(
        {
            Slot.TO: b"ada@example.org",
            Slot.MESSAGE_ID: b"<1@b>",
            Slot.DATE: b"now",
            Slot.TOKEN: token.encode(),
        }
    )
    assert raw.endswith(b"\r\n") and b"\r\n.\r\n" not in raw and not raw.startswith(b".")
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None and raw.isascii()
    message = message_from_bytes(re.sub(rb"(?m)^\.\.", b".", raw), policy=modern)
    wanted = text.replace(MARKER, token)
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body.get_content().replace("\r\n", "\n").rstrip("\n") == wanted.rstrip("\n")
    assert message["X-Link"] == f"<{token}>" and MARKER.encode() not in raw
    assert " ".join(str(message["Subject"]).split()) == " ".join((title.strip() or "x").split())


# --- answers --------------------------------------------------------------------------------------
@unhurried
@given(
    st.sampled_from(["mail", "rcpt", "data", "end"]),
    st.integers(0, 999),
    st.text(max_size=40),
    st.integers(0, 5),
)
def test_only_an_answer_to_the_text_says_sent_and_nothing_taken_is_tried_again(phase, code, text, attempts):
    found = outcome(Answer(phase, code, text), attempts=attempts)
    assert (found.state == "sent") == (phase == "end" and 200 <= code < 300)
    if found.state == "queued":
        assert phase != "end" or 400 <= code < 500
        assert found.wait >= timedelta(minutes=1)
    if found.state == "unknown":
        assert phase == "end" and not 200 <= code < 300 and not 400 <= code < 600


def test_trying_again_ends():
    waits = [again("no", attempts).wait for attempts in range(5)]
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 4, 16, 64, 256)]
    assert again("no", 5).state == "failed"
    relay = Answer("rcpt", 550, "5.7.1 relaying denied")
    assert [outcome(relay, attempts=n).state for n in range(3)] == ["queued", "queued", "bounced"]
    assert not outcome(relay, attempts=2).hard


def test_an_answer_is_kept_without_the_address():
    assert without("ada@b.org", "550 <ADA@b.org>\r\n gone") == "550 <<address>> gone"
    assert len(without("ada@b.org", "x" * 1000)) == 300


class AnymailRecipientsRefused(Exception): ...


class ApiError(Exception):
    def __init__(self, status):
        self.status_code = status


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SMTPRecipientsRefused({"a@b": (550, b"5.1.1 nobody")}), "bounced"),
        (SMTPRecipientsRefused({"a@b": (450, b"later")}), "queued"),
        (SMTPDataError(554, b"spam"), "failed"),
        (SMTPDataError(451, b"later"), "queued"),
        (SMTPSenderRefused(550, b"no", "a@b"), "queued"),
        (SMTPServerDisconnected("gone"), "unknown"),
        (ConnectionRefusedError(), "queued"),
        (ConnectionResetError(), "unknown"),
        (TimeoutError(), "unknown"),
        (NotWritten("full"), "queued"),
        (AnymailRecipientsRefused(), "bounced"),
        (ApiError(401), "queued"),
        (ApiError(422), "failed"),
        (ApiError(429), "queued"),
        (ApiError(502), "unknown"),
        (ValueError("an answer that is no JSON"), "unknown"),
    ],
)
def test_what_a_backend_s_error_proves(error, state):
    assert read(error, attempts=0).state == state


# --- weeks and addresses --------------------------------------------------------------------------
@unhurried
@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_week_s_name_leads_back_to_it(moment):
    week = Week.of(moment)
    assert Week.named(str(week)) == week
    assert week.moment("monday", 0) <= moment < week.moment("monday", 0) + timedelta(days=7)


@pytest.mark.parametrize("name", ["2026-W00", "2026-W54", "2025-W53", "2026-47", "2026-W7", "0000-W01", "x"])
def test_what_names_no_week_is_refused(name):
    with pytest.raises(NoSuchWeek):
        Week.named(name)


def test_addresses_have_one_spelling():
    assert normalized("  Ada@EXAMPLE.org ") == "Ada@example.org"
    assert normalized("ada@bücher.example") == "ada@xn--bcher-kva.example"
    too_long = f"{'a' * 64}@{'b' * 60}{'.example' * 24}"
    for wrong in (
        too_long,
        "ada@localhost@x",
        "ada@-x.example",
        "ada@x..example",
        "\u202eada@x.example",
        "ada@x.example>",
    ):
        with pytest.raises(NoAddress):
            normalized(wrong)


# --- the week's main thing ------------------------------------------------------------------------
ALDER, BIRCH = model("alder"), model("birch")


def verdict(outcome: str, side: str, before: str = "", before_side: str = "") -> VerdictNews:
    return VerdictNews(
        "v", "a-vs-b", ALDER, BIRCH, outcome, side, before, before_side, ("", ""), 1.0, "j", False
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            Content(verdicts=(verdict("clear", "left", "Lean Birch", "right"),)),
            "Flipped: Clearly Alder over Birch",
        ),
        (
            Content(verdicts=(verdict("toss_up", "", "Lean Birch", "right"),)),
            "Flipped: Toss-up, Alder vs Birch",
        ),
        (Content(verdicts=(verdict("lean", "right"),)), "Lean Birch over Alder"),
        (Content(verdicts=(verdict("none", ""),)), "No verdict, Alder vs Birch"),
        (Content(articles=(ArticleNews("a", "Winter", "", "/", "", ()),)), "Winter"),
        (Content(changes=(ChangeNews("c", ALDER, True, "", ()),)), "New: Alder"),
        (Content(changes=(ChangeNews("c", ALDER, False, "", ("price up",)),)), "Alder: price up"),
        (
            Content(counterpoints=(CounterpointNews("p", "A vs B", "/", "Extend", "", "", ()),)),
            "Extend on A vs B",
        ),
        (Content(voted=(VotedNews("w", "a", ALDER, BIRCH, 1, 1, 0, 0, 0),)), "You voted: Alder vs Birch"),
    ],
)
def test_the_subject_is_the_week_s_main_thing(content, says):
    assert subject(content) == says
