"""OpenAI's list prices as somebody read them, in USD per million tokens; what is not here has no public price.

Batch and flex cost half the list price. No other tier (priority, tokens given for shared data) has a list price here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MILLION = 1_000_000
HALF = Decimal("0.5")
SHARE_OF_LIST_PRICE = {None: Decimal(1), "default": Decimal(1), "batch": HALF, "flex": HALF}


@dataclass(frozen=True)
class Price:
    """The price of a model from a day on, by token type; None where the model has no such tokens."""

    valid_from: date
    input_uncached: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None


EVER = date(2025, 1, 1)
# The vendor's name of a model to the key under which the ledger keeps it.
MODEL_KEYS = {
    "gpt-5-2025-08-07": "openai/gpt-5",
    "gpt-5-mini-2025-08-07": "openai/gpt-5-mini",
    "gpt-5-nano-2025-08-07": "openai/gpt-5-nano",
    "gpt-5.6-luna-2026-05-14": "openai/gpt-5.6-luna",
    "gpt-5.3-codex": "openai/gpt-5.3-codex",
    "gpt-5.4-mini": "openai/gpt-5.4-mini",
    "text-embedding-3-small": "openai/text-embedding-3-small",
    "omni-moderation-latest": "openai/moderation",
}
PRICES = {
    "openai/gpt-5": (Price(EVER, Decimal("1.25"), Decimal("0.125"), None, Decimal(10)),),
    "openai/gpt-5-mini": (Price(EVER, Decimal("0.25"), Decimal("0.025"), None, Decimal(2)),),
    "openai/gpt-5-nano": (Price(EVER, Decimal("0.05"), Decimal("0.005"), None, Decimal("0.4")),),
    "openai/gpt-5.6-luna": (
        Price(EVER, Decimal(1), Decimal("0.1"), Decimal("1.25"), Decimal(6)),
        Price(date(2026, 7, 30), Decimal("0.2"), Decimal("0.02"), Decimal("0.25"), Decimal("1.2")),
    ),
    "openai/gpt-5.3-codex": (Price(EVER, Decimal("1.75"), Decimal("0.175"), None, Decimal(14)),),
    "openai/gpt-5.4-mini": (Price(EVER, Decimal("0.75"), Decimal("0.075"), None, Decimal("4.5")),),
    "openai/text-embedding-3-small": (Price(EVER, Decimal("0.02")),),
}


def model_key(name: str) -> str:
    """The key of a model, or the vendor's own name of one that nobody knows."""
    return MODEL_KEYS.get(name, name)


def list_value(name: str, token_type: str, tokens: int, day: date, tier: str | None = None) -> Decimal | None:
    """Tokens at the list price of the day; None without one."""
    price = max(
        (price for price in PRICES.get(model_key(name), ()) if price.valid_from <= day),
        key=lambda price: price.valid_from,
        default=None,
    )
    share = SHARE_OF_LIST_PRICE.get(tier)
    per_million: Decimal | None = getattr(price, token_type, None)
    return None if per_million is None or share is None else tokens * per_million * share / MILLION
