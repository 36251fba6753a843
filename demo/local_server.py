"""A local HTTP server on an ephemeral port: what the vendors' servers have in common."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from demo.exact_json import dumps


@dataclass(frozen=True)
class Request:
    """What the server read; `url` is the server's own address and the path, for links to other pages.

    `query` has the last value of every parameter, `query_lists` all of them (`group_by[]=a&group_by[]=b`).
    Names of headers are in lower case.
    """

    method: str
    path: str
    query: dict[str, str]
    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw_query: str = ""

    @property
    def query_lists(self) -> dict[str, list[str]]:
        """Every value of every parameter, in the order of the query; an empty value counts."""
        return parse_qs(self.raw_query, keep_blank_values=True)


@dataclass(frozen=True)
class Response:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_response(
    value: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """An answer with a JSON body."""
    return Response(status, dumps(value).encode(), {"content-type": "application/json; charset=utf-8", **headers})


@dataclass(frozen=True)
class RequestRecord:
    """A request that the server has answered; status 0 is a dropped connection."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    had_authorization: bool
    body: bytes = b""
    query_lists: dict[str, list[str]] = field(default_factory=dict)


class LocalServer:
    """Serves on an ephemeral port of 127.0.0.1 from a thread, until closed. A vendor overrides `answer`."""

    def __init__(self) -> None:
        """Start serving; whatever `answer` needs must be there before."""
        self._requests: list[RequestRecord] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

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

    def answer(self, request: Request) -> Response | None:
        """The answer to a request; None breaks the connection without one."""
        raise NotImplementedError

    def respond(self, request: Request, authorization: str | None) -> Response | None:
        """The answer to a request, which is recorded."""
        response = self.answer(request)
        record = RequestRecord(
            request.method,
            request.path,
            request.query,
            response.status if response else 0,
            authorization is not None,
            request.body,
            request.query_lists,
        )
        with self._lock:
            self._requests.append(record)
        return response

    def breaks_off(self, request: Request) -> bool:  # noqa: ARG002
        """Whether the answer is to be cut off half-way."""
        return False


def _handler_for(server: LocalServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PATCH(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = f"{server.url}{parts.path}"
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query))
            request = Request(self.command, parts.path, query, url, body, headers, parts.query)
            response = server.respond(request, headers.get("authorization"))
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
