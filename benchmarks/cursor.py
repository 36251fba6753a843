"""How fast are Cursor's events read? Prints ratios of one run: `python -m benchmarks.cursor --help`."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.cursor_events import write_pages
from benchmarks.extract import Run, measure, serving


@click.command()
@click.option("--events", default=2_000_000, show_default=True, help="Usage events to extract.")
@click.option("--members", default=10_000, show_default=True, help="Members whose events they are.")
@click.option("--days", default=28, show_default=True, help="Days over which they spread (28 is a first run).")
@click.option("--runs", default=3, show_default=True, help="Runs of each, in turn; medians are compared.")
@click.option("--pages", type=click.Path(path_type=Path), help="Where the pages lie, or are to lie.")
def main(events: int, members: int, days: int, runs: int, pages: Path | None) -> None:
    """Usage events over HTTP into the warehouse, beside DuckDB's own read of the same pages from disk."""
    console = Console()
    results: dict[str, list[Run]] = {"duckdb": [], "ours": []}
    with tempfile.TemporaryDirectory() as scratch:
        folder = pages or Path(scratch) / "pages"
        if not folder.exists():
            console.print(f"Writing {events:,} invented events of {members:,} members …")
            write_pages(folder, events, members, days)
        with serving(folder, "benchmarks.cursor_server") as url:
            for _ in range(runs):
                results["duckdb"].append(measure("cursor-duckdb", folder))
                results["ours"].append(measure("cursor-http", folder, url))
    _show(console, results)


def _show(console: Console, results: dict[str, list[Run]]) -> None:
    names = {
        "duckdb": "(a) DuckDB's own read of the pages into the same flat table",
        "ours": "ours, over HTTP, to committed tables",
    }
    floor = statistics.median(run.seconds for run in results["duckdb"])
    table = Table("what", "wall s, median", "wall s, all", "peak GB", "times (a)")
    for name, runs in results.items():
        seconds = statistics.median(run.seconds for run in runs)
        everything = ", ".join(f"{run.seconds:.1f}" for run in runs)
        memory = max(run.gigabytes for run in runs)
        table.add_row(names[name], f"{seconds:.2f}", everything, f"{memory:.2f}", f"{seconds / floor:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
