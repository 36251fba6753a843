"""What vendors corrected between the demo's two runs is told; what they did not was not loaded again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from demo import anthropic_directory as ad
from demo import openai_accounts as oa
from demo.constants import AS_OF, DAYS, FIRST_AS_OF, RESTATED_DAY
from demo.cursor_constants import CYCLE_START, REMOVED_FIRST_DAY
from demo.cursor_events import Event
from demo.cursor_use import cursor_use
from tests.end_to_end.conftest import Demo
from tests.end_to_end.truths import Expected
from tests.end_to_end.workbench import Ask

pytestmark = pytest.mark.xdist_group("demo")

RESTATED = """
    select account_id, report, report_date, rows_before, rows_after, version from governance.fct_restatements
    where source = '{source}' and report in {reports}
"""


def events_of(expected: Expected, as_of: date) -> dict[date, list[Event]]:
    days: dict[date, list[Event]] = {}
    for event in cursor_use(expected.company).full_day_events(as_of):
        days.setdefault(event.day, []).append(event)
    return days


def test_every_day_of_the_open_cursor_cycle_that_moved_is_told(ask: Ask, expected: Expected) -> None:
    before, after = events_of(expected, FIRST_AS_OF), events_of(expected, AS_OF)
    moved = {day for day in before if before[day] != after[day]}
    # The removed user's days before the cycle have lost her address.
    assert min(moved) == REMOVED_FIRST_DAY
    assert {day for day in before if day > CYCLE_START.date()} <= moved
    found = ask(RESTATED.format(source="cursor", reports="('usage-events', '')"))
    assert {row[2:] for row in found} == {(day, len(before[day]), len(after[day]), 2) for day in moved}
    assert len(found) == len(moved)


@pytest.mark.parametrize(
    ("source", "account", "reports"),
    [
        ("anthropic", ad.CONSOLE, ("analytics-usage", "analytics-cost", "claude-code")),
        ("anthropic", ad.ENTERPRISE, ("analytics-usage", "analytics-cost", "users-activity")),
        ("openai", oa.ORGANIZATION_ACCOUNT, ("usage-completions", "usage-embeddings", "costs")),
        ("openai", oa.WORKSPACE_ACCOUNT, ("codex-usage", "")),
    ],
)
def test_a_restated_day_is_told_once_for_each_report(
    ask: Ask, source: str, account: str, reports: tuple[str, ...]
) -> None:
    """And no other day of them moved."""
    found = [row for row in ask(RESTATED.format(source=source, reports=reports)) if row[0] == account]
    assert {(row[1], row[2], row[5]) for row in found} == {(report, RESTATED_DAY, 2) for report in reports if report}
    assert len(found) == len([report for report in reports if report])


def test_a_row_that_a_restatement_took_away_is_fewer_rows(ask: Ask) -> None:
    found = ask(f"""
        select rows_before > rows_after, rows_change < 0 from governance.fct_restatements
        where source = 'anthropic' and report = 'analytics-cost' and account_id = '{ad.CONSOLE}'
    """)
    assert found == [(True, True)]


def test_a_closed_day_that_was_read_twice_was_loaded_once(ask: Ask) -> None:
    """The second run asked for the days that are not final yet; what said the same has left nothing behind."""
    closed = RESTATED_DAY - timedelta(days=1)
    for source, report in (("anthropic", "analytics-cost"), ("openai", "usage-completions"), ("openai", "codex-usage")):
        statuses = ask(f"""
            select status, count(*) from raw_{source}.report_loads
            where report = '{report}' and report_date = '{closed}' group by 1
        """)
        accounts = 2 if source == "anthropic" else 1
        assert dict(statuses) == {"loaded": accounts, "unchanged": accounts}


def test_days_before_the_open_cycle_were_not_asked_again(ask: Ask) -> None:
    """A closed cycle is final: 35 days after a day nothing is asked about it."""
    asked = ask("""
        select report_date, count(*) from raw_cursor.report_loads
        where report = 'usage-events' and status <> 'backfill_requested' group by 1 having count(*) > 1
    """)
    assert min(day for day, _ in asked) == FIRST_AS_OF - timedelta(days=34)


def test_rows_of_a_report_that_was_replaced_are_gone(ask: Ask, demo: Demo) -> None:
    """A restated day holds the rows of its last reading, in the raw tables too."""
    with demo.first.query() as before:
        first = dict(before("select day, count(*) from raw_cursor.usage_events group by 1"))
    now: dict[date, int] = dict(ask("select day, count(*) from raw_cursor.usage_events group by 1"))
    current: dict[date, int] = dict(ask("select usage_date, count(*) from staging.stg_cursor__usage_events group by 1"))
    assert now == current
    assert {day: number for day, number in first.items() if day < REMOVED_FIRST_DAY} == {
        day: number for day, number in now.items() if day < REMOVED_FIRST_DAY
    }
    assert set(now) == set(DAYS)


def test_an_old_day_is_final_and_a_young_one_is_not(ask: Ask) -> None:
    """As late as each vendor may still correct it, by when the day was last read."""
    final_after = {"anthropic": 30, "cursor": 35, "openai": 4}
    found = ask("""
        select vendor, usage_date, bool_and(is_final), bool_or(is_final) from core.fct_credits_daily group by all
    """)
    for vendor, day, all_final, any_final in found:
        if vendor in final_after:
            final = (AS_OF - day).days >= final_after[vendor]
            assert (all_final, any_final) == (final, final), (vendor, day)


@pytest.mark.parametrize("vendor", ["anthropic", "cursor", "openai"])
def test_every_day_is_complete_through_yesterday(ask: Ask, vendor: str) -> None:
    """Not one report of a vendor misses a day in the demo; Claude's seats come two days late."""
    through = ask(f"""
        select max(data_complete_through), min(data_complete_through) from core.fct_credits_daily
        where vendor = '{vendor}'
    """)
    yesterday = AS_OF - timedelta(days=1)
    assert through == [(yesterday, yesterday)]
    stale = ask(f"""
        select report from governance.fct_source_recency
        where source = '{vendor}' and (days_missing > 0 or days_rejected > 0 or is_stale)
    """)
    # Not even the service accounts, which Anthropic tells to another kind of credential only: nothing is due of them.
    assert stale == []
