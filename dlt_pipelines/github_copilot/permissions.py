"""Which permission or policy is missing, in GitHub's own words for it. Source: GitHub's REST and metrics reference."""

from __future__ import annotations

from dlt_pipelines.errors import PermissionMissing, TokenRefused
from dlt_pipelines.github_copilot.settings import Account
from dlt_pipelines.http import Answer

METRICS = {
    "enterprise": (
        'the enterprise permission "Enterprise Copilot metrics" (read), or a classic token with manage_billing:copilot'
        " or read:enterprise"
    ),
    "organization": (
        'the organization permission "Organization Copilot metrics" (read), or a classic token with read:org'
    ),
}
SEATS = {
    "enterprise": "a classic token of an enterprise owner or billing manager with manage_billing:copilot"
    " or read:enterprise",
    "organization": 'the organization permission "GitHub Copilot Business" (read), or a classic token of an owner with'
    " manage_billing:copilot or read:org",
}
PEOPLE = {
    "enterprise": "a classic token of an enterprise owner with read:enterprise",
    "organization": 'the organization permission "Members" (read), or a classic token with read:org',
}
IDENTITIES = {
    "enterprise": "a classic token of an enterprise owner with read:enterprise",
    "organization": 'the organization permission "Members" (read), or a classic token of an organization owner with'
    " read:org or admin:org",
}
POLICY = 'The enterprise policy "Copilot usage metrics" must be "Enabled everywhere", and the token needs'


def refusal(account: Account, report: str, answer: Answer) -> PermissionMissing:
    """The error that a 401 or 403 stands for, naming what GitHub wants for this report."""
    words = f" ({answer.message})" if answer.message else ""
    if answer.status == 401:
        return TokenRefused(
            f"GitHub does not accept the token{words}", "Make a new one and set SOURCES__GITHUB_COPILOT__TOKEN."
        )
    return PermissionMissing(f"GitHub refuses {report} of {account.account_id}{words}", remedy(account, report))


def remedy(account: Account, report: str) -> str:
    """What a token needs so that GitHub gives this report."""
    if report in ("seats", "seat-settings"):
        return f"The token needs {SEATS[account.scope]}."
    if report in ("teams", "team-members", "members"):
        return f"The token needs {PEOPLE[account.scope]}."
    if report == "identities":
        return f"The token needs {IDENTITIES[account.scope]}."
    return f"{POLICY} {METRICS[account.scope]}."
