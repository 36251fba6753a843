"""What can go wrong at Anthropic, to be switched on by a test, and how it words errors."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle, islice
from types import MappingProxyType
from typing import Literal

from demo.local_server import Response, json_response

OVERLOADED = 529
SERVER_ERRORS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, OVERLOADED)
ERROR_TYPES: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "invalid_request_error",
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.NOT_FOUND: "not_found_error",
    HTTPStatus.GONE: "invalid_request_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
    OVERLOADED: "overloaded_error",
}


class ApiError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        """Remember how to answer."""
        super().__init__(message)
        self.status, self.message = status, message

    def response(self) -> Response:
        """The answer."""
        return error(self.status, self.message)


def error(status: int, message: str, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    """An error as Anthropic words it."""
    problem = {"type": ERROR_TYPES.get(status, "api_error"), "message": message}
    return json_response({"type": "error", "error": problem, "request_id": "req_011Demo"}, status, headers)


@dataclass(frozen=True)
class AnthropicFaults:
    """Switches.

    `rate_limit_after`: after so many good answers comes 429, `rate_limit_times` in a row.
    `server_errors`: so many answers fail at the start. `slow`: seconds before every answer.
    `drop_connection_once`: the first request is not answered.
    `expired_pages`: so many requests with a `page` answer 410.
    `without_beta`: the organisations do not have analytics/usage and analytics/cost, which answer 404.
    `forbidden`: paths that the credential may not read.
    `unknown_field`: rows have a field that nobody knows.
    `key_shape`: API keys tell their `workspace_id` (August 2026) or their `scope` (November 2026).
    `email_field`: how Enterprise reports call the e-mail of a user in `analytics/users`.
    """

    rate_limit_after: int | None = None
    rate_limit_times: int = 1
    rate_limit_without_retry_after: bool = False
    server_errors: int = 0
    slow: float = 0.0
    drop_connection_once: bool = False
    expired_pages: int = 0
    without_beta: bool = False
    forbidden: frozenset[str] = frozenset()
    unknown_field: bool = False
    key_shape: Literal["workspace_id", "scope"] = "workspace_id"
    email_field: Literal["email_address", "email"] = "email_address"


class FaultClock:
    """Decides which request meets which fault."""

    def __init__(self, faults: AnthropicFaults) -> None:
        """Count from the first request."""
        self._faults = faults
        self._lock = threading.Lock()
        self._answered = 0
        self._limits_left = 0 if faults.rate_limit_after is None else faults.rate_limit_times
        self._server_errors = islice(cycle(SERVER_ERRORS), faults.server_errors)
        self._expired_left = faults.expired_pages
        self._drops = faults.drop_connection_once

    def drops(self) -> bool:
        """Whether this connection is to be broken; true at most once."""
        with self._lock:
            drops, self._drops = self._drops, False
            return drops

    def next_fault(self) -> Response | None:
        """The failing answer that the next request gets, if any."""
        with self._lock:
            status = next(self._server_errors, None)
            if status:
                return error(status, "Internal server error")
            if self._limits_left and self._answered >= (self._faults.rate_limit_after or 0):
                self._limits_left -= 1
                return self._rate_limit()
            self._answered += 1
            return None

    def page_is_expired(self) -> bool:
        """Whether the cursor that was sent is to be called expired."""
        with self._lock:
            self._expired_left -= 1
            return self._expired_left >= 0

    def _rate_limit(self) -> Response:
        wait = {} if self._faults.rate_limit_without_retry_after else {"retry-after": "1"}
        return error(HTTPStatus.TOO_MANY_REQUESTS, "This request would exceed your organization's rate limit.", wait)
