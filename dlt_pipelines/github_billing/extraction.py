"""One extraction of GitHub's billing: exports dropped by hand, usage and lists over the API, then ordered exports."""

from __future__ import annotations

from dlt_pipelines.errors import (
    ConfigurationError,
    PermissionMissing,
    RequestFailed,
    TokenRefused,
    VendorUnreachable,
)
from dlt_pipelines.github_billing.endpoints import endpoints
from dlt_pipelines.github_billing.exports import exported_days
from dlt_pipelines.github_billing.orders import ReportOrders, WaitingRanOut, due_orders, note_backfill, ordered_days
from dlt_pipelines.github_billing.settings import (
    API_VERSION,
    GithubBillingSettings,
    account_of_exports,
    accounts,
)
from dlt_pipelines.github_billing.tables import DATASET
from dlt_pipelines.github_client import github_client
from dlt_pipelines.http import ApiClient, Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.loading import ReportLoader
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import PagedExtraction, Target
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.reports import connect
from dlt_pipelines.windows import Window

SOURCE = "github_billing"
VENDOR = "GitHub"


def make_targets(settings: GithubBillingSettings, client: ApiClient) -> list[Target]:
    """What the accounts of the settings are asked for; none without a token."""
    if not settings.token:
        return []
    return [Target(account, client, endpoints(client, account)) for account in accounts(settings)]


def extract(
    settings: GithubBillingSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,
) -> None:
    """Extracts everything that is due; problems of single reports are gathered in the outcome."""
    before = len(outcome.problems)
    if settings.export_glob:
        _read_folder(settings, warehouse, window, pseudonymizer, outcome)
    if settings.token:
        client = github_client(settings, API_VERSION, clock, progress.note)
        targets = make_targets(settings, client)
        PagedExtraction(
            VENDOR,
            DATASET,
            targets,
            warehouse,
            window,
            pseudonymizer,
            outcome,
            progress,
            concurrency=settings.concurrency,
        ).run()
        if settings.enterprise:
            _read_orders(settings, client, warehouse, window, pseudonymizer, outcome, progress)
    _tell_once(outcome, before)


def _read_folder(
    settings: GithubBillingSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
) -> None:
    loader = ReportLoader(VENDOR, DATASET, warehouse, pseudonymizer, outcome)
    account = account_of_exports(settings)
    with connect(warehouse.spool) as connection:
        days = exported_days(str(settings.export_glob), account, window.as_of, warehouse.spool, connection, loader)
        try:
            # In one batch: a file counts as a whole or not at all.
            loader.load(days)
        except ConfigurationError as error:
            # What the API gives is loaded all the same; a wrong path is told.
            outcome.problems.append(error)
    loader.finish()


def _read_orders(
    settings: GithubBillingSettings,
    client: ApiClient,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
) -> None:
    loader = ReportLoader(VENDOR, DATASET, warehouse, pseudonymizer, outcome)
    account = accounts(settings)[0]
    if rows := note_backfill(account, window, loader, SOURCE):
        warehouse.commit(DATASET, rows)
    orders = ReportOrders(client, account, settings.export_wait_minutes)
    due = due_orders(account, window, loader)
    task = progress.task("GitHub usage reports", total=len(due))
    for order in due:
        try:
            # By themselves: DuckDB gives its memory back before the loader takes its own.
            with connect(warehouse.spool) as connection:
                days = ordered_days(orders, order, account, window.as_of, warehouse.spool, connection, loader)
        except (TokenRefused, VendorUnreachable):
            raise
        except (PermissionMissing, WaitingRanOut) as error:
            # Every other order would be kept waiting as well; the next run goes on from here.
            outcome.problems.append(error)
            break
        except RequestFailed as error:
            outcome.problems.append(error)
        else:
            loader.load(days)
            task.advance(rows=outcome.rows, day=order.end)
    loader.finish()


def _tell_once(outcome: Outcome, before: int) -> None:
    """What every report of an account has in common is one problem, not one for each of them."""
    told: set[str] = set()
    found = outcome.problems[before:]
    del outcome.problems[before:]
    for problem in found:
        if str(problem) not in told:
            told.add(str(problem))
            outcome.problems.append(problem)
