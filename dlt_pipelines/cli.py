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

NEXT_STEPS = {"loaded": "Next: dbt build", "unchanged": "Nothing has changed since the last run."}

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


class Month(click.ParamType):  # type: ignore[type-arg]
    """A month, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The month's first day, or a usage error that shows the form."""
        try:
            return datetime.strptime(str(value), "%Y-%m").date()
        except ValueError:
            self.fail(f"'{value}' is not a month; write it like 2026-09", param, ctx)


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
    """Read what is new from each configured SOURCE (roster, model_prices, github_copilot, anthropic, cursor, openai,
    github_billing, github_delivery, finance, focus, otel).

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


@main.command(epilog=EXIT_CODES)
@click.argument("month", type=Month(), metavar="YYYY-MM")
@click.option("--accept", metavar="REASON", help="Close in spite of checks that fail; the reason is recorded.")
@click.option("--reopen", is_flag=True, help="Open a closed month again; closing it makes the next version.")
@click.option("--reason", metavar="TEXT", help="Why it is reopened; recorded.")
@click.option("--by", metavar="ROLE", help="Role that closes or reopens, such as controller; never a person's name.")
@click.option("--schema-prefix", default="", help="dbt's variable schema_prefix, where you set it.")
@target_option
def close(
    month: date, accept: str | None, reopen: bool, reason: str | None, by: str | None, schema_prefix: str, target: str
) -> None:
    """Close a billing month: from now on its figures stand, and what changes later is posted as a correction.

    Reads finance.fct_close_checks of the built warehouse and refuses while one of them is not ok, unless you accept it
    with a reason. A month that is not over is never closed. The next `dbt build` shows the month as closed.

    \b
    agent-spend close 2026-09                                          when every check is ok
    agent-spend close 2026-09 --accept "Cursor's cycle is still open"  in spite of one that is not
    agent-spend close 2026-09 --reopen --reason "invoice was replaced" to change the month itself
    """
    from dlt_pipelines.close.closing import close_period, reopen_period  # noqa: PLC0415 (dlt takes a second to import)
    from dlt_pipelines.close.report import print_closing  # noqa: PLC0415

    if reopen != (reason is not None) or (reopen and accept is not None):
        raise click.UsageError("--reopen and --reason TEXT go together, --accept REASON stands alone.")
    console = Console(soft_wrap=True)
    if reopen:
        version = reopen_period(month, reason=str(reason), target=target, by=by)
        console.print(f"reopened  {month:%Y-%m}: version {version} is no longer in force. Next: dbt build")
        return
    closing = close_period(month, target=target, accept=accept, by=by, schema_prefix=schema_prefix)
    print_closing(closing, console)
    sys.exit(ExitCode.OK if closing.is_closed_as_built else ExitCode.FAILED)


@main.command(epilog=EXIT_CODES)
@click.argument("month", type=Month(), metavar="YYYY-MM")
@click.option(
    "--to",
    "path",
    required=True,
    metavar="FILE.csv",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.",
)
@click.option("--draft", is_flag=True, help="Write an open month too; its lines still change.")
@click.option("--force", is_flag=True, help="Replace a file that has other content.")
@click.option("--schema-prefix", default="", help="dbt's variable schema_prefix, where you set it.")
@target_option
def journal(month: date, path: Path, draft: bool, force: bool, schema_prefix: str, target: str) -> None:
    """Write a closed month's journal lines to a CSV file for your ledger.

    Reads finance.fct_journal_lines of the built warehouse: accruals and their reversals, invoices, credit notes,
    prepaid credits, corrections of closed months. The same month gives the same bytes, and each journal an External ID
    that a ledger can refuse the second time.

    \b
    agent-spend journal 2026-09 --to september.csv
    agent-spend journal 2026-10 --to draft.csv --draft   a month that is not closed
    """
    from dlt_pipelines.journal import write_journal  # noqa: PLC0415 (dlt takes a second to import)

    written = write_journal(month, path, target=target, draft=draft, force=force, schema_prefix=schema_prefix)
    console = Console(soft_wrap=True)
    for total in written.totals:
        sides = f"debit {total.debit:,}, credit {total.credit:,}"
        console.print(f"{total.currency}: {total.journals} journals, {total.lines} lines, {sides}")
    state = "written" if written.is_new else "there already, byte for byte"
    console.print(f"{escape(str(written.path))}: {state}{'' if written.totals else '; no journals in the month'}")


@main.command(name="change-points", epilog=EXIT_CODES)
@click.option("--schema-prefix", default="", help="dbt's variable schema_prefix, where you set it.")
@target_option
def change_points(schema_prefix: str, target: str) -> None:
    """Look for days on which a workflow's cost or use changed its level, and write them down.

    Reads intermediate.int_tasks__series_daily of the built warehouse: cost per call, cost per task, tokens per call and
    the share of cache writes for an hour, by day. The next `dbt build` shows what was found in
    platform.fct_change_points. The same series give the same answers, and a second run writes nothing. Needs the extra
    change-points.
    """
    from dlt_pipelines.change_points.finding import find_change_points  # noqa: PLC0415 (numpy takes a while to import)

    found = find_change_points(target=target, schema_prefix=schema_prefix)
    console = Console(soft_wrap=True)
    for point in found.points:
        level = f"{point['mean_before']:f} to {point['mean_after']:f} {point['unit']}"
        console.print(f"{point['changed_on']}  {escape(point['workflow_id'])}, {point['series']}: {level}")
    left_out = sum(row["reason"] is not None for row in found.checked)
    told = f"change points: {len(found.points)}, in {len(found.checked) - left_out} series"
    console.print(f"{told}; {left_out} series too short or constant. " + NEXT_STEPS[found.status])


def _say_problem(error: AgentSpendError) -> None:
    Console(stderr=True, soft_wrap=True).print(f"[red]error[/]  {escape(str(error))}")


if __name__ == "__main__":
    main()
