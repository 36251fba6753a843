"""What Cursor's API says, record by record, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from demo import constants as c
from demo import cursor_constants as cc
from demo.cursor_events import INCLUDED, ON_DEMAND, Event
from demo.cursor_members import GROUPS, Group, Member, opaque
from demo.cursor_use import CursorUse, MemberDay

Record = dict[str, Any]

TOKEN_FIELDS = (
    ("inputTokens", "input_uncached"),
    ("outputTokens", "output"),
    ("cacheWriteTokens", "cache_write"),
    ("cacheReadTokens", "cache_read"),
)
IN_WORDS_TO_ENUM = {INCLUDED[0]: INCLUDED[1], ON_DEMAND[0]: ON_DEMAND[1]}


def member(found: Member, as_of: date) -> Record:
    """An entry of the member list."""
    is_removed = found.is_removed(as_of)
    return {
        "id": found.member_id,
        "name": found.name,
        "email": found.email,
        "role": "removed" if is_removed else found.role,
        "isRemoved": is_removed,
    }


def event(found: Event) -> Record:
    """A usage event of the Admin API."""
    record: Record = {"timestamp": str(found.instant)}
    if found.email:
        record["userEmail"] = found.email
    if found.conversation_id:
        record["conversationId"] = found.conversation_id
    record |= {
        "model": found.model,
        "kind": found.kind,
        "maxMode": found.max_mode,
        "requestsCosts": _request_units(found),
        "isTokenBasedCall": bool(found.tokens),
    }
    if found.day >= cc.NEW_FIELDS_FROM:
        record |= {"isChargeable": found.kind in ON_DEMAND, "isHeadless": found.is_headless}
    else:
        record["isFreeBugbot"] = False
    if found.no_tokens != "absent":
        record["tokenUsage"] = None if found.no_tokens == "null" else _token_usage(found)
    if found.charged_cents is not None:
        record["chargedCents"] = _number(found.charged_cents)
    if found.fee_cents is not None:
        record["cursorTokenFee"] = _number(found.fee_cents)
    if found.service_account:
        record["serviceAccountId"], record["serviceAccountName"] = found.service_account
    if found.cloud_agent_id:
        record["cloudAgentId"] = found.cloud_agent_id
    if found.automation_id:
        record["automationId"] = found.automation_id
    return record


def display_event(found: Event, user_number: int | None) -> Record:
    """The event as `usageEventsDisplay` has it: kinds as enumeration, numeric user ids as text."""
    record = event(found)
    record["kind"] = IN_WORDS_TO_ENUM.get(found.kind, found.kind)
    for name in ("maxMode", "requestsCosts", "isTokenBasedCall", "isFreeBugbot"):
        record.pop(name, None)
    return record if user_number is None else {**record, "userId": str(user_number)}


def old_event(found: Event) -> Record:
    """The event as in 2025: `kindLabel`, and nothing about charges."""
    record = event(found)
    record["kindLabel"] = record.pop("kind")
    for name in ("chargedCents", "cursorTokenFee", "isChargeable", "isHeadless", "conversationId"):
        record.pop(name, None)
    return {**record, "isFreeBugbot": False}


def _token_usage(found: Event) -> Record:
    if found.no_tokens:
        return {}
    counts = found.token_counts()
    usage: Record = {name: counts.get(kind, 0) for name, kind in TOKEN_FIELDS}
    if found.total_cents is not None:
        usage["totalCents"] = _number(found.total_cents)
    if found.discount_percent is not None:
        usage["discountPercentOff"] = found.discount_percent
    return usage


def _request_units(found: Event) -> Decimal | int:
    """Units of the old four-cent request: not money."""
    return 1 if found.total_cents is None else _number(round(found.total_cents / 4, 1))


def _number(value: Decimal) -> Decimal | int:
    return int(value) if value == value.to_integral_value() else value


def member_day(found: Member, day: date, counted: MemberDay) -> Record:
    """A row of daily usage."""
    return {
        "userId": found.number,
        "day": day.isoformat(),
        "date": cc.midnight(day),
        "isActive": counted.is_active,
        "totalLinesAdded": counted.accepted_lines_added * 2,
        "totalLinesDeleted": counted.accepted_lines_deleted * 2,
        "acceptedLinesAdded": counted.accepted_lines_added,
        "acceptedLinesDeleted": counted.accepted_lines_deleted,
        "totalApplies": counted.applies,
        "totalAccepts": counted.accepts,
        "totalRejects": counted.rejects,
        "totalTabsShown": counted.tabs_shown,
        "totalTabsAccepted": counted.tabs_accepted,
        "composerRequests": counted.composer_requests,
        "chatRequests": counted.chat_requests,
        "agentRequests": counted.agent_requests,
        "cmdkUsages": counted.cmdk_usages,
        "subscriptionIncludedReqs": counted.included_requests,
        "apiKeyReqs": counted.own_key_requests,
        "usageBasedReqs": counted.on_demand_requests,
        "bugbotUsages": 0,
        "mostUsedModel": counted.most_used_model,
        "applyMostUsedExtension": ".py" if counted.applies else None,
        "tabMostUsedExtension": ".ts" if counted.tabs_shown else None,
        "clientVersion": "2.4.18" if counted.is_active else None,
        "email": found.address,
    }


def cents(events: Iterable[Event], products: Sequence[str] | None = None) -> Decimal:
    """What events charge, as a double; of all products or some."""
    chosen = (found for found in events if products is None or found.product in products)
    return sum((found.cents or Decimal(0) for found in chosen), Decimal(0))


def spend(found: Member, cycle: Sequence[Event]) -> Record:
    """An entry of the spend list: the running cycle only."""
    own = [event for event in cycle if event.email == found.address and not event.service_account]
    return {
        "userId": found.member_id,
        "spendCents": _number(cents(own, ["on_demand"])),
        "overallSpendCents": _number(cents(own)),
        "fastPremiumRequests": sum(event.product == "on_demand" for event in own),
        "name": found.name,
        "email": found.email,
        "role": found.role,
        "hardLimitOverrideDollars": 100 if found.role == "owner" else 0,
        "monthlyLimitDollars": 200 if found.intensity > 1 else None,
        "effectivePerUserLimitDollars": 100,
    }


def groups(use: CursorUse, cycle: Sequence[Event], as_of: date) -> list[Record]:
    """The billing groups."""
    return [_group(use, group, cycle, as_of) for group in GROUPS]


def _group(use: CursorUse, group: Group, cycle: Sequence[Event], as_of: date) -> Record:
    current: list[Record] = []
    former: list[Record] = []
    for found in use.members:
        for membership in found.memberships:
            if membership.group != group.name or membership.joined_on > as_of:
                continue
            own = [e for e in cycle if e.email == found.address and membership.contains(e.day)]
            left_on = min((d for d in (membership.left_on, found.removed_on) if d and d <= as_of), default=None)
            entry = {
                "userId": found.member_id,
                "name": found.name,
                "email": found.email,
                "joinedAt": midnight_text(membership.joined_on),
                "leftAt": left_on and midnight_text(left_on),
                "spendCents": _number(cents(own)),
            }
            (former if left_on else current).append(entry)
    return {
        "id": group.group_id,
        "name": group.name,
        "type": "BILLING",
        "directoryGroupId": group.directory_group_id,
        "memberCount": len(current),
        "createdAt": midnight_text(c.FIRST_DAY),
        "updatedAt": midnight_text(c.FIRST_DAY + timedelta(days=3)),
        "spendCents": _number(sum((Decimal(entry["spendCents"]) for entry in (*current, *former)), Decimal(0))),
        "currentMembers": current,
        "formerMembers": former,
        # Only two days, and less than was spent: usage events are the source.
        "dailySpend": [
            {"date": (as_of - timedelta(days=back)).isoformat(), "spendCents": 100 * back} for back in (2, 1)
        ],
    }


def midnight_text(day: date) -> str:
    """The beginning of a UTC day as the API writes it."""
    return instant_text(datetime.combine(day, time(), tzinfo=UTC))


def instant_text(moment: datetime) -> str:
    """A moment as the API writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def audit_log(use: CursorUse, as_of: date) -> list[Record]:
    """Everything that the audit log ever recorded, newest first."""
    entries = [_entry("team_api_key", cc.OWNER_EMAIL, c.FIRST_DAY, 8, {"action": "create"})]
    for found in use.members:
        joined = {"email": found.email, "method": "manual"}
        entries.append(_entry("add_user", cc.OWNER_EMAIL, found.joined_on, 9, joined))
        entries.append(_entry("login", found.email, min(found.last_use, as_of), 7, {"user_agent": "Cursor/2.4.18"}))
        if found.removed_on:
            entries.append(_entry("remove_user", cc.OWNER_EMAIL, found.removed_on, 6, {"email": found.email}))
    entries.append(_entry("user_spend_limit", cc.OWNER_EMAIL, as_of - timedelta(days=2), 5, {"limit_dollars": 200}))
    known = [entry for entry in entries if entry["timestamp"] <= instant_text(cc.now(as_of))]
    return sorted(known, key=lambda entry: (entry["timestamp"], entry["event_id"]), reverse=True)


def _entry(kind: str, email: str, day: date, hour: int, data: Record) -> Record:
    moment = instant_text(datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC))
    return {
        "event_id": opaque("evt", f"{kind}/{email}/{moment}/{data}"),
        "timestamp": moment,
        "ip_address": "198.51.100.17",
        "user_email": email,
        "event_type": kind,
        "event_data": data,
    }
