"""The models that the invented company uses in Cursor, with list prices written down by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MILLION = 1_000_000
# Cursor's own fee on third-party models: $0.25 per million tokens, in cents per token.
FEE_CENTS_PER_TOKEN = Decimal(25) / MILLION


@dataclass(frozen=True)
class Prices:
    """USD per million tokens; None where the list has no such price."""

    input_uncached: Decimal
    cache_read: Decimal
    cache_write: Decimal | None
    output: Decimal

    def of(self, token_type: str) -> Decimal | None:
        """The price of a token type."""
        price: Decimal | None = getattr(self, token_type)
        return price


def prices(plain: str, cache_read: str, cache_write: str | None, output: str) -> Prices:
    """Prices from text."""
    written = None if cache_write is None else Decimal(cache_write)
    return Prices(Decimal(plain), Decimal(cache_read), written, Decimal(output))


@dataclass(frozen=True)
class Model:
    """A model as Cursor calls it.

    `key` is how the ledger calls it, None where no price list knows it. `prices` are those by which Cursor computes
    its model cost, by the day from which they hold; empty where Cursor tells no such cost.
    """

    name: str
    key: str | None
    prices: tuple[tuple[date, Prices], ...]
    weight: int
    is_third_party: bool = True

    def prices_on(self, day: date) -> Prices | None:
        """The prices that hold on a day."""
        return next((found for since, found in reversed(self.prices) if since <= day), None)

    @property
    def caches_writes(self) -> bool:
        """Whether writing into the cache is a token type of its own."""
        return any(found.cache_write is not None for _, found in self.prices)


ALWAYS = date(2026, 1, 1)
LUNA_CHEAPER_FROM = date(2026, 7, 30)
CODEX = ((ALWAYS, prices("1.75", "0.175", None, "14")),)
MODELS = (
    Model(
        "claude-4.6-opus-high-thinking",
        "anthropic/claude-opus-4-6",
        ((ALWAYS, prices("5", "0.5", "6.25", "25")),),
        14,
    ),
    Model("claude-4.6-sonnet", "anthropic/claude-sonnet-4-6", ((ALWAYS, prices("3", "0.3", "3.75", "15")),), 22),
    Model("claude-4.5-haiku", "anthropic/claude-haiku-4-5", ((ALWAYS, prices("1", "0.1", "1.25", "5")),), 4),
    Model("gpt-5.3-codex-high", "openai/gpt-5.3-codex", CODEX, 10),
    Model("Premium (Codex 5.3)", "openai/gpt-5.3-codex", CODEX, 3),
    Model(
        "gpt-5.6-luna-high",
        "openai/gpt-5.6-luna",
        (
            (ALWAYS, prices("1", "0.1", "1.25", "6")),
            (LUNA_CHEAPER_FROM, prices("0.2", "0.02", "0.25", "1.2")),
        ),
        8,
    ),
    Model("composer-2.5", "cursor/composer-2.5", ((ALWAYS, prices("0.5", "0.2", None, "2.5")),), 15, False),
    Model("cursor-grok-4.6-high", "cursor/grok-4.6", ((ALWAYS, prices("2", "0.5", None, "6")),), 4, False),
    Model("default", None, ((ALWAYS, prices("1.25", "0.25", "1.25", "6")),), 18, False),
    Model("harbor-preview-1", None, (), 2, False),
)
MODEL_BY_NAME = {model.name: model for model in MODELS}

# Cursor's names of models that the price list knows under another name.
CURSOR_MODEL_ALIASES: Mapping[str, str] = {model.name: model.key for model in MODELS if model.key}


def model_cents(model: Model, day: date, tokens: Mapping[str, int]) -> Decimal | None:
    """Tokens at the price by which Cursor counts, in cents; None where it has none."""
    found = model.prices_on(day)
    if found is None:
        return None
    usd = sum((number * (found.of(kind) or Decimal(0)) for kind, number in tokens.items()), Decimal(0)) / MILLION
    return usd * 100
