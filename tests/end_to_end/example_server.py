"""GitHub's API with example payloads for answers: report endpoint, download links, files, paged lists. Stdlib only."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NO_IDENTITY_PROVIDER = (
    b'{"data": {"organization": {"samlIdentityProvider": null},'
    b' "enterprise": {"ownerInfo": {"samlIdentityProvider": null}}}}'
)
NOT_FOUND = b'{"message": "Not Found"}'


@dataclass(frozen=True)
class Report:
    """One report of an account (`orgs/<login>` or `enterprises/<slug>`): its records as JSON texts.

    `answer` is an example of the endpoint's own answer: as many links as it has are given, and so many files made.
    `day` None is the latest 28-day report, whose first and last day are in `window`.
    """

    account: str
    name: str
    day: date | None
    records: tuple[str, ...]
    answer: dict[str, Any]
    window: tuple[date, date] | None = None

    @property
    def account_id(self) -> str:
        """How the ledger calls the account."""
        scope, slug = self.account.split("/")
        return f"{'enterprise' if scope == 'enterprises' else 'organization'}/{slug}"

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/{self.account}/copilot/metrics/reports/{self.name}" + ("/latest" if self.day is None else "")

    def files(self) -> list[bytes]:
        """The records, dealt out over as many files as the example answer has links."""
        number = len(self.answer["download_links"])
        return ["".join(f"{record}\n" for record in self.records[part::number]).encode() for part in range(number)]

    def body(self, links: list[str]) -> dict[str, Any]:
        """The example answer with these links and this report's days; it must not have other keys."""
        if self.window:
            start, end = (day.isoformat() for day in self.window)
            body = {"download_links": links, "report_start_day": start, "report_end_day": end}
        else:
            body = {"download_links": links, "report_day": str(self.day)}
        assert set(body) == set(self.answer), f"{self.path}: the example answer has other keys: {set(self.answer)}"
        return body


@dataclass
class ExampleServer:
    """What is served: reports, and lists as the bodies of their pages by path."""

    reports: tuple[Report, ...]
    lists: dict[str, list[Any]]
    url: str = ""
    unanswered: set[str] = field(default_factory=set)

    def answer(self, method: str, path: str, query: dict[str, list[str]], authorized: bool) -> tuple[int, bytes, str]:
        """Status, body and Link header."""
        if path.startswith("/files/"):
            _, _, number, part = path.split("/")
            return (400, b"", "") if authorized else (200, self.reports[int(number)].files()[int(part)], "")
        if not authorized:
            return 401, b'{"message": "Bad credentials"}', ""
        if path == "/graphql":
            return 200, NO_IDENTITY_PROVIDER, ""
        if path in self.lists:
            return self._list_page(path, int(query.get("page", ["1"])[0]))
        if "/copilot/metrics/reports/" in path:
            return self._report(path, query["day"][0] if "day" in query else None)
        self.unanswered.add(f"{method} {path}")
        return 404, NOT_FOUND, ""

    def _list_page(self, path: str, number: int) -> tuple[int, bytes, str]:
        pages = self.lists[path]
        more = f'<{self.url}{path}?page={number + 1}>; rel="next"' if number < len(pages) else ""
        return 200, json.dumps(pages[number - 1]).encode(), more

    def _report(self, path: str, day: str | None) -> tuple[int, bytes, str]:
        for index, report in enumerate(self.reports):
            if path == report.path and day == (report.day and report.day.isoformat()):
                links = [f"{self.url}/files/{index}/{part}" for part in range(len(report.files()))]
                return 200, json.dumps(report.body(links)).encode(), ""
        return (204, b"", "") if path.startswith("/orgs/") else (404, NOT_FOUND, "")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serves on 127.0.0.1 until the block ends."""
        http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            http.shutdown()
            http.server_close()
            thread.join()


def _handler_for(server: ExampleServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self._answer()

        def log_message(self, *_: object) -> None:
            """Stays silent."""

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            authorized = "authorization" in self.headers
            status, body, link = server.answer(self.command, parts.path, parse_qs(parts.query), authorized)
            self.send_response(status)
            if link:
                self.send_header("link", link)
            if status != 204:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
