"""Cursor's answers about the invented company: request to response, without sockets."""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from demo import cursor_constants as cc
from demo import cursor_records as records
from demo.company import Company
from demo.cursor_events import Event
from demo.cursor_faults import CursorFaults, error
from demo.cursor_members import Member
from demo.cursor_records import Record
from demo.cursor_use import CursorUse, cursor_use
from demo.local_server import Request, Response, json_response

MAX_DAYS = 30
EVENTS_PER_PAGE, MAX_EVENTS_PER_PAGE = 100, 1000
ROWS_PER_PAGE, MAX_LOG_ENTRIES_PER_PAGE = 100, 500
HOSTING_TYPES = ("CLOUD", "SELF_HOSTED", "SELF_HOSTED_POOL", "SELF_HOSTED_MACHINE")
DAY_MILLISECONDS = 86_400_000


@dataclass(frozen=True)
class Asked:
    """A request whose body is read."""

    request: Request
    body: Record


class BadRequest(Exception):
    """The request is answered with this status and message."""

    def __init__(self, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for."""

    number: int
    size: int

    def of(self, items: Sequence[Any]) -> Sequence[Any]:
        """The items of the page."""
        return items[(self.number - 1) * self.size : self.number * self.size]

    def count(self, items: Sequence[Any]) -> int:
        """How many pages there are."""
        return -(-len(items) // self.size)

    def edges(self, items: Sequence[Any]) -> Record:
        """Whether there are pages after and before."""
        return {"hasNextPage": self.number < self.count(items), "hasPreviousPage": self.number > 1}


class Api:
    """Answers requests; `as_of` is what Cursor takes for today."""

    def __init__(self, company: Company, as_of: date, faults: CursorFaults) -> None:
        """Answer about the company's team."""
        self.as_of = as_of
        self.arrived: list[Event] = []
        self._use = cursor_use(company)
        self._faults = faults

    @property
    def use(self) -> CursorUse:
        """What is true."""
        return self._use

    def answer(self, request: Request) -> Response:
        """The answer to a request whose credentials are good."""
        handler = next((h for pattern, h in ROUTES if pattern.fullmatch(f"{request.method} {request.path}")), None)
        if handler is None:
            return error(HTTPStatus.NOT_FOUND, "Not found")
        try:
            return json_response(handler(self, Asked(request, _body(request))))
        except BadRequest as problem:
            return error(problem.status, str(problem))

    def members(self, _: Asked) -> Record:
        """The member list, whole."""
        listed = [found for found in self._use.members if found.is_listed(self.as_of)]
        return {"teamMembers": [records.member(found, self.as_of) for found in listed]}

    def daily_usage(self, asked: Asked) -> Record:
        """Activity: of active users only, or, in pages of users, of every member."""
        # Unlike usage events, this endpoint takes numbers written as text.
        start, end = (_number(asked.body, name, text_status=None) for name in ("startDate", "endDate"))
        if start is None or end is None:
            raise BadRequest("startDate and endDate are required")
        if end < start or end - start > MAX_DAYS * DAY_MILLISECONDS:
            raise BadRequest(f"Date range cannot exceed {MAX_DAYS} days")
        first, last = cc.utc_day(start), cc.utc_day(end)
        days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
        rows = {found: self._member_rows(found, days) for found in self._use.members}
        answer: Record = {"period": {"startDate": start, "endDate": end}}
        if "page" not in asked.body and "pageSize" not in asked.body:
            data = [row for own in rows.values() for row in own if row["isActive"]]
            return {"data": self._with_faults(data), **answer}
        page, users = _page(asked.body, ROWS_PER_PAGE, MAX_EVENTS_PER_PAGE), [user for user, own in rows.items() if own]
        return {
            "data": self._with_faults([row for user in page.of(users) for row in rows[user]]),
            **answer,
            "pagination": {
                "page": page.number,
                "pageSize": page.size,
                "totalUsers": len(users),
                "totalPages": page.count(users),
                **page.edges(users),
            },
        }

    def _member_rows(self, found: Member, days: Sequence[date]) -> list[Record]:
        counted = ((day, self._use.member_day(found, day, self.as_of)) for day in days)
        return [records.member_day(found, day, known) for day, known in counted if known]

    def spend(self, asked: Asked) -> Record:
        """The running cycle by member."""
        listed = [found for found in self._use.members if found.is_listed(self.as_of)]
        cycle = self.cycle_events()
        found = [records.spend(member, cycle) for member in listed]
        page = _page(asked.body, ROWS_PER_PAGE, MAX_EVENTS_PER_PAGE)
        return {
            "teamMemberSpend": page.of(found),
            "subscriptionCycleStart": cc.milliseconds(cc.cycle_start(cc.now(self.as_of))),
            "totalMembers": len(found),
            "totalPages": page.count(found),
        }

    def cycle_events(self) -> list[Event]:
        """The events of the running cycle."""
        start = cc.milliseconds(cc.cycle_start(cc.now(self.as_of)))
        return [event for event in self._use.events(self.as_of) if event.instant >= start]

    def usage_events(self, asked: Asked) -> Record:
        """Usage events, newest first; both bounds belong to the window."""
        body = asked.body
        known = self.known_events()
        start, end = (_number(body, name, text_status=500) for name in ("startDate", "endDate"))
        page = _page(body, EVENTS_PER_PAGE, MAX_EVENTS_PER_PAGE)
        if body.get("hostingType", "CLOUD") not in HOSTING_TYPES:
            raise BadRequest(f"hostingType must be one of {', '.join(HOSTING_TYPES)}")
        newest = cc.milliseconds(cc.now(self.as_of))
        start, end = start or 0, newest if end is None else end
        instants = [event.instant for event in known]
        found = known[bisect_left(instants, start) : bisect_right(instants, end)]
        found = [event for event in reversed(found) if self._fits(event, body)]
        answer = self._events_answer(found, page) | {"period": {"startDate": start, "endDate": end}}
        if page.number == 1 and page.count(found) > 1 and len(self.arrived) < self._faults.arrivals:
            self.arrived.append(replace(found[0], instant=min(end, newest - 1), conversation_id=None))
        if self._faults.variant == "display":
            return {name: answer[name] for name in ("totalUsageEventsCount", "usageEventsDisplay")}
        return answer

    def known_events(self) -> Sequence[Event]:
        """Every event of today, oldest first, those that arrived by fault included."""
        known = self._use.events(self.as_of)
        return sorted((*known, *self.arrived), key=lambda event: event.instant) if self.arrived else known

    def _events_answer(self, found: Sequence[Event], page: Page) -> Record:
        return {
            "totalUsageEventsCount": len(found),
            "pagination": {
                "numPages": page.count(found),
                "currentPage": page.number,
                "pageSize": page.size,
                **page.edges(found),
            },
            "usageEventsDisplay" if self._faults.variant == "display" else "usageEvents": self._with_faults(
                [self._event(event) for event in page.of(found)]
            ),
        }

    def _event(self, event: Event) -> Record:
        if self._faults.variant == "2025":
            return records.old_event(event)
        if self._faults.variant == "display":
            member = self._use.member_by_email(event.email)
            return records.display_event(event, member.number if member else None)
        return records.event(event)

    def _fits(self, event: Event, body: Record) -> bool:
        account = event.service_account[0] if event.service_account else None
        wanted = (
            ("serviceAccountId", account),
            ("cloudAgentId", event.cloud_agent_id),
            ("automationId", event.automation_id),
            ("email", event.email),
        )
        if "userId" in body:
            member = self._use.member_by_email(event.email)
            if member is None or member.number != body["userId"]:
                return False
        return all(body[name] == value or (body[name] == "*" and value) for name, value in wanted if name in body)

    def _with_faults(self, rows: list[Record]) -> list[Record]:
        if self._faults.unknown_field:
            rows = [{**row, "newSignalCount": 7, "newSignal": {"seen": True}} for row in rows]
        if self._faults.changed_type and rows:
            name = self._faults.changed_type
            rows[0] = {**rows[0], name: {"value": rows[0].get(name)}}
        return rows

    def groups(self, asked: Asked) -> Record:
        """Billing groups with the spend of a cycle."""
        moment = cc.now(self.as_of)
        if "billingCycle" in asked.request.query:
            day = _day(asked.request.query["billingCycle"])
            moment = min(moment, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1))
        start = cc.cycle_start(moment)
        end = cc.cycle_start(start + timedelta(days=33))
        first, last = cc.milliseconds(start), cc.milliseconds(end)
        cycle = [event for event in self._use.events(self.as_of) if first <= event.instant < last]
        grouped = {entry.email for entry in self._use.members if entry.memberships}
        listed = [found for found in self._use.members if found.is_listed(self.as_of)]
        found = records.groups(self._use, cycle, self.as_of)
        return {
            "groups": found,
            "unassignedGroup": {
                "id": "group_unassigned",
                "memberCount": sum(entry.email not in grouped for entry in listed),
                "spendCents": records.cents(cycle) - sum(group["spendCents"] for group in found),
            },
            "billingCycle": {"cycleStart": records.instant_text(start), "cycleEnd": records.instant_text(end)},
        }

    def audit_logs(self, asked: Asked) -> Record:
        """The audit log of a window, newest first."""
        query = asked.request.query
        now = cc.now(self.as_of)
        end = _moment(query.get("endTime", "0s"), now)
        start = _moment(query["startTime"], now) if "startTime" in query else end - timedelta(days=7)
        if end - start > timedelta(days=MAX_DAYS):
            raise BadRequest(f"Date range cannot exceed {MAX_DAYS} days")
        kinds = query["eventTypes"].split(",") if "eventTypes" in query else None
        first, last = records.instant_text(start), records.instant_text(end)
        found = [
            entry
            for entry in records.audit_log(self._use, self.as_of)
            if first <= entry["timestamp"] <= last and (kinds is None or entry["event_type"] in kinds)
        ]
        asked_page = {name: int(query[name]) for name in ("page", "pageSize") if query.get(name, "").isdigit()}
        page = _page(asked_page, ROWS_PER_PAGE, MAX_LOG_ENTRIES_PER_PAGE)
        return {
            "events": page.of(found),
            "pagination": {
                "page": page.number,
                "pageSize": page.size,
                "totalCount": len(found),
                "totalPages": page.count(found),
                **page.edges(found),
            },
            "params": {
                "teamId": cc.TEAM_ID,
                "startDate": cc.milliseconds(start),
                "endDate": cc.milliseconds(end),
            },
        }

    def pooled_usage(self, asked: Asked) -> Record:
        """The commitment of the organisation and what is used of it."""
        if asked.body.get("organizationId") != cc.ORGANIZATION_ID:
            raise BadRequest("organizationId is required")
        used = records.cents(self._use.events(self.as_of))
        return {
            "pool": {
                "limitCents": cc.POOL_LIMIT_CENTS,
                "usedCents": used,
                "remainingCents": cc.POOL_LIMIT_CENTS - used,
                "contractStartDate": records.midnight_text(cc.CONTRACT_FIRST_DAY),
                "contractEndDate": records.midnight_text(cc.CONTRACT_LAST_DAY),
            },
            "teams": [{"teamId": cc.TEAM_ID, "usedCents": used}],
        }

    def write(self, _: Asked) -> Record:
        """A change, which nobody makes here; the server remembers that it was asked for."""
        return {"success": True}


def _body(request: Request) -> Record:
    try:
        body = json.loads(request.body or b"{}")
    except json.JSONDecodeError as problem:
        raise BadRequest("Invalid JSON") from problem
    if not isinstance(body, dict):
        raise BadRequest("The body must be an object")
    return body


def _number(body: Record, name: str, text_status: int | None) -> int | None:
    """A date as epoch milliseconds; written as text it fails with the status, if there is one."""
    value = body.get(name)
    if isinstance(value, str) and text_status:
        raise BadRequest("An unexpected error occurred", text_status)
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise BadRequest(f"{name} must be a number of milliseconds")


def _page(body: Record, default_size: int, max_size: int) -> Page:
    number, size = body.get("page", 1), body.get("pageSize", default_size)
    if not (isinstance(number, int) and isinstance(size, int) and number >= 1 and 1 <= size <= max_size):
        raise BadRequest(f"page starts at 1, pageSize is at most {max_size}")
    return Page(number, size)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise BadRequest(f"not a date: {text}") from problem


UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def _moment(text: str, now: datetime) -> datetime:
    """ISO 8601, seconds or milliseconds since 1970, or so long ago (7d, 5h, 300s)."""
    if text[:-1].isdigit() and text[-1] in UNITS:
        return now - timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])
    if text.isdigit():
        number = int(text)
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, tz=UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError as problem:
        raise BadRequest(f"not a time: {text}") from problem
    return read if read.tzinfo else read.replace(tzinfo=UTC)


Handler = Callable[[Api, Asked], Record]
WRITES = (
    r"POST /teams/(user-spend-limit|remove-member)",
    r"(POST|PUT|PATCH|DELETE) /teams/groups(/.*)?",
    r"(POST|PUT|PATCH|DELETE) /settings/repo-blocklists(/.*)?",
)
PATHS: tuple[tuple[str, Handler], ...] = (
    ("GET /teams/members", Api.members),
    ("POST /teams/daily-usage-data", Api.daily_usage),
    ("POST /teams/spend", Api.spend),
    ("POST /teams/filtered-usage-events", Api.usage_events),
    ("GET /teams/groups", Api.groups),
    ("GET /teams/audit-logs", Api.audit_logs),
    ("POST /organizations/pooled-usage", Api.pooled_usage),
    *((path, Api.write) for path in WRITES),
)
ROUTES = tuple((re.compile(path), handler) for path, handler in PATHS)
WRITE_ROUTES = tuple(re.compile(path) for path in WRITES)


def is_write(request: Request) -> bool:
    """Whether the request would change something."""
    return any(pattern.fullmatch(f"{request.method} {request.path}") for pattern in WRITE_ROUTES)
