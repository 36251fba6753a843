"""GitHub Copilot: usage reports, seats, teams, members and SSO identities of organisations and an enterprise."""

from dlt_pipelines.github_copilot.extraction import SOURCE, CopilotExtraction, make_client

__all__ = ["SOURCE", "CopilotExtraction", "make_client"]
