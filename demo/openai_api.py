"""OpenAI's answers about the invented company: request to response, without sockets."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from demo.local_server import Request, Response, json_response
from demo.openai_accounts import PROJECTS, WORKSPACE
from demo.openai_costs import costs
from demo.openai_faults import OpenaiFaults, error
from demo.openai_lists import Json, Lists, seconds
from demo.openai_records import COST_GROUPS, ENDPOINTS, codex_row, cost_results, usage_results
from demo.openai_rows import Use
from demo.openai_use import OpenaiUse

ONE_DAY = timedelta(days=1)
DEFAULT_BUCKETS, MOST_COST_BUCKETS, MOST_USAGE_BUCKETS = 7, 180, 31
DEFAULT_ITEMS, MOST_ITEMS = 20, 100
CODEX_DAYS_BACK = 90
FILTERS = {"project_ids": "project_id", "user_ids": "user_id", "api_key_ids": "api_key_id", "models": "model"}


class BadRequestError(Exception):
    """The request cannot be answered; the message says why."""


class Api:
    """Answers requests whose credentials are good; `as_of` is what OpenAI takes for today."""

    def __init__(self, use: OpenaiUse, as_of: date, faults: OpenaiFaults) -> None:
        """Answer about the company's use."""
        self.as_of = as_of
        self._use = use
        self._faults = faults
        self._lists = Lists(use)

    def answer(self, request: Request) -> Response:
        """The answer to a request."""
        for pattern, handler in ROUTES:
            match = pattern.fullmatch(f"{request.method} {request.path}")
            if match:
                try:
                    return handler(self, request, match.groupdict().get("name", ""))
                except BadRequestError as problem:
                    return error(HTTPStatus.BAD_REQUEST, str(problem))
        return error(HTTPStatus.NOT_FOUND, f"Invalid URL ({request.method} {request.path})")

    def costs(self, request: Request, _: str) -> Response:
        """Costs in buckets of a day."""
        groups = _groups(request, COST_GROUPS)
        days, end = self._days(request)

        def results(day: date) -> list[Json]:
            lines = costs(day, self._use.uses(day, self.as_of))
            return cost_results([line for line in lines if _is_asked_for(request, line)], groups)

        return self._buckets(request, "costs", days, end, MOST_COST_BUCKETS, results)

    def usage(self, request: Request, name: str) -> Response:
        """Use of one endpoint in buckets of a day."""
        if name not in ENDPOINTS:
            return error(HTTPStatus.NOT_FOUND, f"Invalid URL ({request.method} {request.path})")
        groups = _groups(request, ENDPOINTS[name].groups)
        days, end = self._days(request)

        def results(day: date) -> list[Json]:
            uses = [use for use in self._use.uses(day, self.as_of) if use.endpoint == name]
            return usage_results(name, [use for use in uses if _is_asked_for(request, use)], groups)

        return self._buckets(request, name, days, end, MOST_USAGE_BUCKETS, results)

    def codex(self, request: Request, workspace: str) -> Response:
        """Codex use, a row per user and day."""
        if workspace != WORKSPACE:
            return error(HTTPStatus.NOT_FOUND, "Workspace not found.")
        if request.query.get("group_by", "day") != "day":
            raise BadRequestError("This server groups by day only.")
        days, _ = self._days(request)
        if days and days[0] < self.as_of - timedelta(days=CODEX_DAYS_BACK):
            raise BadRequestError(f"start_time must be within the last {CODEX_DAYS_BACK} days.")
        rows = [codex_row(row) for day in days for row in self._use.codex_days(day, self.as_of)]
        return self._page(request, "codex", rows, _limit(request, DEFAULT_ITEMS, MOST_ITEMS))

    def projects(self, request: Request, _: str) -> Response:
        """Projects."""
        return _list(request, self._lists.projects(self.as_of, request.query.get("include_archived") == "true"))

    def project_api_keys(self, request: Request, project: str) -> Response:
        """Keys of a project."""
        access = request.query.get("owner_project_access", "active")
        if access not in ("active", "inactive", "any"):
            raise BadRequestError("owner_project_access must be active, inactive or any.")
        return _of_project(project, request, self._lists.project_api_keys(project, self.as_of, access))

    def project_service_accounts(self, request: Request, project: str) -> Response:
        """Service accounts of a project."""
        return _of_project(project, request, self._lists.project_service_accounts(project))

    def project_users(self, request: Request, project: str) -> Response:
        """Users of a project."""
        return _of_project(project, request, self._lists.project_users(project))

    def users(self, request: Request, _: str) -> Response:
        """Users of the organisation."""
        return _list(request, self._lists.users())

    def admin_api_keys(self, request: Request, _: str) -> Response:
        """Admin keys."""
        return _list(request, self._lists.admin_api_keys())

    def _days(self, request: Request) -> tuple[list[date], int]:
        """The UTC days asked for, and the second at which they end; without an end up to today."""
        if request.query.get("bucket_width", "1d") != "1d":
            raise BadRequestError("This server knows buckets of 1d only.")
        start = _second(request, "start_time", None)
        end = _second(request, "end_time", seconds(self.as_of + ONE_DAY))
        if start >= end:
            raise BadRequestError("end_time must be after start_time.")
        first, last = (datetime.fromtimestamp(second, UTC).date() for second in (start, end - 1))
        return [first + timedelta(days=offset) for offset in range((last - first).days + 1)], end

    def _buckets(
        self, request: Request, name: str, days: list[date], end: int, most: int, results: Callable[[date], list[Json]]
    ) -> Response:
        """One page of buckets; a day without use is a bucket without results."""
        return self._page(
            request,
            name,
            days,
            _limit(request, DEFAULT_BUCKETS, most),
            lambda day: {
                "object": "bucket",
                "start_time": seconds(day),
                "end_time": min(seconds(day + ONE_DAY), end),
                "results": results(day),
            },
        )

    def _page(
        self,
        request: Request,
        name: str,
        items: Sequence[Any],
        size: int,
        write: Callable[[Any], Json] = lambda item: item,
    ) -> Response:
        asked = request.query.get("page")
        offset = _offset(request, asked) if asked else 0
        has_more = offset + size < len(items)
        cursor = _cursor(request, offset + size) if has_more else None
        if name in self._faults.lost_cursor:
            has_more, cursor = True, None
        if name in self._faults.repeated_cursor:
            has_more, cursor = True, asked or _cursor(request, 0)
        data = [write(item) for item in items[offset : offset + size]]
        return json_response({"object": "page", "data": data, "has_more": has_more, "next_page": cursor})


def _second(request: Request, name: str, default: int | None) -> int:
    text = request.query.get(name, "")
    if text.isdecimal():
        return int(text)
    if text or default is None:
        raise BadRequestError(f"{name} must be a number of seconds since 1970.")
    return default


def _limit(request: Request, default: int, most: int) -> int:
    text = request.query.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise BadRequestError(f"limit must be between 1 and {most}.")
    return int(text)


def _many(request: Request, name: str) -> list[str]:
    """A parameter that may be repeated, with or without brackets after its name."""
    return [*request.query_lists.get(f"{name}[]", ()), *request.query_lists.get(name, ())]


def _groups(request: Request, known: Sequence[str]) -> list[str]:
    groups = _many(request, "group_by")
    unknown = [group for group in groups if group not in known]
    if unknown:
        raise BadRequestError(f"Invalid group_by: {', '.join(unknown)}. Use any of {', '.join(known)}.")
    return groups


def _is_asked_for(request: Request, row: object) -> bool:
    return all(
        getattr(row, name, None) in wanted for filter_, name in FILTERS.items() if (wanted := _many(request, filter_))
    ) and (not isinstance(row, Use) or request.query.get("batch") in (None, str(bool(row.batch)).lower()))


def _fingerprint(request: Request) -> int:
    """A cursor belongs to the query that it came from."""
    parameters = sorted((name, value) for name, value in request.query_lists.items() if name != "page")
    return zlib.crc32(f"{request.path}{parameters}".encode())


def _cursor(request: Request, offset: int) -> str:
    return f"page_{base64.urlsafe_b64encode(f'{_fingerprint(request)}:{offset}'.encode()).decode()}"


def _offset(request: Request, cursor: str) -> int:
    try:
        fingerprint, offset = base64.urlsafe_b64decode(cursor.removeprefix("page_")).decode().split(":")
    except ValueError:
        fingerprint = offset = ""
    if fingerprint != str(_fingerprint(request)):
        raise BadRequestError("Invalid page cursor.")
    return int(offset)


def _of_project(project: str, request: Request, items: list[Json]) -> Response:
    if project not in {each.project_id for each in PROJECTS}:
        return error(HTTPStatus.NOT_FOUND, f"Project {project} not found.")
    return _list(request, items)


def _list(request: Request, items: list[Json]) -> Response:
    """One page of a list, after an item."""
    size, after = _limit(request, DEFAULT_ITEMS, MOST_ITEMS), request.query.get("after")
    ids = [item["id"] for item in items]
    if after is not None and after not in ids:
        raise BadRequestError("after must be the id of an item of the list.")
    start = ids.index(after) + 1 if after is not None else 0
    page = items[start : start + size]
    edges = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
    return json_response({"object": "list", "data": page, **edges, "has_more": start + size < len(items)})


_ORGANIZATION = "GET /v1/organization"
_PROJECT = rf"{_ORGANIZATION}/projects/(?P<name>[^/]+)"
ROUTES: tuple[tuple[re.Pattern[str], Callable[[Api, Request, str], Response]], ...] = tuple(
    (re.compile(path), handler)
    for path, handler in (
        (f"{_ORGANIZATION}/costs", Api.costs),
        (rf"{_ORGANIZATION}/usage/(?P<name>\w+)", Api.usage),
        (f"{_ORGANIZATION}/projects", Api.projects),
        (f"{_PROJECT}/api_keys", Api.project_api_keys),
        (f"{_PROJECT}/service_accounts", Api.project_service_accounts),
        (f"{_PROJECT}/users", Api.project_users),
        (f"{_ORGANIZATION}/users", Api.users),
        (f"{_ORGANIZATION}/admin_api_keys", Api.admin_api_keys),
        (r"GET /v1/analytics/codex/workspaces/(?P<name>[^/]+)/usage", Api.codex),
    )
)
