"""The Console account's lists: users, API keys, workspaces and their members, service accounts."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from demo.anthropic_directory import (
    API_KEYS,
    CLAUDE_CODE,
    CONSOLE,
    DEFAULT,
    ORGANIZATION_UUID,
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNT_ID,
    WORKSPACES,
    ApiKey,
    Directory,
    Workspace,
)
from demo.anthropic_faults import AnthropicFaults, ApiError
from demo.anthropic_parameters import Parameters, bad

Item = dict[str, Any]
CREATED_AT = "2025-11-03T09:15:42.120934Z"
ROLES = ("admin", "developer", "claude_code_user", "billing", "user")


class Lists:
    """Answers about who and what the Console account has."""

    def __init__(self, directory: Directory, faults: AnthropicFaults) -> None:
        """Answer about that directory."""
        self._directory = directory
        self._faults = faults

    def organization(self) -> Item:
        """The organisation itself."""
        return {"id": ORGANIZATION_UUID, "name": "Quill Harbor", "type": "organization"}

    def users(self, parameters: Parameters) -> Item:
        """Users who are still there."""
        email, roles = parameters.text("email").lower(), parameters.list("roles")
        users = [
            {
                "id": user.user_id,
                "email": user.email,
                "name": user.name,
                "role": ROLES[number % len(ROLES)],
                "added_at": CREATED_AT,
                "type": "user",
            }
            for number, user in enumerate(self._directory.of(CONSOLE))
            if not user.is_deleted
        ]
        users = [user for user in users if not email or str(user["email"]).lower() == email]
        return _page([user for user in users if not roles or user["role"] in roles], parameters)

    def api_keys(self, parameters: Parameters) -> Item:
        """API keys of any status."""
        status, workspace = parameters.text("status"), parameters.text("workspace_id")
        keys = [
            self._api_key(key) for key in API_KEYS if status in ("", key.status) and workspace in ("", key.workspace.id)
        ]
        return _page(keys, parameters)

    def _api_key(self, key: ApiKey) -> Item:
        holder = {"id": self._directory.key_holder.user_id, "type": "user"}
        item = {
            "id": key.id,
            "created_at": CREATED_AT,
            # Whoever made a key says nothing about who uses it.
            "created_by": None if key.serial > 1 else holder,
            "expires_at": None,
            "name": key.name,
            "partial_key_hint": f"sk-ant-api03-{key.id[-3:]}...{key.id[-7:-3]}",
            "principal": holder if key.is_bound_to_user else None,
            "status": key.status,
            "type": "api_key",
        }
        if self._faults.key_shape == "scope":
            return item | {"scope": {"type": "workspace", "workspace_id": key.workspace.id}}
        return item | {"workspace_id": None if key.workspace.is_default else key.workspace.id}

    def workspaces(self, parameters: Parameters) -> Item:
        """Workspaces but the default one, which is only told to those who ask for its id."""
        archived = parameters.text("include_archived") == "true"
        found = [space for space in WORKSPACES if not space.is_default and (archived or not space.archived_at)]
        return _page([_workspace(space) for space in found], parameters)

    def workspace(self, workspace_id: str) -> Item:
        """One workspace, the default one too."""
        return _workspace(_find(workspace_id))

    def members(self, workspace_id: str, parameters: Parameters) -> Item:
        """Members of a workspace; the default one has none."""
        space = _find(workspace_id)
        users = self._directory.of(CONSOLE)
        chosen = users if space == CLAUDE_CODE else () if space == DEFAULT else users[:2]
        members = [
            {
                "type": "workspace_member",
                "user_id": user.user_id,
                "workspace_id": space.id,
                "workspace_role": "workspace_admin" if number == 0 else "workspace_developer",
            }
            for number, user in enumerate(chosen)
        ]
        return _page(members, parameters, name="user_id")

    def service_accounts(self) -> Item:
        """Service accounts."""
        admin = self._directory.key_holder.user_id
        account = {
            "id": SERVICE_ACCOUNT_ID,
            "name": SERVICE_ACCOUNT,
            "description": None,
            "organization_role": "developer",
            "created_at": CREATED_AT,
            "created_by_actor_id": admin,
            "updated_at": CREATED_AT,
            "updated_by_actor_id": admin,
            "archived_at": None,
            "archived_by_actor_id": None,
            "type": "service_account",
        }
        return {"data": [account], "next_page": None}


def _find(workspace_id: str) -> Workspace:
    for space in WORKSPACES:
        if space.id == workspace_id:
            return space
    raise ApiError(HTTPStatus.NOT_FOUND, "Workspace not found")


def _workspace(space: Workspace) -> Item:
    return {
        "id": space.id,
        "name": space.name,
        "created_at": CREATED_AT,
        "archived_at": space.archived_at,
        "display_color": "#6C5BB9",
        "tags": dict(space.tags),
        "data_residency": {
            "allowed_inference_geos": "unrestricted",
            "default_inference_geo": "global",
            "workspace_geo": "us",
        },
        "compartment_id": "0e9a7d52-41f3-4b8e-8a55-3f1c2d7b9e60",
        "external_key_id": None,
        "type": "workspace",
    }


def _page(items: Sequence[Item], parameters: Parameters, name: str = "id") -> Item:
    """One page. The last one has a `last_id` too: only `has_more` says that it is the last."""
    limit, after, before = parameters.limit(20, 1000), parameters.text("after_id"), parameters.text("before_id")
    ids = [item[name] for item in items]
    if any(cursor and cursor not in ids for cursor in (after, before)):
        raise bad("after_id: no such item")
    start = ids.index(after) + 1 if after else max(ids.index(before) - limit, 0) if before else 0
    end = min(start + limit, ids.index(before)) if before else start + limit
    page = items[start:end]
    return {
        "data": page,
        "first_id": page[0][name] if page else None,
        "last_id": page[-1][name] if page else None,
        "has_more": start > 0 if before else end < len(items),
    }
