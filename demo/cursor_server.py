"""A local server that speaks Cursor's Admin API about the invented company.

`python -m demo.cursor_server` serves it until interrupted and prints its address and key.
"""

from __future__ import annotations

import base64
import binascii
import threading
import time
from datetime import date
from http import HTTPStatus

from demo import cursor_constants as cc
from demo.company import AS_OF, Company, build_company
from demo.cursor_api import Api, is_write
from demo.cursor_events import Event
from demo.cursor_faults import CursorFaults, FaultClock, error
from demo.local_server import LocalServer, Request, Response, json_response

KEY = "demo-cursor-admin-key"
ORGANIZATION_KEY = "demo-cursor-organization-key"


class CursorServer(LocalServer):
    """Serves the company's Cursor team as Cursor does."""

    def __init__(
        self,
        company: Company,
        as_of: date = AS_OF,
        faults: CursorFaults | None = None,
        key: str = KEY,
        organization_key: str = ORGANIZATION_KEY,
    ) -> None:
        """Start serving.

        Args:
            company: What to tell about.
            as_of: What the server takes for today; can be set while it runs.
            faults: What shall go wrong.
            key: The only key that the Admin API accepts.
            organization_key: The only key that the Organization API accepts.
        """
        self.key = key
        self.organization_key = organization_key
        self.writes: list[Request] = []
        self._faults = faults or CursorFaults()
        self._fault_clock = FaultClock(self._faults)
        self._api = Api(company, as_of, self._faults)
        super().__init__()

    @property
    def as_of(self) -> date:
        """What the server takes for today."""
        return self._api.as_of

    @as_of.setter
    def as_of(self, day: date) -> None:
        self._api.as_of = day

    @property
    def arrived(self) -> list[Event]:
        """The events that arrived between pages, by fault."""
        return list(self._api.arrived)

    def answer(self, request: Request) -> Response | None:
        """The answer to a request; None breaks the connection without one."""
        if self._faults.slow:
            time.sleep(self._faults.slow)
        if self._fault_clock.drops("request"):
            return None
        if is_write(request):
            self.writes.append(request)
        is_organization = request.path.startswith("/organizations/")
        wanted = self.organization_key if is_organization else self.key
        if _basic_credentials(request) != (wanted, ""):
            if is_organization:
                return json_response({"code": "error", "message": "Invalid API key"}, HTTPStatus.UNAUTHORIZED)
            return error(HTTPStatus.UNAUTHORIZED, "Invalid API key")
        return self._fault_clock.next_fault(request.path) or self._api.answer(request)

    def breaks_off(self, request: Request) -> bool:  # noqa: ARG002
        """Whether the answer is to be cut off half-way."""
        return self._fault_clock.drops("answer")


def _basic_credentials(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def settings(url: str) -> dict[str, str]:
    """The environment variables that point the extraction at the server."""
    return {
        "SOURCES__CURSOR__API_URL": url,
        "SOURCES__CURSOR__ADMIN_KEY": KEY,
        "SOURCES__CURSOR__TEAM": cc.TEAM,
        "SOURCES__CURSOR__ORGANIZATION_ID": cc.ORGANIZATION_ID,
        "SOURCES__CURSOR__ORGANIZATION_KEY": ORGANIZATION_KEY,
        "SOURCES__CURSOR__REQUESTS_PER_MINUTE": "1000000",
    }


def main() -> None:
    """Serve the demo company until interrupted."""
    with CursorServer(build_company()) as server:
        print(f"Cursor's API of the invented company: {server.url}   key: {server.key}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
