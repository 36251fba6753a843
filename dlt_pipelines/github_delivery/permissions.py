"""What GitHub's refusals mean and what a token needs, in GitHub's own words for it."""

from __future__ import annotations

from dlt_pipelines.errors import PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.http import Answer

# The repository permission (read) that a fine-grained token or an App needs, by report.
PERMISSIONS = {
    "repository": "Metadata",
    "pull-requests": "Pull requests",
    "issues": "Issues",
    "deployments": "Deployments",
    "workflow-runs": "Actions",
    "agent-tasks": "Agent tasks",
    "checkpoints": "Contents",
    "commit-notes": "Contents",
}

# Answers about a repository itself that say that it is gone; 403 says that the token may not see it.
GONE = (404, 410, 451)
# How many repositories a message names.
NAMED = 3


class Refused(PermissionMissing):
    """GitHub refuses one report of one repository."""

    def __init__(self, report: str, repository: str, answer: Answer) -> None:
        self.report = report
        self.repository = repository
        self.status = answer.status
        self.words = f" ({answer.message})" if answer.message else ""
        super().__init__(f"GitHub refuses {report} of {repository}{self.words}", remedy(report))


class NothingThere(Exception):
    """The repository has none of it: it is empty (409), or the feature is switched off (410)."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"GitHub answered {status}")


def remedy(report: str) -> str:
    """What a token needs so that GitHub gives a report."""
    return (
        f'The token needs the repository permission "{PERMISSIONS[report]}" (read), or is a classic one with repo'
        " (authorized for SSO)."
    )


def nothing_left(names: list[str]) -> PermissionMissing:
    """The error where GitHub shows none of the repositories that were read before: they are hardly all deleted."""
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return PermissionMissing(f"GitHub shows none of the repositories any more: {listed}", remedy("repository"))


def refusals(refused: list[Refused]) -> PermissionMissing:
    """One error for all repositories that refuse a report alike."""
    names = sorted({one.repository for one in refused})
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return PermissionMissing(
        f"GitHub refuses {refused[0].report} of {listed}{refused[0].words}", remedy(refused[0].report)
    )


def check(report: str, subject: str, answer: Answer) -> None:
    """Lets a good answer pass and raises what any other means; `subject` is owner/name, or the organization."""
    if answer.status == 200:
        return
    if answer.status == 401:
        words = f" ({answer.message})" if answer.message else ""
        raise TokenRefused(
            f"GitHub does not accept the token{words}", "Make a new one and set SOURCES__GITHUB_DELIVERY__TOKEN."
        )
    if answer.status in (409, 410):
        raise NothingThere(answer.status)
    if answer.status in (403, 404, 451):
        raise Refused(report, subject, answer)
    raise RequestFailed(f"{report} of {subject}: GitHub answered {answer.status}", "Try later.")
