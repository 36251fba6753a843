"""Copilot in the demo against its ground truth: what the ledger says is what the company did, by docs/rules.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from demo import constants as c
from demo import truth
from demo.company import Company
from demo.constants import AS_OF, DAYS, FIRST_AS_OF, HOLE_DAY, LAST_DAY, RESTATED_DAY
from demo.usage import Shape
from tests.end_to_end.truths import Expected
from tests.end_to_end.workbench import Ask, Row, differences, pseudonymizer

pytestmark = pytest.mark.xdist_group("demo")

ONE_DAY = timedelta(days=1)
TEAMS = "core.fct_team_credits_daily where vendor = 'github_copilot'"


@dataclass(frozen=True)
class Keys:
    """Pseudonyms of the invented company's accounts and people."""

    company: Company
    expected: Expected

    def user(self, login_or_id: str | int) -> str:
        """The principal key of an account, by its present login or its number."""
        number = self.company.user(login_or_id).user_id if isinstance(login_or_id, str) else login_or_id
        return str(pseudonymizer().key("github_user", number))

    def person(self, person_id: str | None, user_id: int) -> str:
        """The person key: of the roster's person, of an e-mail that other vendors know too, else of the account."""
        if person_id:
            return str(pseudonymizer().key("person", person_id))
        email = self.company.user_by_id[user_id].email
        shared = email in self.expected.outsiders.shared
        return str(pseudonymizer().key("email", email)) if shared else self.user(user_id)


@pytest.fixture(scope="module")
def keys(company: Company, expected: Expected) -> Keys:
    return Keys(company, expected)


@pytest.fixture(scope="module")
def user_days(company: Company) -> list[truth.UserDayTruth]:
    return truth.user_days(company, AS_OF)


def days_of(ask: Ask, principal: str, columns: str) -> dict[date, Row]:
    """Usage date to the columns of a principal's credits; fails when a day has two rows."""
    rows = ask(f"select usage_date, {columns} from core.fct_credits_daily where principal_key = '{principal}'")
    days = {day: tuple(rest) for day, *rest in rows}
    assert len(days) == len(rows), "a principal has more than one row on a day"
    return days


# The whole ledger.


def test_credits_by_user_and_day_equal_the_truth(ask: Ask, keys: Keys, user_days: list[truth.UserDayTruth]) -> None:
    expected = Counter(
        (
            row.usage_date,
            keys.user(row.user_id),
            keys.person(row.person_id, row.user_id),
            row.credits,
            row.usage_value_usd,
            "unpriced" if row.credits is None else "credit_price",
            row.team_key,
            row.unattributed_reason,
            row.cost_center,
        )
        for row in user_days
    )
    found = Counter(
        ask("""
        select
            usage_date, principal_key, person_key, credits, usage_value_usd, value_basis, team_key,
            unattributed_reason, cost_center_key
        from core.fct_credits_daily
        where vendor = 'github_copilot' and credit_unit = 'ai_credit' and principal_kind = 'human_seat'
        """)
    )
    assert len(expected) > 9000
    assert not differences(expected, found)


def test_active_days_equal_the_truth(ask: Ask, keys: Keys, user_days: list[truth.UserDayTruth]) -> None:
    expected = Counter(
        (row.usage_date, keys.user(row.user_id), row.is_active, row.team_key, row.unattributed_reason, row.cost_center)
        for row in user_days
    )
    found = Counter(
        ask("""
        select usage_date, principal_key, is_active, team_key, unattributed_reason, cost_center_key
        from core.fct_activity_daily where vendor = 'github_copilot'
        """)
    )
    assert {row[2] for row in expected} == {True, False, None}
    assert not differences(expected, found)


def test_activity_counts_are_what_people_did(ask: Ask, keys: Keys, company: Company) -> None:
    expected: Counter[Row] = Counter()
    for day in DAYS:
        for row in company.user_days(day, AS_OF):
            known = row.shape is not Shape.CREDITS_ONLY
            did = row.counters
            counts = (did.interactions, did.generations, did.acceptances, did.added, did.deleted)
            expected[day, keys.user(row.user_id), *(counts if known else [None] * 5)] += 1
    found = Counter(
        ask("""
        select usage_date, principal_key, interactions, suggestions, acceptances, lines_added, lines_deleted
        from core.fct_activity_daily where vendor = 'github_copilot'
        """)
    )
    assert not differences(expected, found)


def test_sessions_outside_the_ide_are_what_people_did(ask: Ask, keys: Keys, company: Company) -> None:
    expected: Counter[Row] = Counter()
    for day in DAYS:
        for row in company.user_days(day, AS_OF):
            surfaces = [surface for surface in (row.cli, row.app) if surface]
            windows = [row.agents_window] if row.agents_window else []
            if surfaces or windows:
                sessions = sum(surface.sessions for surface in surfaces) + sum(window.sessions for window in windows)
                prompts = sum(surface.prompts for surface in surfaces) + sum(window.messages for window in windows)
                requests = sum(surface.requests for surface in surfaces) if surfaces else None
                expected[day, keys.user(row.user_id), sessions, requests, prompts] += 1
    found = Counter(
        ask("""
        select usage_date, principal_key, sessions, requests, prompts
        from core.fct_activity_daily
        where vendor = 'github_copilot' and (sessions is not null or prompts is not null)
        """)
    )
    assert len(expected) > 100
    assert not differences(expected, found)


def test_team_credits_by_day_equal_the_truth(ask: Ask, company: Company) -> None:
    expected = Counter(
        (row.usage_date, row.team_key, row.credits, row.usage_value_usd) for row in truth.team_days(company, AS_OF)
    )
    found = Counter(ask(f"select usage_date, team_key, credits, usage_value_usd from {TEAMS}"))
    assert not differences(expected, found)


def test_people_by_team_and_day_equal_the_truth(ask: Ask, company: Company) -> None:
    expected = Counter((row.usage_date, row.team_key, row.people) for row in truth.team_days(company, AS_OF))
    found = Counter(ask(f"select usage_date, team_key, people from {TEAMS}"))
    assert not differences(expected, found)


def test_allocated_and_unattributed_credits_are_the_total(ask: Ask, user_days: list[truth.UserDayTruth]) -> None:
    totals: dict[date, Decimal] = defaultdict(Decimal)
    for row in user_days:
        totals[row.usage_date] += row.credits or Decimal(0)
    split = {
        day: (allocated, unattributed)
        for day, allocated, unattributed in ask(f"""
        select
            usage_date,
            sum(case when team_key not like 'unattributed:%' then coalesce(credits, 0) else 0 end),
            sum(case when team_key like 'unattributed:%' then coalesce(credits, 0) else 0 end)
        from {TEAMS} group by usage_date
        """)
    }
    assert {day: sum(parts) for day, parts in split.items()} == totals
    assert all(any(parts[side] > 0 for parts in split.values()) for side in (0, 1)), "one side is always empty"


def test_every_unattributed_reason_has_its_credits(ask: Ask, company: Company) -> None:
    expected = truth.summary(company, AS_OF).unattributed_credits
    found = ask("""
        select unattributed_reason, sum(credits) from core.fct_credits_daily
        where vendor = 'github_copilot' and team_key is null group by 1
    """)
    assert set(expected) == {"left_company", "unmapped_team", "unknown_user"}
    assert dict(found) == expected


# The special cases.


def test_a_restated_day_counts_as_restated(ask: Ask, keys: Keys, company: Company) -> None:
    found = ask(f"""
        select principal_key, credits from core.fct_credits_daily
        where vendor = 'github_copilot' and usage_date = '{RESTATED_DAY}'
    """)
    final = {keys.user(row.user_id): row.known_credits for row in company.final[RESTATED_DAY]}
    assert dict(found) == final
    before = {keys.user(row.user_id): row.known_credits for row in company.preliminary}
    assert before != final


def test_a_row_that_a_restatement_removed_is_gone(ask: Ask, keys: Keys) -> None:
    vanished = keys.user(c.PRELIMINARY_ONLY_LOGIN)
    assert RESTATED_DAY not in days_of(ask, vanished, "credits")
    left_over = ask(f"""
        select count(*) from raw_github_copilot.user_days where user_key = '{vanished}' and day = '{RESTATED_DAY}'
    """)
    assert left_over == [(0,)]


def test_breakdown_lines_that_a_restatement_removed_are_gone(ask: Ask, keys: Keys) -> None:
    languages = ask(f"""
        select distinct language from staging.stg_github_copilot__user_day_languages
        where user_key = '{keys.user(c.LOST_LINES_LOGIN)}' and usage_date = '{RESTATED_DAY}'
    """)
    assert languages == [("go",)]


def test_cli_use_that_came_late_is_there(ask: Ask, keys: Keys) -> None:
    found = ask(f"""
        select sessions, requests, prompts from core.fct_activity_daily
        where principal_key = '{keys.user(c.LATE_CLI_LOGIN)}' and usage_date = '{RESTATED_DAY}'
    """)
    assert found == [(2, 40, 9)]


def test_restatements_tell_before_and_after(ask: Ask, company: Company) -> None:
    expected = set()
    for account in c.ACCOUNTS:
        versions = []
        for as_of in (FIRST_AS_OF, AS_OF):
            rows = company.account_user_days(account, RESTATED_DAY, as_of)
            total = sum((row.known_credits or Decimal(0) for row in rows), Decimal(0))
            versions.append((len(rows), total))
        (users_before, before), (users_after, after) = versions
        changes = (before, after, after - before, users_before, users_after, users_after - users_before)
        expected.add((account.account_id, RESTATED_DAY, 2, *changes))
    found = ask("""
        select
            account_id, report_date, version, credits_before, credits_after, credits_change, users_before, users_after,
            users_change
        from governance.fct_restatements where report = 'users-1-day'
    """)
    assert set(found) == expected
    assert len(found) == len(expected)


def test_a_moved_person_leaves_history_where_it_was(ask: Ask, keys: Keys) -> None:
    days = days_of(ask, keys.user(c.MOVED_LOGIN), "team_key, cost_center_key")
    before = {place for day, place in days.items() if day < c.MOVED_ON}
    after = {place for day, place in days.items() if day >= c.MOVED_ON}
    assert before == {("storefront", "CC-110")}
    assert after == {("data-platform", "CC-200")}


@pytest.mark.parametrize("login", [c.TWO_ORGS_LOGIN, c.LANTERN_AND_ENTERPRISE_LOGIN])
def test_a_member_of_two_organisations_is_counted_once(
    ask: Ask, keys: Keys, login: str, user_days: list[truth.UserDayTruth], company: Company
) -> None:
    user_id = company.user(login).user_id
    expected = {row.usage_date: (row.credits,) for row in user_days if row.user_id == user_id}
    assert days_of(ask, keys.user(login), "credits") == expected
    reported = ask(f"""
        select count(distinct account_id) from staging.stg_github_copilot__user_days
        where user_key = '{keys.user(login)}'
    """)
    assert reported == [(3,)], "the reports of both organisations and the enterprise are to tell of the same use"


def test_a_renamed_login_stays_one_principal(ask: Ask, keys: Keys, user_days: list[truth.UserDayTruth]) -> None:
    principal = keys.user(c.NEW_LOGIN)
    days = days_of(ask, principal, "person_key, team_key")
    assert min(days) < c.RENAMED_ON <= max(days)
    assert len({person for person, _ in days.values()}) == 1
    assert {team for _, team in days.values()} == {"payments"}
    logins = [pseudonymizer().key("github_login", login) for login in (c.OLD_LOGIN, c.NEW_LOGIN)]
    seen = ask(f"""
        select login_key, count(distinct user_key), min(user_key) from staging.stg_github_copilot__user_days
        where login_key in ('{logins[0]}', '{logins[1]}') group by login_key
    """)
    assert sorted(seen) == sorted((login, 1, principal) for login in logins)


def test_use_after_leaving_is_unattributed_as_left_company(ask: Ask, keys: Keys) -> None:
    days = days_of(ask, keys.user(c.LEFT_LOGIN), "team_key, unattributed_reason, cost_center_key")
    before = {place for day, place in days.items() if day <= c.LEFT_LAST_DAY}
    after = {place for day, place in days.items() if day > c.LEFT_LAST_DAY}
    assert before == {("payments", None, "CC-100")}
    assert after == {(None, "left_company", None)}


def test_use_before_the_first_roster_period_is_an_unmapped_team(ask: Ask, keys: Keys) -> None:
    days = days_of(ask, keys.user(c.EARLY_LOGIN), "team_key, unattributed_reason")
    assert {place for day, place in days.items() if day < c.EARLY_FIRST_PERIOD_DAY} == {(None, "unmapped_team")}
    assert {place for day, place in days.items() if day >= c.EARLY_FIRST_PERIOD_DAY} == {("storefront", None)}


@pytest.mark.parametrize("login", c.UNKNOWN_LOGINS)
def test_an_account_that_nobody_knows_stands_for_itself(ask: Ask, keys: Keys, login: str) -> None:
    principal = keys.user(login)
    days = days_of(ask, principal, "person_key, team_key, unattributed_reason, cost_center_key")
    assert set(days.values()) == {(principal, None, "unknown_user", None)}
    person = ask(f"select person_source, team_key from core.dim_person where person_key = '{principal}'")
    assert person == [("github_account", None)]


@pytest.mark.parametrize(
    ("login", "team"),
    [
        (c.CONTRACTOR_LOGIN, f"{c.APPS.slug}/{c.CONTRACTOR_TEAM}"),
        # Too small for GitHub's daily report of users and teams: only the list of members knows it.
        (c.SMALL_TEAM_CONTRACTOR_LOGIN, f"{c.DATA.slug}/{c.SMALL_TEAM}"),
    ],
)
def test_a_contractor_belongs_to_his_one_github_team(ask: Ask, keys: Keys, login: str, team: str) -> None:
    principal = keys.user(login)
    days = days_of(ask, principal, "person_key, team_key, unattributed_reason, cost_center_key")
    person = keys.person(None, keys.company.user(login).user_id)
    assert set(days.values()) == {(person, team, None, None)}
    assert (person == principal) == (login != c.CONTRACTOR_LOGIN), "Cursor and OpenAI know Cara's e-mail too"
    assert ask(f"select team_source from core.dim_team where team_key = '{team}'") == [("github",)]


def test_several_github_teams_are_an_unmapped_team(ask: Ask, keys: Keys) -> None:
    principal = keys.user(c.TWO_TEAMS_LOGIN)
    days = days_of(ask, principal, "person_key, team_key, unattributed_reason")
    assert set(days.values()) == {(principal, None, "unmapped_team")}


@pytest.mark.parametrize(
    ("login", "matched_by", "team"),
    [
        (c.SAML_ONLY_LOGIN, "sso_email", "storefront"),
        (c.PUBLIC_EMAIL_LOGIN, "public_email", "lantern-research"),
        (c.NEW_LOGIN, "login", "payments"),
        (c.CONTRACTOR_LOGIN, "none", f"{c.APPS.slug}/{c.CONTRACTOR_TEAM}"),
    ],
)
def test_an_account_finds_its_person(
    ask: Ask, keys: Keys, company: Company, login: str, matched_by: str, team: str
) -> None:
    user = company.user(login)
    found = ask(f"""
        select owner_person_key, matched_by, team_key from core.dim_principal
        where principal_key = '{keys.user(login)}'
    """)
    assert found == [(keys.person(user.person_id, user.user_id), matched_by, team)]


def test_two_accounts_of_one_person_are_one_person(ask: Ask, keys: Keys, company: Company) -> None:
    first, second = (company.user(login) for login in c.TWO_ACCOUNT_LOGINS)
    assert first.person_id == second.person_id
    person = keys.person(first.person_id, first.user_id)
    principals = ask(f"""
        select principal_key from core.dim_principal
        where vendor = 'github_copilot' and owner_person_key = '{person}'
    """)
    assert {key for (key,) in principals} == {keys.user(login) for login in c.TWO_ACCOUNT_LOGINS}


def test_seats_without_use_are_gaps(ask: Ask, keys: Keys, company: Company) -> None:
    window = {LAST_DAY - offset * ONE_DAY for offset in range(28)}
    seated = {seat.user_id for seat in company.seats if seat.user_id and seat.created_on <= min(window)}
    used = {
        row.user_id
        for day in window
        for row in company.final[day]
        if row.is_active or (row.known_credits is not None and row.known_credits > 0)
    }
    expected = {keys.user(user_id) for user_id in seated - used}
    found = ask("""
        select subject_key, principal_key, window_start, window_end, days_covered
        from governance.fct_adoption_gaps where vendor = 'github_copilot' and gap_kind = 'seat_without_use'
    """)
    assert {row[0] for row in found} == expected
    assert len(found) == len(expected)
    assert expected >= {keys.user(login) for login in c.UNUSED_SEAT_LOGINS}
    assert {row[2:] for row in found} == {(min(window), max(window), 28)}
    assert all(subject == principal for subject, principal, *_ in found)


def test_a_team_without_adoption_is_a_gap(ask: Ask, company: Company) -> None:
    team = c.NO_ADOPTION_TEAM
    people = sum(any(period.team == team for period in person.periods) for person in company.people)
    found = ask("""
        select subject_key, team_key, people, seats, days_without_use
        from governance.fct_adoption_gaps where vendor = 'github_copilot' and gap_kind = 'team_without_adoption'
    """)
    assert found == [("legal-operations", "legal-operations", people, people, None)]


def test_a_hole_shows_in_the_recency_of_its_account_only(ask: Ask) -> None:
    found = ask("""
        select
            account_id, report, first_day, last_loaded_day, complete_through, days_missing, days_not_available,
            days_rejected
        from governance.fct_source_recency where report like '%-1-day'
    """)
    whole = (c.FIRST_DAY, LAST_DAY, LAST_DAY, 0, 0, 0)
    holed = (c.FIRST_DAY, LAST_DAY, HOLE_DAY - ONE_DAY, 1, 1, 0)
    expected = {
        (account.account_id, report, *(holed if account == c.HOLE_ACCOUNT else whole))
        for account in c.ACCOUNTS
        for report in ("users-1-day", "user-teams-1-day", "repos-1-day", f"{account.scope}-1-day")
    }
    assert set(found) == expected
    assert len(found) == len(expected)


def test_only_the_hole_is_an_empty_day_after_an_active_one(ask: Ask) -> None:
    """The day before the as-of day has no report yet, which is as it should be: GitHub has three days."""
    found = ask("""
        select account_id, empty_after_active_days from governance.fct_source_recency where report = 'users-1-day'
    """)
    assert dict(found) == {account.account_id: int(account == c.HOLE_ACCOUNT) for account in c.ACCOUNTS}


def test_days_last_read_within_four_days_are_not_final(ask: Ask) -> None:
    """Rules, 7: read four or more days after the day, where AGENT_SPEND_AS_OF stands for the day of reading."""
    final: dict[date, bool] = dict(
        ask("""
        select usage_date, min(is_final) from core.fct_credits_daily where vendor = 'github_copilot' group by usage_date
        """)
    )
    young = {day for day in DAYS if (AS_OF - day).days < c.FINAL_AFTER_DAYS}
    old = {day for day in DAYS if (FIRST_AS_OF - day).days >= c.FINAL_AFTER_DAYS}
    assert {day for day in young if final[day]} == set()
    assert {day for day in old if not final[day]} == set()
    assert final[AS_OF - c.FINAL_AFTER_DAYS * ONE_DAY]


def test_every_day_is_complete_through_the_last_one_at_the_enterprise(ask: Ask) -> None:
    found = ask(f"""
        select distinct data_complete_through from core.fct_credits_daily
        where vendor = 'github_copilot' and account_id = '{c.ENTERPRISE.account_id}'
    """)
    assert found == [(LAST_DAY,)]
