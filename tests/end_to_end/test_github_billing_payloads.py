"""Published example payloads of GitHub's billing, read by the real extractor; totals are computed again from the files.

The payloads lie outside the project and are not part of it; without them these tests are skipped.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.exact_json import dumps
from demo.local_server import Request, Response
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.billing_enterprise import (
    ENTERPRISE,
    KEY,
    ORGANIZATION,
    BillingBench,
    billing_bench,
)
from tests.end_to_end.workbench import PROJECT

EXAMPLES = PROJECT.parent / "shared" / "data" / "github" / "examples"

pytestmark = [
    pytest.mark.xdist_group("github_billing_examples"),
    pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"there are no example payloads in {EXAMPLES}"),
]

Json = dict[str, Any]
NINE_DIGITS = Decimal("0.000000001")
EXPORTS = {
    "billing_premium_request_export_sample_17col.csv": "premium_request",
    "billing_ai_usage_export_21col_readme_rows.csv": "ai_credit",
}
SUMS = {
    "grossQuantity": "gross_quantity",
    "grossAmount": "gross_amount",
    "discountQuantity": "discount_quantity",
    "discountAmount": "discount_amount",
    "netQuantity": "net_quantity",
    "netAmount": "net_amount",
}


@pytest.fixture
def billing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingBench]:
    with billing_bench(tmp_path, monkeypatch) as bench:
        yield bench


def read(name: str) -> Json:
    found: Json = json.loads((EXAMPLES / name).read_text(encoding="utf-8"), parse_float=Decimal)
    return found


def decimal(text: str) -> Decimal:
    return Decimal(text).quantize(NINE_DIGITS, ROUND_HALF_UP)


def serve(bench: BillingBench, path: str, body: Json) -> None:
    def answer(request: Request) -> Response:
        return Response(200, dumps(body).encode())

    bench.github.answers[path] = answer


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_lands_row_by_row(billing: BillingBench, name: str) -> None:
    billing.only_files()
    billing.set(export_glob=str(billing.folder / "exports" / "*.csv"))
    shutil.copy(EXAMPLES / name, billing.folder / "exports")
    outcome = billing.extract()
    assert not outcome.problems
    assert not outcome.warnings
    keys = Pseudonymizer(KEY)
    with (EXAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("quantity", "gross_amount", "discount_amount", "net_amount", "aic_quantity", "aic_gross_amount")
    expected = sorted(
        (
            row["date"],
            str(keys.key("github_login", row["username"]) or ""),
            row["sku"],
            row["model"],
            row["unit_type"],
            *(decimal(row[column]) for column in columns),
            int(row.get("input") or -1),
            int(row.get("cache_write") or -1),
        )
        for row in rows
    )
    found = billing.rows(
        f"""
        select
            cast(day as varchar), coalesce(login_key, ''), sku, model, unit_type, {", ".join(columns)},
            coalesce(input_tokens, -1), coalesce(cache_write_tokens, -1)
        from raw.export_rows where report = '{EXPORTS[name]}'
        """
    )
    assert sorted(found) == expected
    assert (
        sum(row[-7] for row in found)
        == sum(decimal(row["gross_amount"]) for row in rows)
        == billing.one("select sum(credits_sum) from raw.report_loads")
    )


def items(bench: BillingBench, table: str) -> list[tuple[Any, ...]]:
    return bench.rows(f"select sku, unit_type, unit_price, {', '.join(SUMS.values())} from raw.{table} order by all")


def told(body: Json) -> list[tuple[Any, ...]]:
    return sorted(
        (
            item["sku"],
            item["unitType"],
            decimal(str(item["pricePerUnit"])),
            *(decimal(str(item[name])) for name in SUMS),
        )
        for item in body["usageItems"]
    )


@pytest.mark.parametrize(
    "name",
    [
        "rest/billing__get-github-billing-ai-credit-usage-report-org__200.json",
        "viewer_billing_ai_credit_usage_response.json",
    ],
)
def test_ai_credits_of_an_organization(billing: BillingBench, name: str) -> None:
    billing.set(enterprise=None, organizations='["lantern-yard"]')
    body = read(name)
    serve(billing, f"{ORGANIZATION}/ai_credit/usage", body)
    assert not billing.extract(date(2026, 10, 1), date(2026, 10, 1)).problems
    assert items(billing, "model_items") == told(body)
    logins = {item.get("user") for item in body["usageItems"]}
    assert {key for (key,) in billing.rows("select distinct login_key from raw.model_items")} == {
        Pseudonymizer(KEY).key("github_login", login) for login in logins
    }


def test_premium_requests_of_an_organization(billing: BillingBench) -> None:
    billing.set(enterprise=None, organizations='["lantern-yard"]')
    body = read("rest/billing__get-github-billing-premium-request-usage-report-org__200.json")
    serve(billing, f"{ORGANIZATION}/premium_request/usage", body)
    assert not billing.extract(date(2026, 5, 1), date(2026, 5, 1)).problems
    assert items(billing, "model_items") == told(body)


@pytest.mark.parametrize("scope", ["org", "ghe"])
def test_a_summary(billing: BillingBench, scope: str) -> None:
    if scope == "org":
        billing.set(enterprise=None, organizations='["lantern-yard"]')
    body = read(f"rest/billing__get-github-billing-usage-summary-report-{scope}__200.json")
    serve(billing, f"{ORGANIZATION if scope == 'org' else ENTERPRISE}/usage/summary", body)
    assert not billing.extract(date(2026, 10, 1), date(2026, 10, 1)).problems
    assert items(billing, "summary_items") == told(body)


def test_usage_of_its_own_day_and_of_another(billing: BillingBench) -> None:
    billing.set(enterprise=None, organizations='["lantern-yard"]')
    body = read("rest/billing__get-github-billing-usage-report-org__200.json")
    serve(billing, f"{ORGANIZATION}/usage", body)
    (problem,) = billing.extract(date(2026, 10, 1), date(2026, 10, 1)).problems
    assert "a record of 2023-08-01 in the report of 2026-10-01" in str(problem)
    billing.today(date(2023, 8, 2))
    assert not billing.extract(date(2023, 8, 1), date(2023, 8, 1)).problems
    (item,) = body["usageItems"]
    assert billing.rows(
        "select day, sku, quantity, unit_price, gross_amount, net_amount, organization, repository from raw.usage_items"
    ) == [
        (
            *(date(2023, 8, 1), item["sku"], Decimal(item["quantity"]), item["pricePerUnit"], item["grossAmount"]),
            *(item["netAmount"], item["organizationName"], item["repositoryName"]),
        )
    ]


def test_budgets_and_cost_centers(billing: BillingBench) -> None:
    budgets = read("rest/billing__get-all-budgets__200.json")
    centers = read("rest/billing__get-all-cost-centers__200.json")
    serve(billing, f"{ENTERPRISE}/budgets", budgets)
    serve(billing, f"{ENTERPRISE}/cost-centers", centers)
    outcome = billing.extract(date(2026, 10, 1), date(2026, 10, 1))
    assert not outcome.problems
    assert not outcome.warnings
    assert billing.rows(
        "select budget_id, product_skus, budget_amount, alert_recipients from raw.budgets order by budget_id"
    ) == sorted(
        (
            one["id"],
            ",".join(one["budget_product_skus"]),
            Decimal(one["budget_amount"]),
            len(one["budget_alerting"]["alert_recipients"]),
        )
        for one in budgets["budgets"]
    )
    assert billing.rows(
        "select cost_center_id, name, pool_current_credits from raw.cost_centers order by cost_center_id"
    ) == sorted(
        (one["id"], one["name"], (one.get("ai_credit_pool_state") or {}).get("current_amount"))
        for one in centers["costCenters"]
    )
    named = [resource for one in centers["costCenters"] for resource in one["resources"]]
    assert billing.one("select count(*) from raw.cost_center_resources") == len(named)
    assert billing.one("select count(login_key) from raw.cost_center_resources") == sum(
        resource["type"] == "User" for resource in named
    )


def test_an_order_as_github_describes_it(billing: BillingBench) -> None:
    """The list of the description holds reports of others, on their way and done; ours is ordered beside them."""
    listed = read("rest/billing__list-usage-report-exports__200.json")
    made = read("rest/billing__get-usage-report-export__200.json")
    placed = read("rest/billing__create-usage-report-export__202.json")
    path = f"{ENTERPRISE}/reports"
    link = f"{billing.github.url}/signed/one"

    def reports(request: Request) -> Response:
        if request.method == "GET":
            return Response(200, dumps(listed).encode())
        return Response(202, dumps({**placed, "status": "processing"}).encode())

    billing.github.answers[path] = reports
    serve(billing, f"{path}/{placed['id']}", {**made, "download_urls": [link]})
    text = (EXAMPLES / "billing_ai_usage_export_21col_readme_rows.csv").read_text(encoding="utf-8")
    billing.monkeypatch.setattr(billing.github, "_file", lambda request: Response(200, text.encode()))
    billing.extract(date(2026, 6, 1), date(2026, 6, 30))
    assert billing.rows(
        "select day, net_amount, input_tokens from raw.export_rows where report = 'ai_credit' order by day"
    ) == [
        (date(2026, 6, 1), Decimal(0), 1420),
        (date(2026, 6, 11), Decimal(0), 100),
    ]
