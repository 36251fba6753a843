"""Each special case of the invented company exists and is what its name says."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from demo import constants as c
from demo.company import AS_OF, DAYS, FIRST_AS_OF, RESTATED_DAY, Company, build_company
from demo.github_records import user_record
from demo.people import ROSTER_HEADER, TEAMS
from demo.truth import is_reported
from demo.usage import Credits, Shape, UserDay


def rows_of(company: Company, login: str) -> list[UserDay]:
    user_id = company.user(login).user_id
    return [row for day in DAYS for row in company.final[day] if row.user_id == user_id]


@pytest.fixture(scope="module")
def rows(company: Company) -> list[UserDay]:
    return [row for day in DAYS for row in company.final[day]]


def test_two_builds_are_equal(company: Company) -> None:
    assert build_company() == company


def test_size(company: Company) -> None:
    assert len(DAYS) == 120
    assert len(TEAMS) == 12
    assert 190 <= len(company.users) <= 215
    assert 17 <= len(company.members(c.LANTERN)) <= 20
    assert all(company.account_user_days(account, day, AS_OF) for account in c.ACCOUNTS for day in DAYS[:30])


def test_ids_and_logins_are_unique(company: Company) -> None:
    assert len(company.user_by_id) == len(company.users) == len({user.login for user in company.users})
    assert len(company.person_by_id) == len(company.people)


def test_weekends_and_holidays_are_quiet(company: Company) -> None:
    free = [len(company.final[day]) for day in DAYS if day.weekday() >= 5 or day in c.HOLIDAYS]
    work = [len(company.final[day]) for day in DAYS if day.weekday() < 5 and day not in c.HOLIDAYS]
    assert max(free) < min(work) / 2


def test_credits_have_at_most_six_decimals(rows: list[UserDay]) -> None:
    places = {-row.known_credits.as_tuple().exponent for row in rows if row.known_credits is not None}  # type: ignore[operator]
    assert {0, 6} <= places
    assert max(places) == 6


def test_people_of_two_accounts(company: Company) -> None:
    assert company.user(c.TWO_ORGS_LOGIN).organizations == (c.APPS, c.DATA)
    both = company.user(c.LANTERN_AND_ENTERPRISE_LOGIN)
    assert both.belongs_to(c.LANTERN)
    assert both.belongs_to(c.ENTERPRISE)
    first, second = (company.user(login) for login in c.TWO_ACCOUNT_LOGINS)
    assert first.person_id == second.person_id
    assert first.user_id != second.user_id


def test_renamed_login_is_in_the_roster_under_its_old_name_only(company: Company) -> None:
    user = company.user(c.NEW_LOGIN)
    used = [row.day for row in rows_of(company, c.NEW_LOGIN)]
    assert min(used) < c.RENAMED_ON < max(used)
    assert {user.login_on(day) for day in used} == {c.OLD_LOGIN, c.NEW_LOGIN}
    assert company.person_by_id[user.person_id or ""].github_logins == (c.OLD_LOGIN,)


def test_mover_changes_team_and_cost_center(company: Company) -> None:
    before, after = company.person_by_id[company.user(c.MOVED_LOGIN).person_id or ""].periods
    assert (before.team, after.team) == (c.MOVED_FROM_TEAM, c.MOVED_TO_TEAM)
    assert before.cost_center != after.cost_center
    assert not before.contains(c.MOVED_ON)
    assert after.contains(c.MOVED_ON)


def test_leaver_keeps_seat_and_some_credits(company: Company) -> None:
    user = company.user(c.LEFT_LOGIN)
    late = [row for row in rows_of(company, c.LEFT_LOGIN) if row.day > c.LEFT_LAST_DAY]
    assert sum(row.known_credits or Decimal(0) for row in late) > 0
    assert any(seat.user_id == user.user_id for seat in company.seats)


@pytest.mark.parametrize(
    ("login", "teams"),
    [
        *((login, ()) for login in c.UNKNOWN_LOGINS),
        (c.CONTRACTOR_LOGIN, (c.CONTRACTOR_TEAM,)),
        (c.SMALL_TEAM_CONTRACTOR_LOGIN, (c.SMALL_TEAM,)),
        (c.TWO_TEAMS_LOGIN, c.TWO_TEAMS),
    ],
)
def test_accounts_unknown_to_the_roster(company: Company, login: str, teams: tuple[str, ...]) -> None:
    user = company.user(login)
    assert user.person_id is None
    assert rows_of(company, login)
    assert tuple(team.slug for team in company.teams if user.user_id in team.member_ids) == teams


def test_no_unknown_account_can_be_matched(company: Company) -> None:
    logins = {login for person in company.people for login in person.github_logins}
    emails = {email.lower() for person in company.people for email in person.emails}
    for user in company.users:
        known = {user.email and user.email.lower(), user.public_email} & emails
        assert bool({user.login, user.renamed_from} & logins or known) == (user.person_id is not None)


def test_saml_and_public_email_are_the_only_way_to_some_people(company: Company) -> None:
    saml = company.user(c.SAML_ONLY_LOGIN)
    identity = next(i for i in company.identities if i.user_id == saml.user_id)
    person = company.person_by_id[saml.person_id or ""]
    assert person.github_logins == ()
    assert identity.name_id is not None
    assert identity.name_id != identity.name_id.lower() == person.emails[0]
    public = company.user(c.PUBLIC_EMAIL_LOGIN)
    assert company.person_by_id[public.person_id or ""].emails == (public.public_email,)


def test_one_identity_is_not_claimed(company: Company) -> None:
    assert [i.name_id for i in company.identities if i.user_id is None] == [c.UNCLAIMED_EMAIL]


def test_credits_without_activity(rows: list[UserDay]) -> None:
    idle = [r for r in rows if not r.counters.interactions and not r.counters.generations and r.known_credits]
    assert 0.25 <= len(idle) / len(rows) <= 0.40
    shapes = Counter(row.shape for row in idle)
    assert min(shapes[shape] for shape in Shape) > 100


def test_activity_without_credits(rows: list[UserDay]) -> None:
    unknown = {row.credits for row in rows if row.is_active and isinstance(row.credits, Credits)}
    assert unknown == {Credits.NULL, Credits.ABSENT}


def test_active_is_true_false_and_unknown(rows: list[UserDay]) -> None:
    assert {row.is_active for row in rows} == {True, False, None}
    assert any(row.is_active is False and row.review_passive for row in rows)


def test_seats(company: Company) -> None:
    listed = [seat for seat in company.seats if seat.is_listed_by(c.ENTERPRISE)]
    per_user = Counter(seat.user_id for seat in listed)
    assert per_user[None] == 1
    assert per_user[company.user(c.MULTI_SEAT_LOGIN).user_id] == 2
    assert {rows_of(company, login) == [] for login in c.UNUSED_SEAT_LOGINS} == {True}
    pending = {seat.user_id for seat in company.seats if seat.pending_cancellation}
    assert pending == {company.user(login).user_id for login in c.PENDING_CANCELLATION_LOGINS}
    assert any(seat.organization is None for seat in listed)


def test_team_without_adoption(company: Company) -> None:
    team = next(team for team in company.teams if team.name == c.NO_ADOPTION_TEAM)
    seated = {seat.user_id for seat in company.seats}
    used = {row.user_id for day in DAYS for row in company.final[day]}
    assert len(seated.intersection(team.member_ids)) >= 5
    assert used.isdisjoint(team.member_ids)


def test_only_the_small_team_is_left_out_of_reports(company: Company) -> None:
    assert [team.slug for team in company.teams if not is_reported(company, team)] == [c.SMALL_TEAM]


def test_every_breakdown_has_users(company: Company, rows: list[UserDay]) -> None:
    filled: set[str] = set()
    for row in rows:
        filled |= {name for name, value in user_record(company.user_by_id[row.user_id], row).items() if value}
    names = "ide feature language_feature language_model model_feature cli copilot_app vscode_agent"
    more = "3rd_party_agent skill mcp slash_cmd plugin custom_agent"
    assert {f"totals_by_{name}" for name in f"{names} {more}".split()} <= filled
    assert {"used_copilot_coding_agent", "used_copilot_cloud_agent"} <= filled


def test_restated_day_gains_and_loses(company: Company) -> None:
    before = {row.user_id: row for row in company.user_days(RESTATED_DAY, FIRST_AS_OF)}
    after = {row.user_id: row for row in company.user_days(RESTATED_DAY, AS_OF)}
    late_cli, lost, gone = (
        company.user(login).user_id for login in (c.LATE_CLI_LOGIN, c.LOST_LINES_LOGIN, c.PRELIMINARY_ONLY_LOGIN)
    )
    assert len(before) < len(after)
    assert before.keys() - after.keys() == {gone}
    assert before[late_cli].cli is None
    assert after[late_cli].cli is not None
    assert len(before[lost].lines) > len(after[lost].lines)
    both = before.keys() & after.keys()
    assert sum(before[u].known_credits or 0 for u in both) < sum(after[u].known_credits or 0 for u in both)


def test_hole(company: Company) -> None:
    assert company.account_user_days(c.HOLE_ACCOUNT, c.HOLE_DAY, AS_OF) == []
    assert company.account_user_days(c.ENTERPRISE, c.HOLE_DAY, AS_OF)


def test_roster_file(company: Company, tmp_path: Path) -> None:
    path = company.write_roster(tmp_path / "roster")
    with path.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    assert path.name == "people.csv"
    assert tuple(people[0]) == ROSTER_HEADER
    assert len({row["person_id"] for row in people}) == len(company.people) == len(people) - 1
    assert any(";" in row["github_logins"] for row in people)
    assert {row["manager"] for row in people} <= {"", *company.person_by_id}
