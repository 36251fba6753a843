"""Settings of the cursor source, from dlt's own places: .dlt/*.toml and SOURCES__CURSOR__*."""

from __future__ import annotations

from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.paged_extraction import NamedAccount

SECTION = "cursor"
USER_AGENT = "agent-spend"

NOT_CONFIGURED = "neither SOURCES__CURSOR__ADMIN_KEY nor SOURCES__CURSOR__EXPORT_GLOB is set"

# Cursor's limits per team and minute, as documented on 2026-08-25.
REQUESTS_PER_MINUTE = 20
EVENT_REQUESTS_PER_MINUTE = 60


@configspec
class CursorSettings(BaseConfiguration):
    """Where to ask, as whom, and how gently; or where the dashboard's CSV exports lie."""

    api_url: str = "https://api.cursor.com"
    admin_key: Optional[TSecretStrValue] = None  # noqa: UP045 (dlt resolves hints at run time)
    team: str = "default"
    organization_id: Optional[str] = None  # noqa: UP045
    organization_key: Optional[TSecretStrValue] = None  # noqa: UP045
    export_glob: Optional[str] = None  # noqa: UP045
    lookback_days: int = 3
    concurrency: int = 4
    requests_per_minute: Optional[int] = None  # noqa: UP045


def _resolve() -> CursorSettings:
    return resolve_configuration(CursorSettings(), sections=("sources", SECTION))


def is_configured() -> bool:
    """Whether a key or a folder of exports is set: without one the source is left out of a run over all sources."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException:
        return True  # and load_settings says what is wrong
    return bool(settings.admin_key or settings.organization_key or settings.export_glob)


def load_settings() -> CursorSettings:
    """The resolved settings; raises ConfigurationError with the name of what is missing."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException as error:
        raise ConfigurationError(
            f"SOURCES__CURSOR__{error.field_name.upper()} has a value that cannot be used", "It must be a number."
        ) from None
    if not (settings.admin_key or settings.organization_key or settings.export_glob):
        raise ConfigurationError(
            "no Cursor key and no exports",
            "Set SOURCES__CURSOR__ADMIN_KEY (Enterprise plan), or SOURCES__CURSOR__EXPORT_GLOB to the CSV files of the"
            " dashboard's export.",
        )
    if bool(settings.organization_key) != bool(settings.organization_id):
        raise ConfigurationError(
            "the organization's pool needs its id and its key",
            "Set SOURCES__CURSOR__ORGANIZATION_ID and SOURCES__CURSOR__ORGANIZATION_KEY, or neither.",
        )
    return settings


def account(settings: CursorSettings) -> NamedAccount:
    """The team under whose name the ledger keeps what is read: the API does not say it."""
    return NamedAccount("team", settings.team)
