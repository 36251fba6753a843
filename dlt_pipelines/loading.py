"""From fetched reports to committed rows: what all vendors' extractions do alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import date
from itertools import chain

import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.errors import AgentSpendError, RejectedFile
from dlt_pipelines.fetched import Account, Fetched
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import LoadedReport, Warehouse, keep_aside
from dlt_pipelines.prefetch import prefetch
from dlt_pipelines.record_shapes import ControlTotals, Parsed
from dlt_pipelines.reports import connect, parse
from dlt_pipelines.schema import Dataset

# A batch is what one commit makes visible, and what a killed run has to read again; every commit has its price, so a
# batch is large unless the vendor is slow. A chunk is what DuckDB holds in memory at once.
BATCH_REPORTS = 400
BATCH_BYTES = 1 << 32
BATCH_SECONDS = 300
CHUNK_BYTES = 1 << 26
# Arrow batches that are parsed while the ones before are written.
AHEAD = 8


class ReportLoader:
    """Loads reports of one dataset and keeps the run's picture of its manifest."""

    def __init__(
        self, vendor: str, dataset: Dataset, warehouse: Warehouse, pseudonymizer: Pseudonymizer, outcome: Outcome
    ) -> None:
        self._vendor = vendor
        self._dataset = dataset
        self._warehouse = warehouse
        self._pseudonymizer = pseudonymizer
        self._history = warehouse.history(dataset)
        self._superseded = False
        self.outcome = outcome

    def days(self, account: Account, report: str) -> dict[date, LoadedReport]:
        """What the manifest says of every day of a report; kept up to date during the run."""
        return self._history.setdefault((account.account_id, report), {})

    def load_all(self, reports: Iterator[Fetched], settled: Callable[[Fetched], None] | None = None) -> None:
        """Loads reports as they arrive, batch by batch; `settled` hears of each one after its commit.

        Where the reports end in an error, those that came before it are committed first.
        """
        failure: list[AgentSpendError] = []
        stream = _until_failure(reports, failure)
        while (first := next(stream, None)) is not None:
            for fetched in self.load(_one_batch(chain([first], stream))):
                if settled:
                    settled(fetched)
        if failure:
            raise failure[0]

    def load(self, reports: Iterable[Fetched]) -> list[Fetched]:
        """Loads one batch as it arrives and commits it: afterwards its reports count, all or none of each."""
        batch: list[Fetched] = []
        parsed = Parsed()
        arriving = self._to_load(reports, batch, parsed)
        first = next(arriving, None)
        if first is not None:
            tables = self._parse(chain([first], arriving), parsed)
            self._warehouse.load(self._dataset, prefetch(tables, AHEAD))
            self._warehouse.remember_identifiers(self._pseudonymizer, self._dataset.source)
        rows = [self._settle(fetched, parsed).manifest_row(self._dataset.source, parsed) for fetched in batch]
        self._warehouse.commit(self._dataset, rows)
        for fetched in batch:
            self._note(fetched, parsed)
            for file in fetched.files:
                file.path.unlink(missing_ok=True)
        return batch

    def finish(self) -> None:
        """Deletes the rows that this run has superseded."""
        if self._superseded:
            self._warehouse.prune_superseded(self._dataset)

    def supersede(self, account: Account, report: str, day: date) -> None:
        """Notes that a day is loaded again, if it was before."""
        self._superseded |= is_loaded(self.days(account, report).get(day))

    def warn_of_unknown_fields(self, where: str, fields: Iterable[str]) -> None:
        """Tells of fields that this version does not know."""
        if listed := ", ".join(sorted(fields)):
            self.outcome.warnings.append(f"{where}: {self._vendor} sent unknown fields: {listed}")

    def _to_load(self, reports: Iterable[Fetched], batch: list[Fetched], parsed: Parsed) -> Iterator[Fetched]:
        """Notes every report in `batch` and yields those with something new to load."""
        for fetched in reports:
            batch.append(fetched)
            before = self.days(fetched.asked.account, fetched.asked.kind.name).get(fetched.report_date)
            if fetched.status == "loaded" and before is not None and before.sha256 == fetched.sha256:
                fetched.status = "unchanged"
            if fetched.status == "loaded" and fetched.files:
                yield fetched
            elif fetched.status == "loaded":
                parsed.totals[fetched.report_load_key] = ControlTotals()

    def _parse(self, reports: Iterable[Fetched], parsed: Parsed) -> Generator[tuple[str, pa.RecordBatch], None, None]:
        """Parses reports in chunks of one record shape, as they arrive."""
        waiting: dict[int, list[Fetched]] = {}
        with connect(self._warehouse.spool) as connection:
            for fetched in reports:
                chunk = waiting.setdefault(id(fetched.asked.kind.shape), [])
                chunk.append(fetched)
                if sum(report.bytes or 0 for report in chunk) >= CHUNK_BYTES:
                    yield from self._parse_chunk(connection, chunk, parsed)
                    chunk.clear()
            for chunk in waiting.values():
                if chunk:
                    yield from self._parse_chunk(connection, chunk, parsed)

    def _parse_chunk(
        self, connection: DuckDBPyConnection, chunk: list[Fetched], parsed: Parsed
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        contents = [fetched.content for fetched in chunk]
        shape = chunk[0].asked.kind.shape
        for table, batch in parse(connection, shape, contents, self._pseudonymizer, parsed, self._warehouse.spool):
            self.outcome.rows += batch.num_rows
            yield table, batch

    def _settle(self, fetched: Fetched, parsed: Parsed) -> Fetched:
        """Gives a report its last status; a rejected one's files are kept aside, and it is told."""
        reason = parsed.rejected.get(fetched.report_load_key)
        if reason:
            fetched.status = "rejected"
            fetched.detail = reason if str(fetched.asked) in reason else f"{fetched.asked}: {reason}"
        elif fetched.status == "loaded" and not (
            fetched.asked.kind.may_be_empty or parsed.totals[fetched.report_load_key].rows
        ):
            fetched.status = "not_available"
            fetched.detail = "the report holds no record"
        if fetched.status == "rejected":
            # Named by content: the same file, met again on every run, is kept once.
            name = f"{fetched.asked.kind.name}_{fetched.asked.account.slug}_{str(fetched.sha256)[:12]}"
            kept = [
                keep_aside(file.path, self._warehouse.rejected / f"{name}_{number}{file.path.suffix}")
                for number, file in enumerate(fetched.files, 1)
            ]
            remedy = f"Kept aside in {kept[0].parent}; the next run asks again." if kept else "The next run asks again."
            self.outcome.problems.append(RejectedFile(str(fetched.detail), remedy))
        return fetched

    def _note(self, fetched: Fetched, parsed: Parsed) -> None:
        """Updates the run's picture of the manifest and the outcome."""
        days = self.days(fetched.asked.account, fetched.asked.kind.name)
        before = days.get(fetched.report_date)
        read_on = fetched.downloaded_at.date()
        self.outcome.reports[fetched.status] += 1
        if fetched.status == "loaded":
            self._superseded |= is_loaded(before)
            days[fetched.report_date] = LoadedReport("loaded", read_on, fetched.sha256, fetched.report_load_key)
            totals = parsed.totals[fetched.report_load_key]
            self.warn_of_unknown_fields(str(fetched.asked), {*totals.unknown_fields, *fetched.envelope_fields})
            if totals.duplicate_rows:
                self.outcome.warnings.append(f"{fetched.asked}: {totals.duplicate_rows} records came more than once")
        elif not is_loaded(before):
            days[fetched.report_date] = LoadedReport(fetched.status)


def is_loaded(entry: LoadedReport | None) -> bool:
    """Whether rows of that report are in force."""
    return entry is not None and entry.report_load_key is not None


def _until_failure(reports: Iterator[Fetched], failure: list[AgentSpendError]) -> Iterator[Fetched]:
    """The reports up to the first error, which is put into `failure`."""
    try:
        yield from reports
    except AgentSpendError as error:
        failure.append(error)


def _one_batch(reports: Iterator[Fetched]) -> Iterator[Fetched]:
    """The next reports that are loaded and committed together."""
    size = 0
    started = time.monotonic()
    for number, fetched in enumerate(reports, 1):
        yield fetched
        size += fetched.bytes or 0
        if number >= BATCH_REPORTS or size >= BATCH_BYTES or time.monotonic() - started >= BATCH_SECONDS:
            return
