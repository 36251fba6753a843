"""What a person reads after closing a month: the checks, one line each, failing ones in full, and what comes next."""

from __future__ import annotations

from itertools import groupby

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dlt_pipelines.close.closing import Check, Closing

# Enough to see what is wrong; finance.fct_close_checks has them all.
MOST_SUBJECTS_SHOWN = 12


def print_closing(closing: Closing, console: Console) -> None:
    """Prints the checks of a month and what was done."""
    if closing.checks and closing.status in ("closed", "refused"):
        console.print(_checks_table(closing))
    month = f"{closing.period:%Y-%m}"
    if closing.status == "refused":
        names = ", ".join(sorted({check.name for check in closing.failing}))
        console.print(f"[red]not closed[/]  {month}: {names}")
        if all(check.may_be_accepted for check in closing.failing):
            console.print('Settle them and run dbt build, or close in spite of them with --accept "REASON".')
        return
    figures = f"version {closing.version}, {closing.figure_count:,} figures, sha256 {closing.figures_sha256}"
    if closing.status == "already_closed":
        console.print(f"{month} is closed already and nothing has changed: {figures}")
    elif closing.status == "changed_since":
        console.print(f"{month} is closed already: {figures}")
        console.print(
            "Its figures have changed since. The differences are posted in the first open month after it"
            " (finance.fct_close_corrections); finance.close_snapshots shows both side by side. To change the month"
            f" itself: agent-spend close {month} --reopen --reason TEXT"
        )
    else:
        accepted = f" [yellow]Accepted:[/] {escape(closing.reason)}" if closing.reason else ""
        console.print(f"[green]closed[/]  {month}: {figures}.{accepted}")
        console.print("Next: dbt build")


def _checks_table(closing: Closing) -> Table:
    table = Table(title=f"Closing {closing.period:%Y-%m}", box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("", "check", "what", "detail"):
        table.add_column(name, overflow="fold")
    for name, found in groupby(closing.checks, key=lambda check: check.name):
        checks = list(found)
        failing = [check for check in checks if not check.is_ok]
        if not failing:
            detail = checks[0].detail if len(checks) == 1 else f"{len(checks)} of {len(checks)}"
            table.add_row("[green]ok[/]", name, "", escape(detail))
        for number, check in enumerate(failing[:MOST_SUBJECTS_SHOWN]):
            table.add_row("[red]no[/]", name if number == 0 else "", escape(_subject(check)), escape(check.detail))
        if len(failing) > MOST_SUBJECTS_SHOWN:
            table.add_row("", "", "", f"and {len(failing) - MOST_SUBJECTS_SHOWN} more")
    return table


def _subject(check: Check) -> str:
    return check.subject.replace("|", "  ")
