"""Our reading of traces: `python -m benchmarks.traces_ours FOLDER WORK`. Prints the process's most memory in GB."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.peak_memory import peak_gigabytes
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.loading import AHEAD
from dlt_pipelines.otel.otlp import file_reads, parse_lines
from dlt_pipelines.otel.tables import DATASET
from dlt_pipelines.otel.trace_file import TraceFile
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.prefetch import prefetch
from dlt_pipelines.reports import connect

KEY = "a key for benchmarks, long enough"


def load(folder: Path, work: Path) -> None:
    """Lines to flat, typed, committed tables."""
    os.environ["AGENT_SPEND_WAREHOUSE"] = str(work / "ours.duckdb")
    warehouse = Warehouse()
    reads = file_reads([TraceFile(path, path.name, path.stem) for path in sorted(folder.iterdir())])
    with warehouse.run(DATASET), connect(warehouse.spool) as connection:
        batches = parse_lines(connection, reads, Pseudonymizer(KEY), warehouse.rejected)
        warehouse.load(DATASET, prefetch(batches, AHEAD))
        warehouse.commit(DATASET, [_manifest_row(read.file.report_load_key, read.spans) for read in reads])
    if any(read.bad_lines for read in reads):
        raise SystemExit("lines were refused")


def _manifest_row(key: str, rows: int) -> dict[str, object]:
    said = {"source": "otel", "account_id": "traces", "scope": "file", "report": "traces", "status": "loaded"}
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    return {**said, "report_load_key": key, "report_date": date(2026, 9, 1), "rows": rows, "downloaded_at": moment}


if __name__ == "__main__":
    load(Path(sys.argv[1]), Path(sys.argv[2]))
    print(peak_gigabytes())
