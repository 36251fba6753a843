"""What the end-to-end tests share: settings in the environment, extraction, `dbt build`, marts as rows."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.anthropic_server import AnthropicServer
from demo.billing_contracts import PLANTED_MONTH
from demo.company import Company
from demo.constants import AS_OF, FIRST_AS_OF, FIRST_DAY
from demo.cursor_server import CursorServer
from demo.github_faults import Faults
from demo.github_server import DemoServer
from demo.openai_server import OpenaiServer
from demo.run import (
    ACCEPTED,
    CLOSED_BY,
    CLOSING_MODELS,
    DBT_VARS,
    LIMIT_AFTER_REQUESTS,
    PSEUDONYM_KEY,
    TRACES,
    settings,
    write_files,
)
from demo.traces_files import is_planted, write_traces
from demo.vendors import Vendors
from demo.warehouse import empty
from dlt_pipelines.change_points.finding import find_change_points
from dlt_pipelines.close.closing import close_period
from dlt_pipelines.extraction import extract
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome

PROJECT = Path(__file__).resolve().parents[2]
# Where a session keeps what dbt parsed; unset, every folder's first build parses the whole project.
PARSED_FOLDER = "FOLDER_OF_PARSED_PROJECTS"
# Unlike the demo's own, they can be nothing else when they turn up somewhere.
TOKEN = "ghp_EndToEndTokenThatMustTurnUpNowhere0123456789"
SECRETS = {
    "SOURCES__GITHUB_COPILOT__TOKEN": TOKEN,
    "SOURCES__GITHUB_BILLING__TOKEN": TOKEN,
    "SOURCES__ANTHROPIC__ADMIN_KEY": "sk-ant-admin01-EndToEndKeyThatMustTurnUpNowhere0123456789",
    "SOURCES__ANTHROPIC__ANALYTICS_KEY": "sk-ant-api01-EndToEndKeyThatMustTurnUpNowhere0123456789",
    "SOURCES__CURSOR__ADMIN_KEY": "key_EndToEndAdminKeyThatMustTurnUpNowhere0123456789",
    "SOURCES__CURSOR__ORGANIZATION_KEY": "key_EndToEndPoolKeyThatMustTurnUpNowhere0123456789",
    "SOURCES__OPENAI__ADMIN_KEY": "sk-admin-EndToEndKeyThatMustTurnUpNowhere0123456789",
    "SOURCES__OPENAI__CODEX_KEY": "sk-codex-EndToEndKeyThatMustTurnUpNowhere0123456789",
}

# The invented company's own tags of keys, as `agent-spend demo` builds.
DEMO = ("--vars", DBT_VARS)
# Unit tests need no data: the build of the fixture `demo` runs them once.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
NO_TESTS = (*NO_UNIT_TESTS, "--exclude-resource-type", "test")

Row = tuple[Any, ...]
Ask = Callable[[str], list[Row]]

# schema.model of every published mart, from the project's files.
MARTS = tuple(sorted(f"{file.parent.name}.{file.stem}" for file in (PROJECT / "models/marts").glob("*/*.sql")))

# Columns that tell of the run, not of the company; everything else is compared.
RUN_DEPENDENT = {
    "restricted.dim_identifier": {"first_seen_at"},  # the moment of loading
    "governance.fct_restatements": {"previous_loaded_at", "loaded_at"},  # moments of loading
    "finance.fct_superseded_charges": {"report_load_key"},  # drawn anew by every load
    "governance.fct_source_recency": {"last_checked_at"},  # the moment of the vendor's answer
}


@dataclass(frozen=True)
class Workbench:
    """A folder with a warehouse, its state and what its runs wrote: `w.duckdb`, `.extract/`, `roster/`, `logs/`."""

    folder: Path
    target: str = "duckdb"

    @property
    def warehouse(self) -> Path:
        return self.folder / "w.duckdb"

    @property
    def state(self) -> Path:
        """Where dlt keeps its state, beside the warehouse."""
        return self.folder / ".extract"

    @property
    def logs(self) -> Path:
        """Everything that extraction and dbt logged or printed."""
        return self.folder / "logs"

    def copy(self, folder: Path) -> Workbench:
        """The same warehouse, state and roster elsewhere, to be changed; logs stay."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("logs", "target"), dirs_exist_ok=True)
        return Workbench(folder, self.target)

    def extract(self, variables: dict[str, str], as_of: date, since: date | None = None, *sources: str) -> Outcome:
        """One extraction that never really waits; every log record of it lands in `logs`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.environment(variables, as_of), _everything_logged_to(self.logs / "extraction.log"):
            return extract(sources, target=self.target, since=since, clock=Clock(time.time, lambda _: None))

    def build(self, as_of: date, *options: str) -> None:
        """`dbt build` as a user calls it, with its files in this folder.

        The warehouse is named as seen from here: dbt parses anew where a profile has other values.
        """
        folders = {
            "--target": self.target,
            "--project-dir": PROJECT,
            "--profiles-dir": PROJECT,
            "--target-path": self.folder / "target",
            "--log-path": self.logs,
        }
        arguments = [str(part) for pair in folders.items() for part in pair]
        dbt = shutil.which("dbt", path=str(Path(sys.executable).parent)) or "dbt"
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.environment({}, as_of) as patch, _parsed_before(self, options):
            patch.setenv("AGENT_SPEND_WAREHOUSE", self.warehouse.name)
            done = subprocess.run(
                [dbt, "--no-use-colors", "build", *arguments, *options],
                capture_output=True,
                text=True,
                check=False,
                cwd=self.folder,
            )
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / "dbt_output.log").open("a") as log:
            log.write(done.stdout + done.stderr)
        assert done.returncode == 0, f"dbt build failed:\n{done.stdout[-6000:]}{done.stderr[-2000:]}"

    def close(self, month: date, as_of: date) -> None:
        """Builds what a closing needs and closes the month, as the demo does."""
        self.build(as_of, *DEMO, *CLOSING_MODELS)
        with self.environment({}, as_of):
            closing = close_period(month, target=self.target, accept=ACCEPTED, by=CLOSED_BY)
        assert closing.status == "closed", closing

    def look_for_change_points(self, as_of: date) -> None:
        """Looks for change points in what is built and builds what shows them, as the demo does."""
        with self.environment({}, as_of):
            find_change_points(target=self.target)
        self.build(as_of, *DEMO, *NO_TESTS, "--select", "source:change_points+")

    @contextmanager
    def environment(self, variables: dict[str, str], as_of: date) -> Iterator[pytest.MonkeyPatch]:
        """The process's environment with these variables, this warehouse and this day."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("SOURCES__", "AGENT_SPEND_", "DBT_"))]:
                patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            patch.setenv("AGENT_SPEND_WAREHOUSE", str(self.warehouse))
            patch.setenv("AGENT_SPEND_AS_OF", as_of.isoformat())
            yield patch

    @contextmanager
    def query(self) -> Iterator[Ask]:
        """A function that answers SQL with rows, reading only; DuckDB only."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield lambda sql: connection.execute(sql).fetchall()


@contextmanager
def serving(company: Company, as_of: date, github_faults: Faults | None = None) -> Iterator[Vendors]:
    """Servers of all vendors that accept no other secrets than ours."""
    key = {name.removeprefix("SOURCES__").lower(): secret for name, secret in SECRETS.items()}
    with ExitStack() as stack:
        yield Vendors(
            stack.enter_context(DemoServer(company, as_of, github_faults, key["github_copilot__token"])),
            stack.enter_context(
                AnthropicServer(
                    company,
                    as_of,
                    admin_key=key["anthropic__admin_key"],
                    analytics_key=key["anthropic__analytics_key"],
                )
            ),
            stack.enter_context(
                CursorServer(
                    company,
                    as_of,
                    key=key["cursor__admin_key"],
                    organization_key=key["cursor__organization_key"],
                )
            ),
            stack.enter_context(
                OpenaiServer(company, as_of, admin_key=key["openai__admin_key"], codex_key=key["openai__codex_key"])
            ),
        )


def demo_settings(vendors: Vendors, workbench: Workbench) -> dict[str, str]:
    """The demo's own settings, with secrets that can be recognised."""
    return {**settings(vendors, workbench.folder / "roster", workbench.target), **SECRETS}


def extract_demo(workbench: Workbench, company: Company, between: Callable[[], object] | None = None) -> None:
    """What `agent-spend demo` does before its build: it extracts, closes a month, and extracts what is due later."""
    write_files(company, workbench.folder / "roster")
    with serving(company, FIRST_AS_OF, Faults(secondary_limit_after=LIMIT_AFTER_REQUESTS)) as vendors:
        variables = demo_settings(vendors, workbench)
        with workbench.environment(variables, FIRST_AS_OF):
            empty(workbench.target)
        for as_of, since in ((FIRST_AS_OF, FIRST_DAY), (AS_OF, None)):
            vendors.set_today(as_of)
            write_traces(company, workbench.folder / "roster" / TRACES, as_of)
            outcome = workbench.extract(variables, as_of, since)
            problems = [problem for problem in outcome.problems if not is_planted(problem.problem)]
            assert not problems, problems
            if as_of == FIRST_AS_OF:
                workbench.close(PLANTED_MONTH, FIRST_AS_OF)
                if between:
                    between()


def pseudonymizer() -> Pseudonymizer:
    """Keys as the demo's warehouse has them."""
    return Pseudonymizer(PSEUDONYM_KEY)


def mart(ask: Ask, name: str) -> tuple[list[str], Counter[Row]]:
    """The compared columns and the rows (with how often each occurs) of a mart, on DuckDB and PostgreSQL."""
    schema, table = name.split(".")
    found = ask(
        "select column_name from information_schema.columns"
        f" where table_schema = '{schema}' and table_name = '{table}' order by ordinal_position"
    )
    columns = [column for (column,) in found if column not in RUN_DEPENDENT.get(name, set())]
    listed = ", ".join(f'"{column}"' for column in columns)
    return columns, Counter(ask(f"select {listed} from {name}"))


def all_marts(workbench: Workbench) -> dict[str, tuple[list[str], Counter[Row]]]:
    """Every mart of a DuckDB warehouse."""
    with workbench.query() as ask:
        return {name: mart(ask, name) for name in MARTS}


def differences(expected: Counter[Row], found: Counter[Row], most: int = 4) -> str:
    """A few rows that only one side has, for a failing test to show; empty when the sides are equal."""
    sides = {"missing": expected - found, "unexpected": found - expected}
    return "\n".join(
        f"{side} ({rows.total()} rows): {sorted(rows.elements(), key=repr)[:most]}"
        for side, rows in sides.items()
        if rows
    )


@contextmanager
def _parsed_before(workbench: Workbench, options: tuple[str, ...]) -> Iterator[None]:
    """Hands dbt what an earlier build of the session with the same vars parsed, and keeps what this one does.

    dbt itself sees what has changed since: a build parses for 20 seconds of which 15 are saved.
    """
    if (folder := os.environ.get(PARSED_FOLDER)) is None:
        yield
        return
    wanted = [value for name, value in pairwise(options) if name == "--vars"]
    name = hashlib.sha256(json.dumps([workbench.target, wanted]).encode()).hexdigest()[:16]
    kept, own = Path(folder) / name, workbench.folder / "target" / "partial_parse.msgpack"
    if kept.exists() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, own)
    yield
    if own.exists():
        mine = kept.with_suffix(f".{os.getpid()}")
        shutil.copy(own, mine)
        mine.replace(kept)


@contextmanager
def _everything_logged_to(file: Path) -> Iterator[None]:
    """Every log record, however unimportant, of whatever library."""
    root = logging.getLogger()
    handler, level = logging.FileHandler(file), root.level
    handler.setLevel(logging.DEBUG)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
