"""What finance must find in the invented company's bills, and that it is what was planted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from demo import billing_contracts as b
from demo import constants as c
from demo.billing_invoices import invoices
from demo.billing_truth import BillingTruth
from demo.company import Company

CENT_OF_A_LINE = Decimal("0.005")


@pytest.fixture(scope="module")
def now(company: Company) -> BillingTruth:
    return BillingTruth(company)


@pytest.fixture(scope="module")
def at_closing(company: Company) -> BillingTruth:
    return BillingTruth(company, c.FIRST_AS_OF)


def test_every_bridge_adds_up_and_only_cents_are_left_over(now: BillingTruth) -> None:
    for one in now.invoices.values():
        assert sum(one.reasons.values(), Decimal(0)) == pytest.approx(one.variance, abs=Decimal("1e-20"))
        if one.invoice.status == "issued":
            rounding = abs(one.reasons.get("rounding", Decimal(0)))
            assert rounding <= CENT_OF_A_LINE * len(one.invoice.lines), one.invoice.invoice_id


def test_the_overcharge_is_the_only_exception(now: BillingTruth) -> None:
    found = {invoice_id: one.status for invoice_id, one in now.invoices.items()}
    assert [name for name, status in found.items() if status == "exception"] == ["OAI-2026-09"]
    assert [name for name, status in found.items() if status == "explained"] == ["CUR-2026-09"]
    assert [name for name, status in found.items() if status == "not_due"] == ["GHE-2026-10"]
    assert set(found.values()) == {"matched_exact", "matched_rounding", "explained", "exception", "not_due"}


def test_when_the_month_was_closed_nothing_was_late(now: BillingTruth, at_closing: BillingTruth) -> None:
    invoice_id = b.COPILOT_ENTERPRISE.invoice_id(b.PLANTED_MONTH)
    assert at_closing.invoices[invoice_id].status == "matched_rounding"
    assert (at_closing.late, now.late) == (0, Decimal("24.40"))
    later, then = (one.billed(b.COPILOT_ENTERPRISE) for one in (now, at_closing))
    assert later - then == Decimal("24.40")


def test_what_was_planted_is_not_small(now: BillingTruth) -> None:
    """By hand: 22 days of 31.25 credits; 186 seats with 150 and 50 credits; 185 seats and 11 of 30 days of one."""
    amounts = {plant.name: plant.amount for plant in now.plants}
    assert amounts["missing user"] == Decimal("6.875")
    assert amounts["included credits"] == Decimal("-279.00")
    assert amounts["promotion"] == Decimal("-93.00")
    assert amounts["seats, one from the 20th"].quantize(Decimal("0.000001")) == Decimal("3521.966667")
    assert amounts["late usage"] == -amounts["late usage, invoiced later"] == Decimal("-24.40")
    assert amounts["credit note"] == Decimal("-45.00")
    assert abs(amounts["overcharge"] - Decimal("300.00")) < Decimal("0.01")
    assert all(amounts.values())


def test_the_discount_changes_in_the_middle_of_the_month(now: BillingTruth) -> None:
    listed = {day: Decimal(0) for day in (15, 16)}
    for charge in now.charges(b.CLAUDE_CONSOLE):
        listed[15 if charge.day.day <= 15 else 16] += charge.listed
    discount, change = now.discount(b.CLAUDE_CONSOLE)
    assert discount == (listed[15] + listed[16]) * Decimal("-0.1")
    assert change == listed[16] * Decimal("-0.05")
    assert now.discount(b.CLAUDE_CONSOLE, date(2026, 8, 1))[1] == 0
    assert b.discount_percent(date(2026, 9, 15)) == 10
    assert b.discount_percent(date(2026, 9, 16)) == 15


def test_the_pool_is_used_up_and_more(now: BillingTruth) -> None:
    pool = now.pool(c.ENTERPRISE)
    assert (pool.seats, pool.size, pool.remainder) == (186, 37_200, 0)
    # What the users used, 22 x 31.25 of one more, and what came late.
    assert pool.overage == Decimal("42485.660558") + Decimal("687.5") + 2440 - 37_200


@pytest.mark.parametrize(
    ("account", "month", "period"),
    [
        (b.CURSOR_TEAM, date(2026, 9, 1), (date(2026, 8, 27), date(2026, 9, 26))),
        (b.CURSOR_TEAM, date(2026, 1, 1), (date(2025, 12, 27), date(2026, 1, 26))),
        (b.CLAUDE_CONSOLE, date(2026, 2, 1), (date(2026, 2, 1), date(2026, 2, 28))),
    ],
)
def test_a_period_ends_in_its_month(account: b.BillingAccount, month: date, period: tuple[date, date]) -> None:
    assert account.period(month) == period
    assert [account.month_of(day) for day in period] == [month, month]


def test_invoices_say_what_their_lines_say(company: Company) -> None:
    found = invoices(company)
    assert len({one.invoice_id for one in found}) == len(found)
    for one in found:
        assert one.net + one.tax == sum(line.amount for line in one.lines)
        assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in one.lines)
    assert {one.account.account_id for one in found} == {
        account.account_id for account in b.BILLING_ACCOUNTS if account.payment_model == "invoice"
    }
