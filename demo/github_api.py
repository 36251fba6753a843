"""GitHub's REST and GraphQL answers about the invented company: request to response, without sockets."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from demo import constants as c
from demo.company import Company
from demo.constants import Account
from demo.github_faults import Faults, error
from demo.github_files import SignedFiles
from demo.github_lists import Lists, full_organization, simple_user
from demo.github_reports import ReportKey, is_published, report_names
from demo.local_server import Request, Response, json_response

MAX_PER_PAGE = 100
PER_PAGE = 30
SEATS_PER_PAGE = 50
RATE_LIMIT = 15_000
TOKEN_OWNER = simple_user("ledger-reader", 40_999_999)


@dataclass(frozen=True)
class Asked:
    """A request about an account that exists; `name` is the report or team in its path."""

    request: Request
    account: Account
    name: str = ""


class Api:
    """Answers requests; `as_of` is what GitHub takes for today."""

    def __init__(self, company: Company, as_of: date, faults: Faults, files: SignedFiles) -> None:
        """Answer about the company."""
        self.as_of = as_of
        self._faults = faults
        self._files = files
        self._lists = Lists(company)

    def answer(self, request: Request) -> Response:
        """The answer to a request whose credentials are good."""
        for pattern, handler in ROUTES:
            match = pattern.fullmatch(f"{request.method} {request.path}")
            account = _account(match.groupdict()) if match else None
            if match and account:
                return handler(self, Asked(request, account, match.groupdict().get("name", "")))
        return error(HTTPStatus.NOT_FOUND, "Not Found")

    def report(self, asked: Asked) -> Response:
        """Download links of a metrics report."""
        if asked.name not in report_names(asked.account):
            return error(HTTPStatus.NOT_FOUND, "Not Found")
        if asked.account.account_id in self._faults.policy_off:
            return error(HTTPStatus.FORBIDDEN, "Copilot usage metrics policy is not enabled for this account.")
        is_long = asked.name.endswith("-28-day")
        day = self._last_day() if is_long else _day(asked.request.query.get("day", ""))
        if day is None:
            return error(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request. The day must be given as YYYY-MM-DD.")
        key = ReportKey(asked.name, asked.account, day, self.as_of)
        if not is_published(asked.account, day, self.as_of) or self._faults.is_unavailable(key):
            if asked.account.scope == "enterprise" or is_long:
                return error(HTTPStatus.NOT_FOUND, "Not Found")
            return Response(HTTPStatus.NO_CONTENT)
        period = key.period if is_long else {"report_day": day.isoformat()}
        return json_response({"download_links": self._files.links(key), **period})

    def _last_day(self) -> date:
        return min(c.LAST_DAY, self.as_of - timedelta(days=c.AVAILABLE_AFTER_DAYS))

    def billing(self, asked: Asked) -> Response:
        """Seat numbers and policies."""
        return json_response(self._lists.billing(asked.account, self.as_of))

    def seats(self, asked: Asked) -> Response:
        """Seats, in pages."""
        number, seats = self._lists.seats(asked.account, self.as_of)
        page, link = page_of(asked.request, seats, SEATS_PER_PAGE)
        return json_response({"total_seats": number, "seats": page}, headers=link)

    def teams(self, asked: Asked) -> Response:
        """Teams of an organisation or enterprise."""
        return _list_response(asked.request, self._lists.teams(asked.account))

    def team_members(self, asked: Asked) -> Response:
        """Members of a team."""
        team = self._lists.find_team(asked.account, asked.name)
        if team is None:
            return error(HTTPStatus.NOT_FOUND, "Not Found")
        return _list_response(asked.request, self._lists.team_members(team, self.as_of))

    def members(self, asked: Asked) -> Response:
        """Members of an organisation."""
        return _list_response(asked.request, self._lists.members(asked.account, self.as_of))

    def organization(self, asked: Asked) -> Response:
        """An organisation."""
        return json_response(full_organization(asked.account))

    def user(self, _: Asked) -> Response:
        """The owner of the token."""
        return json_response(TOKEN_OWNER)

    def rate_limit(self, _: Asked) -> Response:
        """The limits; this request itself is not counted."""
        rate = {"limit": RATE_LIMIT, "used": 0, "remaining": RATE_LIMIT, "reset": 4102444800}
        resources = {"core": rate, "search": rate, "graphql": rate}
        return json_response({"resources": resources, "rate": rate})

    def graphql(self, asked: Asked) -> Response:
        """External identities of an organisation or enterprise; the only query that this server knows."""
        body = json.loads(asked.request.body)
        variables = body.get("variables") or {}
        scope = "enterprise" if "enterprise(" in body["query"] else "organization"
        names = ("enterprise", "slug") if scope == "enterprise" else ("org", "login", "organization")
        slug = next((variables[name] for name in names if name in variables), "")
        account = _account({"org" if scope == "organization" else scope: slug})
        if account is None:
            problem = {
                "type": "NOT_FOUND",
                "path": [scope],
                "message": f"Could not resolve to {scope} '{slug}'.",
            }
            return json_response({"data": {scope: None}, "errors": [problem]})
        identities = self._lists.identities(account, self.as_of)
        connection = None if identities is None else _connection(identities, variables.get("after"))
        provider = {"samlIdentityProvider": connection and {"externalIdentities": connection}}
        owner = {"ownerInfo": provider} if scope == "enterprise" else provider
        return json_response({"data": {scope: owner}})


def _account(groups: dict[str, str]) -> Account | None:
    """The account that a path names; a path that names none concerns the enterprise."""
    if "org" in groups:
        return next((a for a in c.ORGANIZATIONS if a.slug == groups["org"].lower()), None)
    return c.ENTERPRISE if groups.get("enterprise", c.ENTERPRISE.slug).lower() == c.ENTERPRISE.slug else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _list_response(request: Request, items: list[Any]) -> Response:
    page, link = page_of(request, items, PER_PAGE)
    return json_response(page, headers=link)


def page_of(request: Request, items: list[Any], default_size: int) -> tuple[list[Any], dict[str, str]]:
    """One page of a list, and its Link header where there are several."""
    size = min(int(request.query.get("per_page", default_size)), MAX_PER_PAGE)
    number, last = int(request.query.get("page", 1)), max(1, -(-len(items) // size))
    targets = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number >= last:
        del targets["next"], targets["last"]
    if number <= 1:
        del targets["prev"], targets["first"]
    links = ", ".join(
        f'<{request.url}?{urlencode({**request.query, "page": page})}>; rel="{rel}"' for rel, page in targets.items()
    )
    return items[(number - 1) * size : number * size], {"link": links} if links else {}


def _connection(nodes: list[Any], after: str | None) -> dict[str, Any]:
    start = int(base64.b64decode(after).decode()) if after else 0
    end = start + MAX_PER_PAGE
    cursor = base64.b64encode(str(end).encode()).decode()
    return {
        "totalCount": len(nodes),
        "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": cursor},
        "nodes": nodes[start:end],
    }


Handler = Callable[[Api, Asked], Response]
ORG, ENTERPRISE = r"/orgs/(?P<org>[\w-]+)", r"/enterprises/(?P<enterprise>[\w-]+)"
NAME = r"(?P<name>[\w-]+)"
REPORTS = r"/copilot/metrics/reports"
PATHS: tuple[tuple[str, Handler], ...] = (
    *((f"GET {scope}{REPORTS}/(?P<name>[a-z-]+-1-day)", Api.report) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}{REPORTS}/(?P<name>[a-z-]+-28-day)/latest", Api.report) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}/copilot/billing/seats", Api.seats) for scope in (ORG, ENTERPRISE)),
    *((f"GET {scope}/teams", Api.teams) for scope in (ORG, ENTERPRISE)),
    (f"GET {ORG}/copilot/billing", Api.billing),
    (f"GET {ORG}/teams/{NAME}/members", Api.team_members),
    (f"GET {ENTERPRISE}/teams/{NAME}/memberships", Api.team_members),
    (f"GET {ORG}/members", Api.members),
    (f"GET {ORG}", Api.organization),
    ("GET /user", Api.user),
    ("GET /rate_limit", Api.rate_limit),
    ("POST /graphql", Api.graphql),
)
ROUTES = tuple((re.compile(path), handler) for path, handler in PATHS)
