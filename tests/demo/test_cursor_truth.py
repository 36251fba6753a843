"""Cursor's ground truth, checked by hand and against what the server says."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from cursor_client import CursorClient, one_client, window
from genai_prices.data import providers

from demo import constants as c
from demo import cursor_constants as cc
from demo import cursor_truth
from demo.company import AS_OF, FIRST_AS_OF, Company
from demo.cursor_events import PRODUCTS
from demo.cursor_models import CURSOR_MODEL_ALIASES, MODELS
from demo.cursor_truth import human
from demo.cursor_use import cursor_use
from demo.ledger_truth import CreditTruth, TokenTruth

__all__ = ["one_client"]

NORMAL_DAY = date(2026, 9, 15)
D = Decimal


@pytest.fixture(scope="module")
def credit_rows(company: Company) -> list[CreditTruth]:
    return cursor_truth.credits(company, AS_OF)


@pytest.fixture(scope="module")
def token_rows(company: Company) -> list[TokenTruth]:
    return cursor_truth.tokens(company, AS_OF)


def test_credits_of_a_day_counted_by_hand(credit_rows: list[CreditTruth]) -> None:
    """Sonnet: 1,000 x $3 + 20,000 x $0.3 + 2,000 x $3.75 + 400 x $15 a million = 2.25 cents; less 10% is 2.025;
    23,400 tokens at $0.25 a million are a fee of 0.585; so 2.61, three times. Codex: 70.82691192626953 and for
    1,588,584 tokens a fee of 39.7146, together 110.54151192626954 as a double writes it."""
    who = human(cc.CURIOUS_EMAIL)
    rows = {r.product: r for r in credit_rows if (r.usage_date, r.principal) == (cc.CURIOUS_DAY, who)}
    assert {product: (r.credits, r.records, r.unpriced_records) for product, r in rows.items()} == {
        # 12.5 + 8 + 3.5 + 0 (free) + 1.25
        "included": (D("0.2525"), 5, 0),
        # 7.25 + 2.5 + 3 x 2.61 + 110.54151192626954, and one event without a charge
        "on_demand": (D("1.2812151192626954"), 7, 1),
        # the fee alone
        "own_api_key": (D("0.00585"), 1, 0),
        # errored without a charge is 0; 4.75 of a kind that nobody knows; UNSPECIFIED without a charge is unknown
        "other": (D("0.0475"), 4, 1),
    }
    assert {r.value_basis for r in rows.values()} == {"vendor_charge"}
    assert all(r.usage_value_usd == r.credits and r.credit_unit == "usd" for r in rows.values())
    assert {(r.owner.team_key, r.owner.cost_center) for r in rows.values()} == {("storefront", "CC-110")}


def test_tokens_of_a_day_counted_by_hand(token_rows: list[TokenTruth]) -> None:
    who = human(cc.CURIOUS_EMAIL)
    rows = [r for r in token_rows if (r.usage_date, r.principal) == (cc.CURIOUS_DAY, who)]
    told = {(r.product, r.model, r.token_type): (r.tokens, r.list_value_usd) for r in rows}
    assert len(told) == len(rows)
    assert told == {
        ("on_demand", "anthropic/claude-sonnet-4-6", "input_uncached"): (3_000, D("0.009")),
        ("on_demand", "anthropic/claude-sonnet-4-6", "cache_read"): (60_000, D("0.018")),
        ("on_demand", "anthropic/claude-sonnet-4-6", "cache_write"): (6_000, D("0.0225")),
        ("on_demand", "anthropic/claude-sonnet-4-6", "output"): (1_200, D("0.018")),
        ("own_api_key", "anthropic/claude-sonnet-4-6", "input_uncached"): (1_000, D("0.003")),
        ("own_api_key", "anthropic/claude-sonnet-4-6", "cache_read"): (20_000, D("0.006")),
        ("own_api_key", "anthropic/claude-sonnet-4-6", "cache_write"): (2_000, D("0.0075")),
        ("own_api_key", "anthropic/claude-sonnet-4-6", "output"): (400, D("0.006")),
        ("on_demand", "openai/gpt-5.3-codex", "input_uncached"): (222_994, D("0.3902395")),
        ("on_demand", "openai/gpt-5.3-codex", "cache_read"): (1_359_872, D("0.2379776")),
        ("on_demand", "openai/gpt-5.3-codex", "output"): (5_718, D("0.080052")),
        ("on_demand", "harbor-preview-1", "input_uncached"): (1_000, None),
        ("on_demand", "harbor-preview-1", "cache_read"): (20_000, None),
        ("on_demand", "harbor-preview-1", "cache_write"): (2_000, None),
        ("on_demand", "harbor-preview-1", "output"): (400, None),
        ("included", "cursor/composer-2.5", "input_uncached"): (1_000, D("0.0005")),
        ("included", "cursor/composer-2.5", "cache_read"): (20_000, D("0.004")),
    }


@pytest.mark.parametrize("as_of", [FIRST_AS_OF, AS_OF])
def test_server_says_the_same_amounts(company: Company, client: CursorClient, as_of: date) -> None:
    client.server.as_of = as_of
    told: dict[date, Decimal] = defaultdict(Decimal)
    records: dict[date, int] = defaultdict(int)
    for event in client.events(endDate=cc.midnight(as_of) - 1):
        told[cc.utc_day(int(event["timestamp"]))] += D(event.get("chargedCents", 0)) / 100
        records[cc.utc_day(int(event["timestamp"]))] += 1
    truth: dict[date, Decimal] = defaultdict(Decimal)
    counted: dict[date, int] = defaultdict(int)
    for row in cursor_truth.credits(company, as_of):
        truth[row.usage_date] += row.credits or 0
        counted[row.usage_date] += row.records
    assert dict(truth) == dict(told)
    assert dict(counted) == dict(records)
    assert max(truth) == min(as_of.replace(day=as_of.day - 1), c.LAST_DAY)


def test_server_says_the_same_tokens(client: CursorClient, token_rows: list[TokenTruth]) -> None:
    client.server.as_of = AS_OF
    fields = {
        "inputTokens": "input_uncached",
        "cacheReadTokens": "cache_read",
        "cacheWriteTokens": "cache_write",
        "outputTokens": "output",
    }
    told: dict[tuple[str, str], int] = defaultdict(int)
    for event in client.events(**window(NORMAL_DAY)):
        for field, kind in fields.items():
            number = (event.get("tokenUsage") or {}).get(field, 0)
            told[PRODUCTS[event["kind"]], kind] += number
    truth: dict[tuple[str, str], int] = defaultdict(int)
    for row in token_rows:
        if row.usage_date == NORMAL_DAY:
            truth[row.product, row.token_type] += row.tokens
    assert {key: number for key, number in told.items() if number} == dict(truth)


def test_server_says_the_same_activity(company: Company, client: CursorClient) -> None:
    client.server.as_of = AS_OF
    rows = client.days(NORMAL_DAY, NORMAL_DAY, page=1, pageSize=1000)["data"]
    told = {
        row["email"]: (
            row["composerRequests"] + row["chatRequests"] + row["agentRequests"] + row["cmdkUsages"],
            row["totalTabsShown"],
            row["totalTabsAccepted"] + row["totalAccepts"],
            row["acceptedLinesAdded"],
            row["acceptedLinesDeleted"],
            row["isActive"],
        )
        for row in rows
    }
    truth = {
        r.principal.identifier: (
            r.requests,
            r.suggestions,
            r.acceptances,
            r.lines_added,
            r.lines_deleted,
            r.is_active,
        )
        for r in cursor_truth.activity(company, AS_OF)
        if r.usage_date == NORMAL_DAY
    }
    assert told == truth
    assert {values[-1] for values in told.values()} == {True, False}


def test_charge_is_cost_less_discount_plus_fee(client: CursorClient) -> None:
    client.server.as_of = AS_OF
    seen = set()
    for event in client.events(**window(date(2026, 10, 1), date(2026, 10, 12))):
        usage = event.get("tokenUsage") or {}
        if "totalCents" not in usage or "chargedCents" not in event:
            continue
        discount = usage.get("discountPercentOff", 0)
        expected = float(usage["totalCents"]) * (100 - discount) / 100 + float(event.get("cursorTokenFee", 0))
        assert float(event["chargedCents"]) == pytest.approx(expected, abs=1e-6)
        seen.add((discount, "cursorTokenFee" in event))
    assert seen >= {(0, True), (0, False), (10, True), (40, True), (40, False)}


def test_machines_before_people(credit_rows: list[CreditTruth]) -> None:
    kinds = {(r.principal.kind, r.principal.prefix, r.principal.namespace) for r in credit_rows}
    assert kinds == {
        ("human_seat", "", "email"),
        ("service_account", "", None),
        ("cloud_agent", "automation:", None),
        ("cloud_agent", "cloud_agent:", "email"),
        ("unattributed", "", None),
    }
    machines = {r.principal.identifier: r.owner for r in credit_rows if r.principal.kind == "service_account"}
    assert set(machines) == {cc.RUNNER_ACCOUNT[0], cc.REPAIR_ACCOUNT[0]}
    assert {owner.reason for owner in machines.values()} == {"no_owner_for_key"}
    agents = {r.owner for r in credit_rows if r.principal.prefix == "cloud_agent:"}
    assert any(owner.team_key for owner in agents)


def owners(rows: list[CreditTruth], email: str, first: date = c.FIRST_DAY, last: date = c.LAST_DAY) -> set[Any]:
    found = [r for r in rows if r.principal == human(email) and first <= r.usage_date <= last]
    assert found
    return {r.owner.team_key or r.owner.reason for r in found}


def test_owners(credit_rows: list[CreditTruth]) -> None:
    rows = credit_rows
    before = c.MOVED_ON.replace(month=8, day=31)
    assert owners(rows, cc.MOVED_EMAIL, last=before) == {"storefront"}
    assert owners(rows, cc.MOVED_EMAIL, first=c.MOVED_ON) == {"data-platform"}
    assert owners(rows, cc.LEFT_EMAIL) == {"payments", "left_company"}
    assert owners(rows, cc.EARLY_EMAIL) == {"unmapped_team", "storefront"}
    assert owners(rows, cc.MIXED_CASE_EMAIL) == {"storefront"}
    assert owners(rows, cc.SHARED_EMAIL) == {"cursor/contract-crew"}
    assert owners(rows, cc.GROUP_MOVER_EMAIL, last=date(2026, 8, 15)) == {"cursor/design-pool"}
    assert owners(rows, cc.GROUP_MOVER_EMAIL, first=date(2026, 8, 16)) == {"cursor/contract-crew"}
    assert owners(rows, cc.UNKNOWN_EMAIL) == {"unknown_user"}
    dora = {r.owner.person_id for r in rows if r.principal in {human(email) for email in c.TWO_EMAILS}}
    assert len(dora) == 1


def test_shared_email_is_that_of_a_copilot_account_without_roster_person(company: Company) -> None:
    contractor = company.user(c.CONTRACTOR_LOGIN)
    assert (contractor.email, contractor.person_id) == (cc.SHARED_EMAIL, None)
    assert any(cc.SHARED_EMAIL in identity.saml_emails + identity.scim_emails for identity in company.identities)


def test_removed_user_is_nobody_after_the_removal(company: Company) -> None:
    who = human(cc.REMOVED_EMAIL)
    before, after = cursor_truth.credits(company, FIRST_AS_OF), cursor_truth.credits(company, AS_OF)
    assert any(r.principal == who for r in before)
    assert not any(r.principal.kind == "unattributed" for r in before)
    assert not any(r.principal == who for r in after)
    assert {r.owner.reason for r in after if r.principal.kind == "unattributed"} == {"unknown_user"}
    assert any(r.principal == who for r in cursor_truth.activity(company, AS_OF))
    # Young enough that every day of the use is read again on the second as-of day.
    assert all((AS_OF - r.usage_date).days < 35 for r in before if r.principal == who)


def test_unknown_is_not_zero(credit_rows: list[CreditTruth]) -> None:
    assert all((r.credits is None) == (r.value_basis == "unpriced") for r in credit_rows)
    assert all((r.credits is None) == (r.records == r.unpriced_records) for r in credit_rows)
    assert any(r.credits is None for r in credit_rows)
    assert len({(r.usage_date, r.product, r.principal) for r in credit_rows}) == len(credit_rows)


def test_restated_cycle_moves_its_days_only(company: Company) -> None:
    def by_day(as_of: date) -> dict[date, Decimal]:
        days: dict[date, Decimal] = defaultdict(Decimal)
        for row in cursor_truth.credits(company, as_of):
            days[row.usage_date] += row.credits or 0
        return days

    first, final = by_day(FIRST_AS_OF), by_day(AS_OF)
    moved = {day for day in first if first[day] != final[day]}
    assert min(moved) >= cc.CYCLE_START.date()
    assert len(moved) > 15


def test_hours_add_up_to_days(company: Company, credit_rows: list[CreditTruth]) -> None:
    days: dict[date, Decimal] = defaultdict(Decimal)
    for row in cursor_truth.hours(company, AS_OF):
        days[row.usage_hour.date()] += row.credits or 0
    totals: dict[date, Decimal] = defaultdict(Decimal)
    for credit in credit_rows:
        totals[credit.usage_date] += credit.credits or 0
    assert days == totals


def test_cron_rhythm_is_found_in_one_seat_only(company: Company) -> None:
    found = [s for s in cursor_truth.signals(company, AS_OF) if s.signal == "cron_rhythm"]
    assert {s.principal for s in found} == {human(cc.CRON_EMAIL)}
    assert {s.usage_date for s in found} == set(cc.CRON_DAYS)
    assert all(s.records >= 10 for s in found)


def test_activity_lists_every_member_every_day(company: Company) -> None:
    rows = cursor_truth.activity(company, AS_OF)
    assert max(r.usage_date for r in rows) == date(2026, 10, 19)
    assert len({(r.usage_date, r.principal) for r in rows}) == len(rows)
    tab_only = [r for r in rows if r.principal == human(cc.TAB_ONLY_EMAIL) and r.is_active]
    assert tab_only
    assert all(r.requests == 0 and (r.suggestions or 0) > 0 for r in tab_only)
    idle = [r for r in rows if r.principal == human(cc.IDLE_EMAIL)]
    assert len(idle) == 121
    assert {r.is_active for r in idle} == {False}


def test_every_kind_and_model_occurs(company: Company) -> None:
    events = cursor_use(company).final
    assert {event.kind for event in events} == set(PRODUCTS) - {"On-Demand"}
    assert {event.model for event in events} == {model.name for model in MODELS}
    assert set(CURSOR_MODEL_ALIASES) == {model.name for model in MODELS} - {"default", "harbor-preview-1"}


@pytest.mark.parametrize("model", [m for m in MODELS if m.key], ids=lambda m: m.name)
def test_prices_written_by_hand_are_the_librarys(model: Any) -> None:
    provider_id, model_id = model.key.split("/")
    (listed,) = (m for p in providers if p.id == provider_id for m in p.models if m.id == model_id)
    for day in (c.FIRST_DAY, date(2026, 7, 29), date(2026, 7, 30), c.LAST_DAY):
        found = listed.prices
        if isinstance(found, list):
            holding = [p for p in found if p.constraint is None or p.constraint.start_date <= day]
            found = holding[-1].prices
        ours = model.prices_on(day)
        pairs = {
            "input_mtok": ours.input_uncached,
            "cache_read_mtok": ours.cache_read,
            "cache_write_mtok": ours.cache_write,
            "output_mtok": ours.output,
        }
        assert {name: getattr(getattr(found, name), "base", getattr(found, name)) for name in pairs} == pairs
