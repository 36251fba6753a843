"""A local server that speaks GitHub's API about the invented company.

`python -m demo.github_server` serves it until interrupted and prints its address and token.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from demo.company import AS_OF, Company, build_company
from demo.github_api import RATE_LIMIT, Api, Request
from demo.github_faults import FaultClock, Faults, Response, error
from demo.github_files import SignedFiles
from demo.github_reports import Reports

TOKEN = "demo-token"
SCOPES = "manage_billing:copilot, read:enterprise, read:org"
RESET_SECONDS = 3600


@dataclass(frozen=True)
class RequestRecord:
    """A request that the server has answered; status 0 is a dropped connection."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    had_authorization: bool


class DemoServer:
    """Serves the company on an ephemeral port of 127.0.0.1 from a thread, until closed."""

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
        self._requests: list[RequestRecord] = []
        self._used: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._files.base_url = self.url
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def as_of(self) -> date:
        """What the server takes for today."""
        return self._api.as_of

    @as_of.setter
    def as_of(self, day: date) -> None:
        self._api.as_of = day

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests so far, in the order of their answers."""
        with self._lock:
            return list(self._requests)

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        """The running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.close()

    def respond(self, request: Request, authorization: str | None) -> Response | None:
        """The answer to a request; None breaks the connection without one."""
        if self._faults.slow:
            time.sleep(self._faults.slow)
        response = self._respond(request, authorization)
        status = response.status if response else 0
        record = RequestRecord(request.method, request.path, request.query, status, authorization is not None)
        with self._lock:
            self._requests.append(record)
        return response

    def breaks_off(self, request: Request) -> bool:
        """Whether the answer is to be cut off half-way."""
        return request.path.startswith("/signed/") and self._fault_clock.drops("download")

    def _respond(self, request: Request, authorization: str | None) -> Response | None:
        if request.path.startswith("/signed/"):
            name = request.path.removeprefix("/signed/")
            return self._files.download(name, request.query, has_authorization=authorization is not None)
        if self._fault_clock.drops("api"):
            return None
        if authorization not in (f"Bearer {self.token}", f"token {self.token}"):
            return self._with_api_headers(error(HTTPStatus.UNAUTHORIZED, "Bad credentials"), request)
        response = self._fault_clock.next_api_fault() or self._api.answer(request)
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


def _handler_for(server: DemoServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = f"{server.url}{parts.path}"
            request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), url, body)
            response = server.respond(request, self.headers.get("authorization"))
            if response is None:
                self.close_connection = True
                return
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            if response.status != HTTPStatus.NO_CONTENT:
                self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            if server.breaks_off(request):
                self.close_connection = True
                self.wfile.write(response.body[: len(response.body) // 2])
            else:
                self.wfile.write(response.body)

    return Handler


def main() -> None:
    """Serve the demo company until interrupted."""
    with DemoServer(build_company()) as server:
        print(f"GitHub's API of the invented company: {server.url}   token: {server.token}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
