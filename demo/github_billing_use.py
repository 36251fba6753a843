"""What GitHub bills the invented company for Copilot: seats and AI credits by day, out of the company's own use.

Rules. A credit costs 0.01 USD. The included credits of all seats of the month, and those of a promotion, make one
pool; a seat adds all its credits at once, whenever in the month it comes. The pool covers use in the order of days, and
within a day in the order of the rows; what it does not cover is billed. A seat's month costs the plan's price: each day
is its part of the month, the first day counts, and the days of a whole month add up to exactly one.
Whoever is in the enterprise is billed there, whatever other organisation has him too; a seat is billed by each that
grants it. What a standalone organisation's people use is billed to it.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cached_property

from demo import billing_contracts as b
from demo import constants as c
from demo.company import Company
from demo.once import once
from demo.people import User
from demo.usage import UserDay

BILLED = (c.ENTERPRISE, c.LANTERN)
CREDIT_SKU, AGENT_SKU, SEAT_SKU = "copilot_ai_credit", "coding_agent_ai_credit", "copilot_for_business"
AGENT_MODEL, REVIEW_MODEL, CHAT_MODEL = "Coding Agent model", "Code Review model", "GPT-5.4"
DISPLAY_NAMES = {
    "gpt-5.4": "GPT-5.4",
    "claude-sonnet-4.6": "Claude Sonnet 4.6",
    "claude-opus-4.6": "Claude Opus 4.6",
    "claude-haiku-4.5": "Claude Haiku 4.5",
    "claude-4.5-haiku": "Claude Haiku 4.5",
    "auto": "Auto: GPT-5.4",
    "unknown": "Auto: Claude Haiku 4.5",
}
TOKENS_FROM = date(2026, 8, 11)
# Input, output, cache read, cache write of a credit.
TOKENS_OF_CREDIT = (310, 22, 2_900, 140)
PARTS = Decimal("0.000001")
USER_MONTH = Decimal("0.000000001")


@dataclass(frozen=True)
class CreditUse:
    """AI credits of somebody, a model and a day; `covered` of them come out of the pool."""

    day: date
    login: str
    organization: str
    cost_center: str | None
    sku: str
    model: str
    quantity: Decimal
    covered: Decimal = Decimal(0)
    is_late: bool = False

    @property
    def gross(self) -> Decimal:
        """What it costs without the pool."""
        return self.quantity * c.CREDIT_PRICE_USD

    @property
    def discount(self) -> Decimal:
        """What the pool covers."""
        return self.covered * c.CREDIT_PRICE_USD

    @property
    def net(self) -> Decimal:
        """What is billed."""
        return self.gross - self.discount

    @property
    def tokens(self) -> tuple[int, ...] | None:
        """Input, output, cache read and cache write; None before GitHub told them."""
        return tuple(int(self.quantity * number) for number in TOKENS_OF_CREDIT) if self.day >= TOKENS_FROM else None


@dataclass(frozen=True)
class SeatUse:
    """A day of a seat, as its part of the month."""

    day: date
    login: str
    organization: str
    cost_center: str | None
    quantity: Decimal

    @property
    def gross(self) -> Decimal:
        """What it costs."""
        return self.quantity * b.SEAT_PRICE


@dataclass(frozen=True)
class Pool:
    """The included credits of a month and what became of them, in credits."""

    seats: int
    included: Decimal
    promotion: Decimal
    consumed: Decimal

    @property
    def size(self) -> Decimal:
        """All that is covered at most."""
        return self.included + self.promotion

    @property
    def covered(self) -> Decimal:
        """What it covered."""
        return min(self.consumed, self.size)

    @property
    def overage(self) -> Decimal:
        """What it did not cover."""
        return self.consumed - self.covered

    @property
    def remainder(self) -> Decimal:
        """What was not used."""
        return self.size - self.covered


class GithubBilling:
    """What is billed to each account, as GitHub knows it on a date: of that date and later days nothing."""

    def __init__(self, company: Company) -> None:
        """Bill the company."""
        self._company = company
        self._credits: dict[tuple[c.Account, bool], list[CreditUse]] = {}
        self._by_month: dict[tuple[c.Account, bool], dict[tuple[int, int], list[CreditUse | SeatUse]]] = {}

    def credit_uses(self, account: c.Account, as_of: date) -> list[CreditUse]:
        """AI credits, by day."""
        key = account, as_of >= b.LATE_KNOWN_FROM
        if key not in self._credits:
            self._credits[key] = self._covered(account, self._drawn(account, knows_late=key[1]))
        return [use for use in self._credits[key] if use.day < as_of]

    def seat_uses(self, account: c.Account, as_of: date) -> list[SeatUse]:
        """Days of seats."""
        return [seat for seat in self._seat_uses[account] if seat.day < as_of]

    def uses_in(self, account: c.Account, as_of: date, year: int, month: int | None) -> list[CreditUse | SeatUse]:
        """Everything of a month, or of a year."""
        key = account, as_of >= b.LATE_KNOWN_FROM
        if key not in self._by_month:
            self.credit_uses(account, as_of)
            uses: list[CreditUse | SeatUse] = [*self._credits[key], *self._seat_uses[account]]
            by_month: dict[tuple[int, int], list[CreditUse | SeatUse]] = defaultdict(list)
            for use in uses:
                by_month[use.day.year, use.day.month].append(use)
            # Whole before anybody sees it: the server answers several requests at once.
            self._by_month[key] = by_month
        months = [(year, number) for number in range(1, 13) if month in (None, number)]
        return [use for one in months for use in self._by_month[key].get(one, []) if use.day < as_of]

    def pool(self, account: c.Account, month: date, as_of: date) -> Pool:
        """The pool of a month."""
        billed = b.copilot_account(account)
        seats = self.seats_in(account, month)
        used = (use.quantity for use in self.credit_uses(account, as_of) if use.day.replace(day=1) == month)
        included, promoted = seats * b.INCLUDED_CREDITS, seats * b.promotion_credits(billed, month)
        return Pool(seats, Decimal(included), Decimal(promoted), sum(used, Decimal(0)))

    def seats_in(self, account: c.Account, month: date) -> int:
        """Seats that there were at the end of the month."""
        return sum(created < b.next_month(month) for created in self.seats_since(account).values())

    def seats_since(self, account: c.Account) -> dict[int, date]:
        """Everybody with a seat of the account, each once, and the day of his first one."""
        since: dict[int, date] = {}
        for seat in self._company.seats:
            if seat.user_id is not None and seat.is_listed_by(account):
                since[seat.user_id] = min(seat.created_on, since.get(seat.user_id, seat.created_on))
        return since

    def cost_centers(self) -> dict[str, list[str]]:
        """The enterprise's cost centers with the logins of their members."""
        members: dict[str, list[str]] = defaultdict(list)
        for user in self._company.members(c.ENTERPRISE):
            name = self.cost_center(user)
            if name:
                members[name].append(user.login)
        return dict(sorted(members.items()))

    def cost_center(self, user: User) -> str | None:
        """The cost center of an account: that of its person's last period; none outside the enterprise."""
        if user.person_id is None or not user.belongs_to(c.ENTERPRISE):
            return None
        return self._company.person_by_id[user.person_id].periods[-1].cost_center

    def _drawn(self, account: c.Account, *, knows_late: bool) -> Iterator[CreditUse]:
        for day in c.DAYS:
            for row in self._company.final[day]:
                user = self._company.user_by_id[row.user_id]
                if row.known_credits is not None and _billed_account(user) == account:
                    yield from self._by_model(user, row, row.known_credits)
            if account == c.ENTERPRISE and day >= b.UNMETERED_FROM and day.weekday() < 5:
                unmetered = self._company.user(b.UNMETERED_LOGIN)
                yield self._use(unmetered, day, CREDIT_SKU, CHAT_MODEL, b.UNMETERED_CREDITS_A_DAY)
            if account == c.ENTERPRISE and day == b.LATE_DAY and knows_late:
                late = self._use(self._company.user(b.LATE_LOGIN), day, AGENT_SKU, AGENT_MODEL, b.LATE_CREDITS)
                yield replace(late, is_late=True)

    def _by_model(self, user: User, row: UserDay, amount: Decimal) -> Iterator[CreditUse]:
        models = sorted({(CREDIT_SKU, DISPLAY_NAMES[line.model]) for line in row.lines if line.model})
        if row.cloud_agent:
            models.append((AGENT_SKU, AGENT_MODEL))
        models = models or [(CREDIT_SKU, REVIEW_MODEL if row.review_passive else CHAT_MODEL)]
        share = (amount / len(models)).quantize(PARTS, ROUND_DOWN)
        for number, (sku, model) in enumerate(models, start=1):
            part = share if number < len(models) else amount - share * (len(models) - 1)
            yield self._use(user, row.day, sku, model, part)

    def _use(self, user: User, day: date, sku: str, model: str, quantity: Decimal) -> CreditUse:
        return CreditUse(day, user.login, user.organizations[0].slug, self.cost_center(user), sku, model, quantity)

    def _covered(self, account: c.Account, drawn: Iterable[CreditUse]) -> list[CreditUse]:
        left: dict[date, Decimal] = {}
        found = []
        for use in sorted(drawn, key=lambda use: (use.day, use.is_late, use.login, use.sku, use.model)):
            month = use.day.replace(day=1)
            if month not in left:
                seats = self.seats_in(account, month)
                promoted = b.promotion_credits(b.copilot_account(account), month)
                left[month] = Decimal(seats * (b.INCLUDED_CREDITS + promoted))
            covered = min(use.quantity, left[month])
            left[month] -= covered
            found.append(replace(use, covered=covered))
        return found

    @cached_property
    def _seat_uses(self) -> dict[c.Account, list[SeatUse]]:
        uses: dict[c.Account, list[SeatUse]] = {}
        for account in BILLED:
            found = []
            for user_id, since in self.seats_since(account).items():
                user = self._company.user_by_id[user_id]
                organization = next(org.slug for org in user.organizations if account.covers(org))
                for day in c.DAYS:
                    if day >= since:
                        quantity = user_month(day, since)
                        found.append(SeatUse(day, user.login, organization, self.cost_center(user), quantity))
            uses[account] = sorted(found, key=lambda seat: (seat.day, seat.login))
        return uses


def _billed_account(user: User) -> c.Account:
    return c.ENTERPRISE if user.belongs_to(c.ENTERPRISE) else c.LANTERN


def user_month(day: date, since: date) -> Decimal:
    """The part of its month that a day of a seat is; rounded so that all days of the month add up."""
    days = monthrange(day.year, day.month)[1]
    first = since.day if since.replace(day=1) == day.replace(day=1) else 1
    counted = day.day - first + 1

    def until(number: int) -> Decimal:
        return (Decimal(number) / days).quantize(USER_MONTH, ROUND_HALF_UP)

    return until(counted) - until(counted - 1)


@once
def github_billing(company: Company) -> GithubBilling:
    """What is billed to the company; computed once."""
    return GithubBilling(company)
