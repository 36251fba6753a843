"""A Cursor team made up by a test: a server that answers with what the test put in, by Cursor's documented rules."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from demo.local_server import LocalServer, Request, Response, json_response
from dlt_pipelines import cursor
from dlt_pipelines.cursor.tables import DATASET
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window, as_of
from tests.dlt_pipelines.pseudonyms import KEY
from tests.dlt_pipelines.vendor_bench import VendorBench

Json = dict[str, Any]

ADMIN_KEY = "crsr_admin_key_that_must_never_leak"
ORGANIZATION_KEY = "crsr_organization_key_that_must_never_leak"
TODAY = date(2026, 11, 12)
DAY = date(2026, 11, 10)
START = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp()) * 1000
LAST_MILLISECOND = START + 86_400_000 - 1
ONE_DAY = timedelta(days=1)
EVENTS_PATH = "/teams/filtered-usage-events"


def event(timestamp: int, **fields: Any) -> Json:
    """A usage event with what every event has."""
    return {"timestamp": str(timestamp), "model": "composer-2.5", "kind": "Usage-based", **fields}


def member_day(email: str, **fields: object) -> dict[str, object]:
    return {"userId": 12345, "day": DAY.isoformat(), "date": START, "email": email, "isActive": True, **fields}


def audit(kind: str, data: object) -> dict[str, object]:
    return {
        "event_id": f"evt_{kind}",
        "timestamp": "2026-11-01T12:30:00.000Z",
        "ip_address": "203.0.113.42",
        "user_email": "owner@example.com",
        "event_type": kind,
        "event_data": data,
    }


class CursorTeam(LocalServer):
    """Answers like Cursor, out of lists that a test may change between (or during) requests."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.daily: list[Json] = []
        self.members: list[Json] = []
        self.spend: list[Json] = []
        self.groups: Json = {"groups": []}
        self.audit: list[Json] = []
        self.pool: Json = {"pool": {"limitCents": 1}, "teams": []}
        self.page_limit = 1000
        self.answers: dict[str, Callable[[Request], Response | None]] = {}
        self.asked: list[tuple[str, str, Json]] = []
        self.credentials: list[str] = []
        super().__init__()

    def answer(self, request: Request) -> Response | None:
        self.credentials.append(request.headers.get("authorization", ""))
        body: Json = json.loads(request.body) if request.body else dict(request.query)
        self.asked.append((request.method, request.path, body))
        if request.path in self.answers and (response := self.answers[request.path](request)) is not None:
            return response
        key = ORGANIZATION_KEY if request.path.startswith("/organizations/") else ADMIN_KEY
        if request.headers.get("authorization") != "Basic " + base64.b64encode(f"{key}:".encode()).decode():
            return json_response({"error": "Unauthorized", "message": "Invalid API key"}, HTTPStatus.UNAUTHORIZED)
        known: dict[str, Callable[[Json], Json | Response]] = {
            "POST /teams/filtered-usage-events": self._events,
            "POST /teams/daily-usage-data": self._daily,
            "GET /teams/members": lambda _: {"teamMembers": self.members},
            "POST /teams/spend": self._spend,
            "GET /teams/groups": lambda _: self.groups,
            "GET /teams/audit-logs": self._audit,
            "POST /organizations/pooled-usage": lambda _: self.pool,
        }
        found = known[f"{request.method} {request.path}"](body)
        return found if isinstance(found, Response) else json_response(found)

    def _events(self, body: Json) -> Json | Response:
        if any(isinstance(body.get(name), str) for name in ("startDate", "endDate", "page", "pageSize")):
            return json_response({"error": "Internal Server Error"}, HTTPStatus.INTERNAL_SERVER_ERROR)
        found = [e for e in self.events if body["startDate"] <= int(e["timestamp"]) <= body["endDate"]]
        size = min(body["pageSize"], self.page_limit)
        first = (body["page"] - 1) * size
        return {
            "totalUsageEventsCount": len(found),
            "pagination": {
                "numPages": -(-len(found) // size),
                "currentPage": body["page"],
                "pageSize": size,
                "hasNextPage": first + size < len(found),
                "hasPreviousPage": first > 0,
            },
            "usageEvents": found[first : first + size],
            "period": {"startDate": body["startDate"], "endDate": body["endDate"]},
        }

    def _daily(self, body: Json) -> Json:
        rows = [row for row in self.daily if body["startDate"] <= row["date"] <= body["endDate"]]
        users = sorted({row["email"] for row in rows})
        size = min(body["pageSize"], self.page_limit)
        first = (body["page"] - 1) * size
        paged = users[first : first + size]
        return {
            "data": [row for row in rows if row["email"] in paged],
            "period": {},
            "pagination": {
                "page": body["page"],
                "totalUsers": len(users),
                "totalPages": -(-len(users) // size),
                "hasNextPage": first + size < len(users),
            },
        }

    def _spend(self, body: Json) -> Json:
        size = min(body["pageSize"], self.page_limit)
        first = (body["page"] - 1) * size
        return {
            "teamMemberSpend": self.spend[first : first + size],
            "subscriptionCycleStart": 1_793_102_884_000,
            "totalMembers": len(self.spend),
            "totalPages": -(-len(self.spend) // size),
        }

    def _audit(self, query: Json) -> Json:
        kinds = query["eventTypes"].split(",")
        found = [entry for entry in self.audit if entry["event_type"] in kinds]
        return {"events": found, "pagination": {"totalCount": len(found), "hasNextPage": False}, "params": {}}


@dataclass
class CursorBench(VendorBench):
    """A team, a warehouse of its own, and runs with a clock that never really waits."""

    source = "cursor"

    team: CursorTeam

    def extract(self, since: date | None = None, until: date | None = None) -> Outcome:
        """One run of the cursor source alone."""
        settings = cursor.load_settings()
        warehouse, outcome = Warehouse(), Outcome()
        window = Window(as_of(), settings.lookback_days, since, until)
        with warehouse.run(DATASET), Progress() as progress:
            cursor.extract(settings, warehouse, window, Pseudonymizer(KEY), outcome, progress, self.clock)
        return outcome

    def read_day(self, day: date = DAY) -> Outcome:
        return self.extract(day, day)

    def statuses(self, report: str = "usage-events", day: date = DAY) -> list[str]:
        return [
            status
            for (status,) in self.rows(
                f"select status from raw_cursor.report_loads where report = '{report}'"
                f" and report_date = '{day}' and status <> 'backfill_requested' order by loaded_at"
            )
        ]


@contextmanager
def cursor_bench(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CursorBench]:
    """A team with an admin key, and settings that point at it."""
    with CursorTeam() as team:
        bench = CursorBench(folder, monkeypatch, team)
        bench.prepare()
        bench.set(api_url=team.url, admin_key=ADMIN_KEY, team="sail-makers", requests_per_minute="1000000")
        bench.today(TODAY)
        yield bench


@pytest.fixture(name="cursor")
def one_team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CursorBench]:
    with cursor_bench(tmp_path, monkeypatch) as bench:
        yield bench
