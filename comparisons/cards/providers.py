"""What providers are called. Catalogues tell a name with each offer; card files often only the short one."""

from __future__ import annotations

# The short names are those of models.dev.
NAMES = {
    "alibaba": "Alibaba Cloud",
    "alibaba-cn": "Alibaba Cloud (China)",
    "amazon-bedrock": "Amazon Bedrock",
    "anthropic": "Anthropic",
    "azure": "Azure",
    "baseten": "Baseten",
    "cerebras": "Cerebras",
    "cloudflare-workers-ai": "Cloudflare Workers AI",
    "cohere": "Cohere",
    "deepinfra": "Deep Infra",
    "deepseek": "DeepSeek",
    "digitalocean": "DigitalOcean",
    "fireworks-ai": "Fireworks AI",
    "github-models": "GitHub Models",
    "google": "Google",
    "google-vertex": "Google Vertex AI",
    "groq": "Groq",
    "huggingface": "Hugging Face",
    "inception": "Inception",
    "llama": "Llama API",
    "minimax": "MiniMax",
    "minimax-cn": "MiniMax (China)",
    "mistral": "Mistral AI",
    "moonshotai": "Moonshot AI",
    "moonshotai-cn": "Moonshot AI (China)",
    "novita-ai": "Novita AI",
    "nvidia": "NVIDIA",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "stepfun": "StepFun",
    "togetherai": "Together AI",
    "vercel": "Vercel AI Gateway",
    "xai": "xAI",
    "xiaomi": "Xiaomi",
    "zai": "Z.ai",
    "zhipuai": "Zhipu AI",
}


def named(provider: str, name: str = "") -> str:
    """The name that was told, else the one we know, else the short name as it is."""
    return name or NAMES.get(provider, provider)
