"""GitHub Copilot: usage reports, seats, teams, members and SSO identities of organisations and an enterprise."""

from dlt_pipelines.github_copilot.checks import checks
from dlt_pipelines.github_copilot.extraction import SOURCE, CopilotExtraction, extract
from dlt_pipelines.github_copilot.settings import is_configured, load_settings

NOT_CONFIGURED = "SOURCES__GITHUB_COPILOT__TOKEN is not set"

__all__ = [
    "NOT_CONFIGURED",
    "SOURCE",
    "CopilotExtraction",
    "checks",
    "extract",
    "is_configured",
    "load_settings",
]
