"""The signed, short-lived download links of report files."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus

from demo.github_faults import Faults
from demo.github_reports import ReportKey, Reports
from demo.local_server import Response

LINK_SECONDS = 3600
LINK_USES = 3


@dataclass
class SignedFile:
    """One file of a report behind one link."""

    key: ReportKey
    part: int
    signature: str
    uses: int = 0


class SignedFiles:
    """Hands out links and serves what is behind them."""

    def __init__(self, reports: Reports, faults: Faults) -> None:
        """Serve files of these reports; `base_url` is set when the server's port is known."""
        self.base_url = ""
        self._reports = reports
        self._faults = faults
        self._files: dict[str, SignedFile] = {}
        self._expired_once: set[tuple[ReportKey, int]] = set()
        self._lock = threading.Lock()

    def links(self, key: ReportKey) -> list[str]:
        """A new link for each file of the report."""
        return [self._link(key, part) for part in range(len(self._reports.files(key)))]

    def _link(self, key: ReportKey, part: int) -> str:
        name, signature = secrets.token_urlsafe(18), secrets.token_urlsafe(24)
        with self._lock:
            self._files[name] = SignedFile(key, part, signature)
        expires = int(time.time()) + LINK_SECONDS
        return f"{self.base_url}/signed/{name}?sig={signature}&expires={expires}"

    def download(self, name: str, query: dict[str, str], *, has_authorization: bool) -> Response:
        """The file behind a link, or the storage service's refusal."""
        if has_authorization:
            return _refusal(HTTPStatus.BAD_REQUEST, "InvalidAuthenticationInfo")
        with self._lock:
            file = self._files.get(name)
            if file is None:
                return _refusal(HTTPStatus.NOT_FOUND, "BlobNotFound")
            if query.get("sig") != file.signature or file.uses >= LINK_USES or self._expires_now(file):
                return _refusal(HTTPStatus.FORBIDDEN, "AuthenticationFailed")
            file.uses += 1
        body = self._faults.file_body(file.key, self._reports.files(file.key)[file.part])
        return Response(HTTPStatus.OK, body, {"content-type": "application/octet-stream"})

    def _expires_now(self, file: SignedFile) -> bool:
        """Whether the fault strikes: at the first download of each file, whatever link leads to it."""
        first = (file.key, file.part) not in self._expired_once
        self._expired_once.add((file.key, file.part))
        return first and file.key.report in self._faults.expired_links_once


def _refusal(status: int, code: str) -> Response:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>Denied.</Message></Error>'
    return Response(status, body.encode(), {"content-type": "application/xml"})
