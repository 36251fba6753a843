"""GitHub's billing reports as CSV files: a byte order mark, every value quoted, numbers as a computer adds them up."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from demo import billing_contracts as b
from demo import constants as c
from demo.company import Company
from demo.github_billing_use import SEAT_SKU, TOKENS_FROM, CreditUse, GithubBilling, SeatUse, github_billing

PRODUCT, CREDITS, USER_MONTHS = "copilot", "ai-credits", "user-months"
TOKEN_COLUMNS = ("input", "output", "cache_read", "cache_write")
AI_CREDIT_COLUMNS = (
    *("date", "username", "product", "sku", "model", "quantity", "unit_type", "applied_cost_per_quantity"),
    *("gross_amount", "discount_amount", "net_amount", "total_monthly_quota", "organization", "repository"),
    *("cost_center_name", "aic_quantity", "aic_gross_amount"),
)
SUMMARIZED_COLUMNS = (
    *("date", "product", "sku", "quantity", "unit_type", "applied_cost_per_quantity", "gross_amount"),
    *("discount_amount", "net_amount", "organization", "repository", "cost_center_name"),
)
DETAILED_COLUMNS = (
    *("date", "product", "sku", "quantity", "unit_type", "applied_cost_per_quantity", "gross_amount"),
    *("discount_amount", "net_amount", "username", "organization", "repository", "workflow_path", "cost_center_name"),
)
# When somebody exported these files by hand: the first twice, and the last overlaps with it.
EXPORTED_ON = date(2026, 10, 6)
HAND_MADE_EXPORTS = (
    ("ai-usage-2026-09.csv", date(2026, 9, 1), date(2026, 9, 30)),
    ("ai-usage-2026-09 (1).csv", date(2026, 9, 1), date(2026, 9, 30)),
    ("ai-usage-2026-09-21-to-2026-10-05.csv", date(2026, 9, 21), date(2026, 10, 5)),
)

Row = dict[str, str]


def report_rows(billing: GithubBilling, kind: str, first: date, last: date, as_of: date) -> list[Row]:
    """The rows of a report of the enterprise."""
    rows: Callable[[GithubBilling, date, date, date], Iterable[Row]] | None = {
        "ai_credit": _ai_credit_rows,
        "detailed": _detailed_rows,
        "summarized": _summarized_rows,
    }.get(kind)
    return list(rows(billing, first, last, as_of)) if rows else []


def csv_text(kind: str, rows: Iterable[Row], last: date) -> str:
    """The text of a file; the columns of tokens are there since GitHub tells them."""
    columns = {"detailed": DETAILED_COLUMNS, "summarized": SUMMARIZED_COLUMNS}.get(kind, AI_CREDIT_COLUMNS)
    if kind == "ai_credit" and last >= TOKENS_FROM:
        columns = (*columns, *TOKEN_COLUMNS)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return f"\ufeff{text.getvalue()}"


def write_exports(company: Company, folder: Path) -> Path:
    """Writes the files that somebody exported by hand and put into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, first, last in HAND_MADE_EXPORTS:
        rows = report_rows(github_billing(company), "ai_credit", first, last, EXPORTED_ON)
        (folder / name).write_text(csv_text("ai_credit", rows, last), encoding="utf-8")
    return folder


def _within(billing: GithubBilling, first: date, last: date, as_of: date) -> Iterator[CreditUse]:
    return (use for use in billing.credit_uses(c.ENTERPRISE, as_of) if first <= use.day <= last)


def _seats(billing: GithubBilling, first: date, last: date, as_of: date) -> Iterator[SeatUse]:
    return (seat for seat in billing.seat_uses(c.ENTERPRISE, as_of) if first <= seat.day <= last)


def _ai_credit_rows(billing: GithubBilling, first: date, last: date, as_of: date) -> Iterator[Row]:
    for use in _within(billing, first, last, as_of):
        row = {
            **_credit_amounts(use),
            "username": use.login,
            "model": use.model,
            "total_monthly_quota": str(b.INCLUDED_CREDITS),
            "aic_quantity": "0",
            "aic_gross_amount": "0",
        }
        tokens = use.tokens
        yield row | dict(zip(TOKEN_COLUMNS, map(str, tokens), strict=True)) if tokens else row


def _detailed_rows(billing: GithubBilling, first: date, last: date, as_of: date) -> Iterator[Row]:
    for use in _within(billing, first, last, as_of):
        yield {**_credit_amounts(use), "username": use.login}
    for seat in _seats(billing, first, last, as_of):
        yield {**_seat_amounts(seat), "username": seat.login}


def _summarized_rows(billing: GithubBilling, first: date, last: date, as_of: date) -> Iterator[Row]:
    """The detailed rows without people, added up as a computer does."""
    found: dict[tuple[str, ...], Row] = {}
    summed = ("quantity", "gross_amount", "discount_amount", "net_amount")
    for row in _detailed_rows(billing, first, last, as_of):
        key = tuple(row[name] for name in ("date", "sku", "organization", "cost_center_name"))
        if key not in found:
            found[key] = {name: value for name, value in row.items() if name != "username"}
            continue
        for name in summed:
            found[key][name] = number(float(found[key][name]) + float(row[name]))
    yield from found.values()


def _credit_amounts(use: CreditUse) -> Row:
    gross, discount = float(use.quantity) * 0.01, float(use.covered) * 0.01
    return {
        **_about(use),
        "sku": use.sku,
        "quantity": number(float(use.quantity)),
        "unit_type": CREDITS,
        "applied_cost_per_quantity": str(c.CREDIT_PRICE_USD),
        "gross_amount": number(gross),
        "discount_amount": number(discount),
        "net_amount": number(gross - discount),
    }


def _seat_amounts(seat: SeatUse) -> Row:
    gross = number(float(seat.quantity) * float(b.SEAT_PRICE))
    return {
        **_about(seat),
        "sku": SEAT_SKU,
        "quantity": number(float(seat.quantity)),
        "unit_type": USER_MONTHS,
        "applied_cost_per_quantity": str(b.SEAT_PRICE),
        "gross_amount": gross,
        "discount_amount": "0",
        "net_amount": gross,
    }


def _about(use: CreditUse | SeatUse) -> Row:
    return {
        "date": use.day.isoformat(),
        "product": PRODUCT,
        "organization": use.organization,
        "repository": "",
        "cost_center_name": use.cost_center or "",
    }


def number(value: float) -> str:
    """A double in plain notation."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def days_between(first: date, last: date) -> int:
    """How many days a report covers."""
    return (last - first) // timedelta(1) + 1
