"""The dashboard's "Export CSV": usage events for teams without the Admin API, and for days that it does not reach.

Each UTC day of the exports is a report of its own. Where the API has given events of a day, the models read those:
the API is authoritative, an export stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from dlt_pipelines import csv_exports
from dlt_pipelines.csv_exports import CsvColumn, Export, ExportKind, Record, Records, as_count, as_flag, as_instant
from dlt_pipelines.cursor import records
from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.fetched import Asked, Fetched
from dlt_pipelines.paged_extraction import NamedAccount

USAGE_EVENTS_CSV = ExportKind("usage-events-csv", records.EXPORTED_EVENTS)
SETTING = "SOURCES__CURSOR__EXPORT_GLOB"

# What stands in Cost where there is no number.
COST_WORDS = ("Included", "Free", "-", "NaN")
NOBODY = "N/A"


def _user(cell: str) -> str | None:
    return None if cell in ("", NOBODY) else cell


def _cost(cell: str) -> str | None:
    return cell if cell in COST_WORDS else csv_exports.as_number(cell)


COLUMNS = (
    CsvColumn("date", ("Date",), as_instant, required=True, filled=True),
    CsvColumn("user", ("User",), _user),
    CsvColumn("cloud_agent_id", ("Cloud Agent ID",)),
    CsvColumn("automation_id", ("Automation ID",)),
    CsvColumn("kind", ("Kind",)),
    CsvColumn("model", ("Model",), required=True),
    CsvColumn("max_mode", ("Max Mode",), as_flag),
    # The two are disjoint: the first is what was written to the cache, the second plain input.
    CsvColumn("cache_write_tokens", ("Input (w/ Cache Write)",), as_count, required=True),
    CsvColumn("input_tokens", ("Input (w/o Cache Write)",), as_count, required=True),
    CsvColumn("cache_read_tokens", ("Cache Read",), as_count, required=True),
    CsvColumn("output_tokens", ("Output Tokens",), as_count, required=True),
    CsvColumn("total_tokens", ("Total Tokens",), as_count),
    CsvColumn("cost", ("Cost",), _cost, required=True, meant=f"a number of dollars, {', '.join(COST_WORDS)} or blank"),
    CsvColumn("cost_to_you_usd", ("Cost to you",), csv_exports.as_number),
)


def exported_days(pattern: str, account: NamedAccount, today: date, spool: Path) -> Iterator[Fetched]:
    """A report for each day that the exports speak of, and one for each file with a mistake.

    Raises ConfigurationError where no file matches.
    """
    good = []
    for export in csv_exports.find_exports(pattern, SETTING):
        try:
            good.append((export.modified, _days(export)))
        except RejectedFile as problem:
            yield csv_exports.rejected(account, USAGE_EVENTS_CSV, export, problem, today, spool)
    for day, found in csv_exports.speaking_days(good).items():
        yield csv_exports.fetched(Asked(account, USAGE_EVENTS_CSV, day), found, day, day, spool)


def _days(export: Export) -> dict[date, Records]:
    days: dict[date, Records] = {}
    for row in csv_exports.records_in(export, COLUMNS):
        days.setdefault(date.fromisoformat(row["date"][:10]), Records()).add(_event(row))
    return days


def _event(row: Record) -> Record:
    """The row with its cost as a number or as a word."""
    cost = row.pop("cost", None)
    return row if cost is None else {**row, "cost_word" if cost in COST_WORDS else "cost_usd": cost}
