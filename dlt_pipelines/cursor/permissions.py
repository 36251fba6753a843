"""What Cursor's refusals mean and what a key needs, in Cursor's own words for it."""

from __future__ import annotations

from dlt_pipelines.errors import PermissionMissing, TokenRefused
from dlt_pipelines.http import Answer

ADMIN = (
    'The Admin API is there for teams on the Enterprise plan, and the key needs the scope "admin:*" (made by a team'
    " admin under API Keys of the dashboard). Teams without it can export the usage events as CSV from the dashboard"
    " and set SOURCES__CURSOR__EXPORT_GLOB."
)
ORGANIZATION = (
    'The Organization API is there for Enterprise organizations, and takes a key of its own with the scope "usage:*":'
    " set SOURCES__CURSOR__ORGANIZATION_KEY, or leave it and SOURCES__CURSOR__ORGANIZATION_ID out."
)

# A key that may not ask these may ask nothing; to the others Cursor says 401 too where only they are refused.
PRIMARY = ("usage-events", "daily-usage", "members")


def remedy(report: str) -> str:
    """What a key needs so that Cursor gives this report."""
    return ORGANIZATION if report == "pooled-usage" else ADMIN


def refusal(report: str, account_id: str, answer: Answer) -> PermissionMissing:
    """The error that a 401 or 403 stands for."""
    words = f" ({answer.message})" if answer.message else ""
    if answer.status == 401 and report in PRIMARY:
        return TokenRefused(
            f"Cursor does not accept the key{words}",
            "Make a new one under API Keys of the dashboard and set SOURCES__CURSOR__ADMIN_KEY.",
        )
    return PermissionMissing(f"Cursor refuses {report} of {account_id}{words}", remedy(report))
