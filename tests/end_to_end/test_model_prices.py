"""The price book of the demo: one price per model, class, tier and day, and those that somebody looked up by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from demo.constants import AS_OF, FIRST_DAY
from tests.end_to_end.workbench import Ask

pytestmark = pytest.mark.xdist_group("demo")

PRICES = "core.model_prices_daily"
SONNET, NEW_SONNET, HAIKU, OPUS = (
    f"anthropic/claude-{name}" for name in ("sonnet-4-6", "sonnet-5", "haiku-4-5", "opus-4-7")
)
GPT, MINI, LUNA, EMBEDDING = (
    f"openai/{name}" for name in ("gpt-5", "gpt-5-mini", "gpt-5.6-luna", "text-embedding-3-small")
)
BEFORE, AFTER = "2026-07-29", "2026-07-30"

# USD per million tokens, as the vendors' price pages had them.
BY_HAND = (
    (SONNET, "input_uncached", "standard", "2026-09-01", "3"),
    (SONNET, "cache_read", "standard", "2026-09-01", "0.3"),
    (SONNET, "cache_write_5m", "standard", "2026-09-01", "3.75"),
    (SONNET, "cache_write_1h", "standard", "2026-09-01", "6"),
    (SONNET, "cache_write", "standard", "2026-09-01", "3.75"),
    (SONNET, "output", "standard", "2026-09-01", "15"),
    (SONNET, "output", "batch", "2026-09-01", "7.5"),
    (SONNET, "cache_write_5m", "batch", "2026-09-01", "1.875"),
    (SONNET, "input_uncached", "us", "2026-09-01", "3.3"),
    (SONNET, "input_uncached", "batch+us", "2026-09-01", "1.65"),
    (NEW_SONNET, "input_uncached", "standard", "2026-09-01", "2"),
    (HAIKU, "cache_write_1h", "standard", "2026-09-01", "2"),
    (HAIKU, "output", "standard", "2026-09-01", "5"),
    (OPUS, "output", "standard", "2026-09-01", "25"),
    (GPT, "input_uncached", "standard", "2026-09-01", "1.25"),
    (GPT, "input_uncached", "batch", "2026-09-01", "0.625"),
    (GPT, "cache_read", "flex", "2026-09-01", "0.0625"),
    (MINI, "output", "flex", "2026-09-01", "1"),
    (EMBEDDING, "input_uncached", "standard", "2026-09-01", "0.02"),
    ("openai/gpt-5.3-codex", "output", "standard", "2026-09-01", "14"),
    ("cursor/composer-2.5", "cache_read", "standard", "2026-09-01", "0.2"),
    # Cheaper from one day to the next, all classes.
    (LUNA, "input_uncached", "standard", BEFORE, "1"),
    (LUNA, "input_uncached", "standard", AFTER, "0.2"),
    (LUNA, "cache_read", "standard", BEFORE, "0.1"),
    (LUNA, "cache_read", "standard", AFTER, "0.02"),
    (LUNA, "cache_write", "standard", BEFORE, "1.25"),
    (LUNA, "cache_write", "standard", AFTER, "0.25"),
    (LUNA, "output", "standard", BEFORE, "6"),
    (LUNA, "output", "standard", AFTER, "1.2"),
    # Whose list has no such price.
    ("openai/moderation", "input_uncached", "standard", "2026-09-01", None),
    (GPT, "cache_write", "standard", "2026-09-01", None),
)


def test_there_is_one_price_for_each_model_class_tier_and_day(ask: Ask) -> None:
    assert (
        ask(f"""
        select model_key, token_type, tier, price_date from {PRICES} group by all having count(*) > 1 limit 3
    """)
        == []
    )


def test_no_day_is_left_out(ask: Ask) -> None:
    days = (AS_OF - FIRST_DAY).days + 1
    found = ask(f"""
        select model_key, token_type, tier, count(*), min(price_date), max(price_date) from {PRICES} group by all
    """)
    assert len(found) > 100
    assert {(count, first, last) for *_, count, first, last in found} == {(days, FIRST_DAY, AS_OF)}


@pytest.mark.parametrize(("model", "token_type", "tier", "day", "usd"), BY_HAND)
def test_a_price_that_was_looked_up_by_hand(
    ask: Ask, model: str, token_type: str, tier: str, day: str, usd: str | None
) -> None:
    found = ask(f"""
        select usd_per_million, price_id is not null from {PRICES}
        where model_key = '{model}' and token_type = '{token_type}' and tier = '{tier}' and price_date = '{day}'
    """)
    assert found == [(None if usd is None else Decimal(usd), usd is not None)]


@pytest.mark.parametrize(("model", "tier"), [(MINI, "incentivized-tier"), ("openai/gpt-5-nano", "priority")])
def test_a_tier_that_has_no_price_takes_none_from_another(ask: Ask, model: str, tier: str) -> None:
    assert ask(f"select count(usd_per_million) from {PRICES} where model_key = '{model}' and tier = '{tier}'") == [(0,)]
    unpriced = ask(f"""
        select count(*) > 20 from core.fct_tokens_daily
        where vendor = 'openai' and model = '{model}' and list_value_usd is null
    """)
    assert unpriced == [(True,)]


def test_a_price_is_never_zero_where_none_is_known(ask: Ask) -> None:
    assert ask(f"select count(*) from {PRICES} where (usd_per_million is null) <> (price_id is null)") == [(0,)]
    assert ask(f"select count(*) from {PRICES} where usd_per_million is null and (price_source is not null)") == [(0,)]


def test_a_filled_gap_says_by_which_rule(ask: Ask) -> None:
    assert ask(f"select count(*) from {PRICES} where is_gap_filled <> (gap_rule is not null)") == [(0,)]
    rules: dict[str, str | None] = dict(
        ask(f"""
        select token_type, max(gap_rule) from {PRICES}
        where model_key = '{SONNET}' and tier = 'standard' and price_date = '2026-09-01' group by token_type
    """)
    )
    assert {kind: rule for kind, rule in rules.items() if rule} == {"cache_write": "cache_write = cache_write_5m"}


def test_tokens_are_valued_at_the_price_that_they_name(ask: Ask) -> None:
    """Every row with one price: tokens times that day's price, to the rounding of its parts."""
    rows = ask(f"""
        select count(*), count(distinct tokens.vendor), max(abs(list_value_usd - tokens * usd_per_million / 1000000))
        from core.fct_tokens_daily as tokens
        inner join {PRICES} as prices
            on tokens.price_id = prices.price_id and tokens.usage_date = prices.price_date
            and tokens.model_key = prices.model_key and tokens.token_type = prices.token_type
        where tokens.price_id is not null
    """)
    count, vendors, off = rows[0]
    assert (count, vendors) == (ask("select count(*) from core.fct_tokens_daily where price_id is not null")[0][0], 3)
    assert off < Decimal("2e-9")


@pytest.mark.parametrize(("day", "usd_per_million"), [(date(2026, 7, 29), "1"), (date(2026, 7, 30), "0.2")])
def test_both_vendors_of_a_model_are_valued_alike(ask: Ask, day: date, usd_per_million: str) -> None:
    """Luna is used through Cursor and from OpenAI itself; on the day of the change both have the new price."""
    found = ask(f"""
        select vendor, sum(list_value_usd) - sum(tokens) * {usd_per_million} / 1000000 from core.fct_tokens_daily
        where model = '{LUNA}' and usage_date = '{day}' and token_type = 'input_uncached' group by vendor
    """)
    assert {vendor for vendor, _ in found} == {"cursor", "openai"}
    assert all(abs(off) < Decimal("1e-8") for _, off in found)


def test_names_of_one_model_are_one_model(ask: Ask) -> None:
    assert ask("select written_names >= 3 from core.dim_model where model_key = 'openai/gpt-5.3-codex'") == [(True,)]
    assert ask("""
        select count(*) from core.fct_tokens_daily where model in ('gpt-5.3-codex-high', 'Premium (Codex 5.3)')
    """) == [(0,)]
