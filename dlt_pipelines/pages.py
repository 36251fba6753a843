"""Pages of a vendor's JSON API, cut into records without being parsed: each record stays the vendor's own text."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.report_files import ReportFile

Envelope = dict[str, msgspec.Raw]

_ENVELOPE = msgspec.json.Decoder(Envelope)
_RECORDS = msgspec.json.Decoder(list[msgspec.Raw])

# No vendor pages that far; a server that repeats itself must not be followed for ever.
MOST_PAGES = 100_000


class WindowMoved(Exception):
    """The window changed while its pages were read, or the vendor forgot the cursor: it is read again from page one."""


class NotThereYet(Exception):
    """The vendor says that it does not have this day yet; the text is its own."""


@dataclass(frozen=True)
class Page:
    """Records of one page, and what is known of all of them (`context`); the envelope's unknown fields are counted."""

    records: Sequence[msgspec.Raw]
    context: Mapping[str, str | None] = field(default_factory=dict)
    unknown_fields: frozenset[str] = frozenset()


def envelope(content: bytes) -> Envelope:
    """The top-level fields of a page, unparsed; raises ValueError where it is no JSON object."""
    try:
        return _ENVELOPE.decode(content)
    except msgspec.MsgspecError as error:
        raise ValueError("not a JSON object") from error


def records_of(raw: msgspec.Raw | None) -> list[msgspec.Raw]:
    """The items of an array, unparsed; none where the field is absent or null."""
    if raw is None or bytes(raw) == b"null":
        return []
    try:
        return _RECORDS.decode(raw)
    except msgspec.MsgspecError:
        raise RequestFailed("a list in the answer is no list", "The vendor changed its API; report this.") from None


def value_of(raw: msgspec.Raw | None) -> Any:
    """A small field, parsed; None where it is absent."""
    return None if raw is None else msgspec.json.decode(raw)


Ask = Callable[[Mapping[str, Any]], Answer]


def getting(client: ApiClient, path: str, headers: Mapping[str, str] | None = None) -> Ask:
    """Asks with GET; parameters go into the address, `headers` beside those that every request has."""
    return lambda parameters: client.get(path, dict(parameters), headers=headers, decode=envelope)


def posting(client: ApiClient, path: str) -> Ask:
    """Asks with POST; parameters go into the body."""
    return lambda parameters: client.post(path, dict(parameters), decode=envelope)


def token_pages(ask: Ask, parameters: Mapping[str, Any], accept: Callable[[Answer], Envelope]) -> Iterator[Envelope]:
    """Pages that name the next one (`has_more`, `next_page`); the last has neither.

    Raises RequestFailed where the vendor promises more without saying where, or names a page twice.
    """
    page: str | None = None
    seen: set[str] = set()
    while True:
        found = accept(ask(parameters if page is None else {**parameters, "page": page}))
        yield found
        page = value_of(found.get("next_page"))
        has_more = value_of(found.get("has_more"))
        if has_more and not page:
            raise RequestFailed("the vendor says there is more but not where", "Try again later.")
        if not page or has_more is False:
            return
        if page in seen:
            raise RequestFailed("the vendor names the same next page twice", "Try again later.")
        seen.add(page)


def after_pages(
    ask: Ask, parameters: Mapping[str, Any], accept: Callable[[Answer], Envelope], after: str = "after_id"
) -> Iterator[Envelope]:
    """Lists that go on after the last id (`has_more`, `last_id`); the last page has a last_id too."""
    last: str | None = None
    seen: set[str] = set()
    while True:
        found = accept(ask(parameters if last is None else {**parameters, after: last}))
        yield found
        last = value_of(found.get("last_id"))
        if not value_of(found.get("has_more")):
            return
        if not last or last in seen:
            raise RequestFailed("the vendor says there is more but not where", "Try again later.")
        seen.add(last)


@dataclass
class PageFiles:
    """The files of one report as its pages arrive: one for each context, in the spool."""

    spool: Path
    asked: Asked[Any]
    bytes: int = 0
    unknown_fields: dict[str, int] = field(default_factory=dict)
    _files: dict[tuple[tuple[str, str | None], ...], ReportFile] = field(default_factory=dict)
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, page: Page) -> None:
        """Writes a page's records, one a line."""
        for name in page.unknown_fields:
            self.unknown_fields[name] = self.unknown_fields.get(name, 0) + 1
        if not page.records:
            return
        lines = b"\n".join([*page.records, b""])
        if lines.count(b"\n") > len(page.records):
            # A line break inside a record stands between its tokens: JSON allows none within a text.
            lines = b"\n".join([*(bytes(record).replace(b"\n", b" ") for record in page.records), b""])
        with self._file(page.context).path.open("ab") as file:
            file.write(lines)
        self._digest.update(lines)
        self.bytes += len(lines)

    def _file(self, context: Mapping[str, str | None]) -> ReportFile:
        key = tuple(sorted(context.items()))
        if key not in self._files:
            name = f"{self.asked.kind.name}_{self.asked.account.slug}_{self.asked.day or 'latest'}_{uuid.uuid4().hex}"
            where = "".join(f", {value}" for _, value in key if value)
            path = self.spool / f"{name}.ndjson"
            self._files[key] = ReportFile(path, f"{self.asked}{where}", "newline_delimited", dict(context))
        return self._files[key]

    @property
    def files(self) -> list[ReportFile]:
        """The files that hold a record."""
        return list(self._files.values())

    @property
    def sha256(self) -> str:
        """Digest of all records in the order in which they came."""
        return str(self._digest.hexdigest())

    def discard(self) -> None:
        """Deletes what was written."""
        for file in self._files.values():
            file.path.unlink(missing_ok=True)
