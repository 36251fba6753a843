"""The Team plan's spend report, dropped in a folder by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from demo.company import Company
from dlt_pipelines.errors import ExitCode
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.anthropic_bench import ClaudeBench
from tests.dlt_pipelines.pseudonyms import KEY

HEADER = (
    "user_email,account_uuid,product,model,total_requests,total_prompt_tokens,total_completion_tokens,"
    "total_net_spend_usd,total_gross_spend_usd,user_id,total_uncached_input_tokens,total_cache_read_tokens,"
    "total_cache_write_5m_tokens,total_cache_write_1h_tokens,total_web_search_count"
)
OLDER_HEADER = "user_email,account_uuid,product,model,total_requests,total_net_spend_usd"
UUID = "00000000-0000-4000-8000-000000000001"
OCTOBER = "spend-report-00000000-0000-4000-8000-000000000002-2026-10-01-to-2026-10-31.csv"
LINE = f"Ada@Example.com,{UUID},Claude Code,claude-opus-5,10,1000,100,1.25,2.5,user_01Ada,400,500,60,40,3"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, company: Company) -> Iterator[ClaudeBench]:
    """No key, a folder for exports."""
    for name in ("ADMIN_KEY", "ANALYTICS_KEY"):
        monkeypatch.delenv(f"SOURCES__ANTHROPIC__{name}", raising=False)
    monkeypatch.setenv("SOURCES__ANTHROPIC__EXPORT_GLOB", str(tmp_path / "exports" / "*.csv"))
    monkeypatch.setenv("SOURCES__ANTHROPIC__TEAM", "sample")
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-11-05")
    (tmp_path / "exports").mkdir()
    with ExitStack() as stack:
        made = ClaudeBench(tmp_path, monkeypatch, company, stack)
        made.prepare()
        yield made


def drop(bench: ClaudeBench, name: str, *lines: str) -> None:
    """Puts an export into the folder."""
    (bench.folder / "exports" / name).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def test_a_report_is_loaded_with_its_period_and_people_as_pseudonyms(bench: ClaudeBench) -> None:
    drop(bench, OCTOBER, HEADER, LINE)
    assert bench.extract().exit_code == ExitCode.OK
    keys = Pseudonymizer(KEY)
    rows = bench.rows(
        "select account_id, period_start, period_end, user_key, email_key, product, model, requests, prompt_tokens,"
        " uncached_input_tokens, cache_read_input_tokens, cache_write_5m_input_tokens, cache_write_1h_input_tokens,"
        " output_tokens, web_search_requests, net_spend_usd, gross_spend_usd, extra"
        " from raw_anthropic.spend_report_rows"
    )
    assert rows == [
        (
            *("team/sample", date(2026, 10, 1), date(2026, 10, 31)),
            *(keys.key("anthropic_user", "user_01Ada"), keys.key("email", "ada@example.com")),
            *("Claude Code", "claude-opus-5", 10, 1000, 400, 500, 60, 40, 100, 3),
            *(Decimal("1.25"), Decimal("2.5"), None),
        )
    ]


def test_no_address_and_no_account_id_is_in_the_raw_rows(bench: ClaudeBench) -> None:
    drop(bench, OCTOBER, HEADER, LINE)
    bench.extract()
    (row,) = bench.rows("select * from raw_anthropic.spend_report_rows")
    assert not any("example" in str(value).lower() or UUID in str(value) for value in row)


def test_columns_are_read_by_name_and_may_be_missing_or_new(bench: ClaudeBench) -> None:
    drop(bench, OCTOBER, f"{OLDER_HEADER},seat_tier", f"ada@example.com,{UUID},Chat,claude-opus-5,7,0.5,premium")
    outcome = bench.extract()
    assert outcome.exit_code == ExitCode.OK
    assert any("seat_tier" in warning for warning in outcome.warnings)
    rows = bench.rows("select requests, output_tokens, gross_spend_usd, extra from raw_anthropic.spend_report_rows")
    assert rows == [(7, None, None, '{"seat_tier":"premium"}')]


def test_use_of_the_organisation_as_such_has_no_user(bench: ClaudeBench) -> None:
    drop(bench, OCTOBER, OLDER_HEADER, "(org service usage),(org service),(other),,,0.25")
    assert bench.extract().exit_code == ExitCode.OK
    rows = bench.rows("select user_key, email_key, model, net_spend_usd from raw_anthropic.spend_report_rows")
    assert rows == [(None, None, None, Decimal("0.25"))]


def test_the_same_file_twice_is_loaded_once(bench: ClaudeBench) -> None:
    drop(bench, OCTOBER, HEADER, LINE)
    bench.extract()
    outcome = bench.extract()
    assert outcome.reports["unchanged"] == 1
    assert bench.one("select count(*) from raw_anthropic.spend_report_rows") == 1


def test_a_newer_export_of_a_period_replaces_the_one_before(bench: ClaudeBench) -> None:
    drop(bench, OCTOBER, HEADER, LINE)
    bench.extract()
    drop(bench, OCTOBER, HEADER, LINE, LINE.replace("claude-opus-5", "claude-sonnet-5"))
    bench.extract()
    assert bench.one("select count(*) from raw_anthropic.spend_report_rows") == 2


@pytest.mark.parametrize("larger_first", [True, False])
def test_of_two_files_for_one_period_the_larger_is_loaded_and_the_other_told(
    bench: ClaudeBench, larger_first: bool
) -> None:
    first, last = OCTOBER, OCTOBER.replace("spend-report", "spend-report-copy")
    larger, smaller = sorted((first, last), reverse=not larger_first)
    drop(bench, larger, HEADER, LINE, LINE.replace("claude-opus-5", "claude-sonnet-5"))
    drop(bench, smaller, HEADER, LINE.replace(",1.25,", ",1234567.25,"))
    outcome = bench.extract()
    assert bench.rows("select distinct file_name, count(*) over () from raw_anthropic.spend_report_rows") == [
        (larger, 2)
    ]
    (told,) = [warning for warning in outcome.warnings if "spend report" in warning]
    assert told == f"the spend report {smaller} is left out: {larger} is of the same period and larger"


def test_a_file_that_ends_with_a_longer_one_is_left_out_and_told(bench: ClaudeBench) -> None:
    week = OCTOBER.replace("2026-10-01", "2026-10-25")
    drop(bench, OCTOBER, HEADER, LINE)
    drop(bench, week, HEADER, LINE.replace(",1.25,", ",1,"))
    outcome = bench.extract()
    assert bench.rows("select file_name from raw_anthropic.spend_report_rows") == [(OCTOBER,)]
    assert f"the spend report {week} is left out: {OCTOBER} covers its whole period" in outcome.warnings


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((HEADER, LINE.replace(",1.25,", ",a lot,")), "line 2: field total_net_spend_usd: it is not a number"),
        (("product,model", "Chat,x"), "line 1: the column user_email or email is missing"),
        ((HEADER, "too,short"), "line 2: 2 fields, where the header has 15"),
    ],
)
def test_a_file_with_a_mistake_is_kept_aside_and_named(bench: ClaudeBench, lines: tuple[str, ...], told: str) -> None:
    drop(bench, OCTOBER, *lines)
    outcome = bench.extract()
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert f"{OCTOBER}, {told}" in str(outcome.problems[0])
    assert "Ada" not in str(outcome.problems[0])
    assert bench.one("select status from raw_anthropic.report_loads") == "rejected"


def test_a_file_whose_name_does_not_tell_the_period_is_kept_aside(bench: ClaudeBench) -> None:
    drop(bench, "spend.csv", HEADER, LINE)
    outcome = bench.extract()
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert "its name does not tell the period" in str(outcome.problems[0])


def test_a_folder_without_a_file_is_told(bench: ClaudeBench) -> None:
    outcome = bench.extract()
    assert outcome.exit_code == ExitCode.USAGE
    assert "SOURCES__ANTHROPIC__EXPORT_GLOB" in str(outcome.problems[0])
