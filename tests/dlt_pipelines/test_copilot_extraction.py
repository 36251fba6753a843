"""The whole extraction against a local server: what GitHub does on good and on bad days."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from demo.constants import APPS, AS_OF, DATA, ENTERPRISE, FIRST_AS_OF, HOLE_DAY, RESTATED_DAY
from demo.github_api import Request
from demo.github_faults import Faults, Response
from dlt_pipelines.errors import ExitCode, PermissionMissing, RequestFailed, TokenRefused
from tests.dlt_pipelines.conftest import Bench

ONE_DAY = timedelta(days=1)
DAY = date(2026, 10, 10)
SINCE, UNTIL = DAY - ONE_DAY, DAY + ONE_DAY
THREE_DAYS = 3
DAILY_REPORTS = 4


def credits_of(bench: Bench, day: date, as_of: date = AS_OF) -> Decimal:
    """What the company really used, by its own books."""
    rows = bench.company.account_user_days(APPS, day, as_of)
    return sum((row.credits for row in rows if isinstance(row.credits, Decimal)), Decimal(0))


def loaded_credits(bench: Bench, day: date) -> Decimal | None:
    """What its users-1-day report, as loaded, adds up to."""
    return bench.one(
        f"select sum(ai_credits_used) from {bench.current('user_days')} where day = '{day}' and report_load_key in"
        " (select report_load_key from raw_github_copilot.report_loads where report = 'users-1-day')"
    )


def statuses(bench: Bench, report: str = "users-1-day") -> dict[date, str]:
    rows = bench.rows(
        f"select report_date, arg_max(status, loaded_at) from raw_github_copilot.report_loads"
        f" where report = '{report}' group by 1"
    )
    return dict(rows)


def test_a_run_loads_every_day_of_its_window_exactly(bench: Bench) -> None:
    bench.serve()
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.OK
    assert statuses(bench) == dict.fromkeys((SINCE, DAY, UNTIL), "loaded")
    for day in (SINCE, DAY, UNTIL):
        assert loaded_credits(bench, day) == credits_of(bench, day)


def test_the_manifest_carries_the_control_totals(bench: Bench) -> None:
    bench.serve()
    bench.extract(SINCE, UNTIL)
    rows, users, total = bench.rows(
        f"select rows, users, credits_sum from raw_github_copilot.report_loads"
        f" where report = 'users-1-day' and report_date = '{DAY}'"
    )[0]
    expected = bench.company.account_user_days(APPS, DAY, AS_OF)
    assert (rows, users, total) == (len(expected), len({row.user_id for row in expected}), credits_of(bench, DAY))


def test_signed_links_are_fetched_without_the_token(bench: Bench) -> None:
    server = bench.serve()
    bench.extract(SINCE, UNTIL)
    signed = [request for request in server.requests if request.path.startswith("/signed/")]
    assert len(signed) >= THREE_DAYS * DAILY_REPORTS
    assert not any(request.had_authorization for request in signed)


def test_a_report_of_several_files_is_one_report(bench: Bench, use_accounts: Callable[..., None]) -> None:
    use_accounts(enterprise=ENTERPRISE.slug)
    bench.serve()
    busiest = max(bench.company.final, key=lambda day: len(bench.company.account_user_days(ENTERPRISE, day, AS_OF)))
    bench.extract(busiest, busiest)
    files, rows = bench.rows(
        "select files, rows from raw_github_copilot.report_loads where report = 'users-1-day' and status = 'loaded'"
    )[0]
    assert files == 2
    assert rows == len(bench.company.account_user_days(ENTERPRISE, busiest, AS_OF))


def test_an_expired_link_is_asked_for_again(bench: Bench) -> None:
    server = bench.serve(Faults(expired_links_once=frozenset({"users-1-day"})))
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.OK
    asked = [request for request in server.requests if request.path.endswith("/users-1-day")]
    assert len(asked) == 2 * THREE_DAYS
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_a_truncated_file_is_an_error_that_names_it_and_nothing_of_that_day_is_loaded(bench: Bench) -> None:
    bench.serve(Faults(truncated_file=("users-1-day", APPS.account_id, DAY)))
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    (problem,) = outcome.problems
    assert str(problem).startswith(
        f"users-1-day {DAY} of {APPS.account_id}, file 1 of 1 ends in the middle of a record; nothing of it was loaded"
    )
    assert loaded_credits(bench, DAY) is None
    assert loaded_credits(bench, UNTIL) == credits_of(bench, UNTIL)
    assert statuses(bench)[DAY] == "rejected"
    (kept,) = (bench.state / "rejected").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_rejected_day_is_asked_for_again_by_the_next_run(bench: Bench) -> None:
    bench.serve(Faults(truncated_file=("users-1-day", APPS.account_id, DAY)))
    bench.extract(SINCE, UNTIL)
    bench.serve()
    bench.extract()
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_a_changed_field_type_rejects_the_day_and_names_both_types(bench: Bench) -> None:
    bench.serve(Faults(changed_type=("users-1-day", APPS.account_id, DAY, "loc_added_sum")))
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert "line 1: field loc_added_sum changed type: expected BIGINT, found an object" in str(outcome.problems[0])
    assert loaded_credits(bench, DAY) is None
    assert loaded_credits(bench, SINCE) == credits_of(bench, SINCE)


def test_an_unknown_field_is_kept_and_reported(bench: Bench) -> None:
    bench.serve(Faults(unknown_field=("users-1-day", APPS.account_id, DAY)))
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.OK
    users = len(bench.company.account_user_days(APPS, DAY, AS_OF))
    extras = bench.rows(f"select distinct extra from {bench.current('user_days')} where day = '{DAY}'")
    assert extras == [('{"new_signal_count":7}',)]
    fields = bench.one(
        "select unknown_fields from raw_github_copilot.report_loads"
        f" where report = 'users-1-day' and report_date = '{DAY}'"
    )
    assert json.loads(fields)["new_signal_count"] == users
    assert "totals_by_feature[].new_feature_signal" in outcome.warnings[0]
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


@pytest.mark.parametrize("status", [403, 429])
def test_an_exhausted_primary_limit_waits_until_it_resets(bench: Bench, status: int) -> None:
    bench.serve(Faults(primary_limit_after=3, primary_limit_status=status))
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.OK
    assert len(bench.waits) == 1
    assert 0 < bench.waits[0] <= 2 + 1e-3
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_a_secondary_limit_waits_as_long_as_retry_after_says(bench: Bench) -> None:
    bench.serve(Faults(secondary_limit_after=3))
    bench.extract(SINCE, UNTIL)
    assert bench.waits == [1.0]
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_a_secondary_limit_without_retry_after_waits_a_minute(bench: Bench) -> None:
    bench.serve(Faults(secondary_limit_after=3, secondary_without_retry_after=True))
    bench.extract(SINCE, UNTIL)
    assert bench.waits == [60.0]
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_server_errors_are_tried_again_with_growing_pauses(bench: Bench) -> None:
    bench.monkeypatch.setenv("SOURCES__GITHUB_COPILOT__CONCURRENCY", "1")
    bench.serve(Faults(server_errors=3))
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.OK
    assert bench.waits == [1.0, 2.0, 4.0]


def test_a_server_that_stays_broken_is_told_in_one_line_and_asked_again_next_time(bench: Bench) -> None:
    bench.serve(Faults(server_errors=10_000))
    outcome = bench.extract(DAY, DAY)
    assert outcome.exit_code == ExitCode.FAILED
    assert all(isinstance(problem, RequestFailed) for problem in outcome.problems)
    assert "\n" not in str(outcome.problems[0])
    bench.serve()
    assert bench.extract().exit_code == ExitCode.OK
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


@pytest.mark.parametrize("where", ["api", "download"])
def test_a_dropped_connection_is_tried_again(bench: Bench, where: str) -> None:
    bench.serve(Faults(drop_connection_once=where))  # type: ignore[arg-type]
    assert bench.extract(SINCE, UNTIL).exit_code == ExitCode.OK
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_403_without_a_limit_names_policy_and_permission_and_is_not_tried_again(bench: Bench) -> None:
    server = bench.serve(Faults(policy_off=frozenset({APPS.account_id})))
    bench.monkeypatch.setenv("SOURCES__GITHUB_COPILOT__CONCURRENCY", "1")
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert bench.waits == []
    told = [str(problem) for problem in outcome.problems]
    assert len(told) == DAILY_REPORTS
    assert 'policy "Copilot usage metrics" must be "Enabled everywhere"' in told[0]
    assert '"Organization Copilot metrics" (read)' in told[0]
    asked = [request for request in server.requests if request.path.endswith("/users-1-day")]
    assert len(asked) == 1
    assert bench.one(f"select count(*) from {bench.current('seats')}") > 0


def test_one_account_that_refuses_does_not_stop_the_others(bench: Bench, use_accounts: Callable[..., None]) -> None:
    use_accounts(APPS.slug, DATA.slug)
    bench.serve(Faults(policy_off=frozenset({DATA.account_id})))
    outcome = bench.extract(SINCE, UNTIL)
    assert all(isinstance(problem, PermissionMissing) for problem in outcome.problems)
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_a_wrong_token_says_so(bench: Bench) -> None:
    bench.serve()
    bench.monkeypatch.setenv("SOURCES__GITHUB_COPILOT__TOKEN", "wrong")
    with pytest.raises(TokenRefused, match=r"GitHub does not accept the token \(Bad credentials\)") as caught:
        bench.extract(DAY, DAY)
    assert caught.value.exit_code == ExitCode.MISSING_PERMISSION


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(Faults(not_available=frozenset({(APPS.account_id, DAY)})), id="204"),
        pytest.param(Faults(empty_day=(APPS.account_id, DAY)), id="empty-file"),
        pytest.param(Faults(no_rows_day=(APPS.account_id, DAY)), id="file-with-only-a-newline"),
    ],
)
def test_a_day_that_is_not_there_is_recorded_never_zero_and_reported(bench: Bench, faults: Faults) -> None:
    bench.serve(faults)
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.exit_code == ExitCode.OK
    assert statuses(bench)[DAY] == "not_available"
    assert bench.one(f"select count(*) from {bench.current('user_days')} where day = '{DAY}'") == 0
    row = bench.rows(
        f"select rows, credits_sum from raw_github_copilot.report_loads"
        f" where report = 'users-1-day' and report_date = '{DAY}'"
    )
    assert row == [(None, None)]
    assert outcome.warnings == [f"{APPS.account_id}: no users on {DAY} although there were the day before"]


def test_a_day_that_was_loaded_stays_when_github_loses_it_later(bench: Bench) -> None:
    bench.serve()
    bench.extract(SINCE, UNTIL)
    bench.serve(Faults(not_available=frozenset({(APPS.account_id, DAY)})))
    bench.extract(SINCE, UNTIL)
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_the_days_that_github_has_not_closed_are_no_alarm(bench: Bench) -> None:
    bench.serve()
    outcome = bench.extract(AS_OF - 3 * ONE_DAY)
    assert statuses(bench)[AS_OF - ONE_DAY] == "not_available"
    assert outcome.warnings == []


def test_an_enterprise_day_that_is_missing_answers_404(bench: Bench, use_accounts: Callable[..., None]) -> None:
    use_accounts(enterprise=ENTERPRISE.slug)
    bench.serve()
    bench.extract(AS_OF - 2 * ONE_DAY)
    rows = bench.rows(
        "select report_date, status, http_status from raw_github_copilot.report_loads"
        " where report = 'users-1-day' and status <> 'backfill_requested' order by 1"
    )
    assert rows == [(AS_OF - 2 * ONE_DAY, "loaded", 200), (AS_OF - ONE_DAY, "not_available", 404)]


def test_an_unchanged_report_is_not_loaded_again(bench: Bench) -> None:
    bench.serve()
    bench.extract(SINCE, UNTIL)
    keys = bench.rows(f"select distinct report_load_key from {bench.current('user_days')} order by 1")
    outcome = bench.extract(SINCE, UNTIL)
    assert outcome.reports["unchanged"] == THREE_DAYS * DAILY_REPORTS
    assert bench.rows(f"select distinct report_load_key from {bench.current('user_days')} order by 1") == keys


def test_a_restated_day_is_replaced_whole_and_loses_the_rows_that_it_lost(bench: Bench) -> None:
    bench.serve(as_of=FIRST_AS_OF)
    bench.extract(RESTATED_DAY, RESTATED_DAY)
    before = credits_of(bench, RESTATED_DAY, FIRST_AS_OF)
    assert loaded_credits(bench, RESTATED_DAY) == before
    bench.serve(as_of=AS_OF)
    bench.extract()
    after = credits_of(bench, RESTATED_DAY)
    assert after != before
    assert loaded_credits(bench, RESTATED_DAY) == after
    versions = bench.one(
        "select count(distinct report_load_key) from raw_github_copilot.user_days where report_load_key in"
        " (select report_load_key from raw_github_copilot.report_loads"
        f" where report = 'users-1-day' and report_date = '{RESTATED_DAY}')"
    )
    assert versions == 1


def test_without_since_the_last_days_are_read_again_and_gaps_are_filled(bench: Bench) -> None:
    gap = AS_OF - 20 * ONE_DAY
    bench.serve(Faults(not_available=frozenset({(APPS.account_id, gap)})))
    bench.extract(AS_OF - 22 * ONE_DAY)
    server = bench.serve()
    bench.extract()
    asked = {request.query["day"] for request in server.requests if request.path.endswith("/users-1-day")}
    assert asked == {str(gap), *(str(AS_OF - back * ONE_DAY) for back in range(1, 6))}
    assert loaded_credits(bench, gap) == credits_of(bench, gap)


def test_the_28_day_report_stands_in_only_where_a_day_is_missing(bench: Bench) -> None:
    server = bench.serve()
    bench.extract(AS_OF - 28 * ONE_DAY)
    assert not [request for request in server.requests if "users-28-day" in request.path]
    missing = AS_OF - 10 * ONE_DAY
    server = bench.serve(Faults(not_available=frozenset({(APPS.account_id, missing)})))
    bench.warehouse.unlink()
    bench.extract(AS_OF - 28 * ONE_DAY)
    assert [request for request in server.requests if "users-28-day/latest" in request.path]
    assert bench.one(
        f"select count(distinct day) from {bench.current('user_days')} where report_load_key in"
        " (select report_load_key from raw_github_copilot.report_loads where report = 'users-28-day')"
    ) == 28 - (1 if missing == HOLE_DAY else 0)


def test_a_backfill_over_a_year_with_holes(bench: Bench) -> None:
    """The company began in June: the months before are holes; so are three days of its own."""
    holes = {date(2026, 7, 7), date(2026, 8, 8), date(2026, 9, 30)}
    bench.serve(Faults(not_available=frozenset((APPS.account_id, day) for day in holes)))
    outcome = bench.extract(AS_OF - 400 * ONE_DAY)
    assert outcome.exit_code == ExitCode.OK
    seen = statuses(bench)
    # GitHub has organisations' reports from 2025-12-12 on.
    assert min(seen) == date(2025, 12, 12)
    available = {day for day, status in seen.items() if status == "loaded"}
    assert len(available) == 120 - len(holes)
    assert not available & holes
    bench.serve()
    bench.extract()
    assert statuses(bench)[date(2026, 9, 30)] == "loaded"
    assert statuses(bench)[date(2026, 7, 7)] == "not_available"
    bench.extract(date(2026, 7, 1), date(2026, 7, 31))
    assert statuses(bench)[date(2026, 7, 7)] == "loaded"


def test_lists_are_paged_to_the_end(bench: Bench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    expected = len(bench.company.members(APPS))
    assert bench.one(f"select count(*) from {bench.current('members')}") == expected
    assert expected > 100
    assert bench.one(f"select count(*) from {bench.current('identities')}") > 100


def test_a_list_read_twice_on_one_day_is_there_once(bench: Bench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    seats = bench.one("select count(*) from raw_github_copilot.seats")
    bench.extract(DAY, DAY)
    assert bench.one("select count(*) from raw_github_copilot.seats") == seats


def test_seat_times_with_local_offsets_are_utc(bench: Bench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    # The server writes 09:00 at -06:00.
    times = bench.rows(
        f"select distinct strftime(created_at at time zone 'UTC', '%H:%M') from {bench.current('seats')}"
    )
    assert times == [("15:00",)]


def test_a_re_read_without_any_record_does_not_empty_the_day(bench: Bench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    server = bench.serve()
    kept = server.respond

    def respond(request: Request, authorization: str | None) -> Response | None:
        is_file = request.path.startswith("/signed/")
        return Response(200, b"[]") if is_file else kept(request, authorization)

    bench.monkeypatch.setattr(server, "respond", respond)
    outcome = bench.extract(DAY, DAY)
    assert outcome.reports["not_available"] == DAILY_REPORTS
    assert loaded_credits(bench, DAY) == credits_of(bench, DAY)


def test_a_list_of_teams_that_fails_empties_no_team(bench: Bench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    members = bench.one(f"select count(*) from {bench.current('team_members')}")
    server = bench.serve()
    kept = server.respond

    def respond(request: Request, authorization: str | None) -> Response | None:
        return Response(502, b"{}") if request.path.endswith("/teams") else kept(request, authorization)

    bench.monkeypatch.setattr(server, "respond", respond)
    outcome = bench.extract(DAY, DAY)
    assert outcome.exit_code == ExitCode.FAILED
    assert bench.one(f"select count(*) from {bench.current('team_members')}") == members


def test_a_netrc_entry_takes_neither_the_tokens_place_nor_goes_to_signed_links(bench: Bench) -> None:
    netrc = bench.folder / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    bench.monkeypatch.setenv("NETRC", str(netrc))
    server = bench.serve()
    assert bench.extract(DAY, DAY).exit_code == ExitCode.OK
    assert not any(r.had_authorization for r in server.requests if r.path.startswith("/signed/"))
