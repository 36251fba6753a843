"""What can go wrong at OpenAI, to be switched on by a test."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http import HTTPStatus

from demo.local_server import Response, json_response


@dataclass(frozen=True)
class OpenaiFaults:
    """Switches. Names are the last word of a path, such as `costs` or `completions`; `codex` is Codex's usage.

    `limit_after`: after so many answers comes a 429, once. `limit_without_retry_after`: it does not say for how long.
    `server_errors`: so many answers fail at the start.
    `lost_cursor`: pages that say there are more and give no cursor.
    `repeated_cursor`: pages whose cursor leads to themselves.
    `codex_scope_missing`: the Codex key lacks its scope.
    """

    limit_after: int | None = None
    limit_without_retry_after: bool = False
    server_errors: int = 0
    lost_cursor: frozenset[str] = frozenset()
    repeated_cursor: frozenset[str] = frozenset()
    codex_scope_missing: bool = False


def error(status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """An error as OpenAI words it."""
    kind = "requests" if status == HTTPStatus.TOO_MANY_REQUESTS else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return json_response(body, status, headers or {})


class OpenaiFaultClock:
    """Decides which request meets which fault."""

    def __init__(self, faults: OpenaiFaults) -> None:
        """Count from the first request."""
        self._faults = faults
        self._lock = threading.Lock()
        self._answered = 0
        self._server_errors = faults.server_errors
        self._is_limit_pending = faults.limit_after is not None

    def next_fault(self) -> Response | None:
        """The failing answer that the next request gets, if any."""
        with self._lock:
            if self._server_errors:
                self._server_errors -= 1
                return error(HTTPStatus.INTERNAL_SERVER_ERROR, "The server had an error while processing your request.")
            if self._is_limit_pending and self._answered >= (self._faults.limit_after or 0):
                self._is_limit_pending = False
                headers = {} if self._faults.limit_without_retry_after else {"retry-after": "1"}
                message = "Rate limit reached. Please try again in 1s."
                return error(HTTPStatus.TOO_MANY_REQUESTS, message, "rate_limit_exceeded", headers)
            self._answered += 1
            return None
