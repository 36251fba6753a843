"""HTTP for the vendors' APIs: sessions, rate limits, retries and paging. No token and no signed address leaves it."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from dlt_pipelines.errors import RequestFailed, VendorUnreachable

T = TypeVar("T")

TIMEOUT_SECONDS = (10, 120)
CHUNK_BYTES = 1 << 20
# Pauses from here on are told.
LONG_WAIT_SECONDS = 10


class Retryable(Exception):
    """The answer asks for another try; `wait_seconds` is how long the vendor wants us to wait, if it says."""

    def __init__(
        self, reason: str, wait_seconds: float | None = None, *, limited: bool = False, unreachable: bool = False
    ) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds
        self.limited = limited
        self.unreachable = unreachable


@dataclass(frozen=True)
class Clock:
    """Time as the client sees it, so that tests need no waiting; without `sleep` it waits until it is closed."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] | None = None


@dataclass
class Pace:
    """Lets at most `points` requests start in any 60 seconds, over all threads."""

    points: int
    clock: Clock
    closed: threading.Event = field(default_factory=threading.Event)
    _starts: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for_turn(self) -> None:
        """Returns when one more request may start; raises RequestFailed once the client is closed."""
        while True:
            if self.closed.is_set():
                raise RequestFailed("the run was stopped", "Run again; what is loaded stays.")
            with self._lock:
                now = self.clock.now()
                while self._starts and self._starts[0] <= now - 60:
                    self._starts.popleft()
                if len(self._starts) < self.points:
                    self._starts.append(now)
                    return
                pause = self._starts[0] + 60 - now
            (self.clock.sleep or self.closed.wait)(pause)


@dataclass(frozen=True)
class Limits:
    """How often an API may be asked, and how long to wait when it says no (GitHub's documented rules)."""

    points_per_minute: int = 900
    attempts: int = 6
    secondary_wait_seconds: float = 60
    server_error_wait_seconds: float = 1
    longest_wait_seconds: float = 3700


@dataclass(frozen=True)
class Answer:
    """What an API said: status, headers and the parsed JSON body (None where the body is empty)."""

    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    body: Any
    path: str

    @property
    def message(self) -> str:
        """The vendor's own words of an error."""
        if not isinstance(self.body, dict):
            return ""
        error = self.body.get("error")
        nested = error.get("message") if isinstance(error, dict) else None
        return str(nested or self.body.get("message") or (error if isinstance(error, str) else ""))


@dataclass(frozen=True)
class DownloadedFile:
    """A file on disk, with its digest (sha256, hex) and size."""

    path: Path
    sha256: str
    bytes: int


class ApiClient:
    """A vendor's API. Thread-safe: one connection pool, one pace for all threads."""

    def __init__(
        self,
        api_url: str,
        headers: dict[str, str],
        *,
        limits: Limits | None = None,
        clock: Clock | None = None,
        connections: int = 16,
        notice: Callable[[str], None] | None = None,
        name: str = "GitHub",
    ) -> None:
        self._name = name
        self.api_url = api_url.rstrip("/")
        self._notice = notice
        self._closed = threading.Event()
        self._limits = limits or Limits()
        self._clock = clock or Clock()
        self._pace = Pace(self._limits.points_per_minute, self._clock, self._closed)
        self._api = self._session(connections)
        self._api.headers.update(headers)
        self._storage = self._session(connections)

    @staticmethod
    def _session(connections: int) -> requests.Session:
        session = _Session()
        # A .netrc of the user's must not put another credential in the token's place, or one on a signed link.
        session.auth = _as_it_is
        adapter = HTTPAdapter(pool_connections=connections, pool_maxsize=connections)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def get(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        decode: Callable[[bytes], Any] = json.loads,
    ) -> Answer:
        """The answer to GET: any status that is not worth another try, 4xx included.

        `headers` stand beside those of every request. `decode` turns the body of a success into what the answer holds;
        a ValueError asks for another try.
        """
        return self._with_retries(
            lambda: self._request("GET", self._url(path), decode, params=params, headers=headers), path
        )

    def post(self, path: str, body: dict[str, Any], *, decode: Callable[[bytes], Any] = json.loads) -> Answer:
        """The answer to a POST that only reads (GraphQL, searches); `decode` as in `get`."""
        return self._with_retries(lambda: self._request("POST", self._url(path), decode, json=body), path)

    def pages(self, path: str, params: dict[str, Any] | None = None) -> Iterator[Answer]:
        """The answers of all pages, following `Link: rel="next"`; stops at the first that is not 200."""
        answer = self.get(path, params)
        yield answer
        while answer.status == 200 and (link := _next_link(answer)):
            answer = self.get(link)
            yield answer

    def download(self, url: str, target: Path) -> DownloadedFile | None:
        """Stores a signed link's file at `target`, or returns None where the link has expired.

        The link carries its own signature: no Authorization header goes with it, and it is never logged.
        """

        def fetch() -> DownloadedFile | None:
            with _guarded(), self._storage.get(url, stream=True, timeout=TIMEOUT_SECONDS) as response:
                if response.status_code in (401, 403, 404, 410):
                    return None
                if response.status_code != 200:
                    raise Retryable(f"storage answered {response.status_code}")
                digest = hashlib.sha256()
                size = 0
                with target.open("wb") as file:
                    for chunk in response.iter_content(CHUNK_BYTES):
                        digest.update(chunk)
                        size += len(chunk)
                        file.write(chunk)
                return DownloadedFile(target, digest.hexdigest(), size)

        return self._with_retries(fetch, "a signed report link")

    def _url(self, path: str) -> str:
        if not path.startswith("http"):
            return self.api_url + path
        if urlsplit(path).netloc != urlsplit(self.api_url).netloc:
            raise RequestFailed("a paging link leads to another host", "The token was not sent there; check api_url.")
        return path

    def _request(self, method: str, url: str, decode: Callable[[bytes], Any], **arguments: Any) -> Answer:
        self._pace.wait_for_turn()
        with (
            _guarded(),
            self._api.request(method, url, timeout=TIMEOUT_SECONDS, stream=True, **arguments) as response,
        ):
            # In one piece: requests' own way cuts a large page into tens of thousands of small ones.
            content = response.raw.read(decode_content=True)
        self._raise_if_retryable(response, content)
        try:
            body = (decode if response.ok else json.loads)(content) if content.strip() else None
        except ValueError:
            if response.ok:
                raise Retryable("the answer is not JSON") from None
            body = None
        return Answer(response.status_code, response.headers, body, urlsplit(url).path)

    def _raise_if_retryable(self, response: requests.Response, content: bytes) -> None:
        """GitHub's rules: retry-after, else an exhausted primary limit, else a secondary limit; then 5xx."""
        status, headers = response.status_code, response.headers
        if status in (403, 429):
            if headers.get("retry-after", "").isdecimal():
                raise Retryable("rate limit", float(headers["retry-after"]), limited=True)
            if headers.get("x-ratelimit-remaining") == "0":
                told = headers.get("x-ratelimit-reset", "")
                pause = float(told) - self._clock.now() if told.isdecimal() else 60
                raise Retryable("primary rate limit", max(pause, 0) + 1, limited=True)
            if status == 429 or b"secondary rate limit" in content.lower():
                raise Retryable("secondary rate limit", limited=True)
        elif status >= 500:
            raise Retryable(f"the server answered {status}")

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, Retryable)
        if error.wait_seconds is not None:
            return error.wait_seconds
        limits = self._limits
        base = limits.secondary_wait_seconds if error.limited else limits.server_error_wait_seconds
        return float(base * 2 ** (state.attempt_number - 1))

    def _with_retries(self, call: Callable[[], T], what: str) -> T:
        retrying = Retrying(
            retry=retry_if_exception_type(Retryable),
            stop=stop_after_attempt(self._limits.attempts),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        path = urlsplit(what).path
        try:
            return retrying(call)
        except Retryable as error:
            reason, unreachable = str(error), error.unreachable
        if unreachable:
            host = urlsplit(self.api_url).hostname
            raise VendorUnreachable(
                f"{host}: {reason}, {self._limits.attempts} times", "Check the network and api_url."
            )
        raise RequestFailed(f"{path}: {reason}, {self._limits.attempts} times", "Try again later.")

    def close(self) -> None:
        """Wakes threads that wait, for a limit to end or for their turn; nobody asks any more."""
        self._closed.set()

    def _sleep(self, seconds: float) -> None:
        if seconds > self._limits.longest_wait_seconds:
            raise RequestFailed(
                f"the rate limit resets only in {seconds / 60:.0f} minutes", "Run again then; what is loaded stays."
            )
        if seconds >= LONG_WAIT_SECONDS and self._notice:
            self._notice(f"{self._name} asks for a pause of {seconds:.0f} seconds (rate limit)")
        self.pause(seconds)

    def pause(self, seconds: float) -> None:
        """Waits by the client's clock; raises RequestFailed once the client is closed."""
        if self._clock.sleep is None:
            self._closed.wait(seconds)
        else:
            self._clock.sleep(seconds)
        if self._closed.is_set():
            raise RequestFailed("the run was stopped", "Run again; what is loaded stays.")


class _Session(requests.Session):
    """Sent on to another host, it takes no key along: requests itself holds back only the Authorization header."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        if self.should_strip_auth(response.request.url, prepared_request.url):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop("x-api-key", None)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


@contextmanager
def _guarded() -> Iterator[None]:
    """Turns requests' exceptions, whose texts hold whole addresses, into ones that name none."""
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        name = type(error).__name__
    else:
        return
    raise Retryable(f"no usable answer ({name})", unreachable=True)


def _next_link(answer: Answer) -> str | None:
    links = requests.utils.parse_header_links(answer.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)
