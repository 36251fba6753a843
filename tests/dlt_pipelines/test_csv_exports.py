"""CSV files that somebody dropped in a folder: headers, cells, and what is said of a mistake."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dlt_pipelines.csv_exports import (
    CsvColumn,
    Export,
    Records,
    as_count,
    as_day,
    as_flag,
    as_instant,
    as_number,
    find_exports,
    records_in,
    speaking_days,
    store_exports,
    stored_records,
)
from dlt_pipelines.errors import ConfigurationError, RejectedFile

COLUMNS = (
    CsvColumn("day", ("Date", "Day"), as_day, required=True, filled=True),
    CsvColumn("tokens", ("Total Tokens",), as_count),
    CsvColumn("usd", ("Spend", "Cost"), as_number, required=True),
)


def export(text: str | bytes) -> Export:
    return Export("spend.csv", text.encode() if isinstance(text, str) else text, "digest")


def rows(text: str | bytes) -> list[dict[str, object]]:
    return list(records_in(export(text), COLUMNS))


def test_columns_are_found_by_any_of_their_names_in_any_order() -> None:
    assert rows("COST, day \n1.50,2026-11-01\n") == [{"usd": "1.50", "day": "2026-11-01"}]
    assert rows("Date,Total Tokens,Spend\n2026-11-01,7,2\n") == [{"day": "2026-11-01", "tokens": 7, "usd": "2"}]


def test_byte_order_mark_quotes_line_ends_and_blank_lines_are_no_matter() -> None:
    head, first = '\ufeff"Date","Total Tokens","Spend"\r\n', '"2026-11-01","1,234,567","$1,234.50"\r\n'
    assert rows(head + first + '\r\n,,\r\n"2026-11-02","",""\r\n') == [
        {"day": "2026-11-01", "tokens": 1234567, "usd": "1234.50"},
        {"day": "2026-11-02"},
    ]


def test_columns_that_nobody_knows_keep_their_name_and_text() -> None:
    assert rows("Date,Spend,New Thing\n2026-11-01,1,007\n") == [{"day": "2026-11-01", "usd": "1", "New Thing": "007"}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Date,Total Tokens\n2026-11-01,7\n", "spend.csv, line 1: the column Spend or Cost is missing"),
        ("Date,Spend,Cost\n2026-11-01,1,1\n", "spend.csv, line 1: the column Cost is there twice"),
        ("", "spend.csv, line 1: the column Date or Day is missing"),
        ("Date,Spend\n2026-11-01,1\n\n2026-11-02,ada@example.com\n", "line 4: field Spend: it is not a number"),
        ("Date,Spend\n11/01/2026,1\n", "line 2: field Date: it is not an ISO date such as 2026-10-01"),
        ("Date,Spend\n,1\n", "line 2: field Date: it is blank"),
        ("Date,Spend,Total Tokens\n2026-11-01,1,1.5\n", "line 2: field Total Tokens: it is not a whole number"),
        ("Date,Spend\n2026-11-01,1,2\n", "line 2: 3 fields, where the header has 2"),
        ('Date,Spend\n2026-11-01,"1\n', "not CSV (cut off or a quote too many)"),
        (b"Date,Spend\n2026-11-01,\xff\n", "line 2: not UTF-8; save the file as UTF-8"),
        ("Date,Spend\n2026-11-01,NaN\n", "line 2: field Spend: it is not a number"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field_without_quoting_the_cell(text: str | bytes, problem: str) -> None:
    with pytest.raises(RejectedFile) as caught:
        rows(text)
    assert problem in str(caught.value)
    assert str(caught.value).startswith("spend.csv, line ")
    assert "ada@example.com" not in str(caught.value)


def test_cells_are_read_as_what_they_are() -> None:
    assert [as_flag(cell) for cell in ("Yes", "no", "TRUE", "")] == [True, False, True, None]
    assert as_instant("2025-11-13T18:36:05.846Z") == "2025-11-13T18:36:05.846+00:00"
    assert as_instant("2025-11-14T00:30:00+02:00") == "2025-11-13T22:30:00.000+00:00"
    assert as_instant("2025-11-13 18:36:05") == "2025-11-13T18:36:05.000+00:00"
    assert [as_number(cell) for cell in ("0.10", "$0.10", "-1,000", "1e-3", "")] == [
        "0.10",
        "0.10",
        "-1000",
        "1e-3",
        None,
    ]
    with pytest.raises(ValueError, match=r"^$"):
        as_flag("maybe")


def test_a_glob_finds_files_and_the_same_content_once(tmp_path: Path) -> None:
    for name, text in (("b.csv", "two"), ("a.csv", "one"), ("copy of a.csv", "one"), ("notes.txt", "three")):
        (tmp_path / name).write_text(text)
    found = find_exports(str(tmp_path / "*.csv"), "X")
    assert [(one.name, one.content) for one in found] == [("a.csv", b"one"), ("b.csv", b"two")]
    assert [one.name for one in find_exports((tmp_path / "b.csv").as_uri(), "X")] == ["b.csv"]


@pytest.mark.parametrize("pattern", ["nothing/*.csv", "nothing/at_all.csv", "nosuchprotocol://x/*.csv"])
def test_no_file_is_told_with_the_setting_to_check(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(ConfigurationError, match=r"Check SOURCES__X__EXPORT_GLOB\."):
        find_exports(pattern if "://" in pattern else str(tmp_path / pattern), "SOURCES__X__EXPORT_GLOB")


def days(**counts: int) -> dict[date, Records]:
    found = {}
    for name, count in counts.items():
        day = date(2026, 11, int(name[1:]))
        found[day] = Records([f"{name}{number}".encode() for number in range(count)])
    return found


OLD, NEW = datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)


def test_on_the_first_and_last_day_of_overlapping_exports_the_fullest_speaks() -> None:
    # The first export ends in the middle of the 3rd; the second starts in the middle of the 2nd.
    first, second = days(d1=2, d2=5, d3=1), days(d2=3, d3=4, d4=1)
    chosen = speaking_days([(NEW, second), (OLD, first)])
    assert [(day.day, len(records)) for day, records in chosen.items()] == [(1, 2), (2, 5), (3, 4), (4, 1)]


def test_a_newer_export_speaks_for_a_whole_day_though_it_has_fewer_rows() -> None:
    older, newer = days(d1=9, d2=1000, d3=9), days(d1=8, d2=990, d3=9, d4=1)
    for exports in ([(OLD, older), (NEW, newer)], [(NEW, newer), (OLD, older)]):
        chosen = speaking_days(exports)
        assert chosen[date(2026, 11, 2)] is newer[date(2026, 11, 2)]
        # The older one's last day, as full: it is cut off or not, the newer one's is whole.
        assert chosen[date(2026, 11, 3)] is newer[date(2026, 11, 3)]


def test_of_exports_alike_the_newest_file_speaks_then_the_furthest_then_the_last_name() -> None:
    day = date(2026, 11, 2)
    newest, named_last = days(d2=5), days(d2=5)
    assert speaking_days([(NEW, newest), (OLD, named_last)])[day] is newest[day]
    further, nearer = days(d1=1, d2=5, d9=1), days(d1=1, d2=5, d8=1)
    assert speaking_days([(OLD, further), (OLD, nearer)])[day] is further[day]
    assert speaking_days([(OLD, newest), (OLD, named_last)])[day] is named_last[day]


def test_exports_know_when_they_were_last_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("one")
    os.utime(path, (NEW.timestamp(), NEW.timestamp()))
    assert [one.modified for one in find_exports(str(path), "X")] == [NEW]
    assert [one.modified for one in store_exports(str(path), "X", tmp_path)] == [NEW]


def test_files_of_one_name_in_several_folders_are_told_apart(tmp_path: Path) -> None:
    for folder in ("may", "june/late"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "report.csv").write_text("one")
    (tmp_path / "report.csv").write_text("two")
    names = [one.name for one in store_exports(str(tmp_path / "**" / "*.csv"), "X", tmp_path)]
    assert sorted(names) == ["june/late/report.csv", "may/report.csv", "report.csv"]


@pytest.mark.parametrize("damage", ["cut off", "no gzip at all", "other bytes"])
def test_a_damaged_file_is_refused_by_itself(tmp_path: Path, damage: str) -> None:
    packed = gzip.compress(b"Date,Spend\n2026-11-01,ada@example.com\n" * 1000, mtime=0)
    packed = {"cut off": packed[:-40], "no gzip at all": b"Date", "other bytes": packed[:20] + b"\xff" * 40}[damage]
    (tmp_path / "bad.csv.gz").write_bytes(packed)
    (tmp_path / "good.csv").write_text("Date,Spend\n2026-11-01,1\n")
    bad, good = store_exports(str(tmp_path / "*.csv*"), "X", tmp_path)
    assert list(stored_records(good, COLUMNS)) == [{"day": "2026-11-01", "usd": "1"}]
    with pytest.raises(RejectedFile, match=r"^bad\.csv\.gz: it cannot be read to its end"):
        list(stored_records(bad, COLUMNS))
    with pytest.raises(RejectedFile, match="copy it again"):
        list(records_in(find_exports(str(tmp_path / "*.gz"), "X")[0], COLUMNS))


def test_a_comma_at_the_end_of_each_line_is_no_column() -> None:
    assert rows("Date,Spend,,\n2026-11-01,1,,\n2026-11-02,2, ,\n") == [
        {"day": "2026-11-01", "usd": "1"},
        {"day": "2026-11-02", "usd": "2"},
    ]
    with pytest.raises(RejectedFile, match=r"line 3: field 3: it is not blank, as the column's header is"):
        rows("Date,Spend,\n2026-11-01,1,\n2026-11-02,2,ada@example.com\n")


def test_a_new_column_named_like_a_field_of_ours_is_not_that_field() -> None:
    assert rows("Date,Spend,USD\n2026-11-01,1,0.9\n") == [{"day": "2026-11-01", "usd": "1", "USD (column)": "0.9"}]
    with pytest.raises(RejectedFile, match="the column new thing is there twice"):
        rows("Date,Spend,New Thing,new thing\n2026-11-01,1,2,3\n")


@pytest.mark.parametrize("address", ["nosuch://ada:secret-1@host/x/*.csv?sig=secret-2", "memory://x/*.csv?secret-3"])
def test_an_address_is_shown_without_its_secrets(tmp_path: Path, address: str) -> None:
    for find in (find_exports, lambda pattern, setting: list(store_exports(pattern, setting, tmp_path))):
        with pytest.raises(ConfigurationError) as caught:
            find(address, "X")
        assert "secret" not in str(caught.value)
        assert "/x/" in str(caught.value) or "://x/" in str(caught.value)
