"""The raw tables of closed months: what was closed when, and the figures as they were. No person is recorded."""

from __future__ import annotations

from dlt_pipelines.schema import Column, Dataset, Table, day, instant, number, text

CLOSE_EVENTS = Table(
    "close_events",
    "closing or reopening of a billing month; append only",
    ("event_id",),
    (
        text("event_id", "Id of this event; the figures of a closing carry it.", required=True),
        day("period", "First day of the billing month.", required=True),
        Column("version", "bigint", "1 for the first closing; a reopening names the version it ends.", False),
        text("event", "closed or reopened.", required=True),
        day("closed_on", "Day of the closing or reopening.", required=True),
        instant("recorded_at", "When the event was recorded.", required=True),
        text("reason", "Why it was closed in spite of failing checks, or why it was reopened; else NULL."),
        text("accepted_checks", "Names of the checks that failed and were accepted, comma between; NULL when none."),
        text("by_role", "Role that closed or reopened it, such as controller; never a person's name."),
        Column("figure_count", "bigint", "Figures of the closing; NULL for a reopening."),
        text("figures_sha256", "Digest of the figures; NULL for a reopening."),
        text("project_version", "Version of agent-spend that recorded it.", required=True),
    ),
)
CLOSE_FIGURES = Table(
    "close_figures",
    "closing, figure and subject; rows count only when close_events has their event",
    ("event_id", "figure", "subject"),
    (
        text("event_id", "The closing that the figure belongs to.", required=True),
        day("period", "First day of the billing month.", required=True),
        Column("version", "bigint", "Version of the closing.", False),
        text(
            "figure",
            "Figure, such as spend.billed_usd; corrections.<figure> for what was posted of months closed before.",
            required=True,
        ),
        text("subject", "What the figure is of, such as vendor|series.", required=True),
        number("amount", "The figure as it was closed."),
        text("unit", "Currency of the amount.", required=True),
    ),
)

DATASET = Dataset(
    "close",
    "raw_close",
    "Closings and reopenings of billing months, and the figures as they were closed.",
    (CLOSE_EVENTS, CLOSE_FIGURES),
)
