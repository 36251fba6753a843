"""The right answers about Cursor: from the invented company's use, never from what its server sends.

Amounts are exact: a ledger that rounds each event finds them within its rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from demo import constants as c
from demo import cursor_constants as cc
from demo.company import Company
from demo.cursor_events import Event
from demo.cursor_members import GROUP_BY_NAME
from demo.cursor_models import MILLION, MODEL_BY_NAME
from demo.cursor_use import CursorUse, cursor_use
from demo.ledger_truth import (
    NO_OWNER_FOR_KEY,
    UNKNOWN_USER,
    ActivityTruth,
    CreditTruth,
    Owner,
    Principal,
    TokenTruth,
    roster_owner,
)

VENDOR = "cursor"
UNATTRIBUTED = Principal(VENDOR, "unattributed", "unattributed")
# A minute of the hour has a rhythm with events in so many hours, and one in so many of the day's events.
CRON_HOURS, CRON_SHARE = 8, 4


@dataclass(frozen=True)
class HourTruth:
    """One row of hours: the credits of a UTC hour."""

    usage_hour: datetime
    account_id: str
    principal: Principal
    product: str
    credits: Decimal | None
    records: int
    unpriced_records: int


@dataclass(frozen=True)
class SignalTruth:
    """A day on which a principal looks like a machine; `records` are the events that show it."""

    usage_date: date
    account_id: str
    principal: Principal
    signal: str
    records: int


def credits(company: Company, as_of: date) -> list[CreditTruth]:  # noqa: A001
    """One row per day, product and principal, of the days that are over."""
    owners = Owners(company)
    groups: dict[tuple[date, str, Principal], list[Event]] = defaultdict(list)
    for event in owners.use.full_day_events(as_of):
        groups[event.day, event.product, principal(event)].append(event)
    rows = []
    for (day, product, who), events in sorted(groups.items(), key=lambda item: (item[0][:2], item[0][2].identifier)):
        usd, unpriced = _usd(events)
        rows.append(
            CreditTruth(
                usage_date=day,
                account_id=cc.ACCOUNT_ID,
                product=product,
                principal=who,
                owner=owners.owner(who, day),
                credit_unit="usd",
                value_basis="unpriced" if usd is None else "vendor_charge",
                credits=usd,
                usage_value_usd=usd,
                records=len(events),
                unpriced_records=unpriced,
            )
        )
    return rows


def hours(company: Company, as_of: date) -> list[HourTruth]:
    """One row per hour, product and principal, of the days that are over."""
    groups: dict[tuple[datetime, str, Principal], list[Event]] = defaultdict(list)
    for event in cursor_use(company).full_day_events(as_of):
        hour = datetime.fromtimestamp(event.instant // 3_600_000 * 3600, tz=UTC)
        groups[hour, event.product, principal(event)].append(event)
    return [
        HourTruth(hour, cc.ACCOUNT_ID, who, product, usd, len(events), unpriced)
        for (hour, product, who), events in groups.items()
        for usd, unpriced in [_usd(events)]
    ]


def tokens(company: Company, as_of: date) -> list[TokenTruth]:
    """One row per day, product, principal, model and token type; no rows without tokens."""
    groups: dict[tuple[date, str, Principal, str, str], list[tuple[int, Decimal | None]]] = defaultdict(list)
    for event in cursor_use(company).full_day_events(as_of):
        model = MODEL_BY_NAME[event.model]
        # What no price list knows has no list value, whatever Cursor charges for it.
        found = model.prices_on(event.day) if model.key else None
        for kind, number in event.tokens:
            price = found.of(kind) if found else None
            value = None if price is None else number * price / MILLION
            if number:
                key = event.day, event.product, principal(event), model.key or model.name, kind
                groups[key].append((number, value))
    return [
        TokenTruth(
            usage_date=day,
            account_id=cc.ACCOUNT_ID,
            product=product,
            principal=who,
            model=model,
            token_type=kind,
            tokens=sum(number for number, _ in parts),
            list_value_usd=_total(value for _, value in parts),
        )
        for (day, product, who, model, kind), parts in groups.items()
    ]


def activity(company: Company, as_of: date) -> list[ActivityTruth]:
    """One row per day and member, of the days that are over: also of those who did nothing."""
    owners = Owners(company)
    rows = []
    for offset in range((as_of - c.FIRST_DAY).days):
        day = c.FIRST_DAY + timedelta(days=offset)
        for member in owners.use.members:
            counted = owners.use.member_day(member, day, as_of)
            if counted is None:
                continue
            who = human(member.address)
            rows.append(
                ActivityTruth(
                    usage_date=day,
                    account_id=cc.ACCOUNT_ID,
                    principal=who,
                    owner=owners.owner(who, day),
                    requests=counted.composer_requests
                    + counted.chat_requests
                    + counted.agent_requests
                    + counted.cmdk_usages,
                    suggestions=counted.tabs_shown,
                    acceptances=counted.tabs_accepted + counted.accepts,
                    lines_added=counted.accepted_lines_added,
                    lines_deleted=counted.accepted_lines_deleted,
                    is_active=counted.is_active,
                )
            )
    return rows


def signals(company: Company, as_of: date) -> list[SignalTruth]:
    """Headless events, and days with a quarter of the events in the same minute of eight or more hours."""
    headless: dict[tuple[date, Principal], int] = defaultdict(int)
    minutes: dict[tuple[date, Principal], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for event in cursor_use(company).full_day_events(as_of):
        key = event.day, principal(event)
        # Before the API had the field, nobody could tell.
        headless[key] += event.is_headless and event.day >= cc.NEW_FIELDS_FROM
        hour, minute = divmod(event.instant // 60_000 % 1440, 60)
        minutes[key][minute].append(hour)
    rows = [
        SignalTruth(day, cc.ACCOUNT_ID, who, "headless", number) for (day, who), number in headless.items() if number
    ]
    for (day, who), by_minute in minutes.items():
        of_day = sum(map(len, by_minute.values()))
        number = sum(
            len(found)
            for found in by_minute.values()
            if len(set(found)) >= CRON_HOURS and len(found) * CRON_SHARE >= of_day
        )
        if number:
            rows.append(SignalTruth(day, cc.ACCOUNT_ID, who, "cron_rhythm", number))
    return rows


def human(email: str) -> Principal:
    """A person's seat."""
    return Principal(VENDOR, "human_seat", email.lower(), "email")


def principal(event: Event) -> Principal:
    """Who or what an event counts for: a machine before the person whose e-mail it carries."""
    if event.service_account:
        return Principal(VENDOR, "service_account", event.service_account[0])
    if event.automation_id:
        return Principal(VENDOR, "cloud_agent", event.automation_id, prefix="automation:")
    if not event.email:
        return UNATTRIBUTED
    if event.cloud_agent_id:
        return Principal(VENDOR, "cloud_agent", event.email.lower(), "email", prefix="cloud_agent:")
    return human(event.email)


class Owners:
    """Whose use is."""

    def __init__(self, company: Company) -> None:
        """Know the roster's e-mails and the billing groups."""
        self.use: CursorUse = cursor_use(company)
        self._person = {email.lower(): person for person in company.people for email in person.emails}

    def owner(self, who: Principal, day: date) -> Owner:
        """The owner of a principal's use on a day; a person's cloud agents are his."""
        if who == UNATTRIBUTED:
            return Owner(reason=UNKNOWN_USER)
        return self._email_owner(who.identifier, day) if who.namespace == "email" else Owner(reason=NO_OWNER_FOR_KEY)

    def _email_owner(self, email: str, day: date) -> Owner:
        person = self._person.get(email)
        if person:
            return roster_owner(person, day)
        member = self.use.member_by_email(email)
        memberships = member.memberships if member else ()
        group = next((found.group for found in memberships if found.contains(day)), None)
        return Owner(team_key=GROUP_BY_NAME[group].key) if group else Owner(reason=UNKNOWN_USER)


def _usd(events: Iterable[Event]) -> tuple[Decimal | None, int]:
    """The sum of what is known, and how many are not."""
    known = [event.cents for event in events]
    total = [cents for cents in known if cents is not None]
    return (sum(total, Decimal(0)) / 100 if total else None), len(known) - len(total)


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total
