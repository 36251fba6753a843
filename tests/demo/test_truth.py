"""The ground truth follows docs/rules.md and adds up."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from demo import constants as c
from demo.company import AS_OF, FIRST_AS_OF, LAST_DAY, RESTATED_DAY, Company
from demo.exact_json import loads
from demo.github_reports import ReportKey, Reports
from demo.truth import UserDayTruth, summary, team_days, user_days


@pytest.fixture(scope="module")
def truth(company: Company) -> list[UserDayTruth]:
    return user_days(company, AS_OF)


def of(company: Company, truth: list[UserDayTruth], login: str) -> list[UserDayTruth]:
    user_id = company.user(login).user_id
    rows = [row for row in truth if row.user_id == user_id]
    assert rows
    return rows


@pytest.mark.parametrize("as_of", [FIRST_AS_OF, AS_OF])
def test_teams_and_unattributed_add_up_to_users(company: Company, as_of: date) -> None:
    by_day: dict[date, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for user in user_days(company, as_of):
        by_day[user.usage_date][0] += user.credits or 0
    for team in team_days(company, as_of):
        by_day[team.usage_date][1] += team.credits or 0
    assert all(users == teams for users, teams in by_day.values())


@pytest.mark.parametrize("as_of", [FIRST_AS_OF, AS_OF])
def test_one_row_per_account_and_day(company: Company, as_of: date) -> None:
    rows = user_days(company, as_of)
    assert len({(row.usage_date, row.user_id) for row in rows}) == len(rows)


def test_user_of_two_organizations_is_counted_once(company: Company, truth: list[UserDayTruth]) -> None:
    for login in (c.TWO_ORGS_LOGIN, c.LANTERN_AND_ENTERPRISE_LOGIN):
        user = company.user(login)
        in_reports = [
            row.known_credits or Decimal(0)
            for day in c.DAYS
            for account in (c.APPS, c.ENTERPRISE)
            for row in company.account_user_days(account, day, AS_OF)
            if row.user_id == user.user_id
        ]
        assert sum(row.credits or Decimal(0) for row in of(company, truth, login)) * 2 == sum(in_reports)


def test_value_is_credits_at_the_price(truth: list[UserDayTruth]) -> None:
    assert {row.usage_value_usd is None for row in truth if row.credits is None} == {True}
    assert all(row.usage_value_usd == row.credits / 100 for row in truth if row.credits is not None)


def test_reason_if_and_only_if_no_team(truth: list[UserDayTruth]) -> None:
    assert all((row.team_key is None) != (row.unattributed_reason is None) for row in truth)
    assert {row.unattributed_reason for row in truth} == {
        None,
        "left_company",
        "unmapped_team",
        "unknown_user",
    }
    assert all(row.cost_center is None for row in truth if row.unattributed_reason)


@pytest.mark.parametrize(
    ("login", "key"),
    [
        (c.TWO_ORGS_LOGIN, "payments"),
        (c.NEW_LOGIN, "payments"),
        (c.SAML_ONLY_LOGIN, "storefront"),
        (c.PUBLIC_EMAIL_LOGIN, "lantern-research"),
        (c.CONTRACTOR_LOGIN, f"quill-harbor-apps/{c.CONTRACTOR_TEAM}"),
        (c.SMALL_TEAM_CONTRACTOR_LOGIN, f"quill-harbor-data/{c.SMALL_TEAM}"),
        (c.TWO_TEAMS_LOGIN, "unattributed:unmapped_team"),
        (c.UNKNOWN_LOGINS[0], "unattributed:unknown_user"),
        (c.UNKNOWN_LOGINS[1], "unattributed:unknown_user"),
    ],
)
def test_owner(company: Company, truth: list[UserDayTruth], login: str, key: str) -> None:
    assert {row.reported_team_key for row in of(company, truth, login)} == {key}


@pytest.mark.parametrize(
    ("login", "since", "before", "after"),
    [
        (c.MOVED_LOGIN, c.MOVED_ON, ("storefront", "CC-110"), ("data-platform", "CC-200")),
        (
            c.EARLY_LOGIN,
            c.EARLY_FIRST_PERIOD_DAY,
            ("unattributed:unmapped_team", None),
            ("storefront", "CC-110"),
        ),
    ],
)
def test_owner_changes(
    company: Company,
    truth: list[UserDayTruth],
    login: str,
    since: date,
    before: tuple[str, str | None],
    after: tuple[str, str | None],
) -> None:
    rows = of(company, truth, login)
    assert {(r.reported_team_key, r.cost_center) for r in rows if r.usage_date < since} == {before}
    assert {(r.reported_team_key, r.cost_center) for r in rows if r.usage_date >= since} == {after}


@pytest.mark.parametrize("as_of", [FIRST_AS_OF, AS_OF])
def test_reports_say_the_same(company: Company, as_of: date) -> None:
    reports = Reports(company)
    days = {*c.DAYS[::9], c.HOLE_DAY, RESTATED_DAY}
    told = {
        (record["day"], record["user_id"]): (record.get("ai_credits_used"), said_active(record))
        for account in reversed(c.ACCOUNTS)
        for day in days
        for key in [ReportKey("users-1-day", account, day, as_of)]
        for file in (reports.files(key) if key.days else ())
        for record in map(loads, file)
    }
    rows = (row for row in user_days(company, as_of) if row.usage_date in days)
    assert told == {(r.usage_date.isoformat(), r.user_id): (r.credits, r.is_active) for r in rows}


def said_active(record: dict[str, Any]) -> bool | None:
    """Rule 5 of docs/rules.md, read from GitHub's record."""
    names = (
        "user_initiated_interaction_count",
        "code_generation_activity_count",
        "code_acceptance_activity_count",
        "loc_added_sum",
        "loc_deleted_sum",
    )
    passive = "used_copilot_code_review_passive"
    said = [record.get(name) for name in names]
    said += [value for name, value in record.items() if name.startswith("used_") and name != passive]
    for surface in ("totals_by_cli", "totals_by_copilot_app"):
        said += [record[surface][name] for name in ("session_count", "prompt_count") if surface in record]
    known = [value for value in said if value is not None]
    return any(known) if known else None


def test_leaver(company: Company, truth: list[UserDayTruth]) -> None:
    late = {r.reported_team_key for r in of(company, truth, c.LEFT_LOGIN) if r.usage_date > c.LEFT_LAST_DAY}
    assert late == {"unattributed:left_company"}


def test_person_with_two_accounts_is_one_of_the_people(company: Company, truth: list[UserDayTruth]) -> None:
    accounts = {company.user(login).user_id for login in c.TWO_ACCOUNT_LOGINS}
    days = [row.usage_date for row in truth if row.user_id in accounts and row.credits]
    day = next(day for day in days if days.count(day) == 2)
    users = [row for row in truth if row.usage_date == day and row.team_key == "payments" and row.credits]
    team = next(row for row in team_days(company, AS_OF) if (row.usage_date, row.team_key) == (day, "payments"))
    assert team.people == len({row.user_id for row in users}) - 1


def test_as_of(company: Company) -> None:
    first, last = summary(company, FIRST_AS_OF), summary(company, AS_OF)
    assert (first.last_day, last.last_day) == (RESTATED_DAY, LAST_DAY)
    assert first.credits < last.credits
    assert last.usage_value_usd == last.credits / 100
    assert all(amount > 0 for amount in last.unattributed_credits.values())
