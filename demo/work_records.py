"""What the invented company's delivery consists of: pull requests, commits, deployments, runs, agents' sessions.

Moments are UTC. A session is named by the id under which its agent traces it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha1, sha256
from typing import Literal
from uuid import UUID

# How a session can be traced to a pull request; the first that is known says it best.
Evidence = Literal["change_id", "session_url", "agent_session", "checkpoint", "git_note", "commit_sha", "branch"]


@dataclass(frozen=True)
class Actor:
    """Who does something on GitHub."""

    login: str
    user_id: int
    kind: Literal["user", "bot"]
    name: str
    email: str

    @property
    def co_author(self) -> str:
        """How a trailer names them."""
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True)
class Commit:
    """A commit of a pull request."""

    sha: str
    committed_at: datetime
    author: Actor
    subject: str
    trailers: tuple[tuple[str, str], ...] = ()

    @property
    def message(self) -> str:
        """The whole message: its subject, and its trailers as a last paragraph."""
        paragraph = "\n".join(f"{key}: {value}" for key, value in self.trailers)
        return f"{self.subject}\n\n{paragraph}" if paragraph else self.subject


@dataclass(frozen=True)
class Review:
    """A review of a pull request."""

    reviewer: Actor
    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]
    submitted_at: datetime


@dataclass(frozen=True)
class PullRequest:
    """A pull request as it is in the end. `sessions` are those of agents that worked on it: the truth about links."""

    repository: str
    number: int
    author: Actor
    title: str
    body: str
    head_ref: str
    created_at: datetime
    commits: tuple[Commit, ...]
    additions: int
    deletions: int
    changed_files: int
    is_draft: bool = False
    ready_at: datetime | None = None
    review_requested_at: datetime | None = None
    reviews: tuple[Review, ...] = ()
    merged_at: datetime | None = None
    merged_by: Actor | None = None
    merge_commit_sha: str | None = None
    closed_at: datetime | None = None
    issue_numbers: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    reverts_number: int | None = None
    authorship: Literal["agent_authored", "agent_assisted", "human"] = "human"
    agent: str | None = None
    human_commits_after_agent: int = 0
    sessions: tuple[str, ...] = ()
    base_ref: str = "main"

    @property
    def key(self) -> str:
        """The repository and the number, as in 'owner/name#12'."""
        return f"{self.repository}#{self.number}"

    @property
    def head_sha(self) -> str:
        """Its last commit."""
        return self.commits[-1].sha

    @property
    def updated_at(self) -> datetime:
        """When something last happened to it."""
        moments = (self.ready_at, self.merged_at, self.closed_at, *(one.submitted_at for one in self.reviews))
        return max(self.created_at, self.commits[-1].committed_at, *(one for one in moments if one))

    @property
    def is_merged(self) -> bool:
        """Whether it was merged in the end."""
        return self.merged_at is not None

    @property
    def is_open(self) -> bool:
        """Whether it is neither merged nor closed."""
        return self.closed_at is None


@dataclass(frozen=True)
class Issue:
    """An issue that a pull request resolves."""

    repository: str
    number: int
    author: Actor
    title: str
    created_at: datetime
    closed_at: datetime | None
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Deployment:
    """A deployment and its statuses in the order in which they came."""

    repository: str
    deployment_id: int
    sha: str
    created_at: datetime
    statuses: tuple[tuple[str, datetime], ...]
    ref: str = "main"
    environment: str = "production"

    @property
    def is_failed(self) -> bool:
        """Whether its last word is that it failed."""
        return self.statuses[-1][0] in ("failure", "error")


@dataclass(frozen=True)
class WorkflowRun:
    """A run of a workflow for the head of a pull request."""

    repository: str
    run_id: int
    head_sha: str
    head_branch: str
    conclusion: Literal["success", "failure"]
    started_at: datetime
    updated_at: datetime
    actor: Actor
    attempt: int = 1
    name: str = "CI"
    path: str = ".github/workflows/ci.yml"
    event: str = "pull_request"


@dataclass(frozen=True)
class CloudSession:
    """A task of Copilot's cloud agent with its only session, as GitHub's API tells it."""

    repository: str
    task_id: str
    session_id: str
    number: int
    head_ref: str
    creator: Actor
    model: str
    created_at: datetime
    completed_at: datetime
    ai_credits: Decimal
    state: str = "completed"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint of Entire says of one of its sessions; the commit names the checkpoint in a trailer."""

    repository: str
    checkpoint_id: str
    session_id: str
    created_at: datetime
    branch: str
    session_index: int = 0


@dataclass(frozen=True)
class CommitNote:
    """A note of git-ai about a commit."""

    repository: str
    sha: str
    tool: str
    session_id: str
    model: str


@dataclass(frozen=True)
class AgentRun:
    """A session of an agent that works on code, and what its traces tell of where it worked."""

    session_id: str
    agent: Literal["dependency-bot", "claude-code", "copilot-cloud-agent"]
    started_at: datetime
    repository: str
    branch: str
    evidence: Evidence | None
    pull_requests: tuple[int, ...]
    model: str
    person: Actor | None = None
    session_url: str | None = None
    commit_sha: str | None = None

    @property
    def pull_request_keys(self) -> tuple[str, ...]:
        """The pull requests that it worked on; none is possible."""
        return tuple(f"{self.repository}#{number}" for number in self.pull_requests)


def sha_of(name: str) -> str:
    """The id of a commit: always the same for a name."""
    return sha1(name.encode(), usedforsecurity=False).hexdigest()


def uuid_of(name: str) -> str:
    """The id of a session: always the same for a name."""
    return str(UUID(bytes=sha256(name.encode()).digest()[:16], version=4))
