"""Delivery, killed at any moment: the next run carries on, nothing is lost and nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.dlt_pipelines.delivery_bench import (
    TODAY,
    DeliveryBench,
    Repo,
    commit,
    delivery_bench,
    deployment,
    issue,
    pull,
    run,
)
from tests.dlt_pipelines.killing import run_until_killed

SINCE = date(2026, 6, 1)

EXTRACTION = """
from datetime import date
from dlt_pipelines import extraction
from dlt_pipelines.github_delivery import extraction as github_delivery

github_delivery.BATCH_LOADS = 3
extraction.extract(["github_delivery"], since={since})
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeliveryBench]:
    """Two repositories with something on every fourth day, and something long before."""
    with delivery_bench(tmp_path, monkeypatch) as found:
        found.github.repos = [Repo("keel-works/sextant", 1), Repo("keel-works/octant", 2)]
        for repo in found.github.repos:
            for day in range(2, 17, 4):
                at = f"2026-10-{day:02}T12:00:00Z"
                trailer = "\n\nMade-with: Cursor"
                repo.add(pull(day, at, commit_list=[commit(f"Change {day} of {repo.name}{trailer}")]))
                repo.issues[day + 1] = issue(day + 1, at)
                repo.runs.append(run(day, at))
                repo.deployments.append(deployment(day, at, "queued", "success"))
            repo.add(pull(90, "2026-06-15T12:00:00Z"))
            repo.runs.append(run(90, "2026-06-15T12:00:00Z"))
        found.set(repositories=None, organizations='["keel-works"]')
        yield found


def kill(step: str, number: int, *, afterwards: bool, since: date | None = None) -> None:
    """Runs an extraction in a process of its own until it kills itself."""
    shown = f"date.fromisoformat('{since}')" if since else None
    run_until_killed(EXTRACTION.format(since=shown), step, number, afterwards=afterwards)


TABLES = {
    "pull_requests": "number",
    "pull_request_commits": "sha",
    "commit_trailers": "trailer_value",
    "issues": "number",
    "deployments": "deployment_id",
    "deployment_statuses": "status_id",
    "workflow_runs": "run_id",
}


def picture(bench: DeliveryBench) -> dict[str, list[tuple[object, ...]]]:
    """Everything that counts, by table; what came twice is there twice."""
    return {
        table: bench.rows(f"select repository, {key} from raw.{table} order by all") for table, key in TABLES.items()
    }


def expected(bench: DeliveryBench, *, with_old: bool = False) -> dict[str, list[tuple[object, ...]]]:
    """The same by what the server has, without a look at the code under test."""
    found: dict[str, list[tuple[object, ...]]] = {table: [] for table in TABLES}
    for repo in bench.github.repos:
        for one in repo.pulls.values():
            if one["number"] < 90 or with_old:
                found["pull_requests"].append((repo.name, one["number"]))
                found["pull_request_commits"] += [(repo.name, part["sha"]) for part in one["commit_list"]]
            if one["number"] < 90:
                found["commit_trailers"].append((repo.name, "Cursor"))
        found["issues"] += [(repo.name, number) for number in repo.issues]
        found["workflow_runs"] += [(repo.name, one["id"]) for one in repo.runs if one["id"] < 90 or with_old]
        for one in repo.deployments:
            found["deployments"].append((repo.name, one["id"]))
            found["deployment_statuses"] += [(repo.name, status["id"]) for status in one["statuses"]]
    return {table: sorted(rows) for table, rows in found.items()}


@pytest.mark.parametrize(
    ("step", "number", "afterwards"),
    [
        pytest.param("load", 1, False, id="before-anything-is-loaded"),
        pytest.param("load", 1, True, id="between-load-and-manifest"),
        pytest.param("load", 4, True, id="between-load-and-manifest-of-a-later-batch"),
        pytest.param("commit", 3, True, id="after-a-commit"),
        pytest.param("remember_identifiers", 2, True, id="after-the-identifiers"),
    ],
)
def test_a_killed_run_is_carried_on_by_the_next(
    bench: DeliveryBench, step: str, number: int, *, afterwards: bool
) -> None:
    kill(step, number, afterwards=afterwards)
    bench.extract()
    assert picture(bench) == expected(bench)
    orphans = bench.one(
        "select count(*) from all.pull_requests where report_load_key not in"
        " (select report_load_key from all.report_loads)"
    )
    assert orphans == 0


def test_what_a_killed_run_committed_is_not_asked_for_again(bench: DeliveryBench) -> None:
    # The first batch holds issues of three days, the second those of one and pull requests of two.
    kill("commit", 2, afterwards=True)
    assert bench.rows("select number from raw.pull_requests order by 1") == [(2,), (6,)]
    bench.extract()
    asked = bench.github.paths(r"^/repos/keel-works/sextant/pulls/\d+$")
    assert {int(path.rsplit("/", 1)[1]) for path in asked} == {10, 14}


@pytest.mark.parametrize("number", [1, 2])
def test_a_killed_back_fill_is_carried_on_without_since(bench: DeliveryBench, number: int) -> None:
    bench.extract()
    kill("commit", number, afterwards=True, since=SINCE)
    bench.extract()
    assert picture(bench) == expected(bench, with_old=True)
    bench.extract()
    assert len(bench.github.asked) == 3, "the back-fill has come to its end"
    assert bench.rows("select distinct report_date from all.report_loads where report = 'backfill'") == [(SINCE,)]
    assert TODAY > SINCE
