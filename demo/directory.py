"""GitHub's own lists about the invented company: teams, seats and external identities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from demo import constants as c
from demo.constants import Account
from demo.people import TEAMS, Person, User

MIN_SEATED_FOR_REPORT = 5
PILOTS = "copilot-pilots"
PILOT_TEAM = "Machine Learning"


@dataclass(frozen=True)
class GithubTeam:
    """A team of an organisation or of the enterprise."""

    team_id: int
    account: Account
    slug: str
    name: str
    member_ids: tuple[int, ...]
    parent_slug: str | None = None
    group_id: str | None = None

    @property
    def key(self) -> str:
        """The team key that the ledger gives a GitHub team which no map names."""
        return f"{self.account.slug}/{self.slug}"


@dataclass(frozen=True)
class Seat:
    """A seat as one organisation or team grants it."""

    user_id: int | None
    organization: Account | None
    team_id: int | None
    created_on: date
    pending_cancellation: date | None = None

    def is_listed_by(self, account: Account) -> bool:
        """Whether the account's seat list holds this seat."""
        if self.organization is None:
            return account.scope == "enterprise"
        return account.covers(self.organization)


@dataclass(frozen=True)
class Identity:
    """A SAML or SCIM identity; it has no user until somebody claims it."""

    guid: str
    user_id: int | None
    organizations: tuple[Account, ...]
    name_id: str | None
    saml_emails: tuple[str, ...]
    scim_username: str | None
    scim_emails: tuple[str, ...]

    def belongs_to(self, account: Account) -> bool:
        """Whether the account's identity provider lists this identity."""
        return account.scope == "enterprise" or account in self.organizations


def form_teams(users: Sequence[User], people: Sequence[Person]) -> tuple[GithubTeam, ...]:
    """One GitHub team per roster team, a parent team, small and cross-cutting teams, two enterprise teams."""
    roster_team = {person.person_id: person.periods[-1].team for person in people}

    def staff(team_name: str, organization: Account) -> list[int]:
        return [
            user.user_id
            for user in users
            if user.person_id and roster_team[user.person_id] == team_name and organization in user.organizations
        ]

    ids = {user.login: user.user_id for user in users}
    by_name = {team.name: staff(team.name, team.organization) for team in TEAMS}
    platform = ("Site Reliability", "Quality Tools")
    drafts: list[tuple[Account, str, str, Iterable[int], str | None, str | None]] = [
        (t.organization, t.key, t.name, by_name[t.name], "platform" if t.name in platform else None, None)
        for t in TEAMS
    ]
    storefront = by_name["Storefront"]
    first_two_of_each = [
        member
        for team in TEAMS
        if team.organization.enterprise_number and team.name != c.NO_ADOPTION_TEAM
        for member in by_name[team.name][:2]
    ]
    drafts += [
        (c.APPS, "platform", "Platform", [m for name in platform for m in by_name[name]], None, None),
        (
            c.APPS,
            c.CONTRACTOR_TEAM,
            "Contract Crew",
            [ids[c.CONTRACTOR_LOGIN], *by_name["Payments"][:5]],
            None,
            None,
        ),
        (c.APPS, c.TWO_TEAMS[0], "Release Guild", [ids[c.TWO_TEAMS_LOGIN], *storefront[:5]], None, None),
        (c.APPS, c.TWO_TEAMS[1], "Design System", [ids[c.TWO_TEAMS_LOGIN], *storefront[3:9]], None, None),
        (
            c.DATA,
            c.SMALL_TEAM,
            "Tiny Lab",
            [ids[c.SMALL_TEAM_CONTRACTOR_LOGIN], *by_name["Data Platform"][:2]],
            None,
            None,
        ),
        (c.ENTERPRISE, "champions", "Champions", first_two_of_each, None, str(UUID(int=c.SEED))),
        (c.ENTERPRISE, PILOTS, "Copilot Pilots", by_name[PILOT_TEAM][:6], None, None),
    ]
    return tuple(
        GithubTeam(5_200_000 + 11 * number, account, slug, name, tuple(members), parent, group)
        for number, (account, slug, name, members, parent, group) in enumerate(drafts, start=1)
    )


def assign_seats(users: Sequence[User], teams: Sequence[GithubTeam]) -> tuple[Seat, ...]:
    """A seat for everyone from each of his organisations, some through a team, and one without assignee."""
    pilots = next(team for team in teams if team.slug == PILOTS)
    crew = next(team for team in teams if team.slug == c.CONTRACTOR_TEAM)
    seats = []
    for number, user in enumerate(users):
        drawn_on = date(2025, 1, 7) + timedelta(days=2 * number)
        created_on = c.SEAT_ADDED_ON if user.login == c.SEAT_ADDED_LOGIN else drawn_on
        if user.user_id in pilots.member_ids:
            seats.append(Seat(user.user_id, None, pilots.team_id, created_on))
            continue
        pending = c.PENDING_CANCELLATION_DATE if user.login in c.PENDING_CANCELLATION_LOGINS else None
        organizations = user.organizations[:1] if user.login == c.MOVED_LOGIN else user.organizations
        for organization in organizations:
            via_crew = user.user_id in crew.member_ids and organization == crew.account
            seats.append(Seat(user.user_id, organization, crew.team_id if via_crew else None, created_on, pending))
    return (*seats, Seat(None, c.DATA, None, date(2024, 5, 6)))


def issue_identities(users: Sequence[User]) -> tuple[Identity, ...]:
    """Identities of the enterprise's accounts, in the several ways in which identity providers write them."""
    identities = []
    for number, user in enumerate(users):
        if not user.belongs_to(c.ENTERPRISE):
            continue
        guid = str(UUID(int=user.user_id << 64))
        opaque = f"idp|{user.user_id:x}"
        orgs = tuple(org for org in user.organizations if org.enterprise_number)
        if user.email is None:
            identities.append(Identity(guid, user.user_id, orgs, opaque, (), None, ()))
        elif user.login == c.SAML_ONLY_LOGIN or number % 4 == 0:
            identities.append(Identity(guid, user.user_id, orgs, user.email, (user.email,), None, ()))
        elif number % 4 == 1:
            identities.append(Identity(guid, user.user_id, orgs, opaque, (user.email,), None, ()))
        elif number % 4 == 2:
            identities.append(Identity(guid, user.user_id, orgs, user.email, (), user.email, (user.email,)))
        else:
            identities.append(Identity(guid, user.user_id, orgs, None, (), user.email, (user.email,)))
    unclaimed = c.UNCLAIMED_EMAIL
    identities.append(Identity(str(UUID(int=1)), None, (c.APPS,), unclaimed, (unclaimed,), None, ()))
    return tuple(identities)
