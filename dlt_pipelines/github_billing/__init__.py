"""GitHub billing: usage report exports (ordered or dropped by hand), usage, summaries, budgets, cost centers."""

from dlt_pipelines.github_billing.checks import checks
from dlt_pipelines.github_billing.extraction import SOURCE, extract, make_targets
from dlt_pipelines.github_billing.settings import NOT_CONFIGURED, is_configured, load_settings

__all__ = [
    "NOT_CONFIGURED",
    "SOURCE",
    "checks",
    "extract",
    "is_configured",
    "load_settings",
    "make_targets",
]
