"""Cost and usage in the FOCUS format, of any provider, from exported CSV and Parquet files."""

from dlt_pipelines.focus.checks import checks
from dlt_pipelines.focus.extraction import extract
from dlt_pipelines.focus.settings import NOT_CONFIGURED, is_configured, load_settings
from dlt_pipelines.focus.tables import SOURCE

__all__ = ["NOT_CONFIGURED", "SOURCE", "checks", "extract", "is_configured", "load_settings"]
