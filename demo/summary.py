"""What the demo shows at its end: totals, teams, what nobody owns, how far the data goes, and where to ask on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.finance_summary import print_finance
from demo.tasks_summary import print_tasks
from demo.warehouse import DATABASE, WAREHOUSE, query

Ask = Callable[[str], list[tuple[Any, ...]]]

WEEKS = 8
WIDE = 100
BARS = "▁▂▃▄▅▆▇█"

SPAN = "select min(usage_date), max(usage_date) from core.fct_credits_daily"
# Units stay apart, and so do people and machines.
SERIES = """
select
    vendor, credit_unit, principal_kind, count(distinct principal_key), sum(credits), sum(usage_value_usd),
    sum(case when team_key is null then credits end), sum(unpriced_records)
from core.fct_credits_daily
group by vendor, credit_unit, principal_kind order by vendor, credit_unit, principal_kind
"""
TEAMS = f"""
select t.team_key, t.vendor, d.iso_week, sum(t.credits), sum(t.usage_value_usd)
from core.fct_team_credits_daily as t
inner join core.dim_date as d on t.usage_date = d.date_day
where
    t.usage_date > (select max(usage_date) from core.fct_team_credits_daily) - {WEEKS * 7}
    and t.principal_kind = 'human_seat'
    and t.credit_unit <> 'codex_credit'
group by t.team_key, t.vendor, d.iso_week
order by t.team_key, t.vendor, d.iso_week
"""
RECENCY = """
select source, account_id, max(last_loaded_day), min(complete_through), sum(days_missing)
from governance.fct_source_recency where complete_through is not null
group by source, account_id order by source, account_id
"""
RESTATED = """
select source, count(distinct report_date), min(report_date), max(report_date)
from governance.fct_restatements group by source order by source
"""
FINDINGS = "select finding, count(*) from platform.fct_auth_audit group by finding order by finding"
QUESTION = (
    "select usage_date, vendor, credit_unit, sum(credits) as credits from core.fct_credits_daily"
    " group by 1, 2, 3 order by 1 desc, 2, 3"
)


def print_summary(target: str, console: Console) -> None:
    """Prints the summary of a built demo."""
    with query(target) as ask:
        console.print()
        _series(ask, console)
        _teams(ask, console)
        print_finance(ask, console)
        print_tasks(ask, console)
        _quality(ask, console)
    _where_next(target, console)


def _series(ask: Ask, console: Console) -> None:
    first, last = ask(SPAN)[0]
    # Words may wrap where the screen is narrow; a number is never cut.
    padding = (0, 1 if console.width >= WIDE else 0)
    table = Table(title=f"One ledger, {first} to {last}", box=box.SIMPLE_HEAD, title_justify="left", padding=padding)
    for name in ("vendor", "unit", "who"):
        table.add_column(name)
    for name in ("count", "credits", "list value, USD", "without a team", "unpriced records"):
        table.add_column(name, justify="right", min_width=max(len(word) for word in name.split()))
    for vendor, unit, kind, principals, total, value, unattributed, unpriced in ask(SERIES):
        style = "" if kind.startswith("human") else "dim"
        words = (name.replace("_", " ") for name in (vendor, unit, kind))
        numbers = (f"{principals:,}", _number(total), _number(value), _number(unattributed), f"{unpriced:,}")
        table.add_row(*words, *(Text(number, no_wrap=True) for number in numbers), style=style)
    console.print(table)
    console.print(
        "Consumption signals at list value, not bills. Credits of two vendors are never added, people and machines stay"
        " apart; what is unpriced is unknown, not zero.\n"
    )


def _teams(ask: Ask, console: Console) -> None:
    """Credits by team and week, one column of weeks a vendor: by name, as nothing here ranks."""
    weeks: dict[tuple[str, str], list[Decimal | None]] = {}
    values: dict[tuple[str, str], Decimal] = {}
    for team, vendor, _, total, value in ask(TEAMS):
        weeks.setdefault((team, vendor), []).append(total)
        values[team, vendor] = values.get((team, vendor), Decimal(0)) + (value or 0)
    vendors = sorted({vendor for _, vendor in weeks})
    table = Table(title=f"Seats by team, last {WEEKS} weeks", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("team", overflow="fold")
    for vendor in vendors:
        table.add_column(f"{vendor}, USD", justify="right")
        table.add_column("by week")
    teams = sorted({team for team, _ in weeks}, key=lambda team: (team.startswith("unattributed:"), team))
    for team in teams:
        cells = []
        for vendor in vendors:
            cells += [_number(values.get((team, vendor))), _bars(weeks.get((team, vendor), []))]
        table.add_row(team, *cells, style="dim" if team.startswith("unattributed:") else "")
    console.print(table)


def _quality(ask: Ask, console: Console) -> None:
    table = Table(title="How far the data goes", box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("source", "account", "last day", "complete through", "days missing"):
        table.add_column(name)
    for source, account, last, complete, missing in ask(RECENCY):
        table.add_row(source, account, str(last), str(complete), str(missing))
    console.print(table)
    for source, days, first, last in ask(RESTATED):
        when = f"{first}" if days == 1 else f"{days} days between {first} and {last}"
        console.print(f"Restated: {source} {when}")
    for finding, number in ask(FINDINGS):
        console.print(f"Audit: {number} × {finding.replace('_', ' ')}")


def _where_next(target: str, console: Console) -> None:
    place = f"PostgreSQL database {DATABASE}" if target == "postgres" else str(WAREHOUSE)
    setting = f"PGDATABASE={DATABASE}" if target == "postgres" else f"AGENT_SPEND_WAREHOUSE={WAREHOUSE}"
    console.print(f"\nThe warehouse lies in [bold]{place}[/]. Ask it:")
    console.print(f'  {setting} .venv/bin/dbt show --target {target} --limit 10 --inline "{QUESTION}"', soft_wrap=True)
    console.print(
        "Marts: core.fct_credits_daily, core.fct_tokens_daily, core.fct_activity_daily, finance.*, governance.*,"
        " platform.*"
    )


def _number(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _bars(values: list[Decimal | None]) -> str:
    highest = max((value for value in values if value is not None), default=None)
    if not highest:
        return ""
    return "".join(" " if value is None else BARS[min(int(value / highest * 7), 7)] for value in values)
