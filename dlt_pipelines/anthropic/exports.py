"""The Team plan's spend report, exported by hand: the one source for a plan that has no API.

A line is a user's use of a product and model, summed over the period that was chosen for the export. The file does not
tell the period: its name does (spend-report-…-2026-10-01-to-2026-10-31.csv).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from dlt_pipelines import csv_exports
from dlt_pipelines.anthropic import records
from dlt_pipelines.csv_exports import CsvColumn, Export, ExportKind, Records, as_count, as_number
from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.fetched import Asked, Fetched
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import NamedAccount

SPEND_REPORT_CSV = ExportKind("spend-report-csv", records.SPEND_REPORT)
SETTING = "SOURCES__ANTHROPIC__EXPORT_GLOB"
PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-to-|_to_|_|-)(\d{4}-\d{2}-\d{2})")

Period = tuple[date, date]


def _email(cell: str) -> str | None:
    """The address; None for lines of the organisation itself, which say so in brackets."""
    return cell if "@" in cell else None


# Names seen in exports of 2026; the words behind the second header of a column are a guess at older ones.
COLUMNS = (
    CsvColumn("email", ("user_email", "email"), _email, required=True),
    CsvColumn("user_id", ("user_id",)),
    CsvColumn("account_uuid", ("account_uuid",)),
    CsvColumn("product", ("product",)),
    CsvColumn("model", ("model",), required=True),
    CsvColumn("model_family", ("model_family",)),
    CsvColumn("requests", ("total_requests", "requests"), as_count),
    CsvColumn("prompt_tokens", ("total_prompt_tokens", "prompt_tokens", "input_tokens"), as_count),
    CsvColumn("output_tokens", ("total_completion_tokens", "completion_tokens", "output_tokens"), as_count),
    CsvColumn("uncached_input_tokens", ("total_uncached_input_tokens",), as_count),
    CsvColumn("cache_read_input_tokens", ("total_cache_read_tokens",), as_count),
    CsvColumn("cache_write_5m_input_tokens", ("total_cache_write_5m_tokens",), as_count),
    CsvColumn("cache_write_1h_input_tokens", ("total_cache_write_1h_tokens",), as_count),
    CsvColumn("web_search_requests", ("total_web_search_count",), as_count),
    CsvColumn("net_spend_usd", ("total_net_spend_usd", "net_spend_usd", "spend_usd"), as_number, required=True),
    CsvColumn("gross_spend_usd", ("total_gross_spend_usd", "gross_spend_usd"), as_number),
)


def spend_reports(pattern: str, account: NamedAccount, today: date, spool: Path, outcome: Outcome) -> Iterator[Fetched]:
    """A report for each file, dated by the last day of its period; one for each file with a mistake.

    Of several files for one period the largest is loaded; which ones are left out is told. Raises ConfigurationError
    where no file matches.
    """
    good: dict[Period, tuple[Export, Records]] = {}
    for export in csv_exports.find_exports(pattern, SETTING):
        try:
            period = period_of(export.name)
            found = export, _records(export, period)
            if period in good:
                found, other = sorted((good[period], found), key=_size, reverse=True)
                outcome.warnings.append(_left_out(other[0], found[0], "is of the same period and larger"))
            good[period] = found
        except RejectedFile as problem:
            yield csv_exports.rejected(account, SPEND_REPORT_CSV, export, problem, today, spool)
    longest = in_force(good)
    by_end = {end: good[start, end][0] for start, end in longest}
    for period in sorted(set(good) - set(longest)):
        outcome.warnings.append(_left_out(good[period][0], by_end[period[1]], "covers its whole period"))
    for start, end in longest:
        _, records_found = good[start, end]
        yield csv_exports.fetched(Asked(account, SPEND_REPORT_CSV, end), records_found, start, end, spool)


def _size(found: tuple[Export, Records]) -> tuple[int, int]:
    return len(found[1]), len(found[0].content)


def _left_out(export: Export, kept: Export, why: str) -> str:
    return f"the spend report {export.name} is left out: {kept.name} {why}"


def period_of(name: str) -> Period:
    """First and last day of a report, from its file's name; raises RejectedFile where it does not tell them."""
    found = PERIOD.search(name)
    try:
        start, end = (date.fromisoformat(text) for text in found.groups()) if found else (None, None)
    except ValueError:
        start = end = None
    if start is None or end is None or start > end:
        raise RejectedFile(
            f"{name}: its name does not tell the period",
            "Name it as it was exported, such as spend-report-2026-10-01-to-2026-10-31.csv.",
        )
    return start, end


def in_force(periods: dict[Period, tuple[Export, Records]]) -> list[Period]:
    """Periods of which no two end on one day: the longest of them, whose file holds what the others do."""
    longest: dict[date, Period] = {}
    for start, end in sorted(periods, reverse=True):
        longest[end] = start, end
    return [longest[end] for end in sorted(longest)]


def _records(export: Export, period: Period) -> Records:
    found = Records()
    dated = {"period_start": period[0].isoformat(), "period_end": period[1].isoformat(), "file_name": export.name}
    for row in csv_exports.records_in(export, COLUMNS):
        found.add({**row, **dated})
    return found
