"""The desk: what it shows, in which order, and at what cost."""

import re

import pytest

from comparisons.counterpoints.actions import decide
from comparisons.counterpoints.models import Counterpoint
from comparisons.moderation.signs import host_of, signs

State = Counterpoint.State
NOTHING = {"body": "x", "link": "", "links": 0, "same_text": 0, "turned_down": 0, "worked": True}


def order_of(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="queue-item" id="item-(\d+)"', page)]


def test_an_empty_desk_says_so(desk):
    page = desk.get("/moderation/").text
    assert "Nothing waits." in page
    assert "ann" in page and "Log out" in page


def test_what_waits_longest_comes_first_and_nothing_else_is_there(desk, waits, ann):
    young, old, approved = waits(ago=1), waits(ago=5), waits("Noise that was approved before.", ago=9)
    decide(counterpoint=approved, to=State.APPROVED, by=ann)
    page = desk.get("/moderation/").text
    assert order_of(page) == [old.pk, young.pk]
    assert "Noise that was approved" not in page
    assert 'Queue <span class="figure">2</span>' in page


def test_whose_browser_has_worked_for_it_comes_before_who_waits_longer(desk, waits):
    old, worked = waits(ago=9), waits(ago=1)
    Counterpoint.objects.filter(pk=worked.pk).update(proof_of_work=True)
    page = desk.get("/moderation/").text
    assert order_of(page) == [worked.pk, old.pk]
    assert page.count("Sent without scripts") == 1


def test_a_text_stands_there_as_readers_will_see_it(desk, waits):
    waits(
        "Read **this**: <script>alert(1)</script> and more.",
        name="Ann <b>",
        link="https://xn--80ak6aa92e.example/why?a=1&b=2",
        answers_reviewer="skeptic",
        answers_side="left",
    )
    page = desk.get("/moderation/").text
    assert "Read <strong>this</strong>: &lt;script&gt;" in page
    assert "<bdi>Ann &lt;b&gt;</bdi>" in page
    assert "answers Skeptic on Alpha" in page
    assert 'href="/compare/alpha-vs-beta/"' in page
    assert "Leads to <b>xn--80ak6aa92e.example</b>" in page  # the host as it is spelled, nothing cut off
    assert "https://xn--80ak6aa92e.example/why?a=1&amp;b=2</code>" in page
    assert "The link&#x27;s host is not in plain letters" in page


def test_what_else_the_author_wrote_stands_beside_it(desk, waits, ann):
    for number in range(7):
        text = waits(f"Earlier number {number} of this author.", by="carl", ago=20 - number)
        decide(counterpoint=text, to=State.REJECTED if number else State.SPAM, by=ann, reason="repeats")
    waits("Noise by somebody else, long enough.", by="dora", ago=30)
    waits("What carl sends now, long enough.", by="carl", ago=1)
    page = desk.get("/moderation/").text
    part = page[page.index("What carl sends now") :]
    assert '<span class="figure">1</span> spam, <span class="figure">6</span> rejected' in part
    assert "Earlier number 6" in part and "Earlier number 1" not in part
    assert "The newest 5 of 7." in part
    assert "7 of this author&#x27;s were turned down" in part
    assert "Noise by somebody else" not in part
    assert "Nothing else from this author." in page[: page.index("What carl sends now")]


def test_a_text_sent_twice_says_so(desk, waits):
    for reader in ("one", "two", "three"):
        waits("Buy my prompts at a discount today.", by=reader)
    waits("Something else entirely, only once.")
    page = desk.get("/moderation/").text
    assert page.count("The same text was sent 2 more times") == 3


def test_pages_of_twenty_go_on_where_the_last_one_ended(desk, waits):
    texts = [waits(f"Waiting text number {number}.", ago=100 - number) for number in range(23)]
    Counterpoint.objects.filter(pk__in=[text.pk for text in texts[:7]]).update(proof_of_work=True)
    page = desk.get("/moderation/").text
    assert order_of(page) == [text.pk for text in texts[:20]]
    onward = re.search(r'rel="next" href="(\?[^"]+)"', page)
    assert order_of(desk.get(f"/moderation/{onward[1]}").text) == [text.pk for text in texts[20:]]
    texts[20].delete(), texts[21].delete(), texts[22].delete()
    done = desk.get(f"/moderation/{onward[1]}").text
    assert "Nothing waits here any more; other texts do." in done
    assert '<a href="/moderation/">To the beginning of the queue</a>' in done
    assert "names no place in the queue" in desk.get("/moderation/?after=nonsense").text


@pytest.mark.parametrize("texts", [1, 3])
def test_the_queue_costs_the_same_queries(desk, waits, django_assert_num_queries, texts):
    for number in range(texts):
        waits(f"Waiting text number {number}.", by=f"reader {number}", answers_reviewer="skeptic")
    desk.get("/moderation/")  # notes once a minute that somebody is there
    # session, account, role, second factor; texts, their authors' counts and others, equal texts; the number
    with django_assert_num_queries(9):
        assert len(order_of(desk.get("/moderation/").text)) == texts


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, ()),
        ({"worked": False}, ("Sent without scripts",)),
        ({"links": 1}, ("1 link in the text",)),
        ({"links": 3}, ("3 links in the text",)),
        ({"same_text": 1}, ("The same text was sent 1 more time",)),
        ({"turned_down": 2}, ("2 of this author's were turned down",)),
        ({"body": "Write to ann.b+c@mail.example now"}, ("It seems to hold an e-mail address",)),
        ({"body": "Call +49 (30) 1234-5678."}, ("It seems to hold a telephone number",)),
        ({"body": "It has 128000 tokens, 1,234,567 votes and costs 0.25 to 12.5 a million."}, ()),
        ({"link": "https://example.org/"}, ()),
        ({"link": "https://xn--e1afmkfd.example/"}, ("The link's host is not in plain letters",)),
        ({"link": "https://exаmple.org/"}, ("The link's host is not in plain letters",)),  # a Cyrillic a
    ],
)
def test_signs(given, says):
    assert signs(**{**NOTHING, **given}) == says


def test_a_host_that_cannot_be_read_is_none():
    assert host_of("https://[bad/") == ""
    assert host_of("https://User@Example.org:8080/x") == "example.org"
