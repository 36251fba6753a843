"""Random work of agents, from a seed: sessions, what they cost, the pull requests and outcomes that they reach.

The same work can be told in different ways: in order and once, shuffled and twice, or with more of everything beside it
that has nothing to do with its cost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from demo.traces_otlp import Emitted, Log, Span, log_request, trace_request
from demo.work import Work
from demo.work_records import Actor, Checkpoint, Commit, Issue, PullRequest, Review, sha_of, uuid_of

AS_OF = date(2026, 9, 1)
FIRST_DAY = datetime(2026, 7, 6, 9, tzinfo=UTC)
REPOSITORY = "example-org/generated"
WORKFLOWS = """workflow_id,service_name,owner,task_class,completed_when
merging,merging-agent,platform,change,pull_request_merged
judged,judged-agent,platform,triage,evaluation
"""
MERGING, JUDGED, SILENT = "merging-agent", "judged-agent", "silent-agent"
SESSIONS = {MERGING: 40, JUDGED: 25, SILENT: 10}
PULL_REQUESTS = 24
MODELS = ("claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5-mini", "a-model-nobody-sells")
SOMEBODY = Actor("example-author", 7001, "user", "Example Author", "author@example.com")
REVIEWER = Actor("example-reviewer", 7002, "user", "Example Reviewer", "reviewer@example.com")


@dataclass(frozen=True)
class Call:
    """A model call; `reported` is what the agent says it cost, in nano-dollars."""

    at: datetime
    model: str
    input_tokens: int
    output_tokens: int
    cache_read: int
    reported: int | None


@dataclass(frozen=True)
class Session:
    """A session of an agent; `reported_usd` only where each of its calls says what it cost."""

    session_id: str
    service: str
    calls: tuple[Call, ...]
    pull_requests: tuple[int, ...]
    score: int | None

    @property
    def reported_usd(self) -> Decimal | None:
        """What the agent says that all calls cost; None where it does not say so of each of them."""
        told = [call.reported for call in self.calls if call.reported is not None]
        return Decimal(sum(told)).scaleb(-9) if len(told) == len(self.calls) else None


class GeneratedWork:
    """The work of one seed."""

    def __init__(self, seed: int) -> None:
        """Draw it."""
        self.seed = seed
        self._random = Random(seed)
        self.sessions = [self._session(service, number) for service, many in SESSIONS.items() for number in range(many)]

    def _session(self, service: str, number: int) -> Session:
        random = self._random
        started = FIRST_DAY + timedelta(days=random.randrange(49), minutes=random.randrange(480))
        # Some agents report what a call costs, to the billionth; the others leave it to be computed.
        reports = random.random() < 0.6
        calls = tuple(
            Call(
                at=started + timedelta(minutes=3 * position),
                model=random.choice(MODELS if not reports else MODELS[:3]),
                input_tokens=random.randrange(100, 90_000),
                output_tokens=random.randrange(1, 9_000),
                cache_read=random.randrange(90),
                reported=random.randrange(1, 2_000_000_000) if reports else None,
            )
            for position in range(random.randint(1, 6))
        )
        numbers: tuple[int, ...] = ()
        if service == MERGING:
            # One, none, or several: three and seven do not divide a billionth evenly.
            many = random.choice((0, 1, 1, 2, 3, 3, 7))
            numbers = tuple(sorted(random.sample(range(1, PULL_REQUESTS + 1), many)))
        score = random.choice((0, 1, 1)) if service == JUDGED and random.random() < 0.9 else None
        return Session(uuid_of(f"{self.seed}/{service}/{number}"), service, calls, numbers, score)

    def emitted(self, *, with_more: bool = False) -> Iterator[Emitted]:
        """What the agents send; with more, each session runs tools and is judged twice alike."""
        for session in self.sessions:
            trace = sha_of(f"trace/{session.session_id}")[:32]
            spans = [_call_span(session, position, call) for position, call in enumerate(session.calls)]
            logs = []
            for again in range(1 + with_more):
                at = session.calls[-1].at + timedelta(minutes=5, seconds=again)
                if session.score is not None:
                    told = {
                        "gen_ai.conversation.id": session.session_id,
                        "gen_ai.evaluation.name": "solved",
                        "gen_ai.evaluation.score.value": float(session.score),
                        "gen_ai.evaluation.score.label": "pass" if session.score else "fail",
                    }
                    logs.append(Log("gen_ai.evaluation.result", at, told, "call-0"))
            if with_more:
                spans += [_tool_span(session, number) for number in range(3)]
            yield Emitted({"service.name": session.service}, "example", trace, spans, logs)

    def work(self, *, with_more: bool = False) -> Work:
        """The pull requests; with more, each has reviews, commits with trailers, labels and issues beside its own."""
        random = Random(self.seed + 1)
        checkpoints, pull_requests = [], []
        for number in range(1, PULL_REQUESTS + 1):
            mine = [one for one in self.sessions if number in one.pull_requests]
            trailers = []
            for index, session in enumerate(mine):
                name = sha_of(f"{session.session_id}/{number}")[:12]
                trailers.append(("Entire-Checkpoint", name))
                checkpoints.append(
                    Checkpoint(REPOSITORY, name, session.session_id, session.calls[-1].at, "work", session_index=index)
                )
            last = max((session.calls[-1].at for session in mine), default=FIRST_DAY)
            fate = random.choice(("merged", "merged", "merged", "closed", "open"))
            pull_requests.append(_pull_request(number, last + timedelta(hours=2), fate, tuple(trailers)))
        work = Work(tuple(pull_requests), (), (), (), (), tuple(checkpoints), (), ())
        return _more(work) if with_more else work

    def write(self, folder: Path, *, twice: bool = False, with_more: bool = False) -> None:
        """The files of traces and the workflows; twice: every line comes again, and all of them in any order."""
        (folder / "finance").mkdir(parents=True)
        (folder / "finance" / "workflows.csv").write_text(WORKFLOWS)
        emitted = list(self.emitted(with_more=with_more))
        traces = [trace_request(one) for one in emitted]
        logs = [log_request(one) for one in emitted if one.logs]
        if twice:
            random = Random(self.seed + 2)
            # Spans of one session arrive in different requests, and every request arrives again.
            traces = [trace_request(one, spans=[span]) for one in emitted for span in one.spans] + traces
            logs = logs * 2
            random.shuffle(traces)
            random.shuffle(logs)
        _write_lines(folder / "traces", "traces", traces, files=5 if twice else 1)
        _write_lines(folder / "traces", "logs", logs, files=3 if twice else 1)


def _write_lines(folder: Path, name: str, requests: list[Any], files: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(files):
        lines = (json.dumps(request) + "\n" for request in requests[number::files])
        (folder / f"{name}-{number}.jsonl").write_text("".join(lines))


def _call_span(session: Session, position: int, call: Call) -> Span:
    return Span(
        key=f"call-{position}",
        name=f"chat {call.model}",
        started_at=call.at,
        ended_at=call.at + timedelta(seconds=20),
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai" if call.model.startswith("gpt") else "anthropic",
            "gen_ai.request.model": call.model,
            "gen_ai.response.model": call.model,
            "gen_ai.conversation.id": session.session_id,
            "gen_ai.usage.input_tokens": call.input_tokens,
            "gen_ai.usage.cache_read.input_tokens": call.cache_read,
            "gen_ai.usage.output_tokens": call.output_tokens,
            # A text, because a double would not carry nine decimals of every amount.
            "gen_ai.usage.cost": None if call.reported is None else str(Decimal(call.reported).scaleb(-9)),
        },
    )


def _tool_span(session: Session, number: int) -> Span:
    at = session.calls[0].at + timedelta(seconds=30 + number)
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "read_file",
        "gen_ai.conversation.id": session.session_id,
    }
    return Span(f"tool-{number}", "execute_tool read_file", at, at + timedelta(seconds=1), attributes, "call-0")


def _pull_request(number: int, at: datetime, fate: str, trailers: tuple[tuple[str, str], ...]) -> PullRequest:
    commit = Commit(sha_of(f"commit/{number}"), at - timedelta(hours=1), SOMEBODY, "A change", trailers)
    decided = None if fate == "open" else at + timedelta(hours=5)
    return PullRequest(
        *(REPOSITORY, number, SOMEBODY, "A change", "", f"work/{number}", at, (commit,), 10, 2, 1),
        closed_at=decided,
        merged_at=decided if fate == "merged" else None,
        merged_by=REVIEWER if fate == "merged" else None,
        merge_commit_sha=sha_of(f"merge/{number}") if fate == "merged" else None,
        sessions=(),
    )


def _more(work: Work) -> Work:
    """The same pull requests with reviews, issues, labels and further trailers: rows that a join could multiply by."""
    issues = tuple(
        Issue(REPOSITORY, 500 + number, SOMEBODY, "Wanted", FIRST_DAY - timedelta(days=2), None, ("a", "b", "c"))
        for number in range(2 * PULL_REQUESTS)
    )
    pull_requests = tuple(
        replace(
            one,
            body=f"Closes #{500 + 2 * one.number - 2}, closes #{501 + 2 * one.number - 2}",
            labels=("one", "two", "three"),
            reviews=tuple(
                Review(REVIEWER, "COMMENTED", one.created_at + timedelta(minutes=10 + minute)) for minute in range(4)
            ),
            commits=tuple(
                replace(
                    commit,
                    trailers=(*commit.trailers, *commit.trailers, ("Reviewed-by", REVIEWER.co_author)),
                )
                for commit in one.commits
            ),
        )
        for one in work.pull_requests
    )
    return replace(work, pull_requests=pull_requests, issues=issues)
