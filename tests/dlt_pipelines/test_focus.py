"""FOCUS exports: cells in whatever form files have them, rows with mistakes, deliveries that replace one another."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlt_pipelines import extraction
from dlt_pipelines.errors import ConfigurationError, ExitCode, RejectedFile
from dlt_pipelines.focus import checks, load_settings
from dlt_pipelines.focus.files import copy_exports
from dlt_pipelines.focus.reading import create_charges, read_file
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.reports import connect
from tests.dlt_pipelines.pseudonyms import KEY

HEADER = (
    "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart"
)
ROW = "{cost},acme,USD,2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,Usage,2026-09-03T00:00:00Z"
FIRST_CHANGE = 90_000


def row(cost: object) -> str:
    return ROW.format(cost=cost)


class FocusBench:
    """A warehouse of its own and a folder of exports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exports = folder / "exports"
        self.exports.mkdir()
        self.dropped = 0

    def drop(self, name: str, *lines: str, encoding: str = "utf-8") -> Path:
        """Writes a file that is newer than all before."""
        path = self.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return self.touch(path)

    def touch(self, path: Path) -> Path:
        self.dropped += 1
        os.utime(path, (FIRST_CHANGE + self.dropped, FIRST_CHANGE + self.dropped))
        return path

    def extract(self) -> Outcome:
        return extraction.extract(["focus"])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "w.duckdb"), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def charges(self, columns: str = "billed_cost") -> list[tuple[Any, ...]]:
        """The current rows, in the order of their file."""
        return self.rows(
            f"select {columns} from raw_focus.cost_and_usage order by account_id, source_file, file_record"
        )


@pytest.fixture
def focus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FocusBench:
    for name in [name for name in os.environ if name.startswith("SOURCES__")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-10-17")
    monkeypatch.setenv("SOURCES__FOCUS__EXPORT_GLOB", str(tmp_path / "exports" / "**"))
    return FocusBench(tmp_path)


MONEY = [
    ("12.5", "12.5"),
    ('"$10,000.00 "', "10000"),
    ("-$3.10", "-3.1"),
    ("$-3.10", "-3.1"),
    ("1E-7", "0.0000001"),
    ("+2", "2"),
    # Sixteen digits: a double would end in …988.
    ("12345678901234567890.123456789", "12345678901234567890.123456789"),
    # What a drifting fourteenth decimal is worth.
    ("0.30000000000004", "0.3"),
    ("0.0000000005", "0.000000001"),
]

TIMES = [
    ("2026-09-03T04:05:06Z", datetime(2026, 9, 3, 4, 5, 6, tzinfo=UTC)),
    ("2026-09-03 04:05:06", datetime(2026, 9, 3, 4, 5, 6, tzinfo=UTC)),
    ("2026-09-03", datetime(2026, 9, 3, tzinfo=UTC)),
    ("2026-09-03T04:05:06.7Z", datetime(2026, 9, 3, 4, 5, 6, 700_000, tzinfo=UTC)),
    ("2026-09-03T04:05:06+02:00", datetime(2026, 9, 3, 2, 5, 6, tzinfo=UTC)),
    ("9/3/26", datetime(2026, 9, 3, tzinfo=UTC)),
    ("09/03/2026", datetime(2026, 9, 3, tzinfo=UTC)),
]

BAD = [
    (row("much"), "field BilledCost: it is not a number"),
    (row("1,2"), "not a row of 7 fields (too many columns)"),
    (row("1e40"), "field BilledCost: it is not a number"),
    (row("NaN"), "field BilledCost: it is not a number"),
    (row("null"), "field BilledCost: it is blank"),
    (
        row(1).replace("2026-09-03T00:00:00Z", "2026-09-03T30:00:00Z"),
        "field ChargePeriodStart: it is not a time such as 2026-10-01T00:00:00Z",
    ),
    (
        row(1).replace("2026-09-03T00:00:00Z", "13/13/26"),
        "field ChargePeriodStart: it is not a time such as 2026-10-01T00:00:00Z",
    ),
    (row(1).replace("Usage", "Fun"), "field ChargeCategory: it is none of Usage, Purchase, Tax, Credit, Adjustment"),
    ("1,acme", "not a row of 7 fields (missing columns)"),
]


def test_money_goes_from_text_to_decimal(focus: FocusBench) -> None:
    focus.drop("a.csv", HEADER, *(row(cell) for cell, _ in MONEY))
    assert not focus.extract().problems
    assert focus.charges() == [(Decimal(amount),) for _, amount in MONEY]


def test_times_are_read_in_every_form(focus: FocusBench) -> None:
    focus.drop("a.csv", HEADER, *(f"1,acme,USD,2026-09-01,2026-10-01,Usage,{cell}" for cell, _ in TIMES))
    assert not focus.extract().problems
    assert focus.charges("charge_period_start") == [(moment,) for _, moment in TIMES]


def test_bad_rows_are_kept_aside_and_the_others_load(focus: FocusBench) -> None:
    focus.drop("a.csv", HEADER, row(1), *(bad_row for bad_row, _ in BAD), row(2))
    outcome = focus.extract()
    (told,) = outcome.problems
    assert isinstance(told, RejectedFile)
    first = "; ".join(f"line {line}, {problem}" for line, (_, problem) in enumerate(BAD[:3], 3))
    assert told.problem == f"a.csv: {len(BAD)} of {len(BAD) + 2} rows left out: {first}; and {len(BAD) - 3} more"
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert focus.charges() == [(1,), (2,)]
    (kept,) = (focus.folder / ".extract" / "w" / "rejected").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    text = kept.read_text()
    assert all(bad_row in text for bad_row, _ in BAD)
    # The manifest counts them, without what stood in them.
    ((status, count, detail),) = focus.rows(
        "select status, rows, detail from raw_focus.report_loads where report = 'rejected-rows'"
    )
    assert (status, count) == ("rejected", len(BAD))
    assert "much" not in detail
    # Every one is told by line and field.
    (check,) = checks(load_settings())
    assert check.detail.startswith(f"{len(BAD)} bad rows, such as a.csv, line 3, {BAD[0][1]}")


@pytest.mark.parametrize(("bad_row", "problem"), BAD)
def test_bad_rows_are_told_by_line_and_field(tmp_path: Path, bad_row: str, problem: str) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{row(1)}\n{bad_row}\n{row(2)}\n")
    with connect(tmp_path) as connection:
        (file,) = copy_exports(str(tmp_path / "a.csv"), tmp_path)
        create_charges(connection)
        read = read_file(connection, file, 0, tmp_path)
    assert (read.rows, read.problems) == (2, [f"line 3, {problem}"])


def test_lines_are_counted_where_cells_go_over_several(focus: FocusBench) -> None:
    header = HEADER + ",ChargeDescription"
    focus.drop("a.csv", header, row(1) + ',"two\nlines"', row("much") + ",x")
    (told,) = focus.extract().problems
    assert "line 4, field BilledCost" in told.problem
    assert focus.charges("charge_description") == [("two\nlines",)]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([HEADER.replace("BilledCost", "Cost"), row(1)], "a.csv, line 1: the column BilledCost is missing"),
        ([HEADER + ",billedcost", row(1) + ",1"], "a.csv, line 1: the column billedcost is there twice"),
    ],
)
def test_a_file_that_cannot_be_booked_is_left_out_whole(focus: FocusBench, lines: list[str], problem: str) -> None:
    focus.drop("a.csv", *lines)
    focus.drop("b.csv", HEADER, row(7))
    (told,) = focus.extract().problems
    assert told.problem == problem
    assert focus.charges() == [(7,)]


def test_a_file_that_is_no_utf_8_is_left_out_whole(focus: FocusBench) -> None:
    focus.drop("a.csv", HEADER + ",ChargeDescription", row(1) + ",für", encoding="latin-1")
    (told,) = focus.extract().problems
    assert told.problem == "a.csv: not CSV in UTF-8"


def test_columns_are_found_by_name(focus: FocusBench) -> None:
    """A byte order mark, spaces, other cases, another order and the names of older versions."""
    focus.drop(
        "a.csv",
        "\ufeffx_Team, chargetype ,AMORTIZEDCOST,BilledCost,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
        "Region,UsageQuantity,ListUnitPrice,Surprise",
        "web,usage,3,4,acme,9/1/26,9/3/26,eu,NULL,,5",
    )
    outcome = focus.extract()
    assert not outcome.problems
    assert focus.charges(
        "charge_category, effective_cost, billed_cost, region_id, consumed_quantity, list_unit_price, billing_currency"
    ) == [("usage", 3, 4, "eu", None, None, None)]
    assert focus.charges("extra") == [('{"x_Team":"web","Surprise":"5"}',)]
    # A column of one's own is no surprise.
    assert outcome.warnings == ["a.csv: columns that FOCUS does not have: Surprise"]


def test_persons_stay_pseudonymous(focus: FocusBench) -> None:
    header = HEADER + ",PrincipalId,CredentialId,RequesterDetails,Tags,ResourceId,x_Owner,x_Note,RegionName"
    details = '"[{""key"": ""Principal"", ""value"": {""Name"": ""Ida Clear"", ""Type"": ""User""}}]"'
    tags = '"{""team"": ""web"", ""owner"": ""Ida Clear"", ""note"": ""ida@example.com"", ""Cost Center"": ""4711""}"'
    focus.drop(
        "a.csv",
        header,
        row(1) + f",Ida@example.com,key-of-ida,{details},{tags},user/ida@example.com,Ida Clear,see ida@example.com,Web",
        row(2) + ',svc-7,,null,"[{""key"": ""owner"", ""value"": ""Ida Clear""}]",r,,fine,ida@example.com',
    )
    assert not focus.extract().problems
    keys = Pseudonymizer(KEY)
    assert focus.charges("principal_key, credential_key, principal_type, tag_cost_center") == [
        (keys.key("email", "ida@example.com"), keys.key("focus_credential", "key-of-ida"), "User", "4711"),
        (keys.key("focus_principal", "svc-7"), None, None, None),
    ]
    assert focus.charges("tags, resource_id, region_name, extra") == [
        (
            '{"team":"web","owner":"withheld","note":"withheld","Cost Center":"4711"}',
            "withheld",
            "Web",
            '{"x_Owner":"withheld","x_Note":"withheld"}',
        ),
        ("withheld", "r", "withheld", '{"x_Note":"fine"}'),
    ]
    everything = str(focus.rows("select * from raw_focus.cost_and_usage")).lower()
    assert "ida" not in everything
    assert "key-of" not in everything
    assert focus.rows("select identifier from raw_restricted.identifiers where namespace = 'email'") == [
        ("ida@example.com",)
    ]


def test_the_same_file_twice_counts_once(focus: FocusBench) -> None:
    path = focus.drop("a.csv", HEADER, row(1), row(1))
    focus.touch(focus.exports / path.rename(focus.exports / "copy.csv").name)
    focus.drop("a.csv", HEADER, row(1), row(1))
    focus.extract()
    # Two alike rows of one file are two charges.
    assert focus.charges() == [(1,), (1,)]
    again = focus.extract()
    assert (again.rows, dict(again.reports)) == (0, {"unchanged": 1})


def test_the_newest_delivery_speaks_for_an_account_s_period(focus: FocusBench) -> None:
    august = row(8).replace("2026-09-01", "2026-08-01").replace("2026-10-01", "2026-09-01")
    other = row(100).replace("acme", "other")
    focus.drop("z_first.csv", HEADER, august, row(1), row(2), other)
    focus.extract()
    assert focus.charges() == [(8,), (1,), (2,), (100,)]
    # September of acme again, with less than before; August and the other account are not in it, and stay.
    focus.drop("a_second.csv", HEADER, row(5))
    outcome = focus.extract()
    assert dict(outcome.reports) == {"loaded": 1, "unchanged": 2}
    assert focus.charges() == [(5,), (8,), (100,)]
    assert focus.rows("select distinct report_date from raw_focus.report_loads order by 1") == [
        (date(2026, 8, 1),),
        (date(2026, 9, 1),),
    ]


def test_parts_of_one_delivery_belong_together(focus: FocusBench) -> None:
    focus.drop("sep/costs_part-1.csv", HEADER, row(1))
    focus.drop("sep/costs_part-2.csv", HEADER, row(2))
    focus.extract()
    assert focus.charges() == [(1,), (2,)]
    focus.drop("later/costs_part-1.csv", HEADER, row(3))
    focus.extract()
    assert focus.charges() == [(3,)]


def test_a_sub_account_that_is_replaced_away_is_told(focus: FocusBench) -> None:
    focus.drop("web.csv", HEADER + ",SubAccountId", row(1) + ",web")
    focus.drop("ops.csv", HEADER + ",SubAccountId", row(2) + ",ops")
    (warning,) = focus.extract().warnings
    assert warning.startswith("web.csv: sub accounts of unnamed/acme that the newer export of 2026-09-01 lacks")
    assert focus.charges() == [(2,)]


def test_two_issuers_may_use_one_account_id(focus: FocusBench) -> None:
    focus.drop("a.csv", HEADER + ",InvoiceIssuerName", row(1) + ",One Inc")
    focus.drop("b.csv", HEADER + ",InvoiceIssuerName", row(2) + ",Two Inc")
    focus.extract()
    assert focus.charges("account_id, billed_cost") == [("one-inc/acme", 1), ("two-inc/acme", 2)]


def test_compressed_files_are_read(focus: FocusBench) -> None:
    path = focus.exports / "a.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{row('0.1')}\n".encode()))
    focus.touch(path)
    assert not focus.extract().problems
    assert focus.charges() == [(Decimal("0.1"),)]


def test_parquet_is_read(focus: FocusBench) -> None:
    path = focus.exports / "a.parquet"
    duckdb.execute(
        f"""
        copy (
            select
                cast('12345678901234567890.123456789' as decimal(38, 9)) as "BilledCost", 0.1::double as "ListCost",
                'acme' as "BillingAccountId", timestamp '2026-09-01' as "BillingPeriodStart",
                timestamp '2026-09-03 04:05:06' as "ChargePeriodStart", 'Usage' as "ChargeCategory",
                map {{'team': 'web', 'owner': 'Ida Clear'}} as "Tags"
            union all
            select 1, null, 'acme', timestamp '2026-09-01', null, 'Usage', null
        ) to '{path}' (format parquet)
        """
    )
    focus.touch(path)
    (told,) = focus.extract().problems
    assert "a.parquet: 1 of 2 rows left out: row 2, field ChargePeriodStart: it is blank" in told.problem
    assert focus.charges("billed_cost, list_cost, charge_period_start, tags") == [
        (
            Decimal("12345678901234567890.123456789"),
            Decimal("0.1"),
            datetime(2026, 9, 3, 4, 5, 6, tzinfo=UTC),
            '{"team":"web","owner":"withheld"}',
        )
    ]


def test_a_missing_folder_is_told(focus: FocusBench) -> None:
    with pytest.raises(ConfigurationError, match="no export matches"):
        focus.extract()


@pytest.mark.parametrize(
    ("costs", "ok", "detail"),
    [(["1", "2"], True, "1 files with 2 rows"), (["1", "x"], False, "1 bad rows, such as a.csv, line 3")],
)
def test_doctor_reads_the_exports(focus: FocusBench, costs: list[str], ok: bool, detail: str) -> None:
    focus.drop("a.csv", HEADER, *map(row, costs))
    (check,) = checks(load_settings())
    assert (check.ok, check.detail[: len(detail)]) == (ok, detail)
    assert not (focus.folder / "w.duckdb").exists()


def test_nothing_is_configured_without_a_glob(focus: FocusBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCES__FOCUS__EXPORT_GLOB")
    with pytest.raises(ConfigurationError, match="no FOCUS exports"):
        load_settings()


def test_a_part_that_is_as_before_counts_in_the_new_delivery_too(focus: FocusBench) -> None:
    focus.drop("v1/costs_part-1.csv", HEADER, row(100))
    focus.drop("v1/costs_part-2.csv", HEADER, row(50))
    focus.drop("v2/costs_part-1.csv", HEADER, row(100))
    focus.drop("v2/costs_part-2.csv", HEADER, row(55))
    assert not focus.extract().problems
    assert focus.charges() == [(100,), (55,)]


def test_a_file_that_is_issued_again_with_old_content_speaks(focus: FocusBench) -> None:
    focus.drop("first.csv", HEADER, row(1))
    focus.drop("second.csv", HEADER, row(2))
    focus.drop("third.csv", HEADER, row(1))
    focus.extract()
    assert focus.charges() == [(1,)]


@pytest.mark.parametrize(
    "name",
    ["part-{part:05}-{run}-c000.csv", "part-{part:05}-tid-7-{run}-{task}-1-c000.csv", "part_{part}_0001_{run}.csv"],
)
def test_two_runs_in_one_folder_are_two_deliveries(focus: FocusBench, name: str) -> None:
    focus.drop(name.format(part=0, run="aaaa", task=31), HEADER, row(150))
    for part, cost in enumerate((100, "50.5")):
        focus.drop(name.format(part=part, run="bbbb", task=34 + part), HEADER, row(cost))
    focus.extract()
    assert focus.charges() == [(100,), (Decimal("50.5"),)]


def test_files_that_one_task_cut_belong_together(focus: FocusBench) -> None:
    focus.drop("part-00000-aaaa-c000.csv", HEADER, row(1))
    focus.drop("part-00000-aaaa-c001.csv", HEADER, row(2))
    focus.extract()
    assert focus.charges() == [(1,), (2,)]


CUT_OFF = {
    "a short last row": "1,acme",
    "a last cell that breaks off": row(1)[:-12],
    "a quote that is never closed": row(1).replace("acme", '"acme'),
}


@pytest.mark.parametrize("end", CUT_OFF.values(), ids=CUT_OFF)
def test_a_delivery_with_a_refused_part_does_not_speak(focus: FocusBench, end: str) -> None:
    focus.drop("v1/costs_part-1.csv", HEADER, row(100))
    focus.drop("v1/costs_part-2.csv", HEADER, row(50))
    focus.drop("v2/costs_part-1.csv", HEADER, row(110))
    broken = focus.exports / "v2" / "costs_part-2.csv"
    broken.write_text(f"{HEADER}\n{row(60)}\n{end}")
    focus.touch(broken)
    outcome = focus.extract()
    (told,) = outcome.problems
    assert told.problem == "costs_part-2.csv: cut off: its last row breaks off"
    assert "its delivery is left out whole" in told.remedy
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert focus.charges() == [(100,), (50,)]


def test_what_is_loaded_stays_where_a_newer_delivery_is_refused(focus: FocusBench) -> None:
    path = focus.drop("a.csv", HEADER, row(100))
    focus.extract()
    path.write_text(f"{HEADER}\n{row(110)}\n1,ac")
    focus.touch(path)
    assert focus.extract().exit_code == ExitCode.REJECTED_DATA
    assert focus.charges() == [(100,)]


def test_a_compressed_file_that_is_cut_off_is_refused(focus: FocusBench) -> None:
    focus.drop("v1/a.csv", HEADER, row(100))
    path = focus.exports / "v2.csv.gz"
    whole = gzip.compress("\n".join([HEADER, *(row(cost) for cost in range(5000))]).encode())
    path.write_bytes(whole[: len(whole) // 2])
    focus.touch(path)
    (told,) = focus.extract().problems
    assert told.problem == "v2.csv.gz: cut off or not gzip"
    assert focus.charges() == [(100,)]


def test_a_last_row_without_a_line_end_is_whole(focus: FocusBench) -> None:
    (focus.exports / "a.csv").write_text(f"{HEADER}\n{row(1)}\n{row(2)}")
    assert not focus.extract().problems
    assert focus.charges() == [(1,), (2,)]


def test_a_tag_that_is_there_twice_has_its_first_value(focus: FocusBench) -> None:
    focus.drop(
        "a.csv",
        HEADER + ",Tags",
        row(1) + ',"{""b/~c"": ""x"", ""team"": ""web"", ""team"": ""ops"", ""owner"": ""Ida"", ""owner"": ""Ida""}"',
        row(2) + ',"{""team"": ""web""}"',
    )
    assert not focus.extract().problems
    assert focus.charges("tags") == [
        ('{"b/~c":"x","owner":"withheld","team":"web"}',),
        ('{"team":"web"}',),
    ]


def test_a_column_without_a_name_is_left_out(focus: FocusBench) -> None:
    """A comma too many at the end of each line, as spreadsheets write it, beside a row with a mistake."""
    focus.drop("a.csv", HEADER + ",,", row(1) + ",,", row("much") + ",,")
    outcome = focus.extract()
    (told,) = outcome.problems
    assert told.problem == "a.csv: 1 of 2 rows left out: line 3, field BilledCost: it is not a number"
    assert (outcome.warnings, focus.charges()) == ([], [(1,)])
    focus.drop("b.csv", HEADER + ",", row(3) + ",lost")
    assert "b.csv: columns that FOCUS does not have: column 8, which has no name" in focus.extract().warnings
    assert focus.charges("billed_cost, extra") == [(3, None)]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_whatever_goes_wrong_within_a_file_is_told_without_what_stands_in_it(
    focus: FocusBench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fail(*_: object) -> str:
        return "error('ida@example.com')"

    monkeypatch.setattr("dlt_pipelines.focus.reading._cost_center", fail)
    focus.drop("b.csv", HEADER, row(1))
    path = focus.exports / "b.csv"
    if name.endswith(".parquet"):
        duckdb.execute(f"copy (select * from '{path}') to '{focus.exports / name}'")
        path.unlink()
    (told,) = focus.extract().problems
    assert "ida" not in str(told)
    assert "cannot be read" in told.problem
    # Nothing of it is left in the way of the next one.
    monkeypatch.undo()


def test_names_of_accounts_and_resources_are_not_loaded(focus: FocusBench) -> None:
    header = HEADER + ",ResourceId,ResourceName,SubAccountId,SubAccountName"
    focus.drop("a.csv", header, row(1) + ",r-1,Jane Doe,s-1,jane.doe", row(2) + ",r-2,,s-2,Web")
    outcome = focus.extract()
    assert outcome.warnings == [
        "names that may be a person's are not loaded: ResourceName (1 values), SubAccountName (2 values)"
    ]
    assert focus.charges("resource_id, sub_account_id") == [("r-1", "s-1"), ("r-2", "s-2")]
    assert "jane" not in str(focus.rows("select * from raw_focus.cost_and_usage")).lower()


def test_the_order_of_rows_makes_no_other_content(focus: FocusBench) -> None:
    path = focus.drop("a.csv", HEADER, row(1), row(2), row(2))
    focus.extract()
    path.write_text("\n".join([HEADER, row(2), row(1), row(2)]) + "\n")
    assert dict(focus.extract().reports) == {"unchanged": 1}
    path.write_text("\n".join([HEADER, row(2), row(1), row(1)]) + "\n")
    assert dict(focus.extract().reports) == {"loaded": 1}


def test_a_secret_in_an_address_is_never_shown(focus: FocusBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__FOCUS__EXPORT_GLOB", "memory://ida:s3cret@exports/none.csv?sig=s3cret")
    with pytest.raises(ConfigurationError, match="exports/none") as caught:
        focus.extract()
    assert "s3cret" not in str(caught.value)
