"""How the invented company uses Claude: prices, and what happened on each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from demo import constants as c
from demo.anthropic_directory import AccountId, Directory

TokenType = Literal["input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output"]
CostType = Literal["tokens", "web_search", "code_execution", "session_usage"]

# Anthropic's list prices (platform documentation of 2026-08-21), USD per million tokens.
SONNET = "claude-sonnet-4-6"
HAIKU = "claude-haiku-4-5-20251001"
OPUS = "claude-opus-4-7"
NEW_SONNET = "claude-sonnet-5"
NEW_SONNET_FROM = date(2026, 6, 30)
UNPRICED = "claude-nova-preview"
UNPRICED_FROM = date(2026, 9, 1)
BATCH_FACTOR, US_FACTOR = Decimal("0.5"), Decimal("1.1")
WEB_SEARCH_CENTS = Decimal(1)
# Per hour of a sandbox and of an agent's session.
EXECUTION_CENTS, SESSION_CENTS = Decimal(5), Decimal(8)


@dataclass(frozen=True)
class Price:
    """USD per million tokens of each type; `key` is the canonical model, None without a public price."""

    key: str | None
    name: str
    input_uncached: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal
    output: Decimal
    has_geo: bool = True

    def per_million(self, token_type: TokenType) -> Decimal:
        """The price of a token type."""
        price: Decimal = getattr(self, token_type)
        return price


def _price(key: str | None, name: str, *prices: str, has_geo: bool = True) -> Price:
    uncached, write_5m, write_1h, read, output = map(Decimal, prices)
    return Price(key, name, uncached, write_5m, write_1h, read, output, has_geo)


PRICES = {
    SONNET: _price("anthropic/claude-sonnet-4-6", "Claude Sonnet 4.6", "3", "3.75", "6", "0.30", "15"),
    HAIKU: _price("anthropic/claude-haiku-4-5", "Claude Haiku 4.5", "1", "1.25", "2", "0.10", "5", has_geo=False),
    OPUS: _price("anthropic/claude-opus-4-7", "Claude Opus 4.7", "5", "6.25", "10", "0.50", "25"),
    NEW_SONNET: _price("anthropic/claude-sonnet-5", "Claude Sonnet 5", "2", "2.50", "4", "0.20", "10"),
    UNPRICED: _price(None, "Claude Nova Preview", "7", "8.75", "14", "0.70", "35"),
}


@dataclass(frozen=True)
class Tokens:
    """Tokens of a use, in multiples of ten so that every amount has at most nine decimals of a dollar."""

    input_uncached: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0

    def items(self) -> Iterator[tuple[TokenType, int]]:
        """Token types that were used, with their numbers."""
        for token_type in TOKEN_TYPES:
            number = getattr(self, token_type)
            if number:
                yield token_type, number

    def halved(self) -> Tokens:
        """About half of each."""
        return Tokens(*(getattr(self, name) // 20 * 10 for name in TOKEN_TYPES))


TOKEN_TYPES: tuple[TokenType, ...] = tuple(field.name for field in fields(Tokens))  # type: ignore[misc]


@dataclass(frozen=True)
class Caller:
    """Who asked. `hidden` numbers identities that Anthropic cannot show: each is a row of its own without an actor."""

    user_id: str | None = None
    api_key_id: str | None = None
    service_account_id: str | None = None
    federated: tuple[str, str] | None = None
    hidden: int | None = None


@dataclass(frozen=True)
class CostPart:
    """A component of what a use costs at list price."""

    cost_type: CostType
    token_type: TokenType | None
    list_cents: Decimal
    has_model: bool


@dataclass(frozen=True)
class Use:
    """Requests of one caller for one product and model around one time. A refused one is counted and not billed."""

    account: AccountId
    at: datetime
    caller: Caller
    product: str | None
    model: str | None = None
    tokens: Tokens = field(default_factory=Tokens)
    requests: int = 1
    workspace_id: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None
    speed: str | None = None
    web_searches: int = 0
    extra_cents: tuple[CostType, Decimal] | None = None
    is_refused: bool = False

    @property
    def day(self) -> date:
        """The UTC day."""
        return self.at.date()

    def token_cents(self, token_type: TokenType, number: int) -> Decimal:
        """List price of tokens in cents, exactly."""
        price = PRICES[self.model or ""].per_million(token_type)
        batch = BATCH_FACTOR if self.service_tier == "batch" else 1
        geo = US_FACTOR if self.inference_geo == "us" else 1
        return number * price * batch * geo / 10_000

    def list_usd(self, token_type: TokenType, number: int) -> Decimal | None:
        """Public list price of tokens in dollars; None without a public price."""
        return self.token_cents(token_type, number) / 100 if PRICES[self.model or ""].key else None

    @property
    def cost_parts(self) -> list[CostPart]:
        """What is billed, by component; components without cost are left out."""
        if self.is_refused:
            return []
        parts = [
            CostPart("tokens", token_type, self.token_cents(token_type, number), has_model=True)
            for token_type, number in self.tokens.items()
        ]
        if self.web_searches:
            parts.append(CostPart("web_search", None, self.web_searches * WEB_SEARCH_CENTS, has_model=False))
        if self.extra_cents:
            parts.append(CostPart(self.extra_cents[0], None, self.extra_cents[1], has_model=False))
        return parts


@dataclass(frozen=True)
class ToolActions:
    """Proposals of one editing tool, by what the user said."""

    tool: str
    accepted: int
    rejected: int


@dataclass(frozen=True)
class CodeCounts:
    """What somebody did in Claude Code on a day."""

    sessions: int = 0
    lines_added: int = 0
    lines_removed: int = 0
    commits: int = 0
    pull_requests: int = 0
    tools: tuple[ToolActions, ...] = ()

    @property
    def accepted(self) -> int:
        """Accepted proposals of all tools."""
        return sum(tool.accepted for tool in self.tools)

    @property
    def proposed(self) -> int:
        """Accepted and rejected proposals of all tools."""
        return sum(tool.accepted + tool.rejected for tool in self.tools)

    @property
    def is_any(self) -> bool:
        """Whether anything is above zero."""
        return any(
            (self.sessions, self.lines_added, self.lines_removed, self.commits, self.pull_requests, self.proposed)
        )


@dataclass(frozen=True)
class CodeWork:
    """A row of the Console account's Claude Code report: a caller in one terminal, local or remote."""

    at: datetime
    caller: Caller
    terminal: str
    is_remote: bool
    counts: CodeCounts
    uses: tuple[Use, ...]

    def estimated_cents(self) -> dict[str, int]:
        """Anthropic's estimate by model, each rounded to whole cents."""
        exact: dict[str, Decimal] = {}
        for use in self.uses:
            cents = sum((use.token_cents(*item) for item in use.tokens.items()), Decimal(0))
            exact[use.model or ""] = exact.get(use.model or "", Decimal(0)) + cents
        return {model: int(cents.quantize(Decimal(1), ROUND_HALF_UP)) for model, cents in exact.items()}


@dataclass(frozen=True)
class SeatDay:
    """A seat's day in the Enterprise account's snapshot; a seat may be listed with nothing done."""

    at: datetime
    user_id: str
    counts: CodeCounts
    chat_messages: int = 0
    conversations: int = 0
    web_searches: int = 0

    @property
    def is_active(self) -> bool:
        """Whether anything is above zero."""
        return self.counts.is_any or any((self.chat_messages, self.conversations, self.web_searches))


@dataclass(frozen=True)
class ClaudeDay:
    """All that happened on a day."""

    uses: tuple[Use, ...] = ()
    works: tuple[CodeWork, ...] = ()
    seat_days: tuple[SeatDay, ...] = ()

    def before(self, instant: datetime) -> ClaudeDay:
        """What had happened by then."""
        return ClaudeDay(
            tuple(use for use in self.uses if use.at < instant),
            tuple(work for work in self.works if work.at < instant),
            tuple(seat_day for seat_day in self.seat_days if seat_day.at < instant),
        )


@dataclass(frozen=True)
class ClaudeUse:
    """All use of both accounts."""

    directory: Directory
    final: dict[date, ClaudeDay]
    preliminary: ClaudeDay

    def day(self, day: date, as_of: date) -> ClaudeDay:
        """The day as Anthropic knows it at that date: today's so far, and one day that is restated later."""
        if day > as_of or day not in self.final:
            return ClaudeDay()
        restated_later = day == c.RESTATED_DAY and (as_of - day).days < c.FINAL_AFTER_DAYS
        known = self.preliminary if restated_later else self.final[day]
        return known.before(refreshed_at(as_of))

    def uses(self, account: AccountId, day: date, as_of: date) -> list[Use]:
        """The account's uses of the day."""
        return [use for use in self.day(day, as_of).uses if use.account == account]


def refreshed_at(as_of: date) -> datetime:
    """Up to when the reports are complete."""
    return datetime.combine(as_of, time(8), UTC)


def latest_snapshot(as_of: date) -> date:
    """The newest day of the Enterprise account's activity reports."""
    return as_of - timedelta(days=c.AVAILABLE_AFTER_DAYS)
