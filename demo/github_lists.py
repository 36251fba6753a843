"""GitHub's lists (seats, teams, members, identities) as JSON, made from the model."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from demo import constants as c
from demo.company import Company
from demo.constants import Account
from demo.directory import GithubTeam, Identity, Seat
from demo.people import User

Json = dict[str, Any]

API = "https://api.github.example.com"
WEB = "https://github.example.com"
BUDAPEST, DENVER = timezone(timedelta(hours=2)), timezone(timedelta(hours=-6))
CLOCK = {
    "created": time(9, 0, tzinfo=DENVER),
    "active": time(23, 40, 10, tzinfo=DENVER),
    "login": time(8, 1, tzinfo=BUDAPEST),
}


def _stamp(day: date, event: str) -> str:
    return datetime.combine(day, CLOCK[event]).isoformat()


def simple_user(login: str, user_id: int, email: str | None = None) -> Json:
    """A GitHub account as it stands in lists."""
    url = f"{API}/users/{login}"
    return {
        "login": login,
        "id": user_id,
        "node_id": f"U_demo{user_id}",
        "avatar_url": f"{WEB}/avatars/{user_id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{WEB}/{login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": "User",
        "site_admin": False,
        **({"email": email} if email else {}),
    }


def organization(account: Account) -> Json:
    """An organisation as it stands in lists."""
    url = f"{API}/orgs/{account.slug}"
    return {
        "login": account.slug,
        "id": account.number,
        "node_id": f"O_demo{account.number}",
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{WEB}/avatars/{account.number}",
        "description": None,
    }


def full_organization(account: Account) -> Json:
    """An organisation as `GET /orgs/{org}` shows it."""
    return organization(account) | {
        "name": account.slug.replace("-", " ").title(),
        "html_url": f"{WEB}/{account.slug}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 1,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": "Organization",
        "created_at": "2021-03-04T10:00:00Z",
        "updated_at": "2026-01-15T08:30:00Z",
        "archived_at": None,
    }


class Lists:
    """The company's lists as they are on a date."""

    def __init__(self, company: Company) -> None:
        """Make lists about the company."""
        self._company = company
        self._teams = {team.team_id: team for team in company.teams}

    def user(self, user_id: int, as_of: date) -> Json:
        """A GitHub account of the company, with its login of that date."""
        user = self._company.user_by_id[user_id]
        return simple_user(user.login_on(as_of), user_id, user.public_email)

    def members(self, account: Account, as_of: date) -> list[Json]:
        """Members of an organisation."""
        return [self.user(user.user_id, as_of) for user in self._company.members(account)]

    def find_team(self, account: Account, slug: str) -> GithubTeam | None:
        """The account's own team of that slug."""
        return next((t for t in self._company.teams if t.account == account and t.slug == slug), None)

    def team_members(self, team: GithubTeam, as_of: date) -> list[Json]:
        """Members of a team, those of child teams included."""
        return [self.user(user_id, as_of) for user_id in team.member_ids]

    def teams(self, account: Account) -> list[Json]:
        """The account's teams."""
        return [self.team(team) for team in self._company.teams if team.account == account]

    def team(self, team: GithubTeam) -> Json:
        """A team of an organisation or of an enterprise."""
        if team.account.scope == "enterprise":
            return _enterprise_team(team)
        parent = self.find_team(team.account, team.parent_slug) if team.parent_slug else None
        return _simple_team(team) | {"parent": _simple_team(parent) if parent else None}

    def seats(self, account: Account, as_of: date) -> tuple[int, list[Json]]:
        """Number of seats, each user once, and the seat objects."""
        seats = [seat for seat in self._company.seats if seat.is_listed_by(account)]
        return len({seat.user_id for seat in seats}), [self._seat(seat, as_of) for seat in seats]

    def _seat(self, seat: Seat, as_of: date) -> Json:
        last = self._last_use(seat.user_id, as_of)
        team = self._teams.get(seat.team_id or 0)
        pending = seat.pending_cancellation
        return {
            "assignee": None if seat.user_id is None else self.user(seat.user_id, as_of),
            "organization": organization(seat.organization) if seat.organization else None,
            "assigning_team": self.team(team) if team else None,
            "plan_type": "business",
            "created_at": _stamp(seat.created_on, "created"),
            "updated_at": _stamp(seat.created_on, "created"),
            "pending_cancellation_date": pending.isoformat() if pending else None,
            "last_activity_at": _stamp(last, "active") if last else None,
            "last_activity_editor": "vscode/1.139.0/copilot/1.300.2" if last else None,
            "last_authenticated_at": _stamp(last, "login") if last else None,
        }

    def _last_use(self, user_id: int | None, as_of: date) -> date | None:
        used = (
            day
            for day in reversed(c.DAYS)
            if day < as_of and any(row.user_id == user_id for row in self._company.final[day])
        )
        return next(used, None)

    def billing(self, account: Account, as_of: date) -> Json:
        """Seat numbers and policies of an organisation."""
        total, seats = self.seats(account, as_of)
        month = as_of.strftime("%Y-%m")
        active = sum((seat["last_activity_at"] or "").startswith(month) for seat in seats)
        return {
            "seat_breakdown": {
                "total": total,
                "added_this_cycle": sum(seat["created_at"].startswith(month) for seat in seats),
                "pending_invitation": 0,
                "pending_cancellation": sum(seat["pending_cancellation_date"] is not None for seat in seats),
                "active_this_cycle": active,
                "inactive_this_cycle": total - active,
            },
            "seat_management_setting": "assign_selected",
            "plan_type": "business",
            "ide_chat": "enabled",
            "platform_chat": "enabled",
            "cli": "enabled",
            "public_code_suggestions": "block",
        }

    def identities(self, account: Account, as_of: date) -> list[Json] | None:
        """External identities; None where the account has no identity provider."""
        if account.enterprise_number is None:
            return None
        return [
            _identity(identity, self._company.user_by_id.get(identity.user_id or 0), as_of)
            for identity in self._company.identities
            if identity.belongs_to(account)
        ]


def _identity(identity: Identity, user: User | None, as_of: date) -> Json:
    saml = identity.name_id is not None
    return {
        "guid": identity.guid,
        "samlIdentity": {
            "nameId": identity.name_id,
            "username": None,
            "emails": [{"value": email, "primary": True} for email in identity.saml_emails],
        }
        if saml
        else None,
        "scimIdentity": {
            "username": identity.scim_username,
            "emails": [{"value": email} for email in identity.scim_emails],
        }
        if identity.scim_username
        else None,
        "user": {"login": user.login_on(as_of), "databaseId": user.user_id} if user else None,
    }


def _simple_team(team: GithubTeam) -> Json:
    url = f"{API}/organizations/{team.account.number}/team/{team.team_id}"
    return {
        "id": team.team_id,
        "node_id": f"T_demo{team.team_id}",
        "name": team.name,
        "slug": team.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "url": url,
        "html_url": f"{WEB}/orgs/{team.account.slug}/teams/{team.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": team.account.number,
    }


def _enterprise_team(team: GithubTeam) -> Json:
    url = f"{API}/enterprises/{team.account.slug}/teams/{team.slug}"
    return {
        "id": team.team_id,
        "name": team.name,
        "slug": team.slug,
        "description": "An enterprise team.",
        "url": url,
        "html_url": f"{WEB}/enterprises/{team.account.slug}/teams/{team.slug}",
        "members_url": f"{url}/members{{/member}}",
        "group_id": team.group_id,
        "created_at": "2025-02-03T09:00:00Z",
        "updated_at": "2025-02-03T09:00:00Z",
    }
