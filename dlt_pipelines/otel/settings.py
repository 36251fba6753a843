"""Settings of the otel source, from dlt's own places: .dlt/*.toml and SOURCES__OTEL__*."""

from __future__ import annotations

from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.common.configuration.specs import BaseConfiguration

from dlt_pipelines.errors import ConfigurationError

SECTION = "otel"

NOT_CONFIGURED = "SOURCES__OTEL__BUCKET_URL is not set"


@configspec
class OtelSettings(BaseConfiguration):
    """Where the files of traces lie, and whether prompts, code and messages in them are loaded too.

    `name` tells one folder's readings from another's in the manifest.
    """

    bucket_url: Optional[str] = None  # noqa: UP045 (dlt resolves hints at run time)
    file_glob: str = "**/*"
    keep_content: bool = False
    name: str = "agents"
    # Every file is looked at on every run, whatever its days.
    lookback_days: int = 0


def _resolve() -> OtelSettings:
    return resolve_configuration(OtelSettings(), sections=("sources", SECTION))


def is_configured() -> bool:
    """Whether a folder is set: without one the source is left out of a run over all sources."""
    try:
        return bool(_resolve().bucket_url)
    except ConfigValueCannotBeCoercedException:
        return True  # and load_settings says what is wrong


def load_settings() -> OtelSettings:
    """The resolved settings; raises ConfigurationError with the name of what is missing."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException as error:
        raise ConfigurationError(
            f"SOURCES__OTEL__{error.field_name.upper()} has a value that cannot be used", "It must be true or false."
        ) from None
    if not settings.bucket_url:
        raise ConfigurationError(
            "no folder of traces",
            "Set SOURCES__OTEL__BUCKET_URL to a folder, or to an address of an object store, with OTLP JSON files.",
        )
    return settings
