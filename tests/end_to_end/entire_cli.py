"""A product's real agent work, published as tables, written as what our sources read: OTLP files and GitHub's answers.

The tables lie outside the project and are not part of it. They hold one row per model call with its tokens, the
checkpoints that sessions left, the commits that name them, and the pull requests that the commits belong to.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from demo.delivery_api import DeliveryApi
from demo.local_server import LocalServer, Request, Response
from demo.work import Work
from demo.work_records import Actor, Checkpoint, Commit, PullRequest

TABLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "otel" / "entire_cli"

AS_OF = date(2026, 2, 17)
REPOSITORY, WORKFLOW = "entireio/cli", "product-work"
SPANS_PER_LINE = 40
SOMEBODY = Actor("somebody", 1, "user", "Somebody", "somebody@example.com")

# US dollars of a million tokens on the list: in, out, cache written for 5 minutes and for an hour, cache read.
PRICES = {
    "claude-opus-4-5-20251101": ("5", "25", "6.25", "10", "0.5"),
    "claude-opus-4-6": ("5", "25", "6.25", "10", "0.5"),
    "claude-sonnet-4-5-20250929": ("3", "15", "3.75", "6", "0.3"),
    "claude-haiku-4-5-20251001": ("1", "5", "1.25", "2", "0.1"),
    "<synthetic>": ("0", "0", "0", "0", "0"),
}
TOKENS = ("input_tokens", "output_tokens_max_row", "cache_creation_5m", "cache_creation_1h", "cache_read")

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """The rows of a table."""
    with (TABLES / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def session_of(written: str) -> str:
    """A session's id without the day that older versions put before it."""
    return re.sub(r"^\d{4}-\d{2}-\d{2}-", "", written)


def value_usd(message: Row) -> Decimal:
    """What a model call costs at list price."""
    prices = PRICES[message["model"]]
    micros = (Decimal(message[name]) * Decimal(price) for name, price in zip(TOKENS, prices, strict=True))
    return sum(micros, Decimal(0)) / 1_000_000


def pull_requests_of_sessions() -> dict[str, set[int]]:
    """The pull requests whose commits name a checkpoint of a session, by session."""
    sessions: dict[str, set[str]] = defaultdict(set)
    for row in rows("checkpoint_sessions"):
        sessions[row["checkpoint_id"]].add(session_of(row["session_id"]))
    found: dict[str, set[int]] = defaultdict(set)
    for commit in rows("commits"):
        for checkpoint in _listed(commit["entire_checkpoint_ids"]):
            for session in sessions[checkpoint]:
                found[session].update(int(number) for number in _listed(commit["pr_numbers"]))
    return found


def write_traces(folder: Path) -> None:
    """The model calls as spans of Claude Code, a file a day; every day's first line comes again in another file."""
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in rows("messages"):
        days[message["timestamp"][:10]].append(_span(message))
    folder.mkdir(parents=True, exist_ok=True)
    again = []
    for day, spans in days.items():
        parts = [spans[start : start + SPANS_PER_LINE] for start in range(0, len(spans), SPANS_PER_LINE)]
        lines = [_line(part) for part in parts]
        (folder / f"traces-{day}.jsonl").write_text("".join(lines), encoding="utf-8")
        again.append(lines[0])
    (folder / "delivered-again.jsonl").write_text("".join(reversed(again)), encoding="utf-8")


def write_workflow(folder: Path) -> None:
    """The one workflow: its tasks are done when their pull request is merged."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workflows.csv").write_text(
        "workflow_id,service_name,owner,task_class,completed_when\n"
        f"{WORKFLOW},claude-code,product,feature,pull_request_merged\n"
    )


def work() -> Work:
    """Pull requests with the commits that belong to them, and the checkpoints of sessions."""
    commits: dict[int, list[Commit]] = defaultdict(list)
    for row in sorted(rows("commits"), key=lambda row: (_moment(row["committed_at"]), row["sha"])):
        trailers = tuple(("Entire-Checkpoint", one) for one in _listed(row["entire_checkpoint_ids"]))
        trailers += tuple(
            ("Co-Authored-By", f"{model} <noreply@anthropic.com>") for model in _listed(row["ai_coauthor_trailers"])
        )
        commit = Commit(row["sha"], _moment(row["committed_at"]), SOMEBODY, "A change", trailers)
        for number in _listed(row["pr_numbers"]):
            commits[int(number)].append(commit)
    return Work(
        pull_requests=tuple(_pull_request(row, commits[int(row["pr_number"])]) for row in rows("pull_requests")),
        issues=(),
        deployments=(),
        workflow_runs=(),
        cloud_sessions=(),
        checkpoints=tuple(
            Checkpoint(
                *(REPOSITORY, row["checkpoint_id"], row["session_id"], _moment(row["created_at"]), row["branch"]),
                session_index=int(row["session_index"]),
            )
            for row in rows("checkpoint_sessions")
        ),
        notes=(),
        runs=(),
    )


class Server(LocalServer):
    """GitHub's API about that one repository."""

    def __init__(self) -> None:
        """Serve it as it stands on the last day."""
        self._api = DeliveryApi(work())
        super().__init__()

    def answer(self, request: Request) -> Response | None:
        """The answer to a request."""
        return self._api.answer(request, AS_OF) or Response(404, b'{"message": "Not Found"}')


def _pull_request(row: Row, commits: list[Commit]) -> PullRequest:
    merged_at = _moment(row["merged_at"]) if row["merged"] == "1" else None
    if not commits:
        at = merged_at or datetime(2026, 2, 15, tzinfo=UTC)
        commits = [Commit(row["head_sha"], at - timedelta(hours=1), SOMEBODY, "A change")]
    return PullRequest(
        repository=REPOSITORY,
        number=int(row["pr_number"]),
        author=SOMEBODY,
        title="A change",
        body="",
        head_ref=row["head_branch"] or f"branch-{row['pr_number']}",
        created_at=min([commit.committed_at for commit in commits] + [merged_at] * (merged_at is not None)),
        commits=tuple(commits),
        additions=1,
        deletions=1,
        changed_files=1,
        merged_at=merged_at,
        merged_by=SOMEBODY if merged_at else None,
        merge_commit_sha=row["merge_sha"] or None,
        closed_at=merged_at,
    )


def _span(message: Row) -> dict[str, Any]:
    """A span as Claude Code emits it; the classes of the cache writes are told beside their sum."""
    started = _moment(message["timestamp"])
    nanoseconds = (int(started.timestamp()) * 10**6 + started.microsecond) * 1000
    key = sha256(f"{message['message_id']}/{message['request_id']}".encode()).hexdigest()
    attributes: dict[str, int | str] = {
        "session.id": session_of(message["session_id"]),
        "gen_ai.system": "anthropic",
        "model": message["model"],
        "request_id": message["request_id"] or f"none-{message['message_id']}",
        "input_tokens": int(message["input_tokens"]),
        "output_tokens": int(message["output_tokens_max_row"]),
        "cache_read_tokens": int(message["cache_read"]),
        "cache_creation_tokens": int(message["cache_creation_total"]),
        "anthropic.usage.cache_creation.ephemeral_5m_input_tokens": int(message["cache_creation_5m"]),
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": int(message["cache_creation_1h"]),
        "success": "true",
        "agent_spend.client_version": message["client_version"],
    }
    return {
        "traceId": sha256(session_of(message["session_id"]).encode()).hexdigest()[:32],
        "spanId": key[:16],
        "parentSpanId": "",
        "name": "claude_code.llm_request",
        "kind": 1,
        "startTimeUnixNano": str(nanoseconds),
        "endTimeUnixNano": str(nanoseconds + 10**9),
        "attributes": [_attribute(name, value) for name, value in attributes.items()],
        "status": {},
    }


def _attribute(name: str, value: int | str) -> dict[str, Any]:
    return {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}


def _line(spans: list[dict[str, Any]]) -> str:
    resource = {"attributes": [_attribute("service.name", "claude-code")]}
    scope = {"name": "com.anthropic.claude_code.tracing"}
    request = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]}
    return json.dumps(request, separators=(",", ":")) + "\n"


def _listed(cell: str) -> Iterator[str]:
    """The values of a cell that holds several."""
    return (value.strip() for value in cell.split(";") if value.strip())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
