"""Anthropic's reports and lists: what is asked, how pages go on, and what the refusals of a request mean.

Dated reports are asked for one closed UTC day at a time, so that a day is read, replaced and final by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from dlt_pipelines.anthropic import records, rows
from dlt_pipelines.anthropic.permissions import OPTIONAL, refusal
from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import (
    Ask,
    Envelope,
    NotThereYet,
    Page,
    WindowMoved,
    after_pages,
    getting,
    records_of,
    token_pages,
    value_of,
)
from dlt_pipelines.record_shapes import RecordShape
from dlt_pipelines.windows import ONE_DAY

ORGANIZATIONS = "/v1/organizations"
ANALYTICS_BETA = {"anthropic-beta": "analytics-usage-cost-2026-08-24"}
# Without it the older usage report refuses to group by speed.
SPEED_BETA = {"anthropic-beta": "fast-mode-2026-02-01"}
PER_PAGE = 1000

# Before this day Anthropic's analytics have nothing; every range must lie in the last 365 days.
ANALYTICS_FIRST_DAY = date(2026, 1, 1)
ANALYTICS_HISTORY_DAYS = 364
LEGACY_FIRST_DAY = date(2024, 1, 1)
LEGACY_HISTORY_DAYS = 3650
CLAUDE_CODE_FIRST_DAY = date(2025, 1, 1)
# Enterprise costs are restated for 30 days; the same is assumed of the analytics of a Console organisation.
FINAL_COST_DAYS = 30
FINAL_DAYS = 4
# A cost report that is refused for a day this young is one that is not closed yet.
YOUNG_DAYS = 3

# At most five dimensions, beside cost_type and token_type. Costs: who, what and where.
COST_GROUPS = ("actor", "api_key_id", "model", "product", "workspace_id", "cost_type", "token_type")
# Tokens need no workspace (a key has one), but their price depends on where they were worked on. That they went through
# a batch, which halves it, is told by the product (message_batches_api).
USAGE_GROUPS = ("actor", "api_key_id", "inference_geo", "model", "product")
MESSAGES_GROUPS = (
    *("account_id", "api_key_id", "context_window", "inference_geo", "model", "service_account_id", "service_tier"),
    *("speed", "workspace_id"),
)
COST_REPORT_GROUPS = ("description", "workspace_id")
# Never by rbac_group_id: who is in two groups is counted in both.
USER_USAGE_GROUPS = ("context_window", "inference_geo", "model", "product", "speed")
USER_COST_GROUPS = ("cost_type", "model", "product", "token_type")

# In which of an answer's fields the records are; the first that is there counts.
LISTS = {"summaries": ("summaries", "data")}
REPORT_THIS = "Nothing of it was loaded; the next run asks again. Report this if it stays."

ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")

Accept = Callable[[Answer], Envelope]
Pages = Callable[[Asked[NamedAccount]], Iterator[Page]]


@dataclass(frozen=True)
class Reader:
    """Reads pages for one key."""

    client: ApiClient
    today: date

    def token_pages(
        self,
        asked: Asked[NamedAccount],
        path: str,
        parameters: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Envelope]:
        """The pages of a report, each naming the next."""
        return token_pages(self._ask(path, headers), parameters, self.accepting(asked))

    def after_pages(
        self, asked: Asked[NamedAccount], path: str, parameters: Mapping[str, Any] | None = None
    ) -> Iterator[Envelope]:
        """The pages of a list, each beginning after the last id of the one before."""
        return after_pages(self._ask(path, None), {"limit": PER_PAGE, **(parameters or {})}, self.accepting(asked))

    def _ask(self, path: str, headers: Mapping[str, str] | None) -> Ask:
        return getting(self.client, f"{ORGANIZATIONS}{path}", headers)

    def accepting(self, asked: Asked[NamedAccount]) -> Accept:
        """Lets a good answer pass as its envelope and raises what the others mean.

        The first answer comes without a cursor, the later ones with one: a cursor is bound to its parameters (400) and
        may end when the data are refreshed (410).
        """
        has_cursor = False

        def accept(answer: Answer) -> Envelope:
            nonlocal has_cursor
            came_with_cursor, has_cursor = has_cursor, True
            if answer.status == 200:
                body: Envelope = answer.body or {}
                listed(asked, body, *LISTS.get(asked.kind.name, ("data",)))
                return body
            if answer.status == 410 or (came_with_cursor and answer.status == 400):
                raise WindowMoved
            if answer.status in (401, 403, 404):
                if asked.kind.name in OPTIONAL and not (answer.status == 401 and asked.account.scope == "enterprise"):
                    raise NotThereYet(OPTIONAL[asked.kind.name])
                raise refusal(asked.kind.name, asked.account.account_id, answer)
            if answer.status == 400 and self._is_early(asked, answer):
                raise NotThereYet(answer.message or "the day is not closed yet")
            raise RequestFailed(f"{asked}: Anthropic answered {answer.status} {answer.message}".rstrip(), "Try later.")

        return accept

    def _is_early(self, asked: Asked[NamedAccount], answer: Answer) -> bool:
        """Whether a 400 says that the day has no report yet: by naming the latest day that has one, or by its age."""
        if asked.day is None:
            return False
        # Dates that have no later part of the day; the first day of all is named where a range begins before it.
        named = set(ISO_DATE.findall(answer.message)) - {ANALYTICS_FIRST_DAY.isoformat()}
        if any(found < asked.day.isoformat() for found in named):
            return True
        return asked.kind.name == "cost-report" and (self.today - asked.day).days <= YOUNG_DAYS


def listed(asked: Asked[NamedAccount], found: Envelope, *names: str) -> list[msgspec.Raw]:
    """The records of the first field that is there; raises RequestFailed without one: that is no day without use."""
    for name in names:
        if name in found and bytes(found[name]) != b"null":
            return records_of(found[name])
    raise RequestFailed(f"{asked}: an answer without {names[0]}", REPORT_THIS)


def span(day: date) -> dict[str, str]:
    """The bounds of a UTC day, the second one excluded."""
    return {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{day + ONE_DAY}T00:00:00Z"}


def unknown(found: Mapping[str, Any], *known: str) -> frozenset[str]:
    """The fields of an envelope that this version does not know."""
    return frozenset(found) - {"data", "has_more", "next_page", "first_id", "last_id", *known}


def complete_until(asked: Asked[NamedAccount], found: Envelope) -> str | None:
    """The watermark of an answer; raises NotThereYet where the day was not over by then."""
    refreshed = value_of(found.get("data_refreshed_at"))
    if refreshed and asked.day and str(refreshed)[:10] <= asked.day.isoformat():
        raise NotThereYet(f"Anthropic's data are complete up to {refreshed} only")
    return None if refreshed is None else str(refreshed)


def analytics_parameters(groups: Sequence[str], day: date, limit: int = PER_PAGE) -> dict[str, Any]:
    """What analytics/usage and analytics/cost are asked for a day."""
    return {**span(day), "time_bucket_width": "1d", "group_by[]": list(groups), "limit": limit}


def analytics_path(report: str) -> str:
    """Where analytics-usage and analytics-cost are."""
    return f"/analytics/{report.removeprefix('analytics-')}"


def _analytics(reader: Reader, name: str, shape: RecordShape, groups: Sequence[str], amounts: str) -> Endpoint:
    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        assert asked.day is not None
        context: dict[str, str | None] | None = None
        parameters = analytics_parameters(groups, asked.day)
        for found in reader.token_pages(asked, analytics_path(name), parameters, ANALYTICS_BETA):
            refreshed = complete_until(asked, found)
            context = context or _context(groups, refreshed)
            results = (rows.flat(record, "group", amounts) for record in records_of(found.get("data")))
            yield Page(list(rows.with_exact_amounts(results)), context, unknown(found, "data_refreshed_at"))

    return Endpoint(
        name,
        shape,
        pages,
        first_day=ANALYTICS_FIRST_DAY,
        history_days=ANALYTICS_HISTORY_DAYS,
        final_after_days=FINAL_COST_DAYS,
    )


def _context(groups: Sequence[str], refreshed: str | None) -> dict[str, str | None]:
    return {"grouped_by": ",".join(sorted(groups)), "data_refreshed_at": refreshed}


def analytics_usage(reader: Reader) -> Endpoint:
    """Tokens by actor, key, model, product and place of inference."""
    return _analytics(reader, "analytics-usage", records.ANALYTICS_USAGE, USAGE_GROUPS, "usage")


def analytics_cost(reader: Reader) -> Endpoint:
    """Billed and list amounts by actor, key, model, product, workspace, cost type and token type."""
    return _analytics(reader, "analytics-cost", records.ANALYTICS_COST, COST_GROUPS, "cost")


def _buckets(
    reader: Reader,
    name: str,
    path: str,
    shape: RecordShape,
    groups: Sequence[str],
    headers: Mapping[str, str] | None,
    asks_for: Callable[[date], bool],
) -> Endpoint:
    """An older report, whose days are buckets, empty ones included."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        assert asked.day is not None
        # Many buckets grouped by many dimensions have been refused; one is all that a day has.
        parameters = {**span(asked.day), "bucket_width": "1d", "group_by[]": list(groups), "limit": 1}
        context: dict[str, str | None] = {"grouped_by": ",".join(sorted(groups))}
        for found in reader.token_pages(asked, path, parameters, headers):
            for bucket in map(rows.fields_of, records_of(found.get("data"))):
                if str(value_of(bucket.get("starting_at")))[:10] != asked.day.isoformat():
                    raise RequestFailed(f"{asked}: Anthropic answered with another day", "Try later.")
                results = map(rows.flat, listed(asked, bucket, "results"))
                yield Page(list(rows.with_exact_amounts(results)), context, unknown(found))

    return Endpoint(
        name,
        shape,
        pages,
        first_day=LEGACY_FIRST_DAY,
        history_days=LEGACY_HISTORY_DAYS,
        final_after_days=FINAL_DAYS,
        asks_for=asks_for,
    )


def messages_usage(reader: Reader, asks_for: Callable[[date], bool]) -> Endpoint:
    """Tokens of the Messages API by every dimension that a price depends on."""
    path = "/usage_report/messages"
    shape = records.MESSAGES_USAGE
    return _buckets(reader, "messages-usage", path, shape, MESSAGES_GROUPS, SPEED_BETA, asks_for)


def cost_report(reader: Reader, asks_for: Callable[[date], bool]) -> Endpoint:
    """Billed amounts by workspace and description; the vendor groups them by nothing else."""
    shape = records.COST_REPORT
    return _buckets(reader, "cost-report", "/cost_report", shape, COST_REPORT_GROUPS, None, asks_for)


def _by_user(
    reader: Reader, name: str, shape: RecordShape, groups: Sequence[str], asks_for: Callable[[date], bool]
) -> Endpoint:
    """An older Enterprise report: one row per seat user and group for the whole range asked for, which is one day."""
    path = f"/analytics/{name.replace('-', '_')}_report"

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        assert asked.day is not None
        context: dict[str, str | None] | None = None
        parameters = {**span(asked.day), "group_by[]": list(groups), "limit": PER_PAGE}
        for found in reader.token_pages(asked, path, parameters):
            refreshed = complete_until(asked, found)
            context = context or _context(groups, refreshed)
            results = list(rows.with_exact_amounts(map(rows.flat, records_of(found.get("data")))))
            yield Page(results, context, unknown(found, "data_refreshed_at", "organization_id"))

    return Endpoint(
        name,
        shape,
        pages,
        first_day=ANALYTICS_FIRST_DAY,
        history_days=ANALYTICS_HISTORY_DAYS,
        final_after_days=FINAL_COST_DAYS,
        asks_for=asks_for,
    )


def user_usage(reader: Reader, asks_for: Callable[[date], bool]) -> Endpoint:
    """Tokens by seat user, before the unified reports."""
    return _by_user(reader, "user-usage", records.USER_USAGE, USER_USAGE_GROUPS, asks_for)


def user_cost(reader: Reader, asks_for: Callable[[date], bool]) -> Endpoint:
    """Amounts by seat user, before the unified reports."""
    return _by_user(reader, "user-cost", records.USER_COST, USER_COST_GROUPS, asks_for)


def claude_code(reader: Reader) -> Endpoint:
    """What was done in Claude Code. Organisations whose developers sign in with seats get empty answers."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        parameters = {"starting_at": str(asked.day), "limit": PER_PAGE}
        for found in reader.token_pages(asked, "/usage_report/claude_code", parameters):
            yield Page(list(map(rows.flat, records_of(found.get("data")))), unknown_fields=unknown(found))

    return Endpoint(
        "claude-code",
        records.CLAUDE_CODE,
        pages,
        first_day=CLAUDE_CODE_FIRST_DAY,
        history_days=LEGACY_HISTORY_DAYS,
        final_after_days=FINAL_DAYS,
    )


def _engagement(name: str, shape: RecordShape, pages: Pages) -> Endpoint:
    return Endpoint(
        name,
        shape,
        pages,
        first_day=ANALYTICS_FIRST_DAY,
        history_days=ANALYTICS_HISTORY_DAYS,
        final_after_days=FINAL_DAYS,
    )


def users_activity(reader: Reader) -> Endpoint:
    """What seat users did; a snapshot that is made on the next morning."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        parameters = {"date": str(asked.day), "limit": PER_PAGE}
        for found in reader.token_pages(asked, "/analytics/users", parameters):
            results = list(map(rows.flat, records_of(found.get("data"))))
            yield Page(results, unknown_fields=unknown(found, "data_refreshed_at", "organization_id"))

    return _engagement("users-activity", records.USERS_ACTIVITY, pages)


def summaries(reader: Reader) -> Endpoint:
    """Seats and active users of the day."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        assert asked.day is not None
        parameters = {"starting_date": str(asked.day), "ending_date": str(asked.day + ONE_DAY)}
        for found in reader.token_pages(asked, "/analytics/summaries", parameters):
            # Should the end be included, the later day has a report of its own.
            results = [
                record
                for record in listed(asked, found, *LISTS["summaries"])
                if str(value_of(rows.fields_of(record).get("starting_at")))[:10] == asked.day.isoformat()
            ]
            yield Page(
                list(map(rows.flat, results)),
                unknown_fields=unknown(found, "summaries", "data_refreshed_at", "organization_id"),
            )

    return _engagement("summaries", records.SUMMARIES, pages)


def _list(name: str, shape: RecordShape, pages: Pages) -> Endpoint:
    return Endpoint(name, shape, pages, dated=False)


def _after_list(
    reader: Reader,
    name: str,
    path: str,
    shape: RecordShape,
    parameters: Mapping[str, Any] | None = None,
    change: Callable[[msgspec.Raw], msgspec.Raw] = rows.flat,
) -> Endpoint:
    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        for found in reader.after_pages(asked, path, parameters):
            yield Page(list(map(change, records_of(found.get("data")))), unknown_fields=unknown(found))

    return _list(name, shape, pages)


def api_keys(reader: Reader) -> Endpoint:
    """Keys of every status."""
    return _after_list(reader, "api-keys", "/api_keys", records.API_KEYS, change=rows.api_key)


def workspaces(reader: Reader) -> Endpoint:
    """Workspaces, archived ones too; never the default one, which the vendor leaves out."""
    shape = records.WORKSPACES
    return _after_list(reader, "workspaces", "/workspaces", shape, {"include_archived": "true"}, rows.workspace)


def users(reader: Reader) -> Endpoint:
    """The users of a Console organisation."""
    return _after_list(reader, "users", "/users", records.USERS)


def workspace_members(reader: Reader) -> Endpoint:
    """The members of every workspace that is in use."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        ids = [
            rows.id_of(workspace)
            for found in reader.after_pages(asked, "/workspaces")
            for workspace in records_of(found.get("data"))
        ]
        for workspace_id in ids:
            for found in reader.after_pages(asked, f"/workspaces/{workspace_id}/members"):
                yield Page(list(map(rows.flat, records_of(found.get("data")))), unknown_fields=unknown(found))

    return _list("workspace-members", records.WORKSPACE_MEMBERS, pages)


def _token_list(reader: Reader, name: str, path: str, shape: RecordShape) -> Endpoint:
    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        for found in reader.token_pages(asked, path, {"limit": PER_PAGE}):
            results = rows.with_exact_amounts(map(rows.flat, records_of(found.get("data"))))
            yield Page(list(results), unknown_fields=unknown(found))

    return _list(name, shape, pages)


def service_accounts(reader: Reader) -> Endpoint:
    """Service accounts, which only OAuth credentials may list."""
    return _token_list(reader, "service-accounts", "/service_accounts", records.SERVICE_ACCOUNTS)


def spend_limits(reader: Reader) -> Endpoint:
    """The limit in force for every member of an Enterprise organisation."""
    return _token_list(reader, "spend-limits", "/spend_limits/effective", records.SPEND_LIMITS)
