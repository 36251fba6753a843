"""The dashboard's CSV export of Cursor: for teams without the Admin API, and days that it does not reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dlt_pipelines.checks import Check
from dlt_pipelines.cursor import checks, load_settings
from dlt_pipelines.errors import ConfigurationError, ExitCode, RejectedFile
from tests.dlt_pipelines.cursor_team import CursorBench, cursor_bench
from tests.dlt_pipelines.pseudonyms import key

TEAM = (
    "Date,User,Cloud Agent ID,Automation ID,Kind,Model,Max Mode,"
    "Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost\n"
)
OLDEST = (
    "Date,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost,Cost to you\n"
)
FIRST = (
    '"2026-06-28T15:18:16.925Z","user@example.com","","","Included","auto","No",'
    '"0","4394","393120","2211","399725","0.12"\n'
)
LATE = '"2026-06-28T23:59:15.656Z","N/A","bc-1","a-1","On-Demand","composer-2.5","Yes","0","1","2","3","6","{cost}"\n'


@pytest.fixture
def cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CursorBench]:
    """A team without a key; its exports lie in a folder."""
    with cursor_bench(tmp_path, monkeypatch) as bench:
        (tmp_path / "exports").mkdir()
        bench.set(admin_key=None, export_glob=str(tmp_path / "exports" / "*.csv"))
        yield bench


def drop(cursor: CursorBench, name: str, text: str) -> None:
    (cursor.folder / "exports" / name).write_text(text, encoding="utf-8")


def test_an_export_is_loaded_without_any_key(cursor: CursorBench) -> None:
    drop(cursor, "team.csv", TEAM + FIRST + LATE.format(cost="-"))
    outcome = cursor.extract()
    assert not outcome.problems
    assert cursor.team.asked == []
    user, day = key("email", "user@example.com"), date(2026, 6, 28)
    assert cursor.rows(
        "select day, email_key, cloud_agent_id, automation_id, kind, model, max_mode, cache_write_tokens, input_tokens,"
        " cache_read_tokens, output_tokens, total_tokens, cost_usd, cost_word from raw_cursor.exported_events"
        " order by event_at"
    ) == [
        (day, user, None, None, "Included", "auto", False, 0, 4394, 393120, 2211, 399725, Decimal("0.12"), None),
        (day, None, "bc-1", "a-1", "On-Demand", "composer-2.5", True, 0, 1, 2, 3, 6, None, "-"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cost", "usd", "word"),
    [
        ("0.19", Decimal("0.19"), None),
        ("$0.10", Decimal("0.1"), None),
        ("Included", None, "Included"),
        ("Free", None, "Free"),
        ("NaN", None, "NaN"),
        ("", None, None),
    ],
)
def test_cost_is_a_number_or_a_word(cursor: CursorBench, cost: str, usd: Decimal | None, word: str | None) -> None:
    drop(cursor, "team.csv", TEAM + LATE.format(cost=cost))
    assert not cursor.extract().problems
    assert cursor.rows("select cost_usd, cost_word from raw_cursor.exported_events") == [(usd, word)]


def test_exports_of_2025_have_fewer_columns(cursor: CursorBench) -> None:
    drop(
        cursor, "old.csv", OLDEST + '"2025-07-01T00:00:00.000Z","claude-4-opus","","12","0","5","17","$0.10","$0.00"\n'
    )
    assert not cursor.extract().problems
    assert cursor.rows(
        "select day, kind, email_key, cache_write_tokens, input_tokens, cost_usd, cost_to_you_usd"
        " from raw_cursor.exported_events"
    ) == [(date(2025, 7, 1), None, None, None, 12, Decimal("0.1"), Decimal(0))]


def test_an_export_read_again_is_loaded_once(cursor: CursorBench) -> None:
    drop(cursor, "team.csv", TEAM + FIRST)
    cursor.extract()
    drop(cursor, "team (1).csv", TEAM + FIRST)
    outcome = cursor.extract()
    assert outcome.reports == {"unchanged": 1}
    assert cursor.one("select count(*) from raw_cursor.exported_events") == 1


def test_a_newer_export_replaces_the_days_that_it_tells_more_of(cursor: CursorBench) -> None:
    drop(cursor, "june.csv", TEAM + FIRST)
    cursor.extract()
    drop(cursor, "later.csv", TEAM + FIRST + LATE.format(cost="0.20"))
    cursor.extract()
    assert cursor.statuses("usage-events-csv", date(2026, 6, 28)) == ["loaded", "loaded"]
    assert cursor.one("select count(*) from raw_cursor.exported_events") == 2
    # And both files, read together again and again, are one state.
    assert cursor.extract().reports == {"unchanged": 1}


def test_a_bad_export_is_kept_aside_and_the_others_are_loaded(cursor: CursorBench) -> None:
    drop(cursor, "bad.csv", TEAM + FIRST + LATE.format(cost="a lot"))
    drop(cursor, "good.csv", TEAM + FIRST.replace("06-28", "06-27"))
    outcome = cursor.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, RejectedFile)
    assert "bad.csv, line 3: field Cost: it is not a number of dollars, Included, Free, -, NaN or blank" in str(problem)
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert cursor.rows("select distinct day from raw_cursor.exported_events") == [(date(2026, 6, 27),)]
    (kept,) = (cursor.folder / ".extract" / "w" / "rejected").iterdir()
    assert kept.read_text() == TEAM + FIRST + LATE.format(cost="a lot")
    assert kept.stat().st_mode & 0o077 == 0


def test_columns_that_nobody_knows_are_kept_and_told(cursor: CursorBench) -> None:
    head, row = TEAM.rstrip("\n") + ",Team Name,Surcharge\n", FIRST.rstrip("\n") + ',"Ada\'s","9"\n'
    drop(cursor, "team.csv", head + row)
    outcome = cursor.extract()
    (warning,) = outcome.warnings
    assert "Surcharge" in warning
    extra = json.loads(cursor.one("select extra from raw_cursor.exported_events"))
    assert extra == {"Surcharge": "9", "Team Name": "withheld"}


def test_a_path_without_exports_is_told_and_what_the_api_gave_stays(cursor: CursorBench) -> None:
    outcome = cursor.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, ConfigurationError)
    assert "SOURCES__CURSOR__EXPORT_GLOB" in str(problem)
    assert [(check.subject, check.ok) for check in checks(load_settings())] == [("cursor exports", False)]


def test_the_doctor_reads_the_exports(cursor: CursorBench) -> None:
    drop(cursor, "team.csv", TEAM + FIRST)
    assert list(checks(load_settings())) == [Check("cursor exports", True, "1 files with 1 events")]
