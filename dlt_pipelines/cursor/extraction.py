"""One extraction of Cursor: closed days of events and activity oldest first, then the lists, then CSV exports."""

from __future__ import annotations

import base64
from collections.abc import Callable

from dlt_pipelines.cursor import endpoints
from dlt_pipelines.cursor.exports import exported_days
from dlt_pipelines.cursor.settings import (
    EVENT_REQUESTS_PER_MINUTE,
    REQUESTS_PER_MINUTE,
    USER_AGENT,
    CursorSettings,
    account,
)
from dlt_pipelines.cursor.tables import DATASET
from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.http import ApiClient, Clock, Limits
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.loading import ReportLoader
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import PagedExtraction, Target
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window

SOURCE = "cursor"
VENDOR = "Cursor"


def make_client(
    settings: CursorSettings,
    key: str,
    requests_per_minute: int,
    clock: Clock | None = None,
    notice: Callable[[str], None] | None = None,
) -> ApiClient:
    """A client for one of Cursor's limits: Basic authentication with the key as user name and no password."""
    credential = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Accept": "application/json", "Authorization": f"Basic {credential}", "User-Agent": USER_AGENT}
    limits = Limits(points_per_minute=settings.requests_per_minute or requests_per_minute)
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
    settings: CursorSettings, clock: Clock | None = None, notice: Callable[[str], None] | None = None
) -> list[Target]:
    """What the keys of the settings can ask: events have a limit, and so a client, of their own."""
    team = account(settings)
    targets = []
    if settings.admin_key:
        events = make_client(settings, settings.admin_key, EVENT_REQUESTS_PER_MINUTE, clock, notice)
        others = make_client(settings, settings.admin_key, REQUESTS_PER_MINUTE, clock, notice)
        listed = (
            *(endpoints.daily_usage, endpoints.members, endpoints.spend, endpoints.groups),
            endpoints.audit_logs,
        )
        targets.append(Target(team, events, [endpoints.usage_events(events)]))
        targets.append(Target(team, others, [endpoint(others) for endpoint in listed]))
    if settings.organization_key and settings.organization_id:
        organization = make_client(settings, settings.organization_key, REQUESTS_PER_MINUTE, clock, notice)
        pool = endpoints.pooled_usage(organization, settings.organization_id)
        targets.append(Target(team, organization, [pool]))
    return targets


def extract(
    settings: CursorSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,
) -> None:
    """Extracts everything that is due; problems of single reports are gathered in the outcome."""
    targets = make_targets(settings, clock, progress.note)
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
    if settings.export_glob:
        loader = ReportLoader(VENDOR, DATASET, warehouse, pseudonymizer, outcome)
        days = exported_days(settings.export_glob, account(settings), window.as_of, warehouse.spool)
        try:
            loader.load_all(days)
        except ConfigurationError as error:
            # What the API gave is loaded; a wrong path is told.
            outcome.problems.append(error)
        loader.finish()
