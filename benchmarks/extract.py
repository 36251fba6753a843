"""How fast is extraction? Prints ratios from one run on one machine: `python -m benchmarks.extract --help`."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.user_days import write_reports

USERS = 2_000


@dataclass(frozen=True)
class Run:
    """Wall time (seconds) and peak memory (GB) of one process."""

    seconds: float
    gigabytes: float


def measure(name: str, folder: Path, *arguments: str) -> Run:
    """Runs a contender in a process of its own, in an empty work folder."""
    with tempfile.TemporaryDirectory() as work:
        command = [sys.executable, "-m", "benchmarks.contenders", name, str(folder), work, *arguments]
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{name} failed")
        return Run(time.monotonic() - started, usage.ru_maxrss / 1e6)


@contextmanager
def serving(folder: Path, server: str = "benchmarks.report_server") -> Iterator[str]:
    """A local server with the folder's reports; yields its address."""
    command = [sys.executable, "-m", server, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


@click.command()
@click.option("--rows", default=200_000, show_default=True, help="User-days to extract.")
@click.option("--runs", default=3, show_default=True, help="Runs of each; medians are compared.")
@click.option("--dlt-rows", default=20_000, show_default=True, help="User-days for dlt's defaults, compared per row.")
def main(rows: int, runs: int, dlt_rows: int) -> None:
    """Copilot user-days into DuckDB: ours, DuckDB alone into the same flat tables, and dlt's default path."""
    console = Console()
    with tempfile.TemporaryDirectory() as scratch:
        console.print(f"Writing {rows:,} invented user-days …")
        folder, small = Path(scratch) / "all", Path(scratch) / "small"
        written = write_reports(folder, users=USERS, days=max(rows // USERS, 1))
        small.mkdir()
        for path in written[: max(dlt_rows // USERS, 1)]:
            shutil.copy(path, small)
        results: dict[str, list[Run]] = {"duckdb": [], "files": [], "http": []}
        with serving(folder) as url:
            for _ in range(runs):
                results["duckdb"].append(measure("duckdb", folder))
                results["files"].append(measure("files", folder))
                results["http"].append(measure("http", folder, url))
        slow = measure("dlt", small)
        _show(console, results, slow, rows / (len(list(small.iterdir())) * USERS))


def _show(console: Console, results: dict[str, list[Run]], slow: Run, scale: float) -> None:
    def median(name: str) -> float:
        return statistics.median(run.seconds for run in results[name])

    names = {
        "duckdb": "(a) DuckDB's own read into the same flat tables",
        "files": "ours, from downloaded files to committed tables",
        "http": "ours, over HTTP, downloads and lists included",
    }
    table = Table("what", "wall s, median", "peak GB", "times (a)")
    for name, runs in results.items():
        memory = max(run.gigabytes for run in runs)
        table.add_row(names[name], f"{median(name):.2f}", f"{memory:.2f}", f"{median(name) / median('duckdb'):.2f}")
    scaled = slow.seconds * scale
    table.add_row(
        f"(b) dlt's defaults, {1 / scale:.0%} of the rows, scaled", f"{scaled:.0f}", f"{slow.gigabytes:.2f}",
        f"{scaled / median('duckdb'):.0f}",
    )  # fmt: skip
    console.print(table)
    console.print(f"ours from files is {scaled / median('files'):.0f} times faster than (b)")


if __name__ == "__main__":
    main()
