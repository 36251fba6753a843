"""The ledger against the ground truths: every row of every fact of Anthropic, Cursor and OpenAI, and the teams' totals.

Copilot's rows are compared in test_ledger_github_copilot.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from demo.constants import AS_OF
from demo.cursor_truth import hours
from tests.end_to_end import truths as t
from tests.end_to_end.truths import Expected, assert_equal, keyed, known_sum, off_by, picked
from tests.end_to_end.workbench import Ask, Row, mart

pytestmark = pytest.mark.xdist_group("demo")

by_vendor = pytest.mark.parametrize("vendor", t.TRUTHS)


@by_vendor
def test_credits_equal_the_truth(ask: Ask, expected: Expected, vendor: str) -> None:
    """Every day, account, principal, product and unit: whose, on what basis, of how many records, how much."""
    rows, off = expected.credit_rows(vendor, AS_OF)
    columns = (*t.CREDITS, *t.CREDIT_COUNTS)
    found = keyed(picked(mart(ask, "core.fct_credits_daily"), (*columns, *t.CREDIT_AMOUNTS), vendor), len(columns))
    assert len(rows) > 1_000
    assert_equal(rows, found, off)


@by_vendor
def test_tokens_equal_the_truth(ask: Ask, expected: Expected, vendor: str) -> None:
    """Every day, account, principal, product, model and class: whose, how many, and their value at list prices."""
    rows = expected.token_rows(vendor, AS_OF)
    found = keyed(picked(mart(ask, "core.fct_tokens_daily"), (*t.TOKENS, "list_value_usd"), vendor), len(t.TOKENS))
    assert len(rows) > 1_000
    assert_equal(rows, found, t.ROUNDED_SUM * t.TIERS)


@by_vendor
def test_activity_equals_the_truth(ask: Ask, expected: Expected, vendor: str) -> None:
    """Every day, account and principal: what the vendor counts, and NULL for what it does not."""
    rows = expected.activity_rows(vendor, AS_OF)
    columns = (*t.ACTIVITY, *t.ACTIVITY_COUNTS)
    found = keyed(picked(mart(ask, "core.fct_activity_daily"), columns, vendor), len(t.ACTIVITY))
    assert len(rows) > 500
    assert_equal(rows, found, Decimal(0))


@by_vendor
def test_team_credits_equal_the_truth(ask: Ask, expected: Expected, vendor: str) -> None:
    rows, off = expected.team_rows(vendor, AS_OF)
    key = ("usage_date", "vendor", "team_key", "principal_kind", "credit_unit")
    counts = ("people", "principals", "principals_without_credits", "unpriced_records")
    names = (*key, *t.CREDIT_AMOUNTS, *counts)
    found = keyed(picked(mart(ask, "core.fct_team_credits_daily"), names, vendor), len(key))
    assert_equal(rows, found, off)


def test_hours_equal_the_truth_and_add_up_to_the_day(ask: Ask, expected: Expected) -> None:
    rows = keyed(
        (
            (
                *(hour.usage_hour.replace(tzinfo=None), "cursor", hour.account_id, hour.product),
                *(expected.key(hour.principal), "usd", hour.principal.kind, hour.records, hour.unpriced_records),
                *(hour.credits, hour.credits),
            )
            for hour in hours(expected.company, AS_OF)
        ),
        9,
    )
    columns = (
        *("usage_hour", "vendor", "account_id", "product", "principal_key", "credit_unit", "principal_kind"),
        *("records", "unpriced_records", "credits", "usage_value_usd"),
    )
    found = keyed(picked(mart(ask, "core.fct_credits_hourly"), columns), 9)
    assert_equal(rows, found, {key: off_by("cursor", key[7]) for key in rows})

    days: dict[Row, list[Row]] = defaultdict(list)
    for (hour, *about, records, unpriced), amounts in ((key, found[key]) for key in found):
        days[hour.date(), *about].append((records, unpriced, *amounts))
    summed = {
        (*key, sum(part[0] for part in parts), sum(part[1] for part in parts)): (
            known_sum(part[2] for part in parts),
            known_sum(part[3] for part in parts),
        )
        for key, parts in days.items()
    }
    columns = ("usage_date", *columns[1:])
    daily = keyed(picked(mart(ask, "core.fct_credits_daily"), columns, "cursor"), 9)
    # Both are rounded from the same cents: the day once, each of its hours once.
    assert_equal(daily, summed, t.ROUNDED_SUM * 25)


def test_the_reporting_clock_is_utc_unless_somebody_says_otherwise(ask: Ask) -> None:
    assert ask("""
        select count(*) from core.fct_credits_hourly
        where reporting_date <> cast(usage_hour as date) or reporting_hour <> extract(hour from usage_hour)
    """) == [(0,)]
