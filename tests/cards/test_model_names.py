"""Guesses from names: which spellings are one model, whose it is and on which shelf it goes."""

from __future__ import annotations

import pytest

from comparisons.cards.importing.model_ids import canonical_slug, owner
from comparisons.cards.importing.model_kind import category_of, lab_of


@pytest.mark.parametrize(
    ("model_id", "slug"),
    [
        ("gpt-5.5", "gpt-5-5"), ("openai/gpt-5.5", "gpt-5-5"), ("openai.gpt-5.5", "gpt-5-5"),
        ("duo-chat-gpt-5-5", "gpt-5-5"), ("databricks-gpt-5-5", "gpt-5-5"), ("openai-gpt-5.5", "gpt-5-5"),
        ("gpt-4o-2024-11-20", "gpt-4o-2024-11-20"), ("azure-gpt-4o", "gpt-4o"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"),
        ("anthropic/claude-opus-4.5:thinking:low", "claude-opus-4-5"),
        ("claude-opus-4-5@20251101", "claude-opus-4-5"), ("claude-4.5-opus", "claude-opus-4-5"),
        ("claude-opus-4-5-thinking", "claude-opus-4-5"),
        ("us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("claude-3-5-haiku@20241022", "claude-3-5-haiku"), ("duo-chat-opus-4-8", "claude-opus-4-8"),
        ("@cf/openai/gpt-oss-120b", "gpt-oss-120b"), ("openai/gpt-oss-120b-maas", "gpt-oss-120b"),
        ("openai.gpt-oss-120b-1:0", "gpt-oss-120b"), ("workers-ai/@cf/openai/gpt-oss-120b", "gpt-oss-120b"),
        ("accounts/fireworks/models/kimi-k2-instruct", "kimi-k2-instruct"),
        ("moonshotai/chat-completion/models/Kimi-K2_6", "kimi-k2-6"),
        ("moonshot-kimi-k2-instruct", "kimi-k2-instruct"),
        ("hf:zai-org/GLM-4.7", "glm-4-7"), ("zai-org-glm-4.7", "glm-4-7"), ("zai-org/GLM-4.7-FP8", "glm-4-7"),
        ("cortecs/Llama-3.3-70B-Instruct-FP8-Dynamic", "llama-3-3-70b-instruct"),
        ("meta.llama3-3-70b-instruct-v1:0", "llama-3-3-70b-instruct"),
        ("meta-llama-3_3-70b-instruct", "llama-3-3-70b-instruct"),
        ("meta-llama/llama-3.3-70b-instruct:free", "llama-3-3-70b-instruct"),
        ("qwen-3-14b", "qwen3-14b"), ("Qwen/Qwen3-14B", "qwen3-14b"),
        ("qwen/qwen3-235b-a22b-thinking-2507", "qwen3-235b-a22b-thinking-2507"),
        ("openrouter/auto", "openrouter-auto"), ("~anthropic/claude-haiku-latest", "claude-haiku-latest"),
        ("model-a-vs-model-b-vs-vs-c", "model-a-v-model-b-v-v-c"),
        ("a" * 200, "a" * 120), ("///", ""), (":free", ""),
    ],
)  # fmt: skip
def test_all_spellings_of_a_model_have_one_slug(model_id: str, slug: str) -> None:
    assert canonical_slug(model_id) == slug
    assert canonical_slug(slug) == slug


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-5.5", "gpt-5.5-pro"), ("gpt-4o", "gpt-4o-2024-05-13"), ("qwen3-8b", "qwen3-8b-thinking"),
        ("kimi-k2-0711", "kimi-k2-0905"), ("mistral-large-latest", "mistral-large-2512"),
        ("deepseek-v3.2", "deepseek-v3.2-exp"), ("grok-4-fast-reasoning", "grok-4-fast-non-reasoning"),
        ("openrouter/auto", "kilo-auto/auto"),
    ],
)  # fmt: skip
def test_different_models_stay_apart(one: str, other: str) -> None:
    assert canonical_slug(one) != canonical_slug(other)


@pytest.mark.parametrize(
    ("model_id", "whose"),
    [
        ("Qwen/Qwen3-8B", "qwen"), ("us.anthropic.claude-sonnet-5", "anthropic"),
        ("~openai/gpt-latest", "openai"),
        ("accounts/fireworks/models/x", "fireworks"), ("qwen/qwenCoder/models/x", "qwen"), ("gpt-5", ""),
        ("workers-ai/@cf/meta/llama-3", "meta"), ("hf:zai-org/GLM", "zai-org"),
    ],
)  # fmt: skip
def test_owner_before_the_slash(model_id: str, whose: str) -> None:
    assert owner(model_id) == whose


@pytest.mark.parametrize(
    ("model_id", "family", "lab"),
    [
        ("openai/gpt-5.5", "gpt", "openai"), ("gpt-5.5", "", "openai"), ("o3-mini", "", "openai"),
        ("mistralai/whatever-7", "", "mistral-ai"), ("zai-org/GLM-5", "", "zhipu-ai"),
        ("nvidia/llama-3.1-nemotron-70b", "llama", "nvidia"), ("llama-3.1-nemotron-70b", "", "nvidia"),
        ("EVA-UNIT-01/EVA-Qwen2.5-32B", "", "eva-unit-01"), ("novita/deepseek-v3", "", "deepseek"),
        ("big-pickle", "glm", "zhipu-ai"), ("big-pickle", "", "some-provider"),
    ],
)  # fmt: skip
def test_lab_from_owner_name_family_or_provider(model_id: str, family: str, lab: str) -> None:
    found = lab_of(canonical_slug(model_id), [(model_id, family, "some-provider", "Some Provider")])
    assert found.slug == lab


def test_a_host_that_calls_a_model_its_own_is_outvoted() -> None:
    seen = [("cerebras/llama-3.3-70b", "", "poe", "Poe"), ("evroc/llama-3.3-70b", "", "evroc", "evroc"),
            ("meta-llama/llama-3.3-70b", "", "groq", "Groq")]  # fmt: skip
    assert lab_of("llama-3-3-70b", seen).slug == "meta"
    assert lab_of("cerebras-thing", [("thing", "", "llama", "Llama")]).slug == "meta"


@pytest.mark.parametrize(
    ("slug", "open_weights", "out", "category"),
    [
        ("qwen3-coder-30b", True, ("text",), "Code"), ("codestral-latest", None, ("text",), "Code"),
        ("gpt-5-codex", False, ("text",), "Code"), ("gemma-3-4b-it", True, ("text",), "Small and local"),
        ("gemma-4-e4b-it", True, ("text",), "Small and local"), ("llama-3-70b", True, ("text",), "General"),
        ("qwen3-30b-a3b", True, ("text",), "General"), ("ministral-3b", False, ("text",), "General"),
        ("text-embedding-3-large", False, ("text",), "Embeddings"),
        ("veo-3", False, ("video",), "Image, audio and video"),
        ("gpt-5-5", False, (), "General"),
    ],
)  # fmt: skip
def test_category(slug: str, open_weights: bool | None, out: tuple[str, ...], category: str) -> None:
    assert category_of(slug, open_weights, out, []) == category
