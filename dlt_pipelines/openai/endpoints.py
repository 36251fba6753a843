"""OpenAI's reports: what is asked, how its pages go on, and what a good answer must look like.

These are all the addresses that are ever called, and every one of them with GET: others beside them write.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.openai import records
from dlt_pipelines.openai.permissions import CODEX_USAGE, refusal
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import Envelope, Page, after_pages, envelope, getting, records_of, token_pages, value_of
from dlt_pipelines.record_shapes import RecordShape
from dlt_pipelines.report_files import LARGEST_DECIMAL

ORGANIZATION = "/v1/organization"
DAY_SECONDS = 86_400
# The vendor's largest page of buckets by day (costs would allow more) and of list items.
MOST_BUCKETS = 31
MOST_ITEMS = 100
CODEX_DAYS_BACK = 90

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
REPORT_THIS = "Nothing of it was loaded; the next run asks again. Report this if it stays."
ENVELOPE_FIELDS = {"object", "data", "has_more", "next_page", "first_id", "last_id"}
BUCKET_FIELDS = {"object", "start_time", "end_time", "results"}

Request = Asked[NamedAccount]
Accept = Callable[[Answer], Envelope]


def window(day: date) -> tuple[int, int]:
    """A UTC day in unix seconds: the start counts, the end does not."""
    start = int(datetime.combine(day, time(), UTC).timestamp())
    return start, start + DAY_SECONDS


def _accepting(asked: Request) -> Accept:
    """Lets a good answer pass as its envelope and raises what the others mean."""

    def accept(answer: Answer) -> Envelope:
        is_codex = asked.kind.name == CODEX_USAGE
        if answer.status in (401, 403) or (is_codex and answer.status == 404):
            raise refusal(asked.kind.name, asked.account.account_id, answer)
        if answer.status != 200:
            raise RequestFailed(f"{asked}: OpenAI answered {answer.status} {answer.message}".rstrip(), "Try later.")
        body: Envelope = answer.body or {}
        if "data" not in body:
            raise RequestFailed(f"{asked}: an answer without data", REPORT_THIS)
        return body

    return accept


def _unknown(found: Mapping[str, Any], known: set[str]) -> frozenset[str]:
    return frozenset(found) - known


def _parameters(asked: Request, groups: Sequence[str]) -> dict[str, Any]:
    assert asked.day is not None
    start, end = window(asked.day)
    return {
        "start_time": start,
        "end_time": end,
        "bucket_width": "1d",
        "limit": MOST_BUCKETS,
        "group_by[]": list(groups),
    }


def _bucketed(
    client: ApiClient,
    name: str,
    path: str,
    shape: RecordShape,
    groups: Sequence[str],
    prepare: Callable[[msgspec.Raw, Request], msgspec.Raw] = lambda record, _: record,
) -> Endpoint:
    """A report in buckets of a day, one closed UTC day at a time; a day without use is no bucket or an empty one."""
    ask = getting(client, path)
    context = {"grouped_by": ",".join(groups)}

    def pages(asked: Request) -> Iterator[Page]:
        for found in token_pages(ask, _parameters(asked, groups), _accepting(asked)):
            unknown = _unknown(found, ENVELOPE_FIELDS)
            results: list[msgspec.Raw] = []
            for raw in records_of(found["data"]):
                bucket = _object(raw, asked)
                _check_edges(bucket, asked)
                if "results" not in bucket:
                    raise RequestFailed(f"{asked}: a bucket without results", REPORT_THIS)
                unknown |= _unknown(bucket, BUCKET_FIELDS)
                results += records_of(bucket["results"])
            yield Page([prepare(result, asked) for result in results], context, unknown)

    return Endpoint(name, shape, pages)


def _object(raw: msgspec.Raw, asked: Request) -> Envelope:
    try:
        return envelope(bytes(raw))
    except ValueError:
        raise RequestFailed(f"{asked}: something else where an object should be", REPORT_THIS) from None


def _check_edges(bucket: Envelope, asked: Request) -> None:
    """Raises RequestFailed where a bucket is not exactly the UTC day that was asked for."""
    assert asked.day is not None
    edges = value_of(bucket.get("start_time")), value_of(bucket.get("end_time"))
    if edges != window(asked.day):
        raise RequestFailed(
            f"{asked}: a bucket from {edges[0]} to {edges[1]} is not the UTC day that was asked for", REPORT_THIS
        )


def _exact(record: msgspec.Raw, asked: Request) -> msgspec.Raw:
    """A cost with its numbers as text, digit by digit: the vendor itself writes amounts sometimes so, sometimes so."""
    fields: dict[str, Any] = dict(_object(record, asked))
    fields["quantity"] = _as_text(fields.get("quantity"), asked)
    amount = fields.get("amount")
    if amount is not None and bytes(amount) != b"null":
        members: dict[str, Any] = dict(_object(amount, asked))
        members["value"] = _as_text(members.get("value"), asked)
        fields["amount"] = members
    return msgspec.Raw(msgspec.json.encode(fields))


def _as_text(raw: msgspec.Raw | None, asked: Request) -> str | None:
    """A number's own digits; raises RequestFailed for what is none, NaN and Infinity included."""
    if raw is None or bytes(raw) == b"null":
        return None
    text = str(bytes(raw), "utf-8").strip('" ')
    if not NUMBER.fullmatch(text) or abs(Decimal(text)) >= LARGEST_DECIMAL:
        raise RequestFailed(f"{asked}: an amount is {text[:20]}, which is no amount of money", REPORT_THIS)
    return text


def costs(client: ApiClient) -> Endpoint:
    """What OpenAI charges: the figures that reconcile to its invoice."""
    groups = records.COST_GROUPS
    return _bucketed(client, "costs", f"{ORGANIZATION}/costs", records.COSTS, groups, _exact)


def usage(client: ApiClient) -> list[Endpoint]:
    """What was used, by every group that an endpoint knows."""
    return [
        _bucketed(client, f"usage-{name}", f"{ORGANIZATION}/usage/{name}", records.USAGE[name], groups)
        for name, groups in records.USAGE_GROUPS.items()
    ]


def codex_usage(client: ApiClient, workspace: str) -> Endpoint:
    """What the people of a ChatGPT workspace used Codex for, with credits."""
    ask = getting(client, f"/v1/analytics/codex/workspaces/{workspace}/usage")

    def pages(asked: Request) -> Iterator[Page]:
        assert asked.day is not None
        start, end = window(asked.day)
        parameters = {"start_time": start, "end_time": end, "group_by": "day", "limit": MOST_ITEMS}
        for found in token_pages(ask, parameters, _accepting(asked)):
            rows = records_of(found["data"])
            for row in rows:
                _check_edges(_object(row, asked), asked)
            yield Page(rows, unknown_fields=_unknown(found, ENVELOPE_FIELDS))

    return Endpoint(CODEX_USAGE, records.CODEX_USAGE, pages, history_days=CODEX_DAYS_BACK)


def _listed(client: ApiClient, path: str, parameters: Mapping[str, Any], accept: Accept) -> Iterator[Envelope]:
    return after_pages(getting(client, path), {"limit": MOST_ITEMS, **parameters}, accept, after="after")


def _list(client: ApiClient, name: str, path: str, shape: RecordShape, **parameters: str) -> Endpoint:
    """A list of the organisation as it is now."""

    def pages(asked: Request) -> Iterator[Page]:
        for found in _listed(client, f"{ORGANIZATION}/{path}", parameters, _accepting(asked)):
            yield Page(records_of(found["data"]), unknown_fields=_unknown(found, ENVELOPE_FIELDS))

    return Endpoint(name, shape, pages, dated=False)


ARCHIVED_TOO = {"include_archived": "true"}


@dataclass
class ProjectIds:
    """The organisation's projects, asked for once a run: id, and whether it is archived."""

    client: ApiClient
    _known: list[tuple[str, bool]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, asked: Request) -> list[tuple[str, bool]]:
        """All of them; raises what their refusal means for the report that needs them."""
        with self._lock:
            if self._known is None:
                pages = _listed(self.client, f"{ORGANIZATION}/projects", ARCHIVED_TOO, _accepting(asked))
                projects = [_object(raw, asked) for found in pages for raw in records_of(found["data"])]
                self._known = [
                    (str(value_of(project.get("id"))), value_of(project.get("status")) == "archived")
                    for project in projects
                ]
            return self._known


def _project_list(
    client: ApiClient, projects: ProjectIds, name: str, path: str, shape: RecordShape, **parameters: str
) -> Endpoint:
    """A list of every project, one after another; which one it is of stands in the context."""

    def pages(asked: Request) -> Iterator[Page]:
        for project_id, is_archived in projects.read(asked):
            accept = _accepting_archived(asked) if is_archived else _accepting(asked)
            place = f"{ORGANIZATION}/projects/{project_id}/{path}"
            for found in _listed(client, place, parameters, accept):
                yield Page(records_of(found.get("data")), {"project_id": project_id}, _unknown(found, ENVELOPE_FIELDS))

    return Endpoint(name, shape, pages, dated=False)


def _accepting_archived(asked: Request) -> Accept:
    """An archived project may have no lists any more."""
    accept = _accepting(asked)
    return lambda answer: {} if answer.status == 404 else accept(answer)


def lists(client: ApiClient) -> list[Endpoint]:
    """Projects, people and keys as they are now."""
    projects = ProjectIds(client)
    return [
        _list(client, "projects", "projects", records.PROJECTS, **ARCHIVED_TOO),
        _list(client, "users", "users", records.USERS),
        _list(client, "admin-api-keys", "admin_api_keys", records.ADMIN_API_KEYS),
        # Without "any" the keys of owners who lost access to the project stay hidden.
        _project_list(
            *(client, projects, "project-api-keys", "api_keys", records.PROJECT_API_KEYS), owner_project_access="any"
        ),
        _project_list(
            client, projects, "project-service-accounts", "service_accounts", records.PROJECT_SERVICE_ACCOUNTS
        ),
        _project_list(client, projects, "project-users", "users", records.PROJECT_USERS),
    ]
