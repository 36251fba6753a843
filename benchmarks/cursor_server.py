"""Serves a folder of Cursor pages as Cursor does: `python -m benchmarks.cursor_server DIR` (for the benchmark)."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.cursor_events import page_name

EMPTY_EVENTS = {
    "totalUsageEventsCount": 0,
    "pagination": {"numPages": 0, "currentPage": 1, "pageSize": 1000, "hasNextPage": False, "hasPreviousPage": False},
    "usageEvents": [],
}
EMPTY: dict[str, object] = {
    "/teams/filtered-usage-events": EMPTY_EVENTS,
    "/teams/daily-usage-data": {"data": [], "pagination": {"totalPages": 0, "hasNextPage": False}},
    "/teams/spend": {
        "teamMemberSpend": [],
        "subscriptionCycleStart": 1790000000000,
        "totalMembers": 0,
        "totalPages": 1,
    },
    "/teams/members": {"teamMembers": []},
    "/teams/groups": {"groups": [], "billingCycle": {}},
    "/teams/audit-logs": {"events": [], "pagination": {"totalPages": 0, "hasNextPage": False}},
}


class Handler(BaseHTTPRequestHandler):
    """Event pages from files; every other list is empty."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder = Path()

    def do_GET(self) -> None:
        """Answers a list."""
        self._send(json.dumps(EMPTY[self.path.partition("?")[0]]).encode())

    def do_POST(self) -> None:
        """Answers a search."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = self.path.partition("?")[0]
        file = self.folder / page_name(asked.get("startDate", 0), asked.get("page", 1))
        if path == "/teams/filtered-usage-events" and file.exists():
            self._send_file(file)
        else:
            self._send(json.dumps(EMPTY[path]).encode())

    def _send(self, content: bytes) -> None:
        self._head(len(content))
        self.wfile.write(content)

    def _send_file(self, path: Path) -> None:
        size = path.stat().st_size
        self._head(size)
        self.wfile.flush()
        with path.open("rb") as file:
            sent = 0
            while sent < size:
                sent += os.sendfile(self.connection.fileno(), file.fileno(), sent, size - sent)

    def _head(self, length: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(length))
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the name is the library's)
        """Says nothing."""


def main(folder: str) -> None:
    """Serves until killed; prints the address first."""
    Handler.folder = Path(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
