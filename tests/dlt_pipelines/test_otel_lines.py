"""Files of OTLP: lines, documents over many lines, packed files, what is bad in them, and where a reading ends."""

from __future__ import annotations

import json
import stat

import pytest

from dlt_pipelines.otel import lines as otel_lines
from tests.dlt_pipelines.otlp_bench import (
    NEITHER_TRACE,
    SPAN,
    START,
    Reader,
    log,
    logs,
    metrics,
    reader,
    span,
    traces,
)

__all__ = ["reader"]


def test_one_line_holds_many_resources_scopes_and_spans(reader: Reader) -> None:
    one = traces(span(spanId="1" * 16), span(spanId="2" * 16), resource={"service.name": "a"})
    other = traces(span(spanId="3" * 16), resource={"service.name": "b"}, scope={"name": "second", "version": "2"})
    one["resourceSpans"][0]["scopeSpans"].append({"scope": {"name": "third"}, "spans": [span(spanId="4" * 16)]})
    reader.lines({"resourceSpans": one["resourceSpans"] + other["resourceSpans"]})
    found = {
        (row["span_id"][0], row["service_name"], row["scope_name"], row["scope_version"])
        for row in reader.table("spans")
    }
    assert found == {
        ("1", "a", None, None),
        ("2", "a", None, None),
        ("4", "a", "third", None),
        ("3", "b", "second", "2"),
    }
    assert reader.reads[0].spans == 4


def test_a_line_may_hold_every_signal(reader: Reader) -> None:
    point = {"timeUnixNano": str(START), "asInt": "3"}
    metric = {"name": "claude_code.commit.count", "sum": {"dataPoints": [point], "aggregationTemporality": 1}}
    event = log({"event.name": "gen_ai.evaluation.result"})
    reader.lines({**traces(span()), **logs(event), **metrics(metric)})
    assert {name: len(rows) for name, rows in reader.rows.items()} == {"spans": 1, "events": 1, "metric_points": 1}
    assert reader.reads[0].signals == {"traces", "logs", "metrics"}


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_that_is_one_document_over_many_lines(reader: Reader, end: str) -> None:
    text = json.dumps(traces(span({"gen_ai.usage.output_tokens": 7})), indent=2) + end
    reader.read(reader.write(text))
    assert reader.span["output_tokens"] == 7
    (read,) = reader.reads
    assert (read.lines, read.bad_lines) == (1, 0)


def test_documents_over_many_lines_are_told_by_the_line_they_begin_on(reader: Reader) -> None:
    good, bad = json.dumps(traces(span()), indent=1), json.dumps(traces(span(traceId="no")), indent=1)
    reader.read(reader.write(f"{good}\n\n{bad}\n"))
    assert reader.problems == [(good.count("\n") + 3, NEITHER_TRACE)]
    assert len(reader.table("spans")) == 1


def test_an_array_of_requests(reader: Reader) -> None:
    reader.read(reader.write(json.dumps([traces(span()), traces(span(spanId="a" * 16))], indent=2)))
    assert {row["span_id"] for row in reader.table("spans")} == {SPAN, "a" * 16}
    assert len(reader.table("spans")) == 2


def test_documents_that_begin_on_one_line(reader: Reader) -> None:
    first, second = json.dumps(traces(span()), indent=2), json.dumps(traces(span(spanId="a" * 16)), indent=2)
    reader.read(reader.write(f"{first}{second}"))
    assert {row["span_id"] for row in reader.table("spans")} == {SPAN, "a" * 16}


def test_blank_lines_line_ends_and_a_byte_order_mark_are_nothing(reader: Reader) -> None:
    line = json.dumps(traces(span())).encode()
    reader.read(reader.write(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \t\n" + line + b"\n"))
    assert len(reader.table("spans")) == 2
    assert (reader.reads[0].lines, reader.reads[0].bad_lines) == (2, 0)


def test_good_lines_of_a_bad_file_load_and_bad_ones_are_told_and_kept_aside(reader: Reader) -> None:
    good = json.dumps(traces(span())).encode()
    bad = [b'{"resourceSpans": [{"secret prompt', b'{"hello": "secret"}', b"\xff\xfe secret", b'"secret"']
    reader.read(reader.write(b"\n".join([good, *bad, good])))
    assert len(reader.table("spans")) == 2
    broken, other = "not valid JSON (cut off or damaged)", "not OTLP: no resourceSpans, resourceLogs, resourceMetrics"
    assert reader.problems == [(2, broken), (3, other), (4, "not UTF-8"), (5, other)]
    (read,) = reader.reads
    assert (read.lines, read.bad_lines) == (6, 4)
    assert read.kept_lines is not None
    assert read.kept_lines.parent == reader.folder / "rejected"
    assert sorted(read.kept_lines.read_bytes().splitlines()) == sorted(bad)
    assert stat.S_IMODE(read.kept_lines.stat().st_mode) == 0o600


def test_the_line_of_a_refused_span_is_kept_aside_too(reader: Reader) -> None:
    line = json.dumps(traces(span(traceId="short"), span()))
    reader.read(reader.write(line + "\n"))
    assert reader.reads[0].kept_lines is not None
    assert reader.reads[0].kept_lines.read_text() == line + "\n"


def test_a_bad_line_of_one_file_costs_no_other_file_anything(reader: Reader) -> None:
    good = json.dumps(traces(span())) + "\n"
    reader.read(reader.write("{broken\n", "a.jsonl"), reader.write(good, "b.jsonl"))
    assert [(read.bad_lines, read.spans) for read in reader.reads] == [(1, 0), (0, 1)]
    assert reader.span["report_load_key"] == "load of b.jsonl"


def test_the_last_line_must_be_whole(reader: Reader) -> None:
    line = json.dumps(traces(span()))
    reader.read(reader.write(f"{line}\n{line[:50]}"))
    assert reader.problems == [(2, "not valid JSON (cut off or damaged)")]


def test_small_chunks_give_what_the_whole_gives(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(json.dumps(traces(span(spanId=f"{number:016x}"))) + "\n" for number in range(1, 41))
    # Fewer bytes than any line has: every chunk is one line.
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 64)
    reader.read(reader.write(text + "{bad\n"))
    assert sorted(row["span_id"] for row in reader.table("spans")) == [f"{number:016x}" for number in range(1, 41)]
    assert reader.problems == [(41, "not valid JSON (cut off or damaged)")]


def test_a_line_that_is_too_long_is_refused_and_those_around_it_load(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(otel_lines, "LONGEST_LINE", 1 << 12)
    short, long = json.dumps(traces(span())), json.dumps(traces(span({"x": "y" * 10_000})))
    (read,) = reader.read(reader.write(f"{short}\n{long}\n{short}\n{{bad\n")).reads
    assert len(reader.table("spans")) == 2
    assert [number for number, _ in reader.problems] == [2, 4]
    assert (read.lines, read.bad_lines) == (4, 2)


def test_every_row_has_its_own_number(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 256)
    reader.lines(*[traces(span(), span()) for _ in range(10)])
    assert sorted(row["record_ordinal"] for row in reader.table("spans")) == list(range(1, 21))


def test_lists_nested_thousands_deep_are_a_bad_line(reader: Reader) -> None:
    good = json.dumps(traces(span()))
    reader.read(reader.write("[" * 200_000 + "\n" + good + "\n"))
    assert reader.problems == [(1, "not valid JSON (cut off or damaged)")]
    assert len(reader.table("spans")) == 1


def test_files_of_other_formats_of_numbers_are_read_together(reader: Reader) -> None:
    first = reader.write(json.dumps(traces(span(name="one"))) + "\n", "one.jsonl")
    second = reader.write(json.dumps(traces(span(name="two")), indent=4), "two.json")
    assert sorted(row["span_name"] for row in reader.read(first, second).table("spans")) == ["one", "two"]
    assert {row["report_load_key"] for row in reader.table("spans")} == {"load of one.jsonl", "load of two.json"}
