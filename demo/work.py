"""How the invented company delivers: pull requests of eight weeks, who and which agents worked on them, what followed.

GitHub's answers (demo/delivery_*.py) and the agents' traces (demo/traces_*.py) are both made from here, and so are the
truths about both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Literal

from demo import constants as c
from demo.company import Company
from demo.once import once
from demo.work_records import (
    Actor,
    AgentRun,
    Checkpoint,
    CloudSession,
    Commit,
    CommitNote,
    Deployment,
    Evidence,
    Issue,
    PullRequest,
    Review,
    WorkflowRun,
    sha_of,
    uuid_of,
)

CHECKOUT, LEDGER, DOCS = (f"{c.APPS.slug}/{name}" for name in ("checkout-demo", "ledger-demo", "docs-demo"))
REPOSITORIES = (CHECKOUT, LEDGER, DOCS)
FIRST_MONDAY = date(2026, 8, 24)
WEEKS = tuple(FIRST_MONDAY + timedelta(weeks=number) for number in range(8))

# The bot's model changes, and nobody else's does on that day.
SWAPPED_ON = date(2026, 9, 28)
MODEL_BEFORE, MODEL_AFTER = "claude-sonnet-4-5", "claude-opus-4-5"
PEOPLE_MODEL, CLOUD_MODEL = "claude-sonnet-4-6", "claude-haiku-4-5"
MODEL_NAMES = {
    MODEL_BEFORE: "Claude Sonnet 4.5",
    MODEL_AFTER: "Claude Opus 4.5",
    PEOPLE_MODEL: "Claude Sonnet 4.6",
    CLOUD_MODEL: "Claude Haiku 4.5",
}

DEPENDENCY_BOT = Actor(
    *("dependency-bot[bot]", 199_900_017, "bot", "dependency-bot[bot]"),
    "199900017+dependency-bot[bot]@users.noreply.github.com",
)
# GitHub's own accounts: the cloud agent opens pull requests under one name and commits under the other.
COPILOT = Actor("Copilot", 198_982_749, "bot", "Copilot", "198982749+Copilot@users.noreply.github.com")
COPILOT_COMMITTER = replace(COPILOT, login="copilot-swe-agent[bot]", name="copilot-swe-agent[bot]")
COPILOT_REVIEWER = Actor(
    *("copilot-pull-request-reviewer[bot]", 175_728_472, "bot", "copilot-pull-request-reviewer[bot]"),
    "175728472+Copilot@users.noreply.github.com",
)
CLAUDE_ADDRESS = "noreply@anthropic.com"
CURSOR_TRAILER = ("Co-authored-by", "Cursor <cursoragent@cursor.com>")

BOT_TASKS_A_WEEK, BOT_CLOSED_BEFORE, BOT_CLOSED_AFTER = 10, (6,), (2, 5, 8)
# One of the bot's pull requests is a draft that nobody looks at; one of the last week is not decided yet.
BOT_DRAFT, BOT_OPEN = (WEEKS[1], 3), (WEEKS[7], 8)
BOT_REVERTED, FEATURE_REVERTED = (WEEKS[5], 0), (WEEKS[2], 0)
REVERTED = frozenset(
    {
        sha_of(f"bot/{BOT_REVERTED[0]}/{BOT_REVERTED[1]}/1"),
        sha_of(f"feature/{FEATURE_REVERTED[0]}/{FEATURE_REVERTED[1]}"),
    }
)
FEATURE_CLOSED, FEATURE_DRAFT, FEATURE_OPEN = (WEEKS[4], 0), (WEEKS[1], 2), (WEEKS[7], 2)
# A session of two pull requests; one of none; one that ran the whole test suite again and again.
TWO_PULL_REQUESTS, RERUNS = (WEEKS[2], 1), (WEEKS[5], 3)
NO_PULL_REQUEST_WEEK, HUMAN_DRAFT_WEEK = WEEKS[3], WEEKS[0]
# Some sessions of the cloud agent are named by GitHub's list of its tasks, and by no commit.
CLOUD_AGENT: Literal["copilot-cloud-agent"] = "copilot-cloud-agent"
CLOUD_WEEKS, CLOUD_WEEKS_WITHOUT_URL = WEEKS[1:7], (WEEKS[5], WEEKS[6])
# What GitHub charged for a session of the cloud agent.
CLOUD_CREDITS = Decimal("4.2")
FAILED_DEPLOYMENT, RESTORED_AFTER = 4, timedelta(minutes=47)

FEATURES = (
    *("refunds", "gift-cards", "address-check", "tax-rounding", "receipt-mail", "wallet-login"),
    *("cart-limits", "coupon-rules", "invoice-link", "guest-checkout", "price-badges", "order-notes"),
)
PACKAGES = (
    "left-trim",
    "date-nimble",
    "json-quill",
    "http-otter",
    "css-heron",
    "queue-finch",
    "log-wren",
    "uuid-stork",
)


@dataclass(frozen=True)
class Work:
    """Everything of eight weeks, as it is on the demo's last day."""

    pull_requests: tuple[PullRequest, ...]
    issues: tuple[Issue, ...]
    deployments: tuple[Deployment, ...]
    workflow_runs: tuple[WorkflowRun, ...]
    cloud_sessions: tuple[CloudSession, ...]
    checkpoints: tuple[Checkpoint, ...]
    notes: tuple[CommitNote, ...]
    runs: tuple[AgentRun, ...]

    @cached_property
    def by_key(self) -> dict[str, PullRequest]:
        """Pull requests by 'owner/name#12'."""
        return {one.key: one for one in self.pull_requests}

    @cached_property
    def run_by_session(self) -> dict[str, AgentRun]:
        """The agents' sessions by their id."""
        return {one.session_id: one for one in self.runs}


@dataclass
class _Draft:
    """A pull request that has no number yet, with the sessions that made it."""

    pull_request: PullRequest
    runs: list[AgentRun]
    # The first commit of what it takes back.
    reverts: str | None = None


@once
def work(company: Company) -> Work:
    """The company's work."""
    return _Builder(company).build()


class _Builder:
    def __init__(self, company: Company) -> None:
        self.company = company
        self.random = Random(f"{c.SEED}/work")
        self.payments, self.storefront = self._team("Payments"), self._team("Storefront")
        self.issues: list[Issue] = []
        self.checkpoints: list[Checkpoint] = []
        self.notes: list[CommitNote] = []

    def build(self) -> Work:
        drafts = [*self._bot(), *self._features(), *self._people(), *self._cloud()]
        drafts += [self._revert(one) for one in drafts if one.pull_request.commits[0].sha in REVERTED]
        drafts.sort(key=lambda one: (one.pull_request.repository, one.pull_request.created_at))
        numbered, runs = self._numbered(drafts)
        merged = sorted((one for one in numbered if one.is_merged), key=lambda one: str(one.merged_at))
        return Work(
            pull_requests=tuple(numbered),
            issues=tuple(_closed(issue, numbered) for issue in self.issues),
            deployments=tuple(_deployments([one for one in merged if one.repository == CHECKOUT])),
            workflow_runs=tuple(_workflow_runs(numbered)),
            cloud_sessions=tuple(self._cloud_session(run, numbered) for run in runs if run.agent == CLOUD_AGENT),
            checkpoints=tuple(self.checkpoints),
            notes=tuple(self.notes),
            runs=(*runs, self._spike()),
        )

    def _team(self, name: str) -> tuple[Actor, ...]:
        """The first members of a team that have an account each."""
        people = self.company.person_by_id
        users = [
            user
            for user in self.company.users
            if user.person_id and user.email and people[user.person_id].periods[-1].team == name
        ][:7]
        return tuple(
            Actor(user.login, user.user_id, "user", people[str(user.person_id)].name, str(user.email)) for user in users
        )

    def _numbered(self, drafts: list[_Draft]) -> tuple[list[PullRequest], list[AgentRun]]:
        """Numbers in the order of creation, repository by repository, and the sessions that now know them."""
        numbers = dict.fromkeys(REPOSITORIES, 400)
        found: list[PullRequest] = []
        by_commit: dict[str, PullRequest] = {}
        runs: dict[str, AgentRun] = {}
        for draft in drafts:
            repository = draft.pull_request.repository
            numbers[repository] += 1
            one = replace(draft.pull_request, number=numbers[repository])
            if draft.reverts:
                taken_back = by_commit[draft.reverts]
                one = replace(
                    one,
                    body=f"Reverts {taken_back.key}",
                    head_ref=f"revert-{taken_back.number}-{taken_back.head_ref}",
                    reverts_number=taken_back.number,
                )
            by_commit[one.commits[0].sha] = one
            found.append(one)
            for run in draft.runs:
                known = runs.get(run.session_id, run)
                runs[run.session_id] = replace(known, pull_requests=(*known.pull_requests, numbers[repository]))
        return found, sorted(runs.values(), key=lambda run: (run.started_at, run.session_id))

    # The automation: ten dependency updates a week.

    def _bot(self) -> Iterator[_Draft]:
        for week in WEEKS:
            for number in range(BOT_TASKS_A_WEEK):
                yield self._bot_draft(week, number)

    def _bot_draft(self, week: date, number: int) -> _Draft:
        started = _moment(week + timedelta(days=number // 2), 8 + 4 * (number % 2), self.random.randint(0, 40))
        model = MODEL_BEFORE if week < SWAPPED_ON else MODEL_AFTER
        package, name = self.random.choice(PACKAGES), f"bot/{week}/{number}"
        branch = f"deps/{package}-{week:%Y%m%d}-{number}"
        shas = [sha_of(f"{name}/1")]
        runs = [_bot_run(f"{name}/1", started, branch, model, number)]
        if number % 4 == 0:
            # The base moved: a second session brings the branch up to date.
            shas.append(sha_of(f"{name}/2"))
            runs.append(_bot_run(f"{name}/2", started + timedelta(hours=2), branch, model, number))
        trailers = (("Co-Authored-By", f"{MODEL_NAMES[model]} <{CLAUDE_ADDRESS}>"),)
        subjects = (f"Update {package}", f"Bring {package} up to date with main")
        commits = [
            Commit(sha, run.started_at + timedelta(minutes=5), DEPENDENCY_BOT, subject, trailers)
            for sha, run, subject in zip(shas, runs, subjects, strict=False)
        ]
        created, reviewer = started + timedelta(minutes=6), self._reviewer()
        human_commits = 0
        if number == 7:
            human_commits = 1
            at = commits[-1].committed_at + timedelta(hours=3)
            commits.append(Commit(sha_of(f"{name}/human"), at, reviewer, f"Adapt callers of {package}"))
        pull_request = PullRequest(
            *(CHECKOUT, 0, DEPENDENCY_BOT, f"Update {package}", "Opened by the dependency bot.", branch, created),
            *(tuple(commits), 12 + 3 * number, 9 + 2 * number, 2),
            labels=("dependencies",),
            authorship="agent_authored",
            agent="claude_code",
            human_commits_after_agent=human_commits,
            sessions=tuple(run.session_id for run in runs),
        )
        return _Draft(self._decided_bot(pull_request, week, number, reviewer), runs)

    def _decided_bot(self, one: PullRequest, week: date, number: int, reviewer: Actor) -> PullRequest:
        if (week, number) == BOT_DRAFT:
            return replace(one, is_draft=True)
        one = replace(one, review_requested_at=one.created_at + timedelta(minutes=2))
        if (week, number) == BOT_OPEN:
            return one
        closed = BOT_CLOSED_BEFORE if week < SWAPPED_ON else BOT_CLOSED_AFTER
        at = _next_workday(one.created_at, self.random.randint(0, 170))
        if number in closed and week != BOT_DRAFT[0]:
            reviews = (Review(reviewer, "CHANGES_REQUESTED", at - timedelta(minutes=30)),)
            return replace(one, reviews=reviews, closed_at=at)
        machine = Review(COPILOT_REVIEWER, "COMMENTED", one.created_at + timedelta(minutes=9))
        human = Review(reviewer, "APPROVED", at - timedelta(minutes=25))
        return _merged(replace(one, reviews=(machine, human) if number % 3 == 0 else (human,)), at, reviewer)

    # People with Claude Code: four pull requests a week that their sessions can be traced to.

    def _features(self) -> Iterator[_Draft]:
        for position, week in enumerate(WEEKS):
            for number in range(4):
                author = self.payments[(position + number) % 6]
                yield from self._feature_drafts(week, position, number, author)

    def _feature_drafts(self, week: date, position: int, number: int, author: Actor) -> Iterator[_Draft]:
        name = f"feature/{week}/{number}"
        started = _moment(week + timedelta(days=number), 9 + number, self.random.randint(0, 50))
        feature = FEATURES[(4 * position + number) % len(FEATURES)]
        evidence = _feature_evidence(position, number)
        # Many put their login before a branch's name; some sessions are found by such a branch alone.
        is_own = evidence == "branch" and position % 2 == 0
        branch = f"{author.login if is_own else 'feature'}/{feature}-{position + 1}"
        session, sha = uuid_of(name), sha_of(name)
        url = f"https://claude.ai/code/session_{sha_of(f'{name}/url')[:24]}" if evidence == "session_url" else None
        run = AgentRun(
            *(session, "claude-code", started, CHECKOUT, branch, evidence, (), PEOPLE_MODEL, author),
            session_url=url,
            commit_sha=sha if evidence == "commit_sha" else None,
        )
        trailers = [("Co-Authored-By", f"{MODEL_NAMES[PEOPLE_MODEL]} <{CLAUDE_ADDRESS}>")]
        committed = started + timedelta(minutes=70)
        if url:
            trailers.append(("Claude-Session", url))
        if evidence == "checkpoint":
            checkpoint = sha_of(f"{name}/checkpoint")[:12]
            trailers.append(("Entire-Checkpoint", checkpoint))
            # Entire writes the day before the id of every second session.
            known = f"{started:%Y-%m-%d}-{session}" if position % 4 == 0 else session
            self.checkpoints.append(Checkpoint(CHECKOUT, checkpoint, known, committed, branch))
        if evidence == "git_note":
            self.notes.append(CommitNote(CHECKOUT, sha, "claude", session, PEOPLE_MODEL))
        issue = self._issue(CHECKOUT, author, feature, started) if number % 2 == 0 else None
        body = "🤖 Generated with [Claude Code](https://claude.com/claude-code)"
        body = f"{body}\n\n{url}" if url else body
        pull_request = PullRequest(
            *(CHECKOUT, 0, author, f"Add {feature}", f"{body}\n\nCloses #{issue.number}" if issue else body, branch),
            started + timedelta(minutes=75),
            (Commit(sha, committed, author, f"Add {feature}", tuple(trailers)),),
            *(140 + 23 * number, 31 + 7 * number, 5 + number),
            issue_numbers=(issue.number,) if issue else (),
            authorship="agent_assisted",
            agent="claude_code",
            sessions=(session,),
        )
        yield _Draft(self._decided_feature(pull_request, week, number), [run])
        if (week, number) == TWO_PULL_REQUESTS:
            second = replace(
                pull_request,
                title=f"Document {feature}",
                head_ref=f"{branch}-docs",
                created_at=pull_request.created_at + timedelta(minutes=5),
                commits=(
                    Commit(
                        *(sha_of(f"{name}/docs"), committed + timedelta(minutes=4), author, f"Document {feature}"),
                        tuple(trailers),
                    ),
                ),
            )
            yield _Draft(self._decided_feature(second, week, number), [run])

    def _decided_feature(self, one: PullRequest, week: date, number: int) -> PullRequest:
        if (week, number) == FEATURE_DRAFT:
            return replace(one, is_draft=True)
        ready = one.created_at + timedelta(minutes=30) if number == 1 else None
        one = replace(one, ready_at=ready, review_requested_at=(ready or one.created_at) + timedelta(minutes=1))
        if (week, number) == FEATURE_OPEN:
            return one
        reviewer = self._reviewer(but=one.author)
        at = _next_workday(one.created_at, 60 + self.random.randint(0, 200))
        if (week, number) == FEATURE_CLOSED:
            return replace(one, closed_at=at, reviews=(Review(reviewer, "CHANGES_REQUESTED", at),))
        machine = Review(COPILOT_REVIEWER, "COMMENTED", one.created_at + timedelta(minutes=40))
        return _merged(replace(one, reviews=(machine, Review(reviewer, "APPROVED", at))), at, reviewer)

    def _spike(self) -> AgentRun:
        """A session that tries something and leaves nothing."""
        started = _moment(NO_PULL_REQUEST_WEEK + timedelta(days=2), 14, 5)
        return AgentRun(
            *(uuid_of("spike"), "claude-code", started, CHECKOUT, "spike/offline-cart", None, (), PEOPLE_MODEL),
            self.payments[1],
        )

    # People alone, or with Cursor, in the other repositories.

    def _people(self) -> Iterator[_Draft]:
        for position, week in enumerate(WEEKS):
            for number, author in enumerate((self.payments[(position + 4) % 6], self.storefront[position % 5])):
                name, feature = f"people/{week}/{number}", FEATURES[(2 * position + number) % len(FEATURES)]
                created = _moment(week + timedelta(days=1 + number), 10, self.random.randint(0, 50))
                repository = LEDGER if number == 0 else DOCS
                is_assisted = number == 1 and position % 2 == 1
                commit = Commit(
                    *(sha_of(name), created - timedelta(minutes=20), author, f"Rework {feature}"),
                    (CURSOR_TRAILER,) if is_assisted else (),
                )
                branch = f"{author.login}/{feature}-{week:%m%d}"
                one = PullRequest(
                    *(repository, 0, author, f"Rework {feature}", "By hand.", branch, created),
                    *((commit,), 60 + position, 22, 3),
                    review_requested_at=created + timedelta(minutes=3),
                    authorship="agent_assisted" if is_assisted else "human",
                    agent="cursor" if is_assisted else None,
                )
                if (week, number) == (HUMAN_DRAFT_WEEK, 0):
                    yield _Draft(replace(one, is_draft=True, review_requested_at=None), [])
                    continue
                reviewer = self._reviewer(but=author)
                at = _next_workday(created, self.random.randint(0, 300))
                reviews = (Review(reviewer, "APPROVED", at - timedelta(minutes=50)),)
                yield _Draft(_merged(replace(one, reviews=reviews), at, reviewer), [])

    # Copilot's cloud agent: one pull request in most weeks, as a draft first.

    def _cloud(self) -> Iterator[_Draft]:
        for position, week in enumerate(CLOUD_WEEKS):
            name, person = f"cloud/{week}", self.payments[position % 6]
            started = _moment(week + timedelta(days=3), 11, self.random.randint(0, 50))
            session, feature = uuid_of(name), FEATURES[position]
            url = f"https://github.com/{LEDGER}/sessions/{session}"
            has_url = week not in CLOUD_WEEKS_WITHOUT_URL
            trailers = (*((("Agent-Logs-Url", url),) if has_url else ()), ("Co-authored-by", person.co_author))
            evidence: Evidence = "session_url" if has_url else "agent_session"
            branch = f"copilot/fix-{feature}"
            issue = self._issue(LEDGER, person, feature, started)
            run = AgentRun(
                *(session, CLOUD_AGENT, started, LEDGER, branch, evidence, (), CLOUD_MODEL, person),
                session_url=url if has_url else None,
            )
            commit = Commit(
                *(sha_of(name), started + timedelta(minutes=14), COPILOT_COMMITTER, f"Fix {feature}", trailers)
            )
            created = started + timedelta(minutes=1)
            ready = started + timedelta(minutes=25)
            one = PullRequest(
                *(LEDGER, 0, COPILOT, f"Fix {feature}", f"Fixes #{issue.number}", branch, created),
                *((commit,), 35 + position, 11, 2),
                ready_at=ready,
                review_requested_at=ready + timedelta(minutes=2),
                issue_numbers=(issue.number,),
                authorship="agent_authored",
                agent="copilot_cloud_agent",
                sessions=(session,),
            )
            at = _next_workday(created, self.random.randint(0, 200))
            reviews = (Review(person, "APPROVED", at - timedelta(minutes=15)),)
            yield _Draft(_merged(replace(one, reviews=reviews), at, person), [run])

    def _cloud_session(self, run: AgentRun, numbered: list[PullRequest]) -> CloudSession:
        one = next(one for one in numbered if run.session_id in one.sessions)
        assert run.person
        return CloudSession(
            repository=run.repository,
            task_id=uuid_of(f"task/{run.session_id}"),
            session_id=run.session_id,
            number=one.number,
            head_ref=run.branch,
            creator=run.person,
            model=run.model,
            created_at=run.started_at,
            completed_at=run.started_at + timedelta(minutes=24),
            ai_credits=CLOUD_CREDITS,
        )

    def _issue(self, repository: str, author: Actor, feature: str, before: datetime) -> Issue:
        number = 101 + sum(one.repository == repository for one in self.issues)
        label = "bug" if number % 2 else "enhancement"
        one = Issue(repository, number, author, f"{feature}: wanted", before - timedelta(days=4), None, (label,))
        self.issues.append(one)
        return one

    def _reviewer(self, but: Actor | None = None) -> Actor:
        return self.random.choice([one for one in self.payments[:6] if one != but])

    def _revert(self, reverted: _Draft) -> _Draft:
        """What takes a merged pull request back, made by a person with GitHub's button."""
        one = reverted.pull_request
        assert one.merged_at
        author, reviewer = self.payments[0], self.payments[2]
        created = one.merged_at + timedelta(hours=5)
        subject = f'Revert "{one.title}"'
        commit = Commit(sha_of(f"revert/{one.head_sha}"), created - timedelta(minutes=1), author, subject)
        revert = PullRequest(
            *(one.repository, 0, author, subject, "", one.head_ref, created, (commit,)),
            *(one.deletions, one.additions, one.changed_files),
        )
        at = created + timedelta(minutes=22)
        revert = _merged(replace(revert, reviews=(Review(reviewer, "APPROVED", at),)), at, reviewer)
        return _Draft(revert, [], one.commits[0].sha)


def _bot_run(name: str, started: datetime, branch: str, model: str, number: int) -> AgentRun:
    """Every second task knows the number of its pull request; the others tell no more than their branch."""
    evidence: Evidence = "change_id" if number % 2 == 0 else "branch"
    return AgentRun(uuid_of(name), "dependency-bot", started, CHECKOUT, branch, evidence, (), model)


def _feature_evidence(position: int, number: int) -> Evidence:
    if number == 0:
        return "branch"
    if number == 1:
        return "session_url"
    if number == 2:
        return "commit_sha"
    return "checkpoint" if position % 2 == 0 else "git_note"


def _merged(one: PullRequest, at: datetime, by: Actor) -> PullRequest:
    sha = sha_of(f"merge/{one.commits[-1].sha}")
    return replace(one, merged_at=at, closed_at=at, merged_by=by, merge_commit_sha=sha)


def _closed(issue: Issue, numbered: list[PullRequest]) -> Issue:
    """The issue, closed by the merge of what names it."""
    own = (one for one in numbered if one.repository == issue.repository and issue.number in one.issue_numbers)
    return replace(issue, closed_at=max((one.merged_at for one in own if one.merged_at), default=None))


def _deployments(merged: list[PullRequest]) -> Iterator[Deployment]:
    """Every fifth merge goes to production; one of them fails, and the next brings it back."""
    for number, one in enumerate(merged[::5]):
        assert one.merged_at
        assert one.merge_commit_sha
        created = one.merged_at + timedelta(minutes=20)
        done = created + timedelta(minutes=6)
        state = "failure" if number == FAILED_DEPLOYMENT else "success"
        statuses = (("in_progress", created + timedelta(seconds=20)), (state, done))
        yield Deployment(CHECKOUT, 7_700_000 + 10 * number, one.merge_commit_sha, created, statuses)
        if number == FAILED_DEPLOYMENT:
            again = done + RESTORED_AFTER - timedelta(minutes=6)
            statuses = (("in_progress", again), ("success", done + RESTORED_AFTER))
            yield Deployment(CHECKOUT, 7_700_005 + 10 * number, one.merge_commit_sha, again, statuses)


def _workflow_runs(numbered: list[PullRequest]) -> Iterator[WorkflowRun]:
    """CI ran for the head of every second pull request."""
    for number, one in enumerate(numbered[::2]):
        started = one.commits[-1].committed_at + timedelta(minutes=2)
        is_good = one.is_merged or number % 2 == 0
        yield WorkflowRun(
            *(one.repository, 88_000_000 + number, one.head_sha, one.head_ref, "success" if is_good else "failure"),
            *(started, started + timedelta(minutes=7), one.author),
        )


def _moment(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def _next_workday(moment: datetime, minutes: int) -> datetime:
    """The next working day at nine, so many minutes later."""
    days = {4: 3, 5: 2}.get(moment.weekday(), 1)
    return datetime.combine(moment.date() + timedelta(days=days), time(9, 30), UTC) + timedelta(minutes=minutes)
