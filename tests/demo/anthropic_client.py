"""A client of the Anthropic demo server for tests, without manners: no retries, no waiting."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from demo.anthropic_faults import AnthropicFaults
from demo.anthropic_server import ADMIN_KEY, ANALYTICS_KEY, AnthropicServer
from demo.company import AS_OF, Company

Json = dict[str, Any]
Query = list[tuple[str, object]]
DAY = date(2026, 10, 14)
BETA = "analytics-usage-cost-2026-08-24"
# Of the reference, section by section.
PAGE = {"data", "has_more", "next_page", "data_refreshed_at"}
USAGE = {
    *("uncached_input_tokens", "cache_read_input_tokens", "output_tokens", "cache_creation", "total_tokens"),
    *("requests", "server_tool_use"),
}
CACHE = {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"}


@dataclass
class ClaudeClient:
    """A client without manners: no retries, no waiting."""

    server: AnthropicServer
    key: str = ADMIN_KEY

    def get(self, path: str, *query: tuple[str, object], headers: dict[str, str] | None = None) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        sent = {"x-api-key": self.key, "anthropic-version": "2023-06-01", "anthropic-beta": BETA}
        url = f"{self.server.url}/v1/organizations/{path}"
        parameters = [(name, str(value)) for name, value in query]
        return session.get(url, params=parameters, headers=sent if headers is None else headers, timeout=10)

    def pages(self, path: str, *query: tuple[str, object]) -> list[Json]:
        answers: list[Json] = [self.read(path, *query)]
        while answers[-1]["next_page"]:
            answers.append(self.read(path, *query, ("page", answers[-1]["next_page"])))
        return answers

    def rows(self, path: str, *query: tuple[str, object]) -> list[Json]:
        return [row for page in self.pages(path, *query) for row in page["data"]]

    def read(self, path: str, *query: tuple[str, object]) -> Json:
        answer = self.get(path, *query)
        assert answer.status_code == 200, answer.text
        body: Json = json.loads(answer.text, parse_float=Decimal)
        return body

    def refusal(self, path: str, *query: tuple[str, object], headers: dict[str, str] | None = None) -> tuple[int, str]:
        answer = self.get(path, *query, headers=headers)
        body = answer.json()
        assert set(body) == {"type", "error", "request_id"}
        assert body["type"] == "error"
        return answer.status_code, body["error"]["message"]

    def seats(self) -> ClaudeClient:
        return ClaudeClient(self.server, ANALYTICS_KEY)


ServeClaude = Callable[..., ClaudeClient]


@pytest.fixture(name="serve")
def serve_claude(company: Company) -> Iterator[ServeClaude]:
    with ExitStack() as stack:

        def start(as_of: date = AS_OF, **faults: Any) -> ClaudeClient:
            server = stack.enter_context(AnthropicServer(company, as_of=as_of, faults=AnthropicFaults(**faults)))
            return ClaudeClient(server)

        yield start


@pytest.fixture(name="client", scope="module")
def one_client(company: Company) -> Iterator[ClaudeClient]:
    with AnthropicServer(company) as server:
        yield ClaudeClient(server)


def span(first: date, last: date | None = None) -> Query:
    end = (last or first) + timedelta(1)
    return [("starting_at", f"{first}T00:00:00Z"), ("ending_at", f"{end}T00:00:00Z")]


def daily(first: date, *groups: str, last: date | None = None) -> Query:
    return [*span(first, last), ("time_bucket_width", "1d"), *(("group_by[]", name) for name in groups)]
