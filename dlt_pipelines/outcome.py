"""What an extraction did, for the screen and for the exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from dlt_pipelines.errors import AgentSpendError, ExitCode


@dataclass
class Outcome:
    """Rows loaded, reports by manifest status, problems that were met and things worth knowing."""

    rows: int = 0
    reports: Counter[str] = field(default_factory=Counter)
    problems: list[AgentSpendError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """The gravest thing that happened."""
        return max((problem.exit_code for problem in self.problems), default=ExitCode.OK)
