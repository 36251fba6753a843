"""A stand-in for OpenAI whose every answer a test writes itself, and extractions from it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.local_server import LocalServer, Request, Response
from dlt_pipelines import extraction
from dlt_pipelines.http import Clock
from dlt_pipelines.outcome import Outcome

ADMIN_KEY = "sk-admin-that-must-never-leak"
CODEX_KEY = "sk-proj-codex-that-must-never-leak"
KEY = "a pseudonym key for tests, long enough"
AS_OF = date(2026, 11, 20)
DAY = date(2026, 11, 10)
USAGE = "/v1/organization/usage/"
COSTS = "/v1/organization/costs"
CODEX = "/v1/analytics/codex/workspaces/ws-1/usage"
PROJECTS = "/v1/organization/projects"

Json = dict[str, Any]
Answer = Callable[[Request], Response | str | Json]


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def bucket(results: list[Json], day: date = DAY) -> Json:
    return {
        "object": "bucket",
        "start_time": seconds(day),
        "end_time": seconds(day + timedelta(days=1)),
        "results": results,
    }


def page(*buckets: Json, has_more: bool = False, next_page: str | None = None) -> Json:
    return {"object": "page", "data": list(buckets), "has_more": has_more, "next_page": next_page}


def listed(items: list[Json], *, has_more: bool = False) -> Json:
    ids = [item["id"] for item in items]
    return {
        "object": "list",
        "data": items,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
        "has_more": has_more,
    }


class Stub(LocalServer):
    """Answers by path: a body, or a function of the request; what is not named is empty."""

    def __init__(self, answers: dict[str, Answer | Json | str]) -> None:
        self.answers = answers
        super().__init__()

    def answer(self, request: Request) -> Response:
        made = self.answers.get(request.path)
        if made is None:
            made = page() if "start_time" in request.query else listed([])
        found = made(request) if callable(made) else made
        if isinstance(found, Response):
            return found
        text = found if isinstance(found, str) else json.dumps(found)
        return Response(200, text.encode(), {"content-type": "application/json"})

    def asked(self, path: str) -> list[dict[str, list[str]]]:
        return [request.query_lists for request in self.requests if request.path == path]


def refused(status: int, message: str) -> Response:
    return Response(status, json.dumps({"error": {"message": message, "code": None}}).encode())


@dataclass
class OpenaiBench:
    """A warehouse of its own and a stand-in that can be changed between runs."""

    folder: Path
    server: Stub
    waits: list[float] = field(default_factory=list)

    def extract(self, since: date | None = DAY, until: date | None = DAY) -> Outcome:
        clock = Clock(now=time.time, sleep=self.waits.append)
        return extraction.extract(["openai"], since=since, until=until, clock=clock)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "w.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def current(self, table: str) -> str:
        """A sub-query with the rows of a raw table that count."""
        return f"""(
            select t.* from raw_openai.{table} as t
            where t.report_load_key in (
                select report_load_key from raw_openai.report_loads where status = 'loaded'
                qualify row_number() over (
                    partition by account_id, report, report_date order by loaded_at desc
                ) = 1
            )
        )"""


def point_at(monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> None:
    """The settings of a run without Codex."""
    settings = {
        "AGENT_SPEND_WAREHOUSE": str(folder / "w.duckdb"),
        "AGENT_SPEND_PSEUDONYM_KEY": KEY,
        "AGENT_SPEND_AS_OF": AS_OF.isoformat(),
        "SOURCES__OPENAI__API_URL": url,
        "SOURCES__OPENAI__ADMIN_KEY": ADMIN_KEY,
        "SOURCES__OPENAI__ORGANIZATION": "acme",
        "SOURCES__OPENAI__CODEX_API_URL": url,
        "SOURCES__OPENAI__REQUESTS_PER_MINUTE": "1000000",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def use_codex(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds the Codex workspace."""
    monkeypatch.setenv("SOURCES__OPENAI__CODEX_KEY", CODEX_KEY)
    monkeypatch.setenv("SOURCES__OPENAI__CODEX_WORKSPACE", "ws-1")
