"""The server tells GitHub's billing with its quirks, out of the same use as everything else."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from demo_client import Client, Serve

from demo import billing_contracts as b
from demo import constants as c
from demo.company import Company, build_company
from demo.github_billing_csv import AI_CREDIT_COLUMNS, HAND_MADE_EXPORTS, TOKEN_COLUMNS, number, write_exports
from demo.github_billing_use import SEAT_SKU, github_billing, user_month

ENTERPRISE = "/enterprises/quill-harbor/settings/billing"
LANTERN = "/organizations/lantern-labs/settings/billing"
SEPTEMBER = {"start_date": "2026-09-01", "end_date": "2026-09-30"}
NINTH_DECIMAL = Decimal("0.000000001")


def ask(client: Client, **body: str) -> requests.Response:
    return client.api.post(f"{client.server.url}{ENTERPRISE}/reports", json=body, timeout=10)


def links(client: Client, **body: str) -> list[str]:
    asked = ask(client, **body).json()
    assert asked["status"] == "processing" or "download_urls" in asked
    found: list[str] = client.get(f"{ENTERPRISE}/reports/{asked['id']}").json().get("download_urls", [])
    return found


def rows(client: Client, **body: str) -> list[dict[str, str]]:
    texts = [client.download(link).content.decode("utf-8-sig") for link in links(client, **body)]
    return [row for text in texts for row in csv.DictReader(io.StringIO(text))]


def total(found: list[dict[str, str]], column: str, sku: str | None = None) -> Decimal:
    own = (Decimal(row[column]).quantize(NINTH_DECIMAL) for row in found if sku in (None, row["sku"]))
    return sum(own, Decimal(0))


def items(client: Client, path: str, **query: object) -> list[dict[str, Any]]:
    answer = client.get(path, **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["usageItems"]
    return found


def test_a_report_is_asked_for_waited_for_and_downloaded(serve: Serve) -> None:
    client = serve(as_of=c.FIRST_AS_OF)
    asked = ask(client, report_type="ai_credit", **SEPTEMBER)
    told = asked.json()
    assert asked.status_code == 202
    assert set(told) == {"id", "report_type", "start_date", "end_date", "status", "created_at", "actor"}
    assert told["status"] == "processing"
    completed = client.get(f"{ENTERPRISE}/reports/{told['id']}").json()
    assert (completed["status"], len(completed["download_urls"])) == ("completed", 1)
    (listed,) = client.get(f"{ENTERPRISE}/reports").json()["usage_report_exports"]
    assert listed.keys() == completed.keys()
    assert listed["download_urls"] != completed["download_urls"]


def test_one_report_at_a_time(serve: Serve) -> None:
    client = serve()
    first = ask(client, report_type="ai_credit", **SEPTEMBER).json()
    assert ask(client, report_type="detailed", **SEPTEMBER).status_code == 409
    client.get(f"{ENTERPRISE}/reports/{first['id']}")
    assert ask(client, report_type="detailed", **SEPTEMBER).status_code == 202


@pytest.mark.parametrize(
    ("kind", "first", "last", "status"),
    [
        ("ai_credit", "2026-08-01", "2026-08-31", 202),
        ("ai_credit", "2026-08-01", "2026-09-01", 400),
        ("detailed", "2026-08-01", "2026-09-01", 400),
        ("summarized", "2026-01-01", "2026-09-01", 202),
        ("ai_credit", "2026-08-02", "2026-08-01", 400),
        ("everything", "2026-08-01", "2026-08-02", 400),
    ],
)
def test_how_long_a_report_may_be(serve: Serve, kind: str, first: str, last: str, status: int) -> None:
    assert ask(serve(), report_type=kind, start_date=first, end_date=last).status_code == status


def test_links_are_signed_and_go_without_authorization(serve: Serve) -> None:
    client = serve()
    (link,) = links(client, report_type="ai_credit", **SEPTEMBER)
    assert client.get(link).status_code == 400
    assert client.download(link.replace("sig=", "sig=x")).status_code == 403
    assert [client.download(link).status_code for _ in range(4)] == [200, 200, 200, 403]


def test_no_rows_are_no_links(serve: Serve) -> None:
    client = serve(as_of=c.AS_OF)
    for body in (
        {"report_type": "premium_request", **SEPTEMBER},
        {"report_type": "ai_credit", "start_date": "2026-10-20"},
    ):
        asked = ask(client, **body).json()
        found = client.get(f"{ENTERPRISE}/reports/{asked['id']}").json()
        assert (found["status"], "download_urls" in found) == ("completed", False)


@pytest.mark.parametrize(
    ("first", "last", "columns"),
    [
        ("2026-07-01", "2026-07-31", AI_CREDIT_COLUMNS),
        ("2026-08-01", "2026-08-31", (*AI_CREDIT_COLUMNS, *TOKEN_COLUMNS)),
    ],
)
def test_tokens_came_in_august(serve: Serve, first: str, last: str, columns: tuple[str, ...]) -> None:
    (link,) = links(client := serve(), report_type="ai_credit", start_date=first, end_date=last)
    header, row = client.download(link).content.decode().splitlines()[:2]
    assert header == "\ufeff" + ",".join(f'"{column}"' for column in columns)
    assert all(value[0] == value[-1] == '"' for value in row.split(","))


def test_credits_are_those_of_the_usage_metrics_and_of_one_user_more(serve: Serve, company: Company) -> None:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows(serve(as_of=c.FIRST_AS_OF), report_type="ai_credit", **SEPTEMBER):
        found[row["date"], row["username"]] += Decimal(row["quantity"])
    used: dict[tuple[str, str], Decimal] = {}
    for day in (day for day in c.DAYS if day.month == 9):
        for use in company.user_days(day, c.AS_OF):
            user = company.user_by_id[use.user_id]
            if user.belongs_to(c.ENTERPRISE) and use.known_credits is not None:
                used[day.isoformat(), user.login] = use.known_credits
    more = {key: amount for key, amount in found.items() if key not in used}
    assert {login for _, login in more} == {b.UNMETERED_LOGIN}
    # 22 working days, Labor Day among them, of 31.25 credits.
    assert sum(more.values()) == Decimal("687.5")
    assert {key: amount for key, amount in found.items() if key in used} == used


def test_the_pool_covers_until_it_is_used_up(serve: Serve) -> None:
    found = rows(serve(as_of=c.FIRST_AS_OF), report_type="ai_credit", **SEPTEMBER)
    # 186 seats with 150 included and 50 promised credits of a cent.
    assert total(found, "discount_amount") == Decimal("372.00")
    nets = [Decimal(row["net_amount"]).quantize(NINTH_DECIMAL) for row in found]
    first_net = next(number for number, net in enumerate(nets) if net)
    assert all(Decimal(row["discount_amount"]) == Decimal(row["gross_amount"]) for row in found[:first_net])
    assert not any(Decimal(row["discount_amount"]) for row in found[first_net + 1 :])
    assert total(found, "net_amount") == total(found, "gross_amount") - Decimal(372)


def test_amounts_are_a_computer_s_sums(serve: Serve) -> None:
    found = rows(serve(), report_type="ai_credit", **SEPTEMBER)
    assert any(len(row["gross_amount"]) > 16 for row in found)
    for row in found:
        gross = Decimal(row["quantity"]) * Decimal("0.01")
        assert abs(Decimal(row["gross_amount"]) - gross) < Decimal("1e-13")
    assert number(0.036000000000000004) == "0.036000000000000004"
    assert (number(1e-06), number(12.0)) == ("0.000001", "12")


def test_a_seat_pays_from_the_day_it_comes(serve: Serve) -> None:
    found = rows(serve(as_of=c.FIRST_AS_OF), report_type="detailed", **SEPTEMBER)
    months: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        if row["sku"] == SEAT_SKU:
            months[row["username"]] += Decimal(row["quantity"])
    assert len(months) == 186
    # Eleven of thirty days.
    assert months.pop(c.SEAT_ADDED_LOGIN) == Decimal("0.366666667")
    assert set(months.values()) == {Decimal(1)}
    first = min(row["date"] for row in found if row["username"] == c.SEAT_ADDED_LOGIN)
    assert first == "2026-09-20"
    assert len(found) > 6_000


@pytest.mark.parametrize("month", [date(2026, 6, 1), date(2026, 7, 1), date(2026, 9, 1)])
def test_the_days_of_a_month_add_up_to_it(month: date) -> None:
    days = (b.next_month(month) - month).days
    assert sum(user_month(month.replace(day=day + 1), date(2025, 1, 1)) for day in range(days)) == 1


def test_use_that_is_reported_late(serve: Serve) -> None:
    """Twenty-four dollars and forty cents of the 30th are there only from the 18th of October on."""
    by_then, now = (
        rows(serve(as_of=as_of), report_type="ai_credit", start_date="2026-09-30", end_date="2026-09-30")
        for as_of in (c.FIRST_AS_OF, c.AS_OF)
    )
    late = [row for row in now if row not in by_then]
    assert [row["username"] for row in late] == [c.TWO_ORGS_LOGIN]
    assert total(now, "net_amount") - total(by_then, "net_amount") == Decimal("24.40")


def test_an_organization_of_an_enterprise_has_no_billing(serve: Serve) -> None:
    client = serve()
    for path in ("usage", "usage/summary", "ai_credit/usage", "premium_request/usage", "budgets"):
        assert client.get(f"/organizations/quill-harbor-apps/settings/billing/{path}").status_code == 404
        assert client.get(f"/orgs/lantern-labs/settings/billing/{path}").status_code == 404
        assert client.get(f"{LANTERN}/{path}").status_code == 200
    assert client.get(f"{LANTERN}/reports").status_code == 404
    assert client.get(f"{LANTERN}/cost-centers").status_code == 404


def test_an_enterprise_s_usage_is_what_has_no_cost_center_unless_one_is_named(serve: Serve) -> None:
    client = serve(as_of=c.FIRST_AS_OF)
    period = {"year": 2026, "month": 9}
    centers = client.get(f"{ENTERPRISE}/cost-centers").json()["costCenters"]
    assert set(centers[0]) == {"id", "name", "state", "resources", "ai_credit_pool_enabled"}
    assert client.get(f"{ENTERPRISE}/cost-centers", state="deleted").json() == {"costCenters": []}
    assert client.get(f"{ENTERPRISE}/cost-centers/{centers[0]['id']}").json() == centers[0]
    parts = [items(client, f"{ENTERPRISE}/usage", **period)]
    parts += [items(client, f"{ENTERPRISE}/usage", **period, cost_center_id=one["id"]) for one in centers]
    told = {"date", "product", "sku", "quantity", "unitType", "pricePerUnit", "grossAmount", "discountAmount"}
    assert set(parts[0][0]) == told | {"netAmount", "organizationName", "repositoryName"}
    nets = [sum(Decimal(str(item["netAmount"])) for item in part) for part in parts]
    assert all(nets)
    # 185 seats of 19 dollars, 11 days of another, and what the pool did not cover.
    whole = Decimal("3515") + Decimal("6.966666673") + Decimal("431.73160558") - Decimal("372")
    assert sum(nets).quantize(NINTH_DECIMAL) == whole


def test_credits_by_model_know_neither_day_nor_user(serve: Serve) -> None:
    client = serve(as_of=c.FIRST_AS_OF)
    answer = client.get(f"{LANTERN}/ai_credit/usage", year=2026, month=9).json()
    assert (answer["timePeriod"], answer["organization"]) == ({"year": 2026, "month": 9}, "lantern-labs")
    assert {tuple(item) for item in answer["usageItems"]} == {
        (
            *("product", "sku", "unitType", "pricePerUnit", "model", "grossQuantity", "discountQuantity"),
            *("netQuantity", "grossAmount", "discountAmount", "netAmount"),
        )
    }
    # 19 seats with 150 included credits.
    covered = sum(Decimal(str(item["discountQuantity"])) for item in answer["usageItems"])
    assert covered.quantize(NINTH_DECIMAL) == 2850
    days = [items(client, f"{LANTERN}/ai_credit/usage", year=2026, month=9, day=day) for day in range(1, 31)]
    by_day = sum(Decimal(str(item["grossQuantity"])) for day in days for item in day)
    assert by_day.quantize(NINTH_DECIMAL) == Decimal("5292.665130")
    one = client.get(f"{ENTERPRISE}/ai_credit/usage", year=2026, month=9, user=b.UNMETERED_LOGIN).json()
    assert one["user"] == b.UNMETERED_LOGIN
    assert sum(item["grossQuantity"] for item in one["usageItems"]) == 687.5


def test_the_summary_adds_up_by_product(serve: Serve) -> None:
    found = items(serve(as_of=c.FIRST_AS_OF), f"{LANTERN}/usage/summary", year=2026, month=9)
    by_sku = {item["sku"]: item for item in found}
    assert by_sku[SEAT_SKU]["netAmount"] == 361
    assert set(by_sku) == {SEAT_SKU, "copilot_ai_credit", "coding_agent_ai_credit"}


@pytest.mark.parametrize("query", [{"year": "x"}, {"year": 2026, "month": "September"}, {"cost_center_id": "nobody"}])
def test_a_wrong_question_is_refused(serve: Serve, query: dict[str, object]) -> None:
    assert serve().get(f"{ENTERPRISE}/usage", **query).status_code == 400


def test_budgets_are_paged_in_their_own_way(serve: Serve) -> None:
    client = serve(as_of=c.FIRST_AS_OF)
    answer = client.get(f"{LANTERN}/budgets")
    told = answer.json()
    assert "link" not in answer.headers
    assert (told["has_next_page"], told["total_count"]) == (False, 1)
    (budget,) = told["budgets"]
    assert budget["budget_product_skus"] == ["ai_credits"]
    assert client.get(f"{LANTERN}/budgets/{budget['id']}").json() == budget
    states = client.get(f"{ENTERPRISE}/budgets/{budget['id']}/user-states").json()
    assert states == {"user_states": [], "has_next_page": False, "total_count": 0}


def test_exports_by_hand_repeat_themselves(company: Company, tmp_path: Path) -> None:
    write_exports(company, tmp_path)
    texts = [(tmp_path / name).read_text(encoding="utf-8-sig") for name, *_ in HAND_MADE_EXPORTS]
    assert texts[0] == texts[1]
    first, _, overlapping = (set(text.splitlines()[1:]) for text in texts)
    assert first & overlapping
    assert overlapping - first


def test_two_companies_are_billed_the_same(company: Company) -> None:
    again = github_billing(build_company())
    for account in (c.ENTERPRISE, c.LANTERN):
        assert again.credit_uses(account, c.AS_OF) == github_billing(company).credit_uses(account, c.AS_OF)
        assert again.seat_uses(account, c.AS_OF) == github_billing(company).seat_uses(account, c.AS_OF)
