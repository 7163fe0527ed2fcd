"""What a call costs: a dated price table and arithmetic that never guesses low."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

# First-party list prices as models.dev showed them on that day (anomalyco/models.dev, commit f3fc6922,
# providers/mistral/models/*.toml, MIT). A new table gets a new date, because receipts name the one they used.
PRICE_TABLE = "2026-07-02"

# USD per 1,000,000 tokens: input, output. No cached-input price was listed. Left out on purpose: models that
# do not chat, and free trial models, whose price of nothing would be the first to be wrong.
_LISTED = {
    "codestral-latest": ("0.30", "0.90"),
    "devstral-2512": ("0.40", "2.00"),
    "devstral-latest": ("0.40", "2.00"),
    "devstral-medium-2507": ("0.40", "2.00"),
    "devstral-medium-latest": ("0.40", "2.00"),
    "devstral-small-2505": ("0.10", "0.30"),
    "devstral-small-2507": ("0.10", "0.30"),
    "magistral-medium-latest": ("2.00", "5.00"),
    "magistral-small": ("0.50", "1.50"),
    "ministral-3b-latest": ("0.04", "0.04"),
    "ministral-8b-latest": ("0.10", "0.10"),
    "mistral-large-2411": ("2.00", "6.00"),
    "mistral-large-2512": ("0.50", "1.50"),
    "mistral-large-latest": ("0.50", "1.50"),
    "mistral-medium-2505": ("0.40", "2.00"),
    "mistral-medium-2508": ("0.40", "2.00"),
    "mistral-medium-2604": ("1.50", "7.50"),
    "mistral-medium-latest": ("0.40", "2.00"),
    "mistral-nemo": ("0.15", "0.15"),
    "mistral-small-2506": ("0.10", "0.30"),
    "mistral-small-2603": ("0.15", "0.60"),
    "mistral-small-latest": ("0.15", "0.60"),
    "open-mistral-7b": ("0.25", "0.25"),
    "open-mistral-nemo": ("0.15", "0.15"),
    "open-mixtral-8x7b": ("0.70", "0.70"),
    "open-mixtral-8x22b": ("2.00", "6.00"),
    "pixtral-12b": ("0.15", "0.15"),
    "pixtral-large-latest": ("2.00", "6.00"),
}

PER_TOKENS = Decimal(1_000_000)
SMALLEST = Decimal("0.000001")  # USD; what the books can hold
TEMPLATE_TOKENS = 64  # what a chat template puts around the messages
BATCH_SHARE = Decimal("0.5")  # of the price: what a call costs in a batch job


@dataclass(frozen=True, slots=True)
class Price:
    """USD per 1,000,000 tokens. `note` is empty when the model itself is in the table."""

    usd_in: Decimal
    usd_out: Decimal
    usd_cached: Decimal | None = None  # None: cached input is charged as any other
    note: str = ""


PRICES = {model: Price(Decimal(usd_in), Decimal(usd_out)) for model, (usd_in, usd_out) in _LISTED.items()}


def is_listed(model: str) -> bool:
    """The table names this very model; a `-latest` name does not say which model it is."""
    return model in PRICES and not model.endswith("-latest")


def price(model: str) -> Price:
    """The model's price, or one that is not lower: the dearest it could mean."""
    if is_listed(model):
        return PRICES[model]
    # Listed as `mistral-medium-latest` was a model at a quarter of the price of the one that followed it: an
    # alias moves, a table does not.
    family = model.removesuffix("-latest")
    relatives = [known for name, known in PRICES.items() if name == model or name.startswith(f"{family}-")]
    if model.endswith("-latest") and relatives:
        return _dearest(relatives, f"{model} is an alias: charged as the dearest {family}")
    return _dearest(list(PRICES.values()), f"{model} is not in the price table: charged as the dearest in it")


def cost(tokens_in: int, tokens_out: int, tokens_cached: int, model: str) -> Decimal:
    """USD of one call, rounded up. `tokens_cached` are among `tokens_in`."""
    return charge(tokens_in, tokens_out, tokens_cached, price(model))


def charge(tokens_in: int, tokens_out: int, tokens_cached: int, at: Price) -> Decimal:
    """The same at a price that somebody else knows."""
    cached = min(max(tokens_cached, 0), max(tokens_in, 0)) if at.usd_cached is not None else 0
    usd = (
        (max(tokens_in, 0) - cached) * at.usd_in
        + cached * (at.usd_cached or Decimal(0))
        + max(tokens_out, 0) * at.usd_out
    ) / PER_TOKENS
    return usd.quantize(SMALLEST, rounding=ROUND_UP)


def in_batch(usd: Decimal) -> Decimal:
    """What a call costs in a batch job, rounded up."""
    return (usd * BATCH_SHARE).quantize(SMALLEST, rounding=ROUND_UP)


def reserve(prompt_chars: int, max_tokens: int, model: str) -> Decimal:
    """The most a call can cost, in USD.

    Prose runs at four characters a token, but digits, code and rare letters come down to one, and a
    reservation that can be exceeded is none. Count non-ASCII text in UTF-8 bytes.
    """
    return cost(prompt_chars + TEMPLATE_TOKENS, max_tokens, 0, model)


def _dearest(prices: list[Price], note: str) -> Price:
    return Price(max(p.usd_in for p in prices), max(p.usd_out for p in prices), None, note)
