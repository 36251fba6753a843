"""The invoices of the invented company, as the vendors write them: rounded to the cent, line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from demo import billing_contracts as b
from demo import constants as c
from demo.billing_charges import PROMOTIONAL_CREDIT, Charge, charges
from demo.billing_contracts import BillingAccount
from demo.company import Company
from demo.github_billing_use import SEAT_SKU, github_billing
from demo.once import once

CENT = Decimal("0.01")
TERMS, TERM_DAYS = "Net 30", 30
USAGE_LINES = {
    b.GITHUB: {"human_usage": "Copilot AI credits beyond the included ones"},
    b.ANTHROPIC: {"human_usage": "Usage of people", "machine_usage": "API usage of applications"},
    b.CURSOR: {"human_usage": "On-demand usage of members", "machine_usage": "On-demand usage of service accounts"},
    b.OPENAI: {"human_usage": "API usage of people's keys", "machine_usage": "API usage"},
}


@dataclass(frozen=True)
class Line:
    """A line of an invoice; its service days are the invoice's period unless it says others."""

    series: str
    category: Literal["Usage", "Purchase", "Tax", "Credit", "Adjustment"]
    description: str
    amount: Decimal
    sku: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    service: tuple[date, date] | None = None


@dataclass(frozen=True)
class Invoice:
    """An invoice or credit note."""

    account: BillingAccount
    invoice_id: str
    period: tuple[date, date]
    issued_on: date | None
    lines: tuple[Line, ...]
    reference: str | None = None
    fx_rate: Decimal | None = None

    @property
    def kind(self) -> str:
        """The type of the document."""
        return "credit_note" if self.reference else "invoice"

    @property
    def status(self) -> str:
        """Open while it is not issued."""
        return "issued" if self.issued_on else "open"

    @property
    def due_on(self) -> date | None:
        """By when it is to be paid."""
        return self.issued_on + timedelta(TERM_DAYS) if self.issued_on else None

    @property
    def net(self) -> Decimal:
        """Without taxes."""
        return sum((line.amount for line in self.lines if line.category != "Tax"), Decimal("0.00"))

    @property
    def tax(self) -> Decimal:
        """Taxes."""
        return sum((line.amount for line in self.lines if line.category == "Tax"), Decimal("0.00"))

    @property
    def month(self) -> date:
        """The billing month: that in which the period ends."""
        return self.period[1].replace(day=1)


def cents(amount: Decimal) -> Decimal:
    """Rounded as invoices are."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@once
def invoices(company: Company) -> tuple[Invoice, ...]:
    """All invoices, by issuer, account and month."""
    return tuple(
        sorted(_draw(company), key=lambda one: (one.account.issuer, one.account.account_id, one.period, one.invoice_id))
    )


def _draw(company: Company) -> Iterator[Invoice]:
    by_month: dict[tuple[BillingAccount, date], list[Charge]] = defaultdict(list)
    for charge in charges(company, c.FIRST_AS_OF):
        by_month[charge.account, charge.month].append(charge)
    for account in b.BILLING_ACCOUNTS:
        if account.payment_model == "prepaid":
            continue
        for month in b.INVOICED_MONTHS:
            period = account.period(month)
            rate = b.invoiced_rate(account, month)
            lines = [*_seat_lines(company, account, month), *_usage_lines(account, month, by_month[account, month])]
            if account == b.COPILOT_ENTERPRISE:
                lines.append(_tax_line(lines))
            yield Invoice(
                account,
                account.invoice_id(month),
                period,
                period[1] + timedelta(1),
                tuple(lines),
                fx_rate=None if account.currency == "USD" else rate,
            )
    yield _credit_note()
    yield _open_invoice(company)


def _seat_lines(company: Company, account: BillingAccount, month: date) -> Iterator[Line]:
    """Seats of the whole month, and those that came in the middle, by their days."""
    if account == b.CLAUDE_ENTERPRISE:
        yield _seats("Claude Enterprise seats", "claude_enterprise_seat", b.CLAUDE_SEATS, b.CLAUDE_SEAT_PRICE)
    elif account == b.CURSOR_TEAM:
        price = b.CURSOR_SEAT_PRICE * b.invoiced_rate(account, month)
        yield _seats("Cursor seats", "cursor_seat", b.CURSOR_SEATS, price)
    elif account.issuer == b.GITHUB:
        since = github_billing(company).seats_since(_github_account(account)).values()
        yield _seats("Copilot Business", SEAT_SKU, sum(day <= month for day in since), b.SEAT_PRICE)
        last_day = account.period(month)[1]
        for day in sorted(day for day in since if month < day <= last_day):
            part = Decimal((last_day - day).days + 1) / last_day.day
            yield Line(
                "human_seat_fee",
                "Purchase",
                f"Copilot Business, seat added on {day}",
                cents(part * b.SEAT_PRICE),
                SEAT_SKU,
                part.quantize(Decimal("0.000001")),
                "user-months",
                b.SEAT_PRICE,
                (day, last_day),
            )


def _seats(description: str, sku: str, number: int, price: Decimal) -> Line:
    amount = cents(number * price)
    return Line("human_seat_fee", "Purchase", description, amount, sku, Decimal(number), "user-months", price)


def _usage_lines(account: BillingAccount, month: date, found: list[Charge]) -> Iterator[Line]:
    rate = b.invoiced_rate(account, month)
    for series, description in USAGE_LINES[account.issuer].items():
        own = [charge for charge in found if charge.series == series]
        if not own:
            continue
        amount = cents(sum((charge.billed for charge in own), Decimal(0)) * rate)
        if account == b.OPENAI_ORGANIZATION and month == b.PLANTED_MONTH and series == "machine_usage":
            amount += b.OVERCHARGE
        yield Line(series, "Usage", description, amount)
    credit = sum((charge.billed for charge in found if charge.series == "credit"), Decimal(0))
    if credit:
        yield Line("credit", "Credit", PROMOTIONAL_CREDIT, cents(credit))


def _tax_line(lines: list[Line]) -> Line:
    net = sum((line.amount for line in lines), Decimal(0))
    return Line("tax", "Tax", f"Sales tax {b.TAX_PERCENT} %", cents(net * b.TAX_PERCENT / 100))


def _credit_note() -> Invoice:
    """For a bad day in August, given in September; the invoice of August itself was right."""
    account, august = b.CLAUDE_CONSOLE, b.INVOICED_MONTHS[1]
    line = Line(
        "credit", "Credit", "Service credit for 2026-08-12", b.CREDIT_NOTE_AMOUNT, service=account.period(august)
    )
    note_id = account.invoice_id(b.PLANTED_MONTH, "-CN")
    period = account.period(b.PLANTED_MONTH)
    return Invoice(account, note_id, period, date(2026, 9, 14), (line,), reference=account.invoice_id(august))


def _open_invoice(company: Company) -> Invoice:
    """October as it stands: the seats, and the use of September that came too late for September's invoice."""
    account, month = b.COPILOT_ENTERPRISE, b.OPEN_MONTH
    late = Line(
        "human_usage",
        "Usage",
        f"Copilot AI credits of {b.LATE_DAY}, reported late",
        cents(b.LATE_CREDITS * c.CREDIT_PRICE_USD),
        quantity=b.LATE_CREDITS,
        unit="ai-credits",
        unit_price=c.CREDIT_PRICE_USD,
        service=(b.LATE_DAY, b.LATE_DAY),
    )
    lines = (*_seat_lines(company, account, month), late)
    return Invoice(account, account.invoice_id(month), account.period(month), None, lines)


def _github_account(account: BillingAccount) -> c.Account:
    return c.ENTERPRISE if account == b.COPILOT_ENTERPRISE else c.LANTERN
