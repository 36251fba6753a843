"""Serves a folder of users-1-day files as GitHub does: `python -m benchmarks.report_server DIR` (for the benchmark)."""

from __future__ import annotations

import json
import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

EMPTY_LISTS = {"seats": {"total_seats": 0, "seats": []}, "billing": {}, "teams": [], "members": []}


class Handler(BaseHTTPRequestHandler):
    """Report links, files, and lists without entries."""

    protocol_version = "HTTP/1.1"
    folder = Path()

    def do_GET(self) -> None:
        """Answers one request."""
        url = urlsplit(self.path)
        if url.path.startswith("/signed/"):
            self._send_file(self.folder / url.path.removeprefix("/signed/"))
        elif url.path.endswith("/users-1-day"):
            name = f"users-1-day-{parse_qs(url.query)['day'][0]}.ndjson"
            self._send(200 if (self.folder / name).exists() else 204, {"download_links": [self._address(name)]})
        elif "/reports/" in url.path:
            self._send(204)
        else:
            self._send(200, EMPTY_LISTS[url.path.rsplit("/", 1)[-1]])

    def do_POST(self) -> None:
        """GraphQL: no identity provider."""
        self.rfile.read(int(self.headers["content-length"]))
        self._send(200, {"data": {"organization": {"samlIdentityProvider": None}}})

    def _address(self, name: str) -> str:
        return f"http://{self.headers['host']}/signed/{name}"

    def _send(self, status: int, body: object = None) -> None:
        content = b"" if status == 204 else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _send_file(self, path: Path) -> None:
        self.send_response(200)
        self.send_header("content-length", str(path.stat().st_size))
        self.end_headers()
        with path.open("rb") as file:
            shutil.copyfileobj(file, self.wfile, 1 << 20)

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
