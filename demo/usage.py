"""What one GitHub account did with Copilot on one day: the model, independent of GitHub's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cached_property


@dataclass(frozen=True)
class Counters:
    """The seven counters that GitHub gives for a user, and again inside most breakdowns."""

    interactions: int = 0
    generations: int = 0
    acceptances: int = 0
    suggested_to_add: int = 0
    suggested_to_delete: int = 0
    added: int = 0
    deleted: int = 0

    def __bool__(self) -> bool:
        """Whether anything was counted."""
        return any(astuple(self))


def total(counters: Iterable[Counters]) -> Counters:
    """Sum of counters."""
    sums = [0] * 7
    for each in counters:
        sums[0] += each.interactions
        sums[1] += each.generations
        sums[2] += each.acceptances
        sums[3] += each.suggested_to_add
        sums[4] += each.suggested_to_delete
        sums[5] += each.added
        sums[6] += each.deleted
    return Counters(*sums)


@dataclass(frozen=True)
class Line:
    """Use of one feature in one language; without model or IDE where GitHub cannot say."""

    feature: str
    language: str
    model: str | None
    ide: str | None
    counters: Counters


@dataclass(frozen=True)
class Sessions:
    """Use of a surface outside the IDE: Copilot CLI or the Copilot app."""

    sessions: int
    requests: int
    prompts: int
    prompt_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class AgentsWindow:
    """Use of the VS Code Agents window."""

    sessions: int
    messages: int


@dataclass(frozen=True)
class AgentJobs:
    """Jobs given to a third-party agent."""

    agent_id: str
    agent_name: str
    jobs: int


class Shape(Enum):
    """How much GitHub says in the row."""

    FULL = "all fields"
    FLAGS_NULL = "counters are zero, breakdowns empty and every used_* flag is null"
    CREDITS_ONLY = "breakdowns are empty; counters and used_* flags are absent"


class Credits(Enum):
    """How GitHub writes credits that it does not know."""

    NULL = "ai_credits_used is null"
    ABSENT = "ai_credits_used is absent"


@dataclass(frozen=True)
class UserDay:
    """One account's day. `customizations` maps a kind to (item, uses) pairs, most used first."""

    user_id: int
    day: date
    credits: Decimal | Credits
    shape: Shape = Shape.FULL
    lines: tuple[Line, ...] = ()
    cli: Sessions | None = None
    app: Sessions | None = None
    agents_window: AgentsWindow | None = None
    agent_jobs: tuple[AgentJobs, ...] = ()
    customizations: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    cloud_agent: bool = False
    review_active: bool | None = False
    review_passive: bool | None = False

    @property
    def known_credits(self) -> Decimal | None:
        """Credits, or None when GitHub does not tell them."""
        return self.credits if isinstance(self.credits, Decimal) else None

    @property
    def counters(self) -> Counters:
        """The top-level counters: what the features add up to."""
        return total(line.counters for line in self.lines)

    @property
    def features(self) -> frozenset[str]:
        """The features used."""
        return frozenset(line.feature for line in self.lines)

    @cached_property
    def used(self) -> dict[str, bool | None]:
        """The used_* signals of this day by their short name, whatever GitHub calls the flag."""
        chat = any(feature.startswith("chat_") for feature in self.features)
        agent = not self.features.isdisjoint({"agent_edit", "chat_panel_agent_mode"})
        return {
            "agent": agent,
            "chat": chat,
            "cli": self.cli is not None,
            "copilot_app": self.app is not None,
            "vscode_agent": self.agents_window is not None,
            "cloud_agent": self.cloud_agent,
            "review_active": self.review_active,
            "review_passive": self.review_passive,
        }

    @property
    def is_active(self) -> bool | None:
        """Whether the person did something that GitHub counted; None when it says nothing."""
        if self.shape is Shape.CREDITS_ONLY:
            return None
        if self.shape is Shape.FLAGS_NULL:
            return False
        flags = any(value for name, value in self.used.items() if name != "review_passive")
        return flags or bool(self.counters)
