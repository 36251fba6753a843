"""From report files to flat tables: formats, drift, damage, exact numbers; payloads in GitHub's shapes."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlt_pipelines.github_copilot import records
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.record_shapes import Parsed, RecordShape, ReportContent
from dlt_pipelines.report_files import ReportFile, detect_format, ends_mid_record
from dlt_pipelines.reports import connect, parse

DAY = date(2026, 10, 1)
KEYS = Pseudonymizer("a test key that is long enough to use")

Tables = dict[str, list[dict[str, Any]]]


def user(user_id: int = 1, **fields: Any) -> dict[str, Any]:
    return {"day": str(DAY), "user_id": user_id, "user_login": f"login-{user_id}", **fields}


def ndjson(*rows: Any, end: str = "\n") -> str:
    return end.join(json.dumps(row) for row in rows) + end


def run(tmp_path: Path, *texts: str, shape: RecordShape = records.USER_DAY, day: date = DAY) -> tuple[Tables, Parsed]:
    """Each text is the one file of a report of its own: report_load_key is 'report-1', 'report-2', …"""
    reports = []
    for number, text in enumerate(texts, 1):
        path = tmp_path / f"file-{number}.ndjson"
        path.write_text(text)
        layout = detect_format(path)
        assert layout is not None
        file = ReportFile(path, f"users-1-day, file {number}", layout)
        reports.append(ReportContent(f"report-{number}", "organization/x", "organization", day, day, (file,)))
    parsed = Parsed()
    tables: Tables = defaultdict(list)
    for name, batch in parse(connect(tmp_path), shape, reports, KEYS, parsed, tmp_path):
        tables[name] += batch.to_pylist()
    return tables, parsed


FEATURE = {
    "feature": "agent_edit",
    "user_initiated_interaction_count": 3,
    "code_generation_activity_count": 2,
    "code_acceptance_activity_count": 1,
    "loc_suggested_to_add_sum": 0,
    "loc_suggested_to_delete_sum": 0,
    "loc_added_sum": 40,
    "loc_deleted_sum": 4,
}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ndjson(user(1), user(2)), id="ndjson"),
        pytest.param(ndjson(user(1), user(2), end="\r\n"), id="crlf"),
        pytest.param(ndjson(user(1), user(2)).rstrip(), id="no-newline-at-the-end"),
        pytest.param("\n" + ndjson(user(1), user(2)), id="blank-first-line"),
        pytest.param(json.dumps([user(1), user(2)]), id="array"),
        pytest.param(json.dumps([user(1), user(2)], indent=2), id="array-over-lines"),
    ],
)
def test_every_layout_of_a_report_file_gives_the_same_rows(tmp_path: Path, text: str) -> None:
    tables, parsed = run(tmp_path, text)
    assert {row["user_key"] for row in tables["user_days"]} == {KEYS.key("github_user", 1), KEYS.key("github_user", 2)}
    assert parsed.totals["report-1"].rows == 2


def test_an_aggregate_report_is_one_object_over_many_lines(tmp_path: Path) -> None:
    record = {"day": str(DAY), "organization_id": "7", "daily_active_users": 5, "totals_by_feature": [FEATURE]}
    tables, _ = run(tmp_path, json.dumps(record, indent=2), shape=records.ACCOUNT_DAY)
    assert tables["organization_days"][0]["daily_active_users"] == 5
    breakdown = tables["organization_day_breakdowns"][0]
    assert (breakdown["breakdown"], breakdown["feature"], breakdown["loc_added_sum"]) == ("feature", "agent_edit", 40)


def test_logins_and_ids_leave_only_as_pseudonyms(tmp_path: Path) -> None:
    tables, _ = run(tmp_path, ndjson(user(4711, user_login="Ada-Sample", totals_by_feature=[FEATURE])))
    text = json.dumps(tables, default=str)
    assert "4711" not in text
    assert "ada-sample" not in text.lower()
    assert tables["user_days"][0]["login_key"] == KEYS.key("github_login", "ada-sample")
    assert tables["user_day_features"][0]["user_key"] == KEYS.key("github_user", 4711)


def test_absent_and_null_stay_null_and_false_stays_false(tmp_path: Path) -> None:
    tables, _ = run(tmp_path, ndjson(user(1, used_chat=None, used_agent=False, ai_credits_used=None), user(2)))
    first, second = sorted(tables["user_days"], key=lambda row: row["used_agent"] is None)
    assert (first["used_chat"], first["used_agent"], first["ai_credits_used"]) == (None, False, None)
    assert (second["used_chat"], second["used_agent"], second["ai_credits_used"]) == (None, None, None)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("12.5", "12.500000000"),
        ("0.036000000000000004", "0.036000000"),
        ("999999.123456789", "999999.123456789"),
        ("12345678901.123456789", "12345678901.123456789"),
        ("1e-3", "0.001000000"),
        ("0", "0.000000000"),
    ],
)
def test_credits_keep_the_digits_of_the_file(tmp_path: Path, number: str, expected: str) -> None:
    text = ndjson(user(1, ai_credits_used="@")).replace('"@"', number)
    tables, parsed = run(tmp_path, text)
    assert tables["user_days"][0]["ai_credits_used"] == Decimal(expected)
    assert parsed.totals["report-1"].credits_sum == Decimal(expected)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.decimals(0, 10**13, places=9, allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_the_sum_of_credits_is_exact(tmp_path: Path, amounts: list[Decimal]) -> None:
    lines = [ndjson(user(number, ai_credits_used="@")).replace('"@"', f"{c:f}") for number, c in enumerate(amounts, 1)]
    tables, parsed = run(tmp_path, "".join(lines))
    assert sum(row["ai_credits_used"] for row in tables["user_days"]) == sum(amounts)
    assert parsed.totals["report-1"].credits_sum == sum(amounts)


def test_every_breakdown_of_a_user_day_has_its_table(tmp_path: Path) -> None:
    activity = {
        key: value for key, value in FEATURE.items() if key not in ("feature", "user_initiated_interaction_count")
    }
    version = {"ide_version": "1.140.0", "sampled_at": "2026-10-01T10:00:00.000Z"}
    cli = {"session_count": 2, "request_count": 9, "prompt_count": 4, "token_usage": {"prompt_tokens_sum": 10}}
    record = user(
        1,
        totals_by_feature=[FEATURE],
        totals_by_model_feature=[{**FEATURE, "model": "gpt-5.4"}],
        totals_by_language_feature=[{**activity, "language": "python", "feature": "agent_edit"}],
        totals_by_language_model=[{**activity, "language": "python", "model": "gpt-5.4"}],
        totals_by_ide=[{**FEATURE, "ide": "vscode", "last_known_ide_version": version} | {}],
        totals_by_cli=cli,
        totals_by_copilot_app=cli,
        totals_by_vscode_agent={"session_count": 1, "total_user_messages": 6},
        totals_by_3rd_party_agent=[{"agent_id": "22", "agent_name": "Helper", "user_initiated_interaction_count": 2}],
        totals_by_skill=[{"skill": "other", "interaction_count": 5}],
        totals_by_mcp=[{"mcp": "other", "interaction_count": 8}, {"mcp": "docs-server", "interaction_count": 1}],
    )
    del record["totals_by_ide"][0]["feature"]
    tables, parsed = run(tmp_path, ndjson(record))
    assert {name: len(rows) for name, rows in tables.items()} == {
        "user_days": 1,
        "user_day_features": 1,
        "user_day_models": 1,
        "user_day_languages": 1,
        "user_day_language_models": 1,
        "user_day_ides": 1,
        "user_day_cli": 3,
        "user_day_third_party_agents": 1,
        "user_day_customizations": 3,
    }
    assert {row["surface"]: row["prompt_count"] for row in tables["user_day_cli"]} == {
        "copilot_cli": 4,
        "copilot_app": 4,
        "vscode_agent": 6,
    }
    assert tables["user_day_ides"][0]["ide_version"] == "1.140.0"
    assert parsed.totals["report-1"].unknown_fields == {}


def test_unknown_fields_are_kept_in_extra_and_counted(tmp_path: Path) -> None:
    feature = {**FEATURE, "ai_credits_used": 1.5}
    record = user(1, brand_new={"a": 1}, ai_credits_used=7, totals_by_feature=[feature])
    tables, parsed = run(tmp_path, ndjson(record, user(2, totals_by_feature=[FEATURE])))
    extras = {row["user_key"]: row["extra"] for row in tables["user_days"]}
    assert json.loads(extras[KEYS.key("github_user", 1)]) == {"brand_new": {"a": 1}}
    assert extras[KEYS.key("github_user", 2)] is None
    assert sorted(row["extra"] or "" for row in tables["user_day_features"]) == ["", '{"ai_credits_used":1.5}']
    assert parsed.totals["report-1"].unknown_fields == {"brand_new": 1, "totals_by_feature[].ai_credits_used": 1}
    assert parsed.totals["report-1"].credits_sum == 7


def test_an_unknown_field_beyond_the_sample_is_found_too(tmp_path: Path) -> None:
    rows = [user(number, totals_by_feature=[FEATURE]) for number in range(1, 400)]
    rows[350]["totals_by_feature"] = [{**FEATURE, "late_arrival": 1}]
    _, parsed = run(tmp_path, ndjson(*rows))
    assert parsed.totals["report-1"].unknown_fields == {"totals_by_feature[].late_arrival": 1}


def test_columns_that_leak_from_githubs_own_pipeline_are_no_drift(tmp_path: Path) -> None:
    tables, parsed = run(tmp_path, ndjson(user(1, etl_id="green", day_partition=str(DAY), entity_id_partition=1)))
    assert parsed.totals["report-1"].unknown_fields == {}
    assert tables["user_days"][0]["extra"] is None


@pytest.mark.parametrize(
    ("field", "value", "expected", "found"),
    [
        pytest.param("loc_added_sum", "12", "BIGINT", "text", id="number-becomes-text"),
        pytest.param("loc_added_sum", 2.5, "BIGINT", "a fraction", id="whole-number-becomes-fraction"),
        pytest.param("loc_added_sum", {"value": 2}, "BIGINT", "an object", id="number-becomes-object"),
        pytest.param("used_chat", "yes", "BOOLEAN", "text", id="flag-becomes-text"),
        pytest.param("organization_id", 7, "VARCHAR", "an integer", id="text-becomes-number"),
        pytest.param("totals_by_feature", {"feature": "x"}, "an array", "an object", id="array-becomes-object"),
        pytest.param("totals_by_cli", [], "an object", "an array", id="object-becomes-array"),
    ],
)
def test_a_changed_type_rejects_the_report_and_names_file_line_field_and_types(
    tmp_path: Path, field: str, value: Any, expected: str, found: str
) -> None:
    good = {"loc_added_sum": 1, "used_chat": True, "organization_id": "7"}
    bad = ndjson(user(1, **good), user(2, **{**good, field: value}))
    tables, parsed = run(tmp_path, ndjson(user(3, **good)), bad)
    assert parsed.rejected == {
        "report-2": f"users-1-day, file 2, line 2: field {field} changed type: expected {expected}, found {found}"
    }
    assert [row["user_key"] for row in tables["user_days"]] == [KEYS.key("github_user", 3)]
    assert set(parsed.totals) == {"report-1"}


def test_a_changed_type_inside_an_array_names_the_path(tmp_path: Path) -> None:
    _, parsed = run(tmp_path, ndjson(user(1, totals_by_feature=[FEATURE, {**FEATURE, "loc_added_sum": "many"}])))
    assert "line 1: field totals_by_feature[].loc_added_sum changed type" in parsed.rejected["report-1"]


def test_a_fraction_beyond_the_sample_is_not_rounded_away(tmp_path: Path) -> None:
    rows = [user(number, loc_added_sum=number) for number in range(1, 400)]
    rows[350]["loc_added_sum"] = 2.5
    _, parsed = run(tmp_path, ndjson(*rows))
    assert "line 351: field loc_added_sum changed type" in parsed.rejected["report-1"]


def test_a_field_that_is_null_in_the_sample_may_hold_its_type_later(tmp_path: Path) -> None:
    rows = [user(number, used_chat=None) for number in range(1, 400)]
    rows[350]["used_chat"] = True
    tables, parsed = run(tmp_path, ndjson(*rows))
    assert not parsed.rejected
    assert sum(row["used_chat"] is True for row in tables["user_days"]) == 1


def test_a_damaged_line_rejects_its_report_only(tmp_path: Path) -> None:
    tables, parsed = run(tmp_path, ndjson(user(1)), ndjson(user(2)) + '{"day": "2026-10-01", "user\n' + ndjson(user(3)))
    assert parsed.rejected == {"report-2": "users-1-day, file 2, line 2: not valid JSON (cut off or damaged)"}
    assert len(tables["user_days"]) == 1


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        pytest.param(ndjson(user(1), user(2))[:-20], True, id="mid-record"),
        pytest.param(ndjson(user(1), user(2)).rstrip(), False, id="only-the-newline-missing"),
        pytest.param(json.dumps([user(1)])[:-3], True, id="array-cut"),
    ],
)
def test_a_file_that_ends_mid_record_is_noticed(tmp_path: Path, text: str, cut: bool) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    layout = detect_format(path)
    assert layout is not None
    assert ends_mid_record(path, layout) is cut


@pytest.mark.parametrize("text", ["", "\n", "  \r\n \n"])
def test_an_empty_file_has_no_format(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    assert detect_format(path) is None


def test_a_value_that_only_duckdb_refuses_rejects_its_report_and_is_not_quoted(tmp_path: Path) -> None:
    lone_surrogate = ndjson(user(2, user_login="@")).replace("@", "secret\\ud800")
    tables, parsed = run(tmp_path, ndjson(user(1)), lone_surrogate)
    assert parsed.rejected == {"report-2": "users-1-day, file 2: a value that cannot be read"}
    assert len(tables["user_days"]) == 1


@pytest.mark.parametrize("number", ["1e40", "99999999999999999999999999999999"])
def test_a_number_that_no_column_holds_rejects_the_report(tmp_path: Path, number: str) -> None:
    _, parsed = run(tmp_path, ndjson(user(1, ai_credits_used="@")).replace('"@"', number))
    assert "line 1: field ai_credits_used changed type: expected DECIMAL(38,9)" in parsed.rejected["report-1"]


def test_the_value_of_an_unknown_field_that_may_name_a_person_is_withheld(tmp_path: Path) -> None:
    tables, parsed = run(tmp_path, ndjson(user(1, user_email="ada@example.com")))
    assert tables["user_days"][0]["extra"] == '{"user_email":"withheld"}'
    assert parsed.totals["report-1"].unknown_fields == {"user_email": 1}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"team": 7, "lead": {"login": "some-person"}}, id="a-name-inside"),
        pytest.param("some.person@example.com", id="an-address"),
        pytest.param([{"to": "some.person@example.com"}], id="an-address-inside"),
    ],
)
def test_what_an_unknown_field_holds_is_looked_at_too(tmp_path: Path, value: Any) -> None:
    tables, _ = run(tmp_path, ndjson(user(seen_with=value)))
    assert tables["user_days"][0]["extra"] == '{"seen_with":"withheld"}'


@pytest.mark.parametrize("field", ["member", "owner", "holder", "requestedBy", "created_by", "contact"])
def test_more_words_that_may_name_a_person(tmp_path: Path, field: str) -> None:
    tables, _ = run(tmp_path, ndjson(user(**{field: "Some Person"})))
    assert tables["user_days"][0]["extra"] == f'{{"{field}":"withheld"}}'


def test_a_value_that_cannot_be_converted_rejects_its_report_only_and_is_not_quoted(tmp_path: Path) -> None:
    cli = {"session_count": 1, "last_known_cli_version": {"cli_version": "1", "sampled_at": "some-person"}}
    tables, parsed = run(tmp_path, ndjson(user(1)), ndjson(user(2, totals_by_cli=cli)))
    assert [row["report_load_key"] for row in tables["user_days"] if row["report_load_key"] not in parsed.rejected] == [
        "report-1"
    ]
    assert set(parsed.rejected) == {"report-2"}
    assert "some-person" not in parsed.rejected["report-2"]
    assert "file 2" in parsed.rejected["report-2"]


def test_a_record_of_another_day_rejects_the_report(tmp_path: Path) -> None:
    tables, parsed = run(tmp_path, ndjson(user(1), {**user(2), "day": "2026-09-30"}))
    assert parsed.rejected == {"report-1": "a record of 2026-09-30 in the report of 2026-10-01 (1 such records)"}
    assert not tables["user_days"]


def test_a_record_without_a_user_id_rejects_the_report(tmp_path: Path) -> None:
    _, parsed = run(tmp_path, ndjson(user(1), {"day": str(DAY), "user_login": "x"}))
    assert parsed.rejected == {"report-1": "a record without user_id (1 such records)"}


def test_records_that_come_twice_are_counted(tmp_path: Path) -> None:
    _, parsed = run(tmp_path, ndjson(user(1), user(1), user(2)))
    assert (parsed.totals["report-1"].rows, parsed.totals["report-1"].duplicate_rows) == (3, 1)


def test_repository_review_times_are_rows_of_their_own(tmp_path: Path) -> None:
    times = {
        "authored_by": "human",
        "reviewed_by": "human",
        "total_merged": 4,
        "p90_minutes_first_to_final_review": 9.5,
    }
    record = {
        "day": str(DAY),
        "repo_id": 9,
        "repo_name": "alpha",
        "pull_requests": {
            "total_merged": 4,
            "median_minutes_to_merge": 372.62,
            "copilot_suggestions_by_comment_type": [],
        },
        "pull_request_review_times": [times],
    }
    tables, _ = run(tmp_path, ndjson(record), shape=records.REPOSITORY_DAY)
    assert tables["repository_days"][0]["pull_requests_median_minutes_to_merge"] == Decimal("372.62")
    assert tables["repository_day_review_times"][0]["p90_minutes_first_to_final_review"] == Decimal("9.5")
    assert not tables["repository_day_suggestions"]
