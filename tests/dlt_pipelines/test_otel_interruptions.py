"""The reader of traces, killed at any moment or overtaken by whoever writes: the next run carries on."""

from __future__ import annotations

import pytest

from dlt_pipelines.otel import extraction as otel_extraction
from dlt_pipelines.otel import files
from tests.dlt_pipelines.killing import run_until_killed
from tests.dlt_pipelines.otel_bench import Bench, lines, names, otel_bench, refusing_reader

__all__ = ["otel_bench"]


# Parts of 6,000 bytes, read 1,000 at a time.
EXTRACTION = """
from dlt_pipelines import extraction, stored_files
from dlt_pipelines.otel import extraction as otel, files

stored_files.PIECE_BYTES = files.PIECE_BYTES = 1000
files.RANGE_BYTES = otel.RANGE_BYTES = otel.COMMIT_BYTES = 6000
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
    run_until_killed(EXTRACTION, step, number, afterwards=afterwards)
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


# The reader fails over two of the lines, until each of them stands alone.
BAD_VALUES = "span 000[37]0"
WITH_BAD_VALUES = f"""
from dlt_pipelines.otel import extraction as otel
from tests.dlt_pipelines.otel_bench import refusing_reader

otel.READERS["otlp_json"] = refusing_reader({BAD_VALUES!r})
"""


@pytest.mark.parametrize(
    ("step", "number", "afterwards"),
    [
        pytest.param("load", 1, True, id="between-load-and-manifest"),
        pytest.param("commit", 2, True, id="after-the-commit-of-a-bad-line"),
        pytest.param("load", 5, True, id="between-load-and-manifest-of-a-later-part"),
        pytest.param("prune_superseded", 1, False, id="before-the-rows-of-failed-attempts-are-deleted"),
    ],
)
def test_a_run_that_is_killed_while_it_looks_for_bad_lines_is_carried_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str, number: int, afterwards: bool
) -> None:
    bench.write("big.jsonl", lines(range(100)))
    run_until_killed(WITH_BAD_VALUES + EXTRACTION, step, number, afterwards=afterwards)

    monkeypatch.setitem(otel_extraction.READERS, "otlp_json", refusing_reader(BAD_VALUES))
    bench.extract()
    good = [number for number in range(100) if number not in (30, 70)]
    assert bench.names() == names(good)
    assert bench.rows("select count(*) from raw_otel.spans") == [(98,)]
    assert bench.rows(f"select line_number from {bench.counted('rejected_lines')} order by all") == [(31,), (71,)]
    assert bench.rows(f"select sum(lines), sum(bad_lines), sum(spans) from {bench.counted('file_readings')}") == [
        (100, 2, 98)
    ]
    assert bench.extract().reports == {"unchanged": 1}


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
