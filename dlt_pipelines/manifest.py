"""The report manifest: one row per report that was asked for. It is also the commit record of every load."""

from __future__ import annotations

from dlt_pipelines.schema import Column, Table, count, day, instant, number, text

REPORT_LOADS = Table(
    "report_loads",
    "report asked for (account, report, day) and time of asking; append only",
    ("report_load_key",),
    (
        text("report_load_key", "Id of this asking; data rows carry it.", required=True),
        text("source", "dlt source, such as github_copilot.", required=True),
        text("account_id", "Account that was asked.", required=True),
        text("scope", "enterprise, organization or file.", required=True),
        text("report", "Report, such as users-1-day or seats.", required=True),
        day("report_date", "Day that the report is about; the day of reading for lists.", required=True),
        day("window_start", "First day that the report covers."),
        day("window_end", "Last day that the report covers."),
        text(
            "status",
            "loaded (rows stored), unchanged (same sha256 as the current load), not_available (204, 404 or an empty"
            " body), rejected (a bad file was kept aside), backfill_requested (start of the history asked for).",
            required=True,
        ),
        count("http_status", "HTTP status of the answer."),
        count("files", "Files of the report."),
        Column("rows", "bigint", "Records in the report; NULL when nothing was read."),
        Column("bytes", "bigint", "Bytes of the report."),
        text("sha256", "Digest of the report's bytes."),
        number("credits_sum", "Control total: sum of the credits in the report; NULL when it has none."),
        count("users", "Control total: distinct users in the report."),
        count("duplicate_rows", "Records beyond the first with one natural key."),
        text("unknown_fields", "Schema drift: JSON object, field path to number of records; NULL when none."),
        text("detail", "One line: why a report was rejected or not available."),
        instant("downloaded_at", "When the vendor answered.", required=True),
        instant("loaded_at", "When this row was committed; never runs backwards.", required=True),
    ),
)
