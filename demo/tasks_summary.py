"""What the demo shows of the agents' tasks: what a completed one costs, or why nobody can say, and what a swap did."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

Ask = Callable[[str], list[tuple[Any, ...]]]

# The ratio over all weeks follows the mart's own rule: nothing below the threshold of coverage, and why instead.
TASKS = """
select
    workflow_id, sum(tasks), sum(tasks_completed), sum(spend_usd), sum(model_calls), sum(priced_calls),
    sum(tasks_unknown)
from platform.fct_cost_per_completed_task
group by workflow_id order by workflow_id
"""
SWAPS = """
select
    workflow_id, value_before, value_after, swapped_at, cost_per_completed_task_before, cost_per_completed_task_after,
    cost_ratio, mix_factor, price_factor, tokens_per_call_factor, calls_per_task_factor, success_factor, verdict,
    is_alert_candidate
from platform.fct_model_swaps
where cost_ratio is not null and swap_kind = 'model'
order by workflow_id, swapped_at
"""
THRESHOLD = Decimal("0.8")


def print_tasks(ask: Ask, console: Console) -> None:
    """Prints the workflows by name, and each swap of a model with what became of a task's cost."""
    table = Table(title="Cost per completed task", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("workflow", no_wrap=True)
    for name in ("tasks", "completed", "spend, USD", "per completed task"):
        table.add_column(name, justify="right")
    for workflow, tasks, completed, spend, calls, priced, unknown in ask(TASKS):
        ratio = _ratio(tasks, completed, spend, calls, priced, unknown)
        table.add_row(workflow, f"{tasks:,}", f"{completed:,}", _amount(spend), ratio)
    console.print(table)
    console.print(
        "Spend on tasks that failed or were abandoned is in it. A merged pull request, an evaluator, CI or your file"
        " completes a task; a cost or an outcome that nobody tells is unknown, not zero.\n"
    )
    for swap in ask(SWAPS):
        console.print(_swap(swap))


def _ratio(tasks: int, completed: int, spend: Decimal | None, calls: int, priced: int, unknown: int) -> str:
    if not calls or priced < THRESHOLD * calls or spend is None:
        return f"[yellow]unknown: {priced:,} of {calls:,} calls have a cost[/]"
    if tasks - unknown < THRESHOLD * tasks:
        return f"[yellow]unknown: {tasks - unknown:,} of {tasks:,} tasks have an outcome[/]"
    return _amount(spend / completed) if completed else "[yellow]unknown: no task was completed[/]"


def _swap(row: tuple[Any, ...]) -> str:
    workflow, before, after, at, cost_before, cost_after, ratio, mix, price, tokens, calls, success, verdict, alert = (
        row
    )
    first = f"Model swap: [bold]{workflow}[/] went from {_model(before)} to {_model(after)} on {at:%Y-%m-%d}"
    if verdict == "swap_only":
        return f"{first}, at the same price: {_amount(cost_after)} a completed task, before {_amount(cost_before)}."
    style = "bold red" if alert else "yellow"
    told = f"{_amount(cost_after)} a completed task, before {_amount(cost_before)}, × {ratio:.2f}"
    return (
        f"{first}: [{style}]{told}[/] = price × {mix * price:.2f}, tokens per call × {tokens:.2f}, calls per task"
        f" × {calls:.2f}, tasks per completed one × {success:.2f}."
    )


def _model(key: str) -> str:
    return key.rpartition("/")[2]


def _amount(value: Decimal | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if value >= Decimal("0.1") or not value else f"{value:,.4f}"
