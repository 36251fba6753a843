"""What `agent-spend doctor` tries of GitHub's billing: one small question for each report, and the exports."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from dlt_pipelines import csv_exports
from dlt_pipelines.checks import Check, failed, first_pages
from dlt_pipelines.errors import AgentSpendError
from dlt_pipelines.github_billing import export_files
from dlt_pipelines.github_billing.exports import SETTING
from dlt_pipelines.github_billing.extraction import make_targets
from dlt_pipelines.github_billing.orders import ReportOrders
from dlt_pipelines.github_billing.settings import API_VERSION, GithubBillingSettings, accounts
from dlt_pipelines.github_client import github_client
from dlt_pipelines.reports import connect
from dlt_pipelines.windows import ONE_DAY, as_of

# A day that GitHub has had the time to bill.
SETTLED_DAYS = 5


def checks(settings: GithubBillingSettings) -> Iterator[Check]:
    """Tries every report that the settings ask for, looks at the list of exports, and reads those in the folder."""
    if settings.token:
        client = github_client(settings, API_VERSION)
        yield from first_pages(make_targets(settings, client), as_of() - SETTLED_DAYS * ONE_DAY)
        if settings.enterprise:
            yield _ordered(ReportOrders(client, accounts(settings)[0], 0), settings.enterprise)
    if settings.export_glob:
        yield _dropped(settings.export_glob)


def _ordered(orders: ReportOrders, enterprise: str) -> Check:
    """The list alone: an order would keep others of the account waiting."""
    subject = f"enterprise/{enterprise} usage reports"
    try:
        listed = orders.listed()
    except AgentSpendError as error:
        return failed(subject, error)
    return Check(subject, True, f"answers; {len(listed)} reports in the list")


def _dropped(pattern: str) -> Check:
    subject = "github_billing exports"
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as connection:
        files = rows = 0
        try:
            for export in csv_exports.store_exports(pattern, SETTING, Path(folder)):
                found = export_files.read(connection, [export], export.name)
                files += 1
                rows += sum(len(day) for day in found.days.values())
                for path in (export.path, *found.typed):
                    path.unlink()
        except AgentSpendError as error:
            return failed(subject, error)
    return Check(subject, True, f"{files} files with {rows} rows")
