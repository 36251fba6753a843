"""Agent traces, usage-bearing log events and metrics in OpenTelemetry's forms."""

from dlt_pipelines.otel.checks import checks
from dlt_pipelines.otel.extraction import SOURCE, extract
from dlt_pipelines.otel.settings import NOT_CONFIGURED, is_configured, load_settings

__all__ = ["NOT_CONFIGURED", "SOURCE", "checks", "extract", "is_configured", "load_settings"]
