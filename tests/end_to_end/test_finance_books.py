"""Seats, chargeback and journals of the demo's September: what finance books, checked against the company's plan."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dlt_pipelines.journal import write_journal
from tests.end_to_end.conftest import Demo
from tests.end_to_end.workbench import Ask

pytestmark = pytest.mark.xdist_group("demo")

SEPTEMBER = date(2026, 9, 1)


def test_a_seat_added_on_the_20th_pays_eleven_of_thirty_days(ask: Ask) -> None:
    (row,) = ask(
        "select full_seats, prorated_seats, prorated_seat_fee, seat_fee from finance.fct_seats_monthly"
        " where billing_month = '2026-09-01' and account_id = 'enterprise/quill-harbor' and plan = 'business'"
    )
    # 19.00 x 11 / 30, cut off after nine decimals, beside the full ones at 19.00.
    assert row[1:3] == (1, Decimal("6.966666666"))
    assert row[3] == row[0] * Decimal(19) + Decimal("6.966666666")


def test_every_seat_is_active_or_idle_where_seats_are_listed(ask: Ask) -> None:
    rows = ask("select vendor, seats_assigned, seats_active, seats_idle from finance.fct_seats_monthly")
    listed = {vendor for vendor, assigned, _, _ in rows if assigned is not None}
    assert listed == {"github_copilot", "cursor"}, "Claude's and OpenAI's seats are in no list"
    for _, assigned, active, idle in rows:
        assert (assigned, active, idle) == (None, None, None) or assigned == active + idle


def test_only_what_reconciled_is_charged(ask: Ask) -> None:
    charged = {
        vendor
        for (vendor,) in ask("select distinct vendor from finance.fct_chargeback where billing_month = '2026-09-01'")
    }
    assert "openai" not in charged, "its invoice has the overcharge, the month's only exception"
    assert {"github_copilot", "anthropic", "cursor"} <= charged
    shown = ask("select distinct vendor from finance.fct_showback where billing_month = '2026-09-01'")
    assert ("openai",) in shown


def test_the_gift_expires_and_costs_nothing(ask: Ask) -> None:
    (row,) = ask(
        "select granted_amount, expired_amount, closing_amount from finance.fct_prepaid_rollforward"
        " where lot_id = 'codex-2' and expired_amount <> 0"
    )
    assert row == (Decimal(0), Decimal(100), Decimal(0))
    assert ask("select count(*) from finance.fct_journal_lines where reference like '%codex-2'") == [(0,)]


def test_the_ledger_gets_september_once(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every journal of the file balances; the second file is the first, byte for byte."""
    # A copy: this process has the demo's open, for reading alone.
    copy = shutil.copy(demo.built.warehouse, tmp_path / demo.built.warehouse.name)
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(copy))
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    totals = write_journal(SEPTEMBER, first).totals
    assert write_journal(SEPTEMBER, second).totals == totals
    assert first.read_bytes() == second.read_bytes()
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    payable: dict[str, Decimal] = {}
    for row in csv.DictReader(first.read_text(encoding="utf-8").splitlines()):
        balances[row["External ID"]] += Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)
        if row["Account"] == "2100" and row["Journal Type"] == "invoice":
            payable[row["Document Number"]] = Decimal(row["Credit"])
    assert balances
    assert set(balances.values()) == {Decimal(0)}
    with demo.built.query() as ask:
        invoices = ask(
            "select invoice_id, net + tax from intermediate.int_billing__invoices"
            " where billing_month = '2026-09-01' and invoice_status = 'issued' and not is_credit_note"
        )
    assert payable == dict(invoices), "what is payable is what the invoices say"
