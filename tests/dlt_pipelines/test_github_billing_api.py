"""GitHub's billing over the API: usage, summaries, budgets, cost centers, refusals and the doctor."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.github_billing import checks, load_settings
from tests.dlt_pipelines.billing_enterprise import (
    ENTERPRISE,
    FIRST,
    HEADER_17,
    LAST,
    ORGANIZATION,
    REPORTS,
    TODAY,
    TOKEN,
    BillingBench,
    Json,
    export,
    one_enterprise,
    one_row_a_day,
)
from tests.dlt_pipelines.pseudonyms import key

__all__ = ["one_enterprise"]

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
def yard(billing: BillingBench) -> BillingBench:
    """An organization that is billed by itself."""
    billing.set(enterprise=None, organizations='["lantern-yard"]')
    return billing


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
    login = key("github_login", "mona-invented")
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
    login = key("github_login", "mona-invented")
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
    login = key("github_login", "mona-invented")
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
