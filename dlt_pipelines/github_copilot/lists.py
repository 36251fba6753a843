"""Copilot's current-state lists (seats, settings, teams, members, SSO identities): daily snapshots, read whole."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dlt_pipelines.errors import PermissionMissing, RequestFailed
from dlt_pipelines.github_copilot import tables as t
from dlt_pipelines.github_copilot.permissions import refusal, remedy
from dlt_pipelines.github_copilot.settings import Account
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.identifiers import WITHHELD, Pseudonymizer, may_name_a_person
from dlt_pipelines.schema import Table
from dlt_pipelines.windows import current_time

Row = dict[str, Any]

PER_PAGE = 100
GRAPHQL_REFUSALS = ("FORBIDDEN", "INSUFFICIENT_SCOPES")

IDENTITIES_QUERY = """
query($%s: String!, $after: String) {
  %s {
    samlIdentityProvider {
      externalIdentities(first: 100, after: $after%s) {
        pageInfo { hasNextPage endCursor }
        nodes {
          guid
          samlIdentity { nameId username emails { value primary } }
          scimIdentity { username emails { value } }
          user { login databaseId }
        }
      }
    }
  }
}
"""
QUERIES = {
    "organization": IDENTITIES_QUERY % ("org", "organization(login: $org)", ", membersOnly: true"),
    "enterprise": (IDENTITIES_QUERY % ("slug", "enterprise(slug: $slug) { ownerInfo", "")).rstrip() + "}\n",
}

SETTING_FIELDS = {
    *("seat_breakdown", "seat_management_setting", "plan_type", "ide_chat", "platform_chat", "cli"),
    "public_code_suggestions",
}
# What GitHub is known to send, by list. Addresses, names and texts that nobody asks for are known and left out.
KNOWN_FIELDS: dict[str, set[str]] = {
    "seats": {
        *("assignee", "organization", "assigning_team", "plan_type", "created_at", "updated_at", "last_activity_at"),
        *("last_activity_editor", "last_authenticated_at", "pending_cancellation_date"),
    },
    "seat-settings": SETTING_FIELDS,
    "teams": {
        *("id", "node_id", "slug", "name", "type", "parent", "group_id", "group_name", "organization_id"),
        *("enterprise_id", "description", "privacy", "notification_setting", "permission", "permissions", "url"),
        *("html_url", "members_url", "repositories_url", "created_at", "updated_at", "sync_to_organizations"),
        *("organization_selection_type", "members_count", "repos_count", "ldap_dn"),
    },
    "users": {
        *("login", "id", "node_id", "avatar_url", "gravatar_id", "url", "html_url", "followers_url"),
        *("following_url", "gists_url", "starred_url", "subscriptions_url", "organizations_url", "repos_url"),
        *(
            "events_url",
            "received_events_url",
            "type",
            "site_admin",
            "user_view_type",
            "databaseId",
            "name",
            "email",
            "starred_at",
        ),
    },
    "identities": {"guid", "samlIdentity", "scimIdentity", "user"},
}


@dataclass(frozen=True)
class Snapshot:
    """One list as read: its name in the manifest, its table, its rows without lineage, digest and unknown fields."""

    report: str
    table: Table
    rows: list[Row]
    sha256: str
    unknown_fields: dict[str, int]
    downloaded_at: datetime


class AccountLists:
    """The lists of one account."""

    def __init__(self, client: ApiClient, account: Account, pseudonymizer: Pseudonymizer) -> None:
        self._client = client
        self._account = account
        self._pseudonymizer = pseudonymizer
        self._teams: list[Row] | None = None
        self._unknown: Counter[str] = Counter()

    def readers(self) -> list[tuple[str, Table, Callable[[], Iterable[Row]]]]:
        """(report, table, reader) of the lists that this kind of account has, in the order to read them."""
        everywhere: list[tuple[str, Table, Callable[[], Iterable[Row]]]] = [
            ("seats", t.SEATS, self._seats),
            ("teams", t.TEAMS, self._team_rows),
            ("team-members", t.TEAM_MEMBERS, self._team_members),
            ("identities", t.IDENTITIES, self._identities),
        ]
        if self._account.scope == "enterprise":
            return everywhere
        return [
            *everywhere,
            ("seat-settings", t.SEAT_SETTINGS, self._seat_settings),
            ("members", t.MEMBERS, self._members),
        ]

    def read(self, report: str, table: Table, reader: Callable[[], Iterable[Row]]) -> Snapshot:
        """One list, whole; raises PermissionMissing on 401 and 403."""
        self._unknown.clear()
        rows = list(reader())
        digest = hashlib.sha256(json.dumps(rows, sort_keys=True, default=str).encode()).hexdigest()
        return Snapshot(report, table, rows, digest, dict(self._unknown), current_time())

    def _answers(self, report: str, path: str) -> Iterator[Answer]:
        for answer in self._client.pages(path, {"per_page": PER_PAGE}):
            if answer.status in (401, 403):
                raise refusal(self._account, report, answer)
            if answer.status != 200:
                raise RequestFailed(
                    f"{report} of {self._account.account_id}: GitHub answered {answer.status}",
                    "Check the spelling of the account and that the token sees it.",
                )
            yield answer

    def _extra(self, known: str, record: Row) -> str | None:
        """The unknown fields of a record as a JSON object, counted; None when there are none."""
        unknown = {
            name: WITHHELD if may_name_a_person(name) else value
            for name, value in record.items()
            if name not in KNOWN_FIELDS[known]
        }
        self._unknown.update(list(unknown))
        return json.dumps(unknown, sort_keys=True) if unknown else None

    def _user(self, user: Row | None, *known: str) -> Row:
        """The keys of a user. His unknown fields are told but not kept: they may hold his name in clear."""
        key = self._pseudonymizer.key
        user = user or {}
        known_fields = KNOWN_FIELDS["users"].union(known)
        self._unknown.update(f"user.{name}" for name in user if name not in known_fields)
        return {
            "user_key": key("github_user", user.get("id", user.get("databaseId"))),
            "login_key": key("github_login", user.get("login")),
        }

    def _seats(self) -> Iterator[Row]:
        path = f"{self._account.path}/copilot/billing/seats"
        seats = (seat for answer in self._answers("seats", path) for seat in answer.body["seats"])
        for ordinal, seat in enumerate(seats, 1):
            assignee, team = seat.get("assignee") or {}, seat.get("assigning_team") or {}
            yield {
                "seat_ordinal": ordinal,
                **self._user(assignee),
                "assignee_type": assignee.get("type"),
                "organization": (seat.get("organization") or {}).get("login"),
                "assigning_team_id": team.get("id"),
                "assigning_team_slug": team.get("slug"),
                "plan_type": seat.get("plan_type"),
                **{
                    name: _instant(seat.get(name))
                    for name in ("created_at", "updated_at", "last_activity_at", "last_authenticated_at")
                },
                "last_activity_editor": seat.get("last_activity_editor"),
                "pending_cancellation_date": _day(seat.get("pending_cancellation_date")),
                "extra": self._extra("seats", seat),
            }

    def _seat_settings(self) -> Iterator[Row]:
        for answer in self._answers("seat-settings", f"{self._account.path}/copilot/billing"):
            settings = answer.body
            yield {
                **{f"seats_{name}": number for name, number in settings.get("seat_breakdown", {}).items()},
                **{name: settings.get(name) for name in SETTING_FIELDS - {"seat_breakdown"}},
                "extra": self._extra("seat-settings", settings),
            }

    def _team_rows(self) -> Iterator[Row]:
        self._teams = [team for answer in self._answers("teams", f"{self._account.path}/teams") for team in answer.body]
        for team in self._teams:
            yield {
                "team_id": team["id"],
                "slug": team["slug"],
                "name": team.get("name"),
                "team_type": team.get("type") or self._account.scope,
                "parent_team_id": (team.get("parent") or {}).get("id"),
                "group_id": team.get("group_id"),
                "extra": self._extra("teams", team),
            }

    def _team_members(self) -> Iterator[Row]:
        members = "memberships" if self._account.scope == "enterprise" else "members"
        if self._teams is None:
            raise RequestFailed(
                f"team-members of {self._account.account_id} were not read, for its teams were not", "See there."
            )
        for team in self._teams:
            path = f"{self._account.path}/teams/{team['slug']}/{members}"
            for answer in self._answers("team-members", path):
                for member in answer.body:
                    yield {
                        "team_id": team["id"],
                        "slug": team["slug"],
                        **self._user(member, "role", "inherited"),
                        "role": member.get("role"),
                        "inherited": member.get("inherited"),
                    }

    def _members(self) -> Iterator[Row]:
        for answer in self._answers("members", f"{self._account.path}/members"):
            for member in answer.body:
                yield {
                    **self._user(member),
                    "email_key": self._pseudonymizer.key("email", member.get("email")),
                    "account_type": member.get("type"),
                }

    def _identities(self) -> Iterator[Row]:
        key = self._pseudonymizer.key
        for ordinal, node in enumerate(self._identity_nodes(), 1):
            saml, scim = node.get("samlIdentity") or {}, node.get("scimIdentity") or {}
            emails = sorted(saml.get("emails") or [], key=lambda email: not email.get("primary"))
            yield {
                "identity_ordinal": ordinal,
                **self._user(node.get("user")),
                "saml_name_id_key": key("email", saml.get("nameId")),
                "saml_email_key": key("email", emails[0]["value"] if emails else None),
                "scim_username_key": key("email", scim.get("username")),
                "scim_email_key": key("email", next((e["value"] for e in scim.get("emails") or []), None)),
                "extra": self._extra("identities", node),
            }

    def _identity_nodes(self) -> Iterator[Row]:
        after = None
        while True:
            name = "org" if self._account.scope == "organization" else "slug"
            variables = {name: self._account.slug, "after": after}
            answer = self._client.post("/graphql", {"query": QUERIES[self._account.scope], "variables": variables})
            errors = (answer.body or {}).get("errors") or []
            if answer.status in (401, 403) or any(error.get("type") in GRAPHQL_REFUSALS for error in errors):
                raise refusal(self._account, "identities", answer)
            if answer.status != 200 or errors:
                raise RequestFailed(
                    f"identities of {self._account.account_id}: GitHub answered {answer.status}"
                    + "".join(f", {str(error.get('message')).rstrip('.')}" for error in errors[:1]),
                    "Check the spelling of the account.",
                )
            owner = answer.body["data"][self._account.scope] or {}
            provider = owner.get("ownerInfo") if self._account.scope == "enterprise" else owner
            if provider is None:  # what GitHub shows of an enterprise to those who do not own it
                raise PermissionMissing(
                    f"GitHub does not show the identities of {self._account.account_id}",
                    remedy(self._account, "identities"),
                )
            identities = (provider.get("samlIdentityProvider") or {}).get("externalIdentities")
            if not identities:
                return
            yield from identities["nodes"]
            if not identities["pageInfo"]["hasNextPage"]:
                return
            after = identities["pageInfo"]["endCursor"]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _day(text: str | None) -> Any:
    return datetime.fromisoformat(text).date() if text else None
