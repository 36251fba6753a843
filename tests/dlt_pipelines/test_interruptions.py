"""Killed at any moment, the next run carries on: no day lost, none doubled. And two runs never write at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from filelock import FileLock

from demo.constants import APPS, AS_OF
from dlt_pipelines.errors import WarehouseBusy
from tests.dlt_pipelines.conftest import Bench
from tests.dlt_pipelines.killing import run_until_killed

SINCE = AS_OF - timedelta(days=12)

EXTRACTION = f"""
from datetime import date
from dlt_pipelines import extraction
from dlt_pipelines.github_copilot import extraction as github_copilot

github_copilot.BATCH_REPORTS = 12
extraction.extract(["github_copilot"], since=date.fromisoformat("{SINCE}"))
"""


def picture(bench: Bench) -> list[tuple[object, ...]]:
    """Every day that counts, with its rows and credits, and the features under it."""
    return bench.rows(
        f"""
        select u.day, count(*), sum(u.ai_credits_used), (
            select sum(f.loc_added_sum) from {bench.current("user_day_features")} as f where f.day = u.day
        )
        from {bench.current("user_days")} as u
        where u.report_load_key in
            (select report_load_key from raw_github_copilot.report_loads where report = 'users-1-day')
        group by u.day order by u.day
        """
    )


@pytest.mark.parametrize(
    ("step", "number", "afterwards"),
    [
        pytest.param("load", 2, False, id="before-the-first-reports-are-loaded"),
        pytest.param("load", 2, True, id="between-load-and-manifest"),
        pytest.param("load", 6, True, id="between-load-and-manifest-of-a-later-batch"),
        pytest.param("commit", 2, True, id="after-a-commit"),
        pytest.param("remember_identifiers", 1, True, id="after-the-identifiers"),
    ],
)
def test_a_killed_run_is_carried_on_by_the_next(bench: Bench, step: str, number: int, afterwards: bool) -> None:
    bench.serve()
    run_until_killed(EXTRACTION, step, number, afterwards=afterwards)
    # Without --since: how far back the killed run was to go stands in the manifest.
    bench.extract()
    carried_on = picture(bench)
    days = [SINCE + timedelta(days=back) for back in range(11)]
    expected = []
    for day in days:
        rows = bench.company.account_user_days(APPS, day, AS_OF)
        expected.append((day, len(rows), sum((r.credits for r in rows if isinstance(r.credits, Decimal)), Decimal(0))))
    assert [row[:3] for row in carried_on] == expected
    bench.warehouse.unlink()
    bench.extract(SINCE)
    assert picture(bench) == carried_on


def test_rows_of_a_killed_run_are_removed(bench: Bench) -> None:
    bench.serve()
    run_until_killed(EXTRACTION, "load", 2, afterwards=True)
    assert bench.one("select count(*) from raw_github_copilot.user_days") > 0
    assert picture(bench) == []
    bench.extract()
    orphans = bench.one(
        "select count(*) from raw_github_copilot.user_days where report_load_key not in"
        " (select report_load_key from raw_github_copilot.report_loads)"
    )
    assert orphans == 0


def test_a_second_run_says_so_and_leaves(bench: Bench) -> None:
    bench.serve()
    bench.state.mkdir(parents=True)
    with (
        FileLock(bench.state / "run.lock"),
        pytest.raises(WarehouseBusy, match=r"another extraction is writing .* nothing was changed"),
    ):
        bench.extract()
    assert not bench.warehouse.exists()
    assert bench.server is not None
    assert bench.server.requests == []


def test_the_lock_of_a_killed_run_does_not_bar_the_next(bench: Bench) -> None:
    bench.serve()
    run_until_killed(EXTRACTION, "commit", 1, afterwards=False)
    bench.extract()
    assert picture(bench)


def test_downloads_do_not_stay_behind(bench: Bench) -> None:
    bench.serve()
    run_until_killed(EXTRACTION, "load", 2, afterwards=False)
    assert list((bench.state / "spool").iterdir())
    bench.extract()
    assert list((bench.state / "spool").iterdir()) == []
