"""Killed at any moment, the next run carries on: no day lost, none doubled. And two runs never write at once."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from filelock import FileLock

from demo.constants import APPS, AS_OF
from dlt_pipelines.errors import WarehouseBusy
from tests.dlt_pipelines.conftest import Bench

PROJECT = Path(__file__).resolve().parents[2]
SINCE = AS_OF - timedelta(days=12)

# Each takes the place of a step and ends the process as `kill -9` does, at its n-th call.
KILLED_EXTRACTION = """
import os, signal
from datetime import date
from dlt_pipelines import extraction
from dlt_pipelines.github_copilot import extraction as github_copilot
from dlt_pipelines.pipelines import Warehouse

calls = 0

def killing(step, number, *, afterwards):
    def run(*arguments, **named):
        global calls
        calls += 1
        if calls == number and not afterwards:
            os.kill(os.getpid(), signal.SIGKILL)
        result = step(*arguments, **named)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return run

github_copilot.BATCH_REPORTS = 12
Warehouse.{step} = killing(Warehouse.{step}, {number}, afterwards={afterwards})
extraction.extract(["github_copilot"], since=date.fromisoformat("{since}"))
"""


def kill(bench: Bench, step: str, number: int, *, afterwards: bool) -> None:
    """Runs an extraction in a process of its own until it kills itself."""
    script = KILLED_EXTRACTION.format(step=step, number=number, afterwards=afterwards, since=SINCE)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=PROJECT, env=os.environ, capture_output=True, check=False
    )
    assert done.returncode == -9, done.stderr.decode()


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
    kill(bench, step, number, afterwards=afterwards)
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
    kill(bench, "load", 2, afterwards=True)
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
    kill(bench, "commit", 1, afterwards=False)
    bench.extract()
    assert picture(bench)


def test_downloads_do_not_stay_behind(bench: Bench) -> None:
    bench.serve()
    kill(bench, "load", 2, afterwards=False)
    assert list((bench.state / "spool").iterdir())
    bench.extract()
    assert list((bench.state / "spool").iterdir()) == []
