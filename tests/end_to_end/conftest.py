"""The demo, extracted and built once per test session, also when pytest-xdist runs the session in several processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from demo.company import Company, build_company
from demo.constants import AS_OF
from tests.end_to_end.truths import Expected
from tests.end_to_end.workbench import DEMO, PARSED_FOLDER, Ask, Workbench, extract_demo


@dataclass(frozen=True)
class Demo:
    """The built demo, and its raw tables as they were after the first of its two extractions and the closing of a
    month. Both only to be read.
    """

    built: Workbench
    first: Workbench


@pytest.fixture(scope="session", autouse=True)
def _parsed_projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = _session_folder(tmp_path_factory) / "parsed_projects"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PARSED_FOLDER, str(folder))
        yield


@pytest.fixture(scope="session")
def company() -> Company:
    """The invented company."""
    return build_company()


@pytest.fixture(scope="session")
def expected(company: Company) -> Expected:
    """What the ledger must say of it."""
    return Expected(company)


@pytest.fixture(scope="session")
def demo(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo on DuckDB: two extractions, a month closed between them, and the `dbt build` that customers run."""
    folder = _session_folder(tmp_path_factory) / "agent_spend_demo"
    made = Demo(Workbench(folder / "built"), Workbench(folder / "first"))

    def make() -> None:
        extract_demo(made.built, company, between=lambda: made.built.copy(made.first.folder))
        # From nothing, though a month was closed on the way.
        made.built.build(AS_OF, *DEMO, "--full-refresh")
        made.built.look_for_change_points(AS_OF)

    _once(folder, make)
    return made


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    """Questions to the built demo."""
    with demo.built.query() as answer:
        yield answer


def _session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    session = tmp_path_factory.getbasetemp()
    # pytest-xdist gives every process a folder of its own inside the session's.
    return session.parent if "PYTEST_XDIST_WORKER" in os.environ else session


def _once(folder: Path, make: Callable[[], None]) -> None:
    """Makes what belongs into the folder unless another process of the session has."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "made").exists():
            make()
            (folder / "made").touch()
