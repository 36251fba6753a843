"""Extractions of Claude from a local server, with a clock that never waits; and a client that answers by heart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from requests.structures import CaseInsensitiveDict

from demo.anthropic_faults import AnthropicFaults
from demo.anthropic_server import AnthropicServer, settings
from demo.company import Company
from demo.constants import AS_OF
from dlt_pipelines.anthropic.endpoints import Reader
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import Page, envelope
from tests.dlt_pipelines.vendor_bench import VendorBench

ADMIN_KEY = "sk-ant-admin01-that-must-never-leak"
ANALYTICS_KEY = "sk-ant-api01-that-must-never-leak"


@dataclass
class ClaudeBench(VendorBench):
    """A warehouse of its own and a server of the invented company that can be changed between runs."""

    source = "anthropic"

    company: Company
    stack: ExitStack

    def serve(self, faults: AnthropicFaults | None = None, as_of: date = AS_OF) -> AnthropicServer:
        """Starts a server with these faults, and points the settings at it."""
        server = self.stack.enter_context(AnthropicServer(self.company, as_of, faults, ADMIN_KEY, ANALYTICS_KEY))
        keys = {"SOURCES__ANTHROPIC__ADMIN_KEY": ADMIN_KEY, "SOURCES__ANTHROPIC__ANALYTICS_KEY": ANALYTICS_KEY}
        for name, value in {**settings(server.url), **keys, "AGENT_SPEND_AS_OF": as_of.isoformat()}.items():
            self.monkeypatch.setenv(name, value)
        return server

    def reports(self, status: str = "loaded") -> set[str]:
        """The reports that have a row of that status in the manifest."""
        rows = self.rows(f"select distinct report from raw_anthropic.report_loads where status = '{status}'")
        return {report for (report,) in rows}


@dataclass
class ByHeart:
    """A client that gives its answers in order and remembers what it was asked."""

    answers: list[tuple[int, Any]]
    asked: list[tuple[str, dict[str, Any], Mapping[str, str] | None]] = field(default_factory=list)

    def get(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        decode: Callable[[bytes], Any] = json.loads,
    ) -> Answer:
        self.asked.append((path, params or {}, headers))
        status, body = self.answers.pop(0)
        return Answer(status, CaseInsensitiveDict(), (envelope if status == 200 else json.loads)(_text(body)), path)


def _text(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def problem(message: str) -> dict[str, Any]:
    """An error as Anthropic words it."""
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}


@dataclass
class Read:
    """What an endpoint read by heart: its pages, and what was asked for."""

    pages: list[Page]
    asked: list[tuple[str, dict[str, Any], Mapping[str, str] | None]]

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(bytes(record)) for page in self.pages for record in page.records]


def read(
    endpoint: Callable[[Reader], Endpoint],
    *answers: tuple[int, Any],
    day: date | None = date(2026, 10, 10),
    scope: str = "console",
    today: date = AS_OF,
) -> Read:
    """The pages of an endpoint whose answers are these."""
    client = ByHeart(list(answers))
    made = endpoint(Reader(cast(ApiClient, client), today))
    asked = Asked(NamedAccount(scope, "sample"), made, day if made.dated else None)
    pages = list(made.pages(asked))
    assert not client.answers
    return Read(pages, client.asked)
