"""The invented company's Claude use: every special case is there, and its prices are the published ones."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices.data import providers

from demo import anthropic_directory as d
from demo import constants as c
from demo.anthropic_habits import claude_use
from demo.anthropic_use import HAIKU, OPUS, PRICES, SONNET, UNPRICED, Caller, ClaudeUse, Tokens, Use
from demo.company import Company

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def claude(company: Company) -> ClaudeUse:
    return claude_use(company)


@pytest.fixture(scope="module")
def uses(claude: ClaudeUse) -> list[Use]:
    return [use for day in claude.final.values() for use in day.uses]


def test_two_builds_are_equal(company: Company, claude: ClaudeUse) -> None:
    assert claude_use(company) == claude


def test_size(claude: ClaudeUse, uses: list[Use]) -> None:
    assert 1000 < len(uses) < 4000
    assert 20 <= len(claude.directory.users) <= 28
    assert tuple(claude.final) == c.DAYS


@pytest.mark.parametrize("model", [model for model in PRICES if model != UNPRICED])
def test_prices_are_those_of_the_price_library(model: str) -> None:
    known = next(provider for provider in providers if provider.id == "anthropic").models
    found = next(one for one in known if one.match.is_match(model))
    # Where the library has dated prices, the last ones began in March, before the company's first day.
    price = found.prices[-1].prices if isinstance(found.prices, list) else found.prices
    ours = PRICES[model]
    assert ours.key == f"anthropic/{found.id}"
    assert (ours.input_uncached, ours.cache_read, ours.output) == (
        price.input_mtok,
        price.cache_read_mtok,
        price.output_mtok,
    )
    assert (ours.cache_write_5m, ours.cache_write_1h) == (price.cache_write_mtok, price.cache_write_1h_mtok)


def test_unpriced_model_is_unknown_to_the_price_library(uses: list[Use]) -> None:
    known = next(provider for provider in providers if provider.id == "anthropic").models
    assert not any(one.match.is_match(UNPRICED) for one in known)
    assert {use.account for use in uses if use.model == UNPRICED} == {d.CONSOLE, d.ENTERPRISE}


@pytest.mark.parametrize(
    ("model", "tier", "geo", "cents"),
    [
        # 1,000,000 uncached input and 200,000 output tokens, by hand.
        (SONNET, "standard", "global", "600"),
        (SONNET, "standard", "us", "660"),
        (SONNET, "batch", "global", "300"),
        (SONNET, "batch", "us", "330"),
        (HAIKU, None, None, "200"),
        (OPUS, None, "global", "1000"),
    ],
)
def test_value_by_tier_and_geography(model: str, tier: str | None, geo: str | None, cents: str) -> None:
    tokens = Tokens(input_uncached=1_000_000, output=200_000)
    use = Use(d.CONSOLE, NOON, Caller(), "messages_api", model, tokens, service_tier=tier, inference_geo=geo)
    assert sum(part.list_cents for part in use.cost_parts) == Decimal(cents)


def test_cache_writes_have_two_prices() -> None:
    tokens = Tokens(cache_read=1_000_000, cache_write_5m=1_000_000, cache_write_1h=1_000_000)
    use = Use(d.CONSOLE, NOON, Caller(), "messages_api", OPUS, tokens)
    assert [part.list_cents for part in use.cost_parts] == [50, 625, 1000]


def test_special_uses(uses: list[Use]) -> None:
    assert {use.service_tier for use in uses} == {"standard", "batch", None}
    assert {use.context_window for use in uses} == {"0-200k", "200k-1M", None}
    assert {use.inference_geo for use in uses} == {"global", "us", None}
    assert any(use.service_tier == "batch" and use.inference_geo == "us" for use in uses)
    assert {part.cost_type for use in uses for part in use.cost_parts} == {
        *("tokens", "web_search", "code_execution", "session_usage")
    }
    assert any(use.tokens.cache_write_5m and use.tokens.cache_write_1h for use in uses)
    assert any(use.is_refused and use.tokens.output and not use.cost_parts for use in uses)
    assert {None, "other", "chat", "claude_code", "claude_console"} < {use.product for use in uses}


def test_special_callers(claude: ClaudeUse, uses: list[Use]) -> None:
    keys = {use.caller.api_key_id for use in uses}
    assert keys == {None, *(key.id for key in d.API_KEYS)}
    assert {use.day <= d.ARCHIVED_KEY.last_use for use in uses if use.caller.api_key_id == d.ARCHIVED_KEY.id} == {True}
    both = {use.caller.api_key_id for use in uses if use.caller.user_id and use.caller.api_key_id}
    assert both == {d.NOTEBOOK_KEY.id}
    interactive = {use.product for use in uses if use.caller.api_key_id == d.INTERACTIVE_PROD_KEY.id}
    assert interactive == {"messages_api", "claude_code"}
    assert {use.caller.hidden for use in uses} == {None, 1, 2, 3, 4, 5}
    assert any(use.caller == Caller() and use.product == "claude_console" for use in uses)
    left = claude.directory.seat(d.LEFT_SEAT)
    assert any(use.day > c.LEFT_LAST_DAY for use in uses if use.caller.user_id == left.user_id)
    moved = {use.day >= c.MOVED_ON for use in uses if use.caller.user_id == claude.directory.seat(d.MOVED_SEAT).user_id}
    assert moved == {True, False}


def test_special_users(company: Company, claude: ClaudeUse) -> None:
    users = claude.directory.users
    assert len({user.user_id for user in users}) == len(users)
    deleted = claude.directory.seat(d.DELETED_USER)
    assert (deleted.name, deleted.email, deleted.is_deleted) == ("Deleted User", None, True)
    assert claude.directory.seat(d.SHARED_OUTSIDER_EMAIL).person_id is None
    people = [user.person_id for user in users if user.person_id]
    assert sum(people.count(person) == 2 for person in set(people)) == 1
    for user in users:
        if user.person_id and user.email:
            assert user.email.lower() in company.person_by_id[user.person_id].emails


def test_tags() -> None:
    tagged = {tag.principal_key for tag in d.ANTHROPIC_KEY_TAGS}
    assert {key.name for key in d.API_KEYS if key.id not in tagged} == {"github-actions-review-bot", "laptop-shell"}
    kinds = {tag.principal_key: tag.principal_kind for tag in d.ANTHROPIC_KEY_TAGS}
    assert kinds[d.SHARED_KEY.id] == "shared_key"
    assert kinds[d.NOTEBOOK_KEY.id] == "human_api_key"


def test_restated_day(claude: ClaudeUse) -> None:
    first, last = (claude.day(c.RESTATED_DAY, as_of) for as_of in (c.FIRST_AS_OF, c.AS_OF))
    for account in (d.CONSOLE, d.ENTERPRISE):
        before = {(use.at, use.caller, use.model): use for use in first.uses if use.account == account}
        after = {(use.at, use.caller, use.model): use for use in last.uses if use.account == account}
        assert set(after) < set(before)
        assert any(before[key].tokens != after[key].tokens for key in after)
    assert [work.counts for work in first.works] != [work.counts for work in last.works]


def test_today_so_far(claude: ClaudeUse) -> None:
    today = claude.day(c.FIRST_AS_OF, c.FIRST_AS_OF)
    whole = claude.day(c.FIRST_AS_OF, c.AS_OF)
    assert len(today.uses) < len(whole.uses)
    assert not claude.day(c.LAST_DAY, c.FIRST_AS_OF).uses
