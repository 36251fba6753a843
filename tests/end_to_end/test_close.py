"""A closed month never changes: what becomes known later is posted in the first open month, once; both are shown."""

from __future__ import annotations

import random
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlt_pipelines.close.closing import Closing, close_period, reopen_period
from dlt_pipelines.pipelines import postgres_credentials
from tests.end_to_end.postgres_server import PostgresMissing, postgres_server
from tests.end_to_end.workbench import NO_TESTS, NO_UNIT_TESTS, Row, Workbench

pytestmark = pytest.mark.xdist_group("close")

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))

OF_CLOSING = (
    *("stg_close__events", "stg_close__figures", "int_close__periods", "int_close__snapshots"),
    *("int_close__closed_figures", "int_close__known_figures", "int_close__corrections", "int_close__figures"),
    *("close_snapshots", "fct_close_corrections", "fct_close_checks", "fct_spend_monthly", "int_calendar__days"),
)
# What the models of closing read, with the columns that they read: written by hand in place of a whole company's data.
INPUTS = """
    create schema intermediate;
    create schema finance;
    create table intermediate.int_billing__spend_months (
        billing_month date, vendor text, series text, billed_usd decimal(38, 9), list_usd decimal(38, 9),
        estimated_usd decimal(38, 9), invoiced_usd decimal(38, 9), unknown_charges bigint
    );
    create table intermediate.int_allocation__months (
        billing_month date, vendor text, series text, cost_center_key text, unattributed_reason text,
        billed_usd decimal(38, 9), contract_fees_usd decimal(38, 9), credit_notes_usd decimal(38, 9), rule_version text,
        is_chargeable boolean
    );
    create table intermediate.int_billing__accounts (
        vendor text, account_id text, issuer text, billing_account_id text, cycle_day bigint, payment_model text
    );
    create table intermediate.int_reports__loads_unioned (
        source text, account_id text, report text, tells_of text, status text, is_dated boolean,
        final_after_days bigint, window_start date
    );
    create table intermediate.int_reports__days (
        source text, account_id text, report text, report_date date, is_final boolean
    );
    create table intermediate.int_close__built_loads (source text, loaded_at timestamp);
    create table intermediate.int_finance__input_problems (
        source_file text, line_number bigint, field text, problem text
    );
    create table intermediate.int_billing__reconciliations (
        issuer text, billing_account_id text, billing_month date, invoice_id text, currency text,
        invoiced_net decimal(38, 9), metered_value decimal(38, 9), exported_billed decimal(38, 9),
        variance decimal(38, 9)
    );
    create table finance.fct_reconciliation_monthly (
        issuer text, billing_account_id text, billing_month date, invoice_id text, currency text, invoice_status text,
        invoiced_net decimal(38, 9), metered_value decimal(38, 9), exported_billed decimal(38, 9),
        variance decimal(38, 9), unexplained decimal(38, 9), match_status text, contract_fees decimal(38, 9)
    );
    create table finance.fct_reconciliation_bridge (
        issuer text, billing_account_id text, billing_month date, invoice_id text, currency text, variance_reason text,
        amount decimal(38, 9)
    );
"""

Spend = dict[tuple[date, str, str], Decimal]


@dataclass
class Books:
    """A warehouse whose spend is written by hand, and the finance models on it."""

    bench: Workbench

    def write(self, *statements: str) -> None:
        with duckdb.connect(str(self.bench.warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)

    def spend(self, month: date, vendor: str, series: str, billed: str, invoiced: str = "null") -> None:
        """What the billing data says now of a month's series."""
        self.write(
            "delete from intermediate.int_billing__spend_months"
            f" where billing_month = '{month}' and vendor = '{vendor}' and series = '{series}'",
            "insert into intermediate.int_billing__spend_months"
            f" values ('{month}', '{vendor}', '{series}', {billed}, null, null, {invoiced}, 0)",
        )

    def build(self, as_of: date, *options: str) -> None:
        self.bench.build(as_of, *options, "--select", *OF_CLOSING, "--indirect-selection", "cautious")

    def close(self, month: date, as_of: date, accept: str | None = None) -> Closing:
        with self.bench.environment({}, as_of):
            return close_period(month, accept=accept)

    def reopen(self, month: date, as_of: date) -> int:
        with self.bench.environment({}, as_of):
            return reopen_period(month, reason="the invoice was replaced")

    def ask(self, query: str) -> list[Row]:
        with self.bench.query() as ask:
            return ask(query)

    def shown(self, month: date) -> list[Row]:
        """fct_spend_monthly of a month."""
        return self.ask(
            "select vendor, series, billed_usd, invoiced_usd, corrections_billed_usd, corrections_invoiced_usd,"
            f" is_closed from finance.fct_spend_monthly where billing_month = '{month}' order by vendor, series"
        )

    def totals(self) -> tuple[Decimal, Decimal]:
        """Everything billed as the months show it with their corrections, and as it is known."""
        ((shown, known),) = self.ask("""
            select
                (
                    select sum(coalesce(billed_usd, 0) + coalesce(corrections_billed_usd, 0))
                    from finance.fct_spend_monthly
                ),
                (select sum(billed_usd) from intermediate.int_billing__spend_months)
        """)
        return shown, known


@pytest.fixture
def books(tmp_path: Path) -> Books:
    found = Books(Workbench(tmp_path))
    found.write(*INPUTS.split(";\n"))
    return found


def d(text: str) -> Decimal:
    return Decimal(text)


def test_a_closed_month_stands_and_the_difference_goes_to_the_open_one(books: Books) -> None:
    day = date(2026, 10, 17)
    books.spend(SEPTEMBER, "cursor", "human_usage", "50", "60")
    books.spend(SEPTEMBER, "openai", "machine_usage", "8.000000001")
    books.spend(OCTOBER, "cursor", "human_usage", "20")
    books.build(day, *NO_TESTS)
    closing = books.close(SEPTEMBER, day)
    assert (closing.status, closing.version, closing.figure_count) == ("closed", 1, 3)
    books.build(day, *NO_TESTS)
    as_closed = [
        ("cursor", "human_usage", d("50"), d("60"), None, None, True),
        ("openai", "machine_usage", d("8.000000001"), None, None, None, True),
    ]
    assert books.shown(SEPTEMBER) == as_closed
    assert books.ask("select count(*) from finance.fct_close_corrections") == [(0,)]

    # Late usage, a charge that is gone, and a series that nobody knew of.
    day = date(2026, 10, 20)
    books.spend(SEPTEMBER, "cursor", "human_usage", "57.25", "60")
    books.spend(SEPTEMBER, "openai", "machine_usage", "null")
    books.spend(SEPTEMBER, "anthropic", "machine_usage", "4")
    books.build(day, *NO_TESTS)
    assert books.shown(SEPTEMBER) == as_closed
    assert books.shown(OCTOBER) == [
        ("anthropic", "machine_usage", None, None, d("4"), None, False),
        ("cursor", "human_usage", d("20"), None, d("7.25"), None, False),
        ("openai", "machine_usage", None, None, d("-8.000000001"), None, False),
    ]
    assert books.ask("""
        select subject, amount_as_closed, amount_as_known_now, restatement from finance.close_snapshots
        where period = '2026-09-01' and figure = 'spend.billed_usd' order by subject
    """) == [
        ("anthropic|machine_usage", None, d("4"), d("4")),
        ("cursor|human_usage", d("50"), d("57.25"), d("7.25")),
        ("openai|machine_usage", d("8.000000001"), None, d("-8.000000001")),
    ]
    assert books.close(SEPTEMBER, day).status == "changed_since"

    # October takes the corrections with it; what changes in September from now on is November's.
    day = date(2026, 11, 6)
    assert books.close(OCTOBER, day).status == "refused", "it was not over when this was built"
    books.build(day, *NO_TESTS)
    closing = books.close(OCTOBER, day)
    assert (closing.status, closing.version, closing.figure_count) == ("closed", 1, 4)
    books.spend(SEPTEMBER, "cursor", "human_usage", "56", "60")
    books.build(day, *NO_TESTS)
    assert books.shown(SEPTEMBER) == as_closed
    october = books.shown(OCTOBER)
    assert [row[4] for row in october] == [d("4"), d("7.25"), d("-8.000000001")]
    assert {row[-1] for row in october} == {True}
    assert books.shown(NOVEMBER) == [("cursor", "human_usage", None, None, d("-1.25"), None, False)]
    assert books.ask("""
        select posting_month, as_closed, as_known_now, already_posted, amount, is_posted
        from finance.fct_close_corrections where subject = 'cursor|human_usage' order by posting_month
    """) == [
        (OCTOBER, d("50"), d("56"), d("0"), d("7.25"), True),
        (NOVEMBER, d("50"), d("56"), d("7.25"), d("-1.25"), False),
    ]
    assert len(set(books.totals())) == 1

    # Reopened, September shows what is known; what October took for it is turned back.
    assert books.reopen(SEPTEMBER, day) == 1
    books.build(day, *NO_TESTS)
    assert ("cursor", "human_usage", d("56"), d("60"), None, None, False) in books.shown(SEPTEMBER)
    assert books.shown(OCTOBER) == october
    assert ("cursor", "human_usage", None, None, d("-7.25"), None, False) in books.shown(NOVEMBER)
    assert len(set(books.totals())) == 1
    closing = books.close(SEPTEMBER, day)
    assert (closing.status, closing.version) == ("closed", 2)
    books.build(day, *NO_UNIT_TESTS)
    assert ("cursor", "human_usage", d("56"), d("60"), None, None, True) in books.shown(SEPTEMBER)
    assert len(set(books.totals())) == 1
    assert books.ask("""
        select version, is_in_force, amount_as_closed, restatement from finance.close_snapshots
        where period = '2026-09-01' and figure = 'spend.billed_usd' and subject = 'cursor|human_usage' order by version
    """) == [(1, False, d("50"), d("6")), (2, True, d("56"), d("0"))]


def test_what_stands_against_closing_is_named_and_can_be_accepted(books: Books) -> None:
    day = date(2026, 10, 17)
    books.spend(SEPTEMBER, "cursor", "human_usage", "50", "350")
    books.write(
        "insert into finance.fct_reconciliation_monthly values"
        " ('Cursor', 'acct', '2026-09-01', 'INV-1', 'USD', 'issued', 350, 50, 50, 300, 300, 'exception', null)",
        "insert into finance.fct_reconciliation_bridge values"
        " ('Cursor', 'acct', '2026-09-01', 'INV-1', 'USD', 'unexplained', 300)",
        "insert into intermediate.int_reports__loads_unioned values"
        " ('cursor', 'acct', 'usage-events', 'usage-events', 'loaded', true, 35, '2026-09-01')",
        "insert into intermediate.int_reports__days"
        " select 'cursor', 'acct', 'usage-events', cast(range as date), false"
        " from range(date '2026-09-01', date '2026-10-01', interval 1 day)",
    )
    books.build(day, *NO_TESTS)
    closing = books.close(SEPTEMBER, day)
    assert closing.status == "refused"
    assert {(check.name, check.subject, check.detail) for check in closing.failing} == {
        (
            "sources_complete",
            "cursor|acct|usage-events",
            "30 of 30 days are loaded, 0 final; read on 2026-11-04 they will be",
        ),
        ("statuses_settled", "Cursor|acct|INV-1|USD", "exception, 300.000000000 unexplained"),
    }
    closing = books.close(SEPTEMBER, day, accept="claimed back")
    assert (closing.status, closing.reason) == ("closed", "claimed back")
    books.spend(SEPTEMBER, "cursor", "human_usage", "51", "350")
    books.build(day, *NO_TESTS)
    assert books.ask("select period_status, reason, accepted_checks from intermediate.int_close__periods") == [
        ("soft_closed", "claimed back", "sources_complete, statuses_settled")
    ]
    # Its figures stand like any closed month's.
    assert books.shown(SEPTEMBER) == [("cursor", "human_usage", d("50"), d("350"), None, None, True)]
    assert books.shown(OCTOBER) == [("cursor", "human_usage", None, None, d("1"), None, False)]


REBUILT = ("int_close__periods", "int_close__corrections", "int_close__figures", "fct_spend_monthly")
SERIES = (("cursor", "human_usage"), ("openai", "machine_usage"), ("openai", "credit"))
EVENT = """
    insert into raw_close.close_events (
        event_id, period, version, event, closed_on, recorded_at, figures_sha256, project_version
    ) values ('{id}', '{month}', {version}, '{event}', '2026-10-17', '2026-10-17 12:00:00+00', 'abc', '0')
"""
CLOSED_FIGURES = """
    insert into raw_close.close_figures (event_id, period, version, figure, subject, amount, unit)
    select '{id}', period, {version}, figure, subject, amount, unit
    from intermediate.int_close__figures where period = '{month}'
"""
SHOWN = """
    select vendor, series, billed_usd, corrections_billed_usd from finance.fct_spend_monthly
    where billing_month = '{month}' and coalesce(billed_usd, corrections_billed_usd) is not null
    order by vendor, series
"""
APART = """
    select vendor, series, sum(amount) from (
        select vendor, series, billed_usd as amount from finance.fct_spend_monthly
        union all
        select vendor, series, corrections_billed_usd from finance.fct_spend_monthly
        union all
        select vendor, series, -billed_usd from intermediate.int_billing__spend_months
    ) group by vendor, series having sum(amount) <> 0
"""


def test_whatever_happens_closed_months_stand_and_nothing_is_lost_or_doubled(books: Books) -> None:
    """Random histories: late data, closings in any order, reopenings. In every series, months and corrections add up.

    After the first build, what dbt has compiled runs without dbt, for speed.
    """
    books.build(date(2026, 10, 17), *NO_TESTS)
    compiled = books.bench.folder / "target" / "compiled" / "agent_spend" / "models"
    models = {name: next(compiled.rglob(f"{name}.sql")).read_text() for name in REBUILT}
    with duckdb.connect(str(books.bench.warehouse)) as connection:
        for seed in (4, 17, 2026):
            live_through(connection, models, seed)


def rebuild(connection: duckdb.DuckDBPyConnection, models: dict[str, str]) -> None:
    for name, sql in models.items():
        schema = "finance" if name.startswith("fct_") else "intermediate"
        connection.execute(f"create or replace table {schema}.{name} as {sql}")


def live_through(connection: duckdb.DuckDBPyConnection, models: dict[str, str], seed: int) -> None:
    """Forty random steps over six months."""
    rng = random.Random(seed)
    months = [date(2026, month, 1) for month in range(1, 7)]
    versions: dict[date, int] = {}
    standing: dict[date, list[Row]] = {}
    for table in ("raw_close.close_events", "raw_close.close_figures", "intermediate.int_billing__spend_months"):
        connection.execute(f"delete from {table}")
    rebuild(connection, models)
    for step in range(40):
        month = rng.choice(months)
        if rng.random() < 0.5:
            vendor, series = rng.choice(SERIES)
            amount = rng.choice([None, Decimal(rng.randrange(-(10**12), 10**12)).scaleb(-9)])
            connection.execute(
                "delete from intermediate.int_billing__spend_months"
                " where billing_month = ? and vendor = ? and series = ?",
                [month, vendor, series],
            )
            connection.execute(
                "insert into intermediate.int_billing__spend_months values (?, ?, ?, ?, null, null, null, 0)",
                [month, vendor, series, amount],
            )
        elif month in standing:
            del standing[month]
            connection.execute(EVENT.format(id=f"r{step}", month=month, version=versions[month], event="reopened"))
        else:
            versions[month] = versions.get(month, 0) + 1
            event = {"id": f"c{step}", "month": month, "version": versions[month]}
            connection.execute(CLOSED_FIGURES.format(**event))
            connection.execute(EVENT.format(**event, event="closed"))
            # Closing a month changes nothing that it shows.
            standing[month] = connection.execute(SHOWN.format(month=month)).fetchall()
        rebuild(connection, models)
        where = f"seed {seed}, step {step}"
        for closed, before in standing.items():
            shown = connection.execute(SHOWN.format(month=closed)).fetchall()
            assert shown == before, f"{where}: {closed} has changed"
        assert connection.execute(APART).fetchall() == [], where
    assert len(versions) > 3, f"seed {seed} closes hardly anything"
    assert max(versions.values()) > 1, f"seed {seed} reopens nothing"


def test_postgresql_closes_the_same_figures_with_the_same_digest(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    psycopg2 = pytest.importorskip("psycopg2", reason="the PostgreSQL extra is not installed")
    day = date(2026, 10, 17)
    spend = [
        (SEPTEMBER, "cursor", "human_usage", "50.1", "-60"),
        (SEPTEMBER, "openai", "machine_usage", "8.000000001", "0"),
        (SEPTEMBER, "Émeraude", "other", "1234567.89", "null"),
        (OCTOBER, "cursor", "human_usage", "1", "null"),
    ]
    late = (SEPTEMBER, "cursor", "human_usage", "50.2", "-60")
    for row in spend:
        books.spend(*row)
    books.build(day, *NO_TESTS)
    on_duckdb = books.close(SEPTEMBER, day)
    books.spend(*late)
    books.build(day, *NO_TESTS)
    with ExitStack() as stack:
        try:
            variables = stack.enter_context(postgres_server())
        except PostgresMissing as missing:
            pytest.skip(str(missing))
        for name, value in {**variables, "PGDATABASE": "postgres"}.items():
            monkeypatch.setenv(name, value)
        connection = stack.enter_context(closing(psycopg2.connect(postgres_credentials())))
        connection.autocommit = True
        cursor = connection.cursor()
        on_server = Server(Workbench(tmp_path / "postgres", "postgres"), cursor)
        on_server.write(*INPUTS.strip().rstrip(";").split(";\n"))
        for row in spend:
            on_server.spend(*row)
        on_server.build(day, *NO_TESTS)
        on_postgres = on_server.close(SEPTEMBER, day)
        assert on_postgres == on_duckdb
        assert on_server.close(SEPTEMBER, day).status == "already_closed"
        on_server.spend(*late)
        on_server.build(day, *NO_UNIT_TESTS)
        for month in (SEPTEMBER, OCTOBER):
            assert on_server.shown(month) == books.shown(month)
        snapshots = "select * from finance.close_snapshots"
        assert set(on_server.ask(snapshots)) == set(books.ask(snapshots))
        assert on_server.reopen(SEPTEMBER, day) == 1


@dataclass
class Server(Books):
    """The same books on PostgreSQL."""

    cursor: Any

    def write(self, *statements: str) -> None:
        for statement in statements:
            self.cursor.execute(statement)

    def close(self, month: date, as_of: date, accept: str | None = None) -> Closing:
        with self.bench.environment({}, as_of):
            return close_period(month, target="postgres", accept=accept)

    def reopen(self, month: date, as_of: date) -> int:
        with self.bench.environment({}, as_of):
            return reopen_period(month, reason="the invoice was replaced", target="postgres")

    def ask(self, query: str) -> list[Row]:
        self.cursor.execute(query)
        return list(self.cursor.fetchall())
