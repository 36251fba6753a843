"""The files that the agents of the invented company leave: a collector's, an object store's, and one agent's own form.

Some of them grow between the demo's two extractions, and one is rotated: renamed, with its content.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from demo.company import Company
from demo.constants import FIRST_AS_OF
from demo.traces_emitters import copilot_spans, emit
from demo.traces_model import Session
from demo.traces_otlp import (
    PLAIN,
    Json,
    Style,
    attribute_list,
    log_request,
    nanoseconds,
    span_id,
    trace_request,
)
from demo.traces_workloads import sessions, trace_id
from demo.work import WEEKS

# What the collector has at a date lies so many days behind it.
LATE_BY = timedelta(days=2)
# The week of the bot's whose file an exporter sent again in part; the line of a file that was cut off in writing.
RETRIED_WEEK, BAD_LINE = WEEKS[1], 11
ROTATED = "traces-2026-10-18T00-00-00.000.jsonl"
LIVE = "traces.jsonl"
BAD_FILE = f"docs-agent/{LIVE}"
# Until then Claude Code wrote the numbers of its events as texts; later as JSON numbers, which the standard allows.
TEXT_NUMBERS_UNTIL = WEEKS[2]
NANOSECONDS = 1_000_000_000


def write_traces(company: Company, folder: Path, as_of: date) -> Path:
    """Writes all files as they are on a date; those of an earlier date are replaced, or grow."""
    own = [one for one in sessions(company) if one.started_at.date() < as_of - LATE_BY]
    by_service: dict[str, list[Session]] = {}
    for one in own:
        by_service.setdefault(one.service, []).append(one)
    _write_bot(folder / "dependency-bot", by_service["dependency-bot"])
    _write_claude(folder / "collector", by_service["claude-code"], as_of)
    _write_reviews(folder / "code-review", by_service["code-review-bot"])
    _write_objects(folder / "objects", by_service["triage-agent"])
    _write(folder / BAD_FILE, _docs_lines(by_service["docs-agent"]))
    texts = Style(are_numbers_text=True)
    _write(folder / "visual-studio" / LIVE, _trace_lines(by_service["vs-copilot"], texts))
    _write(folder / "copilot-cloud-agent" / LIVE, _trace_lines(by_service["copilot-cloud-agent"], PLAIN))
    for week in _weeks(own):
        name = f"{week:%Y%m%d}"
        tests = [emit(one) for one in _of(by_service["test-generator"], week)]
        request = {"resourceSpans": [part for one in tests for part in trace_request(one)["resourceSpans"]]}
        _write(folder / "test-generator" / f"export-{name}.json", [_line(request)])
        lines = _trace_lines(_of(by_service["commit-helper"], week), PLAIN)
        _write(folder / "gateway" / f"traces-{name}.jsonl.gz", lines)
    _write(folder / "copilot-cli" / "copilot-otel.jsonl", _command_line(by_service["github-copilot"]))
    return folder


def is_planted(problem: str) -> bool:
    """Whether a problem of an extraction is the line that was cut off on purpose."""
    return problem.startswith(f"{BAD_FILE}, line {BAD_LINE}:")


def _weeks(own: Sequence[Session]) -> list[date]:
    """The weeks whose files are complete."""
    last = max(one.started_at.date() for one in own)
    return [week for week in WEEKS if week + timedelta(days=4) <= last]


def _of(own: Iterable[Session], week: date) -> list[Session]:
    return [one for one in own if week <= one.started_at.date() < week + timedelta(days=7)]


def _line(request: Json) -> str:
    return json.dumps(request, separators=(",", ":"), ensure_ascii=False)


def _trace_lines(own: Iterable[Session], style: Style) -> Iterator[str]:
    return (_line(trace_request(emit(one), style)) for one in own)


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _write_bot(folder: Path, own: list[Session]) -> None:
    """A file a week. A root ends after its calls, so it comes later; what is sent again comes in another order."""
    for week in _weeks(own):
        lines = []
        for one in map(emit, _of(own, week)):
            lines += [_line(trace_request(one, spans=one.spans[1:])), _line(trace_request(one, spans=one.spans[:1]))]
        _write(folder / f"traces-{week:%Y%m%d}.jsonl", lines)
        if week == RETRIED_WEEK:
            _write(folder / f"traces-{week:%Y%m%d}-again.jsonl", lines[len(lines) // 2 :: -1])


def _write_claude(folder: Path, own: list[Session], as_of: date) -> None:
    """A collector's three files, one for each signal; that of the spans was rotated before the last extraction."""
    first = [one for one in own if one.started_at.date() < FIRST_AS_OF - LATE_BY]
    if as_of == FIRST_AS_OF:
        _write(folder / LIVE, _trace_lines(own, PLAIN))
    else:
        _write(folder / ROTATED, _trace_lines(first, PLAIN))
        _write(folder / LIVE, _trace_lines(own[len(first) :], PLAIN))
    _write(folder / "logs.jsonl", _log_lines(own))
    _write(folder / "metrics.jsonl", map(_line, map(_metrics, own)))


def _log_lines(own: Iterable[Session]) -> Iterator[str]:
    for one in own:
        is_old = one.started_at.date() < TEXT_NUMBERS_UNTIL
        yield _line(log_request(emit(one), Style(are_numbers_text=is_old, are_integers_bare=not is_old)))


def _write_reviews(folder: Path, own: list[Session]) -> None:
    _write(folder / "logs.jsonl", _log_lines(own))
    _write(folder / LIVE, _trace_lines(own, Style(are_ids_upper=True)))


def _write_objects(folder: Path, own: list[Session]) -> None:
    """An object store's layout: one request an object, packed, all of a week under the minute of its upload."""
    for week in _weeks(own):
        uploaded = week + timedelta(days=4)
        place = folder / f"year={uploaded:%Y}/month={uploaded:%m}/day={uploaded:%d}/hour=18/minute=00"
        found = [emit(one) for one in _of(own, week)]
        style = Style(are_numbers_text=week < WEEKS[2])
        spans = {"resourceSpans": [part for one in found for part in trace_request(one, style)["resourceSpans"]]}
        _write(place / f"traces_{trace_id(str(week))[:12]}.json.gz", [_line(spans)])
        logs = {"resourceLogs": [part for one in found if one.logs for part in log_request(one)["resourceLogs"]]}
        if logs["resourceLogs"]:
            _write(place / f"logs_{trace_id(str(week))[:12]}.json.gz", [_line(logs)])


def _docs_lines(own: list[Session]) -> Iterator[str]:
    """Ids and kinds as generic protobuf tools write them; one line was cut off in the middle."""
    for number, line in enumerate(_trace_lines(own, Style(is_base64=True)), start=1):
        if number == BAD_LINE:
            yield line[: len(line) // 3]
        yield line


def _metrics(session: Session) -> Json:
    """Claude Code's counters for a session: what its events tell already."""
    tokens = session.tokens
    classes = {
        "input": tokens.input_uncached,
        "output": tokens.output,
        "cacheRead": tokens.cache_read,
        "cacheCreation": tokens.cache_write,
    }
    model = session.calls[0].answered
    about = {"session.id": session.session_id, "model": model}
    cost = {"asDouble": float(session.cost_usd or 0), "attributes": attribute_list(about)}
    used = [
        {"asInt": str(number), "attributes": attribute_list({**about, "type": name})}
        for name, number in classes.items()
    ]
    times = {
        "startTimeUnixNano": str(nanoseconds(session.started_at)),
        "timeUnixNano": str(nanoseconds(session.ended_at)),
    }
    metrics = [
        {"name": name, "unit": unit, "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": points}}
        for name, unit, points in (
            ("claude_code.cost.usage", "USD", [{**times, **cost}]),
            ("claude_code.token.usage", "tokens", [{**times, **one} for one in used]),
        )
    ]
    resource = {"attributes": attribute_list({"service.name": session.service, "service.version": session.version})}
    scope = {"name": "com.anthropic.claude_code"}
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"scope": scope, "metrics": metrics}]}]}


def _command_line(own: list[Session]) -> Iterator[str]:
    """Copilot's command line does not write OTLP: a flat object a span, times in two parts, sessions in turns."""
    for session in own:
        trace = trace_id(session.session_id)
        for span in copilot_spans(session):
            attributes = {key: value for key, value in span.attributes.items() if value is not None}
            yield _line(
                {
                    "type": "span",
                    "traceId": trace,
                    "spanId": span_id(trace, span.key),
                    **({"parentSpanId": span_id(trace, span.parent)} if span.parent else {}),
                    "name": span.name,
                    "kind": span.kind - 1,
                    "startTime": _two_parts(span.started_at),
                    "endTime": _two_parts(span.ended_at),
                    "attributes": attributes,
                    "status": {"code": span.status},
                    "resource": {"attributes": {"service.name": session.service, "service.version": session.version}},
                }
            )
        yield _line(_command_line_metric(session))


def _two_parts(moment: datetime) -> list[int]:
    """Seconds and nanoseconds."""
    return list(divmod(nanoseconds(moment), NANOSECONDS))


def _command_line_metric(session: Session) -> Json:
    """A session's tokens once more, as a histogram; its calls tell them too."""
    value = {"count": len(session.calls), "sum": session.tokens.total}
    point = {
        "attributes": {"gen_ai.request.model": session.calls[0].asked},
        "startTime": _two_parts(session.started_at),
        "endTime": _two_parts(session.ended_at),
        "value": value,
    }
    return {
        "type": "metric",
        "name": "gen_ai.client.token.usage",
        "unit": "{token}",
        "dataPoints": [point],
        "resource": {"attributes": {"service.name": session.service, "service.version": session.version}},
    }
