"""Incremental builds: step by step as from nothing; history moves as vendors restate and as the roster says."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from demo import constants as c
from demo.company import Company
from demo.constants import AS_OF, FIRST_AS_OF, RESTATED_DAY
from demo.run import TRACES
from demo.traces_files import is_planted, write_traces
from dlt_pipelines.outcome import Outcome
from tests.end_to_end.conftest import Demo
from tests.end_to_end.truths import TRUTHS, VENDORS, Expected, Mart, picked
from tests.end_to_end.workbench import (
    DEMO,
    MARTS,
    NO_TESTS,
    Ask,
    Row,
    Workbench,
    all_marts,
    demo_settings,
    differences,
    pseudonymizer,
    serving,
)

pytestmark = pytest.mark.xdist_group("incremental")

Marts = dict[str, Mart]

TRANSFERRED_ON = date(2026, 8, 3)


@dataclass
class History:
    """The marts and what is in force of the raw tables, after every step."""

    warehouse: Workbench
    first: Marts = field(default_factory=dict)
    second: Marts = field(default_factory=dict)
    second_raw: dict[str, set[Row]] = field(default_factory=dict)
    again: Outcome = field(default_factory=Outcome)
    again_raw: dict[str, set[Row]] = field(default_factory=dict)
    transferred: Marts = field(default_factory=dict)
    transferred_rebuilt: Marts = field(default_factory=dict)


@pytest.fixture(scope="module")
def history(demo: Demo, company: Company, tmp_path_factory: pytest.TempPathFactory) -> History:
    """One warehouse through three extractions and a change of the roster."""
    bench = demo.first.copy(tmp_path_factory.mktemp("incremental"))
    steps = History(bench)

    def build(as_of: date, *options: str) -> Marts:
        bench.build(as_of, *NO_TESTS, *DEMO, *options)
        bench.look_for_change_points(as_of)
        return all_marts(bench)

    steps.first = build(FIRST_AS_OF)
    with serving(company, AS_OF) as vendors:
        variables = demo_settings(vendors, bench)
        write_traces(company, bench.folder / "roster" / TRACES, AS_OF)
        assert all(is_planted(problem.problem) for problem in bench.extract(variables, AS_OF).problems)
        steps.second, steps.second_raw = build(AS_OF), in_force(bench)
        steps.again = bench.extract(variables, AS_OF)
        steps.again_raw = in_force(bench)
        transfer(bench.folder / "roster" / "people.csv", company.user(c.TWO_ORGS_LOGIN).person_id)
        assert not bench.extract(variables, AS_OF, None, "roster").problems
    steps.transferred = build(AS_OF)
    steps.transferred_rebuilt = build(AS_OF, "--full-refresh")
    return steps


def in_force(bench: Workbench) -> dict[str, set[Row]]:
    """By raw table, the reports that count and their rows; Copilot's lists, which are read anew each time, left out."""
    with bench.query() as ask:
        tables = ask("""
            select table_schema, table_name from information_schema.columns
            where table_schema like 'raw_%' and column_name = 'report_load_key' and table_name <> 'report_loads'
        """)
        return {
            f"{schema}.{table}": set(
                ask(f"""
                select rows.report_load_key, count(*) from {schema}.{table} as rows
                inner join {schema}.report_loads as loads on rows.report_load_key = loads.report_load_key
                where loads.source <> 'github_copilot' or loads.report like '%-1-day' group by 1
                """)
            )
            for schema, table in tables
        }


def transfer(roster: Path, person_id: str | None) -> None:
    """Writes into the roster that the person, who never changed team, did so in the past."""
    with roster.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (one,) = [row for row in rows if row["person_id"] == person_id]
    rows.remove(one)
    rows.append({**one, "valid_to": "2026-08-02"})
    rows.append({**one, "team": "Pricing Science", "cost_center": "CC-230", "valid_from": TRANSFERRED_ON.isoformat()})
    with roster.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(one), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def assert_equal(expected: Marts, found: Marts, name: str) -> None:
    assert expected[name][0] == found[name][0]
    assert not differences(expected[name][1], found[name][1])


def copilot_credits(marts: Marts, day: date) -> Counter[Row]:
    rows = picked(marts["core.fct_credits_daily"], ("usage_date", "principal_key", "credits"), "github_copilot")
    return Counter(row for row in rows if row[0] == day)


def test_a_build_covers_only_what_was_extracted_by_then(history: History, company: Company) -> None:
    """The steps differ, so that comparing them says something."""
    key = pseudonymizer().key
    for marts, as_of in ((history.first, FIRST_AS_OF), (history.second, AS_OF)):
        expected = Counter(
            (RESTATED_DAY, key("github_user", row.user_id), row.known_credits)
            for row in company.user_days(RESTATED_DAY, as_of)
        )
        assert copilot_credits(marts, RESTATED_DAY) == expected
    assert not copilot_credits(history.first, c.LAST_DAY)
    assert copilot_credits(history.second, c.LAST_DAY)


@pytest.mark.parametrize("vendor", TRUTHS)
def test_before_the_restatement_the_marts_are_what_the_vendor_said_then(
    history: History, expected: Expected, vendor: str
) -> None:
    """Cursor's open cycle, Claude's and OpenAI's day: first as first told, then as corrected, in every fact."""
    expected.assert_facts(history.first, vendor, FIRST_AS_OF)
    expected.assert_facts(history.second, vendor, AS_OF)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_restatement_moves_a_day_that_was_there_before(history: History, vendor: str) -> None:
    def of_the_day(marts: Marts) -> Row:
        rows = picked(marts["core.fct_credits_daily"], ("usage_date", "credits"), vendor)
        found = [amount for day, amount in rows if day == RESTATED_DAY]
        return len(found), sum(amount for amount in found if amount is not None)

    before, after = of_the_day(history.first), of_the_day(history.second)
    assert before[0] > 0
    assert before != after


@pytest.mark.parametrize("name", MARTS)
def test_an_incremental_build_equals_a_build_from_nothing(history: History, from_nothing: Marts, name: str) -> None:
    assert_equal(from_nothing, history.second, name)


@pytest.fixture(scope="module")
def from_nothing(demo: Demo) -> Marts:
    """The marts of the demo's one build, after both extractions."""
    return all_marts(demo.built)


def test_a_third_run_on_the_same_day_loads_nothing(history: History, demo: Demo) -> None:
    """No report of a day and no list is loaded again, but for Copilot's lists; so no mart can have moved."""
    assert history.again.problems == []
    with history.warehouse.query() as ask, demo.built.query() as before:
        sources = ("roster", "model_prices", *VENDORS)
        again = {f"{source}/{report}" for source in sources for report in loads(ask, source) - loads(before, source)}
    # The roster was loaded once more, after it was changed.
    assert {name for name in again if not name.startswith("github_copilot/")} == {"roster/people"}
    assert {name for name in again if name.endswith("-day")} == set()
    assert history.again.reports["unchanged"] > 100
    assert history.again_raw == history.second_raw
    assert sum(len(reports) for reports in history.again_raw.values()) > 1_000


def loads(ask: Ask, source: str) -> Counter[str]:
    """How often each report was loaded."""
    rows = ask(f"select report, count(*) from raw_{source}.report_loads where status = 'loaded' group by 1")
    return Counter(dict(rows))


@pytest.mark.parametrize("name", MARTS)
def test_a_roster_change_moves_history_as_a_full_refresh_does(history: History, name: str) -> None:
    assert_equal(history.transferred_rebuilt, history.transferred, name)


def test_a_roster_change_in_the_past_moves_that_persons_history_only(history: History, company: Company) -> None:
    """Of her login, her Cursor seat and her cloud agents alike, and of nobody else."""
    moved = pseudonymizer().key("person", company.user(c.TWO_ORGS_LOGIN).person_id)
    columns, before = history.second["core.fct_credits_daily"]
    _, after = history.transferred["core.fct_credits_daily"]
    day, person, team, center = (
        columns.index(name) for name in ("usage_date", "person_key", "team_key", "cost_center_key")
    )

    def as_transferred(row: Row) -> Row:
        if row[person] != moved or row[day] < TRANSFERRED_ON:
            return row
        changed = list(row)
        changed[team], changed[center] = "pricing-science", "CC-230"
        return tuple(changed)

    expected = Counter(as_transferred(row) for row in before.elements())
    assert expected != before
    assert not differences(expected, after)
