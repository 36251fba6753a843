"""Anthropic: use, cost and activity of Claude in Console and Enterprise organisations; the Team plan's spend report."""

from dlt_pipelines.anthropic.checks import checks
from dlt_pipelines.anthropic.extraction import SOURCE, extract, make_targets
from dlt_pipelines.anthropic.settings import AnthropicSettings, is_configured, load_settings

NOT_CONFIGURED = "neither SOURCES__ANTHROPIC__ADMIN_KEY, __ANALYTICS_KEY nor __EXPORT_GLOB is set"

__all__ = [
    "NOT_CONFIGURED",
    "SOURCE",
    "AnthropicSettings",
    "checks",
    "extract",
    "is_configured",
    "load_settings",
    "make_targets",
]
