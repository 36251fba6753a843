"""The demo server behaves as GitHub's documentation says."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from demo_client import Client, Serve

from demo import constants as c
from demo.company import AS_OF, FIRST_AS_OF, LAST_DAY, RESTATED_DAY, Account, Company
from demo.github_reports import report_names

BUSY_DAY = date(2026, 10, 14)


def test_users_report_tells_what_the_company_did(client: Client, company: Company) -> None:
    records = client.records(c.APPS, "users-1-day", BUSY_DAY)
    rows = company.account_user_days(c.APPS, BUSY_DAY, AS_OF)
    told = {record["user_id"]: record.get("ai_credits_used") for record in records}
    assert told == {row.user_id: row.known_credits for row in rows}


def test_credits_keep_their_digits(client: Client, company: Company) -> None:
    text = b"".join(client.files(c.ENTERPRISE, "users-1-day", BUSY_DAY)).decode()
    written = Counter(re.findall(r'"ai_credits_used":([0-9.]+)', text))
    known = (row.known_credits for row in company.account_user_days(c.ENTERPRISE, BUSY_DAY, AS_OF))
    assert written == Counter(f"{amount:f}" for amount in known if amount is not None)


def test_same_figures_in_every_scope(client: Client, company: Company) -> None:
    user_id = company.user(c.TWO_ORGS_LOGIN).user_id
    scopes = ("organization_id", "enterprise_id", "entity_id_partition")
    found = [
        {name: value for name, value in record.items() if name not in scopes}
        for account in (c.ENTERPRISE, c.APPS, c.DATA)
        for record in client.records(account, "users-1-day", BUSY_DAY)
        if record["user_id"] == user_id
    ]
    assert len(found) == 3
    assert found[0] == found[1] == found[2]


def test_rows_outside_the_enterprise_have_no_enterprise_id(client: Client) -> None:
    records = client.records(c.LANTERN, "users-1-day", BUSY_DAY)
    assert records
    assert not any("enterprise_id" in record for record in records)


def test_features_add_up_and_ides_do_not_always(client: Client) -> None:
    records = [r for r in client.records(c.ENTERPRISE, "users-28-day") if "loc_added_sum" in r]
    for name in ("totals_by_feature", "totals_by_language_feature"):
        assert all(sum(item["loc_added_sum"] for item in r[name]) == r["loc_added_sum"] for r in records)
    for name in ("totals_by_ide", "totals_by_model_feature"):
        off = [r for r in records if sum(item["loc_added_sum"] for item in r[name]) != r["loc_added_sum"]]
        assert off


def test_large_reports_are_split(client: Client) -> None:
    assert len(client.report(c.ENTERPRISE, "users-1-day", BUSY_DAY).json()["download_links"]) == 2
    assert len(client.report(c.LANTERN, "users-1-day", BUSY_DAY).json()["download_links"]) == 1


def test_long_report_is_28_single_days(client: Client) -> None:
    period = {"report_start_day", "report_end_day"}
    long = [{k: v for k, v in r.items() if k not in period} for r in client.records(c.LANTERN, "users-28-day")]
    days = (LAST_DAY - timedelta(days=offset) for offset in reversed(range(28)))
    assert long == [record for day in days for record in client.records(c.LANTERN, "users-1-day", day)]


def test_aggregate_counts_the_days_active_users(client: Client, company: Company) -> None:
    (record,) = client.records(c.APPS, "organization-1-day", BUSY_DAY)
    rows = company.account_user_days(c.APPS, BUSY_DAY, AS_OF)
    assert record["daily_active_users"] == sum(row.is_active is True for row in rows)
    assert record["code_generation_activity_count"] == sum(row.counters.generations for row in rows)
    (long,) = client.records(c.APPS, "organization-28-day")
    assert record in long["day_totals"]


def test_user_teams_leave_out_small_teams(client: Client) -> None:
    slugs = {record["slug"] for record in client.records(c.DATA, "user-teams-1-day", BUSY_DAY)}
    assert "data-platform" in slugs
    assert c.SMALL_TEAM not in slugs
    enterprise = {record["slug"] for record in client.records(c.ENTERPRISE, "user-teams-1-day", BUSY_DAY)}
    assert enterprise == {"champions", "copilot-pilots"}


@pytest.mark.parametrize("day", [c.FIRST_DAY - timedelta(days=1), LAST_DAY + timedelta(days=1)])
@pytest.mark.parametrize(("account", "status"), [(c.APPS, 204), (c.ENTERPRISE, 404)])
def test_day_that_is_not_there(client: Client, account: Account, status: int, day: date) -> None:
    answer = client.report(account, "users-1-day", day)
    assert answer.status_code == status
    assert bool(answer.content) == (status == 404)


def test_hole_for_ever(client: Client) -> None:
    assert client.report(c.HOLE_ACCOUNT, "users-1-day", c.HOLE_DAY).status_code == 204
    assert client.report(c.ENTERPRISE, "users-1-day", c.HOLE_DAY).status_code == 200


def test_as_of_moves(serve: Serve) -> None:
    client = serve(as_of=FIRST_AS_OF)
    before = client.records(c.ENTERPRISE, "users-1-day", RESTATED_DAY)
    assert client.report(c.APPS, "users-1-day", LAST_DAY).status_code == 204
    assert client.report(c.APPS, "users-28-day").json()["report_end_day"] == "2026-10-15"
    client.server.as_of = AS_OF
    after = client.records(c.ENTERPRISE, "users-1-day", RESTATED_DAY)
    assert client.report(c.APPS, "users-1-day", LAST_DAY).status_code == 200
    assert len(before) < len(after)
    assert _credits(before) < _credits(after)


def _credits(records: list[dict[str, Decimal | None]]) -> Decimal:
    return sum((record.get("ai_credits_used") or Decimal(0) for record in records), Decimal(0))


@pytest.mark.parametrize("day", ["2026-13-01", "20261014", "yesterday", ""])
def test_bad_day(client: Client, day: str) -> None:
    path = "/orgs/quill-harbor-apps/copilot/metrics/reports/users-1-day"
    assert client.get(path, day=day).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/orgs/nobody",
        "/orgs/quill-harbor/copilot/billing",
        "/enterprises/lantern-labs/copilot/billing/seats",
        "/orgs/lantern-labs/copilot/metrics/reports/enterprise-1-day?day=2026-10-14",
        "/orgs/lantern-labs/teams/nothing/members",
        "/nothing",
    ],
)
def test_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_credentials_are_needed(client: Client, headers: dict[str, str]) -> None:
    answer = client.storage.get(f"{client.server.url}/user", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Bad credentials"


def test_signed_links(client: Client) -> None:
    (link,) = client.report(c.LANTERN, "users-1-day", BUSY_DAY).json()["download_links"]
    assert client.get(link).status_code == 400
    assert client.download(link.replace("sig=", "sig=x")).status_code == 403
    assert [client.download(link).status_code for _ in range(4)] == [200, 200, 200, 403]
    assert client.download(f"{client.server.url}/signed/unknown").status_code == 404


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("/orgs/quill-harbor-apps/members", 30),
        ("/orgs/quill-harbor-apps/copilot/billing/seats", 50),
        ("/enterprises/quill-harbor/copilot/billing/seats", 50),
        ("/enterprises/quill-harbor/teams/champions/memberships", 30),
        ("/orgs/quill-harbor-apps/teams/storefront/members", 30),
    ],
)
@pytest.mark.parametrize("per_page", [None, 7, 100, 1000])
def test_paging(client: Client, path: str, default: int, per_page: int | None) -> None:
    answers = client.pages(path, **({"per_page": per_page} if per_page else {}))
    pages = [a.json()["seats"] if path.endswith("seats") else a.json() for a in answers]
    size = min(per_page or default, 100)
    assert {len(page) for page in pages[:-1]} <= {size}
    items = [
        item["created_at"] + str(item["assignee"]) if "assignee" in item else item["id"] for p in pages for item in p
    ]
    assert len(items) == len(set(items)) or path.startswith("/enterprises")
    assert "last" not in answers[-1].links


def test_seats(client: Client) -> None:
    answers = client.pages("/enterprises/quill-harbor/copilot/billing/seats", per_page=100)
    seats = [seat for answer in answers for seat in answer.json()["seats"]]
    ids = [seat["assignee"] and seat["assignee"]["id"] for seat in seats]
    assert {answer.json()["total_seats"] for answer in answers} == {len(set(ids))}
    assert len(ids) > len(set(ids))
    assert None in ids
    assert any(seat["last_activity_at"] is None for seat in seats)
    assert not any(seat["created_at"].endswith(("Z", "+00:00")) for seat in seats)


def test_identities(client: Client) -> None:
    query = "query($slug:String!,$after:String){enterprise(slug:$slug){ownerInfo{samlIdentityProvider{guid}}}}"
    nodes, after = [], None
    while True:
        owner = client.graphql(query, slug="quill-harbor", after=after)["data"]["enterprise"]["ownerInfo"]
        connection = owner["samlIdentityProvider"]["externalIdentities"]
        nodes += connection["nodes"]
        after = connection["pageInfo"]["endCursor"]
        if not connection["pageInfo"]["hasNextPage"]:
            break
    assert len(nodes) == len({node["guid"] for node in nodes}) == connection["totalCount"] > 100
    assert sum(node["user"] is None for node in nodes) == 1


@pytest.mark.parametrize("variable", ["org", "login"])
def test_identities_of_an_organization(client: Client, variable: str) -> None:
    query = "query($org:String!){organization(login:$org){samlIdentityProvider{guid}}}"
    found = client.graphql(query, **{variable: "quill-harbor-data"})["data"]["organization"]
    assert found["samlIdentityProvider"]["externalIdentities"]["nodes"]
    assert client.graphql(query, **{variable: "lantern-labs"})["data"]["organization"] == {"samlIdentityProvider": None}
    assert client.graphql(query, **{variable: "nobody"})["errors"][0]["type"] == "NOT_FOUND"


def test_headers(client: Client) -> None:
    headers = client.get("/user").headers
    assert int(headers["x-ratelimit-remaining"]) < int(headers["x-ratelimit-limit"])
    assert {
        "x-github-request-id",
        "x-oauth-scopes",
        "x-ratelimit-reset",
        "x-ratelimit-used",
    } <= headers.keys()
    assert headers["x-ratelimit-resource"] == "core"


def test_requests_are_recorded(serve: Serve) -> None:
    client = serve()
    client.report(c.APPS, "users-1-day", BUSY_DAY)
    client.download(f"{client.server.url}/signed/unknown")
    first, second = client.server.requests
    assert first.query == {"day": "2026-10-14"}
    assert (first.method, first.status, first.had_authorization) == ("GET", 200, True)
    assert (second.status, second.had_authorization) == (404, False)


def test_many_clients_at_once(serve: Serve) -> None:
    client = serve()
    days = c.DAYS[-20:]
    with ThreadPoolExecutor(8) as pool:
        statuses = pool.map(lambda day: client.report(c.LANTERN, "users-1-day", day).status_code, days)
    assert set(statuses) == {200}
    assert len(client.server.requests) == len(days)


def test_every_report_name_is_served(client: Client) -> None:
    for account in c.ACCOUNTS:
        for name in report_names(account):
            day = None if "28" in name else BUSY_DAY
            assert client.report(account, name, day).status_code == 200
