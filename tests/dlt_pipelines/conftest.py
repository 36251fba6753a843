"""A company on a local server, and extractions from it with a clock that never really waits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.company import Company, build_company
from demo.constants import APPS, AS_OF
from demo.github_faults import Faults
from demo.github_server import DemoServer
from dlt_pipelines import extraction
from dlt_pipelines.http import Clock
from dlt_pipelines.outcome import Outcome

TOKEN = "ghp_token_that_must_never_leak"
KEY = "a pseudonym key for tests, long enough"


@dataclass
class Bench:
    """A warehouse of its own and a server that can be changed between runs."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    company: Company
    stack: ExitStack
    waits: list[float] = field(default_factory=list)
    server: DemoServer | None = None

    @property
    def warehouse(self) -> Path:
        return self.folder / "w.duckdb"

    @property
    def state(self) -> Path:
        return self.folder / ".extract" / "w"

    def serve(self, faults: Faults | None = None, as_of: date = AS_OF) -> DemoServer:
        """Starts a server (in place of the one before) with these faults, and points the settings at it."""
        self.server = self.stack.enter_context(DemoServer(self.company, as_of=as_of, faults=faults, token=TOKEN))
        self.monkeypatch.setenv("SOURCES__GITHUB_COPILOT__API_URL", self.server.url)
        self.monkeypatch.setenv("AGENT_SPEND_AS_OF", as_of.isoformat())
        return self.server

    def extract(self, since: date | None = None, until: date | None = None) -> Outcome:
        """One run; what it would have slept is noted in `waits`."""
        clock = Clock(now=time.time, sleep=self.waits.append)
        return extraction.extract(["github_copilot"], since=since, until=until, clock=clock)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def current(self, table: str) -> str:
        """A sub-query with the rows of a raw table that count."""
        return f"""(
            select t.* from raw_github_copilot.{table} as t
            where t.report_load_key in (
                select report_load_key from raw_github_copilot.report_loads where status = 'loaded'
                qualify row_number() over (
                    partition by account_id, report, report_date order by loaded_at desc
                ) = 1
            )
        )"""


@pytest.fixture(scope="session")
def company() -> Company:
    return build_company()


@pytest.fixture
def use_accounts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(*organizations: str, enterprise: str | None = None) -> None:
        monkeypatch.setenv("SOURCES__GITHUB_COPILOT__ORGANIZATIONS", json.dumps(list(organizations)))
        if enterprise:
            monkeypatch.setenv("SOURCES__GITHUB_COPILOT__ENTERPRISE", enterprise)

    return use


@pytest.fixture
def bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, company: Company, use_accounts: Callable[..., None]
) -> Iterator[Bench]:
    """One organisation, an empty warehouse, no server yet."""
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("SOURCES__GITHUB_COPILOT__TOKEN", TOKEN)
    monkeypatch.setenv("SOURCES__GITHUB_COPILOT__POINTS_PER_MINUTE", "1000000")
    use_accounts(APPS.slug)
    with ExitStack() as stack:
        yield Bench(tmp_path, monkeypatch, company, stack)
