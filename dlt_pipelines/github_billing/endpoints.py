"""GitHub's billing answers: what is asked, how a list goes on, and how its numbers keep their digits.

An enterprise's days come from its exports (orders.py). Here it is asked for whole months: a usage summary over all cost
centers, and usage by cost center. Organizations have no exports over the API: they are asked day by day.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked
from dlt_pipelines.github_billing import records
from dlt_pipelines.github_billing.permissions import check
from dlt_pipelines.github_billing.settings import AI_CREDITS_FIRST_DAY, FINAL_AFTER_DAYS, HISTORY_DAYS
from dlt_pipelines.http import ApiClient
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import MOST_PAGES, Envelope, Page, envelope, records_of, value_of
from dlt_pipelines.record_shapes import RecordShape

BUDGETS_PER_PAGE = 100
REPORT_THIS = "Nothing of it was loaded; the next run asks again. Report this if it stays."

# What may stand where a number is expected; anything else is no number, and what it is may name a person.
NUMBER = re.compile(rb"-?[0-9][0-9.eE+-]*")
USAGE_NUMBERS = ("quantity", "pricePerUnit", "grossAmount", "discountAmount", "netAmount")
SUMMED_NUMBERS = (*USAGE_NUMBERS[1:], "grossQuantity", "discountQuantity", "netQuantity")
BUDGET_NUMBERS = ("budget_amount", "consumed_amount")
POOL_NUMBERS = ("target_amount", "current_amount")

# What an envelope is known to hold beside its items: it repeats the question.
ECHOES = (
    *("timePeriod", "organization", "enterprise", "user", "repository", "product", "sku", "model", "costCenter"),
    "costCenterId",
)

Fields = dict[str, msgspec.Raw]
_FIELDS = msgspec.json.Decoder(Fields)


def path_of(account: NamedAccount) -> str:
    """The start of an account's billing addresses: /organizations/, not /orgs/."""
    kind = "enterprises" if account.scope == "enterprise" else "organizations"
    return f"/{kind}/{account.slug}/settings/billing"


def exactly(fields: Fields, names: Iterable[str], what: str) -> Fields:
    """The fields with these numbers as text, digit by digit: a reader of JSON would make doubles of them."""
    found = dict(fields)
    for name in names:
        raw = bytes(fields.get(name, b"null"))
        if raw == b"null":
            continue
        if not NUMBER.fullmatch(raw):
            raise RequestFailed(f"{what}: {name} is not a number", REPORT_THIS)
        found[name] = msgspec.Raw(b'"' + raw + b'"')
    return found


@dataclass(frozen=True)
class Billing:
    """An account's billing, asked through a client."""

    client: ApiClient
    account: NamedAccount

    def ask(self, report: str, path: str, parameters: Mapping[str, Any]) -> Envelope:
        """The envelope of a good answer; raises what any other means."""
        answer = self.client.get(path_of(self.account) + path, dict(parameters), decode=envelope)
        check(self.account, report, answer, 200)
        return answer.body or {}

    def items(self, report: str, path: str, parameters: Mapping[str, Any], numbers: tuple[str, ...]) -> Page:
        """The usage items of an answer, their numbers as text."""
        found = self.ask(report, path, parameters)
        what = f"{report} of {self.account.account_id}"
        if "usageItems" not in found:
            raise RequestFailed(f"{what}: an answer without usageItems", REPORT_THIS)
        items = [exactly(_FIELDS.decode(raw), numbers, what) for raw in records_of(found["usageItems"])]
        unknown = frozenset(found) - {"usageItems", *ECHOES}
        return Page([msgspec.Raw(msgspec.json.encode(item)) for item in items], unknown_fields=unknown)


def endpoints(client: ApiClient, account: NamedAccount) -> list[Endpoint]:
    """What an account is asked for."""
    billing = Billing(client, account)
    if account.scope == "enterprise":
        centers = CostCenters(billing)
        return [summary(billing), usage_by_month(billing, centers), budgets(billing), centers.endpoint()]
    return [
        usage_by_day(billing),
        model_usage(billing, "ai-credit-usage", "/ai_credit/usage", lambda day: day >= AI_CREDITS_FIRST_DAY),
        model_usage(billing, "premium-request-usage", "/premium_request/usage", lambda day: day < AI_CREDITS_FIRST_DAY),
        summary(billing),
        budgets(billing),
    ]


def _dated(
    name: str,
    shape: RecordShape,
    pages: Callable[[Asked[NamedAccount]], Iterator[Page]],
    *,
    monthly: bool = False,
    asks_for: Callable[[date], bool] = lambda _: True,
) -> Endpoint:
    return Endpoint(
        name,
        shape,
        pages,
        history_days=HISTORY_DAYS,
        final_after_days=FINAL_AFTER_DAYS,
        asks_for=asks_for,
        monthly=monthly,
    )


def _when(asked: Asked[NamedAccount], *, monthly: bool = False) -> dict[str, int]:
    """Year, month and day: without them GitHub answers for a whole year or for the running month."""
    assert asked.day is not None
    found = {"year": asked.day.year, "month": asked.day.month}
    return found if monthly else {**found, "day": asked.day.day}


def usage_by_day(billing: Billing) -> Endpoint:
    """All products of one day."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        yield billing.items("usage", "/usage", _when(asked), USAGE_NUMBERS)

    return _dated("usage", records.usage("usage"), pages)


def model_usage(billing: Billing, name: str, path: str, asks_for: Callable[[date], bool]) -> Endpoint:
    """AI credits or premium requests of one day, by model. The answer names neither day nor user."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        yield billing.items(name, path, _when(asked), SUMMED_NUMBERS)

    return _dated(name, records.model_usage(name), pages, asks_for=asks_for)


def summary(billing: Billing) -> Endpoint:
    """A month's sums by product and SKU; an enterprise's are over all cost centers."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        yield billing.items("usage-summary", "/usage/summary", _when(asked, monthly=True), SUMMED_NUMBERS)

    return _dated("usage-summary", records.SUMMARY, pages, monthly=True)


def usage_by_month(billing: Billing, centers: CostCenters) -> Endpoint:
    """A month of an enterprise: what has no cost center, then each cost center, which must be asked for by its id."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        when = _when(asked, monthly=True)
        for center in (None, *centers.ids()):
            chosen = {} if center is None else {"cost_center_id": center}
            page = billing.items("usage-month", "/usage", {**when, **chosen}, USAGE_NUMBERS)
            yield Page(page.records, {"cost_center_id": center}, page.unknown_fields)

    return _dated("usage-month", records.usage("usage-month"), pages, monthly=True)


def budgets(billing: Billing) -> Endpoint:
    """The budgets as they are, page by page: the answer says whether another follows."""

    def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
        seen: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            found = billing.ask("budgets", "/budgets", {"per_page": BUDGETS_PER_PAGE, "page": number})
            budgets = [_FIELDS.decode(raw) for raw in records_of(found.get("budgets"))]
            ids = {str(value_of(one.get("id"))) for one in budgets}
            if number > 1 and ids <= seen:
                # The page is one that was read, or none: all of them were there only if GitHub counts as many.
                if value_of(found.get("total_count")) == len(seen):
                    return
                break
            seen |= ids
            known = {"budgets", "has_next_page", "total_count", "user", "effective_budget"}
            yield Page([_budget(one, str(asked)) for one in budgets], unknown_fields=frozenset(found) - known)
            if not value_of(found.get("has_next_page")):
                return
        raise RequestFailed(f"{asked}: the pages of budgets have no end", REPORT_THIS)

    return Endpoint("budgets", records.BUDGET, pages, dated=False)


def _budget(fields: Fields, what: str) -> msgspec.Raw:
    """A budget without the names of people: a user's login stands where it becomes a key, recipients are counted."""
    found: dict[str, Any] = exactly(fields, BUDGET_NUMBERS, what)
    single, several = (value_of(found.pop(name, None)) for name in ("budget_product_sku", "budget_product_skus"))
    alerting = value_of(found.pop("budget_alerting", None)) or {}
    name = value_of(found.pop("budget_entity_name", None))
    scope = value_of(found.get("budget_scope"))
    if scope == "user":
        user = value_of(found.pop("user", None)) or name
        found["user"], name = user, None
    found["entity_name"] = name
    found["product_skus"] = ",".join(several or ([single] if single else [])) or None
    found["will_alert"] = alerting.get("will_alert")
    found["alert_recipients"] = len(alerting["alert_recipients"]) if "alert_recipients" in alerting else None
    return msgspec.Raw(msgspec.json.encode(found))


class CostCenters:
    """An enterprise's cost centers, active and deleted: a month may hold use of one that is gone. Read once a run."""

    def __init__(self, billing: Billing) -> None:
        self._billing = billing
        self._lock = threading.Lock()
        self._found: list[Fields] | None = None

    def _read(self) -> list[Fields]:
        with self._lock:
            if self._found is None:
                answer = self._billing.ask("cost-centers", "/cost-centers", {})
                if "costCenters" not in answer:
                    raise RequestFailed("cost-centers: an answer without costCenters", REPORT_THIS)
                self._found = [_FIELDS.decode(raw) for raw in records_of(answer["costCenters"])]
            return self._found

    def ids(self) -> list[str]:
        """The ids by which usage is asked for."""
        return sorted(value_of(center["id"]) for center in self._read())

    def endpoint(self) -> Endpoint:
        """The list itself, with who and what belongs to each."""

        def pages(asked: Asked[NamedAccount]) -> Iterator[Page]:
            yield Page([_cost_center(fields, str(asked)) for fields in self._read()])

        return Endpoint("cost-centers", records.COST_CENTER, pages, dated=False)


def _cost_center(fields: Fields, what: str) -> msgspec.Raw:
    """A cost center without the names of people: a user's login stands where it becomes a key."""
    found: dict[str, Any] = dict(fields)
    pool = found.pop("ai_credit_pool_state", None)
    if pool is not None and bytes(pool) != b"null":
        found |= exactly(_FIELDS.decode(pool), POOL_NUMBERS, what)
    listed = value_of(found.pop("resources", None)) or []
    found["resources"] = [_resource(number, resource) for number, resource in enumerate(listed, 1)]
    return msgspec.Raw(msgspec.json.encode(found))


def _resource(number: int, fields: dict[str, Any]) -> dict[str, Any]:
    kind, name = fields.get("type"), fields.get("name")
    found = {key: value for key, value in fields.items() if key != "name"}
    found["resource_ordinal"] = number
    # A type that nobody knows may be a person's.
    named = {"User": "login", "Team": "name", "Org": "name", "Repo": "name"}.get(str(kind))
    return {**found, named: name} if named else found
