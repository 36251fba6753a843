"""How Cursor's API is asked: reads alone, with which key, how often; what is refused, settings and doctor."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines.cursor import checks, load_settings, make_targets
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, TokenRefused
from dlt_pipelines.http import Clock
from tests.dlt_pipelines.cursor_team import (
    ADMIN_KEY,
    EVENTS_PATH,
    ORGANIZATION_KEY,
    START,
    CursorBench,
    audit,
    event,
    member_day,
    one_team,
)
from tests.dlt_pipelines.pseudonyms import KEY

__all__ = ["one_team"]

ALL_READS = {
    ("POST", "/teams/filtered-usage-events"),
    ("POST", "/teams/daily-usage-data"),
    ("GET", "/teams/members"),
    ("POST", "/teams/spend"),
    ("GET", "/teams/groups"),
    ("GET", "/teams/audit-logs"),
    ("POST", "/organizations/pooled-usage"),
}


def test_nothing_that_writes_is_ever_called(cursor: CursorBench) -> None:
    cursor.set(organization_id="org_1", organization_key=ORGANIZATION_KEY)
    cursor.read_day()
    list(checks(load_settings()))
    assert {(method, path) for method, path, _ in cursor.team.asked} == ALL_READS


def test_the_code_knows_no_other_address() -> None:
    source = Path("dlt_pipelines/cursor/endpoints.py").read_text(encoding="utf-8")
    named = {
        word for word in source.replace('"', " ").split() if word.startswith(("/teams", "/organizations", "/settings"))
    }
    assert named == {path for _, path in ALL_READS}


def test_the_key_is_the_user_name_and_the_password_is_empty(cursor: CursorBench) -> None:
    cursor.read_day()
    # base64 of "crsr_admin_key_that_must_never_leak:"
    assert set(cursor.team.credentials) == {"Basic Y3Jzcl9hZG1pbl9rZXlfdGhhdF9tdXN0X25ldmVyX2xlYWs6"}


@pytest.mark.parametrize(
    ("override", "expected"),
    [(None, {"usage-events": 60, "members": 20, "spend": 20}), ("7", {"usage-events": 7, "members": 7})],
)
def test_events_may_be_asked_for_three_times_as_often(
    cursor: CursorBench, override: str | None, expected: dict[str, int]
) -> None:
    cursor.set(requests_per_minute=override)
    now, waits = [0.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    targets = make_targets(load_settings(), Clock(now=lambda: now[0], sleep=sleep))
    for target in targets:
        for endpoint in target.endpoints:
            if endpoint.name in expected:
                now[0] += 61
                waits.clear()
                for number in range(1, expected[endpoint.name] + 2):
                    target.client.get("/teams/members")
                    assert bool(waits) == (number > expected[endpoint.name]), (endpoint.name, number)


def test_a_limit_without_retry_after_is_waited_out(cursor: CursorBench) -> None:
    left = [2]

    def limited(request: Request) -> Response | None:
        left[0] -= 1
        error = {"error": "Too Many Requests", "message": "Rate limit exceeded. Please try again later."}
        return json_response(error, 429) if left[0] >= 0 else None

    cursor.team.answers["/teams/members"] = limited
    outcome = cursor.read_day()
    assert not outcome.problems
    assert [wait for wait in cursor.waits if wait >= 60] == [60, 120]


def test_a_team_without_enterprise_is_told_what_it_needs_and_of_the_export(cursor: CursorBench) -> None:
    forbidden = json_response({"error": "Forbidden", "message": "Enterprise access required"}, 403)
    cursor.team.answers[EVENTS_PATH] = lambda request: forbidden
    cursor.team.members = [{"email": "ada@example.com"}]
    outcome = cursor.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, PermissionMissing)
    assert not isinstance(problem, TokenRefused)
    for words in (
        "usage-events",
        "Enterprise access required",
        "Enterprise plan",
        '"admin:*"',
        "SOURCES__CURSOR__EXPORT_GLOB",
    ):
        assert words in str(problem)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert cursor.one("select count(*) from raw_cursor.members") == 1


def test_a_key_that_is_not_accepted_stops_the_run(cursor: CursorBench) -> None:
    cursor.set(admin_key="crsr_wrong")
    with pytest.raises(TokenRefused, match=r"Cursor does not accept the key \(Invalid API key\)\. Make a new one"):
        cursor.read_day()


def test_a_refused_organization_key_costs_only_the_pool(cursor: CursorBench) -> None:
    cursor.set(organization_id="org_1", organization_key="crsr_wrong")
    refused = json_response({"code": "error", "message": "Missing scope"}, 401)
    cursor.team.answers["/organizations/pooled-usage"] = lambda request: refused
    outcome = cursor.read_day()
    (problem,) = outcome.problems
    assert "(Missing scope). The Organization API is there for Enterprise organizations" in str(problem)
    assert '"usage:*"' in str(problem)
    assert cursor.statuses() == ["loaded"]


def test_other_errors_are_told_in_cursors_words_and_the_rest_goes_on(cursor: CursorBench) -> None:
    cursor.team.answers["/teams/spend"] = lambda request: json_response(
        {"error": "Bad Request", "message": "no such page"}, 400
    )
    outcome = cursor.read_day()
    assert [str(problem) for problem in outcome.problems] == [
        "spend latest of team/sail-makers: Cursor answered 400 no such page. Try later."
    ]
    assert cursor.statuses() == ["loaded"]


def test_settings_are_a_key_or_exports_and_a_pool_needs_both_parts(cursor: CursorBench) -> None:
    cursor.set(organization_key="crsr_x")
    with pytest.raises(ConfigurationError, match="id and its key"):
        load_settings()
    cursor.set(organization_key=None, admin_key=None)
    with pytest.raises(ConfigurationError, match=r"ADMIN_KEY \(Enterprise plan\), or SOURCES__CURSOR__EXPORT_GLOB"):
        load_settings()
    cursor.set(requests_per_minute="often")
    with pytest.raises(ConfigurationError, match="REQUESTS_PER_MINUTE"):
        load_settings()


def test_the_doctor_tries_every_report_once(cursor: CursorBench) -> None:
    cursor.team.members = [{"email": "ada@example.com"}]
    cursor.team.answers["/teams/groups"] = lambda request: json_response(
        {"error": "Forbidden", "message": "Enterprise access required"}, 403
    )
    found = {check.subject: (check.ok, check.detail, check.exit_code) for check in checks(load_settings())}
    assert found["team/sail-makers members"] == (True, "answers; 1 records on the first page", ExitCode.OK)
    ok, detail, code = found["team/sail-makers groups"]
    assert (ok, code) == (False, ExitCode.MISSING_PERMISSION)
    assert "Enterprise plan" in detail
    assert len(found) == len(ALL_READS) - 1
    assert max(Counter(path for _, path, _ in cursor.team.asked).values()) == 1


def test_neither_keys_nor_people_are_left_where_they_do_not_belong(
    cursor: CursorBench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    cursor.set(organization_id="org_1", organization_key=ORGANIZATION_KEY)
    person: dict[str, object] = {
        "id": "user_a",
        "userId": "user_a",
        "name": "Ada Sailmaker",
        "email": "ada@example.com",
    }
    person["profilePictureUrl"] = "https://pictures.example.com/ada.png"
    cursor.team.events = [event(START, userEmail="ada@example.com", chargedCents=1, userName="Ada Sailmaker")]
    cursor.team.daily = [member_day("ada@example.com")]
    cursor.team.members, cursor.team.spend = [person], [person]
    cursor.team.groups = {"groups": [{"id": "g", "name": "Rigging", "currentMembers": [person]}]}
    cursor.team.audit = [audit("add_user", {"email": "ada@example.com", "name": "Ada Sailmaker"})]
    outcome = cursor.read_day()
    out, err = capfd.readouterr()
    said = "\n".join([out, err, caplog.text, *map(str, outcome.problems), *outcome.warnings])
    files = b"".join(
        path.read_bytes() for path in cursor.folder.rglob("*") if path.is_file() and path.suffix != ".duckdb"
    )
    for secret in (ADMIN_KEY, ORGANIZATION_KEY, KEY, "Basic "):
        assert secret not in said
        assert secret.encode() not in files
    assert "ada@example.com" not in said
    columns = cursor.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'raw_cursor' and data_type = 'VARCHAR'"
    )
    assert len(columns) > 80
    for table, column in columns:
        values = " ".join(
            str(v) for (v,) in cursor.rows(f'select distinct "{column}" from raw_cursor."{table}"')
        ).lower()
        for word in ("ada", "203.0.113", "user_a", "pictures."):
            assert word not in values, (table, column)
    in_clear = {value for (value,) in cursor.rows("select identifier from raw_restricted.identifiers")}
    assert in_clear == {"ada@example.com", "owner@example.com", "user_a"}
