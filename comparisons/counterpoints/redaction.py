"""Taking words out of a reader's text so that everybody sees that they were. Pure: text in, text out.

What is cut is chosen by its exact Markdown, and the page is rendered anew from what is left: nothing that was
cut can be left over in some attribute of the HTML, and the moderator cannot change any other word.
"""

from __future__ import annotations

import hashlib

from comparisons.counterpoints.markdown import render
from comparisons.counterpoints.reasons import MARKS, mark

SHORTEST = 3  # characters; less would take single letters out of every word


class NotThere(ValueError):
    """The passage stands nowhere in the text; the message is a sentence for the moderator."""


def cut(body: str, passage: str, reason: str) -> str:
    """`body` with a mark wherever `passage` stood. Marks of earlier cuts stay whole. Raises NotThere."""
    passage = passage.replace("\r\n", "\n").strip()
    if len(passage) < SHORTEST:
        raise NotThere(f"Name at least {SHORTEST} characters of the text.")
    parts = MARKS.split(body)  # text, mark, text, …
    if not any(passage in part for part in parts[::2]):
        raise NotThere("These words do not stand in the text. Copy them from the Markdown beside it.")
    parts[::2] = [part.replace(passage, mark(reason)) for part in parts[::2]]
    return "".join(parts)


def render_redacted(body: str) -> str:
    """HTML of a text with marks in it, each as <mark>, an element that no author can write.

    Marks go through the parser as words that stand nowhere else. One that ends in the address of a link takes
    the link with it; one that the parser swallowed is put at the end, because each must be seen.
    """
    word = "m" + hashlib.sha256(body.encode()).hexdigest()[:24]
    parts = MARKS.split(body)
    marks = parts[1::2]
    names = [f"{word}n{number}n" for number in range(len(marks))]
    parts[1::2] = names
    html = render("".join(parts), unlink=word)
    lost = []
    for name, each in zip(names, marks, strict=True):
        shown = f"<mark>{each}</mark>"
        if name not in html:
            lost.append(f"<p>{shown}</p>")
        html = html.replace(name, shown)
    return "\n".join([html, *lost]).strip()
