"""What `agent-spend doctor` asks GitHub: every report and list of every account."""

from __future__ import annotations

from collections.abc import Iterator

from dlt_pipelines.checks import Check, failed
from dlt_pipelines.errors import AgentSpendError, ExitCode
from dlt_pipelines.github_client import github_client
from dlt_pipelines.github_copilot.lists import AccountLists
from dlt_pipelines.github_copilot.permissions import refusal, remedy
from dlt_pipelines.github_copilot.reports import USERS_28_DAY, daily_reports
from dlt_pipelines.github_copilot.settings import API_VERSION, Account, GithubCopilotSettings, accounts
from dlt_pipelines.http import ApiClient
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.windows import ONE_DAY, as_of

# A day that GitHub has had the time to report.
SETTLED_DAYS = 5
# Nothing that doctor reads is kept, so any key does.
NO_KEY = "0" * 64


def checks(settings: GithubCopilotSettings) -> Iterator[Check]:
    """Tries every report and list of every account."""
    client = github_client(settings, API_VERSION)
    for account in accounts(settings):
        yield from _reports(client, account)
        yield from _lists(client, account)


def _reports(client: ApiClient, account: Account) -> Iterator[Check]:
    day = as_of() - SETTLED_DAYS * ONE_DAY
    for kind in [*daily_reports(account), USERS_28_DAY]:
        subject = f"{account.account_id} {kind.name}"
        path = f"{account.path}/copilot/metrics/reports/{kind.name}"
        try:
            answer = client.get(f"{path}/latest" if kind.latest else path, None if kind.latest else {"day": str(day)})
        except AgentSpendError as error:
            yield failed(subject, error)
            continue
        if answer.status in (401, 403):
            yield failed(subject, refusal(account, kind.name, answer))
        elif answer.status in (204, 404):
            yield Check(
                subject, True, f"answers, but has nothing for {day}. If that stays: {remedy(account, kind.name)}"
            )
        else:
            yield Check(subject, answer.status == 200, f"GitHub answered {answer.status}", ExitCode.FAILED)


def _lists(client: ApiClient, account: Account) -> Iterator[Check]:
    lists = AccountLists(client, account, Pseudonymizer(NO_KEY))
    for report, table, reader in lists.readers():
        try:
            snapshot = lists.read(report, table, reader)
        except AgentSpendError as error:
            yield failed(f"{account.account_id} {report}", error)
        else:
            yield Check(f"{account.account_id} {report}", True, f"{len(snapshot.rows)} rows")
