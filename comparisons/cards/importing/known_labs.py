"""Who makes what: the labs behind owners, families and first-party providers of the public catalogues."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownLab:
    """A lab, how catalogues call it before a slash, how its models begin, and where it sells them itself.

    Of several providers of its own the first is the one whose facts count most.
    """

    slug: str
    name: str
    url: str
    owners: tuple[str, ...] = ()
    models: str = ""
    providers: tuple[str, ...] = ()


LABS = (
    KnownLab("openai", "OpenAI", "https://openai.com", ("openai",),
             r"gpt-|chatgpt|o[134](-|$)|codex|whisper|dall-e|sora|text-embedding-(3|ada)|davinci|babbage",
             ("openai",)),
    KnownLab("anthropic", "Anthropic", "https://www.anthropic.com", ("anthropic",), r"claude",
             ("anthropic",)),
    KnownLab("google", "Google", "https://ai.google.dev", ("google",),
             r"gemini|gemma|codegemma|medgemma|imagen|veo-|lyria|palm", ("google", "google-vertex")),
    KnownLab("mistral-ai", "Mistral AI", "https://mistral.ai", ("mistralai", "mistral", "mistral-ai"),
             r"mistral|mixtral|ministral|codestral|devstral|magistral|pixtral|voxtral|open-mi|leanstral",
             ("mistral",)),
    KnownLab("meta", "Meta", "https://ai.meta.com", ("meta-llama", "meta", "facebook"),
             r"llama-|code-?llama|muse-spark", ("llama",)),
    KnownLab("xai", "xAI", "https://x.ai", ("x-ai", "xai"), r"grok", ("xai",)),
    KnownLab("deepseek", "DeepSeek", "https://www.deepseek.com", ("deepseek", "deepseek-ai"), r"deepseek",
             ("deepseek",)),
    KnownLab("alibaba", "Alibaba", "https://qwen.ai", ("qwen", "alibaba", "alibaba-nlp", "tongyi-zhiwen"),
             r"qwen|qwq|qvq|qwenlong|wan-?[0-9x]|tongyi", ("alibaba", "alibaba-cn", "alibaba-token-plan",
              "alibaba-token-plan-cn", "alibaba-coding-plan", "alibaba-coding-plan-cn")),
    KnownLab("moonshot-ai", "Moonshot AI", "https://www.moonshot.ai", ("moonshotai", "moonshot", "kimi"),
             r"kimi|moonshot", ("moonshotai", "moonshotai-cn", "kimi-for-coding")),
    KnownLab("zhipu-ai", "Z.ai", "https://z.ai", ("zai-org", "z-ai", "zai", "zhipuai", "thudm"),
             r"glm|chatglm|cogview|autoglm", ("zai", "zhipuai", "zai-coding-plan", "zhipuai-coding-plan")),
    KnownLab("minimax", "MiniMax", "https://www.minimax.io", ("minimax", "minimaxai"),
             r"minimax|abab|hailuo",
             ("minimax", "minimax-cn", "minimax-coding-plan", "minimax-cn-coding-plan")),
    KnownLab("cohere", "Cohere", "https://cohere.com", ("cohere", "coherelabs", "cohereforai"),
             r"command|c4ai|aya-|embed-v|cohere|north-mini", ("cohere",)),
    KnownLab("microsoft", "Microsoft", "https://www.microsoft.com/ai", ("microsoft",),
             r"phi-|mai-|wizardlm"),
    KnownLab("amazon", "Amazon", "https://aws.amazon.com/nova", ("amazon",),
             r"nova-(2|lite|micro|pro|premier)|titan", ("amazon-bedrock", "nova")),
    KnownLab("nvidia", "NVIDIA", "https://www.nvidia.com", ("nvidia",), r".*nemotron|nv-|.*nemoretriever",
             ("nvidia",)),
    KnownLab("ibm", "IBM", "https://www.ibm.com/granite", ("ibm-granite", "ibm"), r"granite"),
    KnownLab("ai21-labs", "AI21 Labs", "https://www.ai21.com", ("ai21", "ai21-labs"), r"jamba"),
    KnownLab("perplexity", "Perplexity", "https://www.perplexity.ai", ("perplexity",), r"sonar|r1-1776",
             ("perplexity", "perplexity-agent")),
    KnownLab("xiaomi", "Xiaomi", "https://mimo.xiaomi.com", ("xiaomi", "xiaomimimo"), r"mimo",
             ("xiaomi", "xiaomi-token-plan-cn", "xiaomi-token-plan-ams", "xiaomi-token-plan-sgp")),
    KnownLab("stepfun", "StepFun", "https://www.stepfun.com", ("stepfun", "stepfun-ai"), r"step-[0-9]",
             ("stepfun", "stepfun-ai")),
    KnownLab("bytedance", "ByteDance", "https://seed.bytedance.com",
             ("bytedance", "bytedance-seed", "volcengine"), r"doubao|seed-|seedream|seedance|ui-tars"),
    KnownLab("baidu", "Baidu", "https://yiyan.baidu.com", ("baidu",), r"ernie|qianfan"),
    KnownLab("tencent", "Tencent", "https://hunyuan.tencent.com", ("tencent",), r"hunyuan|hy3|tc-code",
             ("tencent-tokenhub", "tencent-coding-plan")),
    KnownLab("inclusionai", "inclusionAI", "https://www.inclusion-ai.org", ("inclusionai",),
             r"(ling|ring)-[0-9mf]", ("bailing",)),
    KnownLab("meituan", "Meituan", "https://longcat.chat", ("meituan",), r"longcat"),
    KnownLab("kwaipilot", "Kwaipilot", "https://kwaipilot.com", ("kwaipilot",), r"kat-"),
    KnownLab("nous-research", "Nous Research", "https://nousresearch.com", ("nousresearch",),
             r"(deep)?hermes"),
    KnownLab("arcee-ai", "Arcee AI", "https://www.arcee.ai", ("arcee-ai", "arcee_ai"),
             r"trinity|afm-|virtuoso"),
    KnownLab("allen-ai", "Ai2", "https://allenai.org", ("allenai",), r"olmo|molmo|tulu"),
    KnownLab("inception", "Inception", "https://www.inceptionlabs.ai", ("inception",), r"mercury",
             ("inception",)),
    KnownLab("liquid-ai", "Liquid AI", "https://www.liquid.ai", ("liquid", "liquidai"), r"lfm"),
    KnownLab("upstage", "Upstage", "https://www.upstage.ai", ("upstage",), r"solar", ("upstage",)),
    KnownLab("poolside", "Poolside", "https://poolside.ai", ("poolside",), r"laguna|malibu", ("poolside",)),
    KnownLab("sarvam-ai", "Sarvam AI", "https://www.sarvam.ai", ("sarvam", "sarvamai"), r"sarvam",
             ("sarvam",)),
    KnownLab("sakana-ai", "Sakana AI", "https://sakana.ai", ("sakana",), r"fugu", ("sakana",)),
    KnownLab("writer", "Writer", "https://writer.com", ("writer",), r"palmyra"),
    KnownLab("morph", "Morph", "https://morphllm.com", ("morph",), r"morph", ("morph",)),
    KnownLab("vercel", "Vercel", "https://v0.app", ("v0",), r"v0-", ("v0",)),
    KnownLab("black-forest-labs", "Black Forest Labs", "https://bfl.ai", ("bfl", "black-forest-labs"),
             r"flux"),
    KnownLab("voyage-ai", "Voyage AI", "https://www.voyageai.com", ("voyage",), r"voyage"),
    KnownLab("baai", "BAAI", "https://www.baai.ac.cn", ("baai",), r"bge-"),
    KnownLab("deep-cogito", "Deep Cogito", "https://www.deepcogito.com", ("deepcogito",), r"cogito"),
)  # fmt: skip
BY_OWNER = {owner: lab for lab in LABS for owner in lab.owners}
BY_PROVIDER = {provider: (lab, rank) for lab in LABS for rank, provider in enumerate(lab.providers)}
# Providers whose subscription pays for the tokens, so that their price per token is not one.
SUBSCRIPTIONS = frozenset(provider for provider in BY_PROVIDER if "plan" in provider) | {
    "github-copilot", "kimi-for-coding", "kuae-cloud-coding-plan", "umans-ai-coding-plan",
}  # fmt: skip
_PATTERNS = tuple((re.compile(lab.models), lab) for lab in LABS if lab.models)

# Words before a slash that name a shop, a route or an enclave, never who made the model.
GATEWAYS = frozenset({
    "", "baseten", "cerebras", "clarifai", "cortecs", "fal-ai", "featherless-ai", "fireworks", "groq",
    "huggingface", "kilo-auto", "mancer", "meganova-ai", "nanogpt", "novita", "openrouter", "pro", "public",
    "route", "siliconflow", "stealth", "switchpoint", "tee", "unsloth", "neuralmagic", "prime-intellect",
    "routers",
})  # fmt: skip


def lab_of_name(slug: str) -> KnownLab | None:
    """The lab whose models begin like that."""
    # "llama-3.1-nemotron" begins like Meta's and is NVIDIA's: whoever tuned it last made it.
    if "nemotron" in slug:
        return BY_OWNER["nvidia"]
    return next((lab for pattern, lab in _PATTERNS if pattern.match(slug)), None)
