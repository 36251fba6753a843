"""A stand-in for OpenAI whose every answer a test writes itself, and extractions from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.local_server import LocalServer, Request, Response
from dlt_pipelines.outcome import Outcome
from tests.dlt_pipelines.vendor_bench import VendorBench

ADMIN_KEY = "sk-admin-that-must-never-leak"
CODEX_KEY = "sk-proj-codex-that-must-never-leak"
AS_OF = date(2026, 11, 20)
DAY = date(2026, 11, 10)
ONE_DAY = timedelta(days=1)
USAGE = "/v1/organization/usage/"
COMPLETIONS = USAGE + "completions"
COSTS = "/v1/organization/costs"
CODEX = "/v1/analytics/codex/workspaces/ws-1/usage"
PROJECTS = "/v1/organization/projects"

Json = dict[str, Any]
Answer = Callable[[Request], Response | str | Json]


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def bucket(results: list[Json], day: date = DAY) -> Json:
    return {
        "object": "bucket",
        "start_time": seconds(day),
        "end_time": seconds(day + timedelta(days=1)),
        "results": results,
    }


def page(*buckets: Json, has_more: bool = False, next_page: str | None = None) -> Json:
    return {"object": "page", "data": list(buckets), "has_more": has_more, "next_page": next_page}


def listed(items: list[Json], *, has_more: bool = False) -> Json:
    ids = [item["id"] for item in items]
    return {
        "object": "list",
        "data": items,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
        "has_more": has_more,
    }


def cost(value: object, **about: object) -> Json:
    groups = {"line_item": None, "project_id": None, "api_key_id": None}
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        **groups,
        "quantity": None,
        "quantity_unit": None,
        **about,
    }


def completion(**about: object) -> Json:
    counts = {"input_tokens": 10, "output_tokens": 2, "num_model_requests": 1}
    return {"object": "organization.usage.completions.result", **counts, **about}


class Stub(LocalServer):
    """Answers by path: a body, or a function of the request; what is not named is empty."""

    def __init__(self, answers: dict[str, Answer | Json | str]) -> None:
        self.answers = answers
        super().__init__()

    def answer(self, request: Request) -> Response:
        made = self.answers.get(request.path)
        if made is None:
            made = page() if "start_time" in request.query else listed([])
        found = made(request) if callable(made) else made
        if isinstance(found, Response):
            return found
        text = found if isinstance(found, str) else json.dumps(found)
        return Response(200, text.encode(), {"content-type": "application/json"})

    def asked(self, path: str) -> list[dict[str, list[str]]]:
        return [request.query_lists for request in self.requests if request.path == path]


def refused(status: int, message: str) -> Response:
    return Response(status, json.dumps({"error": {"message": message, "code": None}}).encode())


@dataclass
class OpenaiBench(VendorBench):
    """A warehouse of its own and a stand-in that can be changed between runs."""

    source = "openai"

    server: Stub

    def extract(self, since: date | None = DAY, until: date | None = DAY) -> Outcome:
        return super().extract(since, until)


def use_codex(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds the Codex workspace."""
    monkeypatch.setenv("SOURCES__OPENAI__CODEX_KEY", CODEX_KEY)
    monkeypatch.setenv("SOURCES__OPENAI__CODEX_WORKSPACE", "ws-1")


@pytest.fixture(name="bench")
def openai_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenaiBench]:
    """A stand-in that answers nothing yet, and the settings of a run without Codex."""
    with Stub({}) as server:
        made = OpenaiBench(tmp_path, monkeypatch, server)
        made.prepare()
        made.set(api_url=server.url, codex_api_url=server.url, admin_key=ADMIN_KEY, organization="acme")
        made.set(requests_per_minute="1000000")
        made.today(AS_OF)
        yield made
