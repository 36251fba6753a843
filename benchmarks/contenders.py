"""What is measured, each in a process of its own: `python -m benchmarks.contenders NAME FOLDER WORK [URL]`."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.user_days import FIRST_DAY

LOGIN = "bench"


def ours_from_files(folder: Path, work: Path) -> None:
    """The extractor on files that are already downloaded: checks, parsing, pseudonyms, load, manifest."""
    _configure(work, "http://127.0.0.1:9", len(list(folder.iterdir())))
    from dlt_pipelines.catalog import DATASETS
    from dlt_pipelines.extraction import pseudonymizer
    from dlt_pipelines.fetched import Asked, Fetched
    from dlt_pipelines.github_copilot import CopilotExtraction
    from dlt_pipelines.github_copilot.reports import USERS_1_DAY
    from dlt_pipelines.github_copilot.settings import Account, load_settings
    from dlt_pipelines.outcome import Outcome
    from dlt_pipelines.pipelines import Warehouse
    from dlt_pipelines.progress import Progress
    from dlt_pipelines.report_files import ReportFile
    from dlt_pipelines.windows import Window, as_of

    warehouse = Warehouse()
    with warehouse.run(*DATASETS), Progress() as progress:
        outcome = Outcome()
        window = Window(as_of())
        extraction = CopilotExtraction(load_settings(), warehouse, window, pseudonymizer(), outcome, progress)
        batch = []
        for source in sorted(folder.iterdir()):
            day = date.fromisoformat(source.stem[-10:])
            path = warehouse.spool / source.name
            os.link(source, path)
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            report = ReportFile(path, source.name, "newline_delimited")
            asked = Asked(Account("organization", LOGIN), USERS_1_DAY, day)
            batch.append(Fetched(asked, "loaded", 200, day, day, [report], sha256, path.stat().st_size))
        extraction.loader.load(batch)
    print(f"{outcome.rows:,} rows")


def ours_over_http(folder: Path, work: Path, url: str) -> None:
    """The whole run of `agent-spend extract` against a local server, downloads and lists included."""
    days = len(list(folder.iterdir()))
    _configure(work, url, days)
    from dlt_pipelines.extraction import extract

    outcome = extract(["github_copilot"], since=FIRST_DAY, until=FIRST_DAY + timedelta(days=days - 1))
    print(f"{outcome.rows:,} rows, {outcome.problems}")


def _configure(work: Path, url: str, days: int) -> None:
    os.environ |= {
        "AGENT_SPEND_WAREHOUSE": str(work / "ours.duckdb"),
        "AGENT_SPEND_PSEUDONYM_KEY": "a key for benchmarks, long enough",
        "AGENT_SPEND_AS_OF": str(FIRST_DAY + timedelta(days=days)),
        "SOURCES__GITHUB_COPILOT__API_URL": url,
        "SOURCES__GITHUB_COPILOT__TOKEN": "none",
        "SOURCES__GITHUB_COPILOT__ORGANIZATIONS": json.dumps([LOGIN]),
        "SOURCES__GITHUB_COPILOT__POINTS_PER_MINUTE": "1000000",
    }


def cursor_over_http(folder: Path, work: Path, url: str) -> None:  # noqa: ARG001 (the server has the pages)
    """`agent-spend extract cursor` against a local server: paging, cutting, checks, pseudonyms, load, manifest."""
    from benchmarks.cursor_events import LAST_DAY

    os.environ |= {
        "AGENT_SPEND_WAREHOUSE": str(work / "ours.duckdb"),
        "AGENT_SPEND_PSEUDONYM_KEY": "a key for benchmarks, long enough",
        "AGENT_SPEND_AS_OF": str(LAST_DAY + timedelta(days=1)),
        "SOURCES__CURSOR__API_URL": url,
        "SOURCES__CURSOR__ADMIN_KEY": "none",
        "SOURCES__CURSOR__REQUESTS_PER_MINUTE": "1000000",
    }
    from dlt_pipelines.extraction import extract

    outcome = extract(["cursor"])
    print(f"{outcome.rows:,} rows, {outcome.problems}")


def cursor_duckdb_alone(folder: Path, work: Path) -> None:
    """The floor for Cursor's pages."""
    from benchmarks.cursor_duckdb_read import read

    read(folder, work / "floor.duckdb")


def duckdb_alone(folder: Path, work: Path) -> None:
    """The floor."""
    from benchmarks.duckdb_read import read

    read(folder, work / "floor.duckdb")


def dlt_defaults(folder: Path, work: Path) -> None:
    """dlt's ordinary path: dictionaries, child tables, default settings."""
    import dlt

    def records() -> Iterator[dict[str, object]]:
        for path in sorted(folder.iterdir()):
            with path.open() as file:
                for line in file:
                    yield json.loads(line)

    pipeline = dlt.pipeline(
        "defaults",
        destination=dlt.destinations.duckdb(str(work / "defaults.duckdb")),
        dataset_name="raw",
        pipelines_dir=str(work / "pipelines"),
    )
    pipeline.run(records(), table_name="user_days")


def billing_from_file(folder: Path, work: Path) -> None:
    """`agent-spend extract github_billing` of a folder: types, checks, pseudonyms, load, manifest."""
    os.environ |= {
        "AGENT_SPEND_WAREHOUSE": str(work / "ours.duckdb"),
        "AGENT_SPEND_PSEUDONYM_KEY": "a key for benchmarks, long enough",
        "AGENT_SPEND_AS_OF": "2026-09-02",
        "SOURCES__GITHUB_BILLING__ENTERPRISE": LOGIN,
        "SOURCES__GITHUB_BILLING__EXPORT_GLOB": str(folder / "*.csv"),
    }
    from dlt_pipelines.extraction import extract

    outcome = extract(["github_billing"])
    print(f"{outcome.rows:,} rows, {outcome.problems}")


def billing_duckdb_alone(folder: Path, work: Path) -> None:
    """The floor for a usage report: names and types from the file."""
    import duckdb

    with duckdb.connect(str(work / "floor.duckdb")) as connection:
        connection.execute(f"create table export_rows as from read_csv('{folder / 'export.csv'}')")


CONTENDERS = {
    "files": ours_from_files,
    "http": ours_over_http,
    "duckdb": duckdb_alone,
    "dlt": dlt_defaults,
    "cursor-http": cursor_over_http,
    "cursor-duckdb": cursor_duckdb_alone,
    "billing": billing_from_file,
    "billing-duckdb": billing_duckdb_alone,
}

if __name__ == "__main__":
    CONTENDERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])  # type: ignore[operator]
