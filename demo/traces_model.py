"""What a traced session of an agent is, whoever emits it and in whatever names: calls, tools, what came of it.

Moments are UTC. Amounts are US dollars; tokens come in tens, so that no amount has more than nine decimals.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

from demo.work_records import Actor, Evidence

MILLION = 1_000_000
Workflow = Literal[
    "dependency-update",
    "feature-work",
    "cloud-agent",
    "issue-triage",
    "code-review",
    "docs-writer",
    "release-notes",
    "test-generation",
    "commit-helper",
    "github-copilot",
]


@dataclass(frozen=True)
class Price:
    """USD per million tokens of each class; writing to the cache at the rate for five minutes."""

    input_uncached: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal


def _price(*prices: str) -> Price:
    return Price(*map(Decimal, prices))


# List prices as somebody read them: Anthropic's and OpenAI's pages of 2026-08-21. OpenAI does not charge writes apart.
PRICES = {
    "claude-sonnet-4-5": _price("3", "0.30", "3.75", "15"),
    "claude-sonnet-4-6": _price("3", "0.30", "3.75", "15"),
    "claude-opus-4-5": _price("5", "0.50", "6.25", "25"),
    "claude-opus-4-6": _price("5", "0.50", "6.25", "25"),
    "claude-opus-4-7": _price("5", "0.50", "6.25", "25"),
    "claude-haiku-4-5": _price("1", "0.10", "1.25", "5"),
    "gpt-5-mini": _price("0.25", "0.025", "0.25", "2"),
}


@dataclass(frozen=True)
class Tokens:
    """Tokens of a call, each counted in one class."""

    input_uncached: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0

    @property
    def input(self) -> int:
        """All of the input, as the convention tells it."""
        return self.input_uncached + self.cache_read + self.cache_write

    @property
    def total(self) -> int:
        """All tokens."""
        return self.input + self.output

    def at(self, price: Price) -> Decimal:
        """What they cost at a price, in USD."""
        return sum((getattr(self, x.name) * getattr(price, x.name) for x in fields(self)), Decimal(0)) / MILLION

    def times(self, number: int) -> Tokens:
        """So many times as many."""
        return Tokens(*(number * getattr(self, x.name) for x in fields(self)))

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(*(getattr(self, x.name) + getattr(other, x.name) for x in fields(self)))


@dataclass(frozen=True)
class Call:
    """A call of a model. `tokens` is None where the agent does not tell them, or the call failed."""

    request_id: str
    started_at: datetime
    ended_at: datetime
    asked: str
    answered: str
    tokens: Tokens | None
    reported_usd: Decimal | None = None
    reported_by: Literal["vendor", "agent"] | None = None
    attempt: int = 1
    is_success: bool = True
    prompt: str | None = None

    @property
    def computed_usd(self) -> Decimal | None:
        """Its tokens at list price; None without tokens or without a price."""
        price = PRICES.get(self.answered)
        return self.tokens.at(price) if self.tokens and price else None

    @property
    def cost_usd(self) -> Decimal | None:
        """What it cost by the best that is known; None when nothing is."""
        return self.computed_usd if self.reported_usd is None else self.reported_usd

    @property
    def cost_basis(self) -> str:
        """Where that comes from."""
        if self.reported_by:
            return f"reported_by_{self.reported_by}"
        return "unpriced" if self.cost_usd is None else "computed_from_tokens"


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool, and what a person said to it if somebody was asked."""

    call_id: str
    name: str
    started_at: datetime
    ended_at: datetime
    is_success: bool = True
    decision: Literal["accept", "reject"] | None = None

    @property
    def is_test_run(self) -> bool:
        """Whether it runs the test suite."""
        return "run_tests" in self.name


@dataclass(frozen=True)
class Evaluation:
    """Somebody's verdict: a label, a score, or both."""

    name: str
    at: datetime
    label: Literal["pass", "fail"] | None = None
    score: int | None = None

    @property
    def is_pass(self) -> bool:
        """Whether it is a good one."""
        return self.label == "pass" or (self.label is None and self.score == 1)


@dataclass(frozen=True)
class Session:
    """A session of an agent. What is None is not told by its traces."""

    session_id: str
    workflow: Workflow
    service: str
    version: str
    calls: tuple[Call, ...]
    tools: tuple[ToolCall, ...] = ()
    person: Actor | None = None
    repository: str | None = None
    branch: str | None = None
    commit_sha: str | None = None
    evidence: Evidence | None = None
    pull_requests: tuple[str, ...] = ()
    task_id: str | None = None
    issue_id: str | None = None
    session_url: str | None = None
    logs_url: str | None = None
    evaluations: tuple[Evaluation, ...] = ()
    pipeline_result: Literal["success", "failure", "timeout"] | None = None
    change_state: Literal["merged", "closed"] | None = None

    @property
    def started_at(self) -> datetime:
        """When its first call began."""
        return self.calls[0].started_at

    @property
    def last_call_at(self) -> datetime:
        """When its last call began."""
        return max(call.started_at for call in self.calls)

    @property
    def ended_at(self) -> datetime:
        """When the last thing of it ended."""
        return max(*(call.ended_at for call in self.calls), *(tool.ended_at for tool in self.tools), self.started_at)

    @property
    def known_costs(self) -> list[Decimal]:
        """What its calls cost, as far as that is known."""
        return [call.cost_usd for call in self.calls if call.cost_usd is not None]

    @property
    def cost_usd(self) -> Decimal | None:
        """What it cost; None when the cost of no call is known."""
        return sum(self.known_costs, Decimal(0)) if self.known_costs else None

    @property
    def tokens(self) -> Tokens:
        """All tokens that it told."""
        return sum((call.tokens for call in self.calls if call.tokens), Tokens())

    @property
    def retries(self) -> int:
        """Calls that were made again."""
        return sum(call.attempt > 1 for call in self.calls)

    @property
    def test_runs(self) -> int:
        """How often it ran the test suite."""
        return sum(tool.is_test_run for tool in self.tools)
