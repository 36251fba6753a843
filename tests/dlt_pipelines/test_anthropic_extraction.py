"""The whole extraction of Claude against a local server: who tells of which day, and what goes wrong on bad days."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from demo import anthropic_truth as truth
from demo.anthropic_faults import AnthropicFaults
from demo.anthropic_server import AnthropicServer
from demo.company import Company
from demo.constants import AS_OF, FIRST_AS_OF, RESTATED_DAY
from demo.local_server import LocalServer, Request, Response, json_response
from dlt_pipelines import anthropic
from dlt_pipelines.anthropic.authority import Authority
from dlt_pipelines.anthropic.extraction import make_client
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, RequestFailed, TokenRefused
from tests.dlt_pipelines.anthropic_bench import ADMIN_KEY, ANALYTICS_KEY, ClaudeBench
from tests.dlt_pipelines.pseudonyms import KEY

ONE_DAY = timedelta(days=1)
DAY = date(2026, 10, 12)
CONSOLE, ENTERPRISE = "console/quill-harbor", "enterprise/quill-harbor"
PAIR = {"analytics-usage", "analytics-cost"}
OLDER = {"messages-usage", "cost-report", "user-usage", "user-cost"}
ACTIVITY = {"claude-code", "users-activity", "summaries"}
LISTS = {"api-keys", "workspaces", "users", "workspace-members", "spend-limits"}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, company: Company) -> Iterator[ClaudeBench]:
    """Both accounts, an empty warehouse, no server yet."""
    with ExitStack() as stack:
        made = ClaudeBench(tmp_path, monkeypatch, company, stack)
        made.prepare()
        yield made


def asked(server: AnthropicServer, ending: str) -> list[str]:
    """The days for which a report was asked, by the end of its path."""
    return [
        str(request.query.get("starting_at", request.query.get("date", "")))[:10]
        for request in server.requests
        if request.path.endswith(ending)
    ]


def list_usd(bench: ClaudeBench, account: str, day: date) -> Decimal | None:
    """What a day's list amounts add up to, as loaded."""
    cents = bench.one(
        f"select sum(list_amount_cents) from {bench.current('analytics_costs')}"
        f" where account_id = '{account}' and day = '{day}'"
    )
    return None if cents is None else Decimal(cents) / 100


def true_usd(bench: ClaudeBench, account: str, day: date, as_of: date = AS_OF) -> Decimal:
    """What the account's use of a day is worth, by the company's own books."""
    rows = truth.credits(bench.company, as_of)
    return sum((row.credits or 0 for row in rows if (row.account_id, row.usage_date) == (account, day)), Decimal(0))


def true_tokens(bench: ClaudeBench, account: str, day: date) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in truth.tokens(bench.company, AS_OF):
        if (row.account_id, row.usage_date) == (account, day):
            found[row.token_type] += row.tokens
    return found


def loaded_tokens(bench: ClaudeBench, table: str, account: str, day: date) -> Counter[str]:
    """Tokens of a day by class, as loaded."""
    columns = {
        "input_uncached": "uncached_input_tokens",
        "cache_read": "cache_read_input_tokens",
        "cache_write_5m": "cache_write_5m_input_tokens",
        "cache_write_1h": "cache_write_1h_input_tokens",
        "output": "output_tokens",
    }
    sums = ", ".join(f"cast(sum({column}) as bigint)" for column in columns.values())
    query = f"select {sums} from {bench.current(table)} where account_id = '{account}' and day = '{day}'"
    return Counter({name: count for name, count in zip(columns, bench.rows(query)[0], strict=True) if count})


def test_a_run_loads_every_day_exactly(bench: ClaudeBench) -> None:
    bench.serve()
    outcome = bench.extract(DAY, DAY + ONE_DAY)
    assert outcome.exit_code == ExitCode.OK
    assert bench.reports() == PAIR | ACTIVITY | LISTS
    for account in (CONSOLE, ENTERPRISE):
        for day in (DAY, DAY + ONE_DAY):
            assert list_usd(bench, account, day) == true_usd(bench, account, day)
            assert loaded_tokens(bench, "analytics_usage", account, day) == true_tokens(bench, account, day)


def test_activity_is_loaded_exactly(bench: ClaudeBench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    rows = [row for row in truth.activity(bench.company, AS_OF) if row.usage_date == DAY]
    for table, account in (("claude_code_days", CONSOLE), ("users_activity", ENTERPRISE)):
        expected = [row for row in rows if row.account_id == account]
        found = bench.rows(
            f"select sum(sessions), sum(lines_added), sum(lines_removed), sum(accepted_actions),"
            f" sum(accepted_actions + rejected_actions) from {bench.current(table)} where day = '{DAY}'"
        )[0]
        names = ("sessions", "lines_added", "lines_deleted", "acceptances", "suggestions")
        assert found == tuple(sum(getattr(row, name) or 0 for row in expected) for name in names)


def test_the_manifest_carries_the_control_totals(bench: ClaudeBench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    total = bench.one(
        "select credits_sum from raw_anthropic.report_loads where status = 'loaded' and report = 'analytics-cost'"
        f" and account_id = '{CONSOLE}'"
    )
    assert Decimal(total) / 100 == true_usd(bench, CONSOLE, DAY)


def test_where_the_pair_answers_the_older_reports_are_not_asked_for_its_days(bench: ClaudeBench) -> None:
    server = bench.serve()
    bench.extract(DAY, DAY)
    paths = Counter(request.path.removeprefix("/v1/organizations/") for request in server.requests)
    # Once to see whether it answers, once for the day; for either account.
    assert (paths["analytics/usage"], paths["analytics/cost"]) == (4, 4)
    for older in ("usage_report/messages", "cost_report", "analytics/user_usage_report", "analytics/user_cost_report"):
        assert paths[older] == 0


def test_where_the_pair_answers_404_the_older_reports_tell(bench: ClaudeBench) -> None:
    server = bench.serve(AnthropicFaults(without_beta=True))
    outcome = bench.extract(DAY, DAY)
    assert outcome.exit_code == ExitCode.OK
    assert bench.reports() == OLDER | ACTIVITY | LISTS
    assert loaded_tokens(bench, "messages_usage", CONSOLE, DAY) == true_tokens(bench, CONSOLE, DAY)
    assert loaded_tokens(bench, "user_usage", ENTERPRISE, DAY) + Counter() <= true_tokens(bench, ENTERPRISE, DAY)
    assert len(asked(server, "analytics/cost") + asked(server, "analytics/usage")) == 2


def test_days_before_2026_come_from_the_older_reports(bench: ClaudeBench) -> None:
    server = bench.serve()
    bench.extract(date(2025, 12, 30), date(2026, 1, 2))
    assert set(asked(server, "usage_report/messages")) == {"2025-12-30", "2025-12-31"}
    assert set(asked(server, "/cost_report")) == {"2025-12-30", "2025-12-31"}
    probed = (AS_OF - 2 * ONE_DAY).isoformat()
    assert set(asked(server, "analytics/cost")) == {"2026-01-01", "2026-01-02", probed}
    # An Enterprise organisation has nothing before 2026.
    assert asked(server, "user_usage_report") == []
    assert set(asked(server, "analytics/users")) == {"2026-01-01", "2026-01-02"}


def test_a_day_that_has_left_the_window_unread_is_the_older_reports() -> None:
    later = date(2027, 6, 1)
    authority = Authority(True, frozenset({date(2026, 3, 1)}), later)
    assert authority.older(date(2025, 12, 31))
    assert authority.older(date(2026, 2, 28))
    assert not authority.older(date(2026, 3, 1))
    assert not authority.older(later - 30 * ONE_DAY)


def test_a_pair_that_is_refused_later_leaves_its_days_to_itself(bench: ClaudeBench) -> None:
    bench.serve()
    bench.extract(AS_OF - 6 * ONE_DAY, AS_OF - 2 * ONE_DAY)
    server = bench.serve(AnthropicFaults(without_beta=True))
    outcome = bench.extract()
    assert any("refused now" in warning for warning in outcome.warnings)
    read = set(asked(server, "usage_report/messages"))
    assert (AS_OF - ONE_DAY).isoformat() in read
    assert not read & {(AS_OF - days * ONE_DAY).isoformat() for days in range(2, 7)}


def test_a_server_that_cannot_say_whether_the_pair_answers_leaves_the_days_for_the_next_run(bench: ClaudeBench) -> None:
    bench.serve(AnthropicFaults(server_errors=6))
    outcome = bench.extract(DAY, DAY)
    assert [type(problem) for problem in outcome.problems] == [RequestFailed]
    console = "select distinct report from raw_anthropic.report_loads where account_id = 'console/quill-harbor'"
    assert not {report for (report,) in bench.rows(console)} & (PAIR | OLDER)
    bench.serve()
    assert bench.extract().exit_code == ExitCode.OK
    assert list_usd(bench, CONSOLE, DAY) == true_usd(bench, CONSOLE, DAY)


def test_a_restated_day_moves_and_rows_that_vanish_are_gone(bench: ClaudeBench) -> None:
    bench.serve(as_of=FIRST_AS_OF)
    bench.extract(RESTATED_DAY, RESTATED_DAY)
    before = list_usd(bench, CONSOLE, RESTATED_DAY)
    assert before == true_usd(bench, CONSOLE, RESTATED_DAY, FIRST_AS_OF)
    bench.serve()
    bench.extract()
    after = list_usd(bench, CONSOLE, RESTATED_DAY)
    assert after == true_usd(bench, CONSOLE, RESTATED_DAY)
    assert after != before
    keys = {key for (key,) in bench.rows(f"select distinct api_key_id from {bench.current('analytics_costs')}")}
    expected = {
        row.principal.identifier
        for row in truth.credits(bench.company, AS_OF)
        if row.usage_date >= RESTATED_DAY and row.principal.identifier.startswith("apikey_")
    }
    assert keys - {None} == expected


def test_a_day_read_twice_changes_nothing(bench: ClaudeBench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    tables = ("analytics_costs", "analytics_usage", "claude_code_days", "users_activity")
    before = {table: bench.rows(f"select * from raw_anthropic.{table} order by all") for table in tables}
    bench.extract(DAY, DAY)
    assert {table: bench.rows(f"select * from raw_anthropic.{table} order by all") for table in tables} == before
    statuses = bench.rows(
        f"select distinct arg_max(status, loaded_at) from raw_anthropic.report_loads"
        f" where report_date = '{DAY}' group by account_id, report"
    )
    assert statuses == [("unchanged",)]


def test_costs_are_read_again_for_30_days_and_the_other_reports_for_4(bench: ClaudeBench) -> None:
    first = AS_OF - 40 * ONE_DAY
    bench.serve()
    bench.extract(first, AS_OF - ONE_DAY)
    tomorrow = AS_OF + ONE_DAY
    server = bench.serve(as_of=tomorrow)
    bench.extract()
    probed = (tomorrow - 2 * ONE_DAY).isoformat()
    young = {(AS_OF - days * ONE_DAY).isoformat() for days in range(30)}
    assert set(asked(server, "analytics/cost")) == young | {probed}
    code = {(AS_OF - days * ONE_DAY).isoformat() for days in range(4)}
    assert set(asked(server, "usage_report/claude_code")) == code


def test_a_snapshot_that_is_not_there_yet_is_recorded_in_the_vendors_words(bench: ClaudeBench) -> None:
    bench.serve()
    outcome = bench.extract(AS_OF - 2 * ONE_DAY, AS_OF - ONE_DAY)
    assert outcome.exit_code == ExitCode.OK
    rows = bench.rows(
        "select report, report_date, detail from raw_anthropic.report_loads"
        " where status = 'not_available' and report <> 'service-accounts' order by report"
    )
    assert [(report, day) for report, day, _ in rows] == [
        ("summaries", AS_OF - ONE_DAY),
        ("users-activity", AS_OF - ONE_DAY),
    ]
    assert all("latest available day" in detail for *_, detail in rows)


def test_an_expired_cursor_reads_the_window_again(bench: ClaudeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlt_pipelines.anthropic.endpoints.PER_PAGE", 3)
    server = bench.serve(AnthropicFaults(expired_pages=2))
    outcome = bench.extract(DAY, DAY)
    assert outcome.exit_code == ExitCode.OK
    assert 410 in {request.status for request in server.requests}
    assert list_usd(bench, CONSOLE, DAY) == true_usd(bench, CONSOLE, DAY)
    assert list_usd(bench, ENTERPRISE, DAY) == true_usd(bench, ENTERPRISE, DAY)


@pytest.mark.parametrize("without", [False, True])
def test_a_rate_limit_is_waited_out_with_and_without_retry_after(bench: ClaudeBench, without: bool) -> None:
    bench.monkeypatch.setenv("SOURCES__ANTHROPIC__CONCURRENCY", "1")
    bench.serve(AnthropicFaults(rate_limit_after=6, rate_limit_without_retry_after=without))
    outcome = bench.extract(DAY, DAY)
    assert outcome.exit_code == ExitCode.OK
    assert bench.waits
    assert list_usd(bench, CONSOLE, DAY) == true_usd(bench, CONSOLE, DAY)


def test_a_dropped_connection_is_tried_again(bench: ClaudeBench) -> None:
    bench.serve(AnthropicFaults(drop_connection_once=True))
    assert bench.extract(DAY, DAY).exit_code == ExitCode.OK


@pytest.mark.parametrize("shape", ["workspace_id", "scope"])
def test_keys_keep_their_workspaces_in_either_shape(bench: ClaudeBench, shape: str) -> None:
    bench.serve(AnthropicFaults(key_shape=shape))  # type: ignore[arg-type]
    bench.extract(DAY, DAY)
    keys = bench.one(f"select count(*) from {bench.current('api_keys')} where workspace_id like 'wrkspc_%'")
    # In the older shape the two or three keys of the default workspace have none.
    total = bench.one(f"select count(*) from {bench.current('api_keys')}")
    assert keys == total if shape == "scope" else keys < total


@pytest.mark.parametrize("field", ["email", "email_address"])
def test_people_are_known_under_either_e_mail_field(bench: ClaudeBench, field: str) -> None:
    bench.serve(AnthropicFaults(email_field=field))  # type: ignore[arg-type]
    bench.extract(DAY, DAY)
    column = "older_email_key" if field == "email" else "email_key"
    counted, known = bench.rows(f"select count(*), count({column}) from {bench.current('users_activity')}")[0]
    assert counted
    assert known >= counted - 1  # a deleted account has none


def test_unknown_fields_are_kept_and_told(bench: ClaudeBench) -> None:
    bench.serve(AnthropicFaults(unknown_field=True))
    outcome = bench.extract(DAY, DAY)
    assert outcome.exit_code == ExitCode.OK
    assert any("new_signal_count" in warning for warning in outcome.warnings)
    extras = bench.rows(f"select distinct extra from {bench.current('analytics_costs')}")
    assert [json.loads(extra) for (extra,) in extras] == [{"new_signal_count": 7}]


def test_service_accounts_that_only_oauth_may_list_are_a_note(bench: ClaudeBench) -> None:
    bench.serve()
    outcome = bench.extract(DAY, DAY)
    assert outcome.problems == []
    assert any(warning.startswith(f"service-accounts of {CONSOLE}") for warning in outcome.warnings)


def test_spend_limits_without_their_scope_are_a_note(bench: ClaudeBench) -> None:
    bench.serve(AnthropicFaults(forbidden=frozenset({"spend_limits/effective"})))
    outcome = bench.extract(DAY, DAY)
    assert outcome.problems == []
    assert any("read:spend_limits" in warning for warning in outcome.warnings)


def test_an_empty_claude_code_report_is_told_as_no_coverage(bench: ClaudeBench, company: Company) -> None:
    # Before its first day the company has no use: as an organisation whose developers sign in with seats.
    bench.serve()
    outcome = bench.extract(date(2026, 2, 2), date(2026, 2, 4))
    assert any(
        f"claude-code of {CONSOLE} is empty on all 3 days" in warning and "no coverage" in warning
        for warning in outcome.warnings
    )
    assert bench.one("select count(*) from raw_anthropic.report_loads where report = 'claude-code' and rows > 0") == 0


def test_a_report_that_is_refused_is_told_once_and_the_others_go_on(bench: ClaudeBench) -> None:
    bench.serve(AnthropicFaults(forbidden=frozenset({"usage_report/claude_code"})))
    outcome = bench.extract(DAY, DAY + ONE_DAY)
    assert [type(problem) for problem in outcome.problems] == [PermissionMissing]
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert list_usd(bench, CONSOLE, DAY) == true_usd(bench, CONSOLE, DAY)


def test_a_key_that_is_refused_does_not_keep_the_other_account_from_its_reports(bench: ClaudeBench) -> None:
    bench.serve()
    bench.monkeypatch.setenv("SOURCES__ANTHROPIC__ADMIN_KEY", "sk-ant-admin01-wrong")
    outcome = bench.extract(DAY, DAY)
    assert [type(problem) for problem in outcome.problems] == [TokenRefused]
    assert list_usd(bench, ENTERPRISE, DAY) == true_usd(bench, ENTERPRISE, DAY)


def test_keys_that_are_all_refused_stop_the_run(bench: ClaudeBench) -> None:
    bench.serve()
    bench.monkeypatch.delenv("SOURCES__ANTHROPIC__ANALYTICS_KEY")
    bench.monkeypatch.setenv("SOURCES__ANTHROPIC__ADMIN_KEY", "sk-ant-admin01-wrong")
    with pytest.raises(TokenRefused, match="does not accept the key of console/quill-harbor"):
        bench.extract(DAY, DAY)


def test_one_account_alone_is_enough(bench: ClaudeBench) -> None:
    bench.serve()
    bench.monkeypatch.delenv("SOURCES__ANTHROPIC__ADMIN_KEY")
    assert bench.extract(DAY, DAY).exit_code == ExitCode.OK
    assert bench.rows("select distinct account_id from raw_anthropic.report_loads") == [(ENTERPRISE,)]


def test_neither_key_is_left_on_disk_or_in_logs(
    bench: ClaudeBench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.serve(AnthropicFaults(forbidden=frozenset({"users"}), rate_limit_after=4))
    outcome = bench.extract(DAY, DAY)
    out, err = capfd.readouterr()
    said = "\n".join([out, err, caplog.text, *map(str, outcome.problems), *outcome.warnings])
    contents = [path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()]
    for secret in (ADMIN_KEY, ANALYTICS_KEY, KEY):
        assert secret not in said
        assert not any(secret.encode() in content for content in contents)


class Elsewhere(LocalServer):
    """Sends every request on to another host, or answers it there."""

    def __init__(self, target: str | None = None) -> None:
        self.target = target
        self.keys: list[str | None] = []
        super().__init__()

    def answer(self, request: Request) -> Response | None:
        self.keys.append(request.headers.get("x-api-key"))
        if self.target is None:
            return json_response({"data": []})
        return Response(302, b"", {"location": f"{self.target}{request.path}"})


def test_a_key_is_left_behind_when_a_request_is_sent_on_to_another_host() -> None:
    with Elsewhere() as other, Elsewhere(other.url) as first:
        settings = anthropic.AnthropicSettings(api_url=first.url, admin_key=ADMIN_KEY)
        answer = make_client(settings, ADMIN_KEY).get("/v1/organizations/users")
    assert answer.status == 200
    assert first.keys == [ADMIN_KEY]
    assert other.keys == [None]


def test_names_and_addresses_in_clear_are_in_raw_restricted_alone(bench: ClaudeBench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    identifiers = bench.rows("select namespace, identifier from raw_restricted.identifiers")
    in_clear = {text for _, text in identifiers}
    assert {namespace for namespace, _ in identifiers} >= {"anthropic_user", "email", "anthropic_api_key_name"}
    columns = bench.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'raw_anthropic' and data_type = 'VARCHAR'"
    )
    for table, column in columns:
        for (value,) in bench.rows(f'select distinct "{column}" from raw_anthropic."{table}" where "{column}" <> \'\''):
            assert str(value).lower() not in in_clear, (table, column)
            assert "@" not in str(value), (table, column)
            assert not any(user.name in str(value) for user in _users(bench)), (table, column)


def _users(bench: ClaudeBench) -> list[truth.ClaudeUser]:
    return list(truth.claude_use(bench.company).directory.users)


def test_every_check_of_the_doctor_says_whether_it_works(bench: ClaudeBench) -> None:
    bench.serve(AnthropicFaults(forbidden=frozenset({"users"})))
    found = {check.subject: (check.ok, check.detail) for check in anthropic.checks(anthropic.load_settings())}
    assert found[f"{CONSOLE} analytics-cost"][0]
    assert "OAuth" in found[f"{CONSOLE} service-accounts"][1]
    assert not found[f"{CONSOLE} users"][0]
    assert f"{CONSOLE} messages-usage" not in found
    assert found[f"{ENTERPRISE} summaries"][0]


def test_the_doctor_says_where_the_pair_is_missing(bench: ClaudeBench) -> None:
    bench.serve(AnthropicFaults(without_beta=True))
    found = {check.subject: (check.ok, check.detail) for check in anthropic.checks(anthropic.load_settings())}
    assert "do not answer" in found[f"{ENTERPRISE} analytics"][1]
    assert found[f"{CONSOLE} messages-usage"][0]


def test_without_a_key_the_source_is_not_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADMIN_KEY", "ANALYTICS_KEY", "EXPORT_GLOB"):
        monkeypatch.delenv(f"SOURCES__ANTHROPIC__{name}", raising=False)
    assert not anthropic.is_configured()
    with pytest.raises(ConfigurationError, match="SOURCES__ANTHROPIC__ADMIN_KEY"):
        anthropic.load_settings()


def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__ANTHROPIC__ADMIN_KEY", "sk-ant-admin01-x")
    monkeypatch.setenv("SOURCES__ANTHROPIC__REQUESTS_PER_MINUTE", "many")
    assert anthropic.is_configured()
    with pytest.raises(ConfigurationError, match="REQUESTS_PER_MINUTE"):
        anthropic.load_settings()
