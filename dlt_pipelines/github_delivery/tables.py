"""The flat, typed raw tables of delivery: what became of changes on GitHub. No text that a person wrote is in them."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Column, Dataset, Table, count, flag, instant, number, text

LINEAGE = (
    text(
        "report_load_key",
        "The reading that the row came from; only keys that report_loads names as current count.",
        required=True,
    ),
    text("account_id", "'repository/<id>': the id stays when a repository is renamed.", required=True),
    text("scope", "'repository'.", required=True),
    text("repository", "owner/name when it was read, in lower case.", required=True),
)
NUMBER = count("number", "Number of the pull request within its repository.")


def _person(role: str, whose: str, *, bot_login: bool = True) -> tuple[Column, ...]:
    """The columns that say who did something, without saying it of people."""
    columns = (
        text(f"{role}_key", f"Keyed pseudonym of the login of {whose}; NULL where GitHub names nobody (deleted)."),
        text(f"{role}_kind", "user, bot, app, or unknown where GitHub names nobody."),
    )
    clear = text(f"{role}_bot_login", "Login in clear, of bots and apps alone; NULL for people.")
    return (*columns, clear) if bot_login else columns


REPOSITORIES = Table(
    "repositories",
    "repository and reading in which it had changed, or a week had passed",
    ("report_load_key",),
    (
        *LINEAGE,
        count("repository_id", "GitHub's id of the repository; it stays when the repository is renamed."),
        text("default_branch", "Branch that pull requests go to by default, without what may be a login."),
        flag("is_private", "Whether it is private or internal."),
        flag("is_archived", "Whether it is archived: nothing changes in it any more."),
        instant("pushed_at", "Last push to any branch."),
    ),
)
PULL_REQUESTS = Table(
    "pull_requests",
    "pull request and reading in which it had changed; the newest reading counts",
    ("report_load_key", "number"),
    (
        *LINEAGE,
        NUMBER,
        count("pull_request_id", "GitHub's id of the pull request, by which agents' tasks name it."),
        *_person("author", "who opened it"),
        text("state", "open or closed; a merged one is closed."),
        flag("is_draft", "Whether it is a draft."),
        instant("created_at", "When it was opened."),
        instant("updated_at", "When anything of it last changed."),
        instant("closed_at", "When it was closed; NULL while open."),
        instant("merged_at", "When it was merged; NULL where it was not."),
        *_person("merged_by", "who merged it", bot_login=False),
        text("merge_commit_sha", "Commit on the base branch; of an open one GitHub's trial merge."),
        text("head_ref", "Branch that it comes from, without what may be a login."),
        text("head_sha", "Newest commit of that branch."),
        text("base_ref", "Branch that it goes to, without what may be a login."),
        count("additions", "Lines added."),
        count("deletions", "Lines deleted."),
        count("changed_files", "Files changed."),
        count("commits", "Commits; GitHub lists no more than 250 of them."),
        text("labels", "Names of its labels, a JSON array."),
        text("body_signals", "Agents whose signature its description bears, a JSON array; its text is not kept."),
        text("session_urls", "Addresses of agents' sessions in its description, a JSON array."),
        count("reverts_number", "Number of the pull request that it reverts, in the same repository."),
        text("reverts_sha", "Commit that it reverts."),
        flag("is_revert", "Whether it says that it takes another change back."),
    ),
)
PULL_REQUEST_ISSUES = Table(
    "pull_request_issues",
    "pull request, issue that it names and kind of evidence, in one reading",
    ("report_load_key", "number", "issue_number", "evidence"),
    (
        *LINEAGE,
        NUMBER,
        count("issue_number", "Number of the issue, in the same repository."),
        text("evidence", "closing_keyword (as in: fixes #12) or branch_name (as in: 12-fix-login)."),
    ),
)
PULL_REQUEST_COMMITS = Table(
    "pull_request_commits",
    "pull request and commit in one reading; at most 250 of a pull request",
    ("report_load_key", "number", "sha"),
    (
        *LINEAGE,
        NUMBER,
        text("sha", "Hash of the commit."),
        count("ordinal", "Position among the pull request's commits, from 1."),
        instant("committed_at", "When it was committed, by the committer's clock."),
        *_person("author", "its author"),
    ),
)
COMMIT_TRAILERS = Table(
    "commit_trailers",
    "trailer of a commit of a pull request in one reading",
    ("report_load_key", "number", "sha", "ordinal"),
    (
        *LINEAGE,
        NUMBER,
        text("sha", "Hash of the commit."),
        count("ordinal", "Position among the commit's trailers, from 1."),
        text("trailer_key", "Name of the trailer, in lower case: co-authored-by, claude-session, entire-checkpoint, …"),
        text("trailer_value", "An agent's identity, an address of a session or an id; NULL for a person's."),
        text("agent", "claude_code, copilot_cloud_agent, copilot, cursor, codex, …; NULL where it tells of no agent."),
        text("model_named", "Model that the trailer names, as written: Claude Opus 4.5."),
        text("person_key", "Keyed pseudonym: of the login in a GitHub no-reply address, else of the e-mail address."),
    ),
)
REVIEWS = Table(
    "reviews",
    "review of a pull request in one reading",
    ("report_load_key", "number", "review_id"),
    (
        *LINEAGE,
        NUMBER,
        count("review_id", "GitHub's id of the review."),
        *_person("reviewer", "who reviewed"),
        text("state", "APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING."),
        instant("submitted_at", "When it was submitted; NULL while pending."),
        text("commit_sha", "Commit that was reviewed."),
    ),
)
TIMELINE_EVENTS = Table(
    "timeline_events",
    "event of a pull request in one reading",
    ("report_load_key", "number", "event_ordinal"),
    (
        *LINEAGE,
        NUMBER,
        count("event_ordinal", "Position in the timeline, from 1, events of other kinds counted."),
        text("event", "ready_for_review, convert_to_draft, review_requested, merged, closed or reopened."),
        instant("occurred_at", "When it happened."),
        *_person("actor", "who did it", bot_login=False),
        text("commit_sha", "Commit of the event: of merged the one on the base branch."),
    ),
)
DEPLOYMENTS = Table(
    "deployments",
    "deployment and reading; the newest reading counts",
    ("report_load_key", "deployment_id"),
    (
        *LINEAGE,
        count("deployment_id", "GitHub's id of the deployment."),
        text("sha", "Commit that was deployed."),
        text("ref", "Branch (without what may be a login), tag or commit, as it was asked for."),
        text("environment", "Environment, as written: production, staging, …"),
        flag("is_production", "production_environment, as GitHub says; NULL where it does not."),
        instant("created_at", "When it was asked for."),
    ),
)
DEPLOYMENT_STATUSES = Table(
    "deployment_statuses",
    "status of a deployment and reading",
    ("report_load_key", "deployment_id", "status_id"),
    (
        *LINEAGE,
        count("deployment_id", "GitHub's id of the deployment."),
        count("status_id", "GitHub's id of the status."),
        text("state", "error, failure, inactive, pending, success, queued or in_progress."),
        instant("created_at", "When it was set."),
    ),
)
WORKFLOW_RUNS = Table(
    "workflow_runs",
    "run of a workflow and reading; the newest reading counts",
    ("report_load_key", "run_id"),
    (
        *LINEAGE,
        count("run_id", "GitHub's id of the run."),
        text("workflow_name", "Name of the workflow."),
        text("path", "File of the workflow."),
        text("head_sha", "Commit that it ran on."),
        text("head_branch", "Branch that it ran on, without what may be a login."),
        text("event", "What started it: push, pull_request, schedule, …"),
        text("status", "completed, or how far it has come."),
        text("conclusion", "success, failure, cancelled, …; NULL while it runs."),
        instant("started_at", "When its last attempt started."),
        instant("updated_at", "When it last changed; of a completed one its end."),
        count("run_attempt", "Number of the attempt, from 1."),
        *_person("actor", "who started it", bot_login=False),
    ),
)
ISSUES = Table(
    "issues",
    "issue and reading; the newest reading counts",
    ("report_load_key", "number"),
    (
        *LINEAGE,
        count("number", "Number of the issue within its repository."),
        text("state", "open or closed."),
        instant("created_at", "When it was opened."),
        instant("updated_at", "When anything of it last changed."),
        instant("closed_at", "When it was closed; NULL while open."),
        text("labels", "Names of its labels, a JSON array."),
    ),
)
AGENT_TASKS = Table(
    "agent_tasks",
    "task of a Copilot agent and reading; the newest reading counts",
    ("report_load_key", "task_id"),
    (
        *LINEAGE,
        text("task_id", "GitHub's id of the task."),
        text("state", "queued, in_progress, completed, failed, …"),
        instant("created_at", "When it was given."),
        instant("updated_at", "When it last changed."),
        text("creator_key", "Keyed pseudonym of the login, else of the user id, of who gave it."),
        count("pull_request_number", "Pull request that it made; NULL where none is known."),
        count("pull_request_id", "GitHub's id of that pull request."),
        text("head_ref", "Branch that it works on, without what may be a login."),
    ),
)
AGENT_SESSIONS = Table(
    "agent_sessions",
    "session of a Copilot agent's task and reading",
    ("report_load_key", "task_id", "session_id"),
    (
        *LINEAGE,
        text("task_id", "GitHub's id of the task."),
        text("session_id", "GitHub's id of the session."),
        text("state", "State of the session."),
        instant("created_at", "When it began."),
        instant("completed_at", "When it ended; NULL while it runs."),
        text("model", "Model, as written."),
        text("head_ref", "Branch that it works on, without what may be a login."),
        text("base_ref", "Branch that it started from, without what may be a login."),
        number("ai_credits", "AI credits that it used; GitHub writes billionths."),
        number("premium_requests", "Premium requests that it used."),
        text("error_type", "Kind of its error; NULL where it had none."),
    ),
)
CHECKPOINTS = Table(
    "checkpoints",
    "Entire checkpoint and session in it",
    ("report_load_key", "checkpoint_id", "session_index"),
    (
        *LINEAGE,
        text("checkpoint_id", "Id of the checkpoint, as the trailer Entire-Checkpoint names it."),
        count("session_index", "Number of the session within the checkpoint, from 0."),
        text("session_id", "The agent's own id of its session."),
        instant("created_at", "When the checkpoint was made."),
        text("branch", "Branch that was worked on, without what may be a login."),
        text("blob_sha", "Hash of the file that says so: it is read once."),
    ),
)
COMMIT_NOTES = Table(
    "commit_notes",
    "commit and agent's session in its git-ai note",
    ("report_load_key", "sha", "tool", "session_id"),
    (
        *LINEAGE,
        text("sha", "Hash of the commit."),
        text("tool", "Agent, as git-ai names it; NULL where the note names none."),
        text("session_id", "The agent's own id of its session."),
        text("model", "Model, as written."),
        text("blob_sha", "Hash of the note: it is read once."),
    ),
)

DATASET = Dataset(
    "github_delivery",
    "raw_github_delivery",
    "Pull requests, commits' trailers, reviews, deployments, workflow runs, issues and agents' sessions on GitHub, as"
    " extracted; people are keyed pseudonyms, and what they wrote is not kept.",
    (
        REPORT_LOADS,
        REPOSITORIES,
        PULL_REQUESTS,
        PULL_REQUEST_ISSUES,
        PULL_REQUEST_COMMITS,
        COMMIT_TRAILERS,
        REVIEWS,
        TIMELINE_EVENTS,
        DEPLOYMENTS,
        DEPLOYMENT_STATUSES,
        WORKFLOW_RUNS,
        ISSUES,
        AGENT_TASKS,
        AGENT_SESSIONS,
        CHECKPOINTS,
        COMMIT_NOTES,
    ),
)
