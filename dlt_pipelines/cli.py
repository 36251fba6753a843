"""The command line, nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from dotenv import load_dotenv
from rich.console import Console
from rich.markup import escape

from dlt_pipelines.errors import AgentSpendError, ConfigurationError, ExitCode
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import TARGETS, Warehouse
from dlt_pipelines.windows import as_of

EXIT_CODES = """
\b
Exit codes:
  0  all went well
  1  something failed; the message says what and what to do
  2  the command line or a setting is wrong
  3  good reports are loaded, bad ones were kept aside
  4  another run holds the warehouse
  5  a permission or policy is missing at the vendor
"""

target_option = click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="duckdb",
    show_default=True,
    help="Where to load; the same name as dbt's --target.",
)


class Day(click.ParamType):  # type: ignore[type-arg]
    """An ISO date."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or a usage error that shows the form."""
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"'{value}' is not a date; write it like 2026-10-01", param, ctx)


class Commands(click.Group):
    """Prints the project's own errors in one line and ends with their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; nothing but AgentSpendError is meant for the reader."""
        try:
            return super().invoke(ctx)
        except AgentSpendError as error:
            _say_problem(error)
            sys.exit(error.exit_code)


@click.group(cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """What do our coding agents cost, per user, team and day, in your own warehouse?

    \b
    First look, no credentials:   agent-spend demo
    Your own organisation:        set the variables of .env.example, then
                                  agent-spend doctor
                                  agent-spend run      (extract, then dbt build)
    """
    load_dotenv(".env")


@main.command()
@target_option
def demo(target: str) -> None:
    """Extract and build an invented company, end to end, without credentials.

    Small local servers speak the vendors' APIs; the same code reads them that reads yours. Builds warehouse/demo.duckdb
    and never touches the real warehouse.
    """
    from demo.run import run_demo  # noqa: PLC0415 (the demo is not needed to extract)

    sys.exit(run_demo(target, Console()))


@main.command(epilog=EXIT_CODES)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=Day(), help="Back-fill: read every day from here on, as far back as the vendor keeps it.")
@click.option("--until", type=Day(), help="Stop after this day.")
@target_option
def extract(sources: tuple[str, ...], since: date | None, until: date | None, target: str) -> None:
    """Read what is new from each configured SOURCE (roster, model_prices, github_copilot, anthropic, cursor, openai).

    Without --since: the last days once more (vendors restate them; lookback_days), once a day what a vendor may still
    restate, and every gap since the first day ever read; on the first run, the last 28 days. A report that has not
    changed is not loaded again. A run that was killed is carried on by the next one.

    \b
    agent-spend extract                                    all configured sources
    agent-spend extract cursor openai                      only these
    agent-spend extract github_copilot --since 2026-01-01  back-fill from January on
    """
    outcome = _extract(sources, since, until, target)
    if outcome.exit_code == ExitCode.OK:
        Console(stderr=True).print("Next: dbt build")
    sys.exit(outcome.exit_code)


@main.command(epilog=EXIT_CODES)
@target_option
def run(target: str) -> None:
    """Extract what is configured, then `dbt build`: what a scheduler calls every day.

    Where a vendor could not be read, the others are built all the same, and the exit code tells of it. dbt is not
    hidden: this is `agent-spend extract` followed by `dbt build --target TARGET`, with the vendors that have neither
    credentials nor rows left in place and empty.
    """
    outcome = _extract((), None, None, target)
    dbt = shutil.which("dbt", path=str(Path(sys.executable).parent)) or "dbt"
    built = subprocess.run([dbt, "build", "--target", target], check=False)
    sys.exit(outcome.exit_code if built.returncode == 0 else ExitCode.FAILED)


def _extract(sources: tuple[str, ...], since: date | None, until: date | None, target: str) -> Outcome:
    """Extracts, and tells what came of it."""
    from dlt_pipelines.extraction import extract as extract_sources  # noqa: PLC0415 (dlt takes a second to import)

    if since and since >= as_of():
        raise ConfigurationError(f"--since {since} lies ahead", "Give a day that has closed in UTC.")
    outcome = extract_sources(sources, target=target, since=since, until=until)
    console = Console(stderr=True, soft_wrap=True)
    for warning in outcome.warnings:
        console.print(f"[yellow]note[/]   {escape(warning)}")
    for problem in outcome.problems:
        _say_problem(problem)
    told = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in sorted(outcome.reports.items()))
    place = Warehouse(target).path if target == "duckdb" else "PostgreSQL"
    console.print(f"{outcome.rows:,} rows loaded into {place}. Reports: {told or 'none'}.")
    return outcome


@main.command(epilog=EXIT_CODES)
@target_option
def doctor(target: str) -> None:
    """Check every credential, permission and policy; name what is missing as the vendor names it."""
    from dlt_pipelines.doctor import diagnose  # noqa: PLC0415 (dlt takes a second to import)

    console = Console(soft_wrap=True)
    worst = ExitCode.OK
    for check in diagnose(target):
        mark = "[green]ok[/]     " if check.ok else "[red]missing[/]"
        console.print(f"{mark} [bold]{escape(check.subject)}[/]  {escape(check.detail)}")
        if not check.ok:
            worst = max(worst, check.exit_code)
    sys.exit(worst)


def _say_problem(error: AgentSpendError) -> None:
    Console(stderr=True, soft_wrap=True).print(f"[red]error[/]  {escape(str(error))}")


if __name__ == "__main__":
    main()
