"""Each special case of the company's OpenAI use exists and is what its name says."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from genai_prices.data import providers
from genai_prices.types import ConditionalPrice, ModelPrice, StartDateConstraint, TieredPrices

from demo import constants as c
from demo import openai_accounts as a
from demo.company import Company
from demo.openai_costs import costs
from demo.openai_prices import MODEL_KEYS, PRICES
from demo.openai_records import ENDPOINTS
from demo.openai_rows import Use
from demo.openai_use import IDLE_DAY, IDLE_ROW_DAY, OpenaiUse, build_openai_use
from demo.openai_workloads import FINE_TUNED, VOICE


@pytest.fixture(scope="module")
def use(company: Company) -> OpenaiUse:
    return build_openai_use(company)


@pytest.fixture(scope="module")
def rows(use: OpenaiUse) -> list[Use]:
    return [row for day in c.DAYS for row in use.final[day]]


def test_two_builds_are_equal(company: Company, use: OpenaiUse) -> None:
    assert build_openai_use(company) == use


def test_size(use: OpenaiUse, rows: list[Use]) -> None:
    assert (len(a.PROJECTS), len(a.KEYS), len(use.members)) == (8, 12, 15)
    assert 1500 < len(rows) < 5000
    assert {row.endpoint for row in rows} == ENDPOINTS.keys()
    assert sum(project.archived_on is not None for project in a.PROJECTS) == 1


def test_rows_differ_in_their_groups(rows: list[Use]) -> None:
    keys = Counter((row.endpoint, row.day, *map(row.group, ENDPOINTS[row.endpoint].groups)) for row in rows)
    assert set(keys.values()) == {1}


def test_members_are_people_of_the_roster_but_one(company: Company, use: OpenaiUse) -> None:
    strangers = [member.email for member in use.members if member.person_id is None]
    assert strangers == [a.UNKNOWN_EMAIL]
    for member in (*use.members, *a.codex_members(company)):
        if member.person_id:
            assert member.email.lower() in company.person_by_id[member.person_id].emails
    assert any(member.email != member.email.lower() for member in use.members)


def test_ids_of_both_accounts_differ(company: Company, use: OpenaiUse) -> None:
    ids = [member.user_id.lower() for member in (*use.members, *a.codex_members(company))]
    ids += [a.REMOVED_USER_ID.lower(), a.CODEX_WITHOUT_EMAIL_ID.lower()]
    assert len(ids) == len(set(ids))


def test_who_uses_it(rows: list[Use]) -> None:
    completions = [row for row in rows if row.endpoint == "completions" and row.is_use]
    assert any(row.user_id and not row.api_key_id for row in completions)
    assert any(row.api_key_id and not row.user_id for row in completions)
    assert any(not row.api_key_id and not row.user_id for row in completions)
    assert {row.api_key_id for row in completions if row.api_key_id} == {key.key_id for key in a.KEYS} - {
        a.EMBEDDING_KEY.key_id,
        a.UNUSED_KEY.key_id,
    }
    lena = [row.day for row in rows if row.user_id == a.LENA_ID]
    assert c.LEFT_LAST_DAY < max(lena) <= c.LEFT_LAST_USE
    erik = [row.day for row in rows if row.user_id == a.ERIK_ID]
    assert min(erik) < c.EARLY_FIRST_PERIOD_DAY < max(erik)
    momo = [row.day for row in rows if row.user_id == a.MOMO_ID]
    assert min(momo) < c.MOVED_ON < max(momo)
    assert any(row.user_id == a.REMOVED_USER_ID for row in rows)
    pilot = [row.day for row in rows if row.api_key_id == a.PILOT_KEY.key_id]
    assert max(pilot) < a.PROJECT_ARCHIVED_ON


def test_kinds_of_rows(rows: list[Use]) -> None:
    completions = [row for row in rows if row.endpoint == "completions"]
    assert {row.service_tier for row in completions} == {"default", "flex", "priority", "incentivized-tier", ""}
    assert any(row.batch for row in completions)
    assert any(not row.in_full for row in completions)
    tokens = [row.tokens for row in completions if row.tokens]
    for name in ("audio", "image", "cached_text", "cached_audio", "cache_write", "output_audio"):
        assert any(getattr(each, name) for each in tokens), name
    assert not any(row.tokens and row.tokens.cache_write for row in completions if not row.in_full)
    assert {row.model for row in completions if row.model and row.model not in MODEL_KEYS} == {FINE_TUNED, VOICE}


def test_idle_days(use: OpenaiUse) -> None:
    assert use.final[IDLE_DAY] == ()
    (row,) = use.final[IDLE_ROW_DAY]
    assert (row.model, row.service_tier, row.is_use) == ("", "", False)


def test_restated_day(use: OpenaiUse) -> None:
    first, later = (use.uses(c.RESTATED_DAY, as_of) for as_of in (c.FIRST_AS_OF, c.AS_OF))
    assert len(first) < len(later)
    assert sum(row.requests for row in first) < sum(row.requests for row in later)
    told, final = (use.codex_days(c.RESTATED_DAY, as_of) for as_of in (c.FIRST_AS_OF, c.AS_OF))
    assert len(told) == len(final) - 1
    others = [day for day in c.DAYS if day != c.RESTATED_DAY and day < c.FIRST_AS_OF]
    assert all(use.uses(day, c.FIRST_AS_OF) == use.uses(day, c.AS_OF) for day in others)


def test_today_is_not_over(use: OpenaiUse) -> None:
    assert 0 < len(use.uses(c.FIRST_AS_OF, c.FIRST_AS_OF)) < len(use.final[c.FIRST_AS_OF])
    assert use.uses(date(2026, 10, 18), c.FIRST_AS_OF) == ()
    assert use.codex_days(c.FIRST_AS_OF, c.FIRST_AS_OF) == ()


def test_codex(use: OpenaiUse) -> None:
    rows = [row for day in c.DAYS for row in use.codex_final[day]]
    assert min(row.day for row in rows) == a.CODEX_FIRST_DAY
    assert {row.user_id for row in rows if row.email is None} == {a.CODEX_WITHOUT_EMAIL_ID}
    assert {row.user_id for row in rows if row.models is None} == {a.CODEX_WITHOUT_EMAIL_ID}
    assert {row.turns > 0 for row in rows} == {True, False}
    assert {model.speed for row in rows for model in row.models or ()} == {"standard", "fast"}


def test_tags() -> None:
    tagged = {tag.principal_key: tag for tag in a.OPENAI_KEY_TAGS}
    assert tagged.keys() < {key.key_id for key in a.KEYS}
    assert [key for key, tag in tagged.items() if tag.principal_kind == "shared_key"] == [a.SHARED_KEY.key_id]
    assert any(not tag.owner_team and tag.principal_kind != "shared_key" for tag in tagged.values())


def test_prices_are_those_of_the_public_list() -> None:
    (openai,) = (provider for provider in providers if provider.id == "openai")
    listed = {f"openai/{model.id}": model for model in openai.models}
    for key, prices in PRICES.items():
        told = listed[key].prices
        dated = [ConditionalPrice(prices=told)] if isinstance(told, ModelPrice) else told
        assert len(dated) == len(prices)
        for public, price in zip(dated, prices, strict=True):
            assert _base(public.prices.input_mtok) == price.input_uncached
            assert _base(public.prices.cache_read_mtok) == price.cache_read
            assert _base(public.prices.cache_write_mtok) == price.cache_write
            assert _base(public.prices.output_mtok) == price.output
            if isinstance(public.constraint, StartDateConstraint):
                assert public.constraint.start_date == price.valid_from


def test_batch_and_flex_are_half_of_the_public_list() -> None:
    (openai,) = (provider for provider in providers if provider.id == "openai")
    listed = {f"openai/{model.id}": model for model in openai.models}
    for key, tiers in (
        ("openai/gpt-5", {"batch", "flex"}),
        ("openai/gpt-5-mini", {"flex"}),
        ("openai/gpt-5-nano", {"batch"}),
    ):
        variants = {next(iter(variant.when.values())): variant.prices for variant in listed[key].price_variants or ()}
        for tier in tiers:
            assert variants[tier].input_mtok * 2 == PRICES[key][0].input_uncached
            assert variants[tier].cache_read_mtok * 2 == PRICES[key][0].cache_read
            assert variants[tier].output_mtok * 2 == PRICES[key][0].output
    assert not any(
        variant.when == {"service_tier": "priority"} for variant in listed["openai/gpt-5-nano"].price_variants or ()
    )


def test_models_are_recognised_as_the_public_list_does() -> None:
    (openai,) = (provider for provider in providers if provider.id == "openai")
    for name, key in MODEL_KEYS.items():
        found = openai.find_model(name)
        assert found is not None
        assert f"openai/{found.id}" == key
    for name in (FINE_TUNED, VOICE, "gpt-codex-preview"):
        assert openai.find_model(name) is None


def _base(price: Decimal | TieredPrices | None) -> Decimal | None:
    return price.base if isinstance(price, TieredPrices) else price


def test_costs(use: OpenaiUse) -> None:
    lines = [line for day in c.DAYS for line in costs(day, use.uses(day, c.AS_OF))]
    assert {line.line_item for line in lines if line.amount < 0} == {"Promotional credit"}
    assert {line.unit for line in lines} == {
        *("tokens", "images", "characters", "duration_minutes", "gibibyte_hours", None)
    }
    assert any(line.api_key_id is None for line in lines)
    assert not costs(IDLE_DAY, use.uses(IDLE_DAY, c.AS_OF))
    tokens = [line for line in lines if line.line_item == "gpt-5-2025-08-07 batch, Input"]
    assert all(line.amount == line.quantity * Decimal("0.000000625") for line in tokens if line.quantity)
