"""Query parameters and pages as Anthropic's reporting endpoints take and give them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from demo.anthropic_faults import ApiError
from demo.local_server import Request

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST_RANGE, OLDEST = timedelta(days=31), timedelta(days=365)
WIDTHS = {"1d": timedelta(days=1), "1h": timedelta(hours=1), "1m": timedelta(minutes=1)}
# Sent by the vendor's own client.
IGNORED = {"beta"}


def bad(message: str) -> ApiError:
    """A request that cannot be answered as it is."""
    return ApiError(HTTPStatus.BAD_REQUEST, message)


@dataclass(frozen=True)
class Span:
    """A range of time, its end excluded, and the width of its buckets; without width it is one bucket."""

    start: datetime
    end: datetime
    width: timedelta | None

    def bucket(self, at: datetime) -> tuple[datetime, datetime]:
        """Begin and end of the bucket of an instant."""
        if self.width is None:
            return _whole_hour(self.start), _whole_hour(self.end)
        start = floored(at, self.width)
        return start, start + self.width

    @property
    def days(self) -> list[date]:
        """The days that it touches."""
        last = (self.end - timedelta(microseconds=1)).date()
        return [self.start.date() + timedelta(days=number) for number in range((last - self.start.date()).days + 1)]


class Parameters:
    """The parameters of a request; what the endpoint does not know is refused."""

    def __init__(self, request: Request, names: Iterable[str], lists: Iterable[str] = ()) -> None:
        """Read a query.

        Args:
            request: The request.
            names: Parameters with one value.
            lists: Parameters with several, which are sent with brackets.
        """
        self._values = request.query_lists
        self._path = request.path
        known = {*names, *(f"{name}[]" for name in lists), *IGNORED}
        unknown = sorted(set(self._values) - known)
        if unknown:
            raise bad(f"{unknown[0]}: Extra inputs are not permitted")

    def text(self, name: str, default: str = "") -> str:
        """A parameter's value."""
        return self._values.get(name, [default])[-1]

    def list(self, name: str, allowed: Iterable[str] | None = None) -> list[str]:
        """A bracketed parameter's values."""
        values = self._values.get(f"{name}[]", [])
        wrong = [] if allowed is None else sorted(set(values) - set(allowed))
        if wrong:
            raise bad(f"{name}: unexpected value '{wrong[0]}'")
        return values

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """A parameter with few values."""
        value = self.text(name, default)
        if value not in allowed and value != default:
            raise bad(f"{name}: Input should be one of {', '.join(allowed)}")
        return value

    def limit(self, default: int, most: int) -> int:
        """The size of a page."""
        value = self.text("limit", str(default))
        if not value.isdigit() or not 1 <= int(value) <= most:
            raise bad(f"limit: Input should be between 1 and {most}")
        return int(value)

    def day(self, name: str) -> date | None:
        """A parameter that is a day."""
        value = self.text(name)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise bad(f"{name}: Input should be a valid date in the format YYYY-MM-DD") from None

    def instant(self, name: str) -> datetime | None:
        """A parameter that is an instant."""
        value = self.text(name)
        if not value:
            return None
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            raise bad(f"{name}: Input should be a valid datetime") from None
        if instant.tzinfo is None:
            raise bad(f"{name}: Input should have timezone info")
        return instant.astimezone(UTC)

    def required_instant(self, name: str) -> datetime:
        """A parameter that is an instant and must be there."""
        instant = self.instant(name)
        if instant is None:
            raise bad(f"{name}: Field required")
        return instant

    def analytics_span(self, width_name: str, now: datetime) -> Span:
        """The range of an analytics cost or usage report."""
        start, end = self.required_instant("starting_at"), self.instant("ending_at")
        width = WIDTHS.get(self.choice(width_name, tuple(WIDTHS), ""))
        if start < EARLIEST or start < now - OLDEST:
            raise bad("starting_at: must be within the last 365 days and no earlier than 2026-01-01T00:00:00Z")
        if end is None and width:
            raise bad(f"ending_at: required when {width_name} is set")
        end = end or min(now, start + LONGEST_RANGE)
        longest = WIDTHS["1d"] if width == WIDTHS["1m"] else LONGEST_RANGE
        if end <= start or end - start > longest:
            raise bad(f"ending_at: must be after starting_at, by at most {longest.days} days")
        return Span(start, end, width)

    @property
    def digest(self) -> str:
        """What a cursor is bound to: everything but the page."""
        rest = sorted((name, values) for name, values in self._values.items() if name not in {"page", *IGNORED})
        return sha256(json.dumps([self._path, rest]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Pager:
    """Makes and reads cursors. A cursor ends when the data are refreshed."""

    refreshed: str
    is_expired: Callable[[], bool]

    def page(self, parameters: Parameters, items: Sequence[Any], limit: int) -> tuple[Sequence[Any], str | None]:
        """One page, and the cursor of the next."""
        start = self._offset(parameters)
        following = start + limit if start + limit < len(items) else None
        return items[start : start + limit], None if following is None else self._cursor(parameters, following)

    def _offset(self, parameters: Parameters) -> int:
        text = parameters.text("page")
        if not text:
            return 0
        try:
            offset, digest, refreshed = json.loads(base64.urlsafe_b64decode(text.removeprefix("page_")))
        except ValueError:
            raise bad("page: invalid cursor") from None
        if digest != parameters.digest:
            raise bad("page: the cursor was issued for a request with other parameters")
        if refreshed != self.refreshed or self.is_expired():
            raise ApiError(HTTPStatus.GONE, "page: the cursor has expired, start again from the first page")
        return int(offset)

    def _cursor(self, parameters: Parameters, offset: int) -> str:
        cursor = json.dumps([offset, parameters.digest, self.refreshed])
        return f"page_{base64.urlsafe_b64encode(cursor.encode()).decode()}"


def midnight(day: date) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), UTC)


def instant_text(instant: datetime) -> str:
    """An instant as Anthropic writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def floored(at: datetime, width: timedelta) -> datetime:
    """The begin of an instant's bucket."""
    return midnight(at.date()) + (at - midnight(at.date())) // width * width


def _whole_hour(instant: datetime) -> datetime:
    return floored(instant, WIDTHS["1h"])
