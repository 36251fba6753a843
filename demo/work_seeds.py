"""The invented company's word on its workflows, its tasks' outcomes and its incidents: seeds/demo/demo_<name>.csv."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from demo.company import Company
from demo.traces_truth import FAILED_NOTES, MINUTES_SAVED
from demo.traces_workloads import sessions
from demo.work import CHECKOUT, work

Row = tuple[object, ...]
# Nobody writes a row for docs-writer, commit-helper and github-copilot: these keep the name that their traces give.
WORKFLOWS = {
    "dependency-update": ("dependency-bot", CHECKOUT, "site-reliability", "dependency_update", "pull_request_merged"),
    "feature-work": ("claude-code", "", "payments", "feature", "pull_request_merged"),
    "cloud-agent": ("copilot-cloud-agent", "", "payments", "bug_fix", "pull_request_merged"),
    "issue-triage": ("triage-agent", "", "quality-tools", "triage", "evaluation"),
    "code-review": ("code-review-bot", "", "quality-tools", "review", "ci_success"),
    "release-notes": ("vs-copilot", "", "storefront", "release_notes", "outcome_file"),
    "test-generation": ("test-generator", "", "quality-tools", "tests", ""),
}


def rows() -> dict[str, tuple[str, Callable[[Company], Iterator[Row]]]]:
    """Header and rows of each seed, by its name."""
    return {
        "workflows": (
            "workflow_id,service_name,agent_name,repository,owner,task_class,completed_when,minutes_saved,"
            "is_protected,note",
            _workflows,
        ),
        "task_outcomes": ("workflow_id,task_id,outcome,decided_on,evidence,decided_by", _task_outcomes),
        "incidents": ("repository,opened_at,resolved_at,deployment_id,severity,note", _incidents),
    }


def _workflows(_: Company) -> Iterator[Row]:
    for workflow, (service, repository, owner, task_class, completed_when) in WORKFLOWS.items():
        minutes = MINUTES_SAVED.get(workflow, "")
        yield workflow, service, "", repository, owner, task_class, completed_when, minutes, "", ""


def _task_outcomes(company: Company) -> Iterator[Row]:
    """What the editor of the release notes made of each text; the traces do not know."""
    for session in sessions(company):
        if session.workflow == "release-notes":
            outcome = "failed" if session.session_id == FAILED_NOTES else "completed"
            decided = session.started_at.date() + timedelta(days=1)
            yield session.workflow, session.session_id, outcome, decided, "editor's decision", "storefront"


def _incidents(company: Company) -> Iterator[Row]:
    """The failed deployment, and something that no deployment caused."""
    failed = next(one for one in work(company).deployments if one.is_failed)
    opened = failed.statuses[-1][1] + timedelta(minutes=2)
    yield (
        *(CHECKOUT, f"{opened:%Y-%m-%dT%H:%M:%SZ}", f"{opened + timedelta(minutes=50):%Y-%m-%dT%H:%M:%SZ}"),
        *(failed.deployment_id, "high", "Checkout did not start"),
    )
    yield CHECKOUT, "2026-09-22T13:05:00Z", "2026-09-22T13:41:00Z", "", "low", "A card network was slow"
