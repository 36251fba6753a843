"""Files of traces that are cut off, damaged or none at all: told and kept aside, and no other file pays for them."""

from __future__ import annotations

import gzip
import json
import os
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dlt_pipelines.errors import AgentSpendError, ExitCode
from dlt_pipelines.otel import extraction as otel_extraction
from dlt_pipelines.otel import files
from dlt_pipelines.otel import lines as otel_lines
from dlt_pipelines.otel.records import readable
from dlt_pipelines.otel.trace_file import UnreadableContent
from dlt_pipelines.stored_files import StoredFile
from tests.dlt_pipelines.otel_bench import (
    PROTOBUF,
    Bench,
    framed,
    lines,
    names,
    otel_bench,
    refusing_reader,
    span,
    zstd,
)

__all__ = ["otel_bench"]


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_packed_file_that_is_cut_off_is_told_and_completed_later(bench: Bench, kind: str) -> None:
    # Random texts, so that half of the bytes are about half of the lines.
    content = "".join(json.dumps(span(n, **{"tag": os.urandom(64).hex()})) + "\n" for n in range(6_000))
    packed = gzip.compress(content.encode()) if kind == "gzip" else zstd(content)
    bench.write("traces.jsonl", packed[: len(packed) // 2])
    outcome = bench.extract()
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert "traces.jsonl: cut off" in str(outcome.problems[0])
    before = len(bench.names())
    assert 0 < before < 6_000
    bench.write("traces.jsonl", packed)
    assert bench.extract().problems == []
    assert bench.names() == names(range(6_000))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PROTOBUF, id="protobuf"),
        pytest.param(len(PROTOBUF).to_bytes(4, "big") + PROTOBUF, id="framed"),
        pytest.param(framed([PROTOBUF.decode("latin-1")]), id="framed-and-packed"),
        pytest.param(gzip.compress(PROTOBUF), id="packed"),
    ],
)
def test_protobuf_is_refused_with_the_remedy_and_the_others_are_read(bench: Bench, content: bytes) -> None:
    bench.write("a.jsonl", lines([0]))
    bench.write("data.pb", content)
    outcome = bench.extract()
    assert bench.names() == names([0])
    (problem,) = outcome.problems
    assert str(problem).startswith("data.pb: binary, no JSON")
    assert "format: json" in str(problem)
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    again = bench.extract()
    assert [str(told) for told in again.problems] == [str(problem)]
    assert bench.rows("select count(*) from raw_otel.report_loads where status = 'rejected'") == [(1,)]


def test_other_files_are_refused_and_hidden_and_empty_ones_passed_over(bench: Bench) -> None:
    bench.write("a.jsonl", lines([0]))
    bench.write("notes.txt", "How we collect traces\n")
    for name in (".checkpoint", "_SUCCESS", "empty.jsonl", "blank.jsonl"):
        bench.write(name, "\n" if name == "blank.jsonl" else "")
    outcome = bench.extract()
    assert [problem.problem for problem in outcome.problems] == ["notes.txt: holds no traces in JSON"]
    assert bench.names() == names([0])


def test_bad_lines_are_kept_aside_counted_and_told_and_the_others_loaded(bench: Bench) -> None:
    bench.write("a.jsonl", lines([0]))
    bench.extract()
    bench.append("a.jsonl", lines([1]) + '{"resourceSpans": [{"secret\n' + lines([2]) + '{"other": 1}\n' + lines([3]))
    outcome = bench.extract()
    assert bench.names() == names(range(4))
    (problem,) = outcome.problems
    assert str(problem) == (
        "a.jsonl, line 3: not valid JSON (cut off or damaged), and 1 line more."
        f" Kept aside in {bench.rejected}; what else the file holds is loaded."
    )
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert bench.rows("select source_file, line_number, reason from raw_otel.rejected_lines order by line_number") == [
        ("a.jsonl", 3, "not valid JSON (cut off or damaged)"),
        ("a.jsonl", 5, "not OTLP: no resourceSpans, resourceLogs, resourceMetrics"),
    ]
    assert bench.rows("select lines, bad_lines, spans from raw_otel.file_readings order by bytes_from") == [
        (1, 0, 1),
        (5, 2, 3),
    ]
    (kept,) = bench.rejected.iterdir()
    assert kept.read_text() == '{"resourceSpans": [{"secret\n{"other": 1}\n'
    assert kept.stat().st_mode & 0o077 == 0
    assert bench.extract().problems == []


def test_a_document_that_stays_cut_off_is_told(bench: Bench) -> None:
    bench.write("export.json", json.dumps(span(0), indent=2)[:-30])
    assert bench.extract().problems == []
    (problem,) = bench.extract().problems
    assert "export.json, line 1: not valid JSON" in str(problem)
    assert bench.extract().problems == []


def test_a_document_that_was_cut_off_when_it_was_seen_twice_is_read_once_it_is_whole(bench: Bench) -> None:
    whole = json.dumps(span(0), indent=2)
    bench.write("export.json", whole[:-30])
    bench.extract()
    assert bench.extract().exit_code == ExitCode.REJECTED_DATA
    bench.write("export.json", whole)
    assert bench.extract().problems == []
    assert bench.names() == names([0])
    bench.append("export.json", json.dumps(span(1), indent=2))
    assert bench.extract().problems == []
    assert bench.names() == names([0, 1])


def test_a_document_that_follows_is_told_by_its_line_of_the_whole_file(bench: Bench) -> None:
    first = json.dumps(span(0), indent=2) + "\n"
    bench.write("export.json", first)
    bench.extract()
    refused = span(1)
    del refused["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"]
    bench.append("export.json", json.dumps(span(2), indent=2) + "\n" + json.dumps(refused, indent=2))
    (problem,) = bench.extract().problems
    # Each of the two before it has as many lines.
    assert problem.problem == f"export.json, line {2 * first.count(chr(10)) + 1}: a span without traceId"
    assert bench.names() == names([0, 2])


@pytest.mark.parametrize("begins_the_file", [True, False])
@pytest.mark.parametrize("form", ["otlp_json", "copilot_cli"])
def test_a_line_that_breaks_off_where_a_document_would_is_one_bad_line(
    bench: Bench, begins_the_file: bool, form: str
) -> None:
    sdk = {"type": "span", "startTime": [1_790_000_000, 0], "resource": {"attributes": {"service.name": "cli"}}}

    def written(numbers: Sequence[int]) -> str:
        if form == "otlp_json":
            return lines(numbers)
        ids = ({"traceId": f"{n + 1:032x}", "spanId": f"{n + 1:016x}", "name": f"span {n:05}"} for n in numbers)
        return "".join(json.dumps({**sdk, **one}) + "\n" for one in ids)

    if not begins_the_file:
        bench.write("live.jsonl", written([0]))
        bench.extract()
    cut_off = written([1])[: written([1]).index(",") + 1]
    bench.write("live.jsonl", ("" if begins_the_file else written([0])) + cut_off + "\n" + written([2, 3]))
    (problem,) = bench.extract().problems
    line = 1 if begins_the_file else 2
    assert problem.problem == f"live.jsonl, line {line}: not valid JSON (cut off or damaged)"
    assert bench.names() == names([2, 3] if begins_the_file else [0, 2, 3])


@pytest.mark.parametrize("pack", [str.encode, lambda content: gzip.compress(content.encode())], ids=["plain", "gzip"])
def test_the_log_of_another_program_is_refused_with_one_line(bench: Bench, pack: Any) -> None:
    log = "".join(json.dumps({"level": "info", "msg": f"request {number}"}) + "\n" for number in range(5_000))
    bench.write("app.log", pack(log))
    bench.write("a.jsonl", lines([0]))
    outcome = bench.extract()
    assert [str(problem) for problem in outcome.problems] == [
        "app.log: no traces in its first 200 lines."
        " Leave it out by SOURCES__OTEL__FILE_GLOB; the other files are loaded."
    ]
    assert bench.names() == names([0])
    assert bench.rows("select count(*) from raw_otel.report_loads where status = 'rejected'") == [(1,)]


def test_a_record_on_the_two_hundredth_line_makes_it_a_file_of_traces(bench: Bench) -> None:
    bench.write("a.jsonl", '{"level": "info"}\n' * 199 + lines([0]))
    bench.write("b.jsonl", '{"level": "warn"}\n' * 200 + lines([1]))
    outcome = bench.extract()
    assert bench.names() == names([0])
    assert [problem.problem.partition(":")[0] for problem in outcome.problems] == ["b.jsonl", "a.jsonl, line 1"]


def test_rejected_lines_are_listed_up_to_a_number_and_counted_beyond(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel_extraction, "MOST_REJECTED_LINES", 3)
    bench.write("a.jsonl", lines([0]) + '{"level": "info"}\n' * 8)
    (problem,) = bench.extract().problems
    assert "a.jsonl, line 2: not OTLP: no resourceSpans, resourceLogs, resourceMetrics, and 7 lines more" in str(
        problem
    )
    found = bench.rows("select line_number, reason from raw_otel.rejected_lines order by line_number")
    assert [number for number, _ in found] == [2, 3, 4, 5]
    assert found[-1][1] == "5 more mistakes from here on, not listed one by one"
    assert bench.rows("select lines, bad_lines from raw_otel.file_readings") == [(9, 8)]


@pytest.mark.parametrize("end", ["", "\n"])
def test_lists_nested_thousands_deep_cost_no_other_file(bench: Bench, end: str) -> None:
    bench.write("deep.json", "[" * 60_000 + end)
    bench.write("a.jsonl", lines([0]))
    for _ in range(2):
        outcome = bench.extract()
        assert bench.names() == names([0])
    assert str(outcome.problems[0]).startswith("deep.json")


def test_a_line_that_is_too_long_is_not_said_to_be_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(otel_lines, "LONGEST_LINE", 1 << 20)
    bench.write("a.jsonl", lines([0]) + json.dumps(span(1, tag="y" * (1 << 21))) + "\n" + lines([2]))
    (problem,) = bench.extract().problems
    assert str(problem) == ("a.jsonl, line 2: longer than 1 MiB (not kept aside). What else the file holds is loaded.")
    assert bench.names() == names([0, 2])
    assert list(bench.rejected.glob("*")) == []


# --- a value that DuckDB cannot read ---

UNREADABLE = "a value that cannot be read"


def refuse(monkeypatch: pytest.MonkeyPatch, pattern: str, error: Exception | None = None) -> None:
    monkeypatch.setitem(otel_extraction.READERS, "otlp_json", refusing_reader(pattern, error))


def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of four lines or five."""
    for module in (files, otel_extraction):
        monkeypatch.setattr(module, "RANGE_BYTES", 2000)
    monkeypatch.setattr(files, "PIECE_BYTES", 700)


def readings_of(bench: Bench, name: str) -> list[tuple[int, int, int, int]]:
    """(bytes_from, bytes_to, lines, bad lines) of the readings of a file that count."""
    return bench.rows(
        f"""
        select bytes_from, bytes_to, lines, bad_lines from {bench.counted("file_readings")}
        where source_file = '{name}' order by bytes_from
        """
    )


@pytest.mark.parametrize("are_small", [False, True], ids=["one part", "small parts"])
def test_a_line_with_a_value_that_cannot_be_read_costs_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, are_small: bool
) -> None:
    if are_small:
        small_parts(monkeypatch)
    content = lines(range(10)) + "{bad\n" + lines(range(10, 60))
    path = bench.write("big.jsonl", content)
    bench.write("other.jsonl", lines([99]))
    refuse(monkeypatch, "span 00030")
    outcome = bench.extract()
    assert [str(problem) for problem in outcome.problems] == [
        "big.jsonl, line 11: not valid JSON (cut off or damaged), and 1 line more."
        f" Kept aside in {bench.rejected}; what else the file holds is loaded."
    ]
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    good = [number for number in range(60) if number != 30]
    assert bench.names() == names([*good, 99])
    assert outcome.rows == 60
    assert bench.rows("select source_file, line_number, reason from raw_otel.rejected_lines order by all") == [
        ("big.jsonl", 11, "not valid JSON (cut off or damaged)"),
        ("big.jsonl", 32, UNREADABLE),
    ]
    # What the failed attempts handed out and kept is gone.
    assert bench.rows("select count(*), count(distinct (report_load_key, record_ordinal)) from raw_otel.spans") == [
        (60, 60)
    ]
    assert sorted(kept.read_text() for kept in bench.rejected.iterdir()) == sorted(["{bad\n", lines([30])])
    assert {kept.stat().st_mode & 0o077 for kept in bench.rejected.iterdir()} == {0}
    read = readings_of(bench, "big.jsonl")
    assert [start for start, *_ in read] == [0, *(end for _, end, *_ in read[:-1])]
    assert (read[-1][1], sum(row[2] for row in read), sum(row[3] for row in read)) == (len(content), 61, 2)
    # Touched, so that its content is looked at: each part is known by the digest of all before its end.
    os.utime(path)
    assert bench.extract().reports == {"unchanged": 2}
    bench.append("big.jsonl", lines([60]))
    assert bench.extract().rows == 1
    assert bench.names() == names([*good, 60, 99])


def test_a_last_line_that_cannot_be_read_is_read_again_once_it_has_gone_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write("a.jsonl", lines(range(3)).rstrip("\n"))
    with monkeypatch.context() as odd:
        refuse(odd, "span 00002")
        assert str(bench.extract().problems[0]).startswith(f"a.jsonl, line 3: {UNREADABLE}. Kept aside in ")
    bench.append("a.jsonl", "\n" + lines([3]))
    assert bench.extract().problems == []
    assert bench.names() == names([0, 1, 3])


def test_one_file_of_many_costs_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        bench.write(f"{number}.jsonl", lines([2 * number, 2 * number + 1]))
    refuse(monkeypatch, "span 000(05|16)")
    assert [problem.problem for problem in bench.extract().problems] == [
        f"2.jsonl, line 2: {UNREADABLE}",
        f"8.jsonl, line 1: {UNREADABLE}",
    ]
    assert bench.names() == names([number for number in range(18) if number not in (5, 16)])
    # No file needs to be opened again.
    monkeypatch.setattr(StoredFile, "opened", None)
    assert bench.extract().reports == {"unchanged": 9}


def test_what_can_be_read_in_smaller_parts_alone_is_no_bad_line(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("a.jsonl", lines(range(20)))
    four_lines = r"(?:[^\n]*\n){4}"
    refuse(monkeypatch, four_lines, UnreadableContent())
    assert bench.extract().problems == []
    assert bench.names() == names(range(20))


def test_after_so_many_lines_the_rest_of_a_file_waits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel_extraction, "MOST_UNREADABLE_LINES", 2)
    small_parts(monkeypatch)
    bench.write("big.jsonl", lines(range(60)))
    bench.write("other.jsonl", lines([99]))
    bad = [10, 20, 30, 40, 50]
    refuse(monkeypatch, "span 000[1-5]0")
    found = []
    for last in (30, 50, None):
        outcome = bench.extract()
        *read, other = bench.names()
        assert other == "span 00099"
        found.append(len(read))
        assert read == names([number for number in range(last or 60) if number not in bad])[: len(read)]
        assert any("hold a value that cannot be read" in str(problem) for problem in outcome.problems) == bool(last)
    # What stands in the part of the line that was too many waits with it.
    assert found[0] < found[1] < found[2] == 55
    assert bench.rows("select line_number from raw_otel.rejected_lines order by all") == [(n + 1,) for n in bad]


def test_a_document_that_holds_such_a_value_waits_and_the_others_are_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.dumps(span(0), indent=2)
    bench.write("export.json", whole)
    bench.write("other.jsonl", lines([99]))
    with monkeypatch.context() as odd:
        refuse(odd, "span 00000")
        for _ in range(2):
            (problem,) = bench.extract().problems
            assert problem.problem == f"export.json: bytes 0 to {len(whole)} hold a value that cannot be read"
            assert bench.names() == names([99])
    assert {kept.read_text() for kept in bench.rejected.iterdir()} == {whole}
    assert bench.extract().problems == []
    assert bench.names() == names([0, 99])


@pytest.mark.parametrize("error", [duckdb.OutOfMemoryException, duckdb.IOException])
def test_a_machine_without_memory_or_disk_makes_no_bad_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    bench.write("a.jsonl", lines(range(3)))
    with monkeypatch.context() as full:
        refuse(full, "", error("no space left"))
        with pytest.raises(AgentSpendError, match="no space left"):
            bench.extract()
    assert list(bench.rejected.iterdir()) == []
    assert bench.extract().problems == []
    assert bench.names() == names(range(3))


def test_what_fails_after_the_first_batch_is_told_without_the_value() -> None:
    """DuckDB's own error, which Arrow hands on as one of the disk."""
    query = "select cast(case when i = 500000 then 'a secret' else '1' end as integer) as x from range(600000) as t(i)"
    with duckdb.connect() as connection:
        batches = connection.execute(query).to_arrow_reader(1000)
        with pytest.raises(UnreadableContent) as told:
            list(readable(batches))
    assert "secret" not in "".join(traceback.format_exception(told.value))


def test_memory_that_is_short_after_the_first_batch_is_no_bad_value() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"x": [1]})
        raise OSError("Out of Memory Error: failed to pin block\nLINE 1: select 'a secret'")

    with pytest.raises(duckdb.OperationalError) as told:
        list(readable(batches()))
    assert str(told.value) == "Out of Memory Error: failed to pin block"


def test_a_value_beyond_its_range_costs_no_part(bench: Bench) -> None:
    bench.write("a.jsonl", lines([0]) + json.dumps(span(1, github__copilot__aiu="1e24")) + "\n" + lines([2]))
    assert bench.extract().problems == []
    assert bench.names() == names(range(3))
