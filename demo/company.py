"""The invented company: people, accounts, teams, seats and 120 days of Copilot use. Always the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from random import Random

from demo import constants as c
from demo.constants import (
    ACCOUNTS,
    AS_OF,
    DAYS,
    FIRST_AS_OF,
    FIRST_DAY,
    HOLE_DAY,
    LAST_DAY,
    RESTATED_DAY,
    Account,
)
from demo.directory import GithubTeam, Identity, Seat, assign_seats, form_teams, issue_identities
from demo.habits import draw_user_day
from demo.people import Period, Person, User, populate, write_roster_csv
from demo.repositories import RepositoryDay, draw_repository_days
from demo.usage import Counters, Line, Sessions, UserDay


@dataclass(frozen=True)
class Company:
    """Everything that is so, whether GitHub reports it or not."""

    people: tuple[Person, ...]
    users: tuple[User, ...]
    teams: tuple[GithubTeam, ...]
    seats: tuple[Seat, ...]
    identities: tuple[Identity, ...]
    final: dict[date, tuple[UserDay, ...]]
    preliminary: tuple[UserDay, ...]
    repository_days: dict[date, tuple[RepositoryDay, ...]]

    @cached_property
    def user_by_id(self) -> dict[int, User]:
        """GitHub accounts by their numeric id."""
        return {user.user_id: user for user in self.users}

    @cached_property
    def person_by_id(self) -> dict[str, Person]:
        """People of the roster by their id."""
        return {person.person_id: person for person in self.people}

    def user(self, login: str) -> User:
        """The GitHub account with that (present) login."""
        return next(user for user in self.users if user.login == login)

    def members(self, account: Account) -> list[User]:
        """GitHub accounts that belong to an organisation or enterprise."""
        return [user for user in self.users if user.belongs_to(account)]

    def user_days(self, day: date, as_of: date) -> tuple[UserDay, ...]:
        """The day's use as GitHub knows it on a date; nothing while the day is not yet available."""
        if not is_available(day, as_of):
            return ()
        return self.preliminary if is_preliminary(day, as_of) else self.final[day]

    def account_user_days(self, account: Account, day: date, as_of: date) -> list[UserDay]:
        """The part of the day's use that the account's report holds; nothing for a hole."""
        if is_hole(account, day):
            return []
        return [row for row in self.user_days(day, as_of) if row.user_id in self._member_ids[account]]

    @cached_property
    def _member_ids(self) -> dict[Account, frozenset[int]]:
        return {account: frozenset(user.user_id for user in self.members(account)) for account in ACCOUNTS}

    def reporting_accounts(self, user: User, day: date) -> list[Account]:
        """The accounts whose reports of the day can hold the user."""
        return [account for account in ACCOUNTS if user.belongs_to(account) and not is_hole(account, day)]

    def write_roster(self, folder: Path) -> Path:
        """Write the people roster as `people.csv` into the folder."""
        return write_roster_csv(self.people, folder)


def is_available(day: date, as_of: date) -> bool:
    """Whether GitHub has published the day at that date."""
    return FIRST_DAY <= day <= min(LAST_DAY, as_of - timedelta(days=c.AVAILABLE_AFTER_DAYS))


def is_preliminary(day: date, as_of: date) -> bool:
    """Whether the day is one that GitHub will restate and has not yet."""
    return day == RESTATED_DAY and (as_of - day).days < c.FINAL_AFTER_DAYS


def is_hole(account: Account, day: date) -> bool:
    """Whether GitHub never publishes this day of this account."""
    return account == c.HOLE_ACCOUNT and day == HOLE_DAY


def build_company() -> Company:
    """Invent the company."""
    population = populate()
    users = tuple(population.users)
    teams = form_teams(users, population.people)
    final = _draw_use(users)
    restated = final[RESTATED_DAY]
    final[RESTATED_DAY], preliminary = _restate(restated, users)
    return Company(
        people=tuple(population.people),
        users=users,
        teams=teams,
        seats=assign_seats(users, teams),
        identities=issue_identities(users),
        final=final,
        preliminary=preliminary,
        repository_days=draw_repository_days(),
    )


def _draw_use(users: tuple[User, ...]) -> dict[date, tuple[UserDay, ...]]:
    days: dict[date, list[UserDay]] = {day: [] for day in DAYS}
    for user in users:
        rng = Random(f"{c.SEED}/{user.user_id}")
        for day in DAYS:
            drawn = draw_user_day(user, day, rng)
            if drawn:
                days[day].append(drawn)
    return {day: tuple(rows) for day, rows in days.items()}


def _restate(drawn: tuple[UserDay, ...], users: tuple[User, ...]) -> tuple[tuple[UserDay, ...], tuple[UserDay, ...]]:
    """The restated day in its final and in its preliminary version.

    Preliminary, it lacks every ninth user, every third user's credits are lower and one user's CLI is not
    there yet; but it also has a user and breakdown lines that are gone from the final version.
    """
    ids = {user.login: user.user_id for user in users}
    special = {login: ids[login] for login in (c.PRELIMINARY_ONLY_LOGIN, c.LATE_CLI_LOGIN, c.LOST_LINES_LOGIN)}
    others = [row for row in drawn if row.user_id not in special.values()]
    base_line = Line("code_completion", "go", None, "intellij", Counters(0, 12, 5, 60, 0, 40, 0))
    cli_line = Line("copilot_cli", "go", "gpt-5.4", None, Counters(9, 9, 7, 0, 0, 210, 15))
    lost_line = Line("chat_inline", "sql", "gpt-5.4", "intellij", Counters(4, 4, 1, 12, 0, 3, 0))

    def full(login: str, amount: str, *lines: Line, cli: Sessions | None = None) -> UserDay:
        return UserDay(special[login], RESTATED_DAY, Decimal(amount), lines=lines, cli=cli)

    late_cli = Sessions(2, 40, 9, 900_000, 21_000)
    final = (
        *others,
        full(c.LATE_CLI_LOGIN, "31.25", base_line, cli_line, cli=late_cli),
        full(c.LOST_LINES_LOGIN, "8.500001", base_line),
    )
    preliminary = (
        *(_lowered(row, number) for number, row in enumerate(others) if number % 9),
        full(c.LATE_CLI_LOGIN, "11.75", base_line),
        full(c.LOST_LINES_LOGIN, "8.5", base_line, lost_line),
        full(c.PRELIMINARY_ONLY_LOGIN, "2.125", base_line),
    )
    return final, preliminary


def _lowered(row: UserDay, number: int) -> UserDay:
    if row.known_credits is None or number % 3:
        return row
    return replace(row, credits=(row.known_credits / 2).quantize(Decimal("0.000001")))


__all__ = [
    "ACCOUNTS",
    "AS_OF",
    "DAYS",
    "FIRST_AS_OF",
    "FIRST_DAY",
    "HOLE_DAY",
    "LAST_DAY",
    "RESTATED_DAY",
    "Account",
    "Company",
    "Period",
    "Person",
    "User",
    "build_company",
    "is_available",
    "is_hole",
    "is_preliminary",
]
