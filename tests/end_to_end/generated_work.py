"""Random work of agents, from a seed: sessions, what they cost, the pull requests and outcomes that they reach.

The same work can be told in different ways: in order and once, shuffled, twice and late, or with more of everything
beside it that has nothing to do with its cost. What must not be missing is planted, whatever the seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from demo.traces_otlp import Emitted, Log, Span, log_request, span_id, trace_request
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
FATES = ("merged", "closed", "open", "merged", "merged")
UNSOLD = "a-model-nobody-sells"
MODELS = ("claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5-mini", UNSOLD)
# One, none, or several: three and seven do not divide a billionth evenly.
FAN_OUTS = (3, 7, 0, 1, 1, 2, 3)
SCORES = (1, None, 0, 1)
# A week of its own, so that some workflow has a ratio.
WELL_KNOWN_DAY = FIRST_DAY + timedelta(days=50)
SOMEBODY = Actor("example-author", 7001, "user", "Example Author", "author@example.com")
REVIEWER = Actor("example-reviewer", 7002, "user", "Example Reviewer", "reviewer@example.com")


@dataclass(frozen=True)
class Call:
    """A model call; `reported` is what the agent says it cost, in nano-dollars."""

    service: str
    at: datetime
    model: str
    input_tokens: int
    output_tokens: int
    cache_read: int
    reported: int | None


@dataclass(frozen=True)
class Session:
    """A session of an agent; some of its calls may be another agent's.

    `score` is None where nobody judged it. `is_late`: the span of its last call comes after all others.
    """

    session_id: str
    service: str
    calls: tuple[Call, ...]
    pull_requests: tuple[int, ...]
    score: int | None
    is_late: bool

    @property
    def services(self) -> list[str]:
        """The agents whose calls they are, its own first."""
        return list(dict.fromkeys(call.service for call in self.calls))

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
        planted = number < 2
        started = FIRST_DAY + timedelta(days=random.randrange(49), minutes=random.randrange(480))
        # Some agents report what a call costs, to the billionth; the others leave it to be computed.
        reports = number == 0 if planted else random.random() < 0.6
        score = random.choice((0, 1, 1)) if service == JUDGED and random.random() < 0.9 else None
        if service == JUDGED and number < len(SCORES):
            score = SCORES[number]
            if score:
                started, reports = WELL_KNOWN_DAY, True
        many = random.randint(2 if planted else 1, 6)
        models = [random.choice(MODELS[:3] if reports else MODELS) for _ in range(many)]
        if planted and not reports:
            models[0] = UNSOLD
        # Within a session another agent may work for another purpose.
        services = [service] * many
        if service == MERGING and many > 1 and (planted or random.random() < 0.2):
            services[1] = JUDGED
        calls = tuple(
            Call(
                service=own,
                at=started + timedelta(minutes=3 * position),
                model=model,
                input_tokens=random.randrange(100, 90_000),
                output_tokens=random.randrange(1, 9_000),
                cache_read=random.randrange(90),
                reported=random.randrange(1, 2_000_000_000) if reports else None,
            )
            for position, (own, model) in enumerate(zip(services, models, strict=True))
        )
        numbers: tuple[int, ...] = ()
        if service == MERGING:
            reached = FAN_OUTS[number] if planted else random.choice(FAN_OUTS)
            numbers = tuple(sorted(random.sample(range(1, PULL_REQUESTS + 1), reached)))
            if planted:  # both reach the first
                numbers = (1, *numbers[1:])
        is_late = planted or random.random() < 0.3
        return Session(uuid_of(f"{self.seed}/{service}/{number}"), service, calls, numbers, score, is_late)

    def emitted(self, *, with_more: bool = False) -> Iterator[Emitted]:
        """What the agents send; with more, each session runs tools and is judged twice alike."""
        for session in self.sessions:
            for service in session.services:
                spans = [
                    _call_span(session, position, call)
                    for position, call in enumerate(session.calls)
                    if call.service == service
                ]
                logs = []
                if service == session.service:
                    logs = [_judgement(session, again) for again in range(1 + with_more) if session.score is not None]
                    if with_more:
                        spans += [_tool_span(session, number) for number in range(3)]
                yield Emitted({"service.name": service}, "example", _trace_of(session), spans, logs)

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
            fate = random.choice(FATES) if number > len(FATES) else FATES[number - 1]
            pull_requests.append(_pull_request(number, last + timedelta(hours=2), fate, tuple(trailers)))
        work = Work(tuple(pull_requests), (), (), (), (), tuple(checkpoints), (), ())
        return _more(work) if with_more else work

    def write(self, folder: Path, *, twice: bool = False, with_more: bool = False) -> None:
        """The files of traces and the workflows; twice: all but what is late, again and again and in any order."""
        (folder / "finance").mkdir(parents=True)
        (folder / "finance" / "workflows.csv").write_text(WORKFLOWS)
        emitted = list(self.emitted(with_more=with_more))
        logs = [log_request(one) for one in emitted if one.logs]
        if not twice:
            _write_lines(folder / "traces", "traces", [trace_request(one) for one in emitted], files=1)
            _write_lines(folder / "traces", "logs", logs, files=1)
            return
        late = self._late_spans()
        in_time = [
            (one, [span for span in one.spans if span_id(one.trace_id, span.key) not in late]) for one in emitted
        ]
        # Spans of one session arrive in different requests, and every request arrives again.
        traces = [trace_request(one, spans=[span]) for one, spans in in_time for span in spans]
        traces += [trace_request(one, spans=spans) for one, spans in in_time if spans]
        random = Random(self.seed + 2)
        logs *= 2
        random.shuffle(traces)
        random.shuffle(logs)
        _write_lines(folder / "traces", "traces", traces, files=5)
        _write_lines(folder / "traces", "logs", logs, files=3)

    def write_late(self, folder: Path) -> None:
        """What is late, once all else was read: in a file that goes on, and again with the whole session."""
        late = self._late_spans()
        emitted = [one for one in self.emitted() if any(span_id(one.trace_id, span.key) in late for span in one.spans)]
        with (folder / "traces" / "traces-0.jsonl").open("a") as file:
            for one in emitted:
                spans = [span for span in one.spans if span_id(one.trace_id, span.key) in late]
                file.write(json.dumps(trace_request(one, spans=spans)) + "\n")
        _write_lines(folder / "traces", "late", [trace_request(one) for one in emitted], files=1)

    def _late_spans(self) -> set[str]:
        return {
            span_id(_trace_of(session), f"call-{len(session.calls) - 1}")
            for session in self.sessions
            if session.is_late
        }


def _write_lines(folder: Path, name: str, requests: Sequence[Any], files: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(files):
        lines = (json.dumps(request) + "\n" for request in requests[number::files])
        (folder / f"{name}-{number}.jsonl").write_text("".join(lines))


def _trace_of(session: Session) -> str:
    return sha_of(f"trace/{session.session_id}")[:32]


def _judgement(session: Session, again: int) -> Log:
    told = {
        "gen_ai.conversation.id": session.session_id,
        "gen_ai.evaluation.name": "solved",
        "gen_ai.evaluation.score.value": float(session.score or 0),
        "gen_ai.evaluation.score.label": "pass" if session.score else "fail",
    }
    return Log("gen_ai.evaluation.result", session.calls[-1].at + timedelta(minutes=5, seconds=again), told, "call-0")


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
