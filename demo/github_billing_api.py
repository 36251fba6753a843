"""GitHub's billing answers about the invented company: report exports, usage, budgets, cost centers."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from demo import constants as c
from demo.billing_contracts import SEAT_PRICE
from demo.company import Company
from demo.github_billing_csv import CREDITS, PRODUCT, USER_MONTHS, csv_text, days_between, report_rows
from demo.github_billing_use import SEAT_SKU, CreditUse, SeatUse, github_billing
from demo.github_faults import error
from demo.local_server import Request, Response, json_response

Json = dict[str, Any]

LONGEST_DAYS = {"ai_credit": 31, "detailed": 31, "premium_request": 31, "summarized": 366}
ROWS_PER_FILE = 6_000
LINK_SECONDS, LINK_USES = 3600, 3
FILES = "/billing-files/"
ACTOR = "ledger-reader"
MOST_PER_PAGE, PER_PAGE = 100, 10


@dataclass
class Export:
    """A report that somebody asked for. `is_ready`: it can be downloaded."""

    export_id: str
    kind: str
    first: date
    last: date
    asked_on: date
    is_ready: bool = False


@dataclass
class File:
    """A file behind a signed link."""

    body: bytes
    signature: str
    expires: float
    uses: int = 0


@dataclass(frozen=True)
class Asked:
    """A request about an account that is billed; `name` is the report, budget or cost center in its path."""

    request: Request
    account: c.Account
    as_of: date
    name: str = ""

    def number(self, name: str) -> int | None:
        """A number of the query."""
        text = self.request.query.get(name)
        if text is not None and not text.isdecimal():
            raise ValueError(name)
        return None if text is None else int(text)


class BillingApi:
    """Answers requests about what GitHub bills."""

    def __init__(self, company: Company) -> None:
        """Answer about the company; `base_url` is set when the server's port is known."""
        self.base_url = ""
        self._billing = github_billing(company)
        self._exports: list[Export] = []
        self._files: dict[str, File] = {}
        self._made: dict[tuple[str, date, date, date], list[bytes]] = {}
        self._lock = threading.Lock()

    def answer(self, request: Request, as_of: date) -> Response | None:
        """The answer to a request whose credentials are good; None when it does not concern billing."""
        if "/settings/billing/" not in request.path:
            return None
        for pattern, handler in ROUTES:
            match = pattern.fullmatch(f"{request.method} {request.path}")
            account = _account(match.groupdict()) if match else None
            if match and account:
                try:
                    return handler(self, Asked(request, account, as_of, match.groupdict().get("name", "")))
                except ValueError:
                    return error(HTTPStatus.BAD_REQUEST, "Bad Request")
        return error(HTTPStatus.NOT_FOUND, "Not Found")

    def download(self, request: Request, *, has_authorization: bool) -> Response:
        """The file behind a signed link, or the storage service's refusal."""
        with self._lock:
            file = self._files.get(request.path.removeprefix(FILES))
            if has_authorization or file is None:
                return Response(HTTPStatus.BAD_REQUEST if has_authorization else HTTPStatus.NOT_FOUND)
            is_wrong = request.query.get("sig") != file.signature
            if is_wrong or file.uses >= LINK_USES or time.time() > file.expires:
                return Response(HTTPStatus.FORBIDDEN)
            file.uses += 1
            return Response(HTTPStatus.OK, file.body, {"content-type": "text/csv"})

    def create_export(self, asked: Asked) -> Response:
        """Asks for a report; one at a time. The first of a day is made when it is next looked at, others at once."""
        told = json.loads(asked.request.body or b"{}")
        kind, first = told.get("report_type"), date.fromisoformat(told.get("start_date", ""))
        last = date.fromisoformat(told["end_date"]) if told.get("end_date") else asked.as_of
        if kind not in LONGEST_DAYS or not 1 <= days_between(first, last) <= LONGEST_DAYS[kind]:
            raise ValueError(kind)
        with self._lock:
            if any(not export.is_ready for export in self._exports):
                return error(HTTPStatus.CONFLICT, "A usage report export is already in progress.")
            export_id = str(UUID(int=(c.SEED << 64) + len(self._exports) + 1))
            is_first = all(export.asked_on != asked.as_of for export in self._exports)
            export = Export(export_id, kind, first, last, asked.as_of, is_ready=not is_first)
            self._exports.append(export)
        return json_response(self._told(export), HTTPStatus.ACCEPTED)

    def exports(self, _: Asked) -> Response:
        """Everything that was asked for, the newest first. Looking at the list is looking at each."""
        for one in self._exports:
            one.is_ready = True
        return json_response({"usage_report_exports": [self._told(one) for one in reversed(self._exports)]})

    def export(self, asked: Asked) -> Response:
        """One report."""
        found = next((one for one in self._exports if one.export_id == asked.name), None)
        if found is None:
            return error(HTTPStatus.NOT_FOUND, "Not Found")
        found.is_ready = True
        return json_response(self._told(found))

    def _told(self, export: Export) -> Json:
        links = self._links(export) if export.is_ready else []
        return {
            "id": export.export_id,
            "report_type": export.kind,
            "start_date": export.first.isoformat(),
            "end_date": export.last.isoformat(),
            "status": "completed" if export.is_ready else "processing",
            **({"download_urls": links} if links else {}),
            "created_at": f"{export.asked_on}T06:00:00Z",
            "actor": ACTOR,
        }

    def _links(self, export: Export) -> list[str]:
        """A new link for each file; none when there are no rows."""
        return [self._link(body) for body in self._bodies(export)]

    def _bodies(self, export: Export) -> list[bytes]:
        key = (export.kind, export.first, export.last, export.asked_on)
        if key not in self._made:
            rows = report_rows(self._billing, *key)
            parts = [rows[start : start + ROWS_PER_FILE] for start in range(0, len(rows), ROWS_PER_FILE)]
            self._made[key] = [csv_text(export.kind, part, export.last).encode() for part in parts]
        return self._made[key]

    def _link(self, body: bytes) -> str:
        name, signature = secrets.token_urlsafe(18), secrets.token_urlsafe(24)
        expires = time.time() + LINK_SECONDS
        with self._lock:
            self._files[name] = File(body, signature, expires)
        return f"{self.base_url}{FILES}{name}?sig={signature}&expires={int(expires)}"

    def usage(self, asked: Asked) -> Response:
        """What was used by day, product and organisation; of an enterprise, one cost center's or what has none."""
        year, month, day = (asked.number(name) for name in ("year", "month", "day"))
        center = self._center(asked)
        if center is None and asked.account.scope == "enterprise":
            center = ""
        uses = self._uses(asked, (year or asked.as_of.year, month, day), center)
        items = [
            {
                "date": key[0].isoformat(),
                **_priced(key[1]),
                "quantity": sum((use.quantity for use in members), Decimal(0)),
                **_amounts(members),
                "organizationName": key[2],
                "repositoryName": "",
            }
            for key, members in _grouped(uses, lambda use: (use.day, _sku(use), use.organization))
        ]
        return json_response({"usageItems": items})

    def summary(self, asked: Asked) -> Response:
        """What was used in a period, by product."""
        wanted = {name: asked.request.query.get(name) for name in ("organization", "product", "sku")}
        period, uses = self._period_uses(asked)
        uses = [use for use in uses if wanted["sku"] in (None, _sku(use)) and _is_wanted(use, wanted)]
        groups = _grouped(uses, lambda use: (_sku(use),))
        items = [{**_priced(key[0]), **_quantities(members), **_amounts(members)} for key, members in groups]
        return json_response({**self._envelope(asked, period, wanted), "usageItems": items})

    def credits(self, asked: Asked) -> Response:
        """AI credits of a period by model; neither days nor people, unless one is asked for."""
        wanted = {name: asked.request.query.get(name) for name in ("user", "organization", "product", "model")}
        period, uses = self._period_uses(asked)
        found = [use for use in uses if isinstance(use, CreditUse) and _is_wanted(use, wanted)]
        items = [
            {**_priced(key[0]), "model": key[1], **_quantities(members), **_amounts(members)}
            for key, members in _grouped(found, lambda use: (_sku(use), _model(use)))
        ]
        return json_response({**self._envelope(asked, period, wanted), "usageItems": items})

    def premium_requests(self, asked: Asked) -> Response:
        """Nothing any more: credits took their place before the company came."""
        period, _ = self._period_uses(asked)
        return json_response({**self._envelope(asked, period, {}), "usageItems": []})

    def budgets(self, asked: Asked) -> Response:
        """Budgets in pages, which end without a Link header."""
        all_of_them = self._budgets(asked)
        size = min(max(asked.number("per_page") or PER_PAGE, PER_PAGE), MOST_PER_PAGE)
        start = ((asked.number("page") or 1) - 1) * size
        return json_response(
            {
                "budgets": all_of_them[start : start + size],
                "has_next_page": start + size < len(all_of_them),
                "total_count": len(all_of_them),
            }
        )

    def budget(self, asked: Asked) -> Response:
        """One budget."""
        found = next((one for one in self._budgets(asked) if one["id"] == asked.name), None)
        return json_response(found) if found else error(HTTPStatus.NOT_FOUND, "Not Found")

    def user_states(self, _: Asked) -> Response:
        """What each user has spent of a budget: none of them is for users."""
        return json_response({"user_states": [], "has_next_page": False, "total_count": 0})

    def cost_centers(self, asked: Asked) -> Response:
        """The enterprise's cost centers; of deleted ones there are none."""
        is_deleted = asked.request.query.get("state") == "deleted"
        return json_response({"costCenters": [] if is_deleted else self._cost_centers()})

    def cost_center(self, asked: Asked) -> Response:
        """One cost center."""
        found = next((one for one in self._cost_centers() if one["id"] == asked.name), None)
        return json_response(found) if found else error(HTTPStatus.NOT_FOUND, "Not Found")

    def _cost_centers(self) -> list[Json]:
        return [
            {
                "id": cost_center_id(name),
                "name": name,
                "state": "active",
                "resources": [{"type": "User", "name": login} for login in logins],
                "ai_credit_pool_enabled": False,
            }
            for name, logins in self._billing.cost_centers().items()
        ]

    def _budgets(self, asked: Asked) -> list[Json]:
        month = asked.as_of.replace(day=1)
        uses = self._billing.credit_uses(asked.account, asked.as_of)
        consumed = sum((use.net for use in uses if use.day >= month), Decimal(0))
        scope = asked.account.scope
        return [
            {
                "id": str(UUID(int=(c.SEED << 32) + asked.account.number)),
                "budget_type": "BundlePricing",
                "budget_product_skus": ["ai_credits"],
                "budget_scope": scope,
                "budget_entity_name": asked.account.slug,
                "budget_amount": 500 if scope == "enterprise" else 50,
                "consumed_amount": consumed,
                "prevent_further_usage": False,
                "budget_alerting": {"will_alert": True, "alert_recipients": ["demo-billing-manager"]},
            }
        ]

    def _center(self, asked: Asked) -> str | None:
        """The name of the cost center asked for: "" for use that has none, None when nothing is asked."""
        wanted = asked.request.query.get("cost_center_id")
        if wanted is None or wanted == "none":
            return wanted and ""
        named = {cost_center_id(name): name for name in self._billing.cost_centers()}
        if wanted not in named:
            raise ValueError(wanted)
        return named[wanted]

    def _period_uses(self, asked: Asked) -> tuple[Json, list[CreditUse | SeatUse]]:
        """The period asked for, this month unless another is, and what was used in it."""
        year, month, day = (asked.number(name) for name in ("year", "month", "day"))
        if year is None and month is None:
            year, month = asked.as_of.year, asked.as_of.month
        year = year or asked.as_of.year
        told = {"year": year, "month": month, "day": day}
        period = {name: value for name, value in told.items() if value is not None}
        return {"timePeriod": period}, self._uses(asked, (year, month, day), self._center(asked))

    def _uses(
        self, asked: Asked, period: tuple[int, int | None, int | None], center: str | None
    ) -> list[CreditUse | SeatUse]:
        year, month, day = period
        return [
            use
            for use in self._billing.uses_in(asked.account, asked.as_of, year, month)
            if day in (None, use.day.day) and (center is None or (use.cost_center or "") == center)
        ]

    def _envelope(self, asked: Asked, period: Json, wanted: dict[str, str | None]) -> Json:
        center = self._center(asked)
        echoed = {name: value for name, value in wanted.items() if value is not None}
        if center:
            echoed["costCenter"] = {"id": cost_center_id(center), "name": center}  # type: ignore[assignment]
        return {**period, asked.account.scope: asked.account.slug, **echoed}


def cost_center_id(name: str) -> str:
    """The id of a cost center."""
    return str(UUID(int=(c.SEED << 96) + int.from_bytes(name.encode())))


def _account(groups: dict[str, str]) -> c.Account | None:
    """An account that is billed; an organisation of the enterprise is not."""
    if "org" in groups:
        return c.LANTERN if groups["org"].lower() == c.LANTERN.slug else None
    return c.ENTERPRISE if groups["enterprise"].lower() == c.ENTERPRISE.slug else None


def _sku(use: CreditUse | SeatUse) -> str:
    return use.sku if isinstance(use, CreditUse) else SEAT_SKU


def _model(use: CreditUse | SeatUse) -> str:
    return use.model if isinstance(use, CreditUse) else ""


def _priced(sku: str) -> Json:
    is_seat = sku == SEAT_SKU
    return {
        "product": PRODUCT,
        "sku": sku,
        "unitType": USER_MONTHS if is_seat else CREDITS,
        "pricePerUnit": SEAT_PRICE if is_seat else c.CREDIT_PRICE_USD,
    }


def _quantities(uses: Iterable[CreditUse | SeatUse]) -> Json:
    pairs = [(use.quantity, use.covered if isinstance(use, CreditUse) else Decimal(0)) for use in uses]
    gross, covered = (sum(numbers, Decimal(0)) for numbers in zip(*pairs, strict=True))
    return {"grossQuantity": gross, "discountQuantity": covered, "netQuantity": gross - covered}


def _amounts(uses: Iterable[CreditUse | SeatUse]) -> Json:
    pairs = [(use.gross, use.discount if isinstance(use, CreditUse) else Decimal(0)) for use in uses]
    gross, discount = (sum(amounts, Decimal(0)) for amounts in zip(*pairs, strict=True))
    return {"grossAmount": gross, "discountAmount": discount, "netAmount": gross - discount}


def _is_wanted(use: CreditUse | SeatUse, wanted: dict[str, str | None]) -> bool:
    told = {"user": use.login, "organization": use.organization, "product": PRODUCT}
    if isinstance(use, CreditUse):
        told["model"] = use.model
    return all(value is None or told.get(name, value).lower() == value.lower() for name, value in wanted.items())


def _grouped(
    uses: Iterable[CreditUse | SeatUse], key: Callable[[CreditUse | SeatUse], tuple[Any, ...]]
) -> list[tuple[tuple[Any, ...], list[CreditUse | SeatUse]]]:
    found: dict[tuple[Any, ...], list[CreditUse | SeatUse]] = {}
    for use in uses:
        found.setdefault(key(use), []).append(use)
    return sorted(found.items(), key=lambda item: item[0])


Handler = Callable[[BillingApi, Asked], Response]
ORG = r"/organizations/(?P<org>[\w-]+)/settings/billing"
ENTERPRISE = r"/enterprises/(?P<enterprise>[\w-]+)/settings/billing"
NAME = r"(?P<name>[\w-]+)"
PATHS: tuple[tuple[str, Handler], ...] = (
    (f"POST {ENTERPRISE}/reports", BillingApi.create_export),
    (f"GET {ENTERPRISE}/reports", BillingApi.exports),
    (f"GET {ENTERPRISE}/reports/{NAME}", BillingApi.export),
    (f"GET {ENTERPRISE}/cost-centers", BillingApi.cost_centers),
    (f"GET {ENTERPRISE}/cost-centers/{NAME}", BillingApi.cost_center),
    (f"GET {ENTERPRISE}/budgets/{NAME}/user-states", BillingApi.user_states),
    *((f"GET {scope}/usage", BillingApi.usage) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}/usage/summary", BillingApi.summary) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}/ai_credit/usage", BillingApi.credits) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}/premium_request/usage", BillingApi.premium_requests) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}/budgets", BillingApi.budgets) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}/budgets/{NAME}", BillingApi.budget) for scope in (ORG, ENTERPRISE)),
)
ROUTES = tuple((re.compile(path), handler) for path, handler in PATHS)
