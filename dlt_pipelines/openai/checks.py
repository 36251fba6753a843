"""What `agent-spend doctor` asks OpenAI: the first page of every report."""

from __future__ import annotations

from collections.abc import Iterator

from dlt_pipelines.checks import Check, first_pages
from dlt_pipelines.openai.extraction import make_targets
from dlt_pipelines.openai.settings import OpenaiSettings
from dlt_pipelines.windows import ONE_DAY, as_of

# A day that OpenAI has had the time to count.
SETTLED_DAYS = 5


def checks(settings: OpenaiSettings) -> Iterator[Check]:
    """Tries every report of the organisation and of the Codex workspace."""
    yield from first_pages(make_targets(settings), as_of() - SETTLED_DAYS * ONE_DAY)
    if not settings.codex_key:
        yield Check(
            "codex-usage", True, "not configured: SOURCES__OPENAI__CODEX_KEY is not set (ChatGPT Enterprise only)"
        )
