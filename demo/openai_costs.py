"""What OpenAI charges the invented company: its own figures, which the ledger keeps beside the list value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.openai_prices import list_value
from demo.openai_rows import Tokens, Use

FREE_TIER = "incentivized-tier"
# What is not on the list: any token of a model that has no public price, and priority as a multiple of the list price.
PRIVATE_MODEL_PRICE = Decimal("1.5") / 1_000_000
PRIORITY_FACTOR = 2
TOKEN_LINES = {
    "input_uncached": "Input",
    "cache_read": "Cached input",
    "cache_write": "Cache write",
    "output": "Output",
}
CREDIT = Decimal(-25)
SECONDS_PER_MINUTE, HOURS_PER_DAY, GIBIBYTE = 60, 24, 2**30
PRECISION = Decimal("0.0000000001")


@dataclass(frozen=True)
class Cost:
    """A line of the costs of a day; its text is all that tells the model."""

    day: date
    project_id: str | None
    api_key_id: str | None
    line_item: str
    amount: Decimal
    quantity: Decimal | None = None
    unit: str | None = None


def costs(day: date, uses: Iterable[Use]) -> list[Cost]:
    """The day's lines, one per project, key and text; on the first of a month there is a credit as well."""
    sums: dict[tuple[str | None, str | None, str, str | None], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 2)
    for use in uses:
        for text, unit, amount, quantity in _lines(use):
            key = (use.project_id, use.api_key_id, text, unit)
            sums[key] = [sums[key][0] + amount, sums[key][1] + quantity]
    lines = [
        Cost(day, project, key, text, amount, quantity if unit else None, unit)
        for (project, key, text, unit), (amount, quantity) in sums.items()
    ]
    if day.day == 1:
        lines.append(Cost(day, None, None, "Promotional credit", CREDIT))
    return lines


def _lines(use: Use) -> Iterator[tuple[str, str | None, Decimal, Decimal]]:
    """Text, unit, amount and quantity."""
    if use.tokens and use.service_tier != FREE_TIER:
        yield from _token_lines(use, use.tokens)
    elif use.amount:
        text, unit, price, divisor = AMOUNT_LINES[use.endpoint]
        quantity = (Decimal(use.amount) / divisor).quantize(PRECISION)
        yield text.format(model=use.model), unit, (quantity * price).quantize(PRECISION), quantity


def _token_lines(use: Use, tokens: Tokens) -> Iterator[tuple[str, str, Decimal, Decimal]]:
    for token_type, count in tokens.by_type.items():
        if not count or use.endpoint == "moderations":
            continue
        is_priority = use.tier == "priority"
        listed = list_value(str(use.model), token_type, count, use.day, None if is_priority else use.tier)
        value = count * PRIVATE_MODEL_PRICE if listed is None else listed
        amount = value * PRIORITY_FACTOR if is_priority else value
        model = f"{use.model} batch" if use.batch else str(use.model)
        yield f"{model}, {TOKEN_LINES[token_type]}", "tokens", amount, Decimal(count)


# Text, unit, price of one and how many of what the endpoint counts make one.
AMOUNT_LINES: dict[str, tuple[str, str | None, Decimal, int]] = {
    "images": ("{model}, Images", "images", Decimal("0.04"), 1),
    "audio_speeches": ("{model}, Text to speech", "characters", Decimal("0.000015"), 1),
    "audio_transcriptions": ("{model}, Transcription", "duration_minutes", Decimal("0.006"), SECONDS_PER_MINUTE),
    "vector_stores": ("File search storage", "gibibyte_hours", Decimal("0.004"), GIBIBYTE // HOURS_PER_DAY),
    "code_interpreter_sessions": ("Code interpreter sessions", None, Decimal("0.03"), 1),
    "file_search_calls": ("File search tool calls", None, Decimal("0.0025"), 1),
    "web_search_calls": ("Web search tool calls", None, Decimal("0.01"), 1),
}
