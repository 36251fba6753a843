"""Our reading of traces, all that ships: `python -m benchmarks.traces_ours FOLDER WORK`. Prints the most memory in GB.

Files are found, copied, hashed, read, checked and committed as by `agent-spend extract otel`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.peak_memory import peak_gigabytes
from dlt_pipelines import extraction

KEY = "a key for benchmarks, long enough"


def load(folder: Path, work: Path) -> None:
    """Files to flat, typed, committed tables; anything left out ends the benchmark."""
    os.environ["AGENT_SPEND_WAREHOUSE"] = str(work / "ours.duckdb")
    os.environ["AGENT_SPEND_PSEUDONYM_KEY"] = KEY
    os.environ["SOURCES__OTEL__BUCKET_URL"] = str(folder)
    os.chdir(work)
    outcome = extraction.extract(["otel"])
    if outcome.problems or outcome.warnings:
        raise SystemExit(f"not everything was read: {[str(problem) for problem in outcome.problems][:3]}")


if __name__ == "__main__":
    load(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
    print(peak_gigabytes())
