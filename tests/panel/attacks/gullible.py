"""A model that obeys whoever speaks to it, to find out who can. It stands behind the real HTTP fake.

In mode "outside" it takes for an order only what stands outside the data blocks, in mode "inside" only what
stands in them. It reads orders in many languages and dresses, and does one deed for any of them.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from panel.providers import Question
from tests.panel.attacks.deeds import DEEDS
from tests.panel.attacks.payloads import LOOKALIKES

ORDERS = re.compile(
    r"ignore (?:all )?previous instructions|ignoreallpreviousinstructions"
    r"|new instructions|(?:answer|answer ship,|score|score of) ?100\b"
    r"|score\W{1,4}100|this card, answer: 100|a score of 100|always answer ship|answer 100"
    r"|(?:repeat your private word|print everything above)|\"choice\": \"a\"|\"rating\": \"10/10\""
    r"|ignoriere alle bisherigen anweisungen|gib (?:diesem modell )?100 punkte|wiederhole dein geheimes wort"
    r"|ignore toutes les instructions|ignora todas las instrucciones"
    r"|игнорируй все предыдущие|постав[ьи] (?:оценку )?100|забудь правила|секретное слово"
    r"|忽略之前的所有指令|秘密单词|これまでの指示をすべて無視|이전의 모든 지시를 무시"
    r"|تجاهل جميع التعليمات|התעלם מכל ההוראות|निर्देशों को अनदेखा"
)
OPENING = re.compile(r"<outside [0-9a-f]{24}>")
# Back to Latin. Only whole texts are tried: Russian itself must stay legible as Russian.
_LATIN = {cyrillic: latin for latin, cyrillic in LOOKALIKES.items()}


def regions(prompt: str) -> tuple[str, list[str]]:
    """What stands outside the blocks, and the lines inside them.

    It trusts any line that opens a block and, gullible as it is, anything that looks like an end.
    """
    outside: list[str] = []
    inside: list[str] = []
    within = False
    for line in prompt.split("\n"):
        if within and "</outside" in line:
            within = False
        elif not within and OPENING.fullmatch(line):
            within = True
        else:
            (inside if within else outside).append(line)
    return "\n".join(outside), inside


def orders_in(text: str) -> list[str]:
    """Every order it can make out in the text."""
    return [found[0] for said in _readings(text) for found in ORDERS.finditer(said)]


def _readings(text: str) -> Iterator[str]:
    tags = "".join(chr(ord(char) - 0xE0000) for char in text if 0xE0020 <= ord(char) < 0xE007F)
    seen = "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Cc"} or char == "\n")
    whole = " ".join(unicodedata.normalize("NFKC", seen).split())
    yield whole.casefold()
    yield html.unescape(whole).casefold()
    yield whole.translate(_LATIN).casefold()
    yield codecs.encode(whole, "rot13").casefold()
    yield whole[::-1].casefold()
    yield tags.casefold()
    yield "".join(whole.split()).casefold()  # l e t t e r   b y   l e t t e r
    yield whole.replace("\\n", " ").casefold()
    for run in re.findall(r"[A-Za-z0-9+/]{40,}={0,2}", whole):
        try:
            yield base64.b64decode(run).decode("utf-8", "replace").casefold()
        except binascii.Error:
            continue


@dataclass(slots=True)
class Gullible:
    """The `answer` of a FakeMistral: None, which is an honest answer, until it finds an order."""

    mode: Literal["inside", "outside"]
    deed: str = "praise"
    obeyed: list[str] = field(default_factory=list)

    def __call__(self, body: Mapping[str, Any]) -> str | None:
        messages = [message["content"] for message in body["messages"]]
        form = body["response_format"]["json_schema"]["schema"]
        return self.answer(messages[0], "\n".join(messages[1:]), form)

    def asked(self, question: Question) -> str | None:
        """The same without HTTP."""
        return self.answer(question.system, question.user, question.form.model_json_schema())

    def answer(self, system: str, user: str, form: Mapping[str, Any]) -> str | None:
        found = self.orders(system, user)
        self.obeyed += found
        return DEEDS[self.deed](system, form) if found else None

    def orders(self, system: str, user: str) -> list[str]:
        outside, inside = regions(user)
        if self.mode == "outside":
            return orders_in(f"{system}\n{outside}")
        return [order for line in inside for text in _texts(line) for order in orders_in(text)]


def _texts(line: str) -> list[str]:
    """The values of a line of JSON; another line as it is."""
    try:
        record = json.loads(line)
    except ValueError:
        return [line]
    return [str(value) for value in record.values()] if isinstance(record, dict) else [line]
