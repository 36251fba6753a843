"""What GitHub's refusals mean and what a token needs, in GitHub's own words for it."""

from __future__ import annotations

from dlt_pipelines.errors import PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.http import Answer
from dlt_pipelines.paged_extraction import NamedAccount

ENTERPRISE = (
    "The token needs an enterprise owner, a billing manager or a custom role with read access to enterprise billing: a"
    " classic token with manage_billing:enterprise (authorized for SSO), or a GitHub App installed on the enterprise"
    " with read access to enterprise billing."
)
ORGANIZATION = (
    'The token needs an organization owner with the organization permission "Administration" (read), or a classic token'
    " with manage_billing:copilot."
)


def remedy(account: NamedAccount) -> str:
    """What a token needs so that GitHub gives an account's billing."""
    return ENTERPRISE if account.scope == "enterprise" else ORGANIZATION


def refusal(account: NamedAccount, report: str, answer: Answer) -> PermissionMissing:
    """The error that a 401, 403 or 404 stands for. GitHub answers 404 where it does not show what there is."""
    words = f" ({answer.message})" if answer.message else ""
    if answer.status == 401:
        return TokenRefused(
            f"GitHub does not accept the token{words}", "Make a new one and set SOURCES__GITHUB_BILLING__TOKEN."
        )
    if answer.status == 404 and account.scope == "organization":
        # The same words for every report of the account: it is told once.
        return PermissionMissing(
            f"GitHub has no billing for {account.account_id} (404): an organization of an enterprise is billed there",
            "Set SOURCES__GITHUB_BILLING__ENTERPRISE and leave the organization out; if it is billed by itself, check"
            f" its spelling. {ORGANIZATION}",
        )
    if answer.status == 404:
        return PermissionMissing(
            f"GitHub does not show the billing of {account.account_id} (404)", f"Check its spelling. {ENTERPRISE}"
        )
    return PermissionMissing(f"GitHub refuses {report} of {account.account_id}{words}", remedy(account))


def check(account: NamedAccount, report: str, answer: Answer, *good: int) -> None:
    """Lets an answer with a good status pass and raises what any other means."""
    if answer.status in good:
        return
    if answer.status in (401, 403, 404):
        raise refusal(account, report, answer)
    words = f" ({answer.message})" if answer.message else ""
    # Without the day: what is refused for many of them is told once.
    raise RequestFailed(f"{report} of {account.account_id}: GitHub answered {answer.status}{words}", "Try later.")
