"""One extraction of Claude: closed days of use, cost and activity oldest first, then the lists, then CSV exports."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from dlt_pipelines.anthropic import endpoints
from dlt_pipelines.anthropic.authority import Authority, days_of_pair, pair_answers
from dlt_pipelines.anthropic.endpoints import Reader
from dlt_pipelines.anthropic.exports import spend_reports
from dlt_pipelines.anthropic.permissions import OPTIONAL
from dlt_pipelines.anthropic.settings import API_VERSION, USER_AGENT, AnthropicSettings
from dlt_pipelines.anthropic.tables import DATASET
from dlt_pipelines.errors import ConfigurationError, RequestFailed, TokenRefused, VendorUnreachable
from dlt_pipelines.http import ApiClient, Clock, Limits
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.loading import ReportLoader, is_loaded
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount, PagedExtraction, Target
from dlt_pipelines.pipelines import LoadedReport, Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window, as_of

SOURCE = "anthropic"
VENDOR = "Anthropic"
# What the manifest holds of a report without a record.
EMPTY = hashlib.sha256().hexdigest()

OLDER_CONSOLE = (endpoints.messages_usage, endpoints.cost_report)
OLDER_ENTERPRISE = (endpoints.user_usage, endpoints.user_cost)
CONSOLE = (
    *(endpoints.claude_code, endpoints.api_keys, endpoints.workspaces, endpoints.users, endpoints.workspace_members),
    endpoints.service_accounts,
)
ENTERPRISE = (endpoints.users_activity, endpoints.summaries, endpoints.spend_limits)

# (account_id, report) to day to what is loaded.
History = Mapping[tuple[str, str], Mapping[date, LoadedReport]]


def make_client(
    settings: AnthropicSettings,
    key: str,
    clock: Clock | None = None,
    notice: Callable[[str], None] | None = None,
) -> ApiClient:
    """A client for one key."""
    headers = {"x-api-key": key, "anthropic-version": API_VERSION, "User-Agent": USER_AGENT}
    limits = Limits(points_per_minute=settings.requests_per_minute)
    return ApiClient(
        settings.api_url,
        headers,
        limits=limits,
        clock=clock,
        connections=settings.concurrency,
        notice=notice,
        name=VENDOR,
    )


def make_targets(
    settings: AnthropicSettings,
    clock: Clock | None = None,
    notice: Callable[[str], None] | None = None,
    *,
    today: date | None = None,
    history: History | None = None,
    outcome: Outcome | None = None,
) -> list[Target]:
    """What the keys of the settings can ask. Asks once for each account whether the analytics pair answers.

    A key that is refused does not keep the other account from its reports; raises TokenRefused where no key is left.
    """
    day = today or as_of()
    outcome = outcome or Outcome()
    named = (
        (settings.admin_key, NamedAccount("console", settings.organization), OLDER_CONSOLE, CONSOLE),
        (settings.analytics_key, NamedAccount("enterprise", settings.enterprise), OLDER_ENTERPRISE, ENTERPRISE),
    )
    targets = []
    refused: list[TokenRefused] = []
    for key, account, older, others in named:
        if not key:
            continue
        reader = Reader(make_client(settings, key, clock, notice), day)
        try:
            costs = _costs(reader, account, history or {}, outcome, older)
        except TokenRefused as error:
            refused.append(error)
        else:
            targets.append(Target(account, reader.client, [*costs, *(endpoint(reader) for endpoint in others)]))
    if refused and not targets:
        raise refused[0]
    outcome.problems.extend(refused)
    return targets


def _costs(
    reader: Reader,
    account: NamedAccount,
    history: History,
    outcome: Outcome,
    older: Sequence[Callable[[Reader, Callable[[date], bool]], Endpoint]],
) -> list[Endpoint]:
    """The reports that tell of use and cost, each of its own days; none where nobody can say whose days they are."""
    days = {report: found for (account_id, report), found in history.items() if account_id == account.account_id}
    told = days_of_pair(days)
    try:
        answers = pair_answers(reader.client, account, reader.today)
    except VendorUnreachable:
        raise
    except RequestFailed as error:
        outcome.problems.append(error)
        return []
    if told and not answers:
        outcome.warnings.append(
            f"analytics-usage and analytics-cost of {account.account_id} are refused now; new days come from the older"
            " reports"
        )
    authority = Authority(answers, told, reader.today)
    pair = [endpoints.analytics_usage(reader), endpoints.analytics_cost(reader)] if answers else []
    return [*pair, *(endpoint(reader, authority.older) for endpoint in older)]


def extract(
    settings: AnthropicSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,
) -> None:
    """Extracts everything that is due; problems of single reports are gathered in the outcome."""
    targets = make_targets(
        settings, clock, progress.note, today=window.as_of, history=warehouse.history(DATASET), outcome=outcome
    )
    extraction = PagedExtraction(
        VENDOR,
        DATASET,
        targets,
        warehouse,
        window,
        pseudonymizer,
        outcome,
        progress,
        concurrency=settings.concurrency,
    )
    extraction.run()
    for target in targets:
        _note_gaps(extraction.loader, target, window.as_of)
    if settings.export_glob:
        account = NamedAccount("team", settings.team)
        try:
            reports = spend_reports(settings.export_glob, account, window.as_of, warehouse.spool, outcome)
            extraction.loader.load_all(reports)
        except ConfigurationError as error:
            # What the API gave is loaded; a wrong path is told.
            outcome.problems.append(error)
        extraction.loader.finish()


def _note_gaps(loader: ReportLoader, target: Target, today: date) -> None:
    """Tells what an account does not give, where that is no problem but explains what is missing."""
    account = target.account
    for endpoint in target.endpoints:
        days = loader.days(account, endpoint.name)
        listed = days.get(today)
        if endpoint.name in OPTIONAL and listed is not None and listed.status == "not_available":
            loader.outcome.warnings.append(f"{endpoint.name} of {account.account_id}: {OPTIONAL[endpoint.name]}")
        loaded = [entry for entry in days.values() if is_loaded(entry)]
        if endpoint.name == "claude-code" and loaded and all(entry.sha256 == EMPTY for entry in loaded):
            loader.outcome.warnings.append(
                f"claude-code of {account.account_id} is empty on all {len(loaded)} days: Anthropic leaves out"
                " developers who sign in with Team or Enterprise seats. That is no coverage, not zero activity"
            )
