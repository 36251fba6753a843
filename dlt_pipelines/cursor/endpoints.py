"""Cursor's reports: what is asked, how its pages go on, and when a window has to be read again.

These are all the addresses that are ever called. Several of Cursor's POST addresses write; none of them is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from dlt_pipelines.cursor import records
from dlt_pipelines.cursor.permissions import refusal
from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import MOST_PAGES, Envelope, Page, WindowMoved, getting, posting, records_of, value_of
from dlt_pipelines.windows import ONE_DAY, as_of

# A cost may be restated for the whole billing cycle.
FINAL_AFTER_DAYS = 35
FIRST_DAY = date(2024, 1, 1)
EVENTS_PER_PAGE = 1000

MEMBERS_PER_PAGE = 1000
SPEND_PER_PAGE = 100
AUDIT_EVENTS_PER_PAGE = 500
AUDIT_DAYS = 30

# What the audit log tells of joins, leaves, limits and keys. Logins and everything else are not asked for.
AUDIT_EVENT_TYPES = (
    *("add_user", "remove_user", "update_user_role", "user_spend_limit", "team_settings"),
    *("team_api_key", "user_api_key"),
)
# The keys of an entry's data that are kept: numbers and flags, and of the first ones also a plain word.
AUDIT_WORDS = ("method", "action", "role", "old_role", "new_role", "oldRole", "newRole", "setting_name")
AUDIT_NUMBERS = ("old_value", "new_value", "limit_dollars", "spend_limit_dollars", "spendLimitDollars")
PLAIN_WORD = re.compile(r"[a-z][a-z0-9_-]{0,40}")
AUDIT_SUBJECTS = ("email", "user_email", "userEmail", "target_email", "targetEmail")

_RECORD = msgspec.json.Decoder(dict[str, Any])


def milliseconds(day: date) -> tuple[int, int]:
    """The first and the last millisecond of a UTC day: both bounds of a window count."""
    start = int(datetime.combine(day, time(), UTC).timestamp()) * 1000
    return start, start + 86_400_000 - 1


def accepting(asked: Asked[NamedAccount]) -> Callable[[Answer], Envelope]:
    """Lets a good answer pass as its envelope and raises what the others mean."""

    def accept(answer: Answer) -> Envelope:
        if answer.status in (401, 403):
            raise refusal(asked.kind.name, asked.account.account_id, answer)
        if answer.status != 200:
            raise RequestFailed(f"{asked}: Cursor answered {answer.status} {answer.message}".rstrip(), "Try later.")
        body: Envelope = answer.body or {}
        return body

    return accept


def unknown(found: Mapping[str, Any], *known: str) -> frozenset[str]:
    """The fields of an envelope that this version does not know."""
    return frozenset(found) - set(known)


def usage_events(client: ApiClient) -> Endpoint:
    """The events of a closed day. No event has an id: the vendor's count says whether the pages moved meanwhile."""
    ask = posting(client, "/teams/filtered-usage-events")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        accept = accepting(asked)
        assert asked.day is not None
        start, end = milliseconds(asked.day)
        body = {"startDate": start, "endDate": end, "pageSize": EVENTS_PER_PAGE}
        total: int | None = None
        read = 0
        for number in range(1, MOST_PAGES):
            found = accept(ask({**body, "page": number}))
            promised = value_of(found.get("totalUsageEventsCount"))
            if number > 1 and promised != total:
                raise WindowMoved
            total = promised
            # The second name is the dashboard's, which the Admin API has been seen to use too.
            events = records_of(found.get("usageEvents")) or records_of(found.get("usageEventsDisplay"))
            read += len(events)
            yield Page(
                events,
                unknown_fields=unknown(
                    found, "totalUsageEventsCount", "pagination", "usageEvents", "usageEventsDisplay", "period"
                ),
            )
            if not _goes_on(found, events, read, total):
                break
        if total is not None and read != total:
            raise WindowMoved

    return Endpoint("usage-events", records.USAGE_EVENTS, pages, first_day=FIRST_DAY, final_after_days=FINAL_AFTER_DAYS)


def _goes_on(found: Envelope, events: list[Any], read: int, total: int | None) -> bool:
    """Whether another page follows: as the vendor says, else while events are missing."""
    more = (value_of(found.get("pagination")) or {}).get("hasNextPage")
    if more is None:
        return bool(events) and total is not None and read < total
    return bool(more)


def daily_usage(client: ApiClient) -> Endpoint:
    """Activity of a closed day. In pages, Cursor also names members who did nothing; they count users, not rows."""
    ask = posting(client, "/teams/daily-usage-data")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        accept = accepting(asked)
        assert asked.day is not None
        start, end = milliseconds(asked.day)
        body = {"startDate": start, "endDate": end, "pageSize": MEMBERS_PER_PAGE}
        users: int | None = None
        for number in range(1, MOST_PAGES):
            found = accept(ask({**body, "page": number}))
            pagination = value_of(found.get("pagination")) or {}
            if number > 1 and pagination.get("totalUsers") != users:
                raise WindowMoved
            users = pagination.get("totalUsers")
            yield Page(records_of(found.get("data")), unknown_fields=unknown(found, "data", "period", "pagination"))
            if not pagination.get("hasNextPage"):
                return

    return Endpoint("daily-usage", records.DAILY_USAGE, pages, first_day=FIRST_DAY, final_after_days=FINAL_AFTER_DAYS)


def members(client: ApiClient) -> Endpoint:
    """The member list, in one answer."""
    ask = getting(client, "/teams/members")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        found = accepting(asked)(ask({}))
        yield Page(records_of(found.get("teamMembers")), unknown_fields=unknown(found, "teamMembers"))

    return Endpoint("members", records.MEMBERS, pages, dated=False)


def spend(client: ApiClient) -> Endpoint:
    """What the running billing cycle has come to by member. No page says whether another follows: all are counted."""
    ask = posting(client, "/teams/spend")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        accept = accepting(asked)
        body = {"pageSize": SPEND_PER_PAGE, "sortBy": "user", "sortDirection": "asc"}
        seen: set[tuple[Any, ...]] = set()
        for number in range(1, MOST_PAGES):
            found = accept(ask({**body, "page": number}))
            pages_in_all = value_of(found.get("totalPages")) or 0
            cycle_start = value_of(found.get("subscriptionCycleStart"))
            seen.add((pages_in_all, cycle_start, value_of(found.get("totalMembers"))))
            if len(seen) > 1:
                raise WindowMoved
            yield Page(
                records_of(found.get("teamMemberSpend")),
                {"cycle_start_at": at(cycle_start)},
                unknown(
                    found,
                    *("teamMemberSpend", "subscriptionCycleStart", "totalMembers", "totalPages"),
                    *("limitedUsersCount", "maxUserSpendCents", "nextCycleStart", "totalByRole"),
                ),
            )
            if number >= pages_in_all:
                return

    return Endpoint("spend", records.SPEND, pages, dated=False)


def at(milliseconds_since_1970: float | None) -> str | None:
    """The moment that epoch milliseconds name, as ISO text."""
    if milliseconds_since_1970 is None:
        return None
    return datetime.fromtimestamp(milliseconds_since_1970 / 1000, UTC).isoformat()


def groups(client: ApiClient) -> Endpoint:
    """Billing groups with their members, those who left included, and what is in no group."""
    ask = getting(client, "/teams/groups")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        found = accepting(asked)(ask({}))
        cycle = value_of(found.get("billingCycle")) or {}
        unassigned = found.get("unassignedGroup")
        listed = records_of(found.get("groups"))
        if value_of(unassigned) is not None and unassigned is not None:
            listed.append(unassigned)
        yield Page(
            listed,
            {"cycle_start_at": cycle.get("cycleStart"), "cycle_end_at": cycle.get("cycleEnd")},
            unknown(found, "groups", "unassignedGroup", "billingCycle"),
        )

    return Endpoint("groups", records.GROUPS, pages, dated=False)


def audit_logs(client: ApiClient) -> Endpoint:
    """The audit log of the 30 closed days before today: as far back as one question may go."""
    ask = getting(client, "/teams/audit-logs")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        accept = accepting(asked)
        today = as_of()
        parameters = {
            "startTime": (today - AUDIT_DAYS * ONE_DAY).isoformat(),
            "endTime": today.isoformat(),
            "eventTypes": ",".join(AUDIT_EVENT_TYPES),
            "pageSize": AUDIT_EVENTS_PER_PAGE,
        }
        total: int | None = None
        for number in range(1, MOST_PAGES):
            found = accept(ask({**parameters, "page": number}))
            pagination = value_of(found.get("pagination")) or {}
            if number > 1 and pagination.get("totalCount") != total:
                raise WindowMoved
            total = pagination.get("totalCount")
            entries = [_RECORD.decode(raw) for raw in records_of(found.get("events"))]
            yield Page(
                [audit_record(entry) for entry in entries if entry.get("event_type") in AUDIT_EVENT_TYPES],
                unknown_fields=unknown(found, "events", "pagination", "params"),
            )
            if not pagination.get("hasNextPage"):
                return

    return Endpoint("audit-logs", records.AUDIT_EVENTS, pages, dated=False)


def audit_record(entry: Mapping[str, Any]) -> msgspec.Raw:
    """An entry whose data, which differs by type and may hold anything, is cut down to what is known to name nobody."""
    data = entry.get("event_data")
    data = data if isinstance(data, dict) else {}
    subject = next((data[name] for name in AUDIT_SUBJECTS if isinstance(data.get(name), str)), None)
    details = {name: data[name] for name in AUDIT_WORDS if name in data and _is_plain(data[name])}
    details |= {name: data[name] for name in AUDIT_NUMBERS if isinstance(data.get(name), int | float)}
    record = {name: value for name, value in entry.items() if name != "event_data"}
    return msgspec.Raw(msgspec.json.encode({**record, "subject_email": subject, "details": details or None}))


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and PLAIN_WORD.fullmatch(value) is not None)


def pooled_usage(client: ApiClient, organization_id: str) -> Endpoint:
    """The organization's commitment and what its teams have used of it."""
    ask = posting(client, "/organizations/pooled-usage")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        found = accepting(asked)(ask({"organizationId": organization_id}))
        known = {name: found[name] for name in ("pool", "teams") if name in found}
        yield Page([msgspec.Raw(msgspec.json.encode(known))], unknown_fields=unknown(found, "pool", "teams"))

    return Endpoint("pooled-usage", records.POOL, pages, dated=False)
