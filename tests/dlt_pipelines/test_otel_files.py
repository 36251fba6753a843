"""Files of traces: what grows, is renamed, packed or copied is read once, wherever it lies."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import fsspec
import pytest

from dlt_pipelines import otel
from dlt_pipelines.errors import ConfigurationError, ExitCode
from dlt_pipelines.otel import files
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.stored_files import StoredFile
from tests.dlt_pipelines.otel_bench import PROTOBUF, Bench, framed, lines, names, otel_bench, span, zstd

__all__ = ["otel_bench"]


def forbid(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError(f"{name} was called")

    monkeypatch.setattr(owner, name, refuse)


def test_a_file_that_grows_is_read_from_where_it_was_left(bench: Bench) -> None:
    first, second = lines(range(3)), lines(range(3, 5))
    bench.write("live.jsonl", first)
    bench.extract()
    bench.append("live.jsonl", second)
    bench.extract()
    assert bench.names() == names(range(5))
    end = len(first) + len(second)
    assert bench.readings() == [("live.jsonl", 0, len(first)), ("live.jsonl", len(first), end)]


def test_a_rotated_file_is_not_read_again_under_its_new_name(bench: Bench) -> None:
    live = bench.write("data.json", lines(range(3)))
    bench.extract()
    bench.append("data.json", lines([3]))
    live.rename(bench.folder / "data-2022-09-14T05-02-14.173.json")
    bench.write("data.json", lines([4, 5]))
    outcome = bench.extract()
    assert bench.names() == names(range(6))
    assert outcome.rows == 3


def test_the_same_content_under_two_names_is_read_once(bench: Bench) -> None:
    bench.write("a.jsonl", lines(range(3)))
    bench.write("copies/b.jsonl", lines(range(3)))
    assert bench.extract().reports == {"loaded": 1, "unchanged": 1}
    assert bench.names() == names(range(3))


def test_a_copy_that_goes_on_is_read_from_there(bench: Bench) -> None:
    bench.write("a.jsonl", lines(range(3)))
    bench.write("b.jsonl", lines(range(5)))
    bench.extract()
    assert bench.names() == names(range(5))


def test_two_files_that_begin_alike_are_both_read(bench: Bench) -> None:
    bench.write("a.jsonl", lines([0, 1, 2]))
    bench.write("b.jsonl", lines([0, 7, 8]))
    bench.extract()
    assert bench.names() == names([0, 0, 1, 2, 7, 8])


def test_an_unchanged_folder_costs_no_load_and_no_look_into_a_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write("a.jsonl", lines(range(3)))
    bench.write("b.jsonl.gz", gzip.compress(lines([3]).encode()))
    bench.extract()
    forbid(monkeypatch, Warehouse, "load")
    forbid(monkeypatch, StoredFile, "opened")
    assert bench.extract().reports == {"unchanged": 2}


def test_a_file_that_was_touched_is_looked_at_again_and_known(bench: Bench) -> None:
    path = bench.write("a.jsonl", lines(range(3)))
    bench.extract()
    os.utime(path)
    assert bench.extract().reports == {"unchanged": 1}
    assert bench.names() == names(range(3))


def test_a_last_line_that_is_being_written_waits(bench: Bench) -> None:
    whole = lines(range(3))
    bench.write("live.jsonl", whole[:-40])
    outcome = bench.extract()
    assert bench.names() == names(range(2))
    assert outcome.exit_code == ExitCode.OK
    bench.write("live.jsonl", whole)
    bench.extract()
    assert bench.names() == names(range(3))


def test_a_first_line_that_is_being_written_waits(bench: Bench) -> None:
    whole = lines(range(1))
    bench.write("live.jsonl", whole[:-40])
    assert bench.extract().exit_code == ExitCode.OK
    bench.write("live.jsonl", whole)
    bench.extract()
    assert bench.names() == names(range(1))


def test_a_whole_last_line_without_its_end_is_read_at_once(bench: Bench) -> None:
    bench.write("object", lines([0]).rstrip("\n"))
    bench.extract()
    assert bench.names() == names([0])
    bench.append("object", "\n" + lines([1]))
    bench.extract()
    assert bench.names() == names([0, 1])


def test_a_last_line_that_nobody_ends_is_told_and_read_when_it_is_ended_after_all(bench: Bench) -> None:
    whole = lines(range(3))
    bench.write("live.jsonl", whole[:-40])
    assert bench.extract().problems == []
    told = bench.extract()
    assert str(told.problems[0]).startswith("live.jsonl, line 3: not valid JSON")
    assert told.exit_code == ExitCode.REJECTED_DATA
    assert bench.extract().problems == []
    bench.write("live.jsonl", whole + lines([3]))
    bench.extract()
    assert bench.names() == names(range(4))


def test_a_file_rewritten_under_its_name_is_another_one(bench: Bench) -> None:
    bench.write("live.jsonl", lines(range(5)))
    bench.extract()
    bench.write("live.jsonl", lines([9]))
    bench.extract()
    assert bench.names() == names([0, 1, 2, 3, 4, 9])


def test_a_file_that_changed_before_where_it_was_left_is_read_from_its_start(bench: Bench) -> None:
    bench.write("live.jsonl", lines([0, 1, 2]))
    bench.extract()
    bench.write("live.jsonl", lines([0, 7, 2, 3]))
    bench.extract()
    assert bench.names() == names([0, 0, 1, 2, 2, 3, 7])


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(gzip.compress(lines(range(5)).encode()), id="gzip"),
        pytest.param(
            gzip.compress(lines(range(2)).encode()) + gzip.compress(lines(range(2, 5)).encode()), id="gzip-in-two-parts"
        ),
        pytest.param(zstd(lines(range(5))), id="zstd"),
        pytest.param(zstd(lines(range(3))) + zstd(lines(range(3, 5))), id="zstd-of-two-frames"),
        pytest.param(zstd(lines(range(5)).rstrip("\n")), id="without-an-end-of-the-last-line"),
        pytest.param(framed([json.dumps(span(number)) for number in range(5)]), id="framed"),
    ],
)
def test_packed_files_are_read_whatever_their_names(bench: Bench, packed: bytes) -> None:
    bench.write("traces.bin", packed)
    outcome = bench.extract()
    assert bench.names() == names(range(5))
    assert outcome.problems == []


def test_a_file_that_is_packed_after_it_was_read_is_known(bench: Bench) -> None:
    bench.write("live.jsonl", lines(range(3)))
    bench.extract()
    (bench.folder / "live.jsonl").unlink()
    bench.write("live-1.jsonl.gz", gzip.compress(lines(range(4)).encode()))
    bench.extract()
    assert bench.names() == names(range(4))


def test_a_framed_file_that_grows_is_read_message_by_message(bench: Bench) -> None:
    messages = framed([json.dumps(span(number)) for number in range(3)])
    bench.write("live.zst", messages[:-5])
    assert bench.extract().problems == []
    assert bench.names() == names(range(2))
    bench.write("live.zst", messages)
    bench.extract()
    assert bench.names() == names(range(3))


def test_a_large_file_is_read_in_parts_and_its_lines_keep_their_numbers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "RANGE_BYTES", 2000)
    monkeypatch.setattr("dlt_pipelines.stored_files.PIECE_BYTES", 700)
    monkeypatch.setattr(files, "PIECE_BYTES", 700)
    content = lines(range(30)) + "{broken\n" + lines(range(30, 60))
    bench.write("big.jsonl", content)
    bench.extract()
    assert bench.names() == names(range(60))
    parts = bench.readings()
    assert len(parts) > 5
    assert [start for _, start, _ in parts] == [0, *(end for _, _, end in parts[:-1])]
    assert parts[-1][2] == len(content)
    assert bench.rows("select line_number from raw_otel.rejected_lines") == [(31,)]
    assert bench.rows(
        "select max(n) from (select count(*) as n from raw_otel.spans group by report_load_key, record_ordinal)"
    ) == [(1,)]


def test_every_reading_has_its_row_in_the_manifest_and_all_of_them_count(bench: Bench) -> None:
    bench.write("a.jsonl", lines(range(2)))
    bench.write("b.jsonl", lines(range(2, 5)))
    bench.extract()
    bench.append("a.jsonl", lines([5]))
    bench.extract()
    assert bench.rows(
        """
        select account_id, report, status, rows, count(*) over (partition by report_date) from raw_otel.report_loads
        order by loaded_at, rows
        """
    ) == [
        ("otel/agents", "traces", "loaded", 2, 3),
        ("otel/agents", "traces", "loaded", 3, 3),
        ("otel/agents", "traces", "loaded", 1, 3),
    ]
    assert bench.names() == names(range(6))


def test_what_is_left_out_is_counted(bench: Bench) -> None:
    on_span = span(0)
    on_span["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["events"] = [
        {"timeUnixNano": "1790000000000000000", "name": name}
        for name in ("exception", "gen_ai.evaluation.result", "log")
    ]
    records = [
        {"timeUnixNano": "1790000000000000000", "eventName": name}
        for name in ("codex.tool_result", "startup", "codex.sse_event")
    ]
    point = {"timeUnixNano": "1790000000000000000", "asInt": "1"}
    metrics = [
        {"name": "claude_code.commit.count", "sum": {"dataPoints": [point, point]}},
        {"name": "http.server.requests", "sum": {"dataPoints": [point, point, point]}},
        {"name": "gen_ai.client.token.usage", "summary": {"dataPoints": [point]}},
    ]
    written = [
        on_span,
        {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]},
        {"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]},
    ]
    bench.write("a.jsonl", "".join(json.dumps(request) + "\n" for request in written))
    bench.write("b.jsonl", lines([1]))
    bench.extract()
    assert bench.rows(
        """
        select source_file, spans, events, metric_points, ignored_events, ignored_points from raw_otel.file_readings
        order by source_file
        """
    ) == [("a.jsonl", 1, 2, 2, 4, 4), ("b.jsonl", 1, 0, 0, 0, 0)]


def test_a_document_over_many_lines_is_read_when_it_is_whole(bench: Bench) -> None:
    whole = json.dumps(span(0), indent=2)
    bench.write("export.json", whole[:-30])
    assert bench.extract().problems == []
    assert bench.names() == []
    bench.write("export.json", whole)
    assert bench.extract().problems == []
    assert bench.names() == names([0])


def test_documents_that_follow_one_another_are_read_as_they_come(bench: Bench) -> None:
    bench.write("export.json", json.dumps(span(0), indent=2))
    bench.extract()
    bench.append("export.json", json.dumps(span(1), indent=2) + json.dumps(span(2), indent=2))
    assert bench.extract().problems == []
    assert bench.names() == names(range(3))


def test_an_object_store_is_read_like_a_folder(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    store = fsspec.filesystem("memory")
    place = "/otel-test-bucket/traces/year=2026/month=10/day=01/hour=00/minute=00"
    try:
        with store.open(f"{place}/traces_1.json.gz", "wb") as file:
            file.write(gzip.compress(json.dumps(span(0)).encode()))
        monkeypatch.setenv("SOURCES__OTEL__BUCKET_URL", "memory://otel-test-bucket/traces")
        bench.extract()
        with store.open(f"{place}/traces_2.json", "wb") as file:
            file.write(json.dumps(span(1)).encode())
        bench.extract()
    finally:
        store.rm("/otel-test-bucket", recursive=True)
    assert bench.names() == names([0, 1])
    assert [name for name, _, _ in bench.readings()] == [
        "year=2026/month=10/day=01/hour=00/minute=00/traces_1.json.gz",
        "year=2026/month=10/day=01/hour=00/minute=00/traces_2.json",
    ]


def test_what_the_glob_leaves_out_is_not_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("a/one.jsonl", lines([0]))
    bench.write("b/two.jsonl", lines([1]))
    monkeypatch.setenv("SOURCES__OTEL__FILE_GLOB", "a/*.jsonl")
    bench.extract()
    assert bench.names() == names([0])


def test_a_folder_that_is_not_there_or_empty_is_told(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match=r"no file in .* matches \*\*/\*\. Check SOURCES__OTEL__BUCKET_URL"):
        bench.extract()
    shutil.rmtree(bench.folder)
    with pytest.raises(ConfigurationError, match="there is no folder"):
        bench.extract()


def test_the_doctor_tells_the_forms_and_what_cannot_be_read(bench: Bench) -> None:
    bench.write("a.jsonl", lines([0]))
    bench.write("b.jsonl", '{"type":"span","traceId":"1"}\n')
    (check,) = otel.checks(otel.load_settings())
    assert (check.ok, check.detail) == (True, "2 files: 1 copilot_cli, 1 otlp_json")
    bench.write("c.pb", PROTOBUF)
    (check,) = otel.checks(otel.load_settings())
    assert (check.ok, check.exit_code) == (False, ExitCode.REJECTED_DATA)
    assert "c.pb: binary" in check.detail
    shutil.rmtree(bench.folder)
    (check,) = otel.checks(otel.load_settings())
    assert (check.ok, check.exit_code) == (False, ExitCode.USAGE)


def test_two_folders_have_each_their_own_names(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bench.write("data.jsonl", lines([0]))
    bench.write("whole.jsonl", lines([5, 6]))
    bench.write("cut.json", json.dumps(span(8), indent=2)[:-30])
    bench.extract()
    second = Bench(tmp_path / "second", bench.warehouse)
    # Of the same names and sizes as those that were read, and not touched since.
    second.write("data.jsonl", lines([1]))
    second.write("whole.jsonl", lines([5, 6]))
    second.write("cut.json", json.dumps(span(8), indent=2)[:-30])
    monkeypatch.setenv("SOURCES__OTEL__BUCKET_URL", str(second.folder))
    monkeypatch.setenv("SOURCES__OTEL__NAME", "second")
    outcome = second.extract()
    assert bench.names() == names([0, 1, 5, 6])
    assert outcome.problems == []
