"""Every field of the reference's field lists and no other, by hand from reference/cursor.md."""

from __future__ import annotations

from datetime import date

from cursor_client import CursorClient, one_client, window

__all__ = ["one_client"]

MEMBER_DAY = {
    *("userId", "day", "date", "email", "isActive", "totalLinesAdded", "totalLinesDeleted"),
    *("acceptedLinesAdded", "acceptedLinesDeleted", "totalApplies", "totalAccepts", "totalRejects"),
    *("totalTabsShown", "totalTabsAccepted", "composerRequests", "chatRequests", "agentRequests", "cmdkUsages"),
    *("subscriptionIncludedReqs", "apiKeyReqs", "usageBasedReqs", "bugbotUsages", "mostUsedModel"),
    *("applyMostUsedExtension", "tabMostUsedExtension", "clientVersion"),
}
EVENT_ALWAYS = {"timestamp", "model", "kind", "maxMode", "requestsCosts", "isTokenBasedCall"}
EVENT_SOMETIMES = {
    *("userEmail", "serviceAccountId", "serviceAccountName", "cloudAgentId", "automationId", "conversationId"),
    *("isChargeable", "isHeadless", "isFreeBugbot", "tokenUsage", "chargedCents", "cursorTokenFee"),
}
TOKENS = {"inputTokens", "outputTokens", "cacheWriteTokens", "cacheReadTokens"}
SPEND = {
    *("userId", "name", "email", "role", "spendCents", "overallSpendCents", "fastPremiumRequests"),
    *("hardLimitOverrideDollars", "monthlyLimitDollars", "effectivePerUserLimitDollars"),
}
GROUP = {
    *("id", "name", "type", "directoryGroupId", "memberCount", "createdAt", "updatedAt", "spendCents"),
    *("currentMembers", "formerMembers", "dailySpend"),
}


def test_events(client: CursorClient) -> None:
    events = client.events()
    names = {name for event in events for name in event}
    assert names == EVENT_ALWAYS | EVENT_SOMETIMES
    assert all(set(event) >= EVENT_ALWAYS for event in events)
    usages = [event["tokenUsage"] for event in events if event.get("tokenUsage")]
    assert all(set(usage) >= TOKENS for usage in usages)
    assert {name for usage in usages for name in usage} == TOKENS | {"totalCents", "discountPercentOff"}
    assert all(isinstance(usage[name], int) for usage in usages for name in TOKENS)
    # Whoever reads numbers as text or money as whole numbers must stumble here, not in a customer's warehouse.
    assert any(len(str(event.get("chargedCents"))) > 12 for event in events)


def test_daily_usage(client: CursorClient) -> None:
    answer = client.days(date(2026, 9, 1), date(2026, 9, 30), page=1, pageSize=1000)
    assert {frozenset(row) for row in answer["data"]} == {frozenset(MEMBER_DAY)}
    assert set(answer["pagination"]) == {
        *("page", "pageSize", "totalUsers", "totalPages", "hasNextPage", "hasPreviousPage")
    }
    assert answer["period"] == window(date(2026, 9, 1), date(2026, 9, 30))


def test_spend_and_groups(client: CursorClient) -> None:
    assert {frozenset(row) for row in client.post("/teams/spend")["teamMemberSpend"]} == {frozenset(SPEND)}
    answer = client.get("/teams/groups")
    assert set(answer) == {"groups", "unassignedGroup", "billingCycle"}
    assert {frozenset(group) for group in answer["groups"]} == {frozenset(GROUP)}
    people = [m for group in answer["groups"] for m in (*group["currentMembers"], *group["formerMembers"])]
    assert {frozenset(m) for m in people} == {
        frozenset({"userId", "name", "email", "joinedAt", "leftAt", "spendCents"})
    }


def test_audit_log(client: CursorClient) -> None:
    answer = client.get("/teams/audit-logs", startTime="30d")
    assert {frozenset(event) for event in answer["events"]} == {
        frozenset({"event_id", "timestamp", "ip_address", "user_email", "event_type", "event_data"})
    }
    assert set(answer["pagination"]) == {
        *("page", "pageSize", "totalCount", "totalPages", "hasNextPage", "hasPreviousPage")
    }
    assert set(answer["params"]) == {"teamId", "startDate", "endDate"}
