"""What a catalogue's model is: whose, and of which category. Pure guesses from names, made once, here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from comparisons.cards.importing.known_labs import BY_OWNER, BY_PROVIDER, GATEWAYS, KnownLab, lab_of_name
from comparisons.cards.importing.model_ids import owner, slugify

SMALL = 15  # billions of parameters that still run on one consumer card at four bits
_CODE = re.compile(
    r"(^|-)(code|coder|coding|codex)(-|$)|codestral|devstral|starcoder|codegemma|code-?llama|swe-"
)
_EMBEDS = re.compile(r"embed|rerank|^bge-|^voyage|^gte-|^e5-|multilingual-e5")
_BILLIONS = re.compile(r"(?:^|-)e?([0-9]+(?:-[0-9])?)b(?:-|$)")


def lab_of(slug: str, seen: Iterable[tuple[str, str, str, str]]) -> KnownLab:
    """Who made the model, from (model id, family, provider, its name) of each place it was seen in.

    Known owners before the slash outvote the name, the name outvotes the family, an unknown owner comes
    next, and the provider's own name is the last resort.
    """
    seen = list(seen)
    owners = [owner(model_id) for model_id, *_ in seen]
    by_name = lab_of_name(slug)
    votes = Counter(BY_OWNER[whose].slug for whose in owners if whose in BY_OWNER)
    if votes and (by_name is None or by_name.slug not in votes):
        # `meta/…` on a gateway may be a tune of somebody else's: the name agrees, or the majority decides.
        best = min(votes, key=lambda lab: (-votes[lab], lab))
        return next(lab for lab in BY_OWNER.values() if lab.slug == best)
    strangers = Counter(whose for whose in owners if whose not in BY_OWNER and whose not in GATEWAYS)
    if by_name and not (strangers and not votes and len(owners) == sum(strangers.values())):
        return by_name
    families = Counter(found.slug for _, family, *_ in seen if (found := lab_of_name(slugify(family))))
    if families and not strangers:
        best = min(families, key=lambda lab: (-families[lab], lab))
        return next(lab for lab in BY_OWNER.values() if lab.slug == best)
    if strangers:
        return _stranger(min(strangers, key=lambda whose: (-strangers[whose], whose)))
    providers = Counter((provider, name) for *_, provider, name in seen)
    provider, name = min(providers, key=lambda pair: (-providers[pair], pair))
    return BY_PROVIDER[provider][0] if provider in BY_PROVIDER else _stranger(name)


def _stranger(name: str) -> KnownLab:
    return KnownLab(slugify(name)[:80].strip("-") or "unknown", name[:120], "")


def category_of(
    slug: str, open_weights: bool | None, modalities_out: tuple[str, ...], families: Iterable[str]
) -> str:
    """The shelf a card goes to; an editor may always know better."""
    if _EMBEDS.search(slug) or any(_EMBEDS.search(slugify(family)) for family in families):
        return "Embeddings"
    if modalities_out and "text" not in modalities_out:
        return "Image, audio and video"
    if _CODE.search(slug):
        return "Code"
    if open_weights and 0 < billions(slug) <= SMALL:
        return "Small and local"
    return "General"


def billions(slug: str) -> float:
    """The size that a name tells, for the shelf alone: "qwen-3-8b" is 8, "phi-3-mini" 0 for unknown."""
    sizes = [float(size.replace("-", ".")) for size in _BILLIONS.findall(slug)]
    return max(sizes, default=0)
