"""Looks for change points in the daily series that dbt has worked out, and writes down what was found.

A run whose answers are those of the last one writes nothing but the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal
from uuid import uuid4

from dlt_pipelines.catalog import DATASETS
from dlt_pipelines.change_points.tables import CHANGE_POINTS, DATASET, SERIES_CHECKED
from dlt_pipelines.errors import AgentSpendError
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.windows import as_of, current_time

try:
    from dlt_pipelines.change_points import detection
except ModuleNotFoundError as error:
    if error.name not in ("ruptures", "numpy", "scipy"):
        raise
    raise AgentSpendError(
        f"{error.name} is not installed", "Install the extra: pip install 'agent-spend[change-points]'."
    ) from None

BUILD_FIRST = "Run dbt build first."
ACCOUNT, REPORT = f"library/{detection.LIBRARY}", "change-points"
SERIES_SQL = """
    select workflow_id, series, unit, usage_date, series_value
    from {schema}.int_tasks__series_daily
"""
BILLIONTH = Decimal("0.000000001")

Row = dict[str, Any]


@dataclass(frozen=True)
class DailySeries:
    """The values of a workflow's series, by day."""

    workflow_id: str
    name: str
    unit: str
    days: tuple[date, ...]
    values: tuple[Decimal, ...]

    @property
    def floats(self) -> list[float]:
        """The values as the detection takes them."""
        return [float(value) for value in self.values]


@dataclass(frozen=True)
class Findings:
    """What was looked at, what was found, and whether it is written down now or was before."""

    status: Literal["loaded", "unchanged"]
    checked: tuple[Row, ...]
    points: tuple[Row, ...]


def find_change_points(*, target: str = "duckdb", schema_prefix: str = "") -> Findings:
    """Looks for change points in the built warehouse and writes them down, unless they are the last run's.

    Raises AgentSpendError where nothing is built.
    """
    warehouse = Warehouse(target)
    if not warehouse.exists():
        raise AgentSpendError(f"there is no warehouse {warehouse.path}", BUILD_FIRST)
    with warehouse.run(*DATASETS):
        rows = warehouse.built(SERIES_SQL.format(schema=f"{schema_prefix}intermediate"))
        if rows is None:
            raise AgentSpendError("the daily series are not built", BUILD_FIRST)
        series = list(daily_series(rows))
        found = [detection.shifts(one.floats) for one in series]
        checked = [checked_row(one, shifts) for one, shifts in zip(series, found, strict=True)]
        points = [row for one, shifts in zip(series, found, strict=True) for row in point_rows(one, shifts)]
        return Findings(_write(warehouse, checked, points), tuple(checked), tuple(points))


def daily_series(rows: Sequence[tuple[Any, ...]]) -> Iterator[DailySeries]:
    """Series in the order of workflow and name, each in the order of its days."""
    for (workflow_id, name), own in groupby(
        sorted(rows, key=lambda row: (row[0], row[1], row[3])), lambda row: row[:2]
    ):
        points = list(own)
        yield DailySeries(
            *(workflow_id, name, points[0][2]),
            days=tuple(row[3] for row in points),
            values=tuple(Decimal(row[4]) for row in points),
        )


def checked_row(series: DailySeries, shifts: Sequence[detection.Shift]) -> Row:
    """What is said of a series, whether something was found in it or not."""
    reason = detection.reason_against(series.floats)
    return {
        "workflow_id": series.workflow_id,
        "series": series.name,
        "first_day": series.days[0],
        "last_day": series.days[-1],
        "days": len(series.days),
        "change_points": len(shifts),
        "status": "not_checked" if reason else "checked",
        "reason": reason,
    }


def point_rows(series: DailySeries, shifts: Sequence[detection.Shift]) -> Iterator[Row]:
    """The change points of a series."""
    for shift in shifts:
        before, after = series.values[shift.start : shift.index], series.values[shift.index : shift.end]
        yield {
            "workflow_id": series.workflow_id,
            "series": series.name,
            "changed_on": series.days[shift.index],
            "unit": series.unit,
            "mean_before": _mean(before),
            "mean_after": _mean(after),
            "days_before": len(before),
            "days_after": len(after),
            "p_value": Decimal(str(shift.p_value)).quantize(BILLIONTH),
            "method": detection.METHOD,
            "library": detection.LIBRARY,
            "library_version": detection.LIBRARY_VERSION,
        }


def _mean(values: Sequence[Decimal]) -> Decimal:
    return (sum(values, Decimal(0)) / len(values)).quantize(BILLIONTH)


def _write(warehouse: Warehouse, checked: list[Row], points: list[Row]) -> Literal["loaded", "unchanged"]:
    about = [detection.METHOD, detection.LIBRARY_VERSION]
    digest = hashlib.sha256(json.dumps([about, checked, points], default=str).encode()).hexdigest()
    known = warehouse.history(DATASET).get((ACCOUNT, REPORT), {})
    in_force = next((known[day].sha256 for day in sorted(known, reverse=True) if known[day].sha256), None)
    status: Literal["loaded", "unchanged"] = "unchanged" if in_force == digest else "loaded"
    key = uuid4().hex
    if status == "loaded":
        tables = [(SERIES_CHECKED, checked), (CHANGE_POINTS, points)]
        batches = [
            (table.name, table.to_arrow([{**row, "report_load_key": key} for row in rows]))
            for table, rows in tables
            if rows
        ]
        if batches:
            warehouse.load(DATASET, batches)
    manifest = {
        "report_load_key": key,
        "source": DATASET.source,
        "account_id": ACCOUNT,
        "scope": "library",
        "report": REPORT,
        "report_date": max(as_of(), max(known, default=as_of())),
        "status": status,
        "rows": len(checked) + len(points) if status == "loaded" else None,
        "sha256": digest,
        "detail": f"{detection.LIBRARY} {detection.LIBRARY_VERSION}",
        "downloaded_at": current_time(),
    }
    warehouse.commit(DATASET, [manifest])
    if status == "loaded" and known:
        warehouse.prune_superseded(DATASET)
    return status
