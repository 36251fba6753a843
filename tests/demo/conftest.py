"""The invented company, once, and servers that speak about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
from demo_client import Client, Serve

from demo.company import AS_OF, Company, build_company
from demo.github_faults import Faults
from demo.github_server import DemoServer


@pytest.fixture(scope="session")
def company() -> Company:
    return build_company()


@pytest.fixture
def serve(company: Company) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(as_of: date = AS_OF, **faults: Any) -> Client:
            server = stack.enter_context(DemoServer(company, as_of=as_of, faults=Faults(**faults)))
            return Client(server)

        yield start


@pytest.fixture(scope="session")
def client(company: Company) -> Iterator[Client]:
    """A client of a server where nothing goes wrong."""
    with DemoServer(company) as server:
        yield Client(server)
