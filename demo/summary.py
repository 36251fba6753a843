"""What the demo shows at its end: totals, teams, what nobody owns, how far the data goes, and where to ask on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from demo.warehouse import DATABASE, WAREHOUSE, query

Ask = Callable[[str], list[tuple[Any, ...]]]

WEEKS = 8
BARS = "▁▂▃▄▅▆▇█"

TOTALS = """
select
    min(usage_date), max(usage_date), count(distinct principal_key), sum(credits), sum(usage_value_usd),
    sum(case when team_key is null then credits end), count(*), count(credits)
from core.fct_credits_daily
"""
TEAMS = f"""
select t.team_key, d.iso_week, sum(t.credits) as credits, sum(t.usage_value_usd) as usage_value_usd
from core.fct_team_credits_daily as t
inner join core.dim_date as d on t.usage_date = d.date_day
where t.usage_date > (select max(usage_date) from core.fct_team_credits_daily) - {WEEKS * 7}
group by t.team_key, d.iso_week
order by t.team_key, d.iso_week
"""
PEOPLE = f"""
select coalesce(team_key, 'unattributed:' || unattributed_reason), count(distinct person_key)
from core.fct_credits_daily
where usage_date > (select max(usage_date) from core.fct_credits_daily) - {WEEKS * 7} and credits > 0
group by coalesce(team_key, 'unattributed:' || unattributed_reason)
"""
RECENCY = """
select account_id, last_loaded_day, complete_through, days_missing
from governance.fct_source_recency where report = 'users-1-day' order by account_id
"""
RESTATED = """
select account_id, report_date, users_before, users_after, credits_before, credits_after
from governance.fct_restatements where report = 'users-1-day' order by account_id, report_date
"""
QUESTION = "select usage_date, sum(credits) as credits from core.fct_credits_daily group by 1 order by 1 desc"


def print_summary(target: str, console: Console) -> None:
    """Prints the summary of a built demo."""
    with query(target) as ask:
        console.print()
        _totals(ask, console)
        _teams(ask, console)
        _quality(ask, console)
    _where_next(target, console)


def _totals(ask: Ask, console: Console) -> None:
    first, last, accounts, total, value, unattributed, rows, known = ask(TOTALS)[0]
    console.print(
        f"[bold]GitHub Copilot, {first} to {last}[/]: {_number(total)} AI credits of {accounts} accounts,"
        f" worth {_number(value)} USD at the credit price (a consumption signal, not a bill)."
    )
    console.print(
        f"{_number(unattributed)} of them belong to no team, with the reason. In {rows - known:,} of {rows:,}"
        " account-days GitHub does not say how many credits: unknown, not zero.\n"
    )


def _teams(ask: Ask, console: Console) -> None:
    table = Table(title=f"AI credits by team, last {WEEKS} weeks", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("team")
    table.add_column("people", justify="right")
    table.add_column("credits", justify="right")
    table.add_column("value, USD", justify="right")
    table.add_column("by week")
    people: dict[str, int] = dict(ask(PEOPLE))
    teams: dict[str, list[tuple[Any, ...]]] = {}
    for team, *week in ask(TEAMS):
        teams.setdefault(team, []).append(tuple(week))
    # By name: nothing here ranks.
    for team, weeks in sorted(teams.items(), key=lambda item: (item[0].startswith("unattributed:"), item[0])):
        total = sum((week[1] or Decimal(0) for week in weeks), Decimal(0))
        value = sum((week[2] or Decimal(0) for week in weeks), Decimal(0))
        style = "dim" if team.startswith("unattributed:") else ""
        bars = _bars([week[1] for week in weeks])
        table.add_row(team, str(people.get(team, 0)), _number(total), _number(value), bars, style=style)
    console.print(table)


def _quality(ask: Ask, console: Console) -> None:
    table = Table(title="How far the data goes", box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("account", "last day", "complete through", "days missing"):
        table.add_column(name)
    for account, last, complete, missing in ask(RECENCY):
        table.add_row(account, str(last), str(complete), str(missing))
    console.print(table)
    for account, day, users_before, users_after, before, after in ask(RESTATED):
        console.print(
            f"Restated: {account} {day}, {users_before} → {users_after} users,"
            f" {_number(before)} → {_number(after)} credits"
        )


def _where_next(target: str, console: Console) -> None:
    place = f"PostgreSQL database {DATABASE}" if target == "postgres" else str(WAREHOUSE)
    setting = f"PGDATABASE={DATABASE}" if target == "postgres" else f"AGENT_SPEND_WAREHOUSE={WAREHOUSE}"
    console.print(f"\nThe warehouse lies in [bold]{place}[/]. Ask it:")
    console.print(f'  {setting} .venv/bin/dbt show --target {target} --limit 10 --inline "{QUESTION}"', soft_wrap=True)
    console.print("Marts: core.fct_credits_daily, core.fct_team_credits_daily, core.fct_activity_daily, governance.*")


def _number(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _bars(values: list[Decimal | None]) -> str:
    highest = max((value for value in values if value is not None), default=None)
    if not highest:
        return ""
    return "".join(" " if value is None else BARS[min(int(value / highest * 7), 7)] for value in values)
