"""A valid answer to any closed JSON schema: the same for the same prompt, plausible enough to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

PARAGRAPH_WORDS = 100
SHIP_FROM = 60

SENTENCES = (
    "The card answers the practical question first: where it runs, what it costs and who may use it.",
    "A weekend is enough to put it behind a queue and see whether the output survives real traffic.",
    "The price leaves room for a second attempt on every call, which matters more than a benchmark point.",
    "Nothing here stops a competent team from swapping it out again in a single afternoon.",
    "The license is the part to read twice, because it decides who can build a business on top.",
    "A long context is only worth having when the answers at the far end are still right.",
    "Buyers will ask for an invoice, a data center and a support address before they ask for quality.",
    "The obvious rival is whatever the team already pays for, and habit is a strong competitor.",
    "If the next release halves the price, everything built around scarcity will look quaint.",
    "The first ten minutes go well: one command, one request, one sensible reply.",
    "What breaks first is the tooling around it, long before the model itself gives up.",
    "I would keep a fallback ready and move the boring half of the workload over this week.",
    "Smaller hardware reaches further than expected, provided nobody insists on the largest variant.",
    "The missing facts are not damning, but each of them is a question for a sales call.",
    "It rewards people who measure on their own data and punishes those who copy a leaderboard.",
    "In two years the interesting part will be the interface, and the weights will be plumbing.",
)
ANSWERS = (
    "Batch jobs with a deadline, run overnight on rented hardware.",
    "A small team that already has an inference budget and wants to spend less of it.",
    "An open model of the same size, fine-tuned on two evenings of logs.",
    "When the context fills up and nobody notices that the middle went missing.",
    "By the end of 2027 most editors will run a model of this size offline.",
    "Prices keep falling faster than quality rises.",
    "The hosted default of whichever cloud the company is on.",
    "A clear margin per request, as long as volume does not triple overnight.",
    "It would survive, because the lock-in is in the data and not in the model.",
    "A public regression on code it has never seen.",
)


def fill(schema: Mapping[str, Any], *, prompt: str, words: str = "") -> Any:
    """A value the schema accepts. `words` open every paragraph."""
    return _Filler(schema, Random(prompt), words).value(schema, "")


class _Filler:
    def __init__(self, root: Mapping[str, Any], random: Random, words: str) -> None:
        self.root, self.random, self.words = root, random, words

    def value(self, schema: Mapping[str, Any], name: str) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            count = max(schema.get("minItems", 0), min(2, schema.get("maxItems", 2)))
            return [self.value(schema.get("items", {}), name) for _ in range(count)]
        if kind in {"integer", "number"}:
            return self._number(schema)
        if kind == "boolean":
            return self.random.random() < 0.5
        return None if kind == "null" else self._text(schema, name)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            target: Any = self.root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            schema = target
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self._resolved(next(s for s in schema[key] if s.get("type") != "null"))
        return schema

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        filled = {key: self.value(part, key) for key, part in schema.get("properties", {}).items()}
        verdict, score = filled.get("verdict"), filled.get("score")
        if isinstance(verdict, str) and isinstance(score, int):
            wanted = "ship" if score >= SHIP_FROM else "skip"
            choices = self._resolved(schema["properties"]["verdict"]).get("enum", [])
            filled["verdict"] = next((c for c in choices if str(c).lower() == wanted), verdict)
        return filled

    def _number(self, schema: Mapping[str, Any]) -> int:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        high = schema.get("maximum", schema.get("exclusiveMaximum", 101) - 1)
        # Around the line between ship and skip, where both verdicts occur.
        return min(max(round(self.random.gauss(66, 14)), int(low)), int(high))

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        least, most = schema.get("minLength", 0), schema.get("maxLength", 100_000)
        if schema.get("format") == "date":
            return "2027-12-31"
        if name != "paragraph" and not least > max(map(len, ANSWERS)):
            return self.random.choice(ANSWERS)[:most]
        parts = [self.words] if self.words else []
        for sentence in self.random.sample(SENTENCES, len(SENTENCES)):
            if len(" ".join(parts).split()) >= PARAGRAPH_WORDS and len(" ".join(parts)) >= least:
                break
            parts.append(sentence)
        return " ".join(parts)[:most]


def answer_text(body: Mapping[str, Any], words: str = "") -> str:
    """What the model says to this request: its form filled in, or prose where it brought none."""
    # Three servers, three places for the seed and two for the form.
    seed = body.get("random_seed", body.get("seed", (body.get("options") or {}).get("seed")))
    prompt = json.dumps(body.get("messages"), sort_keys=True) + str(seed)
    form = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema") or body.get("format")
    schema = form or {"type": "string", "minLength": 300}
    value = fill(schema, prompt=prompt, words=words)
    return json.dumps(value, ensure_ascii=False) if form else str(value)
