"""Files of finance in a folder: which input each is, what is read and refused, and that a reading replaces the last."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dlt_pipelines import extraction, finance
from dlt_pipelines.doctor import diagnose
from dlt_pipelines.errors import ConfigurationError, ExitCode, RejectedFile
from dlt_pipelines.finance.files import File, Reading, input_of, read_folder, rows_of
from dlt_pipelines.finance.tables import INPUTS
from dlt_pipelines.outcome import Outcome

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
RATES = "currency,valid_from,rate,rate_source\nEUR,2026-01-01,0.92,bank\n"
LEDGER = "purpose,gl_account,name\nrounding,6999,Rounding\n"
SQL_ROWS = "select currency, rate, source_file, line_number, extra from raw_finance.fx_rates order by line_number"
BY_NAME = {each.name: each for each in INPUTS}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of finance that the settings name, and an empty warehouse."""
    found = tmp_path / "finance"
    found.mkdir()
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", "a test key that is long enough to use")
    monkeypatch.setenv("SOURCES__FINANCE__BUCKET_URL", str(found))
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-10-17")
    return found


def extract() -> Outcome:
    return extraction.extract(["finance"])


def rows(folder: Path, query: str = SQL_ROWS) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder.parent / "w.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def read(text: str | bytes, name: str = "fx_rates.csv") -> list[dict[str, object]]:
    file = File(name, text if isinstance(text, bytes) else text.encode())
    return rows_of(file, input_of(file))[0]


def refused(text: str | bytes, name: str = "fx_rates.csv") -> str:
    with pytest.raises(RejectedFile) as caught:
        read(text, name)
    return str(caught.value)


@pytest.mark.parametrize("each", INPUTS, ids=lambda each: each.name)
def test_seeds_and_files_have_the_same_columns(each: finance.tables.Input) -> None:
    for seed in (SEEDS / "own" / f"{each.name}.csv", SEEDS / "demo" / f"demo_{each.name}.csv"):
        assert seed.read_text().splitlines()[0].split(",") == [column.name for column in each.columns]


def test_the_macro_and_the_tables_name_the_same_columns_and_require_the_same() -> None:
    """Rules of cells stand in a macro, because seeds follow them too; the names stand in both."""
    macro = (SEEDS.parent / "macros" / "finance_inputs.sql").read_text()
    blocks = re.split(r"\n        '(\w+)': \{\n", macro)[1:]
    found = dict(zip(blocks[::2], blocks[1::2], strict=True))
    assert list(found) == list(BY_NAME)
    for name, block in found.items():
        columns = dict(re.findall(r"\n                '(\w+)': (\{[^}]*\}|\w+)", block))
        assert list(columns) == [column.name for column in BY_NAME[name].columns]
        required = {"required", "currency", "required_amount", "required_size", "required_day", "series"}
        always = {column for column, rule in columns.items() if rule in required or "'required': true" in rule}
        assert always == set(BY_NAME[name].required), name


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("invoices.csv", "invoices"),
        ("invoices-2026-09.csv", "invoices"),
        ("Invoices_q3.CSV", "invoices"),
        ("invoices2026.csv", "invoices"),
        ("invoice_lines-2026-09.csv", "invoice_lines"),
        ("2026/fx_rates.csv", "fx_rates"),
        ("workflows.csv", "workflows"),
        ("task_outcomes_q3.csv", "task_outcomes"),
        ("incidents-2026-09.csv", "incidents"),
    ],
)
def test_a_file_is_known_by_how_its_name_begins(name: str, of: str) -> None:
    assert input_of(File(name, b"")).name == of


@pytest.mark.parametrize("name", ["invoice.csv", "invoicesheet.csv", "my invoices.csv", "people.csv"])
def test_a_file_of_another_name_is_refused(name: str) -> None:
    with pytest.raises(
        RejectedFile, match=rf"^{name}, line 1: no input has this name\. Begin the file's name with one of"
    ):
        input_of(File(name, b""))


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffcurrency,valid_from,rate,rate_source,x_desk\r\nEUR,2026-01-01,0.92,,Riga\r\n",
        '"rate";"Currency";"Valid From";"x_desk"\n"0.92";" EUR ";"2026-01-01";"Riga"\n',
        "x_desk,rate,currency,valid_from,note\nRiga,0.92,EUR,2026-01-01,\n\n,,,,\n",
    ],
)
def test_columns_are_found_by_name_whatever_order_quotes_mark_or_delimiter(text: str) -> None:
    assert read(text) == [
        {
            "currency": "EUR",
            "valid_from": "2026-01-01",
            "rate": "0.92",
            "rate_source": None,
            "extra": '{"x_desk": "Riga"}',
            "source_file": "fx_rates.csv",
            "line_number": 2,
        }
    ]


def test_cells_are_kept_as_written_and_lines_are_counted_where_rows_begin() -> None:
    text = 'purpose,gl_account,name\nrounding,0042,"Two\nlines"\n\nwhat ever,1.50,\n'
    assert [
        (row["purpose"], row["gl_account"], row["name"], row["line_number"]) for row in read(text, "gl_accounts.csv")
    ] == [
        ("rounding", "0042", "Two\nlines", 2),
        ("what ever", "1.50", None, 5),
    ]


MEND = "Mend the file and run again; until then its input stays as it was loaded before."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("currency,rate\nEUR,1\n", f"fx_rates.csv, line 1, field valid_from: the column is missing. {MEND}"),
        ("", f"fx_rates.csv, line 1, field currency: the column is missing. {MEND}"),
        (
            "currency,Currency,valid_from,rate\nEUR,EUR,2026-01-01,1\n",
            f"fx_rates.csv, line 1, field currency: the column is there twice. {MEND}",
        ),
        (RATES + "EUR,2026-02-01\n", f"fx_rates.csv, line 3: 2 fields, where the header has 4. {MEND}"),
        (RATES + 'EUR,2026-02-01,"0.9\n', f"fx_rates.csv, line 3: not CSV (cut off or a quote too many). {MEND}"),
        (
            RATES.encode() + b"EUR,2026-02-01,1,B\xfcro\n",
            f"fx_rates.csv, line 3: not UTF-8; save the file as UTF-8. {MEND}",
        ),
        (RATES.encode("utf-16-le"), f"fx_rates.csv, line 1: not UTF-8; save the file as UTF-8. {MEND}"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_file_line_field_and_remedy(text: str | bytes, problem: str) -> None:
    assert refused(text) == problem


def test_good_files_load_and_a_bad_one_is_told_and_kept_aside(folder: Path) -> None:
    (folder / "fx_rates.csv").write_text(RATES)
    (folder / "gl_accounts.csv").write_text(LEDGER + "one,too,many,fields\n")
    outcome = extract()
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    (problem,) = outcome.problems
    assert str(problem).startswith("gl_accounts.csv, line 3: 4 fields, where the header has 3. Mend the file and run")
    (kept,) = (folder.parent / ".extract" / "w" / "rejected").iterdir()
    assert kept.read_text() == (folder / "gl_accounts.csv").read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert rows(folder) == [("EUR", "0.92", "fx_rates.csv", 2, None)]
    assert rows(folder, "select status, detail from raw_finance.report_loads order by 1") == [
        ("loaded", None),
        ("rejected", "gl_accounts.csv, line 3: 4 fields, where the header has 3"),
    ]
    assert dict(outcome.reports) == {"loaded": 1, "rejected": 1}
    # The same mistake again: told again, kept once, and what is loaded stays.
    assert extract().exit_code == ExitCode.REJECTED_DATA
    assert len(list((folder.parent / ".extract" / "w" / "rejected").iterdir())) == 1
    assert len(rows(folder)) == 1


def test_a_reading_replaces_the_last_and_a_file_that_is_gone_has_no_rows(folder: Path) -> None:
    (folder / "fx_rates.csv").write_text(RATES)
    (folder / "fx_rates-more.csv").write_text(RATES.replace("EUR", "GBP").replace("0.92", "0.79"))
    assert extract().rows == 2
    assert sorted(row[0] for row in rows(folder)) == ["EUR", "GBP"]
    assert extract().rows == 0
    assert rows(folder, "select status from raw_finance.report_loads order by loaded_at") == [
        ("loaded",),
        ("unchanged",),
    ]
    (folder / "fx_rates-more.csv").unlink()
    (folder / "fx_rates.csv").write_text(RATES.replace("0.92", "0.93"))
    extract()
    assert rows(folder) == [("EUR", "0.93", "fx_rates.csv", 2, None)]


def test_an_empty_folder_says_so(folder: Path) -> None:
    outcome = extract()
    assert outcome.exit_code == ExitCode.OK
    assert outcome.warnings == [f"no file of finance matches *.csv in {folder}"]


def test_an_input_whose_files_are_gone_stays_as_it_was_loaded(folder: Path) -> None:
    """A mount that is not there, or a prefix that was mistyped, is no decision to have no rates."""
    (folder / "fx_rates.csv").write_text(RATES)
    (folder / "gl_accounts.csv").write_text(LEDGER)
    extract()
    (folder / "fx_rates.csv").unlink()
    (folder / "gl_accounts.csv").write_text(LEDGER.replace("6999", "7000"))
    outcome = extract()
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    (told,) = outcome.problems
    assert told.problem == f"no file of fx_rates matches *.csv in {folder}; the 1 rows that were loaded before stay"
    assert told.remedy == "Bring the files back, or leave one with only its header where there is nothing any more."
    assert rows(folder) == [("EUR", "0.92", "fx_rates.csv", 2, None)]
    assert rows(folder, "select gl_account from raw_finance.gl_accounts") == [("7000",)]
    # It is told on every run, and loaded anew on none.
    (folder / "gl_accounts.csv").unlink()
    outcome = extract()
    assert [problem.problem[:34] for problem in outcome.problems] == [
        "no file of fx_rates matches *.csv ",
        "no file of gl_accounts matches *.c",
    ]
    assert (outcome.rows, dict(outcome.reports)) == (0, {"unchanged": 1})
    assert len(rows(folder)) == 1


def test_a_file_with_only_its_header_empties_an_input(folder: Path) -> None:
    (folder / "fx_rates.csv").write_text(RATES)
    extract()
    (folder / "fx_rates.csv").write_text(RATES.splitlines()[0] + "\n")
    outcome = extract()
    assert (outcome.exit_code, outcome.warnings) == (ExitCode.OK, [])
    assert rows(folder) == []


def test_an_input_with_a_refused_file_stays_as_it_was_loaded(folder: Path) -> None:
    (folder / "fx_rates.csv").write_text(RATES)
    (folder / "fx_rates-more.csv").write_text(RATES.replace("EUR", "GBP").replace("0.92", "0.79"))
    (folder / "gl_accounts.csv").write_text(LEDGER)
    extract()
    (folder / "fx_rates.csv").write_text(RATES + "EUR,2026-02-01\n")
    (folder / "fx_rates-more.csv").write_text(RATES.replace("EUR", "GBP").replace("0.92", "0.80"))
    (folder / "gl_accounts.csv").write_text(LEDGER.replace("6999", "7000"))
    outcome = extract()
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    (told,) = outcome.problems
    assert "until then its input stays as it was loaded before" in told.remedy
    assert sorted(rows(folder)) == [
        ("EUR", "0.92", "fx_rates.csv", 2, None),
        ("GBP", "0.79", "fx_rates-more.csv", 2, None),
    ]
    assert rows(folder, "select gl_account from raw_finance.gl_accounts") == [("7000",)]
    # Mended, it counts.
    (folder / "fx_rates.csv").write_text(RATES)
    assert extract().exit_code == ExitCode.OK
    assert sorted(row[1] for row in rows(folder)) == ["0.80", "0.92"]


def test_a_replay_of_an_earlier_day_replaces_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "fx_rates.csv").write_text(RATES)
    extract()
    (folder / "fx_rates.csv").write_text(RATES.replace("0.92", "0.93"))
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-10-01")
    extract()
    assert [row[1] for row in rows(folder)] == ["0.93"]
    assert rows(folder, "select max(report_date) from raw_finance.report_loads") == [(date(2026, 10, 17),)]


def test_the_same_file_twice_counts_once_and_is_told(folder: Path) -> None:
    for name in ("fx_rates.csv", "fx_rates (1).csv"):
        (folder / name).write_text(RATES)
    outcome = extract()
    assert outcome.warnings == ["fx_rates.csv holds the same as fx_rates (1).csv and counts once"]
    assert len(rows(folder)) == 1


def test_columns_that_nobody_knows_are_kept_and_told_your_own_only_kept(tmp_path: Path) -> None:
    (tmp_path / "fx_rates.csv").write_text(RATES.replace("rate_source", "rate_sauce,x_desk").replace("bank", "bank,9"))
    reading: Reading = read_folder(str(tmp_path), "*.csv")
    assert [row["extra"] for row in reading.rows["fx_rates"]] == ['{"rate_sauce": "bank", "x_desk": "9"}']
    assert reading.notes == ["fx_rates.csv: fx_rates has no column rate_sauce; it is kept in extra"]


def test_the_glob_may_reach_into_folders(tmp_path: Path) -> None:
    for year, rate in (("2025", "0.90"), ("2026", "0.92")):
        (tmp_path / year).mkdir()
        (tmp_path / year / "fx_rates.csv").write_text(RATES.replace("0.92", rate))
    reading = read_folder(tmp_path.as_uri(), "**/*.csv")
    assert [row["source_file"] for row in reading.rows["fx_rates"]] == ["2025/fx_rates.csv", "2026/fx_rates.csv"]


def test_a_folder_that_is_not_there_is_told_and_keeps_what_was_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "fx_rates.csv").write_text(RATES)
    extract()
    monkeypatch.setenv("SOURCES__FINANCE__BUCKET_URL", str(folder / "elsewhere"))
    with pytest.raises(
        ConfigurationError, match=r"there is no folder .*elsewhere\. Check SOURCES__FINANCE__BUCKET_URL\."
    ):
        extract()
    assert len(rows(folder)) == 1


def test_without_a_folder_finance_is_not_configured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "finance" in extraction.configured_sources()
    monkeypatch.delenv("SOURCES__FINANCE__BUCKET_URL")
    assert "finance" not in extraction.configured_sources()
    with pytest.raises(ConfigurationError, match="no folder of finance is configured"):
        extract()


def test_doctor_reads_the_folder_and_changes_nothing(folder: Path) -> None:
    def check() -> tuple[bool, str]:
        (found,) = (check for check in diagnose("duckdb") if check.subject == "finance")
        return found.ok, found.detail

    (folder / "fx_rates.csv").write_text(RATES)
    assert check() == (True, "1 rows in 1 files")
    (folder / "gl_accounts.csv").write_text("purpose\nrounding\n")
    ok, detail = check()
    assert not ok
    assert detail.startswith("gl_accounts.csv, line 1, field gl_account: the column is missing")


def test_columns_that_may_name_a_person_are_withheld(folder: Path) -> None:
    (folder / "fx_rates.csv").write_text(
        "currency,valid_from,rate,x_approver_email,x_desk,x_note\nEUR,2026-01-01,0.92,Ida Clear,Riga,ida@example.com\n"
    )
    extract()
    assert [row[4] for row in rows(folder)] == [
        '{"x_approver_email": "withheld", "x_desk": "Riga", "x_note": "withheld"}'
    ]


def test_a_column_without_a_name_is_told_where_it_holds_something(tmp_path: Path) -> None:
    (tmp_path / "fx_rates.csv").write_text(RATES.replace("\n", ",,\n"))
    assert read_folder(str(tmp_path), "*.csv").notes == []
    (tmp_path / "fx_rates.csv").write_text(RATES.replace("source\n", "source,\n").replace("bank\n", "bank,lost\n"))
    assert read_folder(str(tmp_path), "*.csv").notes == [
        "fx_rates.csv: column 5 has no name; what it holds is left out"
    ]


def test_whatever_goes_wrong_within_a_file_refuses_it_without_a_word_of_it() -> None:
    """A cell that is longer than the reader takes, in the header too."""
    long = "ida@example.com" * 10_000
    assert refused(f"{long}\n") == f"fx_rates.csv, line 1: not CSV (cut off or a quote too many). {MEND}"
    assert refused(f"{RATES}EUR,{long},1,\n").startswith("fx_rates.csv, line ")


def test_a_secret_in_an_address_is_never_shown() -> None:
    for address in ("memory://ida:s3cret@nowhere/books?sig=s3cret", "nosuch://ida:s3cret@nowhere/books"):
        with pytest.raises(ConfigurationError, match="nowhere/books") as caught:
            read_folder(address, "*.csv")
        assert "s3cret" not in str(caught.value)
