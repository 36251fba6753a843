"""`agent-spend doctor`: asks for one small thing from each place and says in the vendor's words what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from dlt_pipelines import roster
from dlt_pipelines.errors import AgentSpendError, ExitCode
from dlt_pipelines.extraction import pseudonymizer
from dlt_pipelines.github_copilot import make_client
from dlt_pipelines.github_copilot.lists import AccountLists
from dlt_pipelines.github_copilot.permissions import refusal, remedy
from dlt_pipelines.github_copilot.reports import USERS_28_DAY, daily_reports
from dlt_pipelines.github_copilot.settings import Account, accounts, is_configured, load_settings
from dlt_pipelines.http import ApiClient
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.windows import ONE_DAY, as_of

# A day that GitHub has had the time to report.
SETTLED_DAYS = 5


@dataclass(frozen=True)
class Check:
    """One thing that was tried: whether it works, and what to do when it does not."""

    subject: str
    ok: bool
    detail: str
    exit_code: ExitCode = ExitCode.OK


def diagnose(target: str) -> Iterator[Check]:
    """Checks the pseudonym key, the warehouse, the roster and every GitHub report of every account."""
    keys = None
    try:
        keys = pseudonymizer()
        yield Check("pseudonym key", True, "set")
    except AgentSpendError as error:
        yield _failed("pseudonym key", error)
    yield _warehouse(target)
    yield _roster(keys)
    if not is_configured():
        yield Check("github_copilot", True, "not configured: SOURCES__GITHUB_COPILOT__TOKEN is not set")
        return
    try:
        settings = load_settings()
    except AgentSpendError as error:
        yield _failed("github_copilot", error)
        return
    client = make_client(settings)
    for account in accounts(settings):
        yield from _reports(client, account)
        yield from _lists(client, account, keys or Pseudonymizer("0" * 64))


def _failed(subject: str, error: AgentSpendError) -> Check:
    return Check(subject, False, str(error), error.exit_code)


def _warehouse(target: str) -> Check:
    warehouse = Warehouse(target)
    try:
        warehouse.probe()
    except AgentSpendError as error:
        return _failed("warehouse", error)
    place = warehouse.path if target == "duckdb" else f"PostgreSQL at {os.environ.get('PGHOST', 'localhost')}"
    return Check("warehouse", True, str(place))


def _roster(keys: Pseudonymizer | None) -> Check:
    settings = roster.load_settings()
    if not settings.bucket_url:
        return Check("roster", True, "not configured: teams come from GitHub alone (SOURCES__ROSTER__BUCKET_URL)")
    try:
        read = roster.read(settings, keys or Pseudonymizer("0" * 64))
    except AgentSpendError as error:
        return _failed("roster", error)
    if read.problems:
        return Check("roster", False, "; ".join(read.problems[:3]), ExitCode.REJECTED_DATA)
    return Check("roster", True, f"{len(read.people)} periods in {read.files} files")


def _reports(client: ApiClient, account: Account) -> Iterator[Check]:
    day = as_of() - SETTLED_DAYS * ONE_DAY
    for kind in [*daily_reports(account), USERS_28_DAY]:
        subject = f"{account.account_id} {kind.name}"
        path = f"{account.path}/copilot/metrics/reports/{kind.name}"
        try:
            answer = client.get(f"{path}/latest" if kind.latest else path, None if kind.latest else {"day": str(day)})
        except AgentSpendError as error:
            yield _failed(subject, error)
            continue
        if answer.status in (401, 403):
            yield _failed(subject, refusal(account, kind.name, answer))
        elif answer.status in (204, 404):
            yield Check(
                subject, True, f"answers, but has nothing for {day}. If that stays: {remedy(account, kind.name)}"
            )
        else:
            yield Check(subject, answer.status == 200, f"GitHub answered {answer.status}", ExitCode.FAILED)


def _lists(client: ApiClient, account: Account, keys: Pseudonymizer) -> Iterator[Check]:
    lists = AccountLists(client, account, keys)
    for report, table, reader in lists.readers():
        try:
            snapshot = lists.read(report, table, reader)
        except AgentSpendError as error:
            yield _failed(f"{account.account_id} {report}", error)
        else:
            yield Check(f"{account.account_id} {report}", True, f"{len(snapshot.rows)} rows")
