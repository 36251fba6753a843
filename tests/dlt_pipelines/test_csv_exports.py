"""CSV files that somebody dropped in a folder: headers, cells, and what is said of a mistake."""

from __future__ import annotations

from datetime import date
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
    fullest_days,
    records_in,
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


def test_of_overlapping_exports_the_fullest_speaks_for_a_day_then_the_furthest() -> None:
    # The first export ends in the middle of the 3rd; the second starts in the middle of the 2nd.
    first, second = days(d1=2, d2=5, d3=1), days(d2=3, d3=4, d4=1)
    chosen = fullest_days([second, first])
    assert [(day.day, len(records)) for day, records in chosen.items()] == [(1, 2), (2, 5), (3, 4), (4, 1)]
    newer, older = days(d2=5, d9=1), days(d2=5, d8=1)
    assert fullest_days([newer, older])[date(2026, 11, 2)] is newer[date(2026, 11, 2)]
