"""One workload's or one Codex user's day of OpenAI use, in classes of tokens that do not overlap."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Tokens:
    """Tokens by class. OpenAI adds them up otherwise: its `input_tokens` contain what was cached."""

    text: int = 0
    audio: int = 0
    image: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    cached_image: int = 0
    cache_write: int = 0
    output_text: int = 0
    output_audio: int = 0
    output_image: int = 0

    @property
    def by_type(self) -> dict[str, int]:
        """The ledger's classes."""
        return {
            "input_uncached": self.text + self.audio + self.image,
            "cache_read": self.cached_text + self.cached_audio + self.cached_image,
            "cache_write": self.cache_write,
            "output": self.output_text + self.output_audio + self.output_image,
        }

    def __add__(self, other: Tokens) -> Tokens:
        """Sum, class by class."""
        return Tokens(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    def __floordiv__(self, divisor: int) -> Tokens:
        """A part of each class, rounded down."""
        return Tokens(*(count // divisor for count in astuple(self)))


@dataclass(frozen=True)
class Use:
    """Use of one endpoint on a day; `amount` is what an endpoint without tokens counts (images, characters, …).

    `detail` is the group of this endpoint alone, such as the size of images. `in_full` is false where OpenAI leaves out
    the fields that it need not send.
    """

    endpoint: str
    day: date
    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None
    model: str | None = None
    requests: int = 0
    tokens: Tokens | None = None
    amount: int = 0
    batch: bool | None = None
    service_tier: str | None = None
    detail: tuple[tuple[str, str], ...] = ()
    in_full: bool = True

    @property
    def is_use(self) -> bool:
        """Whether anything was counted."""
        return bool(self.requests or self.amount or (self.tokens and any(astuple(self.tokens))))

    @property
    def tier(self) -> str | None:
        """The tier that decides on the price: batch is one of its own."""
        return "batch" if self.batch else self.service_tier

    def group(self, name: str) -> str | bool | None:
        """The value of one of OpenAI's groups."""
        value: str | bool | None = dict(self.detail).get(name, getattr(self, name, None))
        return value


@dataclass(frozen=True)
class CodexModel:
    """Use of one model in Codex."""

    model: str
    speed: str
    credits: Decimal
    uncached: int
    cached: int
    output: int


@dataclass(frozen=True)
class CodexDay:
    """A Codex user's day; `models` is None where the vendor tells neither models nor tokens."""

    day: date
    user_id: str
    email: str | None
    threads: int
    turns: int
    credits: Decimal
    models: tuple[CodexModel, ...] | None
    on_the_web: bool = False
    lines_added: int | None = None
    lines_deleted: int | None = None
