"""The raw tables of change points: what was looked at, and what was found. Workflows only, no person."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Dataset, Table, count, day, number, text

SERIES = (
    text("report_load_key", "The run that the row came from.", required=True),
    text("workflow_id", "Workflow.", required=True),
    text("series", "Series, such as cost_per_call.", required=True),
)

CHANGE_POINTS = Table(
    "change_points",
    "run, workflow, series and first day of a new level",
    ("report_load_key", "workflow_id", "series", "changed_on"),
    (
        *SERIES,
        day("changed_on", "First day of the new level.", required=True),
        text("unit", "usd, tokens or share.", required=True),
        number("mean_before", "Mean of the days since the change before, or since the first day."),
        number("mean_after", "Mean of the days until the next change, or to the last day."),
        count("days_before", "Days of mean_before."),
        count("days_after", "Days of mean_after."),
        number("p_value", "Share of random orders of these days that can be parted as clearly."),
        text("method", "Method, cost and penalty.", required=True),
        text("library", "Library that found it.", required=True),
        text("library_version", "Its version.", required=True),
    ),
)
SERIES_CHECKED = Table(
    "series_checked",
    "run, workflow and series that was looked at",
    ("report_load_key", "workflow_id", "series"),
    (
        *SERIES,
        day("first_day", "First day with a value."),
        day("last_day", "Last day with a value."),
        count("days", "Days with a value."),
        count("change_points", "Change points that were found."),
        text("status", "checked or not_checked.", required=True),
        text("reason", "too_short or constant; NULL where it was checked."),
    ),
)

DATASET = Dataset(
    "change_points",
    "raw_change_points",
    "Days on which daily series of workflows changed their level, as `agent-spend change-points` found them.",
    (REPORT_LOADS, CHANGE_POINTS, SERIES_CHECKED),
    latest_only=True,
)
