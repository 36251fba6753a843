"""A month of a large organization: one transaction, little memory, and nothing lost when a run is killed half-way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.billing_export import FIRST_DAY, write_export
from dlt_pipelines.windows import current_time
from tests.dlt_pipelines.billing_enterprise import HEADER_21, TOKEN, BillingBench, billing_bench, export
from tests.dlt_pipelines.killing import run_script, run_until_killed

LARGE, SMALL, USERS, DAYS = 500_000, 31_000, 3_000, 31

EXTRACTION = """
from datetime import date
from dlt_pipelines.extraction import extract

outcome = extract(["github_billing"], since={since})
assert not outcome.problems, outcome.problems
"""
# Not ru_maxrss, which keeps what the process that started this one was in need of.
PEAK = """
import resource
from pathlib import Path

status = Path("/proc/self/status")
told = status.read_text().split() if status.exists() else []
print(told[told.index("VmHWM:") + 1] if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
EXPORTS = EXTRACTION.format(since=None)
ORDERS = EXTRACTION.format(since="date(2026, 8, 30)")
# Killed at the load that follows the delivery of an ordered report.
KILLED_ORDER = """
from dlt_pipelines.github_billing import extraction
from dlt_pipelines.pipelines import Warehouse
from tests.dlt_pipelines.killing import kill_at

delivered = extraction.ordered_days

def arm(*arguments):
    days = delivered(*arguments)
    kill_at(Warehouse, "load", afterwards=True)
    return days

extraction.ordered_days = arm
"""


@pytest.fixture
def billing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingBench]:
    with billing_bench(tmp_path, monkeypatch) as bench:
        bench.only_files()
        bench.today(date(2026, 9, 2))
        bench.set(export_glob=str(tmp_path / "exports" / "*.csv"))
        yield bench


def run(script: str = EXPORTS) -> bytes:
    """What an extraction that comes to its end writes out."""
    done = run_script(script)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def expected(rows: int) -> list[tuple[date, int, Decimal]]:
    """Rows and net amount of each day, from how the export is written."""
    found: dict[date, tuple[int, Decimal]] = {}
    for n in range(rows):
        day = FIRST_DAY + timedelta(days=n * DAYS // rows)
        count, net = found.get(day, (0, Decimal(0)))
        found[day] = count + 1, net + Decimal(n % 9973) / 20000
    return [(day, *values) for day, values in sorted(found.items())]


def picture(billing: BillingBench) -> list[tuple[date, int, Decimal]]:
    """What counts: rows that the manifest names."""
    return [
        (day, count, net)
        for day, count, net in billing.rows(
            "select day, count(*), sum(net_amount) from raw.export_rows where report_load_key in"
            " (select report_load_key from raw.report_loads where status = 'loaded') group by day order by day"
        )
    ]


def test_a_month_of_3000_people_loads_in_one_transaction_and_little_memory(billing: BillingBench) -> None:
    write_export(billing.folder / "exports" / "august.csv", LARGE, USERS, DAYS)
    peak = int(run(EXPORTS + PEAK).split()[-1]) / 1e6
    assert peak < 1, f"{peak:.2f} GB"
    assert picture(billing) == expected(LARGE)
    assert billing.rows("select count(distinct loaded_at), count(*), max(users) from raw.report_loads") == [
        (1, DAYS, USERS)
    ]
    assert billing.one("select count(distinct _dlt_load_id) from raw.export_rows") == 1


@pytest.mark.parametrize(
    ("step", "number"),
    [
        pytest.param("load", 1, id="between-rows-and-manifest"),
        pytest.param("remember_identifiers", 1, id="after-the-identifiers"),
        pytest.param("commit", 1, id="after-the-commit"),
    ],
)
def test_killed_half_way_nothing_is_lost_and_nothing_doubled(billing: BillingBench, step: str, number: int) -> None:
    write_export(billing.folder / "exports" / "august.csv", SMALL, USERS, DAYS)
    run_until_killed(EXPORTS, step, number, afterwards=True)
    manifest = "select count(*) from duckdb_tables() where table_name = 'report_loads'"
    counted = billing.one("select count(*) from raw.report_loads") if billing.one(manifest) else 0
    assert counted in (0, DAYS), "all days or none"
    run()
    assert picture(billing) == expected(SMALL)
    assert billing.one("select count(*) from raw.export_rows") == SMALL


def test_killed_while_an_ordered_report_is_loaded_it_is_not_ordered_again(billing: BillingBench) -> None:
    billing.set(token=TOKEN, export_glob=None)
    billing.github.made_at = current_time().isoformat()
    billing.github.files = lambda order: [export(HEADER_21, {"date": order["start_date"]})]
    first = run_script(KILLED_ORDER + ORDERS)
    assert first.returncode == -9, first.stderr.decode()
    assert len(billing.github.orders) >= 1
    assert billing.rows("select * from raw.report_loads where report like '%-export' and status = 'loaded'") == []
    killed_with = [str(order) for order in billing.github.orders]
    run(ORDERS)
    ordered = [str(order) for order in billing.github.orders]
    assert ordered[: len(killed_with)] == killed_with
    assert len(set(ordered)) == len(ordered), "each span once"
    assert billing.rows("select report, day, count(*) from raw.export_rows group by all order by all") == [
        (report, day, 1) for report in ("ai_credit", "detailed") for day in (date(2026, 8, 30), date(2026, 9, 1))
    ]


def test_a_month_killed_while_it_is_restated_keeps_what_was_there(billing: BillingBench) -> None:
    path = billing.folder / "exports" / "august.csv"
    write_export(path, SMALL, USERS, DAYS)
    run()
    write_export(path, SMALL * 2, USERS, DAYS)
    run_until_killed(EXPORTS, afterwards=True)
    assert picture(billing) == expected(SMALL)
    run()
    current = billing.rows(
        "select day, count(*), sum(net_amount) from raw.export_rows where report_load_key in (select report_load_key"
        " from raw.report_loads where status = 'loaded' qualify row_number() over (partition by report_date order by"
        " loaded_at desc) = 1) group by day order by day"
    )
    assert current == expected(SMALL * 2)
