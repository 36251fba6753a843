"""Who is in the invented company: people of the roster, GitHub accounts and what links them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random

from demo import constants as c

FIRST_NAMES = (
    *("Ada", "Bela", "Caro", "Dario", "Edda", "Femi", "Gita", "Hugo", "Isla", "Juno"),
    *("Kofi", "Lior", "Mika", "Nilo", "Orla", "Pavi", "Quin", "Runa", "Sami", "Tova"),
)
LAST_NAMES = (
    *("Sample", "Example", "Placeholder", "Specimen", "Mockup", "Fixture"),
    *("Madeup", "Pretend", "Invented", "Dummy", "Nobody"),
)


@dataclass(frozen=True)
class Team:
    """A team of the roster."""

    name: str
    organization: c.Account
    size: int
    segment: str
    cost_center: str

    @property
    def key(self) -> str:
        """The team's name in lower case, spaces as '-'."""
        return team_key(self.name)


def team_key(name: str) -> str:
    """The key of a roster team."""
    return name.lower().replace(" ", "-")


TEAMS = (
    Team("Payments", c.APPS, 20, "backend", "CC-100"),
    Team("Storefront", c.APPS, 22, "frontend", "CC-110"),
    Team("Mobile Apps", c.APPS, 18, "mobile", "CC-120"),
    Team("Identity Access", c.APPS, 13, "backend", "CC-130"),
    Team("Site Reliability", c.APPS, 15, "platform", "CC-140"),
    Team("Quality Tools", c.APPS, 11, "platform", "CC-140"),
    Team("Data Platform", c.DATA, 20, "data", "CC-200"),
    Team("Machine Learning", c.DATA, 18, "data", "CC-210"),
    Team("Analytics Engineering", c.DATA, 15, "data", "CC-220"),
    Team("Pricing Science", c.DATA, 10, "data", "CC-230"),
    Team(c.NO_ADOPTION_TEAM, c.DATA, 6, "operations", "CC-300"),
    Team("Lantern Research", c.LANTERN, 15, "backend", "CC-400"),
)
TEAM_BY_NAME = {team.name: team for team in TEAMS}


@dataclass(frozen=True)
class Period:
    """A validity period of a person in a team; a missing bound is open, `valid_to` is inclusive."""

    team: str
    cost_center: str
    valid_from: date | None = None
    valid_to: date | None = None

    def contains(self, day: date) -> bool:
        """Whether the period covers the day."""
        after_start = self.valid_from is None or self.valid_from <= day
        return after_start and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Person:
    """A person of the roster."""

    person_id: str
    name: str
    emails: tuple[str, ...]
    github_logins: tuple[str, ...]
    role_segment: str
    manager: str | None
    employment_type: str
    location: str
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class User:
    """A GitHub account. `person_id` is the truth; the ledger has to find it by login or e-mail."""

    user_id: int
    login: str
    organizations: tuple[c.Account, ...]
    segment: str
    intensity: float
    person_id: str | None = None
    email: str | None = None
    public_email: str | None = None
    renamed_from: str | None = None
    first_use: date = c.FIRST_DAY
    last_use: date = c.LAST_DAY

    def login_on(self, day: date) -> str:
        """The login that the account has on a day."""
        return self.renamed_from if self.renamed_from and day < c.RENAMED_ON else self.login

    def belongs_to(self, account: c.Account) -> bool:
        """Whether the account's reports list this user."""
        return any(account.covers(organization) for organization in self.organizations)


@dataclass
class Population:
    """People and GitHub accounts while they are being invented."""

    people: list[Person] = field(default_factory=list)
    users: list[User] = field(default_factory=list)

    def hire(self, name: str, team: Team, **about: object) -> Person:
        """Add a person to a team, led by the team's first person."""
        lead = next((p.person_id for p in self.people if p.periods[-1].team == team.name), None)
        email = f"{name.lower().replace(' ', '.')}@example.com"
        hired = Person(
            person_id=f"P{len(self.people) + 1:04d}",
            name=name,
            emails=(email,),
            github_logins=(name.lower().replace(" ", "-"),),
            role_segment=team.segment,
            manager=lead,
            employment_type="employee",
            location=("Sampleton", "Exampleville", "Remote")[len(self.people) % 3],
            periods=(Period(team.name, team.cost_center),),
        )
        self.people.append(replace(hired, **about))  # type: ignore[arg-type]
        return self.people[-1]

    def join(self, login: str, team: Team, person: Person | None, intensity: float, **about: object) -> User:
        """Add a GitHub account of a team's organisation."""
        user = User(
            user_id=41_000_000 + 37 * (len(self.users) + 1),
            login=login,
            organizations=(team.organization,),
            segment=team.segment,
            intensity=intensity,
            person_id=person.person_id if person else None,
            email=person.emails[0] if person else None,
        )
        self.users.append(replace(user, **about))  # type: ignore[arg-type]
        return self.users[-1]


def populate() -> Population:
    """Invent everyone: first the teams, then the special cases."""
    rng = Random(c.SEED)
    names = (f"{first} {last}" for last, first in product(LAST_NAMES, FIRST_NAMES))
    population = Population()
    for team in TEAMS:
        for _ in range(team.size):
            name = next(names)
            kind = "contractor" if rng.random() < 0.08 else "employee"
            person = population.hire(name, team, employment_type=kind)
            idle = team.name == c.NO_ADOPTION_TEAM
            intensity = 0.0 if idle else min(round(rng.lognormvariate(0, 0.9), 3), 8.0)
            population.join(person.github_logins[0], team, person, intensity)
    _add_special_people(population)
    _add_accounts_unknown_to_the_roster(population)
    return population


def _add_special_people(population: Population) -> None:
    """Everyone of the roster who is a special case; see the constants for what each one shows."""
    payments, storefront, research = (TEAM_BY_NAME[n] for n in ("Payments", "Storefront", "Lantern Research"))
    hire, join = population.hire, population.join

    join(c.TWO_ORGS_LOGIN, payments, hire("Tilda Bridge", payments), 2.5, organizations=(c.APPS, c.DATA))
    otto = hire("Otto Crossing", payments)
    join(c.LANTERN_AND_ENTERPRISE_LOGIN, payments, otto, 2.0, organizations=(c.APPS, c.LANTERN))
    rena = hire("Rena Before", payments, github_logins=(c.OLD_LOGIN,), emails=("rena@example.com",))
    join(c.NEW_LOGIN, payments, rena, 1.8, renamed_from=c.OLD_LOGIN, email=None)
    old, new = TEAM_BY_NAME[c.MOVED_FROM_TEAM], TEAM_BY_NAME[c.MOVED_TO_TEAM]
    moved = (
        Period(old.name, old.cost_center, None, c.MOVED_ON - timedelta(days=1)),
        Period(new.name, new.cost_center, c.MOVED_ON),
    )
    join(c.MOVED_LOGIN, storefront, hire("Momo Mover", old, periods=moved), 2.2, organizations=(c.APPS, c.DATA))
    left = (Period(payments.name, payments.cost_center, date(2024, 3, 1), c.LEFT_LAST_DAY),)
    join(c.LEFT_LOGIN, payments, hire("Lena Gone", payments, periods=left), 2.0, last_use=c.LEFT_LAST_USE)
    early = (Period(storefront.name, storefront.cost_center, c.EARLY_FIRST_PERIOD_DAY),)
    join(c.EARLY_LOGIN, storefront, hire("Erik Early", storefront, periods=early), 1.5)
    saml = hire("Samantha Example", storefront, github_logins=())
    join(c.SAML_ONLY_LOGIN, storefront, saml, 1.7, email="Samantha.Example@Example.com")
    public = hire("Pia Pubmail", research, github_logins=())
    join(c.PUBLIC_EMAIL_LOGIN, research, public, 1.2, email=None, public_email=public.emails[0])
    dora = hire("Dora Double", payments, github_logins=c.TWO_ACCOUNT_LOGINS, emails=c.TWO_EMAILS)
    join(c.TWO_ACCOUNT_LOGINS[0], payments, dora, 2.0)
    join(c.TWO_ACCOUNT_LOGINS[1], research, dora, 2.0, email=None)
    hire("Una Unclaimed", storefront, github_logins=(), emails=(c.UNCLAIMED_EMAIL,))
    for login in c.UNUSED_SEAT_LOGINS:
        join(login, storefront, hire(login.replace("-", " ").title(), storefront), 0.0)
    for login in (c.PRELIMINARY_ONLY_LOGIN, c.LATE_CLI_LOGIN, c.LOST_LINES_LOGIN):
        join(login, payments, hire(login.replace("-", " ").title(), payments), 1.5)


def _add_accounts_unknown_to_the_roster(population: Population) -> None:
    payments, research, data = (TEAM_BY_NAME[n] for n in ("Payments", "Lantern Research", "Data Platform"))
    join = population.join
    join(c.UNKNOWN_LOGINS[0], data, None, 1.4)
    join(c.UNKNOWN_LOGINS[1], research, None, 1.1)
    join(c.CONTRACTOR_LOGIN, payments, None, 2.4, email="cara.contract@agency.example.com")
    join(c.TWO_TEAMS_LOGIN, payments, None, 1.6, email="tara.twoteams@agency.example.com")
    join(c.SMALL_TEAM_CONTRACTOR_LOGIN, data, None, 1.3)


ROSTER_HEADER = (
    *("person_id", "emails", "github_logins", "team", "role_segment", "cost_center"),
    *("manager", "employment_type", "valid_from", "valid_to", "x_location"),
)


def roster_rows(people: tuple[Person, ...]) -> Iterator[tuple[str, ...]]:
    """One row per person and period, in the order of the header."""
    for person in people:
        for period in person.periods:
            yield (
                person.person_id,
                ";".join(person.emails),
                ";".join(person.github_logins),
                period.team,
                person.role_segment,
                period.cost_center,
                person.manager or "",
                person.employment_type,
                period.valid_from.isoformat() if period.valid_from else "",
                period.valid_to.isoformat() if period.valid_to else "",
                person.location,
            )


def write_roster_csv(people: tuple[Person, ...], folder: Path) -> Path:
    """Write `people.csv` into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ROSTER_HEADER)
        writer.writerows(roster_rows(people))
    return path
