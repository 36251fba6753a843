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

REPORT_THIS = "Nothing of it was loaded; the next run asks again. Report this if it stays."

_RECORD = msgspec.json.Decoder(dict[str, Any])


def milliseconds(day: date) -> tuple[int, int]:
    """The first and the last millisecond of a UTC day: both bounds of a window count."""
    start = int(datetime.combine(day, time(), UTC).timestamp()) * 1000
    return start, start + 86_400_000 - 1


def accepting(asked: Asked[NamedAccount], *lists: str) -> Callable[[Answer], Envelope]:
    """Lets a good answer, which has one of the lists, pass as its envelope and raises what the others mean."""

    def accept(answer: Answer) -> Envelope:
        if answer.status in (401, 403):
            raise refusal(asked.kind.name, asked.account.account_id, answer)
        if answer.status != 200:
            raise RequestFailed(f"{asked}: Cursor answered {answer.status} {answer.message}".rstrip(), "Try later.")
        body: Envelope = answer.body or {}
        if not any(name in body for name in lists):
            raise RequestFailed(f"{asked}: an answer without {' or '.join(lists)}", REPORT_THIS)
        return body

    return accept


def page_numbers(asked: Asked[NamedAccount]) -> Iterator[int]:
    """1, 2, 3, …; raises RequestFailed where the pages have no end."""
    yield from range(1, MOST_PAGES + 1)
    raise RequestFailed(f"{asked}: more than {MOST_PAGES} pages", REPORT_THIS)


def object_in(found: Envelope, name: str, asked: Asked[NamedAccount]) -> Mapping[str, Any]:
    """An object of the envelope, empty where absent; raises RequestFailed, without its value, for another form."""
    value = value_of(found.get(name))
    if value is not None and not isinstance(value, dict):
        raise odd(asked, name, "an object")
    return value or {}


def number_in(fields: Mapping[str, Any], name: str, asked: Asked[NamedAccount]) -> int | float | None:
    """A number, None where it is absent; raises RequestFailed, without its value, for another form."""
    value = fields.get(name)
    value = value_of(value) if isinstance(value, msgspec.Raw) else value
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise odd(asked, name, "a number")
    return value


def moment_in(fields: Mapping[str, Any], name: str, asked: Asked[NamedAccount]) -> str | None:
    """ISO text of a moment, None where it is absent; raises RequestFailed, without its value, for another form."""
    value = fields.get(name)
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise odd(asked, name, "a moment") from None


def odd(asked: Asked[NamedAccount], name: str, expected: str) -> RequestFailed:
    """The error of a field that is not what it should be; its value may name a person and is not told."""
    return RequestFailed(f"{asked}: {name} is not {expected}", REPORT_THIS)


def unknown(found: Mapping[str, Any], *known: str) -> frozenset[str]:
    """The fields of an envelope that this version does not know."""
    return frozenset(found) - set(known)


def usage_events(client: ApiClient) -> Endpoint:
    """The events of a closed day. No event has an id: the vendor's count says whether the pages moved meanwhile."""
    ask = posting(client, "/teams/filtered-usage-events")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        # The second name is the dashboard's, which the Admin API has been seen to use too.
        accept = accepting(asked, "usageEvents", "usageEventsDisplay")
        assert asked.day is not None
        start, end = milliseconds(asked.day)
        body = {"startDate": start, "endDate": end, "pageSize": EVENTS_PER_PAGE}
        total: float | None = None
        read = 0
        for number in page_numbers(asked):
            found = accept(ask({**body, "page": number}))
            pagination = object_in(found, "pagination", asked)
            promised = number_in(found, "totalUsageEventsCount", asked)
            if number > 1 and promised != total:
                raise WindowMoved
            total = promised
            events = records_of(found.get("usageEvents")) or records_of(found.get("usageEventsDisplay"))
            read += len(events)
            yield Page(
                events,
                unknown_fields=unknown(
                    found, "totalUsageEventsCount", "pagination", "usageEvents", "usageEventsDisplay", "period"
                ),
            )
            if total is not None and read > total:
                raise WindowMoved
            pages_in_all = number_in(pagination, "numPages", asked)
            has_next = pagination.get("hasNextPage")
            if has_next is None:
                has_next = _goes_on(number, pages_in_all, len(events), read, total)
            if not has_next:
                break
            if not events:
                raise WindowMoved
        missing = read != total if total is not None else number < (pages_in_all or 0)
        if missing:
            raise WindowMoved

    return Endpoint("usage-events", records.USAGE_EVENTS, pages, first_day=FIRST_DAY, final_after_days=FINAL_AFTER_DAYS)


def _goes_on(number: int, pages_in_all: float | None, events: int, read: int, total: float | None) -> bool:
    """Whether another page follows where Cursor does not say: by the pages or events in all, else after a full one."""
    if pages_in_all is not None:
        return number < pages_in_all
    if total is not None:
        return events > 0 and read < total
    return events >= EVENTS_PER_PAGE


def daily_usage(client: ApiClient) -> Endpoint:
    """Activity of a closed day. In pages, Cursor also names members who did nothing; they count users, not rows."""
    ask = posting(client, "/teams/daily-usage-data")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        accept = accepting(asked, "data")
        assert asked.day is not None
        start, end = milliseconds(asked.day)
        body = {"startDate": start, "endDate": end, "pageSize": MEMBERS_PER_PAGE}
        users: float | None = None
        for number in page_numbers(asked):
            found = accept(ask({**body, "page": number}))
            pagination = object_in(found, "pagination", asked)
            promised = number_in(pagination, "totalUsers", asked)
            if number > 1 and promised != users:
                raise WindowMoved
            users = promised
            rows = records_of(found.get("data"))
            yield Page(rows, unknown_fields=unknown(found, "data", "period", "pagination"))
            if not pagination.get("hasNextPage"):
                return
            if not rows:
                raise WindowMoved

    return Endpoint("daily-usage", records.DAILY_USAGE, pages, first_day=FIRST_DAY, final_after_days=FINAL_AFTER_DAYS)


def members(client: ApiClient) -> Endpoint:
    """The member list, in one answer."""
    ask = getting(client, "/teams/members")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        found = accepting(asked, "teamMembers")(ask({}))
        yield Page(records_of(found.get("teamMembers")), unknown_fields=unknown(found, "teamMembers"))

    return Endpoint("members", records.MEMBERS, pages, dated=False)


def spend(client: ApiClient) -> Endpoint:
    """What the running billing cycle has come to by member. No page says whether another follows: all are counted."""
    ask = posting(client, "/teams/spend")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        accept = accepting(asked, "teamMemberSpend")
        body = {"pageSize": SPEND_PER_PAGE, "sortBy": "user", "sortDirection": "asc"}
        seen: set[tuple[Any, ...]] = set()
        for number in page_numbers(asked):
            found = accept(ask({**body, "page": number}))
            pages_in_all = number_in(found, "totalPages", asked)
            cycle_start = number_in(found, "subscriptionCycleStart", asked)
            seen.add((pages_in_all, cycle_start, number_in(found, "totalMembers", asked)))
            if len(seen) > 1:
                raise WindowMoved
            listed = records_of(found.get("teamMemberSpend"))
            yield Page(
                listed,
                {"cycle_start_at": at(cycle_start, asked)},
                unknown(
                    found,
                    *("teamMemberSpend", "subscriptionCycleStart", "totalMembers", "totalPages"),
                    *("limitedUsersCount", "maxUserSpendCents", "nextCycleStart", "totalByRole"),
                ),
            )
            if len(listed) < SPEND_PER_PAGE if pages_in_all is None else number >= pages_in_all:
                return
            if not listed:
                raise WindowMoved

    return Endpoint("spend", records.SPEND, pages, dated=False)


def at(milliseconds_since_1970: float | None, asked: Asked[NamedAccount]) -> str | None:
    """The moment that epoch milliseconds name, as ISO text; raises RequestFailed where they name none."""
    if milliseconds_since_1970 is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds_since_1970 / 1000, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        raise odd(asked, "subscriptionCycleStart", "a moment") from None


def groups(client: ApiClient) -> Endpoint:
    """Billing groups with their members, those who left included, and what is in no group."""
    ask = getting(client, "/teams/groups")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        found = accepting(asked, "groups")(ask({}))
        cycle = object_in(found, "billingCycle", asked)
        unassigned = found.get("unassignedGroup")
        listed = records_of(found.get("groups"))
        if value_of(unassigned) is not None and unassigned is not None:
            listed.append(unassigned)
        yield Page(
            listed,
            {
                "cycle_start_at": moment_in(cycle, "cycleStart", asked),
                "cycle_end_at": moment_in(cycle, "cycleEnd", asked),
            },
            unknown(found, "groups", "unassignedGroup", "billingCycle"),
        )

    return Endpoint("groups", records.GROUPS, pages, dated=False)


def audit_logs(client: ApiClient) -> Endpoint:
    """The audit log of the 30 closed days before today: as far back as one question may go."""
    ask = getting(client, "/teams/audit-logs")

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        accept = accepting(asked, "events")
        today = as_of()
        parameters = {
            "startTime": (today - AUDIT_DAYS * ONE_DAY).isoformat(),
            "endTime": today.isoformat(),
            "eventTypes": ",".join(AUDIT_EVENT_TYPES),
            "pageSize": AUDIT_EVENTS_PER_PAGE,
        }
        total: float | None = None
        for number in page_numbers(asked):
            found = accept(ask({**parameters, "page": number}))
            pagination = object_in(found, "pagination", asked)
            promised = number_in(pagination, "totalCount", asked)
            if number > 1 and promised != total:
                raise WindowMoved
            total = promised
            entries = [_RECORD.decode(raw) for raw in records_of(found.get("events"))]
            yield Page(
                [audit_record(entry) for entry in entries if entry.get("event_type") in AUDIT_EVENT_TYPES],
                unknown_fields=unknown(found, "events", "pagination", "params"),
            )
            if not pagination.get("hasNextPage"):
                return
            if not entries:
                raise WindowMoved

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
        found = accepting(asked, "pool")(ask({"organizationId": organization_id}))
        known = {name: found[name] for name in ("pool", "teams") if name in found}
        yield Page([msgspec.Raw(msgspec.json.encode(known))], unknown_fields=unknown(found, "pool", "teams"))

    return Endpoint("pooled-usage", records.POOL, pages, dated=False)
