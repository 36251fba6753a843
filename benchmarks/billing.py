"""How fast is a usage report of GitHub's read? Prints ratios of one run: `python -m benchmarks.billing --help`."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.billing_export import write_export
from benchmarks.extract import Run, measure


@click.command()
@click.option(
    "--rows", default=500_000, show_default=True, help="Rows of the report (31 days of a large organization)."
)
@click.option("--users", default=3_000, show_default=True, help="Users whose use it is.")
@click.option("--runs", default=3, show_default=True, help="Runs of each, in turn; medians are compared.")
def main(rows: int, users: int, runs: int) -> None:
    """A usage report of 31 days from its file into the warehouse, beside DuckDB's own read of the same file."""
    console = Console()
    results: dict[str, list[Run]] = {"billing-duckdb": [], "billing": []}
    with tempfile.TemporaryDirectory() as scratch:
        console.print(f"Writing a report of {rows:,} invented rows …")
        write_export(Path(scratch) / "export.csv", rows, users)
        for _ in range(runs):
            for name, found in results.items():
                found.append(measure(name, Path(scratch)))
    _show(console, results, rows)


def _show(console: Console, results: dict[str, list[Run]], rows: int) -> None:
    names = {
        "billing-duckdb": "(a) DuckDB's own read of the file into a flat, typed table",
        "billing": "ours, from the file to committed tables",
    }
    floor = statistics.median(run.seconds for run in results["billing-duckdb"])
    table = Table("what", "wall s, median", "wall s, all", "peak GB", "rows/s", "times (a)")
    for name, runs in results.items():
        seconds = statistics.median(run.seconds for run in runs)
        everything = ", ".join(f"{run.seconds:.1f}" for run in runs)
        memory = max(run.gigabytes for run in runs)
        speed = f"{rows / seconds:,.0f}"
        table.add_row(names[name], f"{seconds:.2f}", everything, f"{memory:.2f}", speed, f"{seconds / floor:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
