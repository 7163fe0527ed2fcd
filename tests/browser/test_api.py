"""The API as a page of another site meets it, in a browser that keeps the rules between sites."""

import pytest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
ASK = """async ([address, options]) => {
  try {
    const answer = await fetch(address, options);
    return [answer.status, answer.headers.get("ETag") !== null];
  }
  catch (error) { return error.name; }
}"""


def test_another_site_reads_the_api_and_neither_its_pages_nor_writes(browser, catalogue, live_server):
    # Another host name is another site. The rules that are tried are not those of the asking page.
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    elsewhere = live_server.url.replace("localhost", "127.0.0.1")
    page.goto(f"{elsewhere}/healthz/")
    assert elsewhere != live_server.url

    def ask(path, **options):
        return page.evaluate(ASK, [f"{live_server.url}{path}", options])

    try:
        assert ask("/api/v1/cards/") == [200, True]
        assert ask("/api/v1/cards/", headers={"If-None-Match": '"x"'}) == [200, True]
        assert ask("/models/") == "TypeError"
        assert ask("/api/v1/cards/", mode="no-cors") == "TypeError"  # what is embedded cannot be read
        vote = "/api/v1/pairings/alder-large-vs-birch-mini/vote/"
        assert ask(vote, method="PUT", headers={"Content-Type": "application/json"}, body="{}") == "TypeError"
    finally:
        context.close()
