"""What the invented company has agreed with those who bill it: accounts, seat plans, terms, rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo import anthropic_directory as ad
from demo import constants as c
from demo import cursor_constants as cc
from demo import openai_accounts as oa

GITHUB, ANTHROPIC, CURSOR, OPENAI = "GitHub", "Anthropic", "Cursor", "OpenAI"
CONTRACT_START = date(2026, 1, 1)
# The months that are invoiced; the demo's data begins in the middle of June, and October is running.
FIRST_MONTH, PLANTED_MONTH, OPEN_MONTH = date(2026, 7, 1), date(2026, 9, 1), date(2026, 10, 1)
INVOICED_MONTHS = (FIRST_MONTH, date(2026, 8, 1), PLANTED_MONTH)

# GitHub. The price of a seat and the credits in it are invented; the price of a credit is GitHub's.
SEAT_PRICE, INCLUDED_CREDITS, PROMOTION_CREDITS = Decimal(19), 150, 50
PROMOTION_FIRST_DAY, PROMOTION_LAST_DAY = date(2026, 6, 1), date(2026, 9, 30)
# Somebody who uses Copilot on github.com only, which the usage metrics do not cover.
UNMETERED_TEAM, UNMETERED_LOGIN, UNMETERED_FROM = c.NO_ADOPTION_TEAM, "caro-invented", date(2026, 9, 1)
UNMETERED_CREDITS_A_DAY = Decimal("31.25")
# What GitHub's billing data of a day tells only from some day on, long after the month was invoiced. The usage metrics
# never tell it: they are final after a few days.
LATE_LOGIN, LATE_DAY, LATE_CREDITS, LATE_KNOWN_FROM = (
    c.TWO_ORGS_LOGIN,
    date(2026, 9, 30),
    Decimal(2440),
    date(2026, 10, 18),
)
TAX_PERCENT = Decimal("8.875")

# Anthropic: the discount off list, and the day on which it changes in the middle of a month.
DISCOUNTS = ((CONTRACT_START, Decimal(10)), (date(2026, 9, 16), Decimal(15)))
CLAUDE_SEATS, CLAUDE_SEAT_PRICE = 20, Decimal(40)
CREDIT_NOTE_AMOUNT = Decimal("-45.00")

# Cursor: priced in dollars, invoiced in euros. Booked is the rate of the finance department, by its first day.
CURSOR_SEATS, CURSOR_SEAT_PRICE = 48, Decimal(35)
EURO_RATES = (
    (CONTRACT_START, Decimal("0.9100")),
    (date(2026, 8, 1), Decimal("0.9150")),
    (date(2026, 9, 1), Decimal("0.9200")),
    (date(2026, 10, 1), Decimal("0.9250")),
)
PLANTED_EURO_RATE = Decimal("0.9340")

OVERCHARGE = Decimal("300.00")


@dataclass(frozen=True)
class BillingAccount:
    """An account that is billed: who bills it, in what currency, for which vendor's use."""

    issuer: str
    vendor: str
    account_id: str
    code: str
    currency: str = "USD"
    cycle_day: int = 1
    payment_model: str = "invoice"

    def period(self, month: date) -> tuple[date, date]:
        """First and last day of the billing period that ends in the month."""
        if self.cycle_day == 1:
            return month, date.fromordinal(next_month(month).toordinal() - 1)
        before = date(month.year - (month.month == 1), month.month - 1 or 12, self.cycle_day)
        return before, month.replace(day=self.cycle_day - 1)

    def month_of(self, day: date) -> date:
        """The billing month to which a day belongs."""
        first = day.replace(day=1)
        return first if self.cycle_day == 1 or day.day < self.cycle_day else next_month(first)

    def invoice_id(self, month: date, kind: str = "") -> str:
        """The number of the month's invoice."""
        return f"{self.code}-{month:%Y-%m}{kind}"


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


COPILOT_ENTERPRISE = BillingAccount(GITHUB, "github_copilot", c.ENTERPRISE.account_id, "GHE")
COPILOT_LANTERN = BillingAccount(GITHUB, "github_copilot", c.LANTERN.account_id, "GHL")
CLAUDE_CONSOLE = BillingAccount(ANTHROPIC, "anthropic", ad.CONSOLE, "ANC")
CLAUDE_ENTERPRISE = BillingAccount(ANTHROPIC, "anthropic", ad.ENTERPRISE, "ANE")
CURSOR_TEAM = BillingAccount(CURSOR, "cursor", cc.ACCOUNT_ID, "CUR", "EUR", cc.CYCLE_DAY)
OPENAI_ORGANIZATION = BillingAccount(OPENAI, "openai", oa.ORGANIZATION_ACCOUNT, "OAI")
# Codex credits are bought in advance: no invoice is due, and no rate says what a credit is worth.
OPENAI_WORKSPACE = BillingAccount(OPENAI, "openai", oa.WORKSPACE_ACCOUNT, "OAW", payment_model="prepaid")
BILLING_ACCOUNTS = (
    COPILOT_ENTERPRISE,
    COPILOT_LANTERN,
    CLAUDE_CONSOLE,
    CLAUDE_ENTERPRISE,
    CURSOR_TEAM,
    OPENAI_ORGANIZATION,
    OPENAI_WORKSPACE,
)


def copilot_account(account: c.Account) -> BillingAccount:
    """The billing account of a GitHub account that is billed."""
    return COPILOT_ENTERPRISE if account == c.ENTERPRISE else COPILOT_LANTERN


def discount_percent(day: date) -> Decimal:
    """Anthropic's discount off list on a day."""
    return next(percent for since, percent in reversed(DISCOUNTS) if since <= day)


def discounted(amount: Decimal, day: date) -> Decimal:
    """A list price of Anthropic's as it is billed on a day."""
    return amount * (100 - discount_percent(day)) / 100


def booked_rate(currency: str, day: date) -> Decimal:
    """What a US dollar costs in the currency by the books of that day."""
    if currency == "USD":
        return Decimal(1)
    return next(rate for since, rate in reversed(EURO_RATES) if since <= day)


def invoiced_rate(account: BillingAccount, month: date) -> Decimal:
    """What a US dollar costs on the invoice of the month."""
    if account == CURSOR_TEAM and month == PLANTED_MONTH:
        return PLANTED_EURO_RATE
    return booked_rate(account.currency, account.period(month)[1])


def promotion_credits(account: BillingAccount, month: date) -> int:
    """Credits that the promotion adds to each seat in a month."""
    promoted = account == COPILOT_ENTERPRISE and PROMOTION_FIRST_DAY <= month <= PROMOTION_LAST_DAY
    return PROMOTION_CREDITS if promoted else 0
