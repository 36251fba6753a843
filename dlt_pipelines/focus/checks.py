"""What `agent-spend doctor` tries of FOCUS exports: whether they are there and can be read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from dlt_pipelines.checks import Check, failed
from dlt_pipelines.errors import AgentSpendError, ExitCode
from dlt_pipelines.focus.files import copy_exports
from dlt_pipelines.focus.reading import create_charges, read_file
from dlt_pipelines.focus.settings import FocusSettings
from dlt_pipelines.reports import connect


def checks(settings: FocusSettings) -> Iterator[Check]:
    """Reads every export; nothing is loaded."""
    rows = 0
    bad: list[str] = []
    try:
        with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as connection:
            files = copy_exports(str(settings.export_glob), Path(folder))
            create_charges(connection)
            for number, file in enumerate(files):
                read = read_file(connection, file, number, Path(folder))
                rows += read.rows
                bad += [f"{file.name}, {problem}" for problem in read.problems]
    except AgentSpendError as error:
        yield failed("focus exports", error)
        return
    if bad:
        yield Check("focus exports", False, f"{len(bad)} bad rows, such as {bad[0]}", ExitCode.REJECTED_DATA)
    else:
        yield Check("focus exports", True, f"{len(files)} files with {rows} rows")
