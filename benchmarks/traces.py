"""How fast are traces read? Prints ratios of one run: `python -m benchmarks.traces --help`."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

SPANS_PER_LINE = 20
SPANS_PER_FILE = 250_000
FIRST_NANOSECOND = 1_788_000_000_000_000_000
MODELS = (("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"), ("gpt-5.5", "gpt-5.5-2026-03-05"))


def _text(name: str, value: str) -> str:
    return json.dumps({"key": name, "value": {"stringValue": value}}, separators=(",", ":"))


def _integer(name: str, value: str) -> str:
    return json.dumps({"key": name, "value": {"intValue": value}}, separators=(",", ":"))


RESOURCE = ",".join(
    _text(name, value)
    for name, value in (
        ("service.name", "dependency-bot"),
        ("service.version", "1.4.2"),
        ("deployment.environment.name", "ci"),
        ("vcs.repository.url.full", "https://github.com/quill-harbor/checkout-demo.git"),
    )
)
ATTRIBUTES = ",".join(
    (
        _text("gen_ai.operation.name", "chat"),
        _text("gen_ai.provider.name", "anthropic"),
        _text("gen_ai.request.model", "%s"),
        _text("gen_ai.response.model", "%s"),
        _integer("gen_ai.usage.input_tokens", "%d"),
        _integer("gen_ai.usage.output_tokens", "%d"),
        _integer("gen_ai.usage.cache_read.input_tokens", "%d"),
        _integer("gen_ai.usage.cache_write.input_tokens", "%d"),
        _text("gen_ai.conversation.id", "session-%08d"),
        _text("gen_ai.response.id", "msg_%024x"),
        '{"key":"gen_ai.response.finish_reasons","value":{"arrayValue":{"values":[{"stringValue":"end_turn"}]}}}',
        _integer("gen_ai.request.max_tokens", "32000"),
    )
)
SPAN = (
    '{"traceId":"%032x","spanId":"%016x","parentSpanId":"%016x","name":"chat","kind":3,"startTimeUnixNano":"%d",'
    f'"endTimeUnixNano":"%d","attributes":[{ATTRIBUTES}],"status":{{}}}}'
)
LINE = (
    f'{{"resourceSpans":[{{"resource":{{"attributes":[{RESOURCE}]}},"scopeSpans":[{{"scope":{{"name":"agent"}},"spans":[%s]'
    "}]}]}\n"
)


@dataclass(frozen=True)
class Run:
    """Wall time (seconds) and peak memory (GB) of one process."""

    seconds: float
    gigabytes: float


def write_traces(folder: Path, spans: int) -> int:
    """Writes invented spans as OTLP JSON lines, in files as a collector rotates them; returns their bytes."""
    size = 0
    generator = random.Random(5)
    for first in range(0, spans, SPANS_PER_FILE):
        path = folder / f"traces_{first:09d}.jsonl"
        with path.open("w") as file:
            last = min(first + SPANS_PER_FILE, spans)
            for start in range(first, last, SPANS_PER_LINE):
                file.write(LINE % ",".join(_spans(generator, start, min(start + SPANS_PER_LINE, last))))
        size += path.stat().st_size
    return size


def _spans(generator: random.Random, first: int, last: int) -> Iterator[str]:
    bits, number = generator.getrandbits, generator.random
    for place in range(first, last):
        started = FIRST_NANOSECOND + place * 10_000_000
        yield SPAN % (
            *(bits(128) | 1, bits(64) | 1, bits(64) | 1, started, started + int(number() * 10**10)),
            *MODELS[place % len(MODELS)],
            *(int(number() * 100_000), int(number() * 4_000), int(number() * 90_000), int(number() * 9_000)),
            *(place // SPANS_PER_LINE, bits(96)),
        )


def measure(name: str, folder: Path) -> Run:
    """Runs a contender in a process of its own, in an empty work folder."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        command = [sys.executable, "-m", f"benchmarks.traces_{name}", str(folder), work]
        started = time.monotonic()
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if process.returncode:
            raise SystemExit(f"{name} failed")
        return Run(time.monotonic() - started, float(process.stdout.split()[-1]))


@click.command()
@click.option("--spans", default=5_000_000, show_default=True, help="Spans to read.")
@click.option("--runs", default=1, show_default=True, help="Runs of each, in turn; medians are compared.")
def main(spans: int, runs: int) -> None:
    """Spans in OTLP JSON lines from their files into the warehouse, beside DuckDB's own read of the same files."""
    console = Console()
    results: dict[str, list[Run]] = {"duckdb": [], "ours": []}
    with tempfile.TemporaryDirectory() as scratch:
        traces = Path(scratch) / "traces"
        traces.mkdir()
        console.print(f"Writing {spans:,} invented spans …")
        size = write_traces(traces, spans)
        console.print(f"{size / 1e9:.2f} GB in {len(list(traces.iterdir()))} files")
        for _ in range(runs):
            for name, found in results.items():
                found.append(measure(name, traces))
    _show(console, results, spans)


def _show(console: Console, results: dict[str, list[Run]], spans: int) -> None:
    names = {
        "duckdb": "(a) DuckDB's own read of the files, nested as they are",
        "ours": "ours, from the files to committed, flat, typed tables",
    }
    floor = statistics.median(run.seconds for run in results["duckdb"])
    table = Table("what", "wall s, median", "wall s, all", "peak GB", "spans/s", "times (a)")
    for name, runs in results.items():
        seconds = statistics.median(run.seconds for run in runs)
        everything = ", ".join(f"{run.seconds:.1f}" for run in runs)
        memory = max(run.gigabytes for run in runs)
        speed = f"{spans / seconds:,.0f}"
        table.add_row(names[name], f"{seconds:.2f}", everything, f"{memory:.2f}", speed, f"{seconds / floor:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
