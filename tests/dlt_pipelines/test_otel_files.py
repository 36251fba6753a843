"""Files of traces: what grows, is renamed, packed, cut off or no traces at all is read once, and nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pyarrow as pa
import pytest

from dlt_pipelines import otel
from dlt_pipelines.errors import ConfigurationError, ExitCode
from dlt_pipelines.otel import extraction as otel_extraction
from dlt_pipelines.otel import files, otlp
from dlt_pipelines.otel import lines as otel_lines
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.stored_files import StoredFile
from tests.dlt_pipelines.otel_bench import Bench, lines, names, otel_bench, span

__all__ = ["otel_bench"]

PROJECT = Path(__file__).resolve().parents[2]


def zstd(content: str) -> bytes:
    return bytes(pa.compress(content.encode(), codec="zstd", asbytes=True))


def framed(messages: list[str]) -> bytes:
    """As the collector's file exporter writes with compression: each message packed, its length before it."""
    return b"".join(len(packed := zstd(message)).to_bytes(4, "big") + packed for message in messages)


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


PROTOBUF = b"\x0a\x85\x02\x0a\x24\x0a\x22\x0a\x0cservice.name\x12\x12\x0a\x10claude-code\x00\x01"


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


def test_a_document_that_stays_cut_off_is_told(bench: Bench) -> None:
    bench.write("export.json", json.dumps(span(0), indent=2)[:-30])
    assert bench.extract().problems == []
    (problem,) = bench.extract().problems
    assert "export.json, line 1: not valid JSON" in str(problem)
    assert bench.extract().problems == []


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


# Each takes the place of a step and ends the process as `kill -9` does, at its n-th call.
KILLED = """
import os, signal
from dlt_pipelines import extraction
from dlt_pipelines.otel import extraction as otel, files
from dlt_pipelines.pipelines import Warehouse

calls = 0

def killing(step):
    def run(*arguments, **named):
        global calls
        calls += 1
        if calls == {number} and not {afterwards}:
            os.kill(os.getpid(), signal.SIGKILL)
        result = step(*arguments, **named)
        if calls == {number}:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return run

files.RANGE_BYTES = otel.RANGE_BYTES = otel.COMMIT_BYTES = 6000
Warehouse.{step} = killing(Warehouse.{step})
extraction.extract(["otel"])
"""


@pytest.mark.parametrize(
    ("step", "number", "afterwards", "counted"),
    [
        pytest.param("load", 1, False, 0, id="before-anything-is-loaded"),
        pytest.param("load", 1, True, 0, id="between-load-and-manifest"),
        pytest.param("commit", 1, True, 1, id="after-a-commit"),
        # Every commit is a load of its own.
        pytest.param("load", 5, True, 2, id="between-load-and-manifest-of-a-later-part"),
    ],
)
def test_a_killed_run_is_carried_on_by_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str, number: int, afterwards: bool, counted: int
) -> None:
    bench.write("big.jsonl", lines(range(100)))
    bench.write("small.jsonl", lines(range(100, 103)))
    monkeypatch.setattr("dlt_pipelines.stored_files.PIECE_BYTES", 1 << 20)
    script = KILLED.format(step=step, number=number, afterwards=afterwards)
    prelude = (
        "import dlt_pipelines.stored_files as s, dlt_pipelines.otel.files as f\ns.PIECE_BYTES = f.PIECE_BYTES = 1000\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", prelude + textwrap.dedent(script)],
        cwd=PROJECT,
        env=os.environ,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr.decode()
    assert bool(bench.warehouse.exists() and counted and bench.names()) == bool(counted)
    bench.extract()
    assert bench.names() == names(range(103))
    assert bench.rows(
        """
        select count(*) from raw_otel.spans
        where report_load_key not in (select report_load_key from raw_otel.report_loads)
        """
    ) == [(0,)]
    assert bench.extract().reports == {"unchanged": 2}


def refuse_what_holds(monkeypatch: pytest.MonkeyPatch, marker: bytes) -> None:
    """DuckDB fails over a part with the marker, as it does over a value that it cannot read at all."""

    def read(connection: Any, reads: Any, *arguments: Any, **named: Any) -> Any:
        if any(marker in one.file.path.read_bytes() for one in reads):
            raise duckdb.ConversionException("a value")
        yield from otlp.parse_lines(connection, reads, *arguments, **named)

    monkeypatch.setitem(otel_extraction.READERS, "otlp_json", read)


def test_a_part_after_a_refused_one_is_not_lost(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (files, otel_extraction):
        monkeypatch.setattr(module, "RANGE_BYTES", 2000)
    monkeypatch.setattr(files, "PIECE_BYTES", 700)
    bench.write("big.jsonl", lines(range(60)))
    bench.write("other.jsonl", lines([99]))
    with monkeypatch.context() as odd:
        refuse_what_holds(odd, b'"span 00030"')
        for _ in range(2):
            (problem,) = bench.extract().problems
            assert str(problem).startswith("big.jsonl: bytes ")
            found = bench.names()
            assert found[-1] == "span 00099"
            assert found[:-1] == names(range(len(found) - 1))
            assert 0 < len(found) - 1 <= 30
    assert bench.extract().problems == []
    assert bench.names() == names([*range(60), 99])


def test_a_value_beyond_its_range_costs_no_part(bench: Bench) -> None:
    bench.write("a.jsonl", lines([0]) + json.dumps(span(1, github__copilot__aiu="1e24")) + "\n" + lines([2]))
    assert bench.extract().problems == []
    assert bench.names() == names(range(3))


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


def test_a_file_that_is_replaced_while_it_is_read_waits_for_the_next_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write("live.jsonl", lines(range(2)))
    bench.extract()
    bench.append("live.jsonl", lines([2]))
    read_before = files.NewContent._read_before

    def replaced(new: files.NewContent) -> files.Prefix:
        prefix = read_before(new)
        bench.write("live.jsonl", lines([7, 8, 9]))
        return prefix

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(files.NewContent, "_read_before", replaced)
        outcome = bench.extract()
    assert bench.names() == names(range(2))
    assert (outcome.problems, len(outcome.warnings)) == ([], 1)
    assert "live.jsonl went away while it was read" in outcome.warnings[0]
    assert bench.extract().problems == []
    assert bench.names() == names([0, 1, 7, 8, 9])


def test_a_line_that_is_too_long_is_not_said_to_be_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(otel_lines, "LONGEST_LINE", 1 << 20)
    bench.write("a.jsonl", lines([0]) + json.dumps(span(1, tag="y" * (1 << 21))) + "\n" + lines([2]))
    (problem,) = bench.extract().problems
    assert str(problem) == ("a.jsonl, line 2: longer than 1 MiB (not kept aside). What else the file holds is loaded.")
    assert bench.names() == names([0, 2])
    assert list(bench.rejected.glob("*")) == []
