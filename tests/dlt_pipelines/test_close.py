"""Closing a month: what is written down, when it is refused, and that a killed closing leaves the month open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dlt_pipelines.cli import main
from dlt_pipelines.close.closing import close_period, reopen_period
from dlt_pipelines.close.figures import Figure, amount_text, canonical_text, figures_sha256
from dlt_pipelines.errors import AgentSpendError, ConfigurationError
from tests.dlt_pipelines.killing import run_until_killed

SEPTEMBER = date(2026, 9, 1)
AUGUST = date(2026, 8, 1)

CHECKS = (
    ("period_over", "2026-09", True, False, "built as of 2026-10-17"),
    ("statuses_settled", "Quill Works|acct-1|INV-9|USD", True, True, "matched_exact"),
)
UNSETTLED = (CHECKS[0], ("statuses_settled", "Quill Works|acct-1|INV-9|USD", False, True, "exception, 300 unexplained"))
FIGURES = (
    ("spend.billed_usd", "cursor|human_usage", Decimal("10.5"), "USD"),
    ("spend.invoiced_usd", "cursor|tax", Decimal("-0.25"), "USD"),
)


class Ledger:
    """A warehouse as dbt would have built it, with no more in it than a closing reads."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def build(
        self,
        figures: Iterable[tuple[Any, ...]] = FIGURES,
        checks: Iterable[tuple[Any, ...]] = CHECKS,
        closed: Iterable[tuple[date, bool, int]] = (),
        period: date = SEPTEMBER,
        problems: Iterable[tuple[str, int, str, str]] = (),
        seen: Mapping[str, datetime | None] = MappingProxyType({}),
    ) -> None:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("""
                create schema if not exists finance;
                create schema if not exists intermediate;
                create or replace table finance.fct_close_checks (
                    period date, check_name text, subject text, is_ok boolean, may_be_accepted boolean, detail text
                );
                create or replace table intermediate.int_close__figures (
                    period date, figure text, subject text, amount decimal(38, 9), unit text
                );
                create or replace table intermediate.int_close__periods (
                    period date, is_closed boolean, version bigint
                );
                create or replace table intermediate.int_finance__input_problems (
                    source_file text, line_number bigint, field text, problem text
                );
                create or replace table intermediate.int_close__built_loads (source text, loaded_at timestamp);
            """)
            for source, loaded_at in seen.items():
                connection.execute("insert into intermediate.int_close__built_loads values (?, ?)", [source, loaded_at])
            for problem in problems:
                connection.execute(
                    "insert into intermediate.int_finance__input_problems values (?, ?, ?, ?)", list(problem)
                )
            for check in checks:
                connection.execute("insert into finance.fct_close_checks values (?, ?, ?, ?, ?, ?)", [period, *check])
            for figure in figures:
                connection.execute(
                    "insert into intermediate.int_close__figures values (?, ?, ?, ?, ?)", [period, *figure]
                )
            for row in closed:
                connection.execute("insert into intermediate.int_close__periods values (?, ?, ?)", list(row))

    def load(self, source: str, status: str, loaded_at: str) -> None:
        """A manifest row, as an extraction commits it."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(f"""
                create schema if not exists raw_{source};
                create table if not exists raw_{source}.report_loads (
                    report_load_key text, account_id text, report text, report_date date, status text, sha256 text,
                    downloaded_at timestamptz, loaded_at timestamptz
                );
                insert into raw_{source}.report_loads
                values (
                    '{loaded_at}', 'acct-1', 'usage', '2026-09-30', '{status}', null, '{loaded_at}', '{loaded_at}'
                );
            """)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def events(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "select version, event, reason, accepted_checks from raw_close.close_events order by recorded_at"
        )


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-10-17")
    # As wide as nothing has to be folded.
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return Ledger(tmp_path / "w.duckdb")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["close", *arguments])


def test_a_month_is_written_down_with_version_and_digest(ledger: Ledger) -> None:
    ledger.build()
    closing = close_period(SEPTEMBER, by="controller")
    assert (closing.status, closing.version, closing.figure_count) == ("closed", 1, 2)
    assert ledger.ask(
        "select period, version, figure, subject, amount, unit from raw_close.close_figures order by 3"
    ) == [
        (SEPTEMBER, 1, "spend.billed_usd", "cursor|human_usage", Decimal("10.500000000"), "USD"),
        (SEPTEMBER, 1, "spend.invoiced_usd", "cursor|tax", Decimal("-0.250000000"), "USD"),
    ]
    assert ledger.ask(
        "select event, version, closed_on, reason, accepted_checks, by_role, figure_count, figures_sha256"
        " from raw_close.close_events"
    ) == [("closed", 1, date(2026, 10, 17), None, None, "controller", 2, closing.figures_sha256)]


def test_the_digest_is_of_a_text_that_anybody_can_write() -> None:
    figures = [Figure(name, subject, amount, unit) for name, subject, amount, unit in FIGURES]
    assert canonical_text(SEPTEMBER, figures) == (
        "2026-09\n"
        '["spend.billed_usd", "cursor|human_usage", "10.500000000", "USD"]\n'
        '["spend.invoiced_usd", "cursor|tax", "-0.250000000", "USD"]\n'
    )
    # printf '<the text above>' | sha256sum
    assert figures_sha256(SEPTEMBER, figures) == "14b2d6ac6869466415296ce3533d21939f008d2ab908a75e5099676e3a786920"


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12)
ROWS = st.lists(st.builds(Figure, st.text(), st.text(), AMOUNTS, st.sampled_from(["USD", "EUR"])), max_size=8)


@given(rows=ROWS, data=st.data())
def test_the_digest_does_not_depend_on_the_order_of_rows(rows: list[Figure], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows))
    assert figures_sha256(SEPTEMBER, shuffled) == figures_sha256(SEPTEMBER, rows)


@given(rows=ROWS.filter(bool), change=AMOUNTS.filter(bool))
def test_any_other_amount_gives_another_digest(rows: list[Figure], change: Decimal) -> None:
    first = rows[0]
    changed = [Figure(first.figure, first.subject, first.amount + change, first.unit), *rows[1:]]
    assert figures_sha256(SEPTEMBER, changed) != figures_sha256(SEPTEMBER, rows)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1", "1.000000000"),
        ("1.50", "1.500000000"),
        ("-0", "0.000000000"),
        ("0E-9", "0.000000000"),
        ("1E+3", "1000.000000000"),
        ("-12345678901234567890123456789.123456789", "-12345678901234567890123456789.123456789"),
    ],
)
def test_an_amount_has_one_spelling(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


def test_a_failing_check_is_named_and_nothing_is_written(ledger: Ledger) -> None:
    ledger.build(checks=UNSETTLED)
    result = run("2026-09")
    assert result.exit_code == 1
    assert "not closed  2026-09: statuses_settled" in result.stdout
    assert "exception, 300 unexplained" in result.stdout
    assert ledger.ask("select count(*) from duckdb_tables() where table_name = 'close_events'") == [(0,)]


def test_a_failing_check_can_be_accepted_with_a_reason_that_is_kept(ledger: Ledger) -> None:
    ledger.build(checks=UNSETTLED)
    result = run("2026-09", "--accept", "the overcharge is claimed back")
    assert result.exit_code == 0, result.output
    assert "Accepted: the overcharge is claimed back" in result.stdout
    assert "Next: dbt build" in result.stdout
    assert ledger.events() == [(1, "closed", "the overcharge is claimed back", "statuses_settled")]


def test_a_reason_that_was_not_needed_is_not_kept(ledger: Ledger) -> None:
    ledger.build()
    assert close_period(SEPTEMBER, accept="just in case").reason is None
    assert ledger.events() == [(1, "closed", None, None)]


def test_a_month_that_is_not_over_is_never_closed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.build()
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-09-30")
    with pytest.raises(AgentSpendError, match=r"2026-09 is not over\. It can be closed from 2026-10-01 on"):
        close_period(SEPTEMBER, accept="we are in a hurry")
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-10-01")
    assert close_period(SEPTEMBER).status == "closed"


def test_a_build_from_before_the_month_was_over_cannot_be_accepted(ledger: Ledger) -> None:
    ledger.build(checks=[("period_over", "2026-09", False, False, "built as of 2026-09-29")])
    closing = close_period(SEPTEMBER, accept="we are in a hurry")
    assert closing.status == "refused"
    assert "--accept" not in run("2026-09", "--accept", "we are in a hurry").stdout


def test_a_refused_row_of_the_inputs_stands_against_closing(ledger: Ledger) -> None:
    """dbt has built nothing from them, so that the figures are of an older build: that cannot be accepted."""
    ledger.build(problems=[("seeds/own/invoices.csv", 3, "net", "not an amount")])
    result = run("2026-09", "--accept", "we are in a hurry")
    assert result.exit_code == 1
    assert "not closed  2026-09: inputs_good" in result.stdout
    assert "seeds/own/invoices.csv line 3, field net" in result.stdout


def test_closing_again_says_so_and_writes_nothing(ledger: Ledger) -> None:
    ledger.build()
    first = close_period(SEPTEMBER)
    result = run("2026-09")
    assert result.exit_code == 0
    assert "2026-09 is closed already and nothing has changed: version 1, 2 figures" in result.stdout
    assert str(first.figures_sha256) in result.stdout
    assert len(ledger.events()) == 1


def test_closing_again_after_a_change_explains_where_the_change_went(ledger: Ledger) -> None:
    ledger.build()
    close_period(SEPTEMBER)
    ledger.build(figures=FIGURES[:1], closed=[(SEPTEMBER, True, 1)])
    result = run("2026-09", "--accept", "once more")
    assert result.exit_code == 1
    assert "finance.fct_close_corrections" in result.stdout
    assert "agent-spend close 2026-09 --reopen --reason TEXT" in result.stdout
    assert len(ledger.events()) == 1


def test_reopened_and_closed_again_it_is_the_next_version(ledger: Ledger) -> None:
    ledger.build()
    first = close_period(SEPTEMBER)
    result = run("2026-09", "--reopen", "--reason", "the invoice was replaced", "--by", "controller")
    assert result.exit_code == 0, result.output
    assert "version 1 is no longer in force. Next: dbt build" in result.stdout
    with pytest.raises(AgentSpendError, match=r"built before 2026-09 was reopened\. Run dbt build first"):
        close_period(SEPTEMBER)
    ledger.build(figures=FIGURES[:1], closed=[(SEPTEMBER, False, 1)])
    second = close_period(SEPTEMBER)
    assert (second.status, second.version, second.figure_count) == ("closed", 2, 1)
    assert second.figures_sha256 != first.figures_sha256
    assert [row[:3] for row in ledger.events()] == [
        (1, "closed", None),
        (1, "reopened", "the invoice was replaced"),
        (2, "closed", None),
    ]
    assert ledger.ask("select version, count(*) from raw_close.close_figures group by version order by version") == [
        (1, 2),
        (2, 1),
    ]


def test_a_month_is_not_closed_on_a_build_that_does_not_know_of_the_last_closing(ledger: Ledger) -> None:
    """What was closed before decides which corrections belong into the next month."""
    ledger.build(period=AUGUST)
    close_period(AUGUST)
    ledger.build()
    with pytest.raises(AgentSpendError, match=r"built before 2026-08 was closed\. Run dbt build first"):
        close_period(SEPTEMBER)
    ledger.build(closed=[(AUGUST, True, 1)])
    assert close_period(SEPTEMBER).status == "closed"


NINE = datetime(2026, 10, 17, 9)


@pytest.mark.parametrize(("source", "status"), [("cursor", "loaded"), ("cursor", "rejected"), ("finance", "loaded")])
def test_a_month_is_not_closed_on_a_build_that_does_not_know_of_the_last_load(
    ledger: Ledger, source: str, status: str
) -> None:
    """Late rows were extracted, and nobody ran dbt: the figures are those of before."""
    ledger.load(source, "loaded", "2026-10-17 09:00:00Z")
    ledger.build(seen={source: NINE})
    ledger.load(source, status, "2026-10-17 09:00:00.000001Z")
    with pytest.raises(AgentSpendError, match=rf"built before {source} was last loaded\. Run dbt build first"):
        close_period(SEPTEMBER)
    ledger.build(seen={source: NINE.replace(microsecond=1)})
    assert close_period(SEPTEMBER).status == "closed"


def test_a_source_that_was_never_loaded_before_is_not_in_the_build(ledger: Ledger) -> None:
    ledger.build(seen={"cursor": None})
    ledger.load("cursor", "loaded", "2026-10-17 09:00:00Z")
    with pytest.raises(AgentSpendError, match="built before cursor was last loaded"):
        close_period(SEPTEMBER)


def test_what_changes_no_figure_does_not_stand_against_closing(ledger: Ledger) -> None:
    """What was unchanged, and a source that is switched off, so that the build does not read it."""
    ledger.build(seen={"cursor": NINE})
    ledger.load("cursor", "loaded", "2026-10-17 09:00:00Z")
    ledger.load("cursor", "unchanged", "2026-10-17 10:00:00Z")
    ledger.load("openai", "loaded", "2026-10-17 10:00:00Z")
    assert close_period(SEPTEMBER).status == "closed"


def test_only_what_is_closed_can_be_reopened(ledger: Ledger) -> None:
    with pytest.raises(AgentSpendError, match="2026-09 is not closed"):
        reopen_period(SEPTEMBER, reason="why not")
    ledger.build()
    close_period(SEPTEMBER)
    assert reopen_period(SEPTEMBER, reason="once") == 1
    with pytest.raises(AgentSpendError, match="2026-09 is not closed"):
        reopen_period(SEPTEMBER, reason="twice")


CLOSING = """
from datetime import date
from dlt_pipelines.close.closing import close_period

close_period(date(2026, 9, 1))
"""


@pytest.mark.parametrize("afterwards", [False, True], ids=["before-the-figures", "between-figures-and-event"])
def test_a_killed_closing_leaves_the_month_open(ledger: Ledger, afterwards: bool) -> None:
    ledger.build()
    run_until_killed(CLOSING, afterwards=afterwards)
    written = ledger.ask("select count(*) from duckdb_tables() where table_name = 'close_figures'") == [(1,)]
    assert written is afterwards
    closing = close_period(SEPTEMBER)
    assert (closing.status, closing.version) == ("closed", 1)
    # Of the killed closing's figures, which nobody counts, the version cannot tell; the event can.
    assert ledger.ask("""
        select count(*) from raw_close.close_figures
        where event_id in (select event_id from raw_close.close_events)
    """) == [(2,)]
    assert ledger.ask("select count(*) from raw_close.close_figures") == [(4 if afterwards else 2,)]


def test_nothing_built_says_what_to_run(ledger: Ledger) -> None:
    result = run("2026-09")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Run dbt build first." in result.stderr
    assert not ledger.path.exists()
    duckdb.connect(str(ledger.path)).close()
    assert "the models of closing are not in this warehouse. Run dbt build first." in run("2026-09").stderr


def test_a_month_of_which_nothing_is_known_is_not_closed(ledger: Ledger) -> None:
    ledger.build()
    with pytest.raises(AgentSpendError, match="nothing is known of 2026-08"):
        close_period(AUGUST)


def test_another_schema_prefix_reads_other_models(ledger: Ledger) -> None:
    ledger.build()
    with pytest.raises(AgentSpendError, match="not in this warehouse"):
        close_period(SEPTEMBER, schema_prefix="other_")


@pytest.mark.parametrize(
    "arguments",
    [{"by": "jo@example.com"}, {"accept": "agreed with jo@example.com"}, {"by": " "}, {"accept": ""}],
)
def test_an_address_is_never_kept(ledger: Ledger, arguments: dict[str, str]) -> None:
    ledger.build()
    with pytest.raises(ConfigurationError):
        close_period(SEPTEMBER, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["September"], "'September' is not a month; write it like 2026-09"),
        (["2026-09", "--reopen"], "--reopen and --reason TEXT go together"),
        (["2026-09", "--reason", "x"], "--reopen and --reason TEXT go together"),
        (["2026-09", "--reopen", "--reason", "x", "--accept", "y"], "--accept REASON stands alone"),
    ],
)
def test_a_wrong_command_line_says_what_is_right(ledger: Ledger, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
