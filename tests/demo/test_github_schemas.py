"""What the demo server sends fits its own schemas and, where it is at hand, GitHub's OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from demo_client import Client, Serve
from jsonschema import Draft202012Validator

from demo import constants as c
from demo.company import AS_OF, FIRST_AS_OF, LAST_DAY, RESTATED_DAY, Account, Company
from demo.github_reports import ReportKey, Reports, report_names
from demo.schemas import names, schema

PROJECT = Path(__file__).resolve().parents[2]
OPENAPI = PROJECT.parent / "shared" / "data" / "github" / "openapi"
DAYS = (c.FIRST_DAY, c.OLD_CLOUD_AGENT_NAME_UNTIL, date(2026, 10, 14), LAST_DAY)
METRICS = "/copilot/metrics/reports"

# Path, own schema, GitHub's operation.
RESPONSES = (
    (
        f"/orgs/quill-harbor-apps{METRICS}/users-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-organization-users-one-day-usage-metrics",
    ),
    (
        f"/orgs/quill-harbor-apps{METRICS}/users-28-day/latest",
        "report-28-day",
        "copilot-organization-users-usage-metrics",
    ),
    (
        f"/orgs/quill-harbor-apps{METRICS}/organization-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-organization-one-day-usage-metrics",
    ),
    (
        f"/orgs/quill-harbor-apps{METRICS}/organization-28-day/latest",
        "report-28-day",
        "copilot-organization-usage-metrics",
    ),
    (
        f"/orgs/lantern-labs{METRICS}/user-teams-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-organization-user-teams-one-day-report",
    ),
    (
        f"/orgs/lantern-labs{METRICS}/repos-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-organization-repos-one-day-report",
    ),
    (
        f"/enterprises/quill-harbor{METRICS}/users-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-users-one-day-usage-metrics",
    ),
    (
        f"/enterprises/quill-harbor{METRICS}/users-28-day/latest",
        "report-28-day",
        "copilot-users-usage-metrics",
    ),
    (
        f"/enterprises/quill-harbor{METRICS}/enterprise-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-enterprise-one-day-usage-metrics",
    ),
    (
        f"/enterprises/quill-harbor{METRICS}/enterprise-28-day/latest",
        "report-28-day",
        "copilot-enterprise-usage-metrics",
    ),
    (
        f"/enterprises/quill-harbor{METRICS}/user-teams-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-enterprise-user-teams-one-day-report",
    ),
    (
        f"/enterprises/quill-harbor{METRICS}/repos-1-day?day=2026-10-14",
        "report-1-day",
        "copilot-enterprise-repos-one-day-report",
    ),
    ("/orgs/quill-harbor-apps/copilot/billing", "billing", "get-copilot-organization-details"),
    ("/orgs/quill-harbor-apps/copilot/billing/seats?per_page=100", "seats", "list-copilot-seats"),
    ("/orgs/quill-harbor-data/copilot/billing/seats?per_page=100", "seats", "list-copilot-seats"),
    ("/orgs/lantern-labs/copilot/billing/seats", "seats", "list-copilot-seats"),
    (
        "/enterprises/quill-harbor/copilot/billing/seats?per_page=100",
        "seats",
        "list-copilot-seats-for-enterprise",
    ),
    (
        "/enterprises/quill-harbor/copilot/billing/seats?per_page=100&page=2",
        "seats",
        "list-copilot-seats-for-enterprise",
    ),
    ("/orgs/quill-harbor-apps/teams", "teams", "teams__list"),
    ("/orgs/quill-harbor-apps/teams/platform/members", "users", "teams__list-members-in-org"),
    ("/orgs/lantern-labs/members", "users", "orgs__list-members"),
    ("/enterprises/quill-harbor/teams", "enterprise-teams", "enterprise-teams__list"),
    ("/enterprises/quill-harbor/teams/champions/memberships", "users", "enterprise-team-memberships__list"),
    ("/orgs/quill-harbor-apps", "full-organization", "orgs__get"),
    ("/rate_limit", "rate-limit", "rate-limit__get"),
    ("/user", "simple-user", None),
)


def assert_valid(value: object, document: dict[str, Any]) -> None:
    validator = Draft202012Validator(document, format_checker=Draft202012Validator.FORMAT_CHECKER)
    problems = [f"{list(problem.path)}: {problem.message[:300]}" for problem in validator.iter_errors(value)]
    assert not problems


@pytest.mark.parametrize("name", names())
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, name, _ in RESPONSES])
def test_response_fits_own_schema(client: Client, path: str, name: str) -> None:
    assert_valid(client.get(path).json(), schema(name))


@pytest.mark.parametrize(("path", "status"), [("/orgs/nobody", 404), (f"/orgs/lantern-labs{METRICS}/users-1-day", 422)])
def test_error_fits_own_schema(client: Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert_valid(answer.json(), schema("error"))


@pytest.mark.parametrize(
    ("query", "slug", "name"),
    [
        ("organization(login:$slug)", "quill-harbor-apps", "organization-identities"),
        ("organization(login:$slug)", "lantern-labs", "organization-identities"),
        ("enterprise(slug:$slug)", "quill-harbor", "enterprise-identities"),
        ("enterprise(slug:$slug)", "nobody", "not-found"),
    ],
)
def test_graphql_fits_own_schema(client: Client, query: str, slug: str, name: str) -> None:
    variable = "slug" if name != "organization-identities" else "login"
    assert_valid(client.graphql(query, **{variable: slug}), schema(name))


def record_cases() -> Iterator[tuple[Account, str, date, date]]:
    for account in c.ACCOUNTS:
        for name in report_names(account):
            for day in (LAST_DAY,) if name.endswith("-28-day") else DAYS:
                yield account, name, day, AS_OF
        yield account, "users-1-day", RESTATED_DAY, FIRST_AS_OF


def test_records_fit_own_schemas(company: Company) -> None:
    reports = Reports(company)
    for account, name, day, as_of in record_cases():
        records = [json.loads(text) for file in reports.files(ReportKey(name, account, day, as_of)) for text in file]
        assert records
        document = schema(name.replace(account.scope, "aggregate"))
        for record in records[:: max(1, len(records) // 25)]:
            assert_valid(record, document)


def test_schema_notices_an_unknown_field(serve: Serve) -> None:
    client = serve(unknown_field=("users-1-day", c.APPS.account_id, LAST_DAY))
    validator = Draft202012Validator(schema("users-1-day"))
    assert not any(validator.is_valid(record) for record in client.records(c.APPS, "users-1-day", LAST_DAY))


@pytest.mark.skipif(not OPENAPI.is_dir(), reason="GitHub's OpenAPI description is not at hand")
@pytest.mark.parametrize(("path", "operation"), [(path, operation) for path, _, operation in RESPONSES if operation])
def test_response_fits_github(client: Client, path: str, operation: str) -> None:
    file = OPENAPI / f"{operation if '__' in operation else f'copilot__{operation}'}.json"
    description = json.loads(file.read_text("utf-8"))
    (methods,) = description["paths"].values()
    content = methods["get"]["responses"]["200"]["content"]["application/json"]
    document = {**content["schema"], "components": description["components"]}
    assert_valid(client.get(path).json(), as_json_schema(document))


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's dialect as JSON Schema: `nullable` becomes a type, examples go."""
    if isinstance(node, list):
        return [as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {key: as_json_schema(value) for key, value in node.items() if key not in ("nullable", "example")}
    return {"anyOf": [converted, {"type": "null"}]} if node.get("nullable") is True else converted
