"""GitHub's records about one user, repository or team membership and day, made from the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from demo import constants as c
from demo.constants import Account
from demo.people import User
from demo.repositories import RepositoryDay
from demo.usage import Counters, Credits, Line, Sessions, Shape, UserDay, total

Record = dict[str, Any]

CUSTOMIZATION_KINDS = ("skill", "custom_agent", "mcp", "slash_cmd", "plugin")
CHAT_MODES = ("agent", "ask", "custom", "edit", "plan", "unknown")
FLAG_NAMES = {
    "agent": "used_agent",
    "chat": "used_chat",
    "cli": "used_cli",
    "copilot_app": "used_copilot_app",
    "vscode_agent": "used_vscode_agent",
    "cloud_agent": "used_copilot_cloud_agent",
    "review_active": "used_copilot_code_review_active",
    "review_passive": "used_copilot_code_review_passive",
}
FIRST_DAYS = {"copilot_app": c.APP_FROM, "vscode_agent": c.VSCODE_AGENT_FROM}
PHASES = ("No Cohort", "Phase 1", "Phase 2", "Phase 3")


def scope_fields(account: Account) -> Record:
    """The ids that tell which account a record is about; outside an enterprise there is no enterprise id."""
    fields = {"organization_id": account.organization_id, "enterprise_id": account.enterprise_id}
    return {name: value for name, value in fields.items() if value is not None}


def user_record(user: User, row: UserDay) -> Record:
    """A user's day without the ids of the scope."""
    record: Record = {
        "user_id": row.user_id,
        "user_login": user.login_on(row.day),
        "day": row.day.isoformat(),
    }
    if row.credits is not Credits.ABSENT:
        record["ai_credits_used"] = row.known_credits
    record |= breakdowns(row.lines)
    if row.shape is Shape.CREDITS_ONLY:
        return record
    full = row.shape is Shape.FULL
    record |= counter_fields(row.counters)
    record |= _flags(row) if full else dict.fromkeys(_flags(row))
    record["ai_adoption_phase"] = adoption_phase(user)
    if full:
        record |= _details(row)
    for item in record["totals_by_ide"]:
        item.update(_versions(item["ide"], row.day))
    return record


def counter_fields(counters: Counters, *, with_interactions: bool = True) -> dict[str, int]:
    """The counters under GitHub's names."""
    fields = {"user_initiated_interaction_count": counters.interactions} if with_interactions else {}
    return fields | {
        "code_generation_activity_count": counters.generations,
        "code_acceptance_activity_count": counters.acceptances,
        "loc_suggested_to_add_sum": counters.suggested_to_add,
        "loc_suggested_to_delete_sum": counters.suggested_to_delete,
        "loc_added_sum": counters.added,
        "loc_deleted_sum": counters.deleted,
    }


def breakdowns(lines: Iterable[Line]) -> dict[str, list[Record]]:
    """Totals by IDE, feature, language and model; use whose IDE or model is unknown is in neither."""
    lines = list(lines)
    in_ide = [line for line in lines if line.ide]
    modelled = [line for line in lines if line.model]
    chats = [line for line in modelled if line.feature != "code_completion"]
    return {
        "totals_by_ide": _group(in_ide, ("ide",), lambda line: (line.ide,)),
        "totals_by_feature": _group(lines, ("feature",), lambda line: (line.feature,)),
        "totals_by_language_feature": _group(
            lines,
            ("language", "feature"),
            lambda line: (line.language, line.feature),
            with_interactions=False,
        ),
        "totals_by_language_model": _group(
            chats, ("language", "model"), lambda line: (line.language, line.model), with_interactions=False
        ),
        "totals_by_model_feature": _group(modelled, ("model", "feature"), lambda line: (line.model, line.feature)),
    }


def _group(
    lines: Iterable[Line],
    names: tuple[str, ...],
    key: Callable[[Line], tuple[str | None, ...]],
    *,
    with_interactions: bool = True,
) -> list[Record]:
    groups: dict[tuple[str | None, ...], list[Counters]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line.counters)
    return [
        dict(zip(names, values, strict=True)) | counter_fields(total(counters), with_interactions=with_interactions)
        for values, counters in groups.items()
    ]


def chat_mode_fields(lines: Iterable[Line]) -> dict[str, int]:
    """Interactions in each mode of the chat panel, as top-level fields."""
    counts = dict.fromkeys((f"chat_panel_{mode}_mode" for mode in CHAT_MODES), 0)
    for line in lines:
        if line.feature in counts:
            counts[line.feature] += line.counters.interactions
    return counts


def sessions_record(sessions: Iterable[Sessions]) -> Record:
    """Use of Copilot CLI or the Copilot app."""
    sessions = list(sessions)
    requests = sum(each.requests for each in sessions)
    prompt_tokens = sum(each.prompt_tokens for each in sessions)
    output_tokens = sum(each.output_tokens for each in sessions)
    average = Decimal(prompt_tokens + output_tokens) / requests
    return {
        "session_count": sum(each.sessions for each in sessions),
        "request_count": requests,
        "prompt_count": sum(each.prompts for each in sessions),
        "token_usage": {
            "prompt_tokens_sum": prompt_tokens,
            "output_tokens_sum": output_tokens,
            "avg_tokens_per_request": average.quantize(Decimal("0.01")),
        },
    }


def adoption_phase(user: User) -> Record:
    """The adoption cohort of the user."""
    number = min(int(user.intensity), 3)
    return {"phase": PHASES[number], "phase_number": number, "version": "v1"}


def _flags(row: UserDay) -> dict[str, bool | None]:
    flags = {
        FLAG_NAMES[name]: value for name, value in row.used.items() if row.day >= FIRST_DAYS.get(name, c.FIRST_DAY)
    }
    if row.day <= c.OLD_CLOUD_AGENT_NAME_UNTIL:
        flags["used_copilot_coding_agent"] = row.cloud_agent
    return flags


def _details(row: UserDay) -> Record:
    details: Record = {}
    if row.cli:
        version = {"cli_version": "1.0.35", "sampled_at": f"{row.day}T04:34:59.677Z"}
        details["totals_by_cli"] = sessions_record([row.cli]) | {"last_known_cli_version": version}
    if row.app:
        details["totals_by_copilot_app"] = sessions_record([row.app])
    if row.agents_window:
        window = row.agents_window
        details["totals_by_vscode_agent"] = {
            "session_count": window.sessions,
            "total_user_messages": window.messages,
        }
    if row.day >= c.THIRD_PARTY_FROM:
        details["totals_by_3rd_party_agent"] = [
            {
                "agent_id": jobs.agent_id,
                "agent_name": jobs.agent_name,
                "user_initiated_interaction_count": jobs.jobs,
            }
            for jobs in row.agent_jobs
        ]
    if row.day >= c.CUSTOMIZATIONS_FROM:
        items = dict.fromkeys(CUSTOMIZATION_KINDS, ()) | dict(row.customizations)
        for kind, uses in items.items():
            details |= customization_fields(kind, uses)
    if row.day >= c.CHAT_MODE_FIELDS_FROM:
        details |= chat_mode_fields(row.lines)
    return details


def customization_fields(kind: str, uses: Iterable[tuple[str, int]]) -> Record:
    """The uses of one kind of customisation, and how many distinct items they were."""
    top = [{kind: item, "interaction_count": count} for item, count in uses]
    return {f"totals_by_{kind}": top, f"distinct_{kind}_use_count": len(top)}


def _versions(ide: str, day: date) -> Record:
    sampled = f"{day}T00:00:02.000Z"
    return {
        "last_known_ide_version": {"ide_version": "1.139.0", "sampled_at": sampled},
        "last_known_plugin_version": {
            "plugin": f"copilot-{ide}",
            "plugin_version": "1.300.2",
            "sampled_at": sampled,
        },
    }


def pull_requests(repositories: Iterable[RepositoryDay]) -> Record:
    """Pull requests of one or several repositories; without a merge there is no median."""
    repositories = list(repositories)
    comments: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for kind, made, applied in (each for repository in repositories for each in repository.suggestions_by_type):
        comments[kind][0] += made
        comments[kind][1] += applied
    suggestions, applied_suggestions = (
        sum(r.suggestions for r in repositories),
        sum(r.applied for r in repositories),
    )
    record: Record = {
        "total_created": sum(r.created for r in repositories),
        "total_reviewed": sum(r.reviewed for r in repositories),
        "total_merged": sum(r.merged for r in repositories),
        "total_suggestions": suggestions,
        "total_applied_suggestions": applied_suggestions,
        "total_created_by_copilot": sum(r.created_by_copilot for r in repositories),
        "total_reviewed_by_copilot": sum(r.reviewed_by_copilot for r in repositories),
        "total_merged_created_by_copilot": sum(r.merged_created_by_copilot for r in repositories),
        "total_merged_reviewed_by_copilot": sum(min(r.reviewed_by_copilot, r.merged) for r in repositories),
        "total_copilot_suggestions": suggestions,
        "total_copilot_applied_suggestions": applied_suggestions,
        "copilot_suggestions_by_comment_type": [
            {
                "comment_type": kind,
                "total_copilot_suggestions": made,
                "total_copilot_applied_suggestions": applied,
            }
            for kind, (made, applied) in comments.items()
        ],
    }
    medians = sorted(r.median_minutes_to_merge for r in repositories if r.median_minutes_to_merge)
    if medians:
        record["median_minutes_to_merge"] = medians[len(medians) // 2]
        record["median_minutes_to_merge_copilot_authored"] = None
        record["median_minutes_to_merge_copilot_reviewed"] = medians[0]
    return record


def repository_record(repository: RepositoryDay, day: date) -> Record:
    """A repository's day."""
    record = {
        "day": day.isoformat(),
        **scope_fields(repository.organization),
        "repo_id": repository.repo_id,
        "repo_owner_name": repository.organization.slug,
        "repo_name": repository.name,
        "repo_visibility": repository.visibility,
        "pull_requests": pull_requests([repository]),
    }
    if day >= c.REVIEW_TIMES_FROM:
        record["pull_request_review_times"] = _review_times(repository)
    return record


def _review_times(repository: RepositoryDay) -> list[Record]:
    median = repository.median_minutes_to_review
    if median is None:
        return []
    return [
        {
            "authored_by": "human",
            "reviewed_by": "human",
            "total_merged": repository.merged,
            "median_minutes_ready_to_first_review": median,
            "p90_minutes_ready_to_first_review": median * 3,
            "median_minutes_first_to_final_review": 0,
            "p90_minutes_first_to_final_review": median,
            "median_minutes_final_review_to_merge": median / 2,
            "p90_minutes_final_review_to_merge": median * 2,
        }
    ]
