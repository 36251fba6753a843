"""Progress for a person in front of it: bars on a terminal, nothing elsewhere."""

from __future__ import annotations

import time
from datetime import date
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


class Task:
    """One line of progress: how many reports are done, up to which day, the rows so far and the rate."""

    def __init__(self, bars: RichProgress, task_id: TaskID) -> None:
        self._bars = bars
        self._id = task_id
        self._started = time.monotonic()

    def advance(self, steps: int = 1, *, rows: int, day: date | None = None) -> None:
        """Notes steps done, the rows loaded up to now, and the day that is done."""
        rate = rows / max(time.monotonic() - self._started, 0.001)
        if day:
            self._bars.update(self._id, day=str(day))
        self._bars.update(self._id, advance=steps, rows=f"{rows:,} rows", rate=f"{rate:,.0f} rows/s")


class Progress:
    """A context in which tasks show their progress; quiet when the output is not a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[day]}"),
            TextColumn("{task.fields[rows]}"),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bars.stop()

    def note(self, text: str) -> None:
        """Says something beside the bars, on a terminal or not: silence looks like a hang."""
        self._bars.console.print(text)

    def task(self, description: str, total: int) -> Task:
        """A new line of progress."""
        return Task(self._bars, self._bars.add_task(description, total=total, day="", rows="", rate=""))
