"""Current-state lists: what GitHub sends in odd shapes, and fields that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from requests.structures import CaseInsensitiveDict

from dlt_pipelines.errors import PermissionMissing
from dlt_pipelines.github_copilot.lists import AccountLists, Snapshot
from dlt_pipelines.github_copilot.settings import Account
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.identifiers import Pseudonymizer

KEYS = Pseudonymizer("a test key that is long enough to use")
ADA = {"login": "ada-sample", "id": 11, "type": "User", "url": "https://api.example.com/users/ada-sample"}


class Api:
    """Answers from a dictionary, by the last part of the path; GraphQL under 'graphql'."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def pages(self, path: str, params: dict[str, Any] | None = None) -> Iterator[Answer]:
        yield self._answer(path.rsplit("/", 1)[-1])

    def post(self, path: str, json: dict[str, Any]) -> Answer:
        return self._answer("graphql")

    def _answer(self, name: str) -> Answer:
        status, body = self._answers[name]
        return Answer(status, CaseInsensitiveDict(), body, name)


def read(report: str, scope: str = "organization", **answers: Any) -> Snapshot:
    lists = AccountLists(cast(ApiClient, Api(**answers)), Account(scope, "sample-org"), KEYS)
    snapshots = {name: (name, table, reader) for name, table, reader in lists.readers()}
    if report == "team-members":
        lists.read(*snapshots["teams"])
    return lists.read(*snapshots[report])


def test_a_seat_without_assignee_is_kept_without_a_user() -> None:
    seat = {"created_at": "2026-01-05T09:00:00-06:00", "assignee": None, "plan_type": "business"}
    (row,) = read("seats", seats=(200, {"total_seats": 1, "seats": [seat]})).rows
    assert row["user_key"] is None
    assert row["created_at"].isoformat() == "2026-01-05T15:00:00+00:00"


def test_a_user_with_two_seat_objects_has_two_rows() -> None:
    seats = [{"created_at": "2026-01-05T09:00:00Z", "assignee": ADA}] * 2
    rows = read("seats", seats=(200, {"total_seats": 1, "seats": seats})).rows
    assert [row["seat_ordinal"] for row in rows] == [1, 2]
    assert {row["user_key"] for row in rows} == {KEYS.key("github_user", 11)}


def test_unknown_fields_of_a_list_are_kept_and_counted() -> None:
    seat = {"created_at": "2026-01-05T09:00:00Z", "assignee": ADA, "brand_new": 3}
    seats = read("seats", seats=(200, {"total_seats": 1, "seats": [seat]}))
    assert seats.rows[0]["extra"] == '{"brand_new": 3}'
    assert seats.unknown_fields == {"brand_new": 1}
    teams = read("teams", teams=(200, [{"id": 1, "slug": "alpha", "mascot": "heron", "description": "known, unused"}]))
    assert teams.rows[0]["extra"] == '{"mascot": "heron"}'
    assert teams.unknown_fields == {"mascot": 1}


def test_an_unknown_field_of_a_user_is_told_but_not_kept_for_it_may_name_him() -> None:
    members = read("members", members=(200, [{**ADA, "nickname": "Ada of the sample"}]))
    assert members.unknown_fields == {"user.nickname": 1}
    assert "nickname" not in json.dumps(members.rows)
    assert "ada" not in json.dumps(members.rows).lower()


def test_an_unclaimed_identity_has_no_user_and_the_primary_email_counts() -> None:
    emails = [{"value": "second@example.com"}, {"value": "First@Example.com", "primary": True}]
    node = {"guid": "g", "user": None, "samlIdentity": {"nameId": "Una@Example.com", "emails": emails}}
    identities = {"pageInfo": {"hasNextPage": False}, "nodes": [node]}
    body = {"data": {"organization": {"samlIdentityProvider": {"externalIdentities": identities}}}}
    (row,) = read("identities", graphql=(200, body)).rows
    assert row["user_key"] is None
    assert row["saml_name_id_key"] == KEYS.key("email", "una@example.com")
    assert row["saml_email_key"] == KEYS.key("email", "first@example.com")


@pytest.mark.parametrize("scope", ["organization", "enterprise"])
def test_without_an_identity_provider_there_are_no_identities(scope: str) -> None:
    inner: dict[str, Any] = {"samlIdentityProvider": None}
    body = {"data": {scope: {"ownerInfo": inner} if scope == "enterprise" else inner}}
    assert read("identities", scope, graphql=(200, body)).rows == []


def test_graphql_refuses_with_200_and_an_error() -> None:
    body = {"data": {"organization": None}, "errors": [{"type": "FORBIDDEN", "message": "no"}]}
    with pytest.raises(PermissionMissing, match="classic token of an organization owner"):
        read("identities", graphql=(200, body))


def test_a_member_through_a_child_team_is_marked() -> None:
    answers = {"teams": (200, [{"id": 5, "slug": "alpha"}]), "members": (200, [{**ADA, "inherited": True}, ADA])}
    members = read("team-members", **answers)
    assert [row["inherited"] for row in members.rows] == [True, None]
    assert members.unknown_fields == {}


def test_an_enterprises_teams_have_memberships() -> None:
    answers = {"teams": (200, [{"id": 5, "slug": "alpha"}]), "memberships": (200, [ADA])}
    (row,) = read("team-members", "enterprise", **answers).rows
    assert (row["team_id"], row["slug"], row["user_key"]) == (5, "alpha", KEYS.key("github_user", 11))


def test_an_enterprise_that_github_does_not_show_is_a_missing_permission_not_an_empty_list() -> None:
    with pytest.raises(PermissionMissing, match="does not show the identities"):
        read("identities", "enterprise", graphql=(200, {"data": {"enterprise": {"ownerInfo": None}}}))
