"""A local server that speaks Anthropic's Admin and Analytics APIs about the invented company.

`python -m demo.anthropic_server` serves it until interrupted and prints its address and keys.
"""

from __future__ import annotations

import threading
import time
from datetime import date
from http import HTTPStatus

from demo.anthropic_api import Api, Credential
from demo.anthropic_faults import AnthropicFaults, FaultClock, error
from demo.anthropic_habits import claude_use
from demo.company import AS_OF, Company, build_company
from demo.local_server import LocalServer, Request, Response

ADMIN_KEY = "sk-ant-admin01-demo"
ANALYTICS_KEY = "sk-ant-api01-demo-read-analytics"
OAUTH_TOKEN = "demo-org-admin-token"


class AnthropicServer(LocalServer):
    """Serves the company as Anthropic does."""

    def __init__(
        self,
        company: Company,
        as_of: date = AS_OF,
        faults: AnthropicFaults | None = None,
        admin_key: str = ADMIN_KEY,
        analytics_key: str = ANALYTICS_KEY,
    ) -> None:
        """Start serving.

        Args:
            company: What to tell about.
            as_of: What the server takes for today; can be set while it runs.
            faults: What shall go wrong.
            admin_key: The Console account's Admin API key.
            analytics_key: The Enterprise account's key with the scope read:analytics.
        """
        self._faults = faults or AnthropicFaults()
        self._clock = FaultClock(self._faults)
        self._api = Api(claude_use(company), as_of, self._faults, self._clock)
        self._keys: dict[str, Credential] = {admin_key: "admin", analytics_key: "analytics"}
        super().__init__()

    @property
    def as_of(self) -> date:
        """What the server takes for today."""
        return self._api.as_of

    @as_of.setter
    def as_of(self, day: date) -> None:
        self._api.as_of = day

    def answer(self, request: Request) -> Response | None:
        """The answer to a request; None breaks the connection without one."""
        if self._faults.slow:
            time.sleep(self._faults.slow)
        if self._clock.drops():
            return None
        credential = self._credential(request)
        if credential is None:
            told = "invalid x-api-key" if "x-api-key" in request.headers else "x-api-key header is required"
            return error(HTTPStatus.UNAUTHORIZED, told)
        return self._clock.next_fault() or self._api.answer(request, credential)

    def _credential(self, request: Request) -> Credential | None:
        if request.headers.get("authorization") == f"Bearer {OAUTH_TOKEN}":
            return "oauth"
        return self._keys.get(request.headers.get("x-api-key", ""))


def settings(url: str) -> dict[str, str]:
    """The environment variables that point the extraction at a server of the invented company."""
    return {
        "SOURCES__ANTHROPIC__API_URL": url,
        "SOURCES__ANTHROPIC__ADMIN_KEY": ADMIN_KEY,
        "SOURCES__ANTHROPIC__ANALYTICS_KEY": ANALYTICS_KEY,
        "SOURCES__ANTHROPIC__ORGANIZATION": "quill-harbor",
        "SOURCES__ANTHROPIC__ENTERPRISE": "quill-harbor",
        "SOURCES__ANTHROPIC__REQUESTS_PER_MINUTE": "1000000",
    }


def main() -> None:
    """Serve the demo company until interrupted."""
    with AnthropicServer(build_company()) as server:
        print(f"Anthropic's API of the invented company: {server.url}   keys: {ADMIN_KEY} {ANALYTICS_KEY}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
