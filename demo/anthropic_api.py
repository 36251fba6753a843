"""Anthropic's Admin and Analytics APIs about the invented company: request to response, without sockets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Literal

from demo.anthropic_analytics import FILTERS, SEAT_FILTERS, Analytics, Kind
from demo.anthropic_console_reports import MESSAGES_FILTERS, ConsoleReports
from demo.anthropic_directory import CONSOLE, ENTERPRISE
from demo.anthropic_faults import AnthropicFaults, ApiError, FaultClock
from demo.anthropic_lists import Lists
from demo.anthropic_parameters import Pager, Parameters, instant_text
from demo.anthropic_seats import Seats
from demo.anthropic_use import ClaudeUse, refreshed_at
from demo.local_server import Request, Response, json_response

USAGE_COST_BETA = "analytics-usage-cost-2026-08-24"
Credential = Literal["admin", "analytics", "oauth"]
ADMIN: tuple[Credential, ...] = ("admin", "oauth")
BOTH: tuple[Credential, ...] = ("admin", "oauth", "analytics")
SEAT_KEY: tuple[Credential, ...] = ("analytics",)
OAUTH: tuple[Credential, ...] = ("oauth",)
PAGED = ("limit", "page")
LISTED = ("limit", "after_id", "before_id")
RANGED = ("starting_at", "ending_at", "order", "order_by", "exclude_deleted_users", *PAGED)


@dataclass(frozen=True)
class Asked:
    """A request that may be answered; `name` is the id in its path."""

    request: Request
    credential: Credential
    name: str = ""

    @property
    def betas(self) -> str:
        """The betas that the request opts into."""
        return self.request.headers.get("anthropic-beta", "")


class Api:
    """Answers requests; `as_of` is what Anthropic takes for today."""

    def __init__(self, claude: ClaudeUse, as_of: date, faults: AnthropicFaults, clock: FaultClock) -> None:
        """Answer about that use."""
        self.as_of = as_of
        self._faults = faults
        self._clock = clock
        self._analytics = Analytics(claude)
        self._console = ConsoleReports(claude)
        self._seats = Seats(claude, faults)
        self._lists = Lists(claude.directory, faults)

    def answer(self, request: Request, credential: Credential) -> Response:
        """The answer to a request whose credential is good."""
        try:
            return json_response(self._with_unknown_field(self._handle(request, credential)))
        except ApiError as problem:
            return problem.response()

    def _handle(self, request: Request, credential: Credential) -> dict[str, Any]:
        if "anthropic-version" not in request.headers:
            raise ApiError(HTTPStatus.BAD_REQUEST, "anthropic-version: header is required")
        if request.method != "GET":
            raise ApiError(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed")
        path = request.path.removeprefix("/v1/organizations/")
        for pattern, credentials, handler in ROUTES:
            match = pattern.fullmatch(path)
            if not match:
                continue
            if credential not in credentials or path in self._faults.forbidden:
                raise ApiError(HTTPStatus.FORBIDDEN, _refusal(credentials))
            return handler(self, Asked(request, credential, match.groupdict().get("name", "")))
        raise ApiError(HTTPStatus.NOT_FOUND, "Not found")

    def _with_unknown_field(self, answer: dict[str, Any]) -> dict[str, Any]:
        if self._faults.unknown_field:
            for row in answer.get("data", ()):
                row["new_signal_count"] = 7
        return answer

    @property
    def _pager(self) -> Pager:
        return Pager(instant_text(refreshed_at(self.as_of)), self._clock.page_is_expired)

    def analytics(self, asked: Asked, kind: Kind) -> dict[str, Any]:
        """analytics/usage and analytics/cost: the Console account or the Enterprise one, by credential."""
        if self._faults.without_beta:
            raise ApiError(HTTPStatus.NOT_FOUND, "Not found")
        if USAGE_COST_BETA not in asked.betas:
            raise ApiError(HTTPStatus.BAD_REQUEST, f"anthropic-beta: this endpoint requires {USAGE_COST_BETA}")
        parameters = Parameters(asked.request, (*RANGED, "time_bucket_width"), (*FILTERS, "group_by"))
        account = ENTERPRISE if asked.credential == "analytics" else CONSOLE
        return self._analytics.report(kind, account, parameters, self.as_of, self._pager)

    def seat_report(self, asked: Asked, kind: Kind) -> dict[str, Any]:
        """analytics/user_usage_report and analytics/user_cost_report."""
        parameters = Parameters(asked.request, (*RANGED, "bucket_width"), (*SEAT_FILTERS, "group_by"))
        return self._analytics.seat_report(kind, parameters, self.as_of, self._pager)

    def activity(self, asked: Asked) -> dict[str, Any]:
        """analytics/users."""
        names = ("date", "starting_date", "ending_date", "order", "order_by", *PAGED)
        return self._seats.users(Parameters(asked.request, names, ("filter",)), self.as_of, self._pager)

    def summaries(self, asked: Asked) -> dict[str, Any]:
        """analytics/summaries."""
        return self._seats.summaries(Parameters(asked.request, ("starting_date", "ending_date", *PAGED)), self.as_of)

    def spend_limits(self, asked: Asked) -> dict[str, Any]:
        """spend_limits/effective."""
        parameters = Parameters(asked.request, PAGED, ("period", "user_ids"))
        return self._seats.spend_limits(parameters, self.as_of, self._pager)

    def messages(self, asked: Asked) -> dict[str, Any]:
        """usage_report/messages."""
        names = ("starting_at", "ending_at", "bucket_width", *PAGED)
        parameters = Parameters(asked.request, names, (*MESSAGES_FILTERS, "group_by"))
        return self._console.messages(parameters, asked.betas, self.as_of, self._pager)

    def cost(self, asked: Asked) -> dict[str, Any]:
        """cost_report."""
        names = ("starting_at", "ending_at", "bucket_width", *PAGED)
        return self._console.cost(Parameters(asked.request, names, ("group_by",)), self.as_of, self._pager)

    def claude_code(self, asked: Asked) -> dict[str, Any]:
        """usage_report/claude_code."""
        return self._console.claude_code(Parameters(asked.request, ("starting_at", *PAGED)), self.as_of, self._pager)

    def organization(self, _: Asked) -> dict[str, Any]:
        """organizations/me."""
        return self._lists.organization()

    def users(self, asked: Asked) -> dict[str, Any]:
        """The users' list."""
        return self._lists.users(Parameters(asked.request, (*LISTED, "email"), ("roles",)))

    def api_keys(self, asked: Asked) -> dict[str, Any]:
        """The keys' list."""
        names = (*LISTED, "status", "workspace_id", "created_by_user_id")
        return self._lists.api_keys(Parameters(asked.request, names))

    def workspaces(self, asked: Asked) -> dict[str, Any]:
        """The workspaces' list."""
        return self._lists.workspaces(Parameters(asked.request, (*LISTED, "include_archived")))

    def workspace(self, asked: Asked) -> dict[str, Any]:
        """One workspace."""
        return self._lists.workspace(asked.name)

    def members(self, asked: Asked) -> dict[str, Any]:
        """The members' list of a workspace."""
        return self._lists.members(asked.name, Parameters(asked.request, LISTED))

    def service_accounts(self, _: Asked) -> dict[str, Any]:
        """The service accounts' list."""
        return self._lists.service_accounts()


def _refusal(credentials: tuple[Credential, ...]) -> str:
    if credentials == OAUTH:
        return "This endpoint requires OAuth authentication; Admin API keys are not accepted."
    if credentials == SEAT_KEY:
        return "This endpoint is only available to Claude Enterprise organizations, with the scope read:analytics."
    return "This credential is not allowed to read this endpoint."


Handler = Callable[[Api, Asked], dict[str, Any]]
WORKSPACE = r"workspaces/(?P<name>wrkspc_\w+)"
PATHS: tuple[tuple[str, tuple[Credential, ...], Handler], ...] = (
    ("analytics/usage", BOTH, lambda api, asked: api.analytics(asked, "usage")),
    ("analytics/cost", BOTH, lambda api, asked: api.analytics(asked, "cost")),
    ("analytics/user_usage_report", SEAT_KEY, lambda api, asked: api.seat_report(asked, "usage")),
    ("analytics/user_cost_report", SEAT_KEY, lambda api, asked: api.seat_report(asked, "cost")),
    ("analytics/users", SEAT_KEY, Api.activity),
    ("analytics/summaries", SEAT_KEY, Api.summaries),
    ("spend_limits/effective", SEAT_KEY, Api.spend_limits),
    ("usage_report/messages", ADMIN, Api.messages),
    ("usage_report/claude_code", ADMIN, Api.claude_code),
    ("cost_report", ADMIN, Api.cost),
    ("me", ADMIN, Api.organization),
    ("users", ADMIN, Api.users),
    ("api_keys", ADMIN, Api.api_keys),
    ("workspaces", ADMIN, Api.workspaces),
    (WORKSPACE, ADMIN, Api.workspace),
    (f"{WORKSPACE}/members", ADMIN, Api.members),
    ("service_accounts", OAUTH, Api.service_accounts),
)
ROUTES = tuple((re.compile(path), credentials, handler) for path, credentials, handler in PATHS)
