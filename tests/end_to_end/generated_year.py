"""A year of months with random faults, written where the finance models read, and what they must find in it.

Nothing here is read from the models: amounts are drawn, and what every difference comes to is added up as it is drawn.
"""

from __future__ import annotations

import random
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

CENT, NANO = Decimal("0.01"), Decimal("0.000000001")
FIRST_MONTH, MONTHS = date(2026, 6, 1), 12
LAST_MONTH = date(2027, 5, 1)
AS_OF = date(2027, 8, 1)
CREDIT_PRICE = Decimal("0.01")
SEAT_PRICE, SEATS, INCLUDED_PER_SEAT = Decimal(19), 20, Decimal(100)

Record = dict[str, Any]
# (invoice_id, variance_reason)
Bridge = dict[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Account:
    """An account, who bills it and how."""

    vendor: str
    account_id: str
    issuer: str
    currency: str
    series: str
    principals: tuple[str, ...]
    payment_model: str = "invoice"


COPILOT = Account("github_copilot", "enterprise/gen", "GitHub", "USD", "human_usage", tuple(f"u{n}" for n in range(6)))
CLAUDE = Account(
    "anthropic", "console/gen", "Anthropic", "USD", "machine_usage", tuple(f"apikey_{n}" for n in range(4))
)
CURSOR = Account("cursor", "team/gen", "Cursor", "EUR", "human_usage", tuple(f"c{n}" for n in range(4)))
OPENAI = Account("openai", "organization/gen", "OpenAI", "USD", "machine_usage", ("key_0", "key_1"), "prepaid")
ACCOUNTS = (COPILOT, CLAUDE, CURSOR, OPENAI)
COST_CENTERS = ("CC-1", "CC-2", "CC-3", None)


@dataclass
class Year:
    """Rows by relation, and the truth about them."""

    seed: int
    rows: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    bridge: Bridge = field(default_factory=lambda: defaultdict(Decimal))
    billed: dict[tuple[date, str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    overcharged: set[str] = field(default_factory=set)
    faults: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    charges: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        _settings(self)
        late: dict[Account, Decimal] = {}
        for month in months():
            late = {account: _month(self, account, month, late.get(account, Decimal(0))) for account in ACCOUNTS}

    def happens(self, fault: str, probability: float) -> bool:
        """Whether a fault is there this time; counted."""
        found = self.random.random() < probability
        self.faults[fault] += found
        return found

    def amount(self, most: int, places: int = 6) -> Decimal:
        """A random amount above zero."""
        return Decimal(self.random.randint(1, most * 10**places)).scaleb(-places)

    def explain(self, invoice_id: str, reason: str, amount: Decimal) -> None:
        """Notes a part of the bridge of an invoice; what is prepaid has none."""
        if not invoice_id.startswith(OPENAI.issuer):
            self.bridge[invoice_id, reason] += amount


def months() -> Iterator[date]:
    """The first days of the year's months."""
    for number in range(MONTHS):
        yield date(
            FIRST_MONTH.year + (FIRST_MONTH.month - 1 + number) // 12, (FIRST_MONTH.month - 1 + number) % 12 + 1, 1
        )


def last_day(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def cents(amount: Decimal) -> Decimal:
    """As an invoice rounds."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def invoice_of(account: Account, month: date) -> str:
    """An invoice's number."""
    return f"{account.issuer}-{month:%Y-%m}"


def _settings(year: Year) -> None:
    for account in ACCOUNTS:
        year.rows["int_finance__billing_accounts"].append(
            {
                "vendor": account.vendor,
                "account_id": account.account_id,
                "issuer": account.issuer,
                "billing_account_id": account.account_id,
                "billing_currency": account.currency,
                "cycle_day": 1,
                "payment_model": account.payment_model,
            }
        )
        for principal in account.principals:
            kind = "human_seat" if account.series == "human_usage" else "machine_key"
            year.rows["int_identity__principals_tagged"].append(
                {"vendor": account.vendor, "principal_key": principal, "principal_kind": kind}
            )
    for month in months():
        year.rows["int_finance__fx_rates"].append(
            {"currency": "EUR", "valid_from": month, "rate": Decimal("0.85") + year.amount(1, 4) / 10}
        )
    year.rows["int_finance__seat_plans"].append(
        {
            "contract_id": "gen-seats",
            "issuer": COPILOT.issuer,
            "billing_account_id": COPILOT.account_id,
            "vendor": COPILOT.vendor,
            "plan": "business",
            "seat_price": SEAT_PRICE,
            "currency": "USD",
            "included_credits_per_seat": INCLUDED_PER_SEAT,
            "credit_unit": "ai_credit",
            "proration": "daily",
            "valid_from": FIRST_MONTH,
        }
    )
    for number, purpose in enumerate(
        (
            "ai_usage_expense",
            "ai_seat_expense",
            "accrued_liabilities",
            "accounts_payable",
            "prepaid_expense",
            "input_tax",
            "expired_credits",
            "fx_difference",
            "rounding",
        )
    ):
        year.rows["int_finance__gl_accounts"].append({"purpose": purpose, "gl_account": str(6000 + number)})
    for number in range(3):
        year.rows["int_finance__prepaid_lots"].append(
            {
                "lot_id": f"lot-{number}",
                "issuer": OPENAI.issuer,
                "billing_account_id": OPENAI.account_id,
                "kind": "granted" if number == 0 else "purchased",
                "amount": year.amount(4000, 2),
                "currency": "USD",
                "purchased_on": FIRST_MONTH,
                "expires_on": FIRST_MONTH + timedelta(days=year.random.randint(100, 500)),
            }
        )


def _month(year: Year, account: Account, month: date, late_before: Decimal) -> Decimal:
    """A month's use, charges and invoice; returns what this month's invoice left out for the next one."""
    invoice_id = invoice_of(account, month)
    discounts = _discounts(year, account, month)
    pool = _pool(year, account, month)
    billed = Decimal(0)
    days = sorted(year.random.sample(range(1, 28), 5))
    for day in days:
        for principal in account.principals:
            if year.random.random() < 0.6:
                billed += _use(year, account, month.replace(day=day), principal, invoice_id, discounts, pool)
    if year.happens("missing user", 0.3):
        charge = _charge(
            year, account, month.replace(day=days[0]), "ghost", year.amount(900), discounts, pool, invoice_id
        )
        year.explain(invoice_id, "coverage_gap", charge.list_cost)
        billed += charge.billed_cost
    if year.happens("day not exported", 0.3):
        value = _metered(year, account, month.replace(day=28), account.principals[0], year.amount(900))
        year.explain(invoice_id, "cutoff_timing", -value)
    if account is OPENAI:
        return Decimal(0)
    late = Decimal(0)
    if account is CLAUDE and month < LAST_MONTH and year.happens("late use", 0.3):
        late = cents(billed / 4)
        year.explain(invoice_id, "cutoff_timing", -late)
    _invoice(year, account, month, billed - late, late_before, leaves_out=late > 0)
    return late


def _discounts(year: Year, account: Account, month: date) -> list[tuple[date, Decimal]]:
    """From which days on which percent is off the list: one discount, or two in a month in which it changes."""
    if account is not CLAUDE:
        return []
    found = [(month, Decimal(year.random.randint(1, 20)))]
    if year.happens("price change", 0.4):
        found.append((month.replace(day=16), Decimal(year.random.randint(1, 30))))
    for number, (start, percent) in enumerate(found):
        end = found[number + 1][0] - timedelta(days=1) if number + 1 < len(found) else last_day(month)
        year.rows["int_finance__contract_terms"].append(_term(account, "discount", start, end) | {"percent": percent})
    return found


def _term(account: Account, term: str, start: date, end: date) -> Record:
    return {
        "contract_id": f"gen-{account.vendor}",
        "issuer": account.issuer,
        "billing_account_id": account.account_id,
        "vendor": account.vendor,
        "term": term,
        "currency": "USD",
        "valid_from": start,
        "valid_to": end,
    }


@dataclass
class Pool:
    """Credits of the month's seats, in dollars: the plan's own, the promotion's, and what is used up."""

    included: Decimal
    promotion: Decimal
    used: Decimal = Decimal(0)

    def cover(self, listed: Decimal) -> Decimal:
        """How much of a charge is covered."""
        covered = min(listed, self.included + self.promotion - self.used)
        self.used += covered
        return covered


def _pool(year: Year, account: Account, month: date) -> Pool | None:
    if account is not COPILOT:
        return None
    promotion = Decimal(0)
    if year.happens("promotion", 0.5):
        promotion = Decimal(year.random.randint(1, 80))
        year.rows["int_finance__contract_terms"].append(
            _term(account, "promotion_credits", month, last_day(month)) | {"credits_per_seat": promotion}
        )
    prorated = year.random.randint(0, 2)
    fee = SEATS * SEAT_PRICE
    for _ in range(prorated):
        fee += (SEAT_PRICE * year.random.randint(1, 27) / monthrange(month.year, month.month)[1]).quantize(
            NANO, ROUND_DOWN
        )
    year.faults["prorated seats"] += prorated
    seats = SEATS + prorated
    year.rows["int_seats__months"].append(
        {
            "billing_month": month,
            "vendor": account.vendor,
            "account_id": account.account_id,
            "issuer": account.issuer,
            "billing_account_id": account.account_id,
            "plan": "business",
            "currency": "USD",
            "seats_assigned": seats,
            "seats_paid": seats,
            "seats_active": SEATS,
            "seats_idle": prorated,
            "full_seats": SEATS,
            "prorated_seats": prorated,
            "prorated_seat_fee": fee - SEATS * SEAT_PRICE,
            "seat_fee": fee,
            "is_exported": False,
        }
    )
    return Pool(seats * INCLUDED_PER_SEAT * CREDIT_PRICE, seats * promotion * CREDIT_PRICE)


def _use(
    year: Year,
    account: Account,
    day: date,
    principal: str,
    invoice_id: str,
    discounts: list[tuple[date, Decimal]],
    pool: Pool | None,
) -> Decimal:
    """A principal's use of a day and its charge; returns what is billed."""
    used = year.amount(900)
    unpriced = year.happens("unpriced", 0.05)
    value = _metered(year, account, day, principal, used, unpriced=unpriced)
    charged = used
    if account is COPILOT and year.happens("other quantity", 0.05):
        charged = used + year.amount(20)
    charge = _charge(year, account, day, principal, charged, discounts, pool, invoice_id)
    if unpriced:
        year.explain(invoice_id, "unpriced_usage", charge.list_cost)
    else:
        year.explain(invoice_id, "quantity_difference", charge.list_cost - value)
    return charge.billed_cost


def _metered(
    year: Year, account: Account, day: date, principal: str, used: Decimal, *, unpriced: bool = False
) -> Decimal:
    value = _value(account, used)
    year.rows["int_usage__credits_unioned"].append(
        {
            "vendor": account.vendor,
            "account_id": account.account_id,
            "principal_key": principal,
            "product": "gen",
            "credit_unit": "ai_credit" if account is COPILOT else "usd",
            "value_basis": "unpriced" if unpriced else "credit_price" if account is COPILOT else "vendor_list",
            "credits": used if account is COPILOT or not unpriced else None,
            "usage_value_usd": None if unpriced else value,
            "records": 1,
            "unpriced_records": int(unpriced),
            "is_final": True,
            "usage_date": day,
            "data_complete_through": AS_OF,
        }
    )
    center = COST_CENTERS[hash_of(principal) % len(COST_CENTERS)]
    owner = {
        "vendor": account.vendor,
        "principal_key": principal,
        "usage_date": day,
        "cost_center_key": center,
        "unattributed_reason": None if center else "unknown_user",
    }
    if owner not in year.rows["int_identity__principal_days"]:
        year.rows["int_identity__principal_days"].append(owner)
    year.rows["fct_credits_daily"].append(
        {
            **year.rows["int_usage__credits_unioned"][-1],
            **owner,
            "principal_kind": "human_seat" if account.series == "human_usage" else "machine_key",
        }
    )
    return value


def hash_of(text: str) -> int:
    """The same number in every process."""
    return sum(map(ord, text))


def _value(account: Account, used: Decimal) -> Decimal:
    return (used * CREDIT_PRICE).quantize(NANO, ROUND_HALF_UP) if account is COPILOT else used


@dataclass(frozen=True)
class Charge:
    """What the vendor's billing data says of a use."""

    list_cost: Decimal
    billed_cost: Decimal


def _charge(
    year: Year,
    account: Account,
    day: date,
    principal: str,
    used: Decimal,
    discounts: list[tuple[date, Decimal]],
    pool: Pool | None,
    invoice_id: str,
) -> Charge:
    listed = _value(account, used)
    off, reason = Decimal(0), None
    if pool:
        before = pool.used
        off = pool.cover(listed)
        reason = "included_allowance" if off else None
        included = min(pool.used, pool.included) - min(before, pool.included)
        year.explain(invoice_id, "included_allowance", -included)
        year.explain(invoice_id, "promotion", included - off)
    for start, percent in discounts:
        if day >= start:
            off, reason = (listed * percent / 100).quantize(NANO, ROUND_DOWN), "discount"
    if discounts:
        first = (listed * discounts[0][1] / 100).quantize(NANO, ROUND_DOWN)
        year.explain(invoice_id, "discount", -first)
        year.explain(invoice_id, "price_difference", first - off)
    year.charges += 1
    year.rows["int_billing__charges_unioned"].append(
        {
            "charge_key": f"charge-{year.charges:06}",
            "vendor": account.vendor,
            "account_id": account.account_id,
            "source_report": "generated",
            "charge_date": day,
            "charge_end_date": day + timedelta(days=1),
            "charge_category": "Usage",
            "charge_frequency": "Usage-Based",
            "series": account.series,
            "sku": f"sku-{hash_of(principal) % 3}",
            "principal_key": principal,
            "credit_unit": "ai_credit" if account is COPILOT else "usd",
            "quantity": used,
            "unit": "ai_credits" if account is COPILOT else "usd",
            "billing_currency": "USD",
            "list_cost": listed,
            "discount_reason": reason,
            "billed_cost": listed - off,
            "effective_cost": listed - off,
            "list_usd": listed,
            "billed_usd": listed - off,
        }
    )
    year.billed[day.replace(day=1), account.vendor, account.series] += listed - off
    return Charge(listed, listed - off)


def _invoice(
    year: Year, account: Account, month: date, billed_usd: Decimal, late: Decimal, *, leaves_out: bool
) -> None:
    """The month's invoice with its lines, and perhaps a credit note on the one before."""
    invoice_id = invoice_of(account, month)
    rate: Decimal | None = None
    if account.currency == "EUR":
        booked = next(row["rate"] for row in year.rows["int_finance__fx_rates"] if row["valid_from"] == month)
        rate = booked + (year.amount(1, 4) / 50 if year.happens("fx", 0.7) else 0)
        year.explain(invoice_id, "fx", billed_usd * (rate - booked))
    lines = [(account.series, "Usage", cents(billed_usd * (rate or 1)), month)]
    if account is COPILOT:
        fee = next(row["seat_fee"] for row in year.rows["int_seats__months"] if row["billing_month"] == month)
        lines.append(("human_seat_fee", "Purchase", cents(fee), month))
        year.explain(invoice_id, "seats_and_fixed", fee)
    if late:
        lines.append((account.series, "Usage", late, month - timedelta(days=1)))
        year.explain(invoice_id, "prior_period", late)
    if not leaves_out and year.happens("overcharge", 0.15):
        series, category, amount, service = lines[0]
        lines[0] = (series, category, amount + cents(year.amount(400, 2)) + 300, service)
        year.overcharged.add(invoice_id)
    if year.happens("tax", 0.5):
        lines.append(("tax", "Tax", cents(sum(line[2] for line in lines) * Decimal("0.19")), month))
    _write_invoice(year, account, month, invoice_id, lines, rate)
    before = invoice_of(account, (month - timedelta(days=1)).replace(day=1))
    if month > FIRST_MONTH and account is COPILOT and year.happens("credit note", 0.3):
        note = f"{before}-credit"
        amount = -cents(year.amount(100, 2))
        _write_invoice(year, account, month, note, [("credit", "Credit", amount, month)], None, before)
        year.explain(note, "credit_note", amount)


def _write_invoice(
    year: Year,
    account: Account,
    month: date,
    invoice_id: str,
    lines: list[tuple[str, str, Decimal, date]],
    rate: Decimal | None,
    reference: str | None = None,
) -> None:
    year.rows["int_finance__invoices"].append(
        {
            "issuer": account.issuer,
            "billing_account_id": account.account_id,
            "invoice_id": invoice_id,
            "invoice_type": "credit_note" if reference else "invoice",
            "reference_invoice_id": reference,
            "invoice_status": "issued",
            "issue_date": last_day(month) + timedelta(days=year.random.randint(1, 9)),
            "period_start": month,
            "period_end": last_day(month),
            "currency": account.currency,
            "net": sum((amount for series, _, amount, _ in lines if series != "tax"), Decimal(0)),
            "tax": sum((amount for series, _, amount, _ in lines if series == "tax"), Decimal(0)),
            "fx_rate": rate,
        }
    )
    for number, (series, category, amount, service) in enumerate(lines, 1):
        start = service.replace(day=1)
        year.rows["int_finance__invoice_lines"].append(
            {
                "issuer": account.issuer,
                "invoice_id": invoice_id,
                "line_no": number,
                "vendor": account.vendor,
                "series": series,
                "charge_category": category,
                "amount": amount,
                "service_start": start,
                "service_end": last_day(start),
            }
        )
