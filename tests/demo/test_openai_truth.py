"""OpenAI's ground truth follows the ledger's rules; amounts worked out by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from demo import constants as c
from demo import openai_accounts as a
from demo import openai_truth as truth
from demo.company import Company
from demo.ledger_truth import CreditTruth, Owner
from demo.openai_records import ENDPOINTS, usage_results
from demo.openai_rows import Tokens, Use
from demo.openai_use import IDLE_DAY, IDLE_ROW_DAY, build_openai_use, closed_days

DAY = date(2026, 8, 5)
MILLIONS = Tokens(text=10**6, cached_text=10**6, output_text=10**6)


def used(model: str, tokens: Tokens = MILLIONS, day: date = DAY, **about: object) -> Use:
    row = Use("completions", day, model=model, requests=1, tokens=tokens, service_tier="default", batch=False)
    return replace(row, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "value"),
    [
        (used("gpt-5-2025-08-07"), "11.375"),
        (used("gpt-5-2025-08-07", service_tier=None), "11.375"),
        (used("gpt-5-2025-08-07", batch=True), "5.6875"),
        (used("gpt-5-2025-08-07", service_tier="flex"), "5.6875"),
        (used("gpt-5-2025-08-07", service_tier="priority"), None),
        (used("gpt-5-2025-08-07", service_tier="incentivized-tier"), None),
        (used("gpt-5-mini-2025-08-07", Tokens(text=400, image=600)), "0.00025"),
        # A cache write of a model that has no price for it.
        (used("gpt-5-2025-08-07", Tokens(text=500, cached_text=400, cache_write=100)), None),
        (used("gpt-5.6-luna-2026-05-14", Tokens(10**6, cache_write=10**6), date(2026, 7, 29)), "2.25"),
        (used("gpt-5.6-luna-2026-05-14", Tokens(10**6, cache_write=10**6), date(2026, 7, 30)), "0.45"),
        (used("gpt-voice-preview"), None),
        (used("text-embedding-3-small", Tokens(50), endpoint="embeddings", service_tier=None), "0.000001"),
        (used("omni-moderation-latest", Tokens(50), endpoint="moderations", service_tier=None), None),
        (Use("images", DAY, model="dall-e-3", requests=1, amount=1), None),
    ],
)
def test_value_of_a_row(row: Use, value: str | None) -> None:
    assert truth.value(row) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("row", "kind", "identifier", "namespace"),
    [
        (Use("completions", DAY, api_key_id=a.SEARCH_KEY.key_id), "service_account", a.SEARCH_KEY.key_id, None),
        (Use("completions", DAY, api_key_id=a.VOICE_KEY.key_id), "service_account", a.VOICE_KEY.key_id, None),
        (
            Use("completions", DAY, api_key_id=a.EVALUATION_KEY.key_id, user_id=a.user_id(9)),
            *("machine_key", a.EVALUATION_KEY.key_id, None),
        ),
        (Use("completions", DAY, api_key_id=a.SHARED_KEY.key_id), "shared_key", a.SHARED_KEY.key_id, None),
        (Use("completions", DAY, api_key_id=a.NOTEBOOK_KEY.key_id), "human_api_key", a.NOTEBOOK_KEY.key_id, None),
        (Use("completions", DAY, user_id=a.LENA_ID), "human_api_key", a.LENA_ID, "openai_user"),
        (Use("completions", DAY), "unattributed", "unattributed", None),
    ],
)
def test_principal(row: Use, kind: str, identifier: str, namespace: str | None) -> None:
    found = truth.principal(row)
    assert (found.kind, found.identifier, found.namespace) == (kind, identifier, namespace)


@pytest.mark.parametrize(
    ("row", "owner"),
    [
        ({"api_key_id": a.SEARCH_KEY.key_id}, Owner(None, "storefront", None, "CC-110")),
        ({"api_key_id": a.NOTEBOOK_KEY.key_id}, Owner(None, "machine-learning", None, "CC-210")),
        ({"api_key_id": a.STAGING_KEY.key_id}, Owner(reason="no_owner_for_key")),
        ({"api_key_id": a.EVALUATION_KEY.key_id, "user_id": a.user_id(9)}, Owner(reason="no_owner_for_key")),
        ({"api_key_id": a.SHARED_KEY.key_id}, Owner(reason="shared_key")),
        ({"user_id": a.user_id(1)}, Owner("P0001", "payments", None, "CC-100")),
        ({"user_id": a.LENA_ID}, Owner("P0188", "payments", None, "CC-100")),
        ({"user_id": a.LENA_ID, "day": date(2026, 9, 15)}, Owner("P0188", None, "left_company")),
        ({"user_id": a.MOMO_ID}, Owner("P0187", "storefront", None, "CC-110")),
        ({"user_id": a.MOMO_ID, "day": date(2026, 9, 1)}, Owner("P0187", "data-platform", None, "CC-200")),
        ({"user_id": a.ERIK_ID, "day": date(2026, 7, 1)}, Owner("P0189", None, "unmapped_team")),
        ({"user_id": a.CARA_ID}, Owner(reason="unknown_user")),
        ({"user_id": a.REMOVED_USER_ID}, Owner(reason="unknown_user")),
        ({}, Owner(reason="unknown_user")),
    ],
)
def test_owner(company: Company, row: dict[str, object], owner: Owner) -> None:
    use = replace(Use("completions", DAY), **row)  # type: ignore[arg-type]
    assert truth.Owners(company).owner(truth.principal(use), use.day) == owner


@pytest.fixture(scope="module")
def credit_rows(company: Company) -> list[CreditTruth]:
    return truth.credits(company, c.AS_OF)


def test_grain(company: Company, credit_rows: list[CreditTruth]) -> None:
    for as_of in (c.FIRST_AS_OF, c.AS_OF):
        rows = truth.credits(company, as_of)
        keys = {(r.usage_date, r.account_id, r.product, r.principal.identifier, r.credit_unit) for r in rows}
        assert len(keys) == len(rows)
        assert max(row.usage_date for row in rows) == min(c.LAST_DAY, as_of - timedelta(days=1))
        tokens = truth.tokens(company, as_of)
        cells = {(r.usage_date, r.account_id, r.product, r.principal.identifier, r.model, r.token_type) for r in tokens}
        assert len(cells) == len(tokens)
        activity = truth.activity(company, as_of)
        assert len({(r.usage_date, r.account_id, r.principal.identifier) for r in activity}) == len(activity)


def test_unpriced_if_and_only_if_no_value(credit_rows: list[CreditTruth]) -> None:
    assert all((row.usage_value_usd is None) == (row.value_basis == "unpriced") for row in credit_rows)
    assert all(0 <= row.unpriced_records <= row.records for row in credit_rows)
    assert {row.value_basis for row in credit_rows} == {"unpriced", "list_price"}
    assert all((row.owner.team_key is None) != (row.owner.reason is None) for row in credit_rows)


def test_products(credit_rows: list[CreditTruth]) -> None:
    assert {row.product for row in credit_rows if row.credit_unit == "usd"} == ENDPOINTS.keys()
    unpriced = {row.product for row in credit_rows if row.credit_unit == "usd"} - {
        row.product for row in credit_rows if row.usage_value_usd is not None
    }
    assert unpriced == ENDPOINTS.keys() - {"completions", "embeddings"}


def test_priced_beside_unpriced_rows(credit_rows: list[CreditTruth]) -> None:
    support = [row for row in credit_rows if row.principal.identifier == a.SUPPORT_KEY.key_id]
    both = [row for row in support if row.product == "completions" and row.unpriced_records]
    assert both
    assert all((row.records, row.unpriced_records, row.value_basis) == (2, 1, "list_price") for row in both)


def test_idle_days_have_no_rows(company: Company, credit_rows: list[CreditTruth]) -> None:
    idle = {IDLE_DAY, IDLE_ROW_DAY}
    assert idle.isdisjoint(row.usage_date for row in credit_rows)
    assert idle.isdisjoint(row.usage_date for row in truth.activity(company, c.AS_OF))


def test_codex(company: Company, credit_rows: list[CreditTruth]) -> None:
    rows = [row for row in credit_rows if row.credit_unit == "codex_credit"]
    assert {(row.account_id, row.product, row.usage_value_usd) for row in rows} == {
        ("workspace/ws-quill-harbor", "codex", None)
    }
    assert {row.principal.kind for row in rows} == {"human_seat"}
    assert {None, "left_company", "unknown_user"} == {row.owner.reason for row in rows}
    activity = [row for row in truth.activity(company, c.AS_OF) if row.account_id.startswith("workspace/")]
    assert {row.is_active for row in activity} == {True, False}
    assert {row.lines_added is None for row in activity} == {True, False}
    tokens = [row for row in truth.tokens(company, c.AS_OF) if row.product == "codex"]
    assert a.CODEX_WITHOUT_EMAIL_ID not in {row.principal.identifier for row in tokens}
    assert {row.model for row in tokens if row.list_value_usd is None} == {"gpt-codex-preview"}


def test_tokens_add_up_to_the_input_that_openai_tells(company: Company) -> None:
    use = build_openai_use(company)
    told: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for day in closed_days(c.AS_OF):
        for name in ("completions", "embeddings", "moderations"):
            uses = [row for row in use.uses(day, c.AS_OF) if row.endpoint == name and row.is_use]
            for result in usage_results(name, uses, ()):
                told[day, name][0] += result["input_tokens"]
                told[day, name][1] += result.get("output_tokens", 0)
    known: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in truth.tokens(company, c.AS_OF):
        if row.product != "codex":
            known[row.usage_date, row.product][row.token_type == "output"] += row.tokens
    assert known == told


def test_list_values_have_nine_decimals(company: Company) -> None:
    for row in truth.tokens(company, c.AS_OF):
        if row.list_value_usd is not None:
            assert row.list_value_usd == row.list_value_usd.quantize(Decimal("1e-9"))


def test_tokens_and_credits_have_the_same_value(company: Company, credit_rows: list[CreditTruth]) -> None:
    values: dict[tuple[date, str, str], list[Decimal | None]] = defaultdict(list)
    for row in truth.tokens(company, c.AS_OF):
        values[row.usage_date, row.product, row.principal.identifier].append(row.list_value_usd)
    for row in credit_rows:
        parts = values[row.usage_date, row.product, row.principal.identifier]
        if row.credit_unit == "usd" and row.unpriced_records == 0:
            assert row.usage_value_usd == sum(part for part in parts if part is not None)


def test_restated(company: Company) -> None:
    first, later = (
        sum(row.usage_value_usd or 0 for row in truth.credits(company, as_of) if row.usage_date == c.RESTATED_DAY)
        for as_of in (c.FIRST_AS_OF, c.AS_OF)
    )
    assert 0 < first < later
