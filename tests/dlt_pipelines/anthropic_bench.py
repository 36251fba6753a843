"""Extractions of Claude from a local server, with a clock that never waits; and a client that answers by heart."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest
from requests.structures import CaseInsensitiveDict

from demo.anthropic_faults import AnthropicFaults
from demo.anthropic_server import AnthropicServer, settings
from demo.company import Company
from demo.constants import AS_OF
from dlt_pipelines import extraction
from dlt_pipelines.anthropic.endpoints import Reader
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer, ApiClient, Clock
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import Page, envelope

ADMIN_KEY = "sk-ant-admin01-that-must-never-leak"
ANALYTICS_KEY = "sk-ant-api01-that-must-never-leak"
KEY = "a pseudonym key for tests, long enough"


@dataclass
class ClaudeBench:
    """A warehouse of its own and a server of the invented company that can be changed between runs."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    company: Company
    stack: ExitStack
    waits: list[float] = field(default_factory=list)

    def prepare(self) -> None:
        """Points the settings at this warehouse."""
        self.monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(self.warehouse))
        self.monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)

    @property
    def warehouse(self) -> Path:
        return self.folder / "w.duckdb"

    def serve(self, faults: AnthropicFaults | None = None, as_of: date = AS_OF) -> AnthropicServer:
        """Starts a server with these faults, and points the settings at it."""
        server = self.stack.enter_context(AnthropicServer(self.company, as_of, faults, ADMIN_KEY, ANALYTICS_KEY))
        keys = {"SOURCES__ANTHROPIC__ADMIN_KEY": ADMIN_KEY, "SOURCES__ANTHROPIC__ANALYTICS_KEY": ANALYTICS_KEY}
        for name, value in {**settings(server.url), **keys, "AGENT_SPEND_AS_OF": as_of.isoformat()}.items():
            self.monkeypatch.setenv(name, value)
        return server

    def extract(self, since: date | None = None, until: date | None = None) -> Outcome:
        """One run; what it would have slept is noted in `waits`."""
        clock = Clock(now=time.time, sleep=self.waits.append)
        return extraction.extract(["anthropic"], since=since, until=until, clock=clock)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def current(self, table: str) -> str:
        """A sub-query with the rows of a raw table that count."""
        return f"""(
            select t.* from raw_anthropic.{table} as t
            where t.report_load_key in (
                select report_load_key from raw_anthropic.report_loads where status = 'loaded'
                qualify row_number() over (
                    partition by account_id, report, report_date order by loaded_at desc
                ) = 1
            )
        )"""

    def reports(self, status: str = "loaded") -> set[str]:
        """The reports that have a row of that status in the manifest."""
        rows = self.rows(f"select distinct report from raw_anthropic.report_loads where status = '{status}'")
        return {report for (report,) in rows}


@dataclass
class ByHeart:
    """A client that gives its answers in order and remembers what it was asked."""

    answers: list[tuple[int, Any]]
    asked: list[tuple[str, dict[str, Any], Mapping[str, str] | None]] = field(default_factory=list)

    def get(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        decode: Callable[[bytes], Any] = json.loads,
    ) -> Answer:
        self.asked.append((path, params or {}, headers))
        status, body = self.answers.pop(0)
        return Answer(status, CaseInsensitiveDict(), (envelope if status == 200 else json.loads)(_text(body)), path)


def _text(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def problem(message: str) -> dict[str, Any]:
    """An error as Anthropic words it."""
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}


@dataclass
class Read:
    """What an endpoint read by heart: its pages, and what was asked for."""

    pages: list[Page]
    asked: list[tuple[str, dict[str, Any], Mapping[str, str] | None]]

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(bytes(record)) for page in self.pages for record in page.records]


def read(
    endpoint: Callable[[Reader], Endpoint],
    *answers: tuple[int, Any],
    day: date | None = date(2026, 10, 10),
    scope: str = "console",
    today: date = AS_OF,
) -> Read:
    """The pages of an endpoint whose answers are these."""
    client = ByHeart(list(answers))
    made = endpoint(Reader(cast(ApiClient, client), today))
    asked = Asked(NamedAccount(scope, "sample"), made, day if made.dated else None)
    pages = list(made.pages(asked))
    assert not client.answers
    return Read(pages, client.asked)
