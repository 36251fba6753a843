"""Change points: known answers of the detection, and that what is found is written down once."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from dlt_pipelines.change_points import detection
from dlt_pipelines.change_points.detection import reason_against, shifts
from dlt_pipelines.change_points.finding import find_change_points
from dlt_pipelines.cli import main
from dlt_pipelines.errors import AgentSpendError

FIRST_DAY = date(2026, 8, 24)


def noisy(seed: int, *levels: tuple[int, float], noise: float) -> list[float]:
    """Days at levels, with noise of a normal distribution."""
    rng = random.Random(seed)
    return [level + rng.gauss(0, noise) for days, level in levels for _ in range(days)]


def places(values: Sequence[float]) -> list[int]:
    return [shift.index for shift in shifts(values)]


@pytest.mark.parametrize("factor", [1e-6, 1, 1e6])
def test_a_step_is_found_on_its_day_whatever_the_unit(factor: float) -> None:
    values = [factor * value for value in noisy(1, (20, 10), (15, 15), noise=0.5)]
    (shift,) = shifts(values)
    assert (shift.start, shift.index, shift.end) == (0, 20, 35)
    # No random order of 999 parts the days as clearly.
    assert shift.p_value == 0.001


def test_two_steps_are_two_change_points() -> None:
    assert places([5.0] * 10 + [9.0] * 12 + [4.0] * 11) == [10, 22]


def test_a_share_may_step_from_nothing_to_everything() -> None:
    assert places([0.0] * 14 + [1.0] * 14) == [14]


def test_a_step_of_less_than_a_tenth_is_ignored() -> None:
    assert places([100.0] * 14 + [109.0] * 14) == []
    assert places([100.0] * 14 + [110.0] * 14) == [14]
    assert places([100.0] * 14 + [90.0] * 14) == [14]


def test_a_ramp_is_told_as_steps_in_one_direction() -> None:
    values = [10 + 0.5 * day for day in range(40)]
    found = shifts(values)
    means = [sum(values[shift.start : shift.index]) / (shift.index - shift.start) for shift in found]
    assert len(found) >= 2
    assert means == sorted(means)


def test_noise_alone_has_no_change_point_but_by_chance() -> None:
    """Of sixty series of noise hardly one: a level that is taken for another at p <= 0.01."""
    mistaken = [seed for seed in range(60) if places(noisy(seed, (40, 10), noise=2))]
    assert len(mistaken) <= 3


def test_weekends_are_no_change_of_level() -> None:
    assert places([3.0 if day % 7 > 4 else 10.0 for day in range(56)]) == []


def test_one_wild_day_is_no_change_of_level() -> None:
    values = noisy(3, (40, 10), noise=0.5)
    values[20] = 200
    assert places(values) == []


@pytest.mark.parametrize(
    ("values", "reason"),
    [([1.0] * 6 + [9.0] * 7, "too_short"), ([1.0] * 7 + [9.0] * 7, None), ([4.0] * 30, "constant"), ([], "too_short")],
)
def test_a_series_that_cannot_be_looked_at_has_a_reason(values: list[float], reason: str | None) -> None:
    assert reason_against(values) == reason
    assert places(values) == ([7] if reason is None else [])


def test_the_same_series_gives_the_same_answer() -> None:
    values = noisy(7, (30, 10), (30, 12), noise=2)
    assert shifts(values) == shifts(list(values))
    assert shifts(values)


Row = tuple[str, str, str, date, Decimal]


def daily(workflow: str, series: str, unit: str, values: Iterable[str]) -> list[Row]:
    """A series of days from the first on."""
    return [
        (workflow, series, unit, FIRST_DAY + timedelta(days=number), Decimal(value))
        for number, value in enumerate(values)
    ]


STEP = daily("bot", "cost_per_call", "usd", ["0.1"] * 10 + ["0.25"] * 8 + ["0.35"])
SHORT = daily("bot", "cost_per_task", "usd", ["1", "2", "3"])
FLAT = daily("bot", "tokens_per_call", "tokens", ["7000"] * 20)


class Built:
    """A warehouse as dbt would have built it, with no more in it than the series."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def build(self, rows: Sequence[Row]) -> None:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("create schema if not exists intermediate")
            connection.execute("""
                create or replace table intermediate.int_tasks__series_daily (
                    workflow_id text, series text, unit text, usage_date date, series_value decimal(38, 9)
                )
            """)
            if rows:
                connection.executemany(
                    "insert into intermediate.int_tasks__series_daily values (?, ?, ?, ?, ?)", list(rows)
                )

    def rows(self, query: str) -> list[Any]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    path = tmp_path / "warehouse.duckdb"
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(path))
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-10-20")
    monkeypatch.chdir(tmp_path)
    return Built(path)


POINTS = """
    select workflow_id, series, changed_on, unit, mean_before, mean_after, days_before, days_after, p_value,
        library, library_version
    from raw_change_points.change_points
"""
CHECKED = """
    select series, first_day, last_day, days, change_points, status, reason
    from raw_change_points.series_checked order by series
"""


def test_what_is_found_is_written_with_its_means(built: Built) -> None:
    built.build([*SHORT, *FLAT, *reversed(STEP)])
    assert find_change_points().status == "loaded"
    # (8 * 0.25 + 0.35) / 9 = 2.35 / 9
    means = (Decimal("0.1"), Decimal("0.261111111"))
    assert built.rows(POINTS) == [
        ("bot", "cost_per_call", date(2026, 9, 3), "usd", *means, 10, 9, Decimal("0.001"), "ruptures", "1.1.10")
    ]
    assert built.rows(CHECKED) == [
        ("cost_per_call", FIRST_DAY, date(2026, 9, 11), 19, 1, "checked", None),
        ("cost_per_task", FIRST_DAY, date(2026, 8, 26), 3, 0, "not_checked", "too_short"),
        ("tokens_per_call", FIRST_DAY, date(2026, 9, 12), 20, 0, "not_checked", "constant"),
    ]


def test_each_series_is_looked_at_once(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    built.build([*STEP, *FLAT])
    looked_at: list[int] = []
    real = detection.shifts

    def counting(values: Sequence[float]) -> list[detection.Shift]:
        looked_at.append(len(values))
        return real(values)

    monkeypatch.setattr(detection, "shifts", counting)
    find_change_points()
    assert looked_at == [19, 20]


def test_a_second_run_of_the_same_series_writes_no_row(built: Built) -> None:
    built.build([*STEP, *SHORT])
    find_change_points()
    before = built.rows(POINTS), built.rows("select * from raw_change_points.series_checked order by series")
    assert find_change_points().status == "unchanged"
    after = built.rows(POINTS), built.rows("select * from raw_change_points.series_checked order by series")
    assert after == before
    statuses = built.rows("select status from raw_change_points.report_loads order by loaded_at")
    assert statuses == [("loaded",), ("unchanged",)]


def test_other_series_take_the_place_of_the_rows_before(built: Built) -> None:
    built.build([*STEP, *SHORT])
    find_change_points()
    built.build(SHORT)
    assert find_change_points().status == "loaded"
    assert built.rows(POINTS) == []
    assert [row[0] for row in built.rows(CHECKED)] == ["cost_per_task"]


def test_no_series_at_all_is_an_answer(built: Built) -> None:
    built.build([])
    assert find_change_points().points == ()
    assert built.rows("select status from raw_change_points.report_loads") == [("loaded",)]


def test_a_warehouse_that_is_not_built_says_what_to_do(built: Built) -> None:
    with pytest.raises(AgentSpendError, match=r"there is no warehouse .* Run dbt build first"):
        find_change_points()
    duckdb.connect(str(built.path)).close()
    with pytest.raises(AgentSpendError, match=r"the daily series are not built\. Run dbt build first"):
        find_change_points()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["change-points", *arguments])


def test_the_command_tells_what_was_found_and_what_comes_next(built: Built) -> None:
    built.build([*STEP, *SHORT])
    first, second = run(), run()
    assert first.output.splitlines() == [
        "2026-09-03  bot, cost_per_call: 0.100000000 to 0.261111111 usd",
        "change points: 1, in 1 series; 1 series too short or constant. Next: dbt build",
    ]
    assert second.output.splitlines()[-1].endswith("Nothing has changed since the last run.")


def test_the_command_fails_in_one_line_where_nothing_is_built(built: Built) -> None:
    result = run()
    assert result.exit_code == 1
    assert result.stderr.startswith("error  there is no warehouse")
