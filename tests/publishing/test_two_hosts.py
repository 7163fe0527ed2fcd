"""Whatever changes, both web processes show it, also after missing the news.

How soon is measured by the bench of pages: a test that shares its machine with others cannot tell slow from
starved, so what is waited for here is waited for with patience.
"""

from __future__ import annotations

import json
import re
import signal
import threading
import time

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from comparisons.cards.models import Card, Offer
from comparisons.counterpoints.actions import decide
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.publishing.addresses import place_of
from comparisons.publishing.agenda import SPACING
from comparisons.publishing.news import NAME
from comparisons.reviews.models import Reviewer
from comparisons.votes.actions import cast
from tests.factories.cards import make_card, make_offer
from tests.factories.reviews import make_verdict
from tests.publishing.webs import Web, ask, wait_for

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("pages")]

URL = "/compare/alpha-vs-beta/"
Hosts = tuple[Web, Web]


def warm(hosts: Hosts, *urls: str) -> None:
    """Both keep these pages, and have dealt with all that set the stage."""
    files = [web.store / "html" / str(place_of(url)) for web in hosts for url in urls or (URL,)]

    def kept() -> list[int]:
        for web in hosts:
            for url in urls or (URL,):
                assert web.get(url).status == 200
        return [file.stat().st_ctime_ns if file.exists() else 0 for file in files]

    def settled() -> bool:
        before = kept()
        if not all(before):
            return False
        a_while_passes(hosts)
        return before == kept()

    wait_for(settled, f"{urls} are not kept")


def a_while_passes(hosts: Hosts) -> None:
    """All who keep a store have looked, after the longest time for which they put a change off."""
    time.sleep(SPACING)
    locks = [web.store / "keeper.lock" for web in hosts]
    for _ in range(2):  # they sign each look at its end, so the first one may have begun before
        signed = [lock.stat().st_mtime_ns for lock in locks]
        for lock, at in zip(locks, signed, strict=True):
            wait_for(lambda lock=lock, at=at: lock.stat().st_mtime_ns > at, "nobody looks")


def soon(hosts: Hosts, words: str, url: str = URL, *, absent: bool = False) -> None:
    for web in hosts:
        wait_for(
            lambda web=web: (words in web.get(url).text) != absent,
            f"{words!r} on {url}: {web.log}",
        )


def vote(pairing: Pairing, who: str = "somebody", choice: str = "left") -> None:
    cast(pairing=pairing, visitor=Visitor(who), choice=choice)  # type: ignore[arg-type]


def test_a_vote_through_one_host_shows_on_both(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    answer = ask(hosts[0].port, f"{URL}vote/", method="POST", body="choice=left", headers=form)
    assert (answer.status, answer.headers["location"]) == (303, f"{URL}#vote")
    # Who voted without scripts reads the page next, and sees it at once.
    assert "1 community vote" in hosts[0].get(URL).text
    soon(hosts, "1 community vote")


def test_a_vote_from_elsewhere_shows_on_both(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts)
    vote(heard)
    soon(hosts, "1 community vote")
    vote(heard, choice="none")
    soon(hosts, "1 community vote", absent=True)


def test_a_counterpoint_appears_and_disappears(hosts: Hosts, heard: Pairing) -> None:
    counterpoint = Counterpoint.objects.create(
        pairing=heard, kind="extend", body="x" * 20, body_html="<p>A fresh thought.</p>", author_key="a" * 64,
        form_nonce="n",
    )  # fmt: skip
    warm(hosts)
    editor = get_user_model().objects.create(username="editor")
    decide(counterpoint=counterpoint, to=Counterpoint.State.APPROVED, by=editor)
    soon(hosts, "A fresh thought.")
    decide(counterpoint=counterpoint, to=Counterpoint.State.SPAM, by=editor, seen=Counterpoint.State.APPROVED)
    soon(hosts, "A fresh thought.", absent=True)


def test_a_verdict(hosts: Hosts, heard: Pairing) -> None:
    urls = (URL, "/", "/models/alpha/", "/compare/", "/reviewers/skeptic/")
    warm(hosts, *urls)
    old = {(web.port, url): web.get(url).text for web in hosts for url in urls}
    make_verdict(heard, (60, 60, 60, 60), (70, 70, 70, 69), left=OTHER, right=OTHER)
    wait_for(
        lambda: all(web.get(url).text != old[web.port, url] for web in hosts for url in urls),
        "not all of them",
    )


def test_facts_and_offers(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts, URL, "/models/alpha/", "/models/")
    Offer.objects.filter(card=heard.left).update(price_in="7.77")
    for url in (URL, "/models/alpha/"):
        soon(hosts, "7.77", url)
    make_card(
        "alpha", tagline="Quite another tagline.", offers=[make_offer(model_id="alpha", price_in="7.77")]
    )
    for url in (URL, "/models/alpha/"):
        soon(hosts, "Quite another tagline.", url)


def test_names(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts, URL, "/reviewers/skeptic/")
    Reviewer.objects.filter(slug="skeptic").update(name="Doubting Thomas")
    for url in (URL, "/reviewers/skeptic/", "/reviewers/", "/"):
        soon(hosts, "Doubting Thomas", url)
    make_card("beta", name="Beta Renamed", offers=[make_offer(model_id="beta", price_in="1.50")])
    for url in (URL, "/models/", "/models/beta/", "/"):
        soon(hosts, "Beta Renamed", url)


def test_a_card_that_is_gone_takes_its_pages_along(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts, "/models/gamma/")
    Card.objects.filter(slug="gamma").update(snapshot=None)
    for web in hosts:
        wait_for(lambda web=web: web.get("/models/gamma/").status == 404, "still there")
        assert "models/gamma.html" not in web.kept()


def test_a_hot_page_is_rendered_about_once_a_second_and_keeps_up(hosts: Hosts, heard: Pairing) -> None:
    """Votes that come faster than pages are rendered do not put the rendering off."""
    warm(hosts)
    file = hosts[0].store / "html" / "compare" / "alpha" / "beta.html"
    cast_so_far, renderings, over = [0], set(), threading.Event()

    def go_on_voting() -> None:
        while not over.wait(0.02):
            vote(heard, f"voter {cast_so_far[0]}")
            cast_so_far[0] += 1
        connection.close()

    def shows(votes: int) -> bool:
        renderings.add(file.stat().st_ctime_ns if file.exists() else 0)
        return votes_on(hosts[0]) >= votes

    voters, begun = threading.Thread(target=go_on_voting), time.monotonic()
    voters.start()
    try:
        for _ in range(4):
            now = cast_so_far[0] + 1
            wait_for(lambda now=now: shows(now), "put off")
    finally:
        over.set()
        voters.join()
    assert 0 not in renderings, "dropped while its turn was waited for"
    # One was there before, and the first change is shown at once.
    assert len(renderings) <= 3 + (time.monotonic() - begun) / SPACING


def votes_on(web: Web) -> int:
    text = web.get(URL).text
    found = re.search(r"([\d,]+) community vote", text)
    return int(found[1].replace(",", "")) if found else 0


# --- news that does not arrive --------------------------------------------------------------------
def test_a_lost_line_is_taken_up_again(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [NAME],
        )
        assert cursor.fetchone() == (2,)
    vote(heard)
    soon(hosts, "1 community vote")


def test_a_paused_process_catches_up(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts)
    hosts[1].signal(signal.SIGSTOP)
    try:
        vote(heard)
        soon((hosts[0], hosts[0]), "1 community vote")  # the news was there to be heard
    finally:
        hosts[1].signal(signal.SIGCONT)
    soon(hosts, "1 community vote")


@pytest.mark.parametrize("forgets", [False, True])
def test_a_killed_process_compares_before_it_answers(hosts: Hosts, heard: Pairing, forgets: bool) -> None:
    """Killed between a commit and its publishing, it finds the change in the outbox. One that does not know
    where it was keeps nothing."""
    home = hosts[0].store.parent
    web = Web(home, home / f"killed-{forgets}")
    try:
        warm((web, web))
        web.signal(signal.SIGSTOP)  # nothing more is published from here on
        vote(heard)
        web.kill()
        stale = (web.store / "html" / "compare" / "alpha" / "beta.html").read_text(encoding="utf-8")
        assert "1 community vote" not in stale
        if forgets:
            position = web.store / "position.json"
            position.write_text(json.dumps({**json.loads(position.read_text()), "origin": "another cluster"}))
        web = Web(home, web.store)
        assert "1 community vote" in web.get(URL).text
    finally:
        web.kill()


def test_while_the_database_is_away_kept_pages_answer(hosts: Hosts, heard: Pairing) -> None:
    warm(hosts)
    database = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        # Not ALTER DATABASE, which refuses for the one it is called in.
        cursor.execute("UPDATE pg_database SET datallowconn = false WHERE datname = %s", [database])
        try:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                [database],
            )
            time.sleep(1)  # for reading on without it, also where the loss was noticed
            assert [web.get(URL).status for web in hosts] == [200, 200]
            assert hosts[0].get("/models/nobody-asked-before/").status == 503
            vote(heard)
        finally:
            cursor.execute("UPDATE pg_database SET datallowconn = true WHERE datname = %s", [database])
    for web in hosts:  # as soon as Django's pool has a connection again
        wait_for(lambda web=web: "1 community vote" in web.get(URL).text, "not back", seconds=5)


def test_an_error_of_ours_is_said_and_logged_and_not_hidden(hosts: Hosts, heard: Pairing) -> None:
    """Not as the one above: the database answers, and what it is asked makes no sense."""
    web = hosts[0]
    warm((web, web))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE comparisons_offer RENAME TO offers_elsewhere")
    try:
        vote(heard, "somebody")  # the page is to be rendered again
        wait_for(lambda: web.get(URL).status == 500, "an old page hides the error")
        assert [web.get(URL).status for _ in range(3)] == [500, 500, 500]
        assert "offers_elsewhere" not in web.get(URL).text
        assert "Internal Server Error: comparison" in web.log
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE offers_elsewhere RENAME TO comparisons_offer")
    wait_for(lambda: web.get(URL).status == 200, "the page does not come back")
    soon((web, web), "1 community vote")


def test_a_change_that_commits_late_is_seen(hosts: Hosts, heard: Pairing) -> None:
    """Its row has a lower number and an earlier time than changes that were dealt with before."""
    warm(hosts)
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            vote(heard, "a slow one")
            begun.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    begun.wait(10)
    Offer.objects.filter(card=heard.right).update(price_in="8.88")
    soon(hosts, "8.88")
    go_on.set()
    thread.join()
    soon(hosts, "1 community vote")


def test_two_processes_share_one_store_and_one_keeps_it(hosts: Hosts, heard: Pairing) -> None:
    home = hosts[0].store.parent
    first = Web(home, home / "shared")
    second = Web(home, home / "shared")
    try:
        warm((first, second))
        form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        ask(
            second.port,
            f"{URL}vote/",
            method="POST",
            body="choice=left",
            headers={**form, "HX-Request": "true"},
        )
        soon((first, second), "1 community vote")
        first.kill()
        wait_for(lambda: "1 community vote" in second.get(URL).text, "no answer")
        vote(heard, "after the death of the keeper")
        soon((second, second), "2 community votes")
    finally:
        first.kill()
        second.kill()


def test_it_ends_when_it_is_asked(hosts: Hosts, heard: Pairing) -> None:
    home = hosts[0].store.parent
    web = Web(home, home / "ended")
    web.get(URL)
    assert web.stop() < 15  # the launcher's patience
    assert "Traceback" not in web.log


OTHER = {"judge": "mistral", "label": "mistral-medium"}
