"""A company on a local server, and extractions from it with a clock that never really waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from demo.company import Company, build_company
from demo.constants import APPS, AS_OF
from demo.github_faults import Faults
from demo.github_server import DemoServer
from tests.dlt_pipelines.vendor_bench import VendorBench

TOKEN = "ghp_token_that_must_never_leak"


@dataclass
class Bench(VendorBench):
    """A warehouse of its own and a server that can be changed between runs."""

    source = "github_copilot"

    company: Company
    stack: ExitStack
    server: DemoServer | None = None

    @property
    def state(self) -> Path:
        return self.folder / ".extract" / "w"

    def serve(self, faults: Faults | None = None, as_of: date = AS_OF) -> DemoServer:
        """Starts a server (in place of the one before) with these faults, and points the settings at it."""
        self.server = self.stack.enter_context(DemoServer(self.company, as_of=as_of, faults=faults, token=TOKEN))
        self.monkeypatch.setenv("SOURCES__GITHUB_COPILOT__API_URL", self.server.url)
        self.monkeypatch.setenv("AGENT_SPEND_AS_OF", as_of.isoformat())
        return self.server


@pytest.fixture(scope="session")
def company() -> Company:
    return build_company()


@pytest.fixture
def use_accounts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(*organizations: str, enterprise: str | None = None) -> None:
        monkeypatch.setenv("SOURCES__GITHUB_COPILOT__ORGANIZATIONS", json.dumps(list(organizations)))
        if enterprise:
            monkeypatch.setenv("SOURCES__GITHUB_COPILOT__ENTERPRISE", enterprise)

    return use


@pytest.fixture
def bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, company: Company, use_accounts: Callable[..., None]
) -> Iterator[Bench]:
    """One organisation, an empty warehouse, no server yet."""
    use_accounts(APPS.slug)
    with ExitStack() as stack:
        made = Bench(tmp_path, monkeypatch, company, stack)
        made.prepare()
        made.set(token=TOKEN, points_per_minute="1000000")
        yield made
