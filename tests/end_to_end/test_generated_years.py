"""Whatever a year brings: bridges, allocations, journals and price/volume/mix add up to the last decimal, and every
difference that was put in is found under its name.

The seeds of the years are printed; AGENT_SPEND_YEAR_SEED=<seed> plays one of them again.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.generated_year import AS_OF, Bridge, Year
from tests.end_to_end.workbench import NO_TESTS, NO_UNIT_TESTS, Ask, Workbench

# What the vendors' own parts would write is generated; everything that reads it is built, with its tests.
MODELS = (
    "path:models/intermediate/billing",
    "path:models/intermediate/allocation",
    "path:models/intermediate/accounting",
    "path:models/intermediate/close",
    "path:models/marts/finance",
    "path:models/marts/exports",
    "path:tests/dbt/marts/finance",
)
SCHEMAS = {"int": "intermediate", "fct": "core"}
COMPUTED = ("rounding", "unexplained")
# Another one in every run, and the same in every process of it.
A_RANDOM_ONE = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID")).randrange(10**6)
SEEDS = [int(os.environ["AGENT_SPEND_YEAR_SEED"])] if "AGENT_SPEND_YEAR_SEED" in os.environ else [11, A_RANDOM_ONE]


@dataclass(frozen=True)
class Years:
    """One folder in which year after year is built: dbt parses the project once."""

    bench: Workbench
    empty: Path

    def build(self, year: Year, without: tuple[str, ...] = NO_UNIT_TESTS) -> None:
        """Builds a year, with the tests of its models unless they are left out."""
        shutil.copy(self.empty, self.bench.warehouse)
        replaced = _write(year, self.bench.warehouse)
        self.bench.build(AS_OF, *without, "--select", *MODELS, "--exclude", *replaced)


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Years:
    """A warehouse in which nothing was ever extracted: every model is there, and empty."""
    bench = Workbench(tmp_path_factory.mktemp("years") / "year")
    bench.folder.mkdir()
    bench.build(AS_OF, *NO_TESTS)
    return Years(bench, Path(shutil.copy(bench.warehouse, bench.folder / "empty.duckdb")))


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def year(request: pytest.FixtureRequest) -> Year:
    """A generated year."""
    found = Year(request.param)
    print(f"seed {found.seed}: {dict(found.faults)}")
    return found


@pytest.fixture(scope="module")
def ask(year: Year, years: Years, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Questions to the year, after a build whose tests all hold."""
    years.build(year)
    # A copy, read while another year is built in the folder.
    read = shutil.copy(years.bench.warehouse, tmp_path_factory.mktemp("built") / "w.duckdb")
    with Workbench(Path(read).parent).query() as answer:
        yield answer


def _write(year: Year, warehouse: Path) -> list[str]:
    """Puts the generated rows where models would be; returns the models' names."""
    with duckdb.connect(str(warehouse)) as connection:
        for name, rows in year.rows.items():
            relation = f"{SCHEMAS[name.split('_')[0]]}.{name}"
            described = connection.execute(f"describe {relation}").fetchall()
            types = {column: data_type for column, data_type, *_ in described}
            assert set(rows[0]) <= set(types), f"{name}: {set(rows[0]) - set(types)}"
            (kind,) = connection.execute(
                "select table_type from information_schema.tables where table_schema || '.' || table_name = ?",
                [relation],
            ).fetchone() or ("",)
            connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {relation}")
            connection.execute(f"create table {relation} ({', '.join(f'{c} {t}' for c, t in types.items())})")
            values = ", ".join(f"cast(? as {data_type})" for data_type in types.values())
            connection.executemany(
                f"insert into {relation} values ({values})",
                [[None if row.get(column) is None else str(row[column]) for column in types] for row in rows],
            )
    return list(year.rows)


def test_every_fault_is_found_under_its_name(year: Year, ask: Ask) -> None:
    found: Bridge = defaultdict(Decimal)
    for invoice_id, reason, amount in ask(
        "select invoice_id, variance_reason, amount from finance.fct_reconciliation_bridge where invoice_id is not null"
    ):
        found[invoice_id, reason] = amount
    booked = {row["valid_from"].strftime("%Y-%m"): row["rate"] for row in year.rows["int_finance__fx_rates"]}
    for invoice_id, reason in sorted({*year.bridge, *found}):
        if reason in COMPUTED:
            continue
        expected = year.bridge[invoice_id, reason]
        is_euro = invoice_id.startswith("Cursor")
        if is_euro and reason != "fx":
            expected *= booked[invoice_id[-7:]]
        # A rate has its own decimals: euros are compared to a millionth, dollars to the last decimal.
        assert abs(found[invoice_id, reason] - expected) <= (Decimal("0.000001") if is_euro else 0), (
            invoice_id,
            reason,
            found[invoice_id, reason],
            expected,
        )


def test_only_overcharges_are_exceptions(year: Year, ask: Ask) -> None:
    found = ask(
        "select invoice_id, unexplained from finance.fct_reconciliation_monthly where match_status = 'exception'"
    )
    assert {invoice_id for invoice_id, _ in found} == year.overcharged
    assert all(unexplained >= 300 for _, unexplained in found)


def test_reasons_add_up_to_the_variance(ask: Ask) -> None:
    (wrong,) = ask(
        "select count(*) from finance.fct_reconciliation_monthly m where variance is not null and variance <>"
        " (select sum(amount) from finance.fct_reconciliation_bridge b where b.invoice_id = m.invoice_id"
        " and b.issuer = m.issuer)"
    )
    assert wrong == (0,)


def test_what_is_shown_back_is_what_was_billed(year: Year, ask: Ask) -> None:
    found = {
        (month, vendor, series): amount
        for month, vendor, series, amount in ask(
            "select billing_month, vendor, series, sum(billed_usd) from finance.fct_showback"
            " where series in ('human_usage', 'machine_usage') group by 1, 2, 3"
        )
        if amount is not None
    }
    assert found == dict(year.billed)


def test_journals_balance(ask: Ask) -> None:
    journals = ask(
        "select journal_id, currency, sum(coalesce(amount_debit, 0)) - sum(coalesce(amount_credit, 0)), count(*)"
        " from finance.fct_journal_lines group by 1, 2"
    )
    assert journals
    assert not [journal for journal in journals if journal[2] != 0]


def test_price_volume_and_mix_add_up(year: Year, ask: Ask) -> None:
    rows = ask(
        "select delta_amount - (volume_amount + mix_amount + price_amount + new_amount + retired_amount)"
        " + delta_usd - (delta_at_previous_rate_usd + fx_usd) from finance.fct_variance_pvm"
        " where delta_usd is not null"
    )
    assert len(rows) >= 12
    assert {row for (row,) in rows} == {Decimal(0)}


# What a change of one of the three amounts must leave alone, by the first words of a column.
METERED, EXPORTED, INVOICED = ("metered", "estimated", "usage_value"), ("exported", "billed", "list"), ("invoiced",)
CHANGES = {
    "metered": ("int_usage__credits_unioned", "usage_value_usd", EXPORTED + INVOICED),
    "exported": ("int_billing__charges_unioned", "billed_usd billed_cost", METERED + INVOICED),
    "invoiced": ("int_finance__invoice_lines", "amount", METERED + EXPORTED),
}
SIDE_BY_SIDE = ("fct_reconciliation_monthly", "fct_spend_monthly", "fct_billed_charges", "fct_showback")


@pytest.fixture(scope="module")
def unchanged(years: Years) -> dict[str, Decimal]:
    """The sums of every amount that finance reads, of one year."""
    years.build(Year(SEEDS[0]), NO_TESTS)
    return _sums(years.bench)


@pytest.mark.parametrize("what", CHANGES)
def test_metered_exported_and_invoiced_are_never_one_column(
    years: Years, unchanged: dict[str, Decimal], what: str
) -> None:
    """A dollar more in one of the three moves its own columns and the differences, and no column of the other two."""
    relation, columns, others = CHANGES[what]
    changed = Year(SEEDS[0])
    rows = [*changed.rows[relation], *(changed.rows["fct_credits_daily"] if what == "metered" else [])]
    for row in rows:
        for column in columns.split():
            row[column] = row[column] and row[column] + 1
    if what == "invoiced":
        for invoice in changed.rows["int_finance__invoices"]:
            lines = [line for line in rows if line["invoice_id"] == invoice["invoice_id"]]
            invoice["net"] = sum(line["amount"] for line in lines if line["series"] != "tax")
    years.build(changed, NO_TESTS)
    found = _sums(years.bench)
    moved = {column for column in unchanged if found[column] != unchanged[column]}
    own = {"metered": METERED, "exported": EXPORTED, "invoiced": INVOICED}[what]
    assert {column for column in moved if column.split(".")[1].startswith(own)}, "nothing moved"
    assert not {column for column in moved if column.split(".")[1].startswith(others)}


def _sums(bench: Workbench) -> dict[str, Decimal]:
    with bench.query() as ask:
        columns = ask(
            "select table_name, column_name from information_schema.columns where table_schema = 'finance'"
            f" and table_name in {SIDE_BY_SIDE} and data_type like 'DECIMAL%'"
        )
        return {f"{table}.{name}": ask(f"select sum({name}) from finance.{table}")[0][0] for table, name in columns}
