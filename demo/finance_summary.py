"""What the demo shows of a month's bills: each invoice against what was used, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from demo.billing_contracts import COPILOT_ENTERPRISE, PLANTED_MONTH

Ask = Callable[[str], list[tuple[Any, ...]]]

MONTH = f"cast('{PLANTED_MONTH}' as date)"
INVOICES = f"""
select
    issuer, billing_account_id, invoice_id, currency, invoiced_net, invoiced_tax, metered_value, variance, unexplained,
    match_status
from finance.fct_reconciliation_monthly
where billing_month = {MONTH}
order by issuer, billing_account_id, invoice_id nulls last
"""
BRIDGE = """
select variance_reason, amount from finance.fct_reconciliation_bridge
where invoice_id = '{invoice}' and amount <> 0
"""
POOL = f"""
select vendor, billing_account_id, seats, pool_quantity, consumed_quantity, overage_quantity
from finance.fct_included_allowances where billing_month = {MONTH} order by vendor, billing_account_id
"""
SUPERSEDED = """
select count(distinct file_name), sum(row_count), sum(gross_usd) from intermediate.int_billing__superseded_charges
"""
CORRECTIONS = f"""
select posting_month, subject, amount from finance.fct_close_corrections
where corrected_month = {MONTH} and figure = 'spend.billed_usd' order by abs(amount) desc nulls last, subject
"""
# In this order the way from the metered value to the invoice is told.
WORDS = {
    "seats_and_fixed": "seats and fixed fees, as agreed",
    "coverage_gap": "billed use that no usage report has",
    "quantity_difference": "more billed than metered",
    "price_difference": "billed at another price",
    "unpriced_usage": "use without a public price",
    "included_allowance": "covered by what the seats include",
    "promotion": "covered by promotional credits",
    "discount": "discount, as agreed",
    "commitment": "commitment",
    "credit_note": "credit note",
    "prior_period": "use of earlier months",
    "cutoff_timing": "known by now, not on this invoice",
    "fx": "exchange rate of the invoice against the books",
    "rounding": "rounding to cents",
    "unexplained": "nothing explains it",
}
STYLES = {"exception": "bold red", "explained": "yellow", "not_due": "dim"}


def print_finance(ask: Ask, console: Console) -> None:
    """Prints the invoices of the planted month, and bridges of those worth a look."""
    invoices = ask(INVOICES)
    console.print(_invoices(invoices))
    console.print(
        "Metered is what was used, at list price: a signal, not a bill. What lies between it and an invoice has a name,"
        " or the invoice is an exception:\n"
    )
    worth_a_look = COPILOT_ENTERPRISE.invoice_id(PLANTED_MONTH)
    for issuer, _, invoice, currency, net, _, metered, _, _, status in invoices:
        if invoice and (status == "exception" or invoice == worth_a_look):
            reasons: dict[str, Decimal] = dict(ask(BRIDGE.format(invoice=invoice)))
            console.print(_bridge(f"{issuer} {invoice}, {currency}", metered, net, reasons))
    for _, _, invoice, currency, _, tax, *_ in invoices:
        if tax:
            console.print(f"Taxes stand apart: {currency} {_amount(tax)} on {invoice} is in no comparison.")
    _notes(ask, console)


def _invoices(invoices: list[tuple[Any, ...]]) -> Table:
    title = f"Invoices of {PLANTED_MONTH:%B %Y}"
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=0)
    table.add_column("invoice, or account without one", max_width=25)
    table.add_column("", no_wrap=True)
    for name in ("invoiced", "metered", "variance"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for _, account, invoice, currency, net, _, metered, variance, _, status in invoices:
        amounts = (_amount(net), _amount(metered), _amount(variance))
        style = STYLES.get(status, "green")
        words = status.replace("_", " ")
        table.add_row(invoice or account, currency, *amounts, f"[{style}]{words}[/]")
    return table


def _bridge(title: str, metered: Decimal, net: Decimal, reasons: dict[str, Decimal]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("metered value", _amount(metered))
    for reason, words in WORDS.items():
        if reason in reasons:
            style = "bold red" if reason == "unexplained" and abs(reasons[reason]) >= 1 else ""
            table.add_row(f"  {words}", _signed(reasons[reason]), style=style)
    table.add_section()
    table.add_row("invoiced, without tax", _amount(net), style="bold")
    return table


def _notes(ask: Ask, console: Console) -> None:
    for vendor, account, seats, pool, consumed, overage in ask(POOL):
        console.print(
            f"Included credits: {vendor} {account} has {_whole(pool)} with {seats} seats; {_whole(consumed)} were used,"
            f" {_whole(overage)} beyond them are billed."
        )
    for files, rows, gross in ask(SUPERSEDED):
        if files:
            console.print(
                f"Counted once: {rows:,} rows of {files} exported files repeat what is there already, USD"
                f" {_amount(gross)} that nobody owes twice."
            )
    for posted_in, subject, amount in ask(CORRECTIONS):
        vendor, series = subject.split("|")
        console.print(
            f"Closed is closed: since its closing {PLANTED_MONTH:%B} has {_signed(amount)} of {vendor},"
            f" {series.replace('_', ' ')}; it is posted in {posted_in:%B}."
        )


def _amount(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _signed(value: Decimal) -> str:
    return f"{value:+,.2f}" if abs(value) >= Decimal("0.005") else f"{value:+,.4f}"


def _whole(value: Decimal) -> str:
    return f"{value:,.0f}"
