"""Settings of the focus source, from dlt's own places: .dlt/*.toml and SOURCES__FOCUS__*."""

from __future__ import annotations

from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.specs import BaseConfiguration

from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.focus.tables import SOURCE

SETTING = "SOURCES__FOCUS__EXPORT_GLOB"
NOT_CONFIGURED = f"{SETTING} is not set"


@configspec
class FocusSettings(BaseConfiguration):
    """Where the exports lie: a local path or an address that fsspec knows, CSV (also .gz) or Parquet."""

    export_glob: Optional[str] = None  # noqa: UP045 (dlt resolves hints at run time)
    # Every file is looked at on every run, whatever its days.
    lookback_days: int = 0


def _resolve() -> FocusSettings:
    return resolve_configuration(FocusSettings(), sections=("sources", SOURCE))


def is_configured() -> bool:
    """Whether exports are named: without them the source is left out of a run over all sources."""
    return bool(_resolve().export_glob)


def load_settings() -> FocusSettings:
    """The resolved settings; raises ConfigurationError where no exports are named."""
    settings = _resolve()
    if not settings.export_glob:
        raise ConfigurationError("no FOCUS exports", f"Set {SETTING} to the CSV or Parquet files.")
    return settings
