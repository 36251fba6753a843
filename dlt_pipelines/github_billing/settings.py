"""Settings of the github_billing source, from dlt's own places: .dlt/*.toml and SOURCES__GITHUB_BILLING__*."""

from __future__ import annotations

from datetime import date
from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.paged_extraction import NamedAccount

SECTION = "github_billing"
API_VERSION = "2026-03-10"

NOT_CONFIGURED = "neither SOURCES__GITHUB_BILLING__TOKEN nor SOURCES__GITHUB_BILLING__EXPORT_GLOB is set"

# GitHub gives 24 months. On this day AI credits took the place of premium requests.
HISTORY_DAYS = 730
AI_CREDITS_FIRST_DAY = date(2026, 6, 1)
# Use is booked late, and an invoice comes after its month: a day is read again until it is this old.
FINAL_AFTER_DAYS = 35


@configspec
class GithubBillingSettings(BaseConfiguration):
    """Where to ask, as whom, and how gently; or where exports lie that somebody downloaded."""

    api_url: str = "https://api.github.com"
    token: Optional[TSecretStrValue] = None  # noqa: UP045 (dlt resolves hints at run time)
    enterprise: Optional[str] = None  # noqa: UP045
    organizations: Optional[list[str]] = None  # noqa: UP045
    export_glob: Optional[str] = None  # noqa: UP045
    lookback_days: int = 5
    concurrency: int = 4
    points_per_minute: int = 300
    export_wait_minutes: int = 30


def _resolve() -> GithubBillingSettings:
    return resolve_configuration(GithubBillingSettings(), sections=("sources", SECTION))


def is_configured() -> bool:
    """Whether a token or a folder of exports is set: without one the source is left out of a run over all sources."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException:
        return True  # and load_settings says what is wrong
    return bool(settings.token or settings.export_glob)


def load_settings() -> GithubBillingSettings:
    """The resolved settings; raises ConfigurationError with the name of what is missing."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException as error:
        raise ConfigurationError(
            f"SOURCES__GITHUB_BILLING__{error.field_name.upper()} has a value that cannot be used",
            """Organizations are a JSON list: '["your-org"]'; the others are numbers.""",
        ) from None
    if not (settings.token or settings.export_glob):
        raise ConfigurationError(
            "no GitHub token for billing and no exports",
            "Set SOURCES__GITHUB_BILLING__TOKEN, or SOURCES__GITHUB_BILLING__EXPORT_GLOB to the CSV files of GitHub's"
            " usage reports.",
        )
    if not accounts(settings):
        raise ConfigurationError(
            "no GitHub account to bill",
            "Set SOURCES__GITHUB_BILLING__ENTERPRISE and/or SOURCES__GITHUB_BILLING__ORGANIZATIONS (a JSON list), or"
            " the same under [sources.github_billing] in .dlt/config.toml.",
        )
    if settings.export_glob:
        account_of_exports(settings)
    return settings


def accounts(settings: GithubBillingSettings) -> list[NamedAccount]:
    """The accounts to read, the enterprise first."""
    found = [NamedAccount("enterprise", settings.enterprise)] if settings.enterprise else []
    return found + [NamedAccount("organization", login) for login in settings.organizations or []]


def account_of_exports(settings: GithubBillingSettings) -> NamedAccount:
    """Whose the exports are, which no export says: the enterprise's, else the only organization's."""
    found = accounts(settings)
    if settings.enterprise or len(found) == 1:
        return found[0]
    raise ConfigurationError(
        "the exports do not say whose they are, and several organizations are configured",
        "Set SOURCES__GITHUB_BILLING__ENTERPRISE, or name the one organization that they were exported from.",
    )
