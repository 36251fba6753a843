"""The extraction of OpenAI against the demo's server: what the company used is what is loaded."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.company import Company
from demo.constants import AS_OF, FIRST_AS_OF, RESTATED_DAY
from demo.openai_accounts import KEYS, PROJECTS, SERVICE_ACCOUNTS, organization_members
from demo.openai_costs import costs
from demo.openai_faults import OpenaiFaults
from demo.openai_server import OpenaiServer, settings
from demo.openai_use import OpenaiUse, build_openai_use
from dlt_pipelines import extraction
from dlt_pipelines.errors import ExitCode, PermissionMissing, RequestFailed
from dlt_pipelines.http import Clock
from dlt_pipelines.outcome import Outcome
from tests.dlt_pipelines.pseudonyms import KEY

ONE_DAY = timedelta(days=1)
DAY = date(2026, 10, 8)

Run = Callable[..., Outcome]
Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def use(company: Company) -> OpenaiUse:
    return build_openai_use(company)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, company: Company) -> Iterator[Run]:
    """Extracts some days as of a date, from a server with these faults."""
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)
    with ExitStack() as stack:

        def extract(
            since: date | None = DAY,
            until: date | None = DAY,
            as_of: date = AS_OF,
            faults: OpenaiFaults | None = None,
        ) -> Outcome:
            server = stack.enter_context(OpenaiServer(company, as_of, faults))
            monkeypatch.setenv("AGENT_SPEND_AS_OF", as_of.isoformat())
            for name, value in settings(server.url).items():
                monkeypatch.setenv(name, value)
            clock = Clock(now=time.time, sleep=lambda _: None)
            return extraction.extract(["openai"], since=since, until=until, clock=clock)

        yield extract


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    def answer(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    return answer


def test_what_the_company_used_and_paid_is_loaded(run: Run, ask: Ask, use: OpenaiUse) -> None:
    since = DAY - ONE_DAY
    outcome = run(since, DAY)
    assert not outcome.problems
    assert not outcome.warnings
    expected: Counter[Any] = Counter()
    for day in (since, DAY):
        for used in use.final[day]:
            tokens = used.tokens.by_type if used.tokens else {}
            inputs = sum(count for name, count in tokens.items() if name != "output")
            expected[day, used.endpoint, "input"] += inputs
            expected[day, used.endpoint, "output"] += tokens.get("output", 0) if used.endpoint == "completions" else 0
            expected[day, used.endpoint, "amount"] += used.amount
    found = ask("""
        select
            day,
            endpoint,
            coalesce(sum(input_tokens), 0),
            coalesce(sum(output_tokens), 0),
            coalesce(sum(coalesce(images, characters, seconds, usage_bytes, num_sessions, num_requests)), 0)
        from raw_openai.usage_results group by day, endpoint
    """)
    assert len(found) > 10
    for day, endpoint, inputs, outputs, amount in found:
        totals = (
            expected[day, endpoint, "input"],
            expected[day, endpoint, "output"],
            expected[day, endpoint, "amount"],
        )
        assert (inputs, outputs, amount) == totals, (day, endpoint)
    lines = [line for day in (since, DAY) for line in costs(day, use.final[day])]
    # The vendor's amounts have a digit more than the ledger's nine.
    (paid,) = ask("select sum(amount_value), count(*) from raw_openai.costs")
    assert paid[1] == len(lines)
    assert abs(paid[0] - sum(line.amount for line in lines)) <= len(lines) * Decimal("0.0000000005")
    credits_used = sum(row.credits for day in (since, DAY) for row in use.codex_final[day])
    assert ask("select sum(credits) from raw_openai.codex_user_days") == [(credits_used,)]


def test_lists_are_whole(run: Run, ask: Ask, company: Company) -> None:
    run()
    assert {name for (name,) in ask("select api_key_id from raw_openai.project_api_keys")} == {
        key.key_id for key in KEYS
    }
    assert len(ask("select 1 from raw_openai.projects")) == len(PROJECTS)
    accounts = {name for (name,) in ask("select service_account_id from raw_openai.project_service_accounts")}
    assert accounts == {account.service_account_id for account in SERVICE_ACCOUNTS}
    machines = Counter(flag for (flag,) in ask("select is_service_account from raw_openai.users"))
    assert machines == {False: len(organization_members(company)), True: 1}


def test_no_name_is_in_clear_outside_the_restricted_table(run: Run, ask: Ask, company: Company) -> None:
    run()
    members = organization_members(company)
    words = {word for member in members for word in (member.name, member.email, member.user_id)}
    words |= {key.name for key in KEYS} | {account.name for account in SERVICE_ACCOUNTS}
    columns = ask(
        "select table_name, column_name from information_schema.columns"
        " where data_type = 'VARCHAR' and table_schema = 'raw_openai'"
    )
    assert len(columns) > 80
    for table, column in columns:
        values = {str(value) for (value,) in ask(f'select distinct "{column}" from raw_openai."{table}"')}
        assert not values & words, (table, column)
        assert not any("@" in value for value in values), (table, column)


def test_a_restated_day_moves_and_a_day_read_twice_changes_nothing(run: Run, ask: Ask, use: OpenaiUse) -> None:
    total = "select sum(num_model_requests), count(*) from raw_openai.usage_results"
    window = (RESTATED_DAY, RESTATED_DAY)

    def requests(preliminary: bool) -> int:
        rows = use.preliminary if preliminary else use.final[RESTATED_DAY]
        return sum(row.requests for row in rows)

    run(*window, as_of=FIRST_AS_OF)
    (before,) = ask(total)
    assert before[0] == requests(preliminary=True)
    again = run(*window, as_of=FIRST_AS_OF)
    assert ask(total) == [before]
    assert again.reports["unchanged"] == 12 + 6  # reports of the day, and lists
    run(*window, as_of=AS_OF)
    (after,) = ask(total)
    assert after[0] == requests(preliminary=False) > before[0]
    codex = sum(row.credits for row in use.codex_final[RESTATED_DAY])
    assert ask("select sum(credits) from raw_openai.codex_user_days") == [(codex,)]


def test_a_rate_limit_and_server_errors_are_withstood(run: Run, ask: Ask) -> None:
    faults = OpenaiFaults(limit_after=5, limit_without_retry_after=True, server_errors=2)
    assert run(faults=faults).exit_code == ExitCode.OK
    assert ask("select count(distinct endpoint) from raw_openai.usage_results")[0][0] > 5


@pytest.mark.parametrize("fault", ["lost_cursor", "repeated_cursor"])
def test_pages_without_an_end_fail_and_the_rest_is_loaded(run: Run, ask: Ask, fault: str) -> None:
    outcome = run(faults=OpenaiFaults(**{fault: frozenset({"completions"})}))  # type: ignore[arg-type]
    (problem,) = outcome.problems
    assert isinstance(problem, RequestFailed)
    endpoints = {name for (name,) in ask("select distinct endpoint from raw_openai.usage_results")}
    assert "completions" not in endpoints
    assert "embeddings" in endpoints


def test_a_missing_codex_scope_is_told_once(run: Run, ask: Ask) -> None:
    outcome = run(DAY - ONE_DAY, DAY, faults=OpenaiFaults(codex_scope_missing=True))
    (problem,) = outcome.problems
    assert isinstance(problem, PermissionMissing)
    assert "codex.enterprise.analytics.read" in str(problem)
    assert ask("select count(distinct day) from raw_openai.costs") == [(2,)]
