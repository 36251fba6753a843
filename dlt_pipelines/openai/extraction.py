"""One extraction of OpenAI: closed days of costs, usage and Codex oldest first, then the lists."""

from __future__ import annotations

from collections.abc import Callable

from dlt_pipelines.http import ApiClient, Clock, Limits
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.openai import endpoints
from dlt_pipelines.openai.settings import USER_AGENT, OpenaiSettings, organization, workspace
from dlt_pipelines.openai.tables import DATASET
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import PagedExtraction, Target
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window

SOURCE = "openai"
VENDOR = "OpenAI"


def _client(
    settings: OpenaiSettings, api_url: str, key: str, clock: Clock | None, notice: Callable[[str], None] | None
) -> ApiClient:
    headers = {"Accept": "application/json", "Authorization": f"Bearer {key}", "User-Agent": USER_AGENT}
    return ApiClient(
        api_url,
        headers,
        limits=Limits(points_per_minute=settings.requests_per_minute),
        clock=clock,
        connections=settings.concurrency,
        notice=notice,
        name=VENDOR,
    )


def make_targets(
    settings: OpenaiSettings, clock: Clock | None = None, notice: Callable[[str], None] | None = None
) -> list[Target]:
    """What the keys of the settings can ask: the organisation, and Codex where it has a key of its own."""
    targets = []
    if settings.admin_key:
        client = _client(settings, settings.api_url, settings.admin_key, clock, notice)
        reports = [endpoints.costs(client), *endpoints.usage(client), *endpoints.lists(client)]
        targets.append(Target(organization(settings), client, reports))
    if settings.codex_key and settings.codex_workspace:
        client = _client(settings, settings.codex_api_url, settings.codex_key, clock, notice)
        targets.append(Target(workspace(settings), client, [endpoints.codex_usage(client, settings.codex_workspace)]))
    return targets


def extract(
    settings: OpenaiSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,
) -> None:
    """Extracts everything that is due; problems of single reports are gathered in the outcome."""
    PagedExtraction(
        VENDOR,
        DATASET,
        make_targets(settings, clock, progress.note),
        warehouse,
        window,
        pseudonymizer,
        outcome,
        progress,
        concurrency=settings.concurrency,
    ).run()
