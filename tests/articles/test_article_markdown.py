"""What editors may write, and what becomes of what they may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.articles.markdown import TAGS, render, with_copy_buttons, with_full_addresses
from tests.counterpoints.payloads import PAYLOADS
from tests.counterpoints.test_markdown import Elements

ADDRESSES = ("http://", "https://", "/")


def assert_harmless(html: str) -> None:
    elements = Elements(html)
    assert elements.others == []
    for tag, attributes in elements.found:
        assert tag in TAGS
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        address = (attributes.get("href") or "/").lower()
        assert address.startswith(ADDRESSES) and not address.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "payload", PAYLOADS, ids=lambda payload: payload[:40].encode("unicode_escape").decode()
)
def test_no_payload_becomes_more_than_text_and_plain_links(payload):
    for source in (payload, f"# {payload}", f"|a|b|\n|-|-|\n|{payload}|b|\n", f"```\n{payload}\n```"):
        assert_harmless(render(source))


@given(st.text(alphabet=st.sampled_from("<>[]()!`*_#&;:/\\\"'= |\n\tjavscriptonhe.-"), max_size=200))
def test_no_arrangement_of_the_pieces_does(source):
    assert_harmless(render(source))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("# a", "<h2>a</h2>"),  # the title is the page's h1
        ("## a", "<h2>a</h2>"),
        ("##### a", "<h3>a</h3>"),
        ("[a](/models/)", '<p><a href="/models/" rel="noopener">a</a></p>'),
        ("[a](//evil.example)", "<p>[a](//evil.example)</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("```sh\n1 < 2\n```", "<pre><code>1 &lt; 2\n</code></pre>"),
        ("![a](https://example.org/b.png)", "<p></p>"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
    ],
)
def test_what_becomes_of_markdown(source, html):
    assert render(source) == html


def test_a_table_is_a_table():
    assert "<td>1</td>" in render("| a |\n|---|\n| 1 |\n")


def test_each_block_of_code_has_its_own_button_and_text_about_code_has_none():
    html = with_copy_buttons(render("```\none\n```\n\n```\ntwo\n```\n\n`<pre>three</pre>`"))
    assert html.count("<button") == 2
    assert '<pre id="code-2" tabindex="0"><code>two' in html
    assert 'data-copy-from="#code-2"' in html
    assert "&lt;pre&gt;three" in html


def test_elsewhere_our_links_name_the_site():
    html = render("[a](/models/) [b](https://example.org/)")
    told = with_full_addresses(html, "https://site.example")
    assert 'href="https://site.example/models/"' in told
    assert 'href="https://example.org/"' in told
