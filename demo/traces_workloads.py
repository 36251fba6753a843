"""What the invented company's agents did in eight weeks: every session with its calls, and what was planted into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from demo import constants as c
from demo.company import Company
from demo.once import once
from demo.traces_model import Call, Evaluation, Session, Tokens, ToolCall, Workflow
from demo.work import (
    CHECKOUT,
    CLOUD_CREDITS,
    DOCS,
    FEATURE_CLOSED,
    LEDGER,
    RERUNS,
    SWAPPED_ON,
    WEEKS,
    work,
)
from demo.work_records import AgentRun, sha_of, uuid_of

# Everything that the bot sends has this mix of classes, so many times: only the number of tokens tells calls apart.
BOT_TOKENS = Tokens(200, 1500, 240, 60)
BOT_SIZES = {"before": (36, 44), "after": (42, 50)}
BOT_CALLS = {"before": (5, 7), "after": (8, 10)}
BOT_VERSIONS = ((date(2026, 9, 14), "2.4.0"), (WEEKS[0], "2.3.1"))

# The reviewer changes its model for one of the same price, and asks for the same work.
REVIEW_SWAPPED_ON = date(2026, 10, 5)
REVIEW_MODEL_BEFORE, REVIEW_MODEL_AFTER = "claude-opus-4-5", "claude-opus-4-6"
REVIEW_TOKENS = Tokens(120, 2400, 310, 90)
REVIEW_SIZES = (10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)

TRIAGE_MODEL, DOCS_MODEL, DOCS_ANSWERED_ONCE = "gpt-5-mini", "claude-sonnet-4-6", "claude-haiku-4-5"
DOCS_OTHER_ANSWER_WEEK, DUPLICATES_WEEK = WEEKS[3], WEEKS[4]
EVALUATED_TWICE, NOT_EVALUATED = (WEEKS[2], 4), 11
TEST_MODEL, OFF_HOURS_WEEK = "claude-sonnet-4-6", WEEKS[6]
OVERSTATED = 10
SMALL_TASK_MODEL = "claude-opus-4-7"
# At list price such a call costs what Copilot charges for it.
CLOUD_CALLS, CLOUD_TOKENS = 6, Tokens(300, 5500, 600, 1080)
CLI_WEEKS, CLI_MODEL = (WEEKS[1], WEEKS[3], WEEKS[5], WEEKS[7]), "claude-haiku-4-5"
NOTES_FAILED = (WEEKS[4], 1)
# What is asked for in three repositories alike.
DUPLICATE_PROMPT = "Write the section on refunds: what a refund is, when it is paid, and whom to ask."


def usd_of_credits(credits: Decimal) -> Decimal:  # noqa: A002
    """Copilot's AI units in USD."""
    return credits * c.CREDIT_PRICE_USD


@dataclass
class _Clock:
    """Moments one after the other."""

    now: datetime

    def lasting(self, seconds: int, pause: int = 1) -> tuple[datetime, datetime]:
        """A period that begins now; later it is some time after it."""
        started = self.now
        ended = started + timedelta(seconds=seconds)
        self.now = ended + timedelta(seconds=pause)
        return started, ended


@once
def sessions(company: Company) -> tuple[Session, ...]:
    """All sessions, by the moment at which they began."""
    found = [
        *_worked(company),
        *_triage(),
        *_reviews(),
        *_docs(),
        *_notes(),
        *_tests(),
        *_commit_messages(),
        *_command_line(),
    ]
    return tuple(sorted(found, key=lambda one: (one.started_at, one.session_id)))


def _random(name: str) -> Random:
    return Random(f"{c.SEED}/traces/{name}")


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def _call(name: str, clock: _Clock, model: str, tokens: Tokens | None, seconds: int = 9, **about: object) -> Call:
    started, ended = clock.lasting(seconds)
    request = f"req_{sha_of(name)[:24]}"
    return replace(Call(request, started, ended, model, model, tokens), **about)  # type: ignore[arg-type]


def _tool(name: str, clock: _Clock, tool: str, seconds: int = 4, **about: object) -> ToolCall:
    started, ended = clock.lasting(seconds)
    return replace(ToolCall(f"call_{sha_of(name)[:20]}", tool, started, ended), **about)  # type: ignore[arg-type]


def _worked(company: Company) -> Iterator[Session]:
    """Sessions that work on pull requests, of whichever agent."""
    by_agent = {
        "dependency-bot": _bot_session,
        "claude-code": _claude_session,
        "copilot-cloud-agent": _cloud_session,
    }
    for run in work(company).runs:
        yield by_agent[run.agent](run)


def _bot_session(run: AgentRun) -> Session:
    rng, clock = _random(run.session_id), _Clock(run.started_at)
    kind = "before" if run.started_at.date() < SWAPPED_ON else "after"
    calls, tools = [], []
    for number in range(rng.randint(*BOT_CALLS[kind])):
        name = f"{run.session_id}/{number}"
        tokens = BOT_TOKENS.times(rng.randint(*BOT_SIZES[kind]))
        attempt = 2 if kind == "after" and number == 3 else 1
        calls.append(_call(name, clock, run.model, tokens, rng.randint(6, 14), attempt=attempt))
        tool = ("read_file", "run_shell", "edit_file")[number % 3]
        tools.append(_tool(name, clock, tool, rng.randint(1, 9), is_success=rng.random() > 0.05))
    return Session(
        *(run.session_id, "dependency-update", "dependency-bot"),
        next(version for since, version in BOT_VERSIONS if run.started_at.date() >= since),
        *(tuple(calls), tuple(tools)),
        repository=run.repository,
        branch=run.branch,
        evidence=run.evidence,
        pull_requests=run.pull_request_keys,
    )


def _claude_session(run: AgentRun) -> Session:
    """Claude Code estimates each call's cost; a call that fails has no tokens and no cost."""
    rng, clock = _random(run.session_id), _Clock(run.started_at)
    is_spike = not run.pull_requests
    is_large = run.session_id == uuid_of(f"feature/{FEATURE_CLOSED[0]}/{FEATURE_CLOSED[1]}")
    is_rerun = run.session_id == uuid_of(f"feature/{RERUNS[0]}/{RERUNS[1]}")
    calls, tools = [], []
    for number in range(rng.randint(9, 13)):
        name = f"{run.session_id}/{number}"
        output = 2_800 if is_large else rng.randint(20, 90)
        tokens = Tokens(*(10 * n for n in (rng.randint(2, 40), rng.randint(1500, 6000), rng.randint(80, 500), output)))
        if is_spike and number % 2:
            calls.append(_call(f"{name}/failed", clock, run.model, None, 2, is_success=False))
        attempt = 2 if is_spike and number % 2 else 1
        call = _call(name, clock, run.model, tokens, rng.randint(5, 40), attempt=attempt)
        calls.append(replace(call, reported_usd=call.computed_usd, reported_by="agent"))
        tool = "mcp__ci__run_tests" if is_rerun else ("Read", "Edit", "Bash", "mcp__ci__run_tests")[number % 4]
        decision: Literal["accept", "reject"] | None = None
        if tool == "Edit":
            decision = "reject" if is_spike else "accept"
        tools.append(_tool(name, clock, tool, rng.randint(1, 30), decision=decision))
    tells_branch = run.evidence in (None, "branch", "commit_sha")
    return Session(
        *(run.session_id, "feature-work", "claude-code", "2.1.224", tuple(calls), tuple(tools)),
        person=run.person,
        repository=run.repository if tells_branch else None,
        branch=run.branch if tells_branch and run.evidence != "commit_sha" else None,
        commit_sha=run.commit_sha,
        evidence=run.evidence,
        pull_requests=run.pull_request_keys,
        session_url=run.session_url,
    )


def _cloud_session(run: AgentRun) -> Session:
    """Copilot's cloud agent, billed in AI units: all of a session's calls add up to what GitHub's API says of it."""
    rng, clock = _random(run.session_id), _Clock(run.started_at)
    calls = []
    for number in range(CLOUD_CALLS):
        call = _call(f"{run.session_id}/{number}", clock, run.model, CLOUD_TOKENS, rng.randint(5, 20))
        calls.append(replace(call, reported_usd=usd_of_credits(CLOUD_CREDITS / CLOUD_CALLS), reported_by="vendor"))
    tools = [_tool(f"{run.session_id}/{number}", clock, "bash", 8) for number in range(3)]
    return Session(
        *(run.session_id, "cloud-agent", "copilot-cloud-agent", "1.0.61", tuple(calls), tuple(tools)),
        repository=run.repository,
        branch=run.branch,
        evidence=run.evidence,
        pull_requests=run.pull_request_keys,
        logs_url=f"https://github.com/{run.repository}/sessions/{run.session_id}",
    )


def _triage() -> Iterator[Session]:
    """Twelve issues a week, each judged by an evaluator but one; no cost is told, and no id of a session."""
    for week in WEEKS:
        for number in range(12):
            name = f"triage/{week}/{number}"
            rng, clock = _random(name), _Clock(_at(week + timedelta(days=number % 5), 8 + number % 9, 15))
            cached = week >= WEEKS[4]
            calls = []
            for step in range(rng.randint(2, 4)):
                read = 10 * rng.randint(40, 90) if cached else 0
                tokens = Tokens(10 * rng.randint(100, 300), read, 0, 10 * rng.randint(10, 60))
                calls.append(_call(f"{name}/{step}", clock, TRIAGE_MODEL, tokens, rng.randint(2, 7)))
            tools = (_tool(name, clock, "search_issues", 2),)
            verdicts = tuple(_verdicts(week, number, clock.now))
            session = trace_id(name)
            yield Session(
                *(session, "issue-triage", "triage-agent", "0.9.2", tuple(calls), tools),
                task_id=f"triage-{week:%m%d}-{number:02d}",
                issue_id=str(900 + number),
                repository=LEDGER,
                evaluations=verdicts,
            )


def _verdicts(week: date, number: int, at: datetime) -> Iterator[Evaluation]:
    if number == NOT_EVALUATED:
        return
    is_pass = number not in (3, 7)
    if (week, number) == EVALUATED_TWICE:
        yield Evaluation("triage_accepted", at, "fail", 0)
        at += timedelta(minutes=40)
    # Every third verdict has no more than a score.
    yield Evaluation("triage_accepted", at, None if number % 3 == 0 else "pass" if is_pass else "fail", int(is_pass))


def _reviews() -> Iterator[Session]:
    """Twelve reviews a week by Claude Code in CI, which tells how its pipeline ended."""
    for week in WEEKS:
        model = REVIEW_MODEL_BEFORE if week < REVIEW_SWAPPED_ON else REVIEW_MODEL_AFTER
        rng = _random(f"review/{week}")
        sizes = [size + rng.randint(-1, 1) for size in rng.sample(REVIEW_SIZES, len(REVIEW_SIZES))]
        for number, size in enumerate(sizes):
            name = f"review/{week}/{number}"
            clock = _Clock(_at(week + timedelta(days=number % 5), 9 + number % 7, 40))
            calls = []
            for step in range(4):
                call = _call(f"{name}/{step}", clock, model, REVIEW_TOKENS.times(size + step), 6 + step)
                calls.append(replace(call, reported_usd=call.computed_usd, reported_by="agent"))
            yield Session(
                *(uuid_of(name), "code-review", "code-review-bot", "2.1.210", tuple(calls)),
                repository=CHECKOUT,
                task_id=f"review-{week:%m%d}-{number:02d}",
                pipeline_result={5: "failure", 10: "timeout"}.get(number, "success"),  # type: ignore[arg-type]
            )


def _docs() -> Iterator[Session]:
    """Six texts a week, and nobody says what became of them."""
    for week in WEEKS:
        for number in range(6):
            name = f"docs/{week}/{number}"
            rng, clock = _random(name), _Clock(_at(week + timedelta(days=number % 5), 10, 5 * number))
            is_other = week == DOCS_OTHER_ANSWER_WEEK and number < 2
            is_copy = week == DUPLICATES_WEEK
            calls = []
            for step in range(2):
                size = 7 if is_copy else rng.randint(5, 9)
                tokens = Tokens(1200, 400, 0, 300).times(size)
                answered = DOCS_ANSWERED_ONCE if is_other else DOCS_MODEL
                prompt = DUPLICATE_PROMPT if is_copy else f"Write section {number}.{step} of week {week}."
                call = _call(f"{name}/{step}", clock, DOCS_MODEL, tokens, 12, answered=answered, prompt=prompt)
                calls.append(replace(call, reported_usd=call.computed_usd, reported_by="agent"))
            yield Session(
                *(uuid_of(name), "docs-writer", "docs-agent", "0.4.0", tuple(calls)),
                repository=(DOCS, LEDGER, CHECKOUT)[number % 3] if is_copy else DOCS,
            )


def _notes() -> Iterator[Session]:
    """Three texts a week in Visual Studio, which tells neither tokens nor cost."""
    for week in WEEKS:
        for number in range(3):
            name = f"notes/{week}/{number}"
            clock = _Clock(_at(week + timedelta(days=3), 13, 10 * number))
            calls = tuple(
                _call(f"{name}/{turn}", clock, "gpt-5.5", None, 15, answered="gpt-5.5-2026-03-05") for turn in range(2)
            )
            tools = tuple(_tool(f"{name}/{turn}", clock, "code_search", 2) for turn in range(2))
            yield Session(uuid_of(name), "release-notes", "vs-copilot", "18.6.11822.322", calls, tools)


def _tests() -> Iterator[Session]:
    """Four runs a week that tell ten times their cost; in one week they run at night."""
    for week in WEEKS:
        for number in range(4):
            name = f"tests/{week}/{number}"
            hour = 2 if week == OFF_HOURS_WEEK else 12
            rng, clock = _random(name), _Clock(_at(week + timedelta(days=number), hour, 30))
            calls, tools = [], []
            for step in range(5):
                tokens = Tokens(300, 2000, 150, 400).times(rng.randint(8, 12))
                call = _call(f"{name}/{step}", clock, TEST_MODEL, tokens, rng.randint(10, 30))
                assert call.computed_usd
                calls.append(replace(call, reported_usd=OVERSTATED * call.computed_usd, reported_by="agent"))
                tools.append(_tool(f"{name}/{step}", clock, "write_file" if step else "run_tests", 20))
            yield Session(
                *(uuid_of(name), "test-generation", "test-generator", "1.2.0", tuple(calls), tuple(tools)),
                repository=CHECKOUT,
                pipeline_result="failure" if number == 3 else "success",
            )


def _commit_messages() -> Iterator[Session]:
    """Ten very small tasks a week for a large model; a gateway tells what it was charged."""
    for week in WEEKS:
        for number in range(10):
            name = f"commit/{week}/{number}"
            rng, clock = _random(name), _Clock(_at(week + timedelta(days=number % 5), 15 + number // 5, 20))
            tokens = Tokens(10 * rng.randint(20, 40), 0, 0, 10 * rng.randint(2, 4))
            call = _call(name, clock, SMALL_TASK_MODEL, tokens, 2)
            yield Session(
                *(uuid_of(name), "commit-helper", "commit-helper", "3.0.0"),
                (replace(call, reported_usd=call.computed_usd, reported_by="vendor"),),
                repository=CHECKOUT,
                change_state="closed" if number == 9 else "merged",
            )


def _command_line() -> Iterator[Session]:
    """Copilot's command line, which writes a form of its own; what it calls cost is a multiplier."""
    for week in CLI_WEEKS:
        name = f"cli/{week}"
        rng, clock = _random(name), _Clock(_at(week + timedelta(days=1), 16))
        calls = []
        for turn in range(3):
            tokens = Tokens(10 * rng.randint(20, 90), 10 * rng.randint(100, 400), 0, 10 * rng.randint(10, 40))
            call = _call(f"{name}/{turn}", clock, CLI_MODEL, tokens, 8)
            calls.append(replace(call, reported_usd=call.computed_usd, reported_by="vendor"))
        tools = (_tool(name, clock, "bash", 3),)
        yield Session(uuid_of(name), "github-copilot", "github-copilot", "1.0.61", tuple(calls), tools)


def trace_id(name: str) -> str:
    """The id of a trace: always the same for a name."""
    return sha_of(f"trace/{name}")[:32]


def workflows() -> tuple[Workflow, ...]:
    """All workflows."""
    return Workflow.__args__  # type: ignore[attr-defined, no-any-return]
