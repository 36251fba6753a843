"""What the demo says of tasks: an amount where it is known, and why where it is not."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.console import Console

from demo.tasks_summary import SWAPS, TASKS, print_tasks

Row = tuple[Any, ...]

BOT = ("dependency-update", 80, 66, Decimal("132.00"), 739, 739, 1)
DOCS = ("docs-writer", 48, 0, Decimal("5.31"), 96, 96, 48)
NOTES = ("release-notes", 24, 23, None, 48, 0, 0)
SPIKES = ("spikes", 4, 0, Decimal("2.00"), 10, 10, 0)
FACTORS = (Decimal("1.25"), Decimal("1.6"), Decimal("1.1"), Decimal("1.5"), Decimal("1.2"))
COSTS = (Decimal("0.97"), Decimal("3.8412"), Decimal("3.96"))
DEARER: Row = (
    *("dependency-update", "anthropic/claude-sonnet-4-5", "anthropic/claude-opus-4-5", datetime(2026, 9, 28, 8, 33)),
    *(*COSTS, *FACTORS, "cost_regression", True),
)
ALIKE: Row = (
    *("code-review", "anthropic/claude-opus-4-5", "anthropic/claude-opus-4-6", datetime(2026, 10, 5, 9, 40)),
    *(Decimal("0.49"), Decimal("0.4777"), Decimal("0.9757"), *FACTORS, "swap_only", False),
)


def printed(tasks: list[Row], swaps: list[Row]) -> list[str]:
    """The lines that are printed for these rows of the marts."""
    console = Console(width=400, file=io.StringIO())
    print_tasks({TASKS: tasks, SWAPS: swaps}.__getitem__, console)
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_a_completed_task_carries_what_failed_ones_cost() -> None:
    """132 dollars for 80 tasks, of which 66 were completed: two dollars each."""
    assert "dependency-update 80 66 132.00 2.00" in printed([BOT], [])


def test_what_is_unknown_says_why() -> None:
    found = printed([DOCS, NOTES, SPIKES], [])
    assert "docs-writer 48 0 5.31 unknown: 0 of 48 tasks have an outcome" in found
    assert "release-notes 24 23 – unknown: 0 of 48 calls have a cost" in found
    assert "spikes 4 0 2.00 unknown: no task was completed" in found


def test_a_swap_is_told_with_its_factors() -> None:
    """The mix of models is a part of the price: 1.25 times 1.6."""
    (found,) = [line for line in printed([BOT], [DEARER]) if line.startswith("Model swap")]
    assert found == (
        "Model swap: dependency-update went from claude-sonnet-4-5 to claude-opus-4-5 on 2026-09-28: 3.84 a completed"
        " task, before 0.97, × 3.96 = price × 2.00, tokens per call × 1.10, calls per task × 1.50, tasks per completed"
        " one × 1.20."
    )


def test_a_swap_at_the_same_price_is_no_alarm() -> None:
    (found,) = [line for line in printed([BOT], [ALIKE]) if line.startswith("Model swap")]
    assert found == (
        "Model swap: code-review went from claude-opus-4-5 to claude-opus-4-6 on 2026-10-05, at the same price: 0.48 a"
        " completed task, before 0.49."
    )
