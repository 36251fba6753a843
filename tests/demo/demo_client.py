"""A client of the demo server for tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import requests

from demo.company import Account
from demo.github_server import TOKEN, DemoServer


def _session(headers: dict[str, str]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.update(headers)
    return session


@dataclass
class Client:
    """A client without manners: no retries, no waiting."""

    server: DemoServer
    api: requests.Session = field(default_factory=lambda: _session({"Authorization": f"Bearer {TOKEN}"}))
    storage: requests.Session = field(default_factory=lambda: _session({}))

    def get(self, path: str, **query: object) -> requests.Response:
        return self.api.get(path if path.startswith("http") else f"{self.server.url}{path}", params=query, timeout=10)

    def report(self, account: Account, report: str, day: date | None = None) -> requests.Response:
        place = "orgs" if account.scope == "organization" else "enterprises"
        path = f"/{place}/{account.slug}/copilot/metrics/reports/{report}"
        return self.get(path, day=day.isoformat()) if day else self.get(f"{path}/latest")

    def download(self, link: str) -> requests.Response:
        return self.storage.get(link, timeout=10)

    def files(self, account: Account, report: str, day: date | None = None) -> list[bytes]:
        links = self.report(account, report, day).json()["download_links"]
        return [self.download(link).content for link in links]

    def records(self, account: Account, report: str, day: date | None = None) -> list[dict[str, Any]]:
        lines = b"".join(self.files(account, report, day)).splitlines()
        return [json.loads(line, parse_float=Decimal) for line in lines]

    def graphql(self, query: str, **variables: str | None) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = self.api.post(f"{self.server.url}/graphql", json=body, timeout=10).json()
        return answer

    def pages(self, path: str, **query: object) -> list[requests.Response]:
        answers = [self.get(path, **query)]
        while "next" in answers[-1].links:
            answers.append(self.get(answers[-1].links["next"]["url"]))
        return answers


Serve = Callable[..., Client]
