"""A client of the Cursor demo server for tests, without manners: no retries, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import requests

from demo import cursor_constants as cc
from demo.company import AS_OF, Company
from demo.cursor_faults import CursorFaults
from demo.cursor_server import CursorServer
from demo.exact_json import loads

DAY_MS = 86_400_000


@dataclass
class CursorClient:
    server: CursorServer

    def ask(
        self, method: str, path: str, body: Any = None, auth: tuple[str, str] | None = None, **query: object
    ) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method,
                f"{self.server.url}{path}",
                json=body,
                params={name: str(value) for name, value in query.items()},
                auth=auth or (self.server.key, ""),
                timeout=10,
            )

    def get(self, path: str, **query: object) -> Any:
        answer = self.ask("GET", path, **query)
        answer.raise_for_status()
        return loads(answer.text)

    def post(self, path: str, **body: Any) -> Any:
        answer = self.ask("POST", path, body)
        answer.raise_for_status()
        return loads(answer.text)

    def event_pages(self, **body: Any) -> list[dict[str, Any]]:
        """Every page of usage events."""
        pages = [self.post("/teams/filtered-usage-events", **body)]
        while pages[-1]["pagination"]["hasNextPage"]:
            body["page"] = pages[-1]["pagination"]["currentPage"] + 1
            pages.append(self.post("/teams/filtered-usage-events", **body))
        return pages

    def events(self, **body: Any) -> list[dict[str, Any]]:
        body = {"pageSize": 1000, **body}
        return [event for page in self.event_pages(**body) for event in page["usageEvents"]]

    def days(self, first: date, last: date, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.post("/teams/daily-usage-data", **window(first, last), **body)
        return answer


def window(first: date, last: date | None = None) -> dict[str, int]:
    """Whole UTC days, as bounds that both belong to the window."""
    return {"startDate": cc.midnight(first), "endDate": cc.midnight(last or first) + DAY_MS - 1}


ServeCursor = Callable[..., CursorClient]


@pytest.fixture(name="serve")
def serve_cursor(company: Company) -> Iterator[ServeCursor]:
    with ExitStack() as stack:

        def start(as_of: date = AS_OF, **faults: Any) -> CursorClient:
            server = CursorServer(company, as_of=as_of, faults=CursorFaults(**faults))
            return CursorClient(stack.enter_context(server))

        yield start


@pytest.fixture(name="client", scope="module")
def one_client(company: Company) -> Iterator[CursorClient]:
    """A client of a server where nothing goes wrong."""
    with CursorServer(company) as server:
        yield CursorClient(server)
