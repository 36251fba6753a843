"""OpenAI: costs, usage, projects, users and keys of an organisation; Codex's use in a ChatGPT workspace."""

from dlt_pipelines.openai.checks import checks
from dlt_pipelines.openai.extraction import SOURCE, extract, make_targets
from dlt_pipelines.openai.settings import is_configured, load_settings

NOT_CONFIGURED = "SOURCES__OPENAI__ADMIN_KEY is not set, nor SOURCES__OPENAI__CODEX_KEY"

__all__ = ["NOT_CONFIGURED", "SOURCE", "checks", "extract", "is_configured", "load_settings", "make_targets"]
