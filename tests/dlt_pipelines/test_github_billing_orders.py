"""Exports that are ordered of GitHub's billing: waited for, found again, fetched by their links, and never twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines.errors import ExitCode, RequestFailed
from dlt_pipelines.github_billing import checks, load_settings
from tests.dlt_pipelines.billing_enterprise import (
    FIRST,
    HEADER_21,
    HEADERS,
    LAST,
    REPORTS,
    TODAY,
    BillingBench,
    export,
    one_enterprise,
    one_row_a_day,
)

__all__ = ["one_enterprise"]

AT_NOON = datetime(2026, 10, 17, 12, tzinfo=UTC)
AT_NOON_LATER = datetime(2026, 10, 20, 12, tzinfo=UTC)


def spans(billing: BillingBench) -> list[tuple[str, str, str]]:
    return sorted((one["report_type"], one["start_date"], one["end_date"]) for one in billing.github.orders)


def test_an_export_is_ordered_waited_for_and_fetched_by_its_signed_link(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    billing.github.looks_until_made = 3
    outcome = billing.extract(FIRST, LAST)
    assert not outcome.problems
    assert spans(billing) == [("ai_credit", "2026-10-01", "2026-10-02"), ("detailed", "2026-10-01", "2026-10-02")]
    assert all(one["send_email"] is False for one in billing.github.orders)
    assert billing.waits == [2, 5, 10, 2, 5, 10]
    assert billing.rows("select report, day, file_name, gross_amount from raw.export_rows order by report") == [
        ("ai_credit", FIRST, "ai_credit 2026-10-01 to 2026-10-02", Decimal("0.2136")),
        ("detailed", FIRST, "detailed 2026-10-01 to 2026-10-02", Decimal("0.2136")),
    ]
    # The day without a row is a day that was read.
    assert billing.rows(
        "select report, report_date, status, rows from raw.report_loads where report like '%-export'"
        " and status = 'loaded' order by all"
    ) == [
        ("ai-credit-export", FIRST, "loaded", 1),
        ("ai-credit-export", LAST, "loaded", 0),
        ("detailed-export", FIRST, "loaded", 1),
        ("detailed-export", LAST, "loaded", 0),
    ]


def test_spans_end_with_the_month_and_premium_requests_with_may(billing: BillingBench) -> None:
    billing.today(date(2026, 7, 2))
    billing.extract(date(2026, 4, 20))
    assert spans(billing) == [
        ("ai_credit", "2026-06-01", "2026-06-30"),
        ("ai_credit", "2026-07-01", "2026-07-01"),
        ("detailed", "2026-04-20", "2026-04-30"),
        ("detailed", "2026-05-01", "2026-05-31"),
        ("detailed", "2026-06-01", "2026-06-30"),
        ("detailed", "2026-07-01", "2026-07-01"),
        ("premium_request", "2026-04-20", "2026-04-30"),
        ("premium_request", "2026-05-01", "2026-05-31"),
    ]


def test_a_day_is_read_again_once_a_day_until_its_month_is_invoiced(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    billing.extract(FIRST, LAST)
    billing.github.asked.clear()
    billing.extract()
    assert ("ai_credit", "2026-10-03", "2026-10-16") in spans(billing), "the rest of the month, and no day twice"
    billing.today(date(2026, 10, 20))
    billing.github.asked.clear()
    billing.extract()
    assert ("ai_credit", "2026-10-01", "2026-10-19") in spans(billing)
    billing.today(date(2026, 11, 10))
    billing.extract()
    billing.github.asked.clear()
    billing.today(date(2026, 11, 11))
    billing.extract()
    assert ("ai_credit", "2026-10-07", "2026-10-31") in spans(billing), "35 days after it, a day is final"


def test_late_use_replaces_its_day(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    billing.extract(FIRST, LAST)
    billing.today(date(2026, 10, 20))
    late = {"date": "2026-10-01", "username": "late-invented"}
    billing.github.files = lambda order: [
        export(
            HEADERS[order["report_type"]], *([{"date": "2026-10-01"}, late] if "2026-10" in order["start_date"] else [])
        )
    ]
    billing.extract()
    assert billing.rows(
        "select report, count(*) from raw.export_rows where day = '2026-10-01' group by all order by all"
    ) == [("ai_credit", 2), ("detailed", 2)]


def test_a_report_without_links_has_no_rows(billing: BillingBench) -> None:
    assert not billing.extract(FIRST, LAST).problems
    assert billing.rows(
        "select status, rows, count(*) from raw.report_loads where report = 'ai-credit-export' and status = 'loaded'"
        " group by all"
    ) == [("loaded", 0, 2)]


def test_a_report_in_several_files_is_one(billing: BillingBench) -> None:
    billing.github.files = lambda order: [
        export(HEADERS[order["report_type"]], {"date": "2026-10-01"}),
        export(HEADERS[order["report_type"]], {"date": "2026-10-01"}, {"date": "2026-10-02"}),
    ]
    assert not billing.extract(FIRST, LAST).problems
    assert billing.rows(
        "select day, count(*) from raw.export_rows where report = 'ai_credit' group by 1 order by 1"
    ) == [
        (FIRST, 2),
        (LAST, 1),
    ]


def test_another_report_in_flight_is_waited_for(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    other = {"id": "other", "report_type": "detailed", "start_date": "2026-01-01", "end_date": "2026-01-31"}
    billing.github.reports = [{**other, "status": "processing", "created_at": "2026-10-17T05:00:00Z"}]
    refused = 0

    def busy(request: Request) -> Response | None:
        nonlocal refused
        if request.method == "POST" and billing.github.reports[-1]["status"] == "processing":
            refused += 1
            if refused == 3:
                billing.github.reports[-1]["status"] = "completed"
        return None

    billing.github.answers[REPORTS] = busy
    assert not billing.extract(FIRST, LAST).problems
    assert refused == 3
    assert billing.waits[:2] == [2, 5]
    assert billing.one("select count(*) from raw.export_rows") == 2


@pytest.mark.parametrize("status", ["processing", "completed"])
def test_an_order_of_a_killed_run_is_found_again(billing: BillingBench, status: str) -> None:
    billing.github.files = one_row_a_day
    ours = {"report_type": "ai_credit", "start_date": "2026-10-01", "end_date": "2026-10-02"}
    hour = {"processing": 10, "completed": 0}[status]
    billing.github.reports = [
        {**ours, "end_date": "2026-10-09", "id": "longer", "status": status, "created_at": f"{TODAY}T05:30:00Z"},
        {**ours, "id": "ours", "status": status, "created_at": f"{TODAY}T{hour:02}:00:00Z"},
    ]
    billing.monkeypatch.setattr("dlt_pipelines.github_billing.orders.current_time", lambda: AT_NOON)
    if status == "processing":
        billing.github.reports.pop(0)
    assert not billing.extract(FIRST, LAST).problems
    assert spans(billing) == [("detailed", "2026-10-01", "2026-10-02")]
    assert billing.one("select count(*) from raw.export_rows where report = 'ai_credit'") == 1


def test_an_order_of_yesterday_is_too_old_to_be_taken(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    ours = {"report_type": "ai_credit", "start_date": "2026-10-01", "end_date": "2026-10-02"}
    billing.github.reports = [{**ours, "id": "old", "status": "completed", "created_at": "2026-10-16T11:59:00Z"}]
    billing.monkeypatch.setattr("dlt_pipelines.github_billing.orders.current_time", lambda: AT_NOON)
    billing.extract(FIRST, LAST)
    assert ("ai_credit", "2026-10-01", "2026-10-02") in spans(billing)


def test_an_order_that_is_made_for_hours_is_not_waited_for_again(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    ours = {"report_type": "ai_credit", "start_date": "2026-10-01", "end_date": "2026-10-02"}
    stuck = {**ours, "id": "stuck", "status": "processing", "created_at": f"{TODAY}T09:59:00Z"}
    billing.github.reports = [stuck]
    billing.monkeypatch.setattr("dlt_pipelines.github_billing.orders.current_time", lambda: AT_NOON)

    def given_up(request: Request) -> Response | None:
        if request.method == "POST":
            stuck["status"] = "failed"
        return None

    billing.github.answers[REPORTS] = given_up
    assert not billing.extract(FIRST, LAST).problems
    assert ("ai_credit", "2026-10-01", "2026-10-02") in spans(billing)
    assert billing.waits == [2, 2]


def test_a_listed_report_that_is_gone_is_ordered_anew(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    ours = {"report_type": "ai_credit", "start_date": "2026-10-01", "end_date": "2026-10-02"}
    billing.github.reports = [{**ours, "id": "gone", "status": "completed", "created_at": f"{TODAY}T11:00:00Z"}]
    billing.monkeypatch.setattr("dlt_pipelines.github_billing.orders.current_time", lambda: AT_NOON)
    billing.github.answers[f"{REPORTS}/gone"] = lambda request: json_response({"message": "Not Found"}, 404)
    assert not billing.extract(FIRST, LAST).problems
    assert ("ai_credit", "2026-10-01", "2026-10-02") in spans(billing)
    assert billing.one("select count(*) from raw.export_rows") == 2


def test_an_order_that_gets_no_id_is_told(billing: BillingBench) -> None:
    def nameless(request: Request) -> Response | None:
        return json_response({"status": "processing"}, 202) if request.method == "POST" else None

    billing.github.answers[REPORTS] = nameless
    problems = billing.extract(FIRST, LAST).problems
    assert [type(problem) for problem in problems] == [RequestFailed, RequestFailed]
    assert "GitHub took the order and gave it no id. The vendor changed its API; report this." in str(problems[0])


@pytest.mark.parametrize("body", [[], {"usage_report_exports": ["mona-invented"]}, {"reports": []}])
def test_a_list_of_reports_of_another_form_is_told(billing: BillingBench, body: Any) -> None:
    def odd(request: Request) -> Response | None:
        return json_response(body) if request.method == "GET" else None

    billing.github.answers[REPORTS] = odd
    (problem,) = billing.extract(FIRST, LAST).problems
    assert "usage reports of enterprise/keel-works: an answer without a list of usage_report_exports" in str(problem)
    assert "mona" not in str(problem)
    assert [check.ok for check in checks(load_settings())][-1] is False


@pytest.mark.parametrize("empty", [[], [export(HEADER_21)], [""]], ids=["no links", "a header alone", "no bytes"])
def test_an_empty_order_takes_no_day_away_and_is_not_taken_again(billing: BillingBench, empty: list[str]) -> None:
    billing.github.files = one_row_a_day
    billing.extract(FIRST, LAST)
    counted = "select report, count(*) from raw.export_rows group by 1 order by 1"
    before = billing.rows(counted)
    assert before == [("ai_credit", 1), ("detailed", 1)]
    billing.today(date(2026, 10, 20))
    billing.monkeypatch.setattr("dlt_pipelines.github_billing.orders.current_time", lambda: AT_NOON_LATER)
    billing.github.files = lambda order: empty
    outcome = billing.extract(until=LAST)
    assert [problem.problem for problem in outcome.problems] == [
        f"the report {kind} 2026-10-01 to 2026-10-02 of enterprise/keel-works: it came without a row, and days of it"
        " had been read with rows"
        for kind in ("ai_credit", "detailed")
    ]
    assert billing.rows(counted) == before
    assert billing.rows(
        "select report_date, status from raw.report_loads where report = 'ai-credit-export'"
        " and status = 'not_available' order by 1"
    ) == [(FIRST, "not_available"), (LAST, "not_available")]
    # Within twelve hours: the empty ones are listed, and not taken for an answer.
    stale = {report["id"] for report in billing.github.reports}
    billing.github.files = lambda order: (
        empty if order["id"] in stale else [export(HEADERS[order["report_type"]], {}, {})]
    )
    assert not billing.extract(until=LAST).problems
    assert billing.rows(
        "select report, max(rows) from raw.report_loads where status = 'loaded' and report like '%-export'"
        " group by 1 order by 1"
    ) == [("ai-credit-export", 2), ("detailed-export", 2)]


def test_an_empty_file_of_several_refuses_the_report(billing: BillingBench) -> None:
    billing.github.files = lambda order: [export(HEADERS[order["report_type"]], {}), ""]
    outcome = billing.extract(FIRST, FIRST)
    assert "(file 2 of 2): it is empty, and others of the report are not" in str(outcome.problems[0])
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert billing.rows("select status from raw.report_loads where report like '%-export' and status = 'loaded'") == []


def test_when_waiting_runs_out_no_other_report_is_ordered(billing: BillingBench) -> None:
    """Eight orders, and another's report that GitHub never comes to an end with."""
    other = {"id": "other", "report_type": "detailed", "start_date": "2026-01-01", "end_date": "2026-01-31"}
    billing.github.reports = [{**other, "status": "processing", "created_at": "2026-10-17T05:00:00Z"}]
    billing.set(export_wait_minutes="10")
    outcome = billing.extract(date(2026, 7, 1))
    (problem,) = outcome.problems
    assert "another report is being made after 10 minutes. The next run finds it again" in str(problem)
    assert 600 <= sum(billing.waits) <= 640
    assert len({str(order) for order in billing.github.orders}) == 1
    billing.github.reports[-1]["status"] = "completed"
    billing.github.asked.clear()
    billing.github.files = one_row_a_day
    assert not billing.extract().problems
    assert len(spans(billing)) == 8


def test_a_report_that_is_never_made_keeps_no_other_waiting(billing: BillingBench) -> None:
    billing.github.looks_until_made = 10_000
    billing.set(export_wait_minutes="10")
    (problem,) = billing.extract(date(2026, 7, 1)).problems
    assert "it is still being made after 10 minutes" in str(problem)
    assert len(billing.github.orders) == 1


def test_a_report_that_fails_is_told_and_the_others_are_loaded(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    billing.github.fails = {"ai_credit"}
    outcome = billing.extract(FIRST, LAST)
    (problem,) = outcome.problems
    assert "the report ai_credit 2026-10-01 to 2026-10-02 of enterprise/keel-works: GitHub could not make it" in str(
        problem
    )
    assert outcome.exit_code == ExitCode.FAILED
    assert billing.rows("select distinct report from raw.export_rows") == [("detailed",)]
    billing.github.fails = set()
    billing.github.asked.clear()
    billing.extract()
    assert any(kind == "ai_credit" and start == "2026-10-01" for kind, start, _ in spans(billing)), "ordered again"


def test_a_report_that_is_never_made_is_given_up(billing: BillingBench) -> None:
    billing.github.looks_until_made = 10_000
    billing.set(export_wait_minutes="10")
    outcome = billing.extract(FIRST, LAST)
    assert "it is still being made after 10 minutes. The next run finds it again" in str(outcome.problems[0])
    assert 600 <= sum(billing.waits) <= 1300


def test_a_link_that_has_expired_is_asked_for_anew(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    billing.github.links_that_expire = 2
    assert not billing.extract(FIRST, LAST).problems
    billing.github.links_that_expire = 3
    outcome = billing.extract(date(2026, 9, 1), date(2026, 9, 1))
    (problem,) = outcome.problems
    assert "its signed links expired 3 times" in str(problem)
    assert "sig=" not in str(problem)


def test_a_bad_row_of_an_ordered_export_is_told_and_asked_for_again(billing: BillingBench) -> None:
    billing.github.files = lambda order: [export(HEADERS[order["report_type"]], {"net_amount": "x"})]
    outcome = billing.extract(FIRST, FIRST)
    assert "ai_credit 2026-10-01 to 2026-10-01, line 2: field net_amount: it is not a number" in str(
        outcome.problems[0]
    )
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert len(billing.kept_aside) == 2


def test_an_ordered_report_is_what_was_ordered_whatever_its_columns(billing: BillingBench) -> None:
    billing.github.files = lambda order: [export(HEADER_21, {})]
    billing.extract(FIRST, FIRST)
    assert billing.rows("select report, count(*) from raw.export_rows group by all order by all") == [
        ("ai_credit", 1),
        ("detailed", 1),
    ]


def test_rows_of_other_days_than_ordered_are_refused(billing: BillingBench) -> None:
    billing.github.files = lambda order: [export(HEADERS[order["report_type"]], {"date": "2026-11-01"})]
    assert "it holds rows of 2026-11-01" in str(billing.extract(FIRST, FIRST).problems[0])


def test_a_file_and_an_ordered_export_are_both_kept(billing: BillingBench) -> None:
    """Which of them speaks is decided in staging, where both are known: no run has to see both."""
    billing.github.files = one_row_a_day
    billing.set(export_glob=str(billing.folder / "exports" / "*.csv"))
    billing.drop("ai.csv", export(HEADER_21, {"date": "2026-10-01"}, {"date": "2026-10-01"}))
    billing.extract(FIRST, FIRST)
    assert billing.rows(
        "select l.report, count(*) from raw.export_rows as r inner join raw.report_loads as l using (report_load_key)"
        " where r.report = 'ai_credit' group by all order by all"
    ) == [("ai-credit-csv", 2), ("ai-credit-export", 1)]
