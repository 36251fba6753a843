"""How GitHub is asked, whatever it is asked about: one client for the sources that read its API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from dlt_pipelines.http import ApiClient, Clock, Limits

USER_AGENT = "agent-spend"


class GithubSettings(Protocol):
    """Where GitHub's API is, as whom it is asked, and how gently."""

    api_url: str
    token: Any
    concurrency: int
    points_per_minute: int


def github_client(
    settings: GithubSettings,
    api_version: str,
    clock: Clock | None = None,
    notice: Callable[[str], None] | None = None,
) -> ApiClient:
    """A client that speaks GitHub's protocol as the settings say; `notice` hears of waiting."""
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {settings.token}",
        "X-GitHub-Api-Version": api_version,
        "User-Agent": USER_AGENT,
    }
    limits = Limits(points_per_minute=settings.points_per_minute)
    return ApiClient(
        settings.api_url, headers, limits=limits, clock=clock, connections=settings.concurrency, notice=notice
    )
