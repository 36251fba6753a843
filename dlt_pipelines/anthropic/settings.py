"""Settings of the anthropic source, from dlt's own places: .dlt/*.toml and SOURCES__ANTHROPIC__*."""

from __future__ import annotations

from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from dlt_pipelines.errors import ConfigurationError

SECTION = "anthropic"
USER_AGENT = "agent-spend"
API_VERSION = "2023-06-01"

# The documented limit of an Enterprise organisation is 60 requests a minute over all its keys; others may ask too.
REQUESTS_PER_MINUTE = 50


@configspec
class AnthropicSettings(BaseConfiguration):
    """Where to ask, as whom, and how gently; or where the Team plan's spend reports lie."""

    api_url: str = "https://api.anthropic.com"
    admin_key: Optional[TSecretStrValue] = None  # noqa: UP045 (dlt resolves hints at run time)
    analytics_key: Optional[TSecretStrValue] = None  # noqa: UP045
    organization: str = "default"
    enterprise: str = "default"
    team: str = "default"
    export_glob: Optional[str] = None  # noqa: UP045
    lookback_days: int = 3
    concurrency: int = 4
    requests_per_minute: int = REQUESTS_PER_MINUTE


def _resolve() -> AnthropicSettings:
    return resolve_configuration(AnthropicSettings(), sections=("sources", SECTION))


def _has_source(settings: AnthropicSettings) -> bool:
    return bool(settings.admin_key or settings.analytics_key or settings.export_glob)


def is_configured() -> bool:
    """Whether a key or a folder of exports is set: without one the source is left out of a run over all sources."""
    try:
        return _has_source(_resolve())
    except ConfigValueCannotBeCoercedException:
        return True  # and load_settings says what is wrong


def load_settings() -> AnthropicSettings:
    """The resolved settings; raises ConfigurationError with the name of what is missing."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException as error:
        raise ConfigurationError(
            f"SOURCES__ANTHROPIC__{error.field_name.upper()} has a value that cannot be used", "It must be a number."
        ) from None
    if not _has_source(settings):
        raise ConfigurationError(
            "no Anthropic key and no exports",
            "Set SOURCES__ANTHROPIC__ADMIN_KEY (Claude Console), SOURCES__ANTHROPIC__ANALYTICS_KEY (Claude Enterprise),"
            " or SOURCES__ANTHROPIC__EXPORT_GLOB to the Team plan's spend report CSV files.",
        )
    return settings
