"""What OpenAI's refusals mean and what a key needs, in OpenAI's own words for it."""

from __future__ import annotations

from dlt_pipelines.errors import PermissionMissing, TokenRefused
from dlt_pipelines.http import Answer

CODEX_USAGE = "codex-usage"

ADMIN_KEYS = (
    "The organisation's addresses take an admin key (sk-admin-…), which an organisation owner makes under Settings,"
    " Organization, Admin keys; a project's key (sk-proj-…) is refused."
)
CODEX = (
    "The key in SOURCES__OPENAI__CODEX_KEY needs the scope codex.enterprise.analytics.read, which OpenAI's support adds"
    " to a platform key, and SOURCES__OPENAI__CODEX_WORKSPACE the id of a ChatGPT Enterprise workspace. Without them"
    " leave both out: everything else is read as before."
)


def scope(report: str) -> str:
    """The scope that a key needs for a report."""
    if report == CODEX_USAGE:
        return "codex.enterprise.analytics.read"
    return "api.usage.read" if report == "costs" or report.startswith("usage-") else "api.management.read"


def remedy(report: str) -> str:
    """What a key needs so that OpenAI gives this report."""
    if report == CODEX_USAGE:
        return CODEX
    return f"The key in SOURCES__OPENAI__ADMIN_KEY needs the scope {scope(report)}. {ADMIN_KEYS}"


def refusal(report: str, account_id: str, answer: Answer) -> PermissionMissing:
    """The error that a 401, a 403 or, for Codex, a 404 stands for.

    A missing scope comes as 403 and has been seen as 401 too. Codex is an extra: its refusal leaves the rest alone.
    """
    words = f" ({answer.message.rstrip('.')})" if answer.message else ""
    if report == CODEX_USAGE:
        return PermissionMissing(f"OpenAI does not show Codex's use of {account_id}{words}", CODEX)
    if answer.status == 401 and "scope" not in answer.message.lower():
        return TokenRefused(
            f"OpenAI does not accept the key{words}", f"Make a new one and set SOURCES__OPENAI__ADMIN_KEY. {ADMIN_KEYS}"
        )
    return PermissionMissing(f"OpenAI refuses {report} of {account_id}{words}", remedy(report))
