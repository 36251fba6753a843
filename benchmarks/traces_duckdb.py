"""The floor for traces: `python -m benchmarks.traces_duckdb FOLDER WORK`. Prints the process's most memory in GB."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from benchmarks.peak_memory import peak_gigabytes


def read(folder: Path, work: Path) -> None:
    """Names and types from the files, everything nested as it is written."""
    with duckdb.connect(str(work / "floor.duckdb")) as connection:
        connection.execute(f"create table requests as from read_json('{folder}/*.jsonl')")


if __name__ == "__main__":
    read(Path(sys.argv[1]), Path(sys.argv[2]))
    print(peak_gigabytes())
