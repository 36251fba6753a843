"""The right answers: from the invented company by docs/rules.md, never from what the server sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.company import Company
from demo.constants import CREDIT_PRICE_USD, DAYS
from demo.directory import MIN_SEATED_FOR_REPORT, GithubTeam
from demo.people import Period, User, team_key

LEFT_COMPANY = "left_company"
UNMAPPED_TEAM = "unmapped_team"
UNKNOWN_USER = "unknown_user"


@dataclass(frozen=True)
class UserDayTruth:
    """One GitHub account's day; exactly one of `team_key` and `unattributed_reason` is set."""

    usage_date: date
    user_id: int
    person_id: str | None
    credits: Decimal | None
    usage_value_usd: Decimal | None
    team_key: str | None
    unattributed_reason: str | None
    cost_center: str | None
    is_active: bool | None

    @property
    def reported_team_key(self) -> str:
        """The team key of team totals, where unattributed use has keys of its own."""
        return self.team_key or f"unattributed:{self.unattributed_reason}"

    @property
    def person(self) -> str:
        """The person, or the account itself where the roster knows nobody."""
        return self.person_id or f"github:{self.user_id}"


@dataclass(frozen=True)
class TeamDayTruth:
    """A team's day; credits are None when none of its rows has any, `people` are those with credits above zero."""

    usage_date: date
    team_key: str
    credits: Decimal | None
    usage_value_usd: Decimal | None
    people: int


@dataclass(frozen=True)
class Summary:
    """Totals of everything that is published at a date."""

    first_day: date
    last_day: date
    user_days: int
    active_user_days: int
    unpriced_user_days: int
    users: int
    credits: Decimal
    usage_value_usd: Decimal
    unattributed_credits: dict[str, Decimal]


def user_days(company: Company, as_of: date) -> list[UserDayTruth]:
    """One row per GitHub account and day, over all scopes, that GitHub has published at that date."""
    return [
        _user_day(company, company.user_by_id[row.user_id], day, row.known_credits, row.is_active)
        for day in DAYS
        for row in company.user_days(day, as_of)
        if company.reporting_accounts(company.user_by_id[row.user_id], day)
    ]


def team_days(company: Company, as_of: date) -> list[TeamDayTruth]:
    """One row per team (or reason why there is none) and day."""
    groups: dict[tuple[date, str], list[UserDayTruth]] = defaultdict(list)
    for row in user_days(company, as_of):
        groups[row.usage_date, row.reported_team_key].append(row)
    return [
        TeamDayTruth(
            usage_date=day,
            team_key=key,
            credits=_sum(row.credits for row in rows),
            usage_value_usd=_sum(row.usage_value_usd for row in rows),
            people=len({row.person for row in rows if row.credits}),
        )
        for (day, key), rows in sorted(groups.items())
    ]


def summary(company: Company, as_of: date) -> Summary:
    """Totals."""
    rows = user_days(company, as_of)
    unattributed: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.unattributed_reason:
            unattributed[row.unattributed_reason] += row.credits or 0
    return Summary(
        first_day=rows[0].usage_date,
        last_day=rows[-1].usage_date,
        user_days=len(rows),
        active_user_days=sum(row.is_active is True for row in rows),
        unpriced_user_days=sum(row.credits is None for row in rows),
        users=len({row.user_id for row in rows}),
        credits=sum((row.credits or Decimal(0) for row in rows), Decimal(0)),
        usage_value_usd=sum((row.usage_value_usd or Decimal(0) for row in rows), Decimal(0)),
        unattributed_credits=dict(unattributed),
    )


def _user_day(
    company: Company, user: User, day: date, ai_credits: Decimal | None, is_active: bool | None
) -> UserDayTruth:
    team, reason, cost_center = _owner(company, user, day)
    return UserDayTruth(
        usage_date=day,
        user_id=user.user_id,
        person_id=user.person_id,
        credits=ai_credits,
        usage_value_usd=None if ai_credits is None else ai_credits * CREDIT_PRICE_USD,
        team_key=team,
        unattributed_reason=reason,
        cost_center=cost_center,
        is_active=is_active,
    )


def _owner(company: Company, user: User, day: date) -> tuple[str | None, str | None, str | None]:
    """Team key, reason why there is none, and cost center."""
    if user.person_id is None:
        return (*_github_team(company, user), None)
    periods = company.person_by_id[user.person_id].periods
    period = next((period for period in periods if period.contains(day)), None)
    if period:
        return team_key(period.team), None, period.cost_center
    return None, LEFT_COMPANY if _is_over(periods, day) else UNMAPPED_TEAM, None


def _is_over(periods: Iterable[Period], day: date) -> bool:
    return all(period.valid_to is not None and period.valid_to < day for period in periods)


def _github_team(company: Company, user: User) -> tuple[str | None, str | None]:
    teams = [team for team in company.teams if user.user_id in team.member_ids]
    reported = [team for team in teams if is_reported(company, team)] or teams
    if not reported:
        return None, UNKNOWN_USER
    return (reported[0].key, None) if len(reported) == 1 else (None, UNMAPPED_TEAM)


def is_reported(company: Company, team: GithubTeam) -> bool:
    """Whether GitHub's user-teams report holds the team: not with fewer than five seated members."""
    seated = {seat.user_id for seat in company.seats}
    return len(seated.intersection(team.member_ids)) >= MIN_SEATED_FOR_REPORT


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
