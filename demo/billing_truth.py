"""The right answers about the invented company's bills: from its own use and contracts, never from what a server sends.

Amounts are in the invoice's currency, at the booked rate, and exact: what an invoice's cents differ from them is left
over as rounding. The overcharge is more than that, and takes the cents with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from demo import anthropic_truth, cursor_truth, openai_truth, truth
from demo import billing_contracts as b
from demo import constants as c
from demo.billing_charges import Charge, charges
from demo.billing_contracts import BillingAccount
from demo.billing_invoices import Invoice, invoices
from demo.company import Company
from demo.github_billing_csv import EXPORTED_ON, HAND_MADE_EXPORTS
from demo.github_billing_use import BILLED, Pool, github_billing
from demo.ledger_truth import CreditTruth
from demo.openai_prices import model_key
from demo.openai_workloads import VOICE

ROUNDING_TOLERANCE, FLOOR, CAP, SHARE = Decimal("1.00"), Decimal("5.00"), Decimal("250.00"), Decimal("0.005")
ACCOUNTS = {(account.vendor, account.account_id): account for account in b.BILLING_ACCOUNTS}
Reasons = dict[str, Decimal]


@dataclass(frozen=True)
class InvoiceTruth:
    """An invoice against what was used, exported and agreed. `reasons` holds every reason that is not zero."""

    invoice: Invoice
    metered: Decimal
    exported: Decimal
    contract_fees: Decimal
    reasons: Reasons = field(default_factory=dict)

    @property
    def variance(self) -> Decimal:
        """What the invoice is above the metered value."""
        return self.invoice.net - self.metered

    @property
    def expected(self) -> Decimal:
        """What the invoice should say by the vendor's own data and the contract."""
        known = ("credit_note", "cutoff_timing", "prior_period")
        return (
            self.exported + self.contract_fees + sum((self.reasons.get(name, Decimal(0)) for name in known), Decimal(0))
        )

    @property
    def data_variance(self) -> Decimal:
        """What the invoice is above that."""
        return self.invoice.net - self.expected

    @property
    def unexplained(self) -> Decimal:
        """What nothing backs."""
        return self.reasons.get("unexplained", Decimal(0))

    @property
    def status(self) -> str:
        """The outcome of the comparison."""
        off = abs(self.data_variance)
        if self.invoice.status == "open":
            return "not_due"
        if off <= ROUNDING_TOLERANCE:
            return "matched_rounding" if off else "matched_exact"
        if off <= FLOOR or off <= min(SHARE * abs(self.invoice.net), CAP):
            return "matched_tolerance"
        return "exception" if self.unexplained else "explained"


@dataclass(frozen=True)
class SeatTruth:
    """The seats of a month: those of the whole month, those that came in its middle, and what they cost."""

    account: BillingAccount
    month: date
    full: int
    prorated: int
    prorated_fee: Decimal
    fee: Decimal

    @property
    def assigned(self) -> int:
        """All of them."""
        return self.full + self.prorated


@dataclass(frozen=True)
class SupersededTruth:
    """What files say that something else says too: amounts that must be counted once."""

    file_name: str
    first: date
    last: date
    rows: int
    gross: Decimal
    net: Decimal


@dataclass(frozen=True)
class Plant:
    """One of the planted differences: where it is found, under what name, and how much it is."""

    name: str
    account: BillingAccount
    invoice_id: str
    reason: str
    amount: Decimal
    subject: str = ""


class BillingTruth:
    """What finance must find, as known on a date."""

    def __init__(self, company: Company, as_of: date = c.AS_OF) -> None:
        """Know everything about the company's bills."""
        self.company = company
        self.as_of = as_of
        self._charges: dict[tuple[BillingAccount, date], list[Charge]] = defaultdict(list)
        for charge in charges(company, as_of):
            self._charges[charge.account, charge.month].append(charge)
        self._metered = _metered(company, as_of)
        self.invoices = {one.invoice.invoice_id: one for one in map(self._judged, invoices(company))}

    def invoice(self, account: BillingAccount, month: date = b.PLANTED_MONTH) -> InvoiceTruth:
        """The account's invoice of a month."""
        return self.invoices[account.invoice_id(month)]

    def charges(self, account: BillingAccount, month: date = b.PLANTED_MONTH) -> list[Charge]:
        """What the vendor's billing data says of a month."""
        return self._charges[account, month]

    def billed(self, account: BillingAccount, month: date = b.PLANTED_MONTH) -> Decimal:
        """What the vendor's billing data says is to be paid, in US dollars."""
        return sum((charge.billed for charge in self.charges(account, month)), Decimal(0))

    def metered(self, account: BillingAccount, month: date = b.PLANTED_MONTH) -> Decimal:
        """The metered value of a month, in US dollars."""
        return self._metered[account, month]

    def taken_off(self, account: BillingAccount, reason: str, month: date = b.PLANTED_MONTH) -> Decimal:
        """What is billed less than listed for a reason, in US dollars; below zero."""
        own = (charge for charge in self.charges(account, month) if charge.reason == reason)
        return sum((charge.billed - charge.listed for charge in own), Decimal(0))

    def discount(self, account: BillingAccount, month: date = b.PLANTED_MONTH) -> tuple[Decimal, Decimal]:
        """What Anthropic's discount of the month's first day takes off, and what its change takes off more."""
        agreed = b.discount_percent(month)
        own = [charge for charge in self.charges(account, month) if charge.reason == "discount"]
        at_first = -sum((charge.listed * agreed / 100 for charge in own), Decimal(0))
        return at_first, self.taken_off(account, "discount", month) - at_first

    def pool(self, account: c.Account, month: date = b.PLANTED_MONTH) -> Pool:
        """The included credits of a month."""
        return github_billing(self.company).pool(account, month, self.as_of)

    def seats(self, account: BillingAccount, month: date = b.PLANTED_MONTH) -> SeatTruth:
        """The seats of a month, by contract."""
        if account == b.CLAUDE_ENTERPRISE:
            return SeatTruth(account, month, b.CLAUDE_SEATS, 0, Decimal(0), b.CLAUDE_SEATS * b.CLAUDE_SEAT_PRICE)
        if account == b.CURSOR_TEAM:
            return SeatTruth(account, month, b.CURSOR_SEATS, 0, Decimal(0), b.CURSOR_SEATS * b.CURSOR_SEAT_PRICE)
        billed = next(one for one in BILLED if b.copilot_account(one) == account)
        first, last = account.period(month)
        since = [day for day in github_billing(self.company).seats_since(billed).values() if day <= last]
        added = [day for day in since if day > first]
        days = (last - first).days + 1
        parts = [b.SEAT_PRICE * ((last - day).days + 1) / days for day in added]
        full, prorated = len(since) - len(added), sum(parts, Decimal(0))
        return SeatTruth(account, month, full, len(added), prorated, full * b.SEAT_PRICE + prorated)

    @property
    def unmetered(self) -> Decimal:
        """The use of September that GitHub bills and its usage metrics lack."""
        return self._unmetered(b.PLANTED_MONTH)

    @property
    def late(self) -> Decimal:
        """The use of September that came after its invoice, as far as it is known."""
        return b.LATE_CREDITS * c.CREDIT_PRICE_USD if self.as_of >= b.LATE_KNOWN_FROM else Decimal(0)

    def model(self, name: str) -> Decimal:
        """What OpenAI bills for a model in September."""
        own = (charge for charge in self.charges(b.OPENAI_ORGANIZATION) if charge.subject.startswith(f"{name}, "))
        return sum((charge.billed for charge in own), Decimal(0))

    @property
    def superseded(self) -> list[SupersededTruth]:
        """What each of the exported files repeats."""
        found = []
        for name, first, last in HAND_MADE_EXPORTS:
            uses = github_billing(self.company).credit_uses(c.ENTERPRISE, EXPORTED_ON)
            own = [use for use in uses if first <= use.day <= last]
            gross, net = sum((u.gross for u in own), Decimal(0)), sum((u.net for u in own), Decimal(0))
            found.append(SupersededTruth(name, first, last, len(own), gross, net))
        return found

    @property
    def plants(self) -> list[Plant]:
        """The differences that were planted into September and stand in a bridge."""
        copilot, console = b.COPILOT_ENTERPRISE, b.CLAUDE_CONSOLE
        month, pool, late = b.PLANTED_MONTH, self.pool(c.ENTERPRISE), self.late
        september, october = copilot.invoice_id(month), copilot.invoice_id(b.OPEN_MONTH)
        fx = self.invoice(b.CURSOR_TEAM).reasons["fx"]
        unpriced = self.invoice(b.OPENAI_ORGANIZATION).reasons["unpriced_usage"]
        overcharge = self.invoice(b.OPENAI_ORGANIZATION).unexplained
        openai, cursor = b.OPENAI_ORGANIZATION, b.CURSOR_TEAM
        note = console.invoice_id(month, "-CN")
        price = c.CREDIT_PRICE_USD
        discount, change = self.discount(console)
        return [
            Plant("missing user", copilot, september, "coverage_gap", self.unmetered, b.UNMETERED_LOGIN),
            Plant("late usage", copilot, september, "cutoff_timing", -late),
            Plant("late usage, invoiced later", copilot, october, "prior_period", late),
            Plant("included credits", copilot, september, "included_allowance", -pool.included * price),
            Plant("promotion", copilot, september, "promotion", -pool.promotion * price),
            Plant("seats, one from the 20th", copilot, september, "seats_and_fixed", self.seats(copilot).fee),
            Plant("discount", console, console.invoice_id(month), "discount", discount),
            Plant("price change", console, console.invoice_id(month), "price_difference", change),
            Plant("credit note", console, note, "credit_note", b.CREDIT_NOTE_AMOUNT),
            Plant("exchange rate", cursor, cursor.invoice_id(month), "fx", fx),
            Plant("unpriced model", openai, openai.invoice_id(month), "unpriced_usage", unpriced, model_key(VOICE)),
            Plant("overcharge", openai, openai.invoice_id(month), "unexplained", overcharge),
        ]

    def _judged(self, invoice: Invoice) -> InvoiceTruth:
        account, month = invoice.account, invoice.month
        if invoice.reference:
            return InvoiceTruth(invoice, Decimal(0), Decimal(0), Decimal(0), {"credit_note": invoice.net})
        booked = b.booked_rate(account.currency, account.period(month)[1])
        is_seat_exported = account.issuer == b.GITHUB
        has_seats = is_seat_exported or account in (b.CLAUDE_ENTERPRISE, b.CURSOR_TEAM)
        fee = self.seats(account, month).fee if has_seats else Decimal(0)
        seats = fee * booked
        metered, billed = self.metered(account, month) * booked, self.billed(account, month) * booked
        reasons: Reasons = {
            "seats_and_fixed": seats,
            "included_allowance": self.taken_off(account, "included_allowance", month) * booked,
            **dict(zip(("discount", "price_difference"), self.discount(account, month), strict=True)),
            "promotion": self.taken_off(account, "promotion", month) * booked,
            "fx": (self.billed(account, month) + fee) * (b.invoiced_rate(account, month) - booked),
        }
        if account == b.COPILOT_ENTERPRISE:
            reasons |= self._copilot_reasons(month)
        if account == b.OPENAI_ORGANIZATION:
            credit = sum((x.billed for x in self.charges(account, month) if x.series == "credit"), Decimal(0))
            reasons |= {"promotion": credit, "unpriced_usage": billed - credit - metered}
        rest = invoice.net - metered - sum(reasons.values(), Decimal(0))
        # What is left is rounding as far as cents can be; else all of it is unexplained.
        reasons["rounding" if abs(rest) <= ROUNDING_TOLERANCE else "unexplained"] = rest
        reasons = {name: amount for name, amount in reasons.items() if amount}
        return InvoiceTruth(invoice, metered, billed, Decimal(0) if is_seat_exported else seats, reasons)

    def _copilot_reasons(self, month: date) -> Reasons:
        """The pool covers the included credits first, then those of the promotion."""
        pool, price = self.pool(c.ENTERPRISE, month), c.CREDIT_PRICE_USD
        included = min(pool.covered, pool.included)
        late = self.late if month == b.PLANTED_MONTH else Decimal(0)
        return {
            "included_allowance": -included * price,
            "promotion": -(pool.covered - included) * price,
            "coverage_gap": self._unmetered(month),
            "quantity_difference": late,
            "cutoff_timing": -late,
            "prior_period": self.late if month == b.OPEN_MONTH else Decimal(0),
        }

    def _unmetered(self, month: date) -> Decimal:
        uses = github_billing(self.company).credit_uses(c.ENTERPRISE, self.as_of)
        own = (use.gross for use in uses if use.login == b.UNMETERED_LOGIN and use.day.replace(day=1) == month)
        return sum(own, Decimal(0))


def _metered(company: Company, as_of: date) -> dict[tuple[BillingAccount, date], Decimal]:
    """The ledger's list value by billing account and month."""
    found: dict[tuple[BillingAccount, date], Decimal] = defaultdict(Decimal)
    for row in truth.user_days(company, as_of):
        is_enterprise = company.user_by_id[row.user_id].belongs_to(c.ENTERPRISE)
        account = b.COPILOT_ENTERPRISE if is_enterprise else b.COPILOT_LANTERN
        found[account, account.month_of(row.usage_date)] += row.usage_value_usd or 0
    rows: Iterable[CreditTruth] = (
        *anthropic_truth.credits(company, as_of),
        *cursor_truth.credits(company, as_of),
        *openai_truth.credits(company, as_of),
    )
    for credit in rows:
        account = ACCOUNTS[credit.principal.vendor, credit.account_id]
        found[account, account.month_of(credit.usage_date)] += credit.usage_value_usd or 0
    return found


def days_of(first: date, last: date) -> list[date]:
    """The days from the first to the last."""
    return [first + timedelta(number) for number in range((last - first).days + 1)]
