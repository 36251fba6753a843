"""The invented company's Cursor team: its dates, keys and special people, by name."""

from __future__ import annotations

from datetime import UTC, date, datetime

from demo import constants as c

TEAM = "quill-harbor"
TEAM_ID = 41207
ACCOUNT_ID = f"team/{TEAM}"
ORGANIZATION_ID = "org_quill_harbor"
CONTRACT_FIRST_DAY, CONTRACT_LAST_DAY = date(2026, 1, 1), date(2026, 12, 31)
POOL_LIMIT_CENTS = 4_000_000

# What the API knows: everything before this UTC hour of its today.
OPEN_UNTIL_HOUR = 9
CYCLE_DAY, CYCLE_TIME = 27, (12, 8, 4)
CYCLE_START = datetime(2026, 9, 27, 12, 8, 4, tzinfo=UTC)
# From this day on, the API tells the corrected version of the cycle, and a removed user's events without e-mail.
RESTATED_ON = date(2026, 10, 18)
# From this day on, events carry isChargeable and isHeadless instead of isFreeBugbot.
NEW_FIELDS_FROM = date(2026, 7, 10)

OWNER_EMAIL = "otto.crossing@example.com"
CRON_EMAIL = "tilda.bridge@example.com"
CRON_DAYS = tuple(date(2026, 10, day) for day in (5, 6, 7, 8, 12, 13, 14))
CRON_MINUTE, CRON_HOURS = 17, range(1, 23, 2)
MOVED_EMAIL = "momo.mover@example.com"
LEFT_EMAIL = "lena.gone@example.com"
LEFT_REMOVED_ON = date(2026, 9, 18)
EARLY_EMAIL = "erik.early@example.com"
MIXED_CASE_EMAIL = "Samantha.Example@Example.com"
NO_LOGIN_EMAIL = c.UNCLAIMED_EMAIL
OWN_KEY_EMAIL = "lars.latecli@example.com"
TAB_ONLY_EMAIL = "lotta.lostlines@example.com"
IDLE_EMAIL = "ida.idle@example.com"
SHARED_EMAIL = "cara.contract@agency.example.com"
GROUP_MOVER_EMAIL = "vera.vendor@agency.example.com"
GROUP_MOVED_ON = date(2026, 8, 16)
UNKNOWN_EMAIL = "gus.guest@elsewhere.example.com"

# Young enough that the days of the use are still read again when its e-mail is gone.
REMOVED_EMAIL = "rena@example.com"
REMOVED_FIRST_DAY, REMOVED_LAST_USE, REMOVED_ON = date(2026, 9, 21), date(2026, 10, 14), RESTATED_ON

CONTRACT_GROUP, DESIGN_GROUP, ENGINEERING_GROUP = "Contract Crew", "Design Pool", "Engineering"

# Service accounts: id, name, the e-mail that the API tells with their events, events a day.
RUNNER_ACCOUNT = ("sa_4nightlydocs", "Nightly Docs Agent", "agent-runner@example.com", 9)
REPAIR_ACCOUNT = ("sa_7cirepair", "CI Repair Agent", OWNER_EMAIL, 5)
# A runaway loop of the repair account: more events in one UTC day than fit on the largest page.
BUSY_DAY, BUSY_EVENTS = date(2026, 9, 24), 1_000
AUTOMATION_ID = "6f1c2d8e-3b57-4a9d-8e21-90b4c7d5a310"
AUTOMATION_EMAIL = MOVED_EMAIL

# A day of one person that has one of each kind of event (demo/cursor_curiosities.py).
CURIOUS_DAY = date(2026, 8, 19)
CURIOUS_EMAIL = NO_LOGIN_EMAIL


def now(as_of: date) -> datetime:
    """Until when the API has events on that date."""
    return datetime(as_of.year, as_of.month, as_of.day, OPEN_UNTIL_HOUR, tzinfo=UTC)


def cycle_start(moment: datetime) -> datetime:
    """When the subscription cycle began that contains the moment."""
    hour, minute, second = CYCLE_TIME
    start = moment.replace(day=CYCLE_DAY, hour=hour, minute=minute, second=second, microsecond=0)
    if start <= moment:
        return start
    return start.replace(year=start.year - 1, month=12) if start.month == 1 else start.replace(month=start.month - 1)


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds."""
    return round(moment.timestamp() * 1000)


def midnight(day: date) -> int:
    """The first millisecond of a UTC day."""
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def utc_day(instant: int) -> date:
    """The UTC day of a millisecond."""
    return datetime.fromtimestamp(instant / 1000, tz=UTC).date()
