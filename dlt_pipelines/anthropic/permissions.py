"""What Anthropic's refusals mean and what a key needs, in Anthropic's own words for it."""

from __future__ import annotations

from dlt_pipelines.errors import PermissionMissing, TokenRefused
from dlt_pipelines.http import Answer

ADMIN = (
    "It needs an Admin API key (sk-ant-admin01-…) that an organization admin makes in the Claude Console under Admin"
    " keys; individual accounts have no Admin API. Set SOURCES__ANTHROPIC__ADMIN_KEY."
)
ANALYTICS = (
    'It needs a key with the scope "read:analytics", which the primary owner of a Claude Enterprise organization makes'
    " in the claude.ai organization settings; the Team plan has no API (export its spend report and set"
    " SOURCES__ANTHROPIC__EXPORT_GLOB). Set SOURCES__ANTHROPIC__ANALYTICS_KEY."
)
SPEND_LIMITS = 'Spend limits need the scope "read:spend_limits" beside "read:analytics"'
SERVICE_ACCOUNTS = 'Service accounts are listed to OAuth credentials ("org:admin") only, not to an Admin API key'
# Lists that one can do without: a refusal is told, but is no problem.
OPTIONAL = {"service-accounts": SERVICE_ACCOUNTS, "spend-limits": SPEND_LIMITS}


def remedy(scope: str) -> str:
    """What a key needs so that Anthropic answers for this kind of account."""
    return ADMIN if scope == "console" else ANALYTICS


def refusal(report: str, account_id: str, answer: Answer) -> PermissionMissing:
    """The error that a 401, 403 or 404 stands for; a key without its scope is answered 404 at some endpoints."""
    scope = account_id.partition("/")[0]
    words = f" ({answer.message})" if answer.message else ""
    if answer.status == 401:
        return TokenRefused(f"Anthropic does not accept the key of {account_id}{words}", remedy(scope))
    return PermissionMissing(f"Anthropic refuses {report} of {account_id}{words}", remedy(scope))
