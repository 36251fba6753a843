"""What to read again: the trailing window that vendors restate, gaps in the manifest, a back-fill on request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dlt_pipelines.errors import ConfigurationError

FIRST_RUN_DAYS = 28
# Past this age a day that the vendor does not have is no longer asked for, unless --since covers it.
ASK_AGAIN_DAYS = 35
# A day is final when it was read this many days after it (docs/rules.md, rule 7).
FINAL_AFTER_DAYS = 4
ONE_DAY = timedelta(days=1)


def as_of() -> date:
    """Today in UTC, or the day that AGENT_SPEND_AS_OF names, for replays and tests."""
    text = os.environ.get("AGENT_SPEND_AS_OF")
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"AGENT_SPEND_AS_OF is '{text}'", "Give an ISO date such as 2026-10-20.") from None


def current_time() -> datetime:
    """Now in UTC; where AGENT_SPEND_AS_OF stands in for today, this time of that day."""
    return datetime.combine(as_of(), datetime.now(UTC).timetz())


@dataclass(frozen=True)
class DayRead:
    """What is known of a day: the manifest's last status, and when the vendor last gave its report."""

    status: str
    read_on: date | None = None


@dataclass(frozen=True)
class Window:
    """The days that a run may read: as of when, how far back to re-read, and what the user asked for."""

    as_of: date
    lookback_days: int = 5
    since: date | None = None
    until: date | None = None

    @property
    def last_day(self) -> date:
        """The last day worth asking for: the last one that has closed in UTC."""
        yesterday = self.as_of - ONE_DAY
        return min(self.until, yesterday) if self.until else yesterday


def days_to_read(
    window: Window, history: Mapping[date, DayRead], *, earliest: date, final_after_days: int = FINAL_AFTER_DAYS
) -> list[date]:
    """The days to ask for, oldest first, so that a killed back-fill leaves its gap to the next run.

    With `since` every day from there is asked for; without it, the trailing `lookback_days`, every gap since the first
    day ever asked for, and, once a day, days that the vendor may still restate.
    """
    last = window.last_day
    if window.since:
        return _days(max(window.since, earliest), last)
    first = max(min(history, default=last - (FIRST_RUN_DAYS - 1) * ONE_DAY), earliest)
    trailing = window.as_of - window.lookback_days * ONE_DAY
    return [
        day
        for day in _days(first, last)
        if day >= trailing or _is_gap(day, history.get(day), window.as_of, final_after_days)
    ]


def months_to_read(
    window: Window, history: Mapping[date, DayRead], *, earliest: date, final_after_days: int = FINAL_AFTER_DAYS
) -> list[date]:
    """The months to ask for, each by its first day, oldest first: as `days_to_read`, where a month is read as one.

    `history` is kept by a month's first day; a month is final when it was read that many days after its last one.
    """
    last = window.last_day
    start = window.since or min(history, default=last - (FIRST_RUN_DAYS - 1) * ONE_DAY)
    trailing = window.as_of - window.lookback_days * ONE_DAY
    months = []
    month = max(start, earliest).replace(day=1)
    while month <= last:
        end = last_of_month(month)
        if window.since or end >= trailing or _is_gap(end, history.get(month), window.as_of, final_after_days):
            months.append(month)
        month = end + ONE_DAY
    return months


def last_of_month(day: date) -> date:
    """The last day of a day's month."""
    return (day.replace(day=28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY


def _is_gap(day: date, known: DayRead | None, today: date, final_after_days: int) -> bool:
    if known is None:
        return True
    if known.status == "not_available":
        return today - day <= ASK_AGAIN_DAYS * ONE_DAY
    if known.status in ("loaded", "unchanged"):
        return known.read_on is not None and known.read_on < min(day + final_after_days * ONE_DAY, today)
    return True


def _days(first: date, last: date) -> list[date]:
    return [first + offset * ONE_DAY for offset in range((last - first).days + 1)]
