"""What benches of vendors have in common: settings of one source, and a warehouse of its own that can be asked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pytest

from dlt_pipelines import extraction
from dlt_pipelines.http import Clock
from dlt_pipelines.outcome import Outcome
from tests.dlt_pipelines.pseudonyms import KEY


@dataclass
class VendorBench:
    """A warehouse, and runs of one source with a clock that never really waits."""

    source: ClassVar[str]

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    waits: list[float] = field(default_factory=list, kw_only=True)

    def prepare(self) -> None:
        """Points the settings at this warehouse."""
        self.monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(self.warehouse))
        self.monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)

    @property
    def warehouse(self) -> Path:
        return self.folder / "w.duckdb"

    @property
    def clock(self) -> Clock:
        """What a run would have slept is noted in `waits`."""
        return Clock(now=time.time, sleep=self.waits.append)

    def set(self, **settings: str | None) -> None:
        """Settings of the source; those that are None are taken away."""
        for name, value in settings.items():
            variable = f"SOURCES__{self.source.upper()}__{name.upper()}"
            if value is None:
                self.monkeypatch.delenv(variable, raising=False)
            else:
                self.monkeypatch.setenv(variable, value)

    def today(self, day: date) -> None:
        self.monkeypatch.setenv("AGENT_SPEND_AS_OF", day.isoformat())

    def extract(self, since: date | None = None, until: date | None = None) -> Outcome:
        """One run."""
        return extraction.extract([self.source], since=since, until=until, clock=self.clock)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def current(self, table: str) -> str:
        """A sub-query with the rows of a raw table that count."""
        return f"""(
            select * from raw_{self.source}.{table}
            where report_load_key in (
                select report_load_key from raw_{self.source}.report_loads where status = 'loaded'
                qualify row_number() over (
                    partition by account_id, report, report_date order by loaded_at desc
                ) = 1
            )
        )"""
