"""Settings of the github_delivery source, from dlt's own places: .dlt/*.toml and SOURCES__GITHUB_DELIVERY__*."""

from __future__ import annotations

import re
from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from dlt_pipelines.errors import ConfigurationError

SECTION = "github_delivery"
# The newer 2026-03-10 leaves merge_commit_sha out of pull requests.
API_VERSION = "2022-11-28"

NOT_CONFIGURED = "SOURCES__GITHUB_DELIVERY__TOKEN is not set"

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@configspec
class GithubDeliverySettings(BaseConfiguration):
    """Which repositories to read, as whom, how far back the first run goes, and how gently to ask."""

    api_url: str = "https://api.github.com"
    token: Optional[TSecretStrValue] = None  # noqa: UP045 (dlt resolves hints at run time)
    repositories: Optional[list[str]] = None  # noqa: UP045
    organizations: Optional[list[str]] = None  # noqa: UP045
    lookback_days: int = 90
    concurrency: int = 8
    points_per_minute: int = 900


def _resolve() -> GithubDeliverySettings:
    return resolve_configuration(GithubDeliverySettings(), sections=("sources", SECTION))


def is_configured() -> bool:
    """Whether a token is set: without one the source is left out of a run over all sources."""
    try:
        return bool(_resolve().token)
    except ConfigValueCannotBeCoercedException:
        return True  # and load_settings says what is wrong


def load_settings() -> GithubDeliverySettings:
    """The resolved settings; raises ConfigurationError with the name of what is missing."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException as error:
        raise ConfigurationError(
            f"SOURCES__GITHUB_DELIVERY__{error.field_name.upper()} has a value that cannot be used",
            """Repositories and organizations are JSON lists: '["your-org/your-repo"]'; the others are numbers.""",
        ) from None
    if not settings.token:
        raise ConfigurationError("no GitHub token for delivery", "Set SOURCES__GITHUB_DELIVERY__TOKEN.")
    if not (settings.repositories or settings.organizations):
        raise ConfigurationError(
            "no GitHub repositories to read",
            "Set SOURCES__GITHUB_DELIVERY__ORGANIZATIONS and/or SOURCES__GITHUB_DELIVERY__REPOSITORIES (JSON lists).",
        )
    for name in settings.repositories or []:
        if not _REPOSITORY.fullmatch(name):
            raise ConfigurationError(
                f"'{name}' is not the name of a repository",
                """SOURCES__GITHUB_DELIVERY__REPOSITORIES holds owner/name: '["your-org/your-repo"]'.""",
            )
    return settings
