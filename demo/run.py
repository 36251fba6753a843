"""`agent-spend demo`: the invented company over real HTTP, through the code that a customer runs, to the screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from demo.billing_contracts import PLANTED_MONTH
from demo.company import Company, build_company
from demo.constants import AS_OF, FIRST_AS_OF, FIRST_DAY
from demo.github_billing_csv import write_exports
from demo.github_faults import Faults
from demo.summary import print_summary
from demo.traces_files import is_planted, write_traces
from demo.vendors import Vendors, serving
from demo.warehouse import DATABASE, WAREHOUSE, empty
from dlt_pipelines.change_points.finding import find_change_points
from dlt_pipelines.close.closing import close_period
from dlt_pipelines.close.report import print_closing
from dlt_pipelines.errors import AgentSpendError, ExitCode
from dlt_pipelines.extraction import extract
from dlt_pipelines.progress import Progress

PROJECT = Path(__file__).resolve().parent.parent
# Invented people need no secret; a real installation makes a key of its own.
PSEUDONYM_KEY = "demo-pseudonym-key-for-invented-people-only"
# The invented company's own key tags take the place of yours.
DBT_VARS = "demo_company: true"
# Unit tests look at no data of the demo's.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# What the month's closing is built from; its tests run with the build at the end.
CLOSING_MODELS = (
    *("--select", "+fct_close_checks", "+int_close__figures", "+int_close__built_loads"),
    *(*NO_UNIT_TESTS, "--exclude-resource-type", "test"),
)
ACCEPTED = "OpenAI's overcharge is claimed back; what comes late will be a correction"
CLOSED_BY = "controller"
EXPORTS, TRACES = "github_billing", "traces"
# Far enough into the first run that the server asks for a pause once, as GitHub does.
LIMIT_AFTER_REQUESTS = 700


def run_demo(target: str, console: Console) -> int:
    """Extracts, closes September, extracts again (days are restated, use is late), builds, and prints a summary."""
    started = time.monotonic()
    console.print(
        "[bold]agent-spend demo[/]: an invented company, read over HTTP from small local servers that speak the APIs of"
        " GitHub, Anthropic, Cursor and OpenAI.\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        company = build_company()
        write_files(company, Path(folder))
        faults = Faults(secondary_limit_after=LIMIT_AFTER_REQUESTS)
        with (
            serving(company, FIRST_AS_OF, faults) as vendors,
            _environment(settings(vendors, Path(folder), target)),
        ):
            empty(target)
            for as_of in (FIRST_AS_OF, AS_OF):
                vendors.set_today(as_of)
                write_traces(company, Path(folder) / TRACES, as_of)
                _extract(target, as_of.isoformat(), console)
                if as_of == FIRST_AS_OF:
                    _close(target, console)
            _build(target, console, *NO_UNIT_TESTS)
            _find_change_points(target, console)
            print_summary(target, console)
    console.print(f"\nDone in {time.monotonic() - started:.0f} seconds.")
    return ExitCode.OK


def write_files(company: Company, folder: Path) -> None:
    """What lies in folders and stays as it is: the people roster, and GitHub's exports that somebody downloaded."""
    company.write_roster(folder)
    write_exports(company, folder / EXPORTS)


def settings(vendors: Vendors, folder: Path, target: str) -> dict[str, str]:
    """The environment variables that point the extraction at the invented company and the folder of its files."""
    place = {"PGDATABASE": DATABASE} if target == "postgres" else {"AGENT_SPEND_WAREHOUSE": str(WAREHOUSE)}
    return {
        **place,
        "AGENT_SPEND_PSEUDONYM_KEY": PSEUDONYM_KEY,
        "AGENT_SPEND_AS_OF": AS_OF.isoformat(),
        "SOURCES__ROSTER__BUCKET_URL": str(folder),
        "SOURCES__GITHUB_BILLING__EXPORT_GLOB": str(folder / EXPORTS / "*.csv"),
        "SOURCES__OTEL__BUCKET_URL": str(folder / TRACES),
        **vendors.settings(),
    }


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _extract(target: str, as_of: str, console: Console) -> None:
    console.print(f"[bold]Extract[/] as of {as_of}")
    os.environ["AGENT_SPEND_AS_OF"] = as_of
    since = FIRST_DAY if as_of == FIRST_AS_OF.isoformat() else None
    outcome = extract([], target=target, since=since, progress=Progress(console))
    for problem in outcome.problems:
        if not is_planted(problem.problem):
            raise problem
    told = ", ".join(f"{number:,} {status.replace('_', ' ')}" for status, number in sorted(outcome.reports.items()))
    console.print(f"  {outcome.rows:,} rows; reports: {told}")
    for warning in (*outcome.warnings, *(problem.problem for problem in outcome.problems)):
        console.print(f"  [yellow]note[/] {warning}")


def _close(target: str, console: Console) -> None:
    """Closes the month whose invoices are all there, in spite of the one that is wrong."""
    _build(target, console, *CLOSING_MODELS)
    console.print(f"[bold]Close[/]   agent-spend close {PLANTED_MONTH:%Y-%m} --accept")
    closing = close_period(PLANTED_MONTH, target=target, accept=ACCEPTED, by=CLOSED_BY)
    if closing.is_closed_as_built:
        failing, checks = len(closing.failing), len(closing.checks)
        console.print(
            f"  {closing.figure_count} figures stand from now on; {failing} of {checks} checks were accepted:"
        )
        console.print(f"  {ACCEPTED}")
    else:
        print_closing(closing, console)
        raise AgentSpendError(f"{PLANTED_MONTH:%Y-%m} could not be closed", "The checks stand above.")


def _find_change_points(target: str, console: Console) -> None:
    """Looks for change points in the built series, and builds what shows them."""
    console.print("[bold]Look[/]    agent-spend change-points")
    for point in find_change_points(target=target).points:
        before, after = (_level(point[mean]) for mean in ("mean_before", "mean_after"))
        level = f"{before} to {after} {point['unit']}"
        console.print(f"  {point['changed_on']}  {point['workflow_id']}, {point['series']}: {level}")
    _build(target, console, "--select", "source:change_points+", *NO_UNIT_TESTS)


def _level(mean: Decimal) -> str:
    return f"{mean:,.0f}" if mean >= 100 else f"{mean:,.4f}"


def _build(target: str, console: Console, *options: str) -> None:
    """Runs `dbt build` as a user would; its own words are shown only when it fails."""
    console.print(f"[bold]Build[/]   dbt build {' '.join(options)}".rstrip())
    dbt = shutil.which("dbt", path=str(Path(sys.executable).parent)) or "dbt"
    command = [
        dbt,
        "build",
        "--target",
        target,
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROJECT),
        "--vars",
        DBT_VARS,
        *options,
    ]
    with console.status("dbt build …"):
        done = subprocess.run([*command, "--no-use-colors"], capture_output=True, text=True, check=False, cwd=PROJECT)
    if done.returncode:
        console.print(done.stdout[-4000:], markup=False)
        raise AgentSpendError("dbt build failed", "Its last words stand above; logs/dbt.log has the rest.")
    last = next((line for line in reversed(done.stdout.splitlines()) if "Done." in line), "")
    console.print(f"  {last[last.find('Done.') :]}" if last else "  built", markup=False)
