"""Incremental builds: what was built step by step is what a rebuild gives, and history moves as the roster says."""

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
from demo.github_server import DemoServer
from tests.end_to_end.conftest import Demo
from tests.end_to_end.workbench import (
    MARTS,
    NO_TESTS,
    TOKEN,
    Row,
    Workbench,
    all_marts,
    demo_settings,
    differences,
    pseudonymizer,
)

pytestmark = pytest.mark.xdist_group("incremental")

Marts = dict[str, tuple[list[str], Counter[Row]]]

TRANSFERRED_ON = date(2026, 8, 3)


@dataclass
class History:
    """The marts after every step."""

    warehouse: Workbench
    first: Marts = field(default_factory=dict)
    second: Marts = field(default_factory=dict)
    second_again: Marts = field(default_factory=dict)
    second_rebuilt: Marts = field(default_factory=dict)
    transferred: Marts = field(default_factory=dict)
    transferred_rebuilt: Marts = field(default_factory=dict)


@pytest.fixture(scope="module")
def history(demo: Demo, company: Company, tmp_path_factory: pytest.TempPathFactory) -> History:
    """One warehouse through two extractions, a repeated build and a change of the roster."""
    bench = demo.first.copy(tmp_path_factory.mktemp("incremental"))
    steps = History(bench)

    def build(as_of: date, *options: str) -> Marts:
        bench.build(as_of, *NO_TESTS, *options)
        return all_marts(bench)

    steps.first = build(FIRST_AS_OF)
    with DemoServer(company, as_of=AS_OF, token=TOKEN) as server:
        variables = demo_settings(server.url, bench)
        outcome = bench.extract(variables, AS_OF)
        assert not outcome.problems
        steps.second = build(AS_OF)
        steps.second_again = build(AS_OF)
        steps.second_rebuilt = build(AS_OF, "--full-refresh")
        transfer(bench.folder / "roster" / "people.csv", company.user(c.TWO_ORGS_LOGIN).person_id)
        assert not bench.extract(variables, AS_OF, None, "roster").problems
    steps.transferred = build(AS_OF)
    steps.transferred_rebuilt = build(AS_OF, "--full-refresh")
    return steps


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


def credits_by_day(marts: Marts, day: date) -> Counter[Row]:
    columns, rows = marts["core.fct_credits_daily"]
    wanted = [columns.index(name) for name in ("usage_date", "principal_key", "credits")]
    picked = (tuple(row[index] for index in wanted) for row in rows.elements())
    return Counter(row for row in picked if row[0] == day)


def test_a_build_covers_only_what_was_extracted_by_then(history: History, company: Company) -> None:
    """The steps differ, so that comparing them says something."""
    key = pseudonymizer().key
    for marts, as_of in ((history.first, FIRST_AS_OF), (history.second, AS_OF)):
        expected = Counter(
            (RESTATED_DAY, key("github_user", row.user_id), row.known_credits)
            for row in company.user_days(RESTATED_DAY, as_of)
        )
        assert credits_by_day(marts, RESTATED_DAY) == expected
    assert not credits_by_day(history.first, c.LAST_DAY)
    assert credits_by_day(history.second, c.LAST_DAY)


@pytest.mark.parametrize("name", MARTS)
def test_an_incremental_build_equals_a_full_refresh(history: History, name: str) -> None:
    assert_equal(history.second_rebuilt, history.second, name)


@pytest.mark.parametrize("name", MARTS)
def test_a_build_with_nothing_new_changes_nothing(history: History, name: str) -> None:
    assert_equal(history.second, history.second_again, name)


@pytest.mark.parametrize("name", MARTS)
def test_a_roster_change_moves_history_as_a_full_refresh_does(history: History, name: str) -> None:
    assert_equal(history.transferred_rebuilt, history.transferred, name)


def test_a_roster_change_in_the_past_moves_that_persons_history_only(history: History, company: Company) -> None:
    moved = pseudonymizer().key("github_user", company.user(c.TWO_ORGS_LOGIN).user_id)
    columns, before = history.second["core.fct_credits_daily"]
    _, after = history.transferred["core.fct_credits_daily"]
    day, principal, team, center = (
        columns.index(name) for name in ("usage_date", "principal_key", "team_key", "cost_center_key")
    )

    def as_transferred(row: Row) -> Row:
        if row[principal] != moved or row[day] < TRANSFERRED_ON:
            return row
        changed = list(row)
        changed[team], changed[center] = "pricing-science", "CC-230"
        return tuple(changed)

    expected = Counter(as_transferred(row) for row in before.elements())
    assert expected != before
    assert not differences(expected, after)
