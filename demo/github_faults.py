"""What can go wrong at GitHub, to be switched on by a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from itertools import cycle, islice
from types import MappingProxyType
from typing import Literal

from demo.exact_json import dumps, loads
from demo.github_reports import ReportKey
from demo.local_server import Response, json_response

AccountDay = tuple[str, date]
ReportDay = tuple[str, str, date]

SERVER_ERRORS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)


def error(status: int, message: str, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    """An error as GitHub words it."""
    body = {
        "message": message,
        "documentation_url": "https://docs.github.example.com/rest",
        "status": str(status),
    }
    return json_response(body, status, headers)


@dataclass(frozen=True)
class Faults:
    """Switches. Accounts are account ids such as `organization/quill-harbor-apps`.

    `expired_links_once`: reports of which each file's first download answers 403.
    `truncated_file`: the file of that report, account and (last) day is cut within its last line.
    `changed_type`: its first record has an object in the named field.
    `unknown_field`: its records have a field nobody knows, and so have their totals by feature.
    `empty_day`, `no_rows_day`: the account's files of that day have no bytes; hold only a newline.
    `not_available`: days of an account that are answered as if GitHub did not have them yet.
    `policy_off`: accounts whose metrics reports are forbidden.
    `primary_limit_after`, `secondary_limit_after`: after so many good API answers comes the limit, once.
    `server_errors`: so many API answers fail at the start. `slow`: seconds before every answer.
    `drop_connection_once`: the first API request is not answered; the first download breaks off half-way.
    """

    expired_links_once: frozenset[str] = frozenset()
    truncated_file: ReportDay | None = None
    changed_type: tuple[str, str, date, str] | None = None
    unknown_field: ReportDay | None = None
    empty_day: AccountDay | None = None
    no_rows_day: AccountDay | None = None
    not_available: frozenset[AccountDay] = frozenset()
    policy_off: frozenset[str] = frozenset()
    primary_limit_after: int | None = None
    primary_limit_status: Literal[403, 429] = 403
    secondary_limit_after: int | None = None
    secondary_without_retry_after: bool = False
    server_errors: int = 0
    format: Literal["ndjson", "crlf", "array", "object"] = "ndjson"
    slow: float = 0.0
    drop_connection_once: Literal["", "api", "download"] = ""

    def file_body(self, key: ReportKey, records: list[str]) -> bytes:
        """The bytes of a report file, with the faults that concern it."""
        account_day = (key.account.account_id, key.day)
        report_day = (key.report, *account_day)
        if account_day == self.empty_day:
            return b""
        if account_day == self.no_rows_day:
            return b"\n"
        if self.changed_type and self.changed_type[:3] == report_day:
            records = [_with_changed_type(records[0], self.changed_type[3]), *records[1:]]
        if report_day == self.unknown_field:
            records = [_with_unknown_fields(record) for record in records]
        body = _format(records, self.format)
        return body[: -len(records[-1]) // 2].encode() if report_day == self.truncated_file else body.encode()

    def is_unavailable(self, key: ReportKey) -> bool:
        """Whether the report is to be answered as not yet published."""
        return (key.account.account_id, key.day) in self.not_available


def _format(records: list[str], style: str) -> str:
    match style:
        case "crlf":
            return "".join(f"{record}\r\n" for record in records)
        case "array":
            return f"[{','.join(records)}]"
        case "object":
            return "\n".join(dumps(loads(record), indent=1) for record in records)
    return "".join(f"{record}\n" for record in records)


def _with_changed_type(record: str, name: str) -> str:
    value = loads(record)
    value[name] = {"value": value.get(name)}
    return dumps(value)


def _with_unknown_fields(record: str) -> str:
    value = loads(record)
    value["new_signal_count"] = 7
    for item in value.get("totals_by_feature", ()):
        item["new_feature_signal"] = "seen"
    return dumps(value)


class FaultClock:
    """Decides which API request meets which fault; each limit happens once."""

    def __init__(self, faults: Faults) -> None:
        """Count from the first request."""
        self._faults = faults
        self._lock = threading.Lock()
        self._answered = 0
        self._pending = self._limits()
        self._server_errors = islice(cycle(SERVER_ERRORS), faults.server_errors)
        self._drops = {faults.drop_connection_once}

    def _limits(self) -> dict[str, int]:
        limits = {
            "primary": self._faults.primary_limit_after,
            "secondary": self._faults.secondary_limit_after,
        }
        return {name: after for name, after in limits.items() if after is not None}

    def next_api_fault(self) -> Response | None:
        """The failing answer that the next API request gets, if any."""
        with self._lock:
            status = next(self._server_errors, None)
            if status:
                return error(status, status.phrase)
            for name, after in self._pending.items():
                if self._answered >= after:
                    del self._pending[name]
                    return self._primary_limit() if name == "primary" else self._secondary_limit()
            self._answered += 1
            return None

    def drops(self, kind: Literal["api", "download"]) -> bool:
        """Whether this connection is to be broken; true at most once."""
        with self._lock:
            if kind not in self._drops:
                return False
            self._drops.clear()
            return True

    def _primary_limit(self) -> Response:
        return error(
            self._faults.primary_limit_status,
            "API rate limit exceeded for user ID 41000000.",
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 1)},
        )

    def _secondary_limit(self) -> Response:
        wait = {} if self._faults.secondary_without_retry_after else {"retry-after": "1"}
        return error(
            HTTPStatus.FORBIDDEN,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            wait,
        )
