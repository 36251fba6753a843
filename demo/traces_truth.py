"""The right answers about the invented company's tasks: from what agents and people did, never from files or SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Literal

from demo.company import Company
from demo.constants import AS_OF
from demo.traces_model import Call, Session
from demo.traces_workloads import NOTES_FAILED, REVIEW_SWAPPED_ON, sessions
from demo.work import SWAPPED_ON, WEEKS, Work, work
from demo.work_records import uuid_of

# What the project takes for agreed unless it is told otherwise.
COVERAGE_THRESHOLD, COST_FACTOR = Decimal("0.8"), Decimal("1.5")
DAYS_UNTIL_ABANDONED, SWAP_WINDOW = 21, timedelta(days=28)
# Claude Code in CI sends no spans: an event tells when a call ended, and not when it began.
BY_EVENTS = ("code-review",)
BY_MERGE = ("dependency-update", "feature-work", "cloud-agent")
MINUTES_SAVED = {
    "dependency-update": 45,
    "feature-work": 120,
    "cloud-agent": 60,
    "issue-triage": 10,
    "code-review": 20,
    "release-notes": 30,
}
CENT_MILLIONTH = Decimal("0.000000001")

Outcome = Literal["completed", "failed", "abandoned", "unknown"]


@dataclass(frozen=True)
class TaskTruth:
    """A task: who worked on it, what it cost and what became of it."""

    workflow: str
    task_id: str
    sessions: tuple[Session, ...]
    cost_usd: Decimal | None
    outcome: Outcome
    evidence: str | None
    is_attributed: bool
    pull_request_key: str | None

    @property
    def week(self) -> date:
        """The Monday of the week of its last call."""
        last = max(session.last_call_at for session in self.sessions).date()
        return last - timedelta(days=last.weekday())


@dataclass(frozen=True)
class WeekTruth:
    """The tasks of a workflow whose last call fell into a week, or into some days."""

    tasks: tuple[TaskTruth, ...]

    @cached_property
    def attributed(self) -> tuple[TaskTruth, ...]:
        """Those that are pieces of work."""
        return tuple(task for task in self.tasks if task.is_attributed)

    def count(self, outcome: Outcome) -> int:
        """How many tasks ended so."""
        return sum(task.outcome == outcome for task in self.attributed)

    def spend(self, *outcomes: Outcome) -> Decimal | None:
        """What tasks cost that ended so, or all; None when there are some and no cost is known."""
        own = [task.cost_usd for task in self.attributed if not outcomes or task.outcome in outcomes]
        known = [cost for cost in own if cost is not None]
        return sum(known, Decimal(0)) if known or not own else None

    @property
    def unattributed_spend(self) -> Decimal:
        """What sessions without a piece of work cost."""
        return sum((task.cost_usd or Decimal(0) for task in self.tasks if not task.is_attributed), Decimal(0))

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions that worked on the tasks, each once."""
        return tuple({session.session_id: session for task in self.attributed for session in task.sessions}.values())

    @property
    def calls(self) -> list[Call]:
        """Their calls, each once."""
        return [call for session in self.sessions for call in session.calls]

    @property
    def priced_calls(self) -> int:
        """Those with a known cost."""
        return sum(call.cost_usd is not None for call in self.calls)

    @property
    def cost_coverage(self) -> Decimal:
        """The share of them."""
        return Decimal(self.priced_calls) / len(self.calls)

    @property
    def outcome_coverage(self) -> Decimal:
        """The share of tasks that something is known of."""
        return 1 - Decimal(self.count("unknown")) / len(self.attributed)

    @property
    def null_reason(self) -> str | None:
        """Why nothing can be said of what a completed task costs."""
        if self.cost_coverage < COVERAGE_THRESHOLD:
            return "cost_coverage_below_threshold"
        if self.outcome_coverage < COVERAGE_THRESHOLD:
            return "outcome_coverage_below_threshold"
        return None if self.count("completed") else "no_completed_task"

    @property
    def cost_per_completed_task(self) -> Decimal | None:
        """What a completed task costs: all that was spent on tasks, also on those that failed."""
        spend = self.spend()
        return None if self.null_reason or spend is None else spend / self.count("completed")


@dataclass(frozen=True)
class SwapTruth:
    """A change of the model, and what the tasks of the four weeks before it and after it say."""

    workflow: str
    swapped_at: datetime
    model_before: str
    model_after: str
    before: WeekTruth
    after: WeekTruth

    @property
    def cost_ratio(self) -> Decimal:
        """How many times as much a completed task costs."""
        before, after = self.before.cost_per_completed_task, self.after.cost_per_completed_task
        assert before
        assert after
        return after / before

    @property
    def price_factor(self) -> Decimal:
        """How many times as much a token costs, whatever models and classes it is of."""
        return _per_token(self.after) / _per_token(self.before)

    @property
    def tokens_per_call_factor(self) -> Decimal:
        """How many times as many tokens a call has."""
        per_call = [Decimal(_tokens(one)) / len(one.calls) for one in (self.before, self.after)]
        return per_call[1] / per_call[0]

    @property
    def calls_per_task_factor(self) -> Decimal:
        """How many times as many calls a task takes."""
        per_task = [Decimal(len(one.calls)) / len(one.attributed) for one in (self.before, self.after)]
        return per_task[1] / per_task[0]

    @property
    def success_factor(self) -> Decimal:
        """How many times as many tasks it takes until one is completed."""
        needed = [Decimal(len(one.attributed)) / one.count("completed") for one in (self.before, self.after)]
        return needed[1] / needed[0]


def _tokens(one: WeekTruth) -> int:
    return sum(call.tokens.total for call in one.calls if call.tokens)


def _per_token(one: WeekTruth) -> Decimal:
    spend = one.spend()
    assert spend
    return spend / _tokens(one)


class TracesTruth:
    """What the tasks' marts must say on the demo's last day."""

    def __init__(self, company: Company) -> None:
        """Know everything about the company's agents."""
        self.work: Work = work(company)
        self.sessions = sessions(company)
        self.by_id = {session.session_id: session for session in self.sessions}

    @cached_property
    def tasks(self) -> dict[tuple[str, str], TaskTruth]:
        """All tasks, by workflow and id."""
        own: dict[tuple[str, str], list[Session]] = defaultdict(list)
        for session in self.sessions:
            for task_id in task_ids(session):
                own[session.workflow, task_id].append(session)
        return {key: self._task(*key, tuple(worked)) for key, worked in own.items()}

    @cached_property
    def weeks(self) -> dict[tuple[str, date], WeekTruth]:
        """The workflows' weeks."""
        found: dict[tuple[str, date], list[TaskTruth]] = defaultdict(list)
        for task in self.tasks.values():
            found[task.workflow, task.week].append(task)
        return {key: WeekTruth(tuple(tasks)) for key, tasks in found.items()}

    def whole(self, workflow: str) -> WeekTruth:
        """All eight weeks of a workflow."""
        return WeekTruth(tuple(task for task in self.tasks.values() if task.workflow == workflow))

    def between(self, workflow: str, first: date, last: date) -> WeekTruth:
        """The tasks whose last call fell into these days."""
        return WeekTruth(
            tuple(
                task
                for task in self.whole(workflow).tasks
                if first <= max(session.last_call_at for session in task.sessions).date() <= last
            )
        )

    def swap(self, workflow: str) -> SwapTruth:
        """The change of the model of a workflow that has one."""
        on = {"dependency-update": SWAPPED_ON, "code-review": REVIEW_SWAPPED_ON}[workflow]
        calls = [call for session in self.sessions if session.workflow == workflow for call in session.calls]
        after = min((call for call in calls if call.started_at.date() >= on), key=lambda call: call.started_at)
        before = max((call for call in calls if call.started_at.date() < on), key=lambda call: call.started_at)
        day = timedelta(days=1)
        swapped_at = after.ended_at if workflow in BY_EVENTS else after.started_at
        return SwapTruth(
            *(workflow, swapped_at, before.answered, after.answered),
            before=self.between(workflow, on - SWAP_WINDOW, on - day),
            after=self.between(workflow, on, on + SWAP_WINDOW - day),
        )

    @property
    def shared(self) -> list[Session]:
        """The sessions that worked on more than one pull request."""
        return [session for session in self.sessions if len(session.pull_requests) > 1]

    @property
    def suspicious(self) -> set[str]:
        """Workflows whose agent tells much more than its tokens cost."""
        return {session.workflow for session in self.sessions for call in session.calls if is_suspicious(call)}

    def _task(self, workflow: str, task_id: str, worked: tuple[Session, ...]) -> TaskTruth:
        shares = [shares_of(session).get(task_id) for session in worked]
        known = [share for share in shares if share is not None]
        key = task_id if task_id in self.work.by_key else None
        is_attributed = workflow not in BY_MERGE or key is not None
        outcome, evidence = self._outcome(workflow, task_id, worked)
        cost = sum(known, Decimal(0)) if known else None
        return TaskTruth(workflow, task_id, worked, cost, outcome, evidence, is_attributed, key)

    def _outcome(self, workflow: str, task_id: str, worked: tuple[Session, ...]) -> tuple[Outcome, str | None]:
        session = worked[-1]
        if workflow == "release-notes":
            return ("failed" if task_id == FAILED_NOTES else "completed"), "outcome_file"
        if workflow in BY_MERGE:
            return self._merged(task_id, worked)
        if session.evaluations:
            last = max(session.evaluations, key=lambda one: one.at)
            return ("completed" if last.is_pass else "failed"), "evaluation"
        if session.change_state:
            return ("completed" if session.change_state == "merged" else "failed"), "change_state"
        if session.pipeline_result:
            return ("completed" if session.pipeline_result == "success" else "failed"), "ci_result"
        return "unknown", None

    def _merged(self, key: str, worked: Iterable[Session]) -> tuple[Outcome, str | None]:
        one = self.work.by_key.get(key)
        if one is None:
            return "unknown", None
        if not one.is_open:
            return ("completed" if one.is_merged else "failed"), "pull_request"
        last = max(session.ended_at for session in worked)
        is_old = last + timedelta(days=DAYS_UNTIL_ABANDONED) <= datetime.combine(AS_OF, datetime.min.time(), UTC)
        return ("abandoned", "open_pull_request") if is_old else ("unknown", None)


# The text that nobody wanted.
FAILED_NOTES = uuid_of(f"notes/{NOTES_FAILED[0]}/{NOTES_FAILED[1]}")


def task_ids(session: Session) -> list[str]:
    """The tasks that a session worked on."""
    if session.workflow in BY_MERGE:
        return sorted(session.pull_requests) or [f"session/{session.session_id}"]
    return [session.task_id or session.session_id]


def shares_of(session: Session) -> dict[str, Decimal | None]:
    """What each task of a session carries of its cost: the same, and the last one what a division leaves."""
    ids, cost = task_ids(session), session.cost_usd
    if cost is None:
        return dict.fromkeys(ids)
    share = (cost / len(ids)).quantize(CENT_MILLIONTH, ROUND_DOWN)
    return {**dict.fromkeys(ids, share), ids[-1]: cost - share * (len(ids) - 1)}


def is_suspicious(call: Call) -> bool:
    """Whether what is reported is further from the tokens' list price than agreed."""
    if call.reported_usd is None or not call.computed_usd:
        return False
    ratio = call.reported_usd / call.computed_usd
    return ratio > COST_FACTOR or ratio < 1 / COST_FACTOR


__all__ = ["WEEKS", "SwapTruth", "TaskTruth", "TracesTruth", "WeekTruth"]
