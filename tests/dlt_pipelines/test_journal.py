"""`agent-spend journal`: the file that a ledger reads, and everything that must not become one."""

from __future__ import annotations

import csv
import errno
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from dlt_pipelines.cli import main
from dlt_pipelines.errors import AgentSpendError
from dlt_pipelines.journal import write_journal

SEPTEMBER = date(2026, 9, 1)

TABLES = """
    create schema finance;
    create schema intermediate;
    create table intermediate.int_close__periods (period date, is_closed boolean);
    create table finance.fct_journal_lines (
        journal_id varchar, line_no bigint, entity varchar, posting_period date, posting_date date, document_date date,
        journal_type varchar, gl_purpose varchar, gl_account varchar, cost_center_key varchar,
        amount_debit decimal(38, 9), amount_credit decimal(38, 9), currency varchar, usd_exchange_rate decimal(38, 9),
        issuer varchar, invoice_id varchar, memo varchar, source_hash varchar, is_closed boolean
    );
    insert into intermediate.int_close__periods values ('2026-09-01', true);
"""

DEFAULTS: dict[str, Any] = {
    "journal_id": "main|2026-09|invoice|GitHub/INV-1",
    "line_no": 1,
    "entity": "main",
    "posting_period": SEPTEMBER,
    "posting_date": date(2026, 9, 30),
    "document_date": date(2026, 10, 1),
    "journal_type": "invoice",
    "gl_purpose": "ai_usage_expense",
    "gl_account": "6410",
    "cost_center_key": None,
    "amount_debit": None,
    "amount_credit": None,
    "currency": "USD",
    "usd_exchange_rate": Decimal(1),
    "issuer": "GitHub",
    "invoice_id": "INV-1",
    "memo": 'Invoice, "September"; Zürich',
    "source_hash": "abc",
    "is_closed": True,
}


def add(warehouse: Path, *lines: dict[str, Any]) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for line in lines:
            row = DEFAULTS | line
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into finance.fct_journal_lines ({', '.join(row)}) values ({marks})", list(row.values())
            )


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed September with one invoice of three lines."""
    path = tmp_path / "warehouse" / "books.duckdb"
    path.parent.mkdir()
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(path))
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
    payable = {"line_no": 3, "gl_purpose": "accounts_payable", "gl_account": "2100", "amount_credit": Decimal("119")}
    tax = {"line_no": 2, "gl_purpose": "input_tax", "gl_account": "1570", "amount_debit": Decimal("19")}
    add(path, payable, {"cost_center_key": "CC-100", "amount_debit": Decimal("100")}, tax)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["journal", *arguments])


@pytest.mark.usefixtures("warehouse")
def test_the_file_is_what_ledgers_read(tmp_path: Path) -> None:
    to = tmp_path / "out" / "september.csv"
    result = run("2026-09", "--to", str(to))
    assert result.exit_code == 0, result.output
    assert "USD: 1 journals, 3 lines, debit 119.00, credit 119.00" in result.output
    assert "september.csv: written" in result.output
    text = to.read_bytes().decode("utf-8")
    assert text.splitlines()[2].startswith('"main|2026-09|invoice|GitHub/INV-1","2","main","2026-09-30","2026-09",')
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["Account"] for row in rows] == ["6410", "1570", "2100"], "in the order of the lines"
    assert [(row["Debit"], row["Credit"]) for row in rows] == [("100.00", ""), ("19.00", ""), ("", "119.00")]
    assert {row["External ID"] for row in rows} == {"main|2026-09|invoice|GitHub/INV-1"}
    assert {(row["Date"], row["Posting Period"]) for row in rows} == {("2026-09-30", "2026-09")}
    assert [row["Department"] for row in rows] == ["CC-100", "", ""]
    assert rows[0]["Memo"] == 'Invoice, "September"; Zürich'


def test_a_second_time_gives_the_same_bytes(warehouse: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    write_journal(SEPTEMBER, first)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create table turned as select * from finance.fct_journal_lines order by line_no desc;"
            " delete from finance.fct_journal_lines; insert into finance.fct_journal_lines select * from turned"
        )
    write_journal(SEPTEMBER, second)
    assert first.read_bytes() == second.read_bytes()
    changed = first.stat().st_mtime_ns
    result = run("2026-09", "--to", str(first))
    assert "there already, byte for byte" in result.output
    assert first.stat().st_mtime_ns == changed


@pytest.mark.usefixtures("warehouse")
def test_a_file_with_other_content_is_left_alone(tmp_path: Path) -> None:
    to = tmp_path / "september.csv"
    to.write_text("mine")
    result = run("2026-09", "--to", str(to))
    assert result.exit_code == 1
    assert "is there with other content" in result.stderr
    assert to.read_text() == "mine"
    assert run("2026-09", "--to", str(to), "--force").exit_code == 0
    assert to.read_text().startswith('"External ID"')


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("forced", [False, True])
def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forced: bool) -> None:
    """A disk that is full when half is written."""
    to = tmp_path / "september.csv"
    if forced:
        to.write_text("mine")

    def half(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(AgentSpendError, match=r"september\.csv cannot be written: No space left on device"):
        write_journal(SEPTEMBER, to, force=forced)
    there = [(file.name, file.read_text()) for file in tmp_path.iterdir() if file.is_file()]
    assert there == [("september.csv", "mine")] * forced


def test_an_open_month_is_a_draft(warehouse: Path, tmp_path: Path) -> None:
    october = {"posting_period": date(2026, 10, 1), "is_closed": False, "journal_id": "main|2026-10|accrual|x"}
    add(warehouse, october | {"amount_debit": Decimal(5)}, october | {"line_no": 2, "amount_credit": Decimal(5)})
    to = tmp_path / "october.csv"
    result = run("2026-10", "--to", str(to))
    assert result.exit_code == 1
    assert "2026-10 is not closed, so its lines still change" in result.stderr
    assert not to.exists()
    assert run("2026-10", "--to", str(to), "--draft").exit_code == 0
    assert len(to.read_text().splitlines()) == 3


def test_lines_of_before_the_closing_are_not_written(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update finance.fct_journal_lines set is_closed = false")
    with pytest.raises(AgentSpendError, match="built before it was closed"):
        write_journal(SEPTEMBER, tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("set gl_account = null where line_no = 2", "there is no account for input_tax"),
        ("set amount_credit = 118.99 where line_no = 3", "does not balance, by 0.01"),
        ("set amount_debit = amount_debit + 0.001, amount_credit = amount_credit + 0.002", "100.001"),
    ],
)
def test_no_ledger_gets_a_broken_journal(warehouse: Path, tmp_path: Path, change: str, words: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"update finance.fct_journal_lines {change}")
    with pytest.raises(AgentSpendError, match=words):
        write_journal(SEPTEMBER, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()


def test_a_warehouse_that_is_not_built_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "none.duckdb"))
    assert "there is no warehouse" in run("2026-09", "--to", "x.csv").stderr
    duckdb.connect(str(tmp_path / "none.duckdb")).close()
    assert "are not built" in run("2026-09", "--to", "x.csv").stderr
    result = run("September", "--to", "x.csv")
    assert result.exit_code == 2
    assert "write it like 2026-09" in result.stderr
