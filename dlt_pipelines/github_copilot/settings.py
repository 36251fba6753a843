"""Settings of the github_copilot source, from dlt's own places: .dlt/*.toml and SOURCES__GITHUB_COPILOT__*."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigValueCannotBeCoercedException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from dlt_pipelines.errors import ConfigurationError

SECTION = "github_copilot"
API_VERSION = "2026-03-10"

# GitHub keeps a year of 1-day reports; the first days that exist at all, by scope.
HISTORY_DAYS = 365
FIRST_DAYS = {"enterprise": date(2025, 10, 10), "organization": date(2025, 12, 12)}


@configspec
class GithubCopilotSettings(BaseConfiguration):
    """Where to ask, as whom, and how gently."""

    api_url: str = "https://api.github.com"
    token: TSecretStrValue = None  # type: ignore[assignment]
    enterprise: Optional[str] = None  # noqa: UP045 (dlt resolves hints at run time)
    organizations: Optional[list[str]] = None  # noqa: UP045
    lookback_days: int = 5
    concurrency: int = 8
    points_per_minute: int = 900


@dataclass(frozen=True)
class Account:
    """An enterprise or organisation whose reports are read."""

    scope: str
    slug: str

    @property
    def account_id(self) -> str:
        """'enterprise/<slug>' or 'organization/<login>'."""
        return f"{self.scope}/{self.slug}"

    @property
    def path(self) -> str:
        """The start of the account's API paths."""
        return f"/{'enterprises' if self.scope == 'enterprise' else 'orgs'}/{self.slug}"


def is_configured() -> bool:
    """Whether a token is set: without one the source is left out of a run over all sources."""
    try:
        return bool(resolve_configuration(GithubCopilotSettings(), sections=("sources", SECTION)).token)
    except ConfigFieldMissingException:
        return False
    except ConfigValueCannotBeCoercedException:
        return True  # and load_settings says what is wrong


def load_settings() -> GithubCopilotSettings:
    """The resolved settings; raises ConfigurationError with the name of what is missing."""
    try:
        settings = resolve_configuration(GithubCopilotSettings(), sections=("sources", SECTION))
    except ConfigFieldMissingException:
        raise ConfigurationError(
            "no GitHub token", "Set SOURCES__GITHUB_COPILOT__TOKEN, or token in .dlt/secrets.toml."
        ) from None
    except ConfigValueCannotBeCoercedException as error:
        raise ConfigurationError(
            f"SOURCES__GITHUB_COPILOT__{error.field_name.upper()} has a value that cannot be used",
            """Organizations are a JSON list: '["your-org"]'; the others are numbers.""",
        ) from None
    if not accounts(settings):
        raise ConfigurationError(
            "no GitHub account to read",
            "Set SOURCES__GITHUB_COPILOT__ENTERPRISE and/or SOURCES__GITHUB_COPILOT__ORGANIZATIONS"
            " (a JSON list), or the same under [sources.github_copilot] in .dlt/config.toml.",
        )
    return settings


def accounts(settings: GithubCopilotSettings) -> list[Account]:
    """The accounts to read, the enterprise first."""
    found = [Account("enterprise", settings.enterprise)] if settings.enterprise else []
    return found + [Account("organization", login) for login in settings.organizations or []]
