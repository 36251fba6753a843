"""What can go wrong at Cursor, to be switched on by a test."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle, islice
from typing import Literal

from demo.local_server import Response, json_response

SERVER_ERRORS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)
PER_MINUTE = 20
EVENTS_PER_MINUTE = 60


@dataclass(frozen=True)
class CursorFaults:
    """Switches.

    `limits`: 20 requests (60 for usage events) in `limit_seconds`, then 429. `retry_after`: what 429 answers say in
    their header, if anything. `limited_answers`: so many answers are 429 at the start, limits or not.
    `not_enterprise`: paths that are forbidden for want of the Enterprise plan; "*" is every path.
    `arrivals`: so many events arrive, each between the first and the second page of a question.
    `variant`: usage events as `usageEventsDisplay`, or as in 2025 with `kindLabel` and without charges.
    `unknown_field`: usage events and daily usage have fields nobody knows. `changed_type`: the first record of a page
    has an object in the named field.
    `server_errors`: so many answers fail at the start. `slow`: seconds before every answer.
    `drop_connection_once`: the first request is not answered; the first answer breaks off half-way.
    """

    limits: bool = False
    limit_seconds: float = 60.0
    retry_after: str | None = None
    limited_answers: int = 0
    not_enterprise: frozenset[str] = frozenset()
    arrivals: int = 0
    variant: Literal["", "display", "2025"] = ""
    unknown_field: bool = False
    changed_type: str = ""
    server_errors: int = 0
    slow: float = 0.0
    drop_connection_once: Literal["", "request", "answer"] = ""


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An error as Cursor words it."""
    body = {"error": HTTPStatus(status).phrase, "message": message}
    return json_response(body, status, headers or {})


class FaultClock:
    """Decides which request meets which fault."""

    def __init__(self, faults: CursorFaults) -> None:
        """Count from the first request."""
        self._faults = faults
        self._lock = threading.Lock()
        self._server_errors = islice(cycle(SERVER_ERRORS), faults.server_errors)
        self._limited = faults.limited_answers
        self._drops = {faults.drop_connection_once}
        self._answered: dict[str, deque[float]] = {}

    def next_fault(self, path: str) -> Response | None:
        """The failing answer that the next request gets, if any."""
        with self._lock:
            status = next(self._server_errors, None)
            if status:
                return error(status, status.phrase)
            if self._limited > 0:
                self._limited -= 1
                return self._too_many()
            if self._faults.not_enterprise.intersection({path, "*"}):
                return error(HTTPStatus.FORBIDDEN, "Enterprise access required")
            return self._too_many() if self._faults.limits and self._is_over_limit(path) else None

    def drops(self, what: Literal["request", "answer"]) -> bool:
        """Whether this connection is to be broken; true at most once."""
        with self._lock:
            if what not in self._drops:
                return False
            self._drops.clear()
            return True

    def _is_over_limit(self, path: str) -> bool:
        """Each path has its own limit; refused requests do not count."""
        limit = EVENTS_PER_MINUTE if path.endswith("/filtered-usage-events") else PER_MINUTE
        answered, moment = self._answered.setdefault(path, deque()), time.monotonic()
        while answered and answered[0] <= moment - self._faults.limit_seconds:
            answered.popleft()
        if len(answered) >= limit:
            return True
        answered.append(moment)
        return False

    def _too_many(self) -> Response:
        headers = {} if self._faults.retry_after is None else {"retry-after": self._faults.retry_after}
        return error(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit exceeded. Please try again later.", headers)
