"""The Enterprise account's activity reports and spend limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from demo.anthropic_analytics import cents_text, user_actor
from demo.anthropic_directory import ENTERPRISE, PENDING_INVITES, UNUSED_SEATS, tagged_id
from demo.anthropic_faults import AnthropicFaults
from demo.anthropic_parameters import EARLIEST, Pager, Parameters, bad, instant_text, midnight
from demo.anthropic_use import ClaudeUse, SeatDay, latest_snapshot
from demo.billing_contracts import discounted

LONGEST_DAYS = 366
CHAT = (
    *("connectors_used_count", "distinct_artifacts_created_count", "distinct_connectors_used_count"),
    *("distinct_conversation_count", "distinct_files_uploaded_count", "distinct_projects_created_count"),
    *("distinct_projects_used_count", "distinct_shared_artifacts_viewed_count", "distinct_skills_used_count"),
    *("message_count", "shared_conversations_viewed_count", "thinking_message_count"),
)
COWORK = (
    *("action_count", "connectors_used_count", "dispatch_turn_count", "distinct_connectors_used_count"),
    *("distinct_session_count", "distinct_skills_used_count", "message_count", "skills_used_count"),
)
DESIGN = (
    *("distinct_projects_created_count", "distinct_projects_used_count"),
    *("distinct_session_count", "message_count"),
)
OFFICE = (
    *("connectors_used_count", "distinct_connectors_used_count", "distinct_session_count"),
    *("distinct_skills_used_count", "message_count", "skills_used_count"),
)
SCIENCE = (
    *("delegation_count", "distinct_session_count", "message_count", "remote_compute_job_count"),
    *("skills_used_count",),
)
TOOLS = ("edit_tool", "multi_edit_tool", "notebook_edit_tool", "write_tool")
# In cents: a limit of his own, none at all, and only what the seat includes.
LIMITS = (("50000", "user"), (None, "organization"), ("0", "seat_tier"))
Activity = dict[str, Any]


class Seats:
    """Answers about the Enterprise account's seats."""

    def __init__(self, claude: ClaudeUse, faults: AnthropicFaults) -> None:
        """Answer about that use."""
        self._claude = claude
        self._faults = faults
        self._users = {user.user_id: user for user in claude.directory.of(ENTERPRISE)}

    def users(self, parameters: Parameters, as_of: date, pager: Pager) -> Activity:
        """Activity by user, of a day or summed over some."""
        wanted = [item.split(":", 1) for item in parameters.list("filter")]
        if any(len(item) < 2 or item[0] != "user_id" for item in wanted):
            raise bad("filter: unsupported dimension")
        day, start = parameters.day("date"), parameters.day("starting_date")
        if (day is None) == (start is None):
            raise bad("date: use either date or starting_date")
        days = _days(day or start or as_of, day + timedelta(1) if day else parameters.day("ending_date"), as_of)
        found: dict[str, list[SeatDay]] = {}
        for each in days:
            for seat_day in self._claude.day(each, as_of).seat_days:
                found.setdefault(seat_day.user_id, []).append(seat_day)
        ids = sorted(found) if not wanted else sorted({value for _, value in wanted} & set(found))
        page, following = pager.page(parameters, ids, parameters.limit(100, 1000))
        return {"data": [self._activity(user_id, found[user_id]) for user_id in page], "next_page": following}

    def _activity(self, user_id: str, seat_days: Sequence[SeatDay]) -> Activity:
        user = {"id": user_id, self._faults.email_field: self._users[user_id].email, "type": "user"}
        return {
            "user": user,
            "chat_metrics": dict.fromkeys(CHAT, 0)
            | {
                "message_count": sum(done.chat_messages for done in seat_days),
                "distinct_conversation_count": sum(done.conversations for done in seat_days),
            },
            "claude_code_metrics": _code_metrics(seat_days),
            "cowork_metrics": dict.fromkeys(COWORK, 0),
            "design_metrics": dict.fromkeys(DESIGN, 0),
            "office_metrics": {app: dict.fromkeys(OFFICE, 0) for app in ("excel", "outlook", "powerpoint", "word")},
            "science_metrics": dict.fromkeys(SCIENCE, 0),
            "web_search_count": sum(done.web_searches for done in seat_days),
            "last_activity_date": max(done.at.date() for done in seat_days).isoformat(),
            "distinct_user_count": None,
        }

    def summaries(self, parameters: Parameters, as_of: date) -> Activity:
        """Counts of seats and active users by day."""
        start = parameters.day("starting_date")
        if start is None:
            raise bad("starting_date: Field required")
        days = _days(start, parameters.day("ending_date"), as_of)
        return {"summaries": [self._summary(day, as_of) for day in days]}

    def _summary(self, day: date, as_of: date) -> Activity:
        assigned = sum(not user.is_deleted for user in self._users.values()) + UNUSED_SEATS
        active = [self._active(day, width, as_of) for width in (1, 7, 30)]
        coders = [self._active(day, width, as_of, is_coding=True) for width in (1, 7, 30)]
        periods = ("daily", "weekly", "monthly")
        return {
            "starting_at": instant_text(midnight(day)),
            "ending_at": instant_text(midnight(day + timedelta(1))),
            "assigned_seat_count": assigned,
            "pending_invite_count": PENDING_INVITES,
            **{f"{name}_active_user_count": count for name, count in zip(periods, active, strict=True)},
            **{f"claude_code_{name}_active_user_count": count for name, count in zip(periods, coders, strict=True)},
            **{f"cowork_{name}_active_user_count": 0 for name in periods},
            **{
                f"{name}_adoption_rate": (Decimal(100 * count) / assigned).quantize(Decimal("0.01"))
                for name, count in zip(periods, active, strict=True)
            },
        }

    def _active(self, day: date, width: int, as_of: date, is_coding: bool = False) -> int:
        days = (day - timedelta(offset) for offset in range(width))
        done = (seat_day for each in days for seat_day in self._claude.day(each, as_of).seat_days)
        return len({one.user_id for one in done if (one.counts.is_any if is_coding else one.is_active)})

    def spend_limits(self, parameters: Parameters, as_of: date, pager: Pager) -> Activity:
        """The limit of each member and what he has spent this month."""
        wanted = set(parameters.list("user_ids"))
        users = [
            user for user in self._users.values() if not user.is_deleted and (not wanted or user.user_id in wanted)
        ]
        page, following = pager.page(parameters, users, parameters.limit(20, 1000))
        numbers = {user.user_id: number for number, user in enumerate(self._users.values())}
        data = []
        for user in page:
            amount, source = LIMITS[numbers[user.user_id] % len(LIMITS)]
            data.append(
                {
                    "actor": user_actor(user),
                    "amount": amount,
                    "currency": "USD",
                    "period": "monthly",
                    "period_to_date_spend": cents_text(self._spent(user.user_id, as_of)),
                    "scope": {"type": "user", "user_id": user.user_id},
                    "source": {"type": source, **({"user_id": user.user_id} if source == "user" else {})},
                    "spend_limit_id": tagged_id("spl", user.user_id),
                }
            )
        return {"data": data, "next_page": following}

    def _spent(self, user_id: str, as_of: date) -> Decimal:
        days = (as_of.replace(day=number) for number in range(1, as_of.day + 1))
        uses = (use for day in days for use in self._claude.uses(ENTERPRISE, day, as_of))
        own = (use for use in uses if use.caller.user_id == user_id)
        return sum((discounted(part.list_cents, use.day) for use in own for part in use.cost_parts), Decimal(0))


def _days(start: date, end: date | None, as_of: date) -> list[date]:
    """The days of a range; refused when one is not there yet."""
    latest = latest_snapshot(as_of)
    asked = max(start, end - timedelta(1)) if end else start
    if asked > latest:
        raise bad(f"Data for {asked} is not available yet. The latest available day is {latest}.")
    end = end or latest + timedelta(1)
    if start < EARLIEST.date() or end <= start or (end - start).days > LONGEST_DAYS:
        raise bad(f"starting_date: the range must start on or after 2026-01-01 and have 1 to {LONGEST_DAYS} days")
    return [start + timedelta(number) for number in range((end - start).days)]


def _code_metrics(seat_days: Iterable[SeatDay]) -> Activity:
    counts = [done.counts for done in seat_days]
    actions = {tool: {"accepted_count": 0, "rejected_count": 0} for tool in TOOLS}
    for tool in (tool for one in counts for tool in one.tools):
        actions[tool.tool]["accepted_count"] += tool.accepted
        actions[tool.tool]["rejected_count"] += tool.rejected
    return {
        "core_metrics": {
            "commit_count": sum(one.commits for one in counts),
            "pull_request_count": sum(one.pull_requests for one in counts),
            "lines_of_code": {
                "added_count": sum(one.lines_added for one in counts),
                "removed_count": sum(one.lines_removed for one in counts),
            },
            "distinct_session_count": sum(one.sessions for one in counts),
        },
        "tool_actions": actions,
    }
