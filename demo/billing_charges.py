"""What each vendor bills the invented company, day by day, out of the company's own use: list value and amount billed.

A charge is what the vendor's own billing data must say. `listed` is its value without discount, `billed` what is paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from demo import anthropic_truth, cursor_truth, openai_truth
from demo import billing_contracts as b
from demo import constants as c
from demo.anthropic_habits import claude_use
from demo.billing_contracts import BillingAccount
from demo.company import Company
from demo.cursor_events import FREE, UNKNOWN_KIND
from demo.cursor_use import cursor_use
from demo.github_billing_use import BILLED, CREDIT_SKU, SEAT_SKU, github_billing
from demo.openai_costs import costs
from demo.openai_use import build_openai_use, closed_days

Series = Literal["human_seat_fee", "human_usage", "machine_usage", "credit"]
HUMAN_KINDS = ("human_seat", "human_api_key")
# Of use whose principal nobody knows: what only people use.
CLAUDE_PRODUCTS_OF_PEOPLE = ("chat", "claude_code", "claude_console", "cowork")
PROMOTIONAL_CREDIT = "Promotional credit"


@dataclass(frozen=True)
class Charge:
    """What a day of something costs, in US dollars; `reason` is why less is billed than is listed."""

    account: BillingAccount
    day: date
    series: Series
    subject: str
    listed: Decimal
    billed: Decimal
    reason: Literal["", "included_allowance", "discount", "promotion"] = ""

    @property
    def month(self) -> date:
        """The billing month."""
        return self.account.month_of(self.day)


def charges(company: Company, as_of: date) -> list[Charge]:
    """Everything that the vendors' billing data says on a date, of the days that are over."""
    return [
        *_github(company, as_of),
        *_anthropic(company, as_of),
        *_cursor(company, as_of),
        *_openai(company, as_of),
    ]


def _github(company: Company, as_of: date) -> Iterator[Charge]:
    billing = github_billing(company)
    for account in BILLED:
        billed = b.copilot_account(account)
        for use in billing.credit_uses(account, as_of):
            reason: Literal["", "included_allowance"] = "included_allowance" if use.covered else ""
            yield Charge(billed, use.day, "human_usage", use.sku or CREDIT_SKU, use.gross, use.net, reason)
        for seat in billing.seat_uses(account, as_of):
            yield Charge(billed, seat.day, "human_seat_fee", SEAT_SKU, seat.gross, seat.gross)


def _anthropic(company: Company, as_of: date) -> Iterator[Charge]:
    claude = claude_use(company)
    owners = anthropic_truth.Owners(company, claude)
    accounts = {account.account_id: account for account in (b.CLAUDE_CONSOLE, b.CLAUDE_ENTERPRISE)}
    for day in c.DAYS:
        for use in claude.day(day, as_of).uses if day < as_of else ():
            kind = owners.principal(use).kind
            account = accounts[use.account]
            is_nobodys = kind == "unattributed"
            of_people = account == b.CLAUDE_ENTERPRISE or use.product in CLAUDE_PRODUCTS_OF_PEOPLE
            series = _series("human_seat" if is_nobodys and of_people else kind)
            for part in use.cost_parts:
                listed = part.list_cents / 100
                subject = use.model or part.cost_type
                yield Charge(account, day, series, subject, listed, b.discounted(listed, day), "discount")


def _cursor(company: Company, as_of: date) -> Iterator[Charge]:
    """Seats include use of their kind; what is free or a promotion by Cursor's own word costs nothing."""
    for event in cursor_use(company).full_day_events(as_of):
        if event.cents is None:
            continue
        kind = cursor_truth.principal(event).kind
        series = _series("human_seat" if kind == "unattributed" else kind)
        listed = event.cents / 100
        if event.kind in (*FREE, UNKNOWN_KIND):
            yield Charge(b.CURSOR_TEAM, event.day, series, event.kind, listed, Decimal(0), "promotion")
        elif event.product == "included":
            yield Charge(b.CURSOR_TEAM, event.day, series, event.kind, listed, Decimal(0), "included_allowance")
        else:
            yield Charge(b.CURSOR_TEAM, event.day, series, event.kind, listed, listed)


def _openai(company: Company, as_of: date) -> Iterator[Charge]:
    use = build_openai_use(company)
    account = b.OPENAI_ORGANIZATION
    for day in closed_days(as_of):
        for cost in costs(day, use.uses(day, as_of)):
            if cost.line_item == PROMOTIONAL_CREDIT:
                yield Charge(account, day, "credit", cost.line_item, Decimal(0), cost.amount, "promotion")
            else:
                series = _series(openai_truth.kind_of_key(cost.api_key_id) if cost.api_key_id else "unattributed")
                yield Charge(account, day, series, cost.line_item, cost.amount, cost.amount)


def _series(kind: str) -> Series:
    return "human_usage" if kind in HUMAN_KINDS else "machine_usage"
