"""One name for a model that every provider spells its own way. Pure heuristics, each for a case seen in 2026.

They lean to leaving two names apart: a card too many is seen and corrected, two under one price are not.
"""

from __future__ import annotations

import re

# Bedrock parts region, maker and model by dots: "us.anthropic.claude-opus-4-6-v1:0".
_REGION = re.compile(r"^(us|eu|apac|au|jp|ca|global|us-gov)\.(?=[a-z])")
_MAKER_DOT = re.compile(
    r"^(ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai"
    r"|qwen|stability|writer|zai)\.(?=[a-z])"
)
# Gateways that put themselves, or the maker, before the name with a hyphen instead of a slash.
_MAKER_DASH = re.compile(
    r"^(databricks|duo-chat|snowflake|zai-org|z-ai|moonshot(?=-kimi)|cohere(?=-command)|openai(?=-gpt)"
    r"|azure(?=-(gpt|o[0-9]))|anthropic(?=-claude)|meta(?=-llama)|coding(?=-(glm|minimax)))-"
)
# ":free", ":thinking:low", "@20241022", "@default": a way to call the model, not another model.
_VARIANT = re.compile(r"[:@].*$")
_BEDROCK_VERSION = re.compile(r"-v?[0-9]+:[0-9]+$")
# Eight digits are a build of the same name (claude-sonnet-4-5-20250929); 2024-11-20 and 0905 stay, because
# gpt-4o-2024-05-13 and gpt-4o have different prices.
_BUILD = re.compile(r"-20[0-9]{6}(?=$|-v[0-9]$)")
# How a host serves the weights: packed, in an enclave, managed, for nothing.
_SERVING = re.compile(
    r"-(fp8|fp8-dynamic|fp16|bf16|fp4|nvfp4|mxfp4|int4|int8|awq|gptq|gguf|4bit|8bit|maas|tee|free)$"
)
# Makers' own spellings, from the spellings of hosts; in this order, each at most once.
_SPELLINGS = tuple(
    (re.compile(pattern), correct)
    for pattern, correct in (
        (r"^(llama|gemma)(?=[0-9])", r"\1-"),  # llama3-1, gemma4-31b
        (r"^qwen-(?=[0-9])", "qwen"),  # qwen-3-14b
        (r"^(?=(opus|sonnet|haiku)-[0-9])", "claude-"),  # GitLab's duo-chat-opus-4-8
        (r"^(claude-(?:opus|sonnet|haiku))(?=[0-9])", r"\1-"),  # claude-opus4-8
        # Version first was right up to claude-3-7-sonnet, and is a mistake since.
        (r"^claude-([4-9](?:[.-][0-9])?)-(opus|sonnet|haiku)", r"claude-\2-\1"),
        # Claude thinks on request; there is no other model for it, unlike qwen3-…-thinking.
        (r"^(claude-.+?)-think(ing)?(-[0-9]+)?$", r"\1"),
        (r"^(claude-.+)-v1$", r"\1"),
    )
)
# Names that mean something only together with whose they are.
_GENERIC = {
    "auto", "base", "chat", "code", "default", "fast", "flux", "free", "large", "latest", "lite", "medium",
    "mini", "model-router", "pro", "router", "small", "tts", "ultra",
}  # fmt: skip

LONGEST = 120


def owner(model_id: str) -> str:
    """Whose name stands before the model's, small letters, or nothing: "Qwen/Qwen3-8B" is by "qwen"."""
    bare = _REGION.sub("", model_id.lower())
    if "/" not in bare:
        found = _MAKER_DOT.match(bare)
        return found.group(1) if found else ""
    parts = [part for part in bare.split("/")[:-1] if part not in {"models", "@cf", "workers-ai", "accounts"}]
    # clarifai spells owner/app/models/name; everybody else ends with the owner.
    last = parts[0] if "/models/" in bare and parts else parts[-1] if parts else ""
    return last.removeprefix("~").removeprefix("hf:").removeprefix("@")


def canonical_slug(model_id: str) -> str:
    """The slug that all spellings of one model share: "us.anthropic.claude-opus-4-5-20251101-v1:0" and
    "anthropic/claude-opus-4.5:thinking" are both "claude-opus-4-5". Empty when nothing is left."""
    lowered = model_id.strip().lower()
    name = lowered.rsplit("/", 1)[-1]
    name = _REGION.sub("", name)
    name = _MAKER_DOT.sub("", name)
    name = _BEDROCK_VERSION.sub("", name)
    name = _VARIANT.sub("", name)
    while (shorter := _MAKER_DASH.sub("", name)) != name:
        name = shorter
    while (shorter := _SERVING.sub("", name)) != name:
        name = shorter
    name = _BUILD.sub("", name)
    for pattern, correct in _SPELLINGS:
        name = pattern.sub(correct, name, count=1)
    slug = slugify(name)
    if slug in _GENERIC and (whose := slugify(owner(model_id))):
        slug = f"{whose}-{slug}"
    return slug


def slugify(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST].strip("-")
    # "-vs-" parts the two models in a comparison's address, "-vs-vs-" hides one more.
    while "-vs-" in slug:
        slug = slug.replace("-vs-", "-v-")
    return slug
