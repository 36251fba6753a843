"""The finance inputs of the invented company as CSV texts: seeds/demo/demo_<name>.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from demo import billing_contracts as b
from demo.billing_invoices import TERMS, Invoice, Line, invoices
from demo.company import Company

Row = tuple[object, ...]
ALWAYS = b.CONTRACT_START
GITHUB_CONTRACT, LANTERN_CONTRACT = "GH-QH-2026", "GH-LL-2026"
CLAUDE_CONSOLE_CONTRACT, CLAUDE_CONTRACT, CURSOR_CONTRACT = "ANT-API-2026", "ANT-ENT-2026", "CUR-2026"
PURCHASE_ORDERS = {b.GITHUB: "PO-4101", b.ANTHROPIC: "PO-4102", b.CURSOR: "PO-4103", b.OPENAI: "PO-4104"}


def write(header: str, rows: Iterator[Row]) -> str:
    """The text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _billing_accounts(_: Company) -> Iterator[Row]:
    for a in b.BILLING_ACCOUNTS:
        note = "Prepaid Codex credits" if a.payment_model == "prepaid" else ""
        yield a.vendor, a.account_id, a.issuer, a.account_id, a.currency, a.cycle_day, a.payment_model, note


def _invoices(company: Company) -> Iterator[Row]:
    for one in invoices(company):
        yield (
            *(one.account.issuer, one.account.account_id, one.invoice_id, one.kind, one.reference, one.status),
            *(one.issued_on, one.due_on, *one.period, one.account.currency, one.net, one.tax, one.fx_rate),
            *(PURCHASE_ORDERS[one.account.issuer], TERMS),
        )


def _invoice_lines(company: Company) -> Iterator[Row]:
    for one in invoices(company):
        for number, line in enumerate(one.lines, start=1):
            yield _line(one, number, line)


def _line(one: Invoice, number: int, line: Line) -> Row:
    return (
        *(one.account.issuer, one.invoice_id, number, one.account.vendor, line.series, line.category),
        *(line.description, line.sku, line.quantity, line.unit, line.unit_price, line.amount),
        *(line.service or (None, None)),
    )


def _seat_plans(_: Company) -> Iterator[Row]:
    for contract, account in ((GITHUB_CONTRACT, b.COPILOT_ENTERPRISE), (LANTERN_CONTRACT, b.COPILOT_LANTERN)):
        of_account = (contract, account.issuer, account.account_id, account.vendor)
        price = (b.SEAT_PRICE, "USD", b.INCLUDED_CREDITS, "ai_credit", "daily", None, ALWAYS, None)
        yield *of_account, "business", *price
    claude, cursor = b.CLAUDE_ENTERPRISE, b.CURSOR_TEAM
    yield (
        *(CLAUDE_CONTRACT, claude.issuer, claude.account_id, claude.vendor, "enterprise", b.CLAUDE_SEAT_PRICE, "USD"),
        *(None, None, "none", b.CLAUDE_SEATS, ALWAYS, None),
    )
    yield (
        *(CURSOR_CONTRACT, cursor.issuer, cursor.account_id, cursor.vendor, "teams", b.CURSOR_SEAT_PRICE, "USD"),
        *(None, None, "none", b.CURSOR_SEATS, ALWAYS, None),
    )


def _contract_terms(_: Company) -> Iterator[Row]:
    account = b.COPILOT_ENTERPRISE
    yield (
        *(GITHUB_CONTRACT, account.issuer, account.account_id, account.vendor, "promotion_credits", None),
        *(b.PROMOTION_CREDITS, None, None, b.PROMOTION_FIRST_DAY, b.PROMOTION_LAST_DAY, "Summer promotion"),
    )
    ends = [date.fromordinal(since.toordinal() - 1) for since, _ in b.DISCOUNTS[1:]]
    for contract, claude in ((CLAUDE_CONSOLE_CONTRACT, b.CLAUDE_CONSOLE), (CLAUDE_CONTRACT, b.CLAUDE_ENTERPRISE)):
        for (since, percent), until in zip(b.DISCOUNTS, (*ends, None), strict=True):
            yield (
                *(contract, claude.issuer, claude.account_id, claude.vendor, "discount", percent, None, None, None),
                *(since, until, "Volume discount off list"),
            )


def _tolerances(_: Company) -> Iterator[Row]:
    for currency in ("EUR", "USD"):
        yield "", currency, Decimal("5.00"), Decimal("0.5"), Decimal("250.00"), ALWAYS


def _gl_accounts(_: Company) -> Iterator[Row]:
    yield "ai_usage_expense", "6410", "AI usage"
    yield "ai_seat_expense", "6420", "AI seats"
    yield "accrued_liabilities", "2150", "Accrued liabilities"
    yield "accounts_payable", "2100", "Accounts payable"
    yield "prepaid_expense", "1410", "Prepaid expenses"
    yield "input_tax", "1570", "Input tax"
    yield "expired_credits", "6430", "Expired AI credits"
    yield "fx_difference", "6890", "Currency differences"
    yield "rounding", "6895", "Rounding"


def _dispute_decisions(_: Company) -> Iterator[Row]:
    """None yet: the overcharge waits for somebody."""
    yield from ()


def _fx_rates(_: Company) -> Iterator[Row]:
    for since, rate in b.EURO_RATES:
        yield "EUR", since, rate, "Treasury, monthly"


def _prepaid_lots(_: Company) -> Iterator[Row]:
    account = b.OPENAI_WORKSPACE
    bought, given = date(2026, 8, 1), date(2026, 8, 15)
    of_account = (account.issuer, account.account_id)
    amount = Decimal("1500.00")
    yield "codex-1", *of_account, "purchased", amount, "USD", bought, date(2027, 7, 31), None, "Codex credits"
    granted = Decimal("100.00")
    yield "codex-2", *of_account, "granted", granted, "USD", given, date(2026, 9, 30), None, "Welcome grant"


def _allocation_rules(_: Company) -> Iterator[Row]:
    for series in ("human_usage", "machine_usage", "credit", "other"):
        yield "2026.1", ALWAYS, series, "usage_value", ""
    yield "2026.1", ALWAYS, "human_seat_fee", "seats", ""
    yield "2026.1", ALWAYS, "tax", "none", "Input tax is not charged on"


SEEDS: dict[str, tuple[str, Callable[[Company], Iterator[Row]]]] = {
    "billing_accounts": (
        "vendor,account_id,issuer,billing_account_id,billing_currency,cycle_day,payment_model,note",
        _billing_accounts,
    ),
    "invoices": (
        "issuer,billing_account_id,invoice_id,invoice_type,reference_invoice_id,status,issue_date,due_date,"
        "period_start,period_end,currency,net,tax,fx_rate,purchase_order,payment_terms",
        _invoices,
    ),
    "invoice_lines": (
        "issuer,invoice_id,line_no,vendor,series,charge_category,description,sku,quantity,unit,unit_price,amount,"
        "service_start,service_end",
        _invoice_lines,
    ),
    "seat_plans": (
        "contract_id,issuer,billing_account_id,vendor,plan,seat_price,currency,included_credits_per_seat,credit_unit,"
        "proration,seats,valid_from,valid_to",
        _seat_plans,
    ),
    "contract_terms": (
        "contract_id,issuer,billing_account_id,vendor,term,percent,credits_per_seat,amount,currency,valid_from,"
        "valid_to,note",
        _contract_terms,
    ),
    "tolerances": ("issuer,currency,absolute_floor,percent,absolute_cap,valid_from", _tolerances),
    "gl_accounts": ("purpose,gl_account,name", _gl_accounts),
    "dispute_decisions": (
        "issuer,invoice_id,decision,amount,currency,decided_by,decided_on,reason",
        _dispute_decisions,
    ),
    "fx_rates": ("currency,valid_from,rate,rate_source", _fx_rates),
    "prepaid_lots": (
        "lot_id,issuer,billing_account_id,kind,amount,currency,purchased_on,expires_on,invoice_id,note",
        _prepaid_lots,
    ),
    "allocation_rules": ("rule_version,valid_from,series,basis,note", _allocation_rules),
}


def seeds(company: Company) -> dict[str, str]:
    """The texts of all files, by the name of the seed."""
    return {name: write(header, rows(company)) for name, (header, rows) in SEEDS.items()}
