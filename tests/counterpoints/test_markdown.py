"""Hostile Markdown, judged by what an HTML parser finds in the result, not by how it is spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.counterpoints.markdown import LINK_REL, TAGS, render
from tests.counterpoints.payloads import PAYLOADS
from tests.hostile.documents import Elements


def assert_harmless(html: str) -> None:
    elements = Elements(html)
    assert elements.others == []
    for tag, attributes in elements.found:
        assert tag in TAGS
        if tag == "a" and "href" in attributes:
            assert set(attributes) == {"href", "rel"}
            assert (attributes["href"] or "").lower().startswith(("http://", "https://"))
            assert attributes["rel"] == LINK_REL
        else:
            assert set(attributes) <= {"rel"}


def test_the_corpus_is_large():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


@pytest.mark.parametrize(
    "payload", PAYLOADS, ids=lambda payload: payload[:40].encode("unicode_escape").decode()
)
def test_no_payload_becomes_more_than_text_and_plain_links(payload):
    for source in (payload, f"word {payload} word", f"{payload}\n\n{payload}"):
        assert_harmless(render(source))


@given(st.text(alphabet=st.sampled_from("<>[]()!`*_#&;:/\\\"'= \n\tjavscriptonhe.-"), max_size=200))
def test_no_arrangement_of_the_pieces_does(source):
    assert_harmless(render(source))


@given(
    st.lists(st.sampled_from(PAYLOADS[:100]), min_size=2, max_size=4),
    st.sampled_from(["", " ", "\n", "](", "`"]),
)
def test_no_two_payloads_help_each_other(parts, glue):
    assert_harmless(render(glue.join(parts)))


def test_the_judge_sees_what_it_looks_for():
    # A positive control: without the two nets these would be found.
    for html in ("<script>", "<p onclick=x>", "<a href='javascript:x'>", "<img src=x>", "<!--x-->"):
        with pytest.raises(AssertionError):
            assert_harmless(html)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a", "<ol>\n<li>a</li>\n</ol>"),
        ("```py\n1 < 2\n```", "<pre><code>1 &lt; 2\n</code></pre>"),
        ("[a](https://example.org/b)", f'<p><a href="https://example.org/b" rel="{LINK_REL}">a</a></p>'),
        (
            "<https://example.org>",
            f'<p><a href="https://example.org" rel="{LINK_REL}">https://example.org</a></p>',
        ),
        ("# a", "<p># a</p>"),  # the page's outline is the page's
        ("a\n===", "<p>a\n===</p>"),
        ("![a](https://example.org/b.png)", "<p></p>"),
        ("[a](/models/)", "<p>[a](/models/)</p>"),  # a relative link would pass for ours
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
    ],
)
def test_what_remains_of_markdown(source, html):
    assert render(source) == html
