"""Cursor: usage events, daily activity, members, spend, billing groups, audit log, pool; the dashboard's CSV export."""

from dlt_pipelines.cursor.checks import checks
from dlt_pipelines.cursor.extraction import SOURCE, extract, make_targets
from dlt_pipelines.cursor.settings import NOT_CONFIGURED, is_configured, load_settings

__all__ = ["NOT_CONFIGURED", "SOURCE", "checks", "extract", "is_configured", "load_settings", "make_targets"]
