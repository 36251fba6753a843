"""Closes and reopens billing months. dbt has worked out a month's figures and checks: here they are written down.

Figures are written first, the event that names them last: a run that is killed in between leaves figures that nobody
counts, and the month is open as before.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version as version_of
from typing import Any, Literal

from dlt_pipelines.catalog import DATASETS
from dlt_pipelines.close.figures import Figure, figures_sha256
from dlt_pipelines.close.tables import CLOSE_EVENTS, CLOSE_FIGURES, DATASET
from dlt_pipelines.errors import AgentSpendError, ConfigurationError
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.windows import as_of, current_time

Status = Literal["closed", "refused", "already_closed", "changed_since"]

BUILD_FIRST = "Run dbt build first."


@dataclass(frozen=True)
class Check:
    """One row of finance.fct_close_checks."""

    name: str
    subject: str
    is_ok: bool
    may_be_accepted: bool
    detail: str


@dataclass(frozen=True)
class Closing:
    """What came of a request to close a month; `version`, digest and count are those in force afterwards."""

    period: date
    status: Status
    checks: tuple[Check, ...] = ()
    version: int | None = None
    figure_count: int = 0
    figures_sha256: str | None = None
    reason: str | None = None

    @property
    def failing(self) -> tuple[Check, ...]:
        """The checks that are not ok."""
        return tuple(check for check in self.checks if not check.is_ok)

    @property
    def is_closed_as_built(self) -> bool:
        """The month is closed, and its figures are those that the warehouse shows now."""
        return self.status in ("closed", "already_closed")


@dataclass(frozen=True)
class Event:
    """The last thing that happened to a month."""

    version: int
    is_closed: bool
    figure_count: int = field(default=0, compare=False)
    figures_sha256: str | None = field(default=None, compare=False)


def close_period(
    period: date,
    *,
    target: str = "duckdb",
    accept: str | None = None,
    by: str | None = None,
    schema_prefix: str = "",
) -> Closing:
    """Closes a billing month as the built warehouse shows it, unless a check stands against it.

    `accept` is the reason for closing in spite of failing checks; it is recorded. A month that is not over is never
    closed. Raises AgentSpendError where nothing is built, or where the build does not know of the last closing or of
    the last load.
    """
    _check_texts(reason=accept, role=by)
    _check_over(period)
    warehouse = Warehouse(target)
    if not warehouse.exists():
        raise AgentSpendError(f"there is no warehouse {warehouse.path}", BUILD_FIRST)
    built = _Built(warehouse, schema_prefix)
    with warehouse.run(*DATASETS):
        return _close(warehouse, built, period, accept, by)


def reopen_period(period: date, *, reason: str, target: str = "duckdb", by: str | None = None) -> int:
    """Records that a closed month is open again, and returns the version that is no longer in force."""
    _check_texts(reason=reason, role=by)
    warehouse = Warehouse(target)
    if not warehouse.exists():
        raise AgentSpendError(f"{period:%Y-%m} is not closed", "There is nothing to reopen.")
    with warehouse.run(*DATASETS):
        last = last_events(warehouse).get(period)
        if last is not None and last.is_closed:
            _write_event(warehouse, period, last.version, "reopened", reason=reason, by_role=by)
            return last.version
    raise AgentSpendError(f"{period:%Y-%m} is not closed", "There is nothing to reopen.")


def last_events(warehouse: Warehouse) -> dict[date, Event]:
    """By month, the last event. A reopening comes after the closing whose version it names."""
    rows = warehouse.read(DATASET, "select period, version, event, figure_count, figures_sha256 from {close_events}")
    events: dict[date, Event] = {}
    for period, version, event, count, digest in sorted(rows, key=lambda row: (row[1], row[2] == "reopened")):
        events[period] = Event(version, event == "closed", count or 0, digest)
    return events


@dataclass(frozen=True)
class _Built:
    """What dbt has built of closing."""

    warehouse: Warehouse
    schema_prefix: str

    def checks(self, period: date) -> tuple[Check, ...]:
        rows = self._ask(
            "select check_name, subject, is_ok, may_be_accepted, detail from {finance}.fct_close_checks"
            f" where period = cast('{period}' as date) order by check_name, subject"
        )
        return tuple(Check(*row) for row in rows)

    def input_problems(self) -> tuple[Check, ...]:
        """Bad rows of the finance inputs. They stop dbt, so that what reads the inputs is of an older build."""
        rows = self._ask(
            "select source_file, line_number, field, problem from {intermediate}.int_finance__input_problems"
            " order by source_file, line_number, field, problem"
        )
        problems = [
            Check("inputs_good", f"{file} line {line}, field {field}", False, False, problem)
            for file, line, field, problem in rows
        ]
        return tuple(problems) or (Check("inputs_good", "", True, False, "no row was refused"),)

    def figures(self, period: date) -> list[Figure]:
        rows = self._ask(
            "select figure, subject, amount, unit from {intermediate}.int_close__figures"
            f" where period = cast('{period}' as date)"
        )
        return [Figure(*row) for row in rows]

    def events(self) -> dict[date, Event]:
        rows = self._ask("select period, version, is_closed from {intermediate}.int_close__periods")
        return {period: Event(version, is_closed) for period, version, is_closed in rows}

    def loads(self) -> dict[str, datetime]:
        """By source that the build reads, the newest load that it saw; the earliest time of all where it saw none."""
        rows = self._ask("select source, loaded_at from {intermediate}.int_close__built_loads")
        return {source: _in_utc(loaded_at) for source, loaded_at in rows}

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        schemas = {name: self.schema_prefix + name for name in ("finance", "intermediate")}
        rows = self.warehouse.built(query.format(**schemas))
        if rows is None:
            raise AgentSpendError("the models of closing are not in this warehouse", BUILD_FIRST)
        return rows


def _close(warehouse: Warehouse, built: _Built, period: date, accept: str | None, by: str | None) -> Closing:
    checks, figures = built.checks(period), built.figures(period)
    digest = figures_sha256(period, figures)
    events = last_events(warehouse)
    last = events.get(period)
    if last is not None and last.is_closed:
        status: Status = "already_closed" if last.figures_sha256 == digest else "changed_since"
        return Closing(period, status, checks, last.version, last.figure_count, last.figures_sha256)
    if not checks:
        raise AgentSpendError(
            f"nothing is known of {period:%Y-%m}: no spend, no invoice", f"Check the month, or {BUILD_FIRST.lower()}"
        )
    _check_build_is_newer(events, built.events())
    _check_loads_are_built(built.loads(), warehouse)
    checks += built.input_problems()
    failing = [check for check in checks if not check.is_ok]
    if failing and not (accept and all(check.may_be_accepted for check in failing)):
        return Closing(period, "refused", checks, last.version if last else None)
    version = last.version + 1 if last else 1
    reason = accept if failing else None
    _write_closing(warehouse, period, version, figures, digest, failing, reason=reason, by_role=by)
    return Closing(period, "closed", checks, version, len(figures), digest, reason)


def _check_build_is_newer(events: dict[date, Event], known: dict[date, Event]) -> None:
    """What was closed or reopened after the build changes what belongs into the months after it."""
    for period in sorted(events.keys() | known.keys()):
        event = events.get(period)
        if event != known.get(period):
            what = "closed" if event and event.is_closed else "reopened"
            raise AgentSpendError(f"the warehouse was built before {period:%Y-%m} was {what}", BUILD_FIRST)


def _check_loads_are_built(seen: dict[str, datetime], warehouse: Warehouse) -> None:
    """What was extracted after the build is in no figure of it."""
    for dataset in DATASETS:
        if dataset.source not in seen:
            continue
        rows = warehouse.built(
            f"select max(loaded_at) from {dataset.name}.report_loads where status in ('loaded', 'rejected')"
        )
        if rows and _in_utc(rows[0][0]) > seen[dataset.source]:
            raise AgentSpendError(f"the warehouse was built before {dataset.source} was last loaded", BUILD_FIRST)


def _in_utc(moment: datetime | None) -> datetime:
    """A moment that can be compared: dbt's have no zone and are UTC; none is before all others."""
    if moment is None:
        return datetime.min.replace(tzinfo=UTC)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _write_closing(
    warehouse: Warehouse,
    period: date,
    version: int,
    figures: Sequence[Figure],
    digest: str,
    accepted: Iterable[Check],
    *,
    reason: str | None,
    by_role: str | None,
) -> None:
    event_id = uuid.uuid4().hex
    rows = [{"event_id": event_id, "period": period, "version": version, **vars(figure)} for figure in figures]
    if rows:
        warehouse.load(DATASET, [(CLOSE_FIGURES.name, CLOSE_FIGURES.to_arrow(rows))])
    _write_event(
        warehouse,
        period,
        version,
        "closed",
        event_id=event_id,
        reason=reason,
        by_role=by_role,
        accepted_checks=", ".join(sorted({check.name for check in accepted})) or None,
        figure_count=len(figures),
        figures_sha256=digest,
    )


def _write_event(warehouse: Warehouse, period: date, version: int, event: str, **more: Any) -> None:
    row = {
        "event_id": uuid.uuid4().hex,
        "period": period,
        "version": version,
        "event": event,
        "closed_on": as_of(),
        "recorded_at": current_time(),
        "project_version": version_of("agent-spend"),
        **more,
    }
    warehouse.load(DATASET, [(CLOSE_EVENTS.name, CLOSE_EVENTS.to_arrow([row]))])


def _check_over(period: date) -> None:
    following = (period + timedelta(days=31)).replace(day=1)
    if as_of() < following:
        raise AgentSpendError(f"{period:%Y-%m} is not over", f"It can be closed from {following} on.")


def _check_texts(*, reason: str | None, role: str | None) -> None:
    """Reasons and roles are kept for good: an address in them would be too."""
    for name, text in (("reason", reason), ("role", role)):
        if text is not None and not text.strip():
            raise ConfigurationError(f"the {name} is blank", "Say it in a few words.")
        if text is not None and re.search("@", text):
            raise ConfigurationError(
                f"the {name} holds an '@'", "It is kept for good: name a role such as controller, never a person."
            )
