"""Usage reports as CSV: read by the names of their columns, whatever their order, kind and company."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_pipelines.csv_exports import StoredExport
from dlt_pipelines.errors import ConfigurationError, ExitCode, RejectedFile
from dlt_pipelines.github_billing import checks, export_files, load_settings
from dlt_pipelines.reports import connect
from tests.dlt_pipelines.billing_enterprise import (
    DETAILED,
    HEADER_17,
    HEADER_21,
    PREMIUM,
    SUMMARIZED,
    BillingBench,
    billing_bench,
    export,
)
from tests.dlt_pipelines.pseudonyms import key

MONA = key("github_login", "mona-invented")
DAY = date(2026, 10, 1)


@pytest.fixture
def billing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingBench]:
    """An enterprise without a token; its exports lie in a folder."""
    with billing_bench(tmp_path, monkeypatch) as bench:
        bench.only_files()
        bench.set(export_glob=str(tmp_path / "exports" / "*.csv"))
        yield bench


def test_the_export_of_21_columns_is_loaded_without_a_token(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_21, {}))
    outcome = billing.extract()
    assert not outcome.problems
    assert not outcome.warnings
    assert billing.github.asked == []
    assert billing.rows(
        "select account_id, scope, report, day, row_ordinal, file_name, login_key, product, sku, model, quantity,"
        " unit_type, unit_price, gross_amount, discount_amount, net_amount, total_monthly_quota, exceeds_quota,"
        " organization, repository, workflow_path, cost_center_name, aic_quantity, aic_gross_amount, input_tokens,"
        " output_tokens, cache_read_tokens, cache_write_tokens, extra from raw.export_rows"
    ) == [
        (
            *("enterprise/keel-works", "enterprise", "ai_credit", DAY, 1, "ai.csv", MONA, "copilot"),
            *("copilot_ai_credit", "Claude Opus 4.6", Decimal("21.36"), "ai-credits", Decimal("0.01")),
            *(Decimal("0.2136"), Decimal("0.2"), Decimal("0.0136"), Decimal(1900), None, "keel-apps", None, None, None),
            *(Decimal(0), Decimal(0), 1420, 590, 175000, 4200, None),
        )
    ]


def test_the_export_of_17_columns_has_no_tokens(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_17, {}))
    billing.extract()
    assert billing.rows("select report, gross_amount, input_tokens, cache_write_tokens from raw.export_rows") == [
        ("ai_credit", Decimal("0.2136"), None, None)
    ]


def test_legacy_premium_requests_are_known_by_exceeds_quota(billing: BillingBench) -> None:
    requests = {"unit_type": "requests", "sku": "copilot_premium_request", "aic_quantity": "2.541"}
    billing.drop("pru.csv", export(PREMIUM, {**requests, "date": "2025-10-01", "exceeds_quota": "True"}))
    older = [name for name in PREMIUM if not name.startswith("aic_")]
    billing.drop("older.csv", export(older, {**requests, "date": "2025-09-01"}))
    billing.extract()
    assert billing.rows(
        "select day, report, exceeds_quota, repository, aic_quantity from raw.export_rows order by day"
    ) == [
        (date(2025, 9, 1), "premium_request", False, None, None),
        (date(2025, 10, 1), "premium_request", True, None, Decimal("2.541")),
    ]


def test_detailed_and_summarized_exports_have_no_model(billing: BillingBench) -> None:
    workflow = "dynamic/agents/copilot-pull-request-reviewer"
    minutes = {"product": "actions", "sku": "actions_linux", "unit_type": "minutes", "workflow_path": workflow}
    billing.drop("detailed.csv", export(DETAILED, minutes))
    billing.drop("summarized.csv", export(SUMMARIZED, minutes))
    billing.extract()
    assert billing.rows("select report, login_key, workflow_path, unit_type from raw.export_rows order by report") == [
        ("detailed", MONA, workflow, "minutes"),
        ("summarized", None, None, "minutes"),
    ]


def digest(folder: Path, text: str) -> tuple[str, str]:
    path = folder / f"{abs(hash(text))}.csv"
    path.write_text(text, encoding="utf-8")
    with connect(folder) as connection:
        found = export_files.read(connection, [StoredExport(path.name, path, "0", 1)], path.name)
    (rows,) = found.days.values()
    return found.report, rows.sha256


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(HEADER_21),
    rows=st.permutations([{"quantity": "1"}, {"quantity": "2"}, {"username": ""}]),
    bom=st.booleans(),
)
def test_columns_are_read_by_name_in_any_order(
    tmp_path: Path, order: list[str], rows: list[dict[str, str]], bom: bool
) -> None:
    usual = digest(tmp_path, export(HEADER_21, {"quantity": "1"}, {"quantity": "2"}, {"username": ""}))
    assert digest(tmp_path, export(order, *rows, bom=bom)) == usual
    assert digest(tmp_path, export(order, *rows[:2], bom=bom)) != usual


def test_a_shuffled_export_lands_as_the_usual_one(billing: BillingBench) -> None:
    shuffled = random.Random(7).sample(HEADER_21, len(HEADER_21))
    assert shuffled != HEADER_21
    billing.drop("a.csv", export(HEADER_21, {}, {"date": "2026-10-02", "username": "hub-invented"}))
    billing.extract()
    everything = "select * exclude (report_load_key, _dlt_load_id, file_name) from raw.export_rows order by day"
    usual = billing.rows(everything)
    (billing.folder / "exports" / "a.csv").unlink()
    billing.drop("b.csv", export(shuffled, {"date": "2026-10-02", "username": "hub-invented"}, {}))
    assert billing.extract().reports == {"unchanged": 2}
    assert billing.rows(everything) == usual


def test_columns_that_nobody_knows_are_kept_and_told(billing: BillingBench) -> None:
    header = [*HEADER_21, "surcharge", "reviewer_login", "report"]
    text = export(header, {"surcharge": "0.5", "reviewer_login": "mona-invented", "report": "x"}, {"surcharge": ""})
    billing.drop("ai.csv", text)
    outcome = billing.extract()
    (warning,) = outcome.warnings
    assert "surcharge" in warning
    assert sorted(
        (json.loads(extra) for (extra,) in billing.rows("select extra from raw.export_rows where extra is not null")),
        key=len,
    ) == [{"report (column)": "x", "reviewer_login": "withheld", "surcharge": "0.5"}]
    assert billing.one("select count(*) from raw.export_rows where report = 'ai_credit'") == 2


def test_quoting_commas_line_breaks_and_windows_line_ends(billing: BillingBench) -> None:
    row = {"cost_center_name": 'Sails, "Ropes"\nand Tar', "repository": "keel, apps"}
    billing.drop("ai.csv", export(HEADER_17, row).replace('"\n"', '"\r\n"'))
    assert not billing.extract().problems
    assert billing.rows("select cost_center_name, repository from raw.export_rows") == [
        ('Sails, "Ropes"\nand Tar', "keel, apps")
    ]


def test_both_units_in_one_file_are_rows_of_their_own(billing: BillingBench) -> None:
    requests = {"unit_type": "requests", "sku": "copilot_premium_request", "quantity": "3", "gross_amount": "0.12"}
    billing.drop("ai.csv", export(HEADER_17, {}, requests))
    billing.extract()
    assert billing.rows("select unit_type, quantity, gross_amount from raw.export_rows order by unit_type") == [
        ("ai-credits", Decimal("21.36"), Decimal("0.2136")),
        ("requests", Decimal(3), Decimal("0.12")),
    ]


def test_rows_without_a_user_stay(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_17, {"username": "", "model": "Code Review model"}))
    billing.extract()
    assert billing.rows("select login_key, model from raw.export_rows") == [(None, "Code Review model")]
    assert billing.one("select users from raw.report_loads") == 0


def test_rows_that_are_alike_all_count(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_17, {}, {}))
    billing.extract()
    assert billing.rows("select row_ordinal, net_amount from raw.export_rows order by 1") == [
        (1, Decimal("0.0136")),
        (2, Decimal("0.0136")),
    ]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.036000000000000004", "0.036"),
        ("3.6300000000000003", "3.63"),
        ("0.0000000005", "0.000000001"),
        ("0.00000000049999999999", "0"),
        ("1e-05", "0.00001"),
        ("5.551115123125783e-17", "0"),
        ("9e-17", "0"),
        ("-5E-12", "0"),
        ("5e-10", "0.000000001"),
        ("1.5E+3", "1500"),
        ("-12.50", "-12.5"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
    ],
)
def test_amounts_go_from_text_to_decimal_rounded_once(billing: BillingBench, text: str, amount: str) -> None:
    billing.drop("ai.csv", export(HEADER_17, {"gross_amount": text}))
    assert not billing.extract().problems
    assert billing.rows("select gross_amount from raw.export_rows") == [(Decimal(amount),)]
    assert billing.one("select credits_sum from raw.report_loads") == Decimal(amount)


def test_noise_in_the_14th_decimal_is_no_change(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_17, {"gross_amount": "0.036"}))
    billing.extract()
    billing.drop("ai.csv", export(HEADER_17, {"gross_amount": "0.036000000000004"}))
    assert billing.extract().reports == {"unchanged": 1}
    billing.drop("ai.csv", export(HEADER_17, {"gross_amount": "0.037"}))
    assert billing.extract().reports == {"loaded": 1}
    assert billing.rows("select gross_amount from raw.export_rows") == [(Decimal("0.037"),)]


@pytest.mark.parametrize(("quota", "read"), [("3900", Decimal(3900)), ("Unknown", None), ("", None), ("0", Decimal(0))])
def test_an_unknown_quota_is_unknown(billing: BillingBench, quota: str, read: Decimal | None) -> None:
    billing.drop("ai.csv", export(HEADER_17, {"total_monthly_quota": quota}))
    assert not billing.extract().problems
    assert billing.rows("select total_monthly_quota from raw.export_rows") == [(read,)]


def test_the_same_file_twice_counts_once_and_is_told(billing: BillingBench) -> None:
    text = export(HEADER_17, {}, {"quantity": "2"})
    billing.drop("a.csv", text)
    billing.drop("a (1).csv", text)
    billing.extract()
    assert billing.one("select count(*) from raw.export_rows") == 2
    (kept,) = {name for (name,) in billing.rows("select file_name from raw.export_rows")}
    (aside,) = {"a.csv", "a (1).csv"} - {kept}
    assert billing.rows(
        "select day, report, file_name, rows, gross_amount, discount_amount, net_amount, reason, kept_file_name"
        " from raw.superseded_exports"
    ) == [(DAY, "ai_credit", aside, 2, Decimal("0.4272"), Decimal("0.4"), Decimal("0.0272"), "same_content", kept)]
    assert billing.extract().reports == {"unchanged": 2}


def test_of_files_that_overlap_the_fullest_speaks_for_a_day(billing: BillingBench) -> None:
    first, second, third = ({"date": f"2026-10-0{day}"} for day in (1, 2, 3))
    billing.drop("early.csv", export(HEADER_17, first, first, second))
    billing.drop("late.csv", export(HEADER_17, second, second, third))
    billing.extract()
    assert billing.rows("select day, file_name, count(*) from raw.export_rows group by all order by all") == [
        (date(2026, 10, 1), "early.csv", 2),
        (date(2026, 10, 2), "late.csv", 2),
        (date(2026, 10, 3), "late.csv", 1),
    ]
    assert billing.rows(
        "select day, file_name, rows, gross_amount, reason, kept_file_name from raw.superseded_exports"
    ) == [(date(2026, 10, 2), "early.csv", 1, Decimal("0.2136"), "overlap", "late.csv")]


def test_days_that_are_alike_in_two_files_are_the_same_content(billing: BillingBench) -> None:
    first, second = ({"date": f"2026-10-0{day}"} for day in (1, 2))
    billing.drop("one.csv", export(HEADER_17, first))
    billing.drop("two.csv", export([*reversed(HEADER_17)], second, first))
    billing.extract()
    assert billing.rows("select day, file_name, reason, kept_file_name from raw.superseded_exports") == [
        (DAY, "one.csv", "same_content", "two.csv")
    ]


def test_what_is_set_aside_no_more_is_not_listed_any_longer(billing: BillingBench) -> None:
    billing.drop("a.csv", export(HEADER_17, {}))
    billing.drop("b.csv", export(HEADER_17, {}))
    billing.extract()
    assert billing.one("select count(*) from raw.superseded_exports") == 1
    (billing.folder / "exports" / "b.csv").unlink()
    assert not billing.extract().problems
    assert billing.one("select count(*) from raw.superseded_exports") == 0
    assert billing.extract().reports == {"unchanged": 2}


def test_kinds_of_report_do_not_compete(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_17, {}))
    billing.drop("detailed.csv", export(DETAILED, {}, {}))
    billing.extract()
    assert billing.rows("select report, count(*) from raw.export_rows group by all order by all") == [
        ("ai_credit", 1),
        ("detailed", 2),
    ]
    assert billing.rows("select report, rows from raw.report_loads order by report") == [
        ("ai-credit-csv", 1),
        ("detailed-csv", 2),
    ]


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        (HEADER_17, {"gross_amount": "a lot"}, "line 3: field gross_amount: it is not a number"),
        (HEADER_17, {"net_amount": ""}, "line 3: field net_amount: it is blank"),
        (HEADER_17, {"quantity": "NaN"}, "line 3: field quantity: it is not a number"),
        (HEADER_17, {"date": "10/01/2026"}, "line 3: field date: it is not an ISO date such as 2026-06-30"),
        (HEADER_17, {"date": "6/1/26"}, "line 3: field date: it is not an ISO date such as 2026-06-30"),
        (HEADER_17, {"date": "20261001"}, "line 3: field date: it is not an ISO date such as 2026-06-30"),
        (HEADER_17, {"total_monthly_quota": "x"}, "line 3: field total_monthly_quota: it is not a number or Unknown"),
        (HEADER_21, {"input": "1.5"}, "line 3: field input: it is not a whole number"),
        (PREMIUM, {"exceeds_quota": "perhaps"}, "line 3: field exceeds_quota: it is not yes or no"),
    ],
)
def test_a_bad_row_is_told_by_file_line_and_field(
    billing: BillingBench, header: list[str], row: dict[str, str], told: str
) -> None:
    bad = export(header, {}, row)
    billing.drop("bad.csv", bad)
    billing.drop("good.csv", export(HEADER_17, {"date": "2026-09-30"}))
    outcome = billing.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, RejectedFile)
    assert f"bad.csv, {told}" in str(problem)
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert billing.rows("select distinct day from raw.export_rows") == [(date(2026, 9, 30),)]
    (kept,) = billing.kept_aside
    assert kept.read_text(encoding="utf-8") == bad
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (export(HEADER_17, {}).encode() + b'"2026-10-01","x"\n', "line 3: 2 fields, where the header has 17"),
        (export(HEADER_17, {}).encode()[:-20], "not CSV (cut off or a quote too many)"),
        (export(HEADER_17, {}).encode().replace(b"keel-apps", b"k\xff"), "line 2: not UTF-8"),
        (export([*HEADER_17, "sku"], {}).encode(), "line 1: the column sku is there twice"),
        (export(HEADER_17[1:], {}).encode(), "line 1: the column date is missing"),
        (b"", "line 1: the column date is missing"),
    ],
)
def test_a_damaged_file_is_kept_aside(billing: BillingBench, content: bytes, told: str) -> None:
    billing.drop("bad.csv", content)
    outcome = billing.extract()
    (problem,) = outcome.problems
    assert "bad.csv" in str(problem)
    assert told in str(problem)
    assert "mona" not in str(problem)
    assert outcome.exit_code == ExitCode.REJECTED_DATA


def test_an_export_without_rows_is_no_mistake(billing: BillingBench) -> None:
    billing.drop("empty.csv", export(HEADER_17))
    outcome = billing.extract()
    assert not outcome.problems
    assert not outcome.reports


def test_compressed_exports_are_read(billing: BillingBench) -> None:
    billing.set(export_glob=str(billing.folder / "exports" / "*"))
    billing.drop("ai.csv.gz", gzip.compress(export(HEADER_17, {}).encode()))
    billing.extract()
    assert billing.one("select count(*) from raw.export_rows") == 1


def test_a_half_copied_file_is_told_and_the_others_are_loaded(billing: BillingBench) -> None:
    billing.set(export_glob=str(billing.folder / "exports" / "*"))
    billing.drop("bad.csv.gz", gzip.compress(export(HEADER_17, {}).encode())[:-30])
    billing.drop("good.csv", export(HEADER_17, {}))
    outcome = billing.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, RejectedFile)
    assert "bad.csv.gz: it cannot be read to its end" in str(problem)
    assert billing.one("select count(*) from raw.export_rows") == 1


def test_a_comma_at_the_end_of_each_line_is_no_mistake(billing: BillingBench) -> None:
    billing.drop("ai.csv", "".join(f"{line},\n" for line in export(HEADER_17, {}, {}).splitlines()))
    outcome = billing.extract()
    assert not outcome.problems
    assert not outcome.warnings
    assert billing.rows("select gross_amount, extra from raw.export_rows") == [(Decimal("0.2136"), None)] * 2
    billing.drop("odd.csv", export([*HEADER_17, ""], {"": "mona-invented"}))
    (problem,) = billing.extract().problems
    assert "odd.csv, line 2: field 18: it is not blank, as the column's header is" in str(problem)
    assert "mona" not in str(problem)


def test_a_new_column_named_like_one_of_ours_is_kept_beside_it(billing: BillingBench) -> None:
    billing.drop("ai.csv", export([*HEADER_17, "Unit_Price", "day"], {"Unit_Price": "0.04", "day": "x"}))
    assert not billing.extract().problems
    ((price, day, extra),) = billing.rows("select unit_price, day, extra from raw.export_rows")
    assert (price, day) == (Decimal("0.01"), DAY)
    assert json.loads(extra) == {"Unit_Price (column)": "0.04", "day (column)": "x"}


def test_of_two_files_the_newest_speaks_whatever_its_name(billing: BillingBench) -> None:
    """A browser calls the second download `report (1).csv`, which sorts before `report.csv`."""
    whole = [{"date": "2026-09-30"}, {}, {"date": "2026-10-02"}]
    billing.drop("report (1).csv", export(HEADER_17, *whole[:1], {"net_amount": "0.5"}, *whole[2:]))
    billing.drop("report.csv", export(HEADER_17, *whole))
    for name, second in (("report (1).csv", 2_000_000_000), ("report.csv", 1_900_000_000)):
        os.utime(billing.folder / "exports" / name, (second, second))
    billing.extract()
    spoken = "select file_name, net_amount from raw.export_rows where day = '2026-10-01'"
    assert billing.rows(spoken) == [("report (1).csv", Decimal("0.5"))]
    # A restatement with fewer rows of a day within its period.
    billing.drop("report.csv", export(HEADER_17, *whole, {}, {}))
    os.utime(billing.folder / "exports" / "report.csv", (1_900_000_000, 1_900_000_000))
    billing.extract()
    assert billing.rows(spoken) == [("report (1).csv", Decimal("0.5"))]


def test_the_same_file_in_two_folders_is_set_aside_by_its_path(billing: BillingBench) -> None:
    billing.set(export_glob=str(billing.folder / "exports" / "**" / "*.csv"))
    for folder in ("a", "b", "c"):
        (billing.folder / "exports" / folder).mkdir()
        billing.drop(f"{folder}/report.csv", export(HEADER_17, {}))
    billing.extract()
    assert billing.rows("select file_name from raw.superseded_exports order by 1") == [
        ("b/report.csv",),
        ("c/report.csv",),
    ]


def test_no_name_is_loaded(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_21, {}))
    billing.extract()
    tables = billing.rows("select table_name from duckdb_tables() where schema_name = 'raw_github_billing'")
    assert ("export_rows",) in tables
    for (table,) in tables:
        assert "mona" not in str(billing.rows(f"select * from raw.{table}"))


def test_a_path_without_exports_is_told(billing: BillingBench) -> None:
    outcome = billing.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, ConfigurationError)
    assert "SOURCES__GITHUB_BILLING__EXPORT_GLOB" in str(problem)
    assert [(check.subject, check.ok) for check in checks(load_settings())] == [("github_billing exports", False)]


def test_the_doctor_reads_the_exports(billing: BillingBench) -> None:
    billing.drop("ai.csv", export(HEADER_17, {}, {}))
    (check,) = checks(load_settings())
    assert (check.ok, check.detail) == (True, "1 files with 2 rows")
    billing.drop("bad.csv", export(HEADER_17, {"quantity": "x"}))
    (check,) = checks(load_settings())
    assert (check.ok, check.exit_code) == (False, ExitCode.REJECTED_DATA)


def test_exports_are_of_the_only_organization(billing: BillingBench) -> None:
    billing.set(enterprise=None, organizations='["lantern-yard"]')
    billing.drop("ai.csv", export(HEADER_17, {}))
    billing.extract()
    assert billing.rows("select account_id, scope from raw.export_rows") == [
        ("organization/lantern-yard", "organization")
    ]


@pytest.mark.parametrize("organizations", [None, '["one", "two"]'])
def test_exports_of_nobody_or_of_several_are_refused(billing: BillingBench, organizations: str | None) -> None:
    billing.set(enterprise=None, organizations=organizations)
    billing.drop("ai.csv", export(HEADER_17, {}))
    with pytest.raises(ConfigurationError, match="SOURCES__GITHUB_BILLING__ENTERPRISE"):
        billing.extract()
