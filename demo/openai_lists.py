"""OpenAI's lists (projects, keys, service accounts, users) as JSON, made from the model."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from demo import openai_accounts as a
from demo.openai_use import OpenaiUse

Json = dict[str, Any]

ADMIN_KEYS = (("key_qh90admin", "cost reading", a.user_id(1)), ("key_qh91admin", "old automation", a.user_id(2)))


def seconds(day: date) -> int:
    """The first second of a UTC day in unix time."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


class Lists:
    """The lists as of a date."""

    def __init__(self, use: OpenaiUse) -> None:
        """List what the company has."""
        self._use = use

    def projects(self, as_of: date, include_archived: bool) -> list[Json]:
        """Projects; archived ones only when asked for."""
        told = [_project(project, as_of) for project in a.PROJECTS]
        return [project for project in told if include_archived or project["archived_at"] is None]

    def project_api_keys(self, project_id: str, as_of: date, access: str) -> list[Json]:
        """Keys of a project whose owner's access is `active`, `inactive` or `any`."""
        keys = [self._project_api_key(key, as_of) for key in a.KEYS if key.project_id == project_id]
        return [key for key in keys if access in ("any", key["owner_project_access"])]

    def project_service_accounts(self, project_id: str) -> list[Json]:
        """Service accounts of a project."""
        return [
            {"object": "organization.project.service_account", **_service_account(account)}
            for account in a.SERVICE_ACCOUNTS
            if account.project_id == project_id
        ]

    def project_users(self, project_id: str) -> list[Json]:
        """Users of a project: the owners of its keys, and everybody in the notebooks."""
        owners = {key.owner_id for key in a.KEYS if key.project_id == project_id}
        return [
            {
                "object": "organization.project.user",
                "id": member.user_id,
                "name": member.name,
                "email": member.email,
                "role": "member",
                "added_at": seconds(a.CREATED),
            }
            for member in self._use.members
            if member.user_id in owners or project_id == a.RESEARCH.project_id
        ]

    def users(self) -> list[Json]:
        """Users of the organisation; a service account is listed among them."""
        people = [
            self._user(member.user_id, member.name, member.email, member.role, False) for member in self._use.members
        ]
        machine = a.SEARCH_SERVICE
        return [*people, self._user(machine.service_account_id, machine.name, None, "reader", True)]

    def admin_api_keys(self) -> list[Json]:
        """Admin keys."""
        return [
            {
                "object": "organization.admin_api_key",
                "id": key_id,
                "name": name,
                "redacted_value": f"sk-admin...{key_id[-3:]}",
                "created_at": seconds(a.CREATED),
                "expires_at": None,
                "last_used_at": None if name.startswith("old") else seconds(a.CREATED + timedelta(days=30)),
                "owner": {
                    "type": "user",
                    "object": "organization.user",
                    "id": owner,
                    "name": next(member.name for member in self._use.members if member.user_id == owner),
                    "created_at": seconds(a.CREATED),
                    "role": "owner",
                },
            }
            for key_id, name, owner in ADMIN_KEYS
        ]

    def _project_api_key(self, key: a.Key, as_of: date) -> Json:
        used = [day for day, uses in self._use.final.items() for use in uses if use.api_key_id == key.key_id]
        return {
            "object": "organization.project.api_key",
            "redacted_value": f"sk-proj...{key.key_id[-3:]}",
            "name": key.name,
            "created_at": seconds(a.CREATED),
            "last_used_at": seconds(min(max(used), as_of)) if used else None,
            "id": key.key_id,
            "owner_project_access": "active" if key.owner_has_access else "inactive",
            "owner": self._owner(key.owner_id),
        }

    def _owner(self, owner_id: str) -> Json:
        for account in a.SERVICE_ACCOUNTS:
            if account.service_account_id == owner_id:
                return {"type": "service_account", "service_account": _service_account(account)}
        member = next(member for member in self._use.members if member.user_id == owner_id)
        about = {
            "id": member.user_id,
            "name": member.name,
            "email": member.email,
            "role": member.role,
            "created_at": seconds(a.CREATED),
        }
        return {"type": "user", "user": about}

    @staticmethod
    def _user(identifier: str, name: str, email: str | None, role: str, is_service_account: bool) -> Json:
        return {
            "object": "organization.user",
            "id": identifier,
            "name": name,
            "email": email,
            "role": role,
            "added_at": seconds(a.CREATED),
            "is_service_account": is_service_account,
            "is_scim_managed": email is not None and not is_service_account,
            "api_key_last_used_at": None,
        }


def _project(project: a.Project, as_of: date) -> Json:
    archived = project.archived_on if project.archived_on and project.archived_on <= as_of else None
    return {
        "id": project.project_id,
        "object": "organization.project",
        "name": project.name,
        "created_at": seconds(a.CREATED),
        "archived_at": seconds(archived) if archived else None,
        "status": "archived" if archived else "active",
        "external_key_id": None,
    }


def _service_account(account: a.ServiceAccount) -> Json:
    return {
        "id": account.service_account_id,
        "name": account.name,
        "role": "member",
        "created_at": seconds(a.CREATED),
    }
