"""GitHub's billing over the API: exports that are ordered, usage, summaries, budgets and cost centers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.github_billing import checks, load_settings
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.billing_enterprise import (
    DETAILED,
    ENTERPRISE,
    HEADER_17,
    HEADER_21,
    KEY,
    ORGANIZATION,
    PREMIUM,
    TODAY,
    TOKEN,
    BillingBench,
    billing_bench,
    export,
)

Json = dict[str, Any]
AT_NOON = datetime(2026, 10, 17, 12, tzinfo=UTC)
AT_NOON_LATER = datetime(2026, 10, 20, 12, tzinfo=UTC)
REPORTS = f"{ENTERPRISE}/reports"
HEADERS = {"ai_credit": HEADER_21, "premium_request": PREMIUM, "detailed": DETAILED}
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 2)
ITEM = {
    "product": "Copilot",
    "sku": "Copilot AI Credits",
    "model": "GPT-5",
    "unitType": "credits",
    "pricePerUnit": Decimal("0.01"),
    "grossQuantity": Decimal("351.13242"),
    "grossAmount": Decimal("3.511325"),
    "discountQuantity": Decimal("228.236074"),
    "discountAmount": Decimal("2.282362"),
    "netQuantity": Decimal("122.896346"),
    "netAmount": Decimal("1.228963"),
}


@pytest.fixture
def billing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingBench]:
    with billing_bench(tmp_path, monkeypatch) as bench:
        yield bench


@pytest.fixture
def yard(billing: BillingBench) -> BillingBench:
    """An organization that is billed by itself."""
    billing.set(enterprise=None, organizations='["lantern-yard"]')
    return billing


def one_row_a_day(order: Json) -> list[str]:
    """Files of a report with one row on its first day."""
    return [export(HEADERS[order["report_type"]], {"date": order["start_date"]})]


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


def test_an_enterprise_is_asked_for_months_by_cost_center(billing: BillingBench) -> None:
    billing.github.cost_centers = [{"id": "cc-1", "name": "Sails", "resources": []}]

    def usage(query: Json) -> list[Json]:
        center = query.get("cost_center_id", "nobody")
        found = {"date": f"2026-{int(query['month']):02}-01", "product": "copilot", "sku": center, "netAmount": 1}
        return [{**found, "quantity": Decimal("0.036000000000000004123"), "grossAmount": Decimal("1.1")}]

    billing.github.usage = usage
    assert not billing.extract(date(2026, 9, 30)).problems
    assert sorted(map(str, billing.github.queries("/billing/usage"))) == sorted(
        str({"year": "2026", "month": month, **center})
        for month in ("9", "10")
        for center in ({}, {"cost_center_id": "cc-1"})
    )
    assert billing.rows(
        "select report, day, usage_month, item_date, cost_center_id, sku, quantity, gross_amount, net_amount"
        " from raw.usage_items order by usage_month, sku"
    ) == [
        ("usage-month", None, date(2026, month, 1), f"2026-{month:02}-01", center, sku, *amounts)
        for month in (9, 10)
        for center, sku in (("cc-1", "cc-1"), (None, "nobody"))
        for amounts in [(Decimal("0.036"), Decimal("1.1"), Decimal(1))]
    ]
    assert billing.rows(
        "select report_date, window_start, window_end from raw.report_loads where report = 'usage-month'"
        " and status = 'loaded' order by 1"
    ) == [
        (date(2026, 9, 1), date(2026, 9, 1), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 10, 1), TODAY),
    ]


def test_use_of_today_in_a_running_month_is_no_mistake(billing: BillingBench) -> None:
    billing.github.usage = lambda query: [{"date": "2026-10-17", "sku": "s", "grossAmount": 1}]
    assert not billing.extract(FIRST).problems
    assert billing.one("select count(*) from raw.usage_items") == 1


def test_a_month_that_changes_replaces_its_reading(billing: BillingBench) -> None:
    billing.github.summary = lambda query: [{**ITEM, "model": None}]
    billing.extract(FIRST)
    billing.today(date(2026, 10, 20))
    billing.github.summary = lambda query: [{**ITEM, "model": None, "netAmount": 9}]
    billing.extract()
    assert billing.rows("select net_amount from raw.summary_items where usage_month = '2026-10-01'") == [(Decimal(9),)]


def test_an_organization_is_asked_day_by_day_with_year_month_and_day(yard: BillingBench) -> None:
    yard.github.usage = lambda query: [
        {
            "date": "2026-10-01T00:00:00Z",
            "product": "Actions",
            "sku": "Actions Linux",
            "quantity": 100,
            "unitType": "minutes",
            "pricePerUnit": Decimal("0.008"),
            "grossAmount": Decimal("0.8"),
            "discountAmount": 0,
            "netAmount": Decimal("0.8"),
            "organizationName": "lantern-yard",
            "repositoryName": "lantern-yard/lamp",
        }
    ]
    yard.github.models = lambda report, query: [ITEM, {**ITEM, "user": "mona-invented"}]
    assert not yard.extract(FIRST, FIRST).problems
    day = {"year": "2026", "month": "10", "day": "1"}
    assert yard.github.queries("/billing/usage") == [day]
    assert yard.github.queries("/ai_credit/usage") == [day]
    assert yard.github.queries("/premium_request/usage") == []
    assert yard.github.queries("/usage/summary") == [{"year": "2026", "month": "10"}]
    assert yard.github.orders == []
    assert yard.rows(
        "select account_id, report, day, usage_month, sku, quantity, unit_price, net_amount, repository"
        " from raw.usage_items"
    ) == [
        (
            *("organization/lantern-yard", "usage", FIRST, FIRST, "Actions Linux", Decimal(100), Decimal("0.008")),
            *(Decimal("0.8"), "lantern-yard/lamp"),
        )
    ]
    login = str(Pseudonymizer(KEY).key("github_login", "mona-invented"))
    assert yard.rows(
        "select report, day, model, gross_quantity, gross_amount, discount_quantity, discount_amount, net_quantity,"
        " net_amount, login_key from raw.model_items order by record_ordinal"
    ) == [
        (
            *("ai-credit-usage", FIRST, "GPT-5", Decimal("351.13242"), Decimal("3.511325"), Decimal("228.236074")),
            *(Decimal("2.282362"), Decimal("122.896346"), Decimal("1.228963"), key),
        )
        for key in (None, login)
    ]


def test_premium_requests_are_asked_for_until_may_2026(yard: BillingBench) -> None:
    yard.today(date(2026, 6, 2))
    yard.extract(date(2026, 5, 31), date(2026, 6, 1))
    assert [query["day"] for query in yard.github.queries("/premium_request/usage")] == ["31"]
    assert [query["day"] for query in yard.github.queries("/ai_credit/usage")] == ["1"]


def test_numbers_of_answers_keep_their_digits(yard: BillingBench) -> None:
    long = Decimal("12345678901234567890.123456789")
    yard.github.models = lambda report, query: [{**ITEM, "grossAmount": long, "netAmount": Decimal("0.1234567885")}]
    yard.extract(FIRST, FIRST)
    assert yard.rows("select gross_amount, net_amount from raw.model_items") == [(long, Decimal("0.123456789"))]


def test_numbers_with_an_exponent_are_rounded_as_others(yard: BillingBench) -> None:
    tiny = {"grossAmount": Decimal("5.551115123125783E-17"), "netAmount": Decimal("9E-17")}
    yard.github.models = lambda report, query: [{**ITEM, **tiny, "netQuantity": Decimal("1.5E+3")}]
    yard.extract(FIRST, FIRST)
    assert yard.rows("select gross_amount, net_amount, net_quantity from raw.model_items") == [(0, 0, Decimal(1500))]
    assert yard.rows("select credits_sum from raw.report_loads where report = 'ai-credit-usage' and rows > 0") == [(0,)]


def test_an_amount_that_is_no_number_is_told_without_its_value(yard: BillingBench) -> None:
    yard.github.models = lambda report, query: [{**ITEM, "grossAmount": "mona-invented"}]
    (problem,) = yard.extract(FIRST, FIRST).problems
    assert "ai-credit-usage of organization/lantern-yard: grossAmount is not a number" in str(problem)
    assert "mona" not in str(problem)


def test_an_organization_of_an_enterprise_is_told_as_what_it_is(billing: BillingBench) -> None:
    billing.set(organizations='["keel-apps"]')
    outcome = billing.extract(FIRST, LAST)
    (problem,) = outcome.problems
    assert isinstance(problem, PermissionMissing)
    assert "GitHub has no billing for organization/keel-apps (404)" in str(problem)
    assert "an organization of an enterprise is billed there" in str(problem)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert len(billing.github.orders) == 2, "the enterprise is read all the same"


def test_a_server_that_is_not_available_is_asked_again(yard: BillingBench) -> None:
    tries = 0

    def unavailable(request: Request) -> Response | None:
        nonlocal tries
        tries += 1
        return json_response({"code": "503", "message": "try later"}, 503) if tries < 3 else None

    yard.github.answers[f"{ORGANIZATION}/usage"] = unavailable
    assert not yard.extract(FIRST, FIRST).problems
    assert yard.waits == [1, 2]


def test_a_refusal_names_what_the_token_needs_and_is_told_once(billing: BillingBench) -> None:
    def refuse(request: Request) -> Response:
        return json_response({"message": "Must be an enterprise owner"}, 403)

    billing.github.answers[REPORTS] = refuse
    outcome = billing.extract(date(2026, 8, 1))
    (problem,) = outcome.problems
    assert "GitHub refuses usage reports of enterprise/keel-works (Must be an enterprise owner)" in str(problem)
    assert "manage_billing:enterprise" in str(problem)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    (missing,) = [check for check in checks(load_settings()) if not check.ok]
    assert missing.subject == "enterprise/keel-works usage reports"


def test_a_span_that_github_refuses_is_told_once(yard: BillingBench) -> None:
    yard.github.answers[f"{ORGANIZATION}/usage"] = lambda request: json_response({"message": "too old"}, 400)
    (problem,) = yard.extract(FIRST, date(2026, 10, 9)).problems
    assert "usage of organization/lantern-yard: GitHub answered 400 (too old)" in str(problem)


def test_a_token_that_is_not_accepted_ends_the_run_after_the_files_are_loaded(billing: BillingBench) -> None:
    billing.set(token="wrong", export_glob=str(billing.folder / "exports" / "*.csv"))
    billing.drop("ai.csv", export(HEADER_17, {}))
    with pytest.raises(TokenRefused, match="SOURCES__GITHUB_BILLING__TOKEN"):
        billing.extract(FIRST, LAST)
    assert billing.one("select count(*) from raw.export_rows") == 1


def test_budgets_are_read_page_by_page_and_name_nobody(billing: BillingBench) -> None:
    alerting = {"will_alert": True, "alert_recipients": ["mona-invented", "hub-invented"]}
    billing.github.budgets = [
        {
            "id": "b1",
            "budget_type": "BundlePricing",
            "budget_product_skus": ["ai_credits", "spark_ai_credits"],
            "budget_scope": "enterprise",
            "budget_amount": 1000,
            "prevent_further_usage": True,
            "budget_alerting": alerting,
        },
        {
            "id": "b2",
            "budget_type": "SkuPricing",
            "budget_product_sku": "actions_linux",
            "budget_scope": "user",
            "budget_entity_name": "mona-invented",
            "user": "mona-invented",
            "budget_amount": 50,
            "consumed_amount": Decimal("12.340000000000001"),
            "prevent_further_usage": False,
        },
        {"id": "b3", "budget_scope": "organization", "budget_entity_name": "keel-apps", "budget_amount": 5},
    ]
    billing.github.budgets_per_page = 2
    assert not billing.extract(FIRST, FIRST).problems
    assert [query["page"] for query in billing.github.queries("/budgets")] == ["1", "2"]
    login = str(Pseudonymizer(KEY).key("github_login", "mona-invented"))
    assert billing.rows(
        "select budget_id, product_skus, budget_scope, entity_name, login_key, budget_amount, consumed_amount,"
        " prevents_further_usage, will_alert, alert_recipients, snapshot_date, extra from raw.budgets order by 1"
    ) == [
        (
            "b1",
            "ai_credits,spark_ai_credits",
            "enterprise",
            None,
            None,
            Decimal(1000),
            None,
            True,
            True,
            2,
            TODAY,
            None,
        ),
        ("b2", "actions_linux", "user", None, login, Decimal(50), Decimal("12.34"), False, None, None, TODAY, None),
        ("b3", None, "organization", "keel-apps", None, Decimal(5), None, None, None, None, TODAY, None),
    ]


@pytest.mark.parametrize(("counted", "is_told"), [(2, False), (5, True), (None, True)])
def test_budgets_that_never_end_are_told_unless_all_are_there(
    billing: BillingBench, counted: int | None, is_told: bool
) -> None:
    """GitHub says of each page that another follows, and gives the last one again."""

    def pages(request: Request) -> Response:
        number = min(int(dict(request.query)["page"]), 2)
        listed = [{"id": f"b{number}", "budget_scope": "enterprise", "budget_amount": 1}]
        return json_response({"budgets": listed, "has_next_page": True, "total_count": counted})

    billing.github.answers[f"{ENTERPRISE}/budgets"] = pages
    problems = [str(problem) for problem in billing.extract(FIRST, FIRST).problems]
    assert [("the pages of budgets have no end" in problem) for problem in problems] == [True] * is_told
    assert [query["page"] for query in billing.github.queries("/budgets")] == ["1", "2", "3"]
    if not is_told:
        assert billing.rows("select budget_id from raw.budgets order by 1") == [("b1",), ("b2",)]


def test_users_of_a_cost_center_are_keys(billing: BillingBench) -> None:
    billing.github.cost_centers = [
        {
            "id": "cc-1",
            "name": "Sails",
            "state": "active",
            "azure_subscription": None,
            "resources": [
                {"type": "User", "name": "Mona-Invented"},
                {"type": "Team", "name": "riggers"},
                {"type": "Robot", "name": "hub-invented"},
            ],
            "ai_credit_pool_enabled": True,
            "ai_credit_pool_state": {"target_amount": 21000, "current_amount": Decimal("7250.5")},
        },
        {"id": "cc-2", "name": "Ropes", "state": "deleted", "resources": [], "new_thing": 7},
    ]
    outcome = billing.extract(FIRST, FIRST)
    assert not outcome.problems
    assert any("new_thing" in warning for warning in outcome.warnings)
    assert billing.rows(
        "select cost_center_id, name, state, ai_credit_pool_enabled, pool_target_credits, pool_current_credits, extra"
        " from raw.cost_centers order by 1"
    ) == [
        ("cc-1", "Sails", "active", True, Decimal(21000), Decimal("7250.5"), None),
        ("cc-2", "Ropes", "deleted", None, None, None, json.dumps({"new_thing": 7}, separators=(",", ":"))),
    ]
    login = str(Pseudonymizer(KEY).key("github_login", "mona-invented"))
    assert billing.rows(
        "select cost_center_id, resource_ordinal, resource_type, resource_name, login_key"
        " from raw.cost_center_resources order by 2"
    ) == [
        ("cc-1", 1, "User", None, login),
        ("cc-1", 2, "Team", "riggers", None),
        ("cc-1", 3, "Robot", None, None),
    ]


def test_the_token_goes_nowhere_else(billing: BillingBench) -> None:
    billing.github.files = one_row_a_day
    outcome = billing.extract(FIRST, LAST)
    assert not outcome.problems
    signed = [record for record in billing.github.requests if record.path.startswith("/signed/")]
    assert signed
    assert not any(record.had_authorization for record in signed)
    manifest = str(billing.rows("select * from raw.report_loads"))
    assert TOKEN not in manifest
    assert "sig=" not in manifest


def test_the_doctor_tries_every_report_and_orders_none(billing: BillingBench) -> None:
    found = list(checks(load_settings()))
    assert all(check.ok for check in found)
    assert [check.subject.split(" ", 1)[1] for check in found] == [
        *("usage-summary", "usage-month", "budgets", "cost-centers", "usage reports"),
    ]
    assert billing.github.orders == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"token": None}, "SOURCES__GITHUB_BILLING__EXPORT_GLOB"),
        ({"enterprise": None}, "SOURCES__GITHUB_BILLING__ORGANIZATIONS"),
        ({"concurrency": "many"}, "SOURCES__GITHUB_BILLING__CONCURRENCY"),
    ],
)
def test_what_is_missing_is_named(billing: BillingBench, settings: dict[str, str | None], told: str) -> None:
    billing.set(**settings)
    with pytest.raises(ConfigurationError, match=told):
        load_settings()


def test_an_answer_of_another_form_is_told(yard: BillingBench) -> None:
    yard.github.answers[f"{ORGANIZATION}/usage"] = lambda request: json_response({"items": []})
    (problem,) = yard.extract(FIRST, LAST).problems
    assert isinstance(problem, RequestFailed)
    assert "usage of organization/lantern-yard: an answer without usageItems" in str(problem)
