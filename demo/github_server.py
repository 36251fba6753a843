"""A local server that speaks GitHub's API about the invented company.

`python -m demo.github_server` serves it until interrupted and prints its address and token.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from datetime import date
from http import HTTPStatus

from demo.company import AS_OF, Company, build_company
from demo.constants import APPS, ENTERPRISE, LANTERN, ORGANIZATIONS
from demo.delivery_api import DeliveryApi
from demo.github_api import RATE_LIMIT, Api
from demo.github_billing_api import FILES, BillingApi
from demo.github_faults import FaultClock, Faults, error
from demo.github_files import SignedFiles
from demo.github_reports import Reports
from demo.local_server import LocalServer, Request, Response
from demo.work import work

TOKEN = "demo-token"
SCOPES = "manage_billing:copilot, read:enterprise, read:org"
RESET_SECONDS = 3600


class DemoServer(LocalServer):
    """Serves the company as GitHub does."""

    def __init__(self, company: Company, as_of: date = AS_OF, faults: Faults | None = None, token: str = TOKEN) -> None:
        """Start serving.

        Args:
            company: What to tell about.
            as_of: What the server takes for today; can be set while it runs.
            faults: What shall go wrong.
            token: The only token that the API accepts.
        """
        self.token = token
        self._faults = faults or Faults()
        self._fault_clock = FaultClock(self._faults)
        self._files = SignedFiles(Reports(company), self._faults)
        self._api = Api(company, as_of, self._faults, self._files)
        self._billing = BillingApi(company)
        self._delivery = DeliveryApi(work(company))
        self._used: Counter[str] = Counter()
        super().__init__()
        self._files.base_url = self._billing.base_url = self.url

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
        return self._respond(request, request.headers.get("authorization"))

    def breaks_off(self, request: Request) -> bool:
        """Whether the answer is to be cut off half-way."""
        return request.path.startswith("/signed/") and self._fault_clock.drops("download")

    def _respond(self, request: Request, authorization: str | None) -> Response | None:
        if request.path.startswith("/signed/"):
            name = request.path.removeprefix("/signed/")
            return self._files.download(name, request.query, has_authorization=authorization is not None)
        if request.path.startswith(FILES):
            return self._billing.download(request, has_authorization=authorization is not None)
        if self._fault_clock.drops("api"):
            return None
        if authorization not in (f"Bearer {self.token}", f"token {self.token}"):
            return self._with_api_headers(error(HTTPStatus.UNAUTHORIZED, "Bad credentials"), request)
        response = self._fault_clock.next_api_fault() or self._billing.answer(request, self.as_of)
        response = response or self._delivery.answer(request, self.as_of) or self._api.answer(request)
        return self._with_api_headers(response, request)

    def _with_api_headers(self, response: Response, request: Request) -> Response:
        resource = "graphql" if request.path == "/graphql" else "core"
        with self._lock:
            self._used[resource] += 1
            used, number = self._used[resource], self._used.total()
        headers = {
            "x-github-request-id": f"DEMO:{number:08X}",
            "x-oauth-scopes": SCOPES,
            "x-ratelimit-limit": str(RATE_LIMIT),
            "x-ratelimit-remaining": str(max(RATE_LIMIT - used, 1)),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(int(time.time()) + RESET_SECONDS),
            "x-ratelimit-resource": resource,
        }
        return Response(response.status, response.body, headers | response.headers)


def settings(url: str, token: str = TOKEN) -> dict[str, str]:
    """The environment variables that point the extraction at the server."""
    return {
        "SOURCES__GITHUB_COPILOT__API_URL": url,
        "SOURCES__GITHUB_COPILOT__TOKEN": token,
        "SOURCES__GITHUB_COPILOT__ENTERPRISE": ENTERPRISE.slug,
        "SOURCES__GITHUB_COPILOT__ORGANIZATIONS": json.dumps([account.slug for account in ORGANIZATIONS]),
        "SOURCES__GITHUB_COPILOT__POINTS_PER_MINUTE": "1000000",
        "SOURCES__GITHUB_BILLING__API_URL": url,
        "SOURCES__GITHUB_BILLING__TOKEN": token,
        "SOURCES__GITHUB_BILLING__ENTERPRISE": ENTERPRISE.slug,
        # The enterprise is billed for its organisations.
        "SOURCES__GITHUB_BILLING__ORGANIZATIONS": json.dumps([LANTERN.slug]),
        "SOURCES__GITHUB_BILLING__POINTS_PER_MINUTE": "1000000",
        "SOURCES__GITHUB_DELIVERY__API_URL": url,
        "SOURCES__GITHUB_DELIVERY__TOKEN": token,
        "SOURCES__GITHUB_DELIVERY__ORGANIZATIONS": json.dumps([APPS.slug]),
        "SOURCES__GITHUB_DELIVERY__POINTS_PER_MINUTE": "1000000",
    }


def main() -> None:
    """Serve the demo company until interrupted."""
    with DemoServer(build_company()) as server:
        print(f"GitHub's API of the invented company: {server.url}   token: {server.token}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
