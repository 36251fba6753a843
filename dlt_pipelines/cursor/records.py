"""The shapes of Cursor's records and the raw tables that they fill. Every field may be absent."""

from __future__ import annotations

from typing import Any

from dlt_pipelines.cursor import tables as t
from dlt_pipelines.identifiers import Namespace
from dlt_pipelines.name_hints import name_hints
from dlt_pipelines.record_shapes import Output, RecordShape


def at_millisecond(value: str) -> str:
    """SQL of the moment that epoch milliseconds name; NULL where they name none."""
    return f"try(make_timestamp(try_cast({value} as bigint) * 1000))"


def moment(value: str) -> str:
    """SQL of the moment that ISO text names; NULL where it names none."""
    return f"try_cast({value} as timestamptz)"


DATED_AT = at_millisecond("json_extract_string(\"date\", '$')")
EVENT_AT = at_millisecond('"timestamp"')
EMAIL: dict[str, tuple[Namespace, str]] = {"userEmail": ("email", "email_key")}

USAGE_EVENTS = RecordShape(
    structure={
        "timestamp": "VARCHAR",
        "userEmail": "VARCHAR",
        "userId": "JSON",
        "serviceAccountId": "VARCHAR",
        "serviceAccountName": "VARCHAR",
        "cloudAgentId": "VARCHAR",
        "automationId": "VARCHAR",
        "conversationId": "VARCHAR",
        "model": "VARCHAR",
        "kind": "VARCHAR",
        "kindLabel": "VARCHAR",
        "maxMode": "BOOLEAN",
        "requestsCosts": "DECIMAL(38,9)",
        "isTokenBasedCall": "BOOLEAN",
        "isChargeable": "BOOLEAN",
        "isHeadless": "BOOLEAN",
        "isFreeBugbot": "BOOLEAN",
        "tokenUsage": {
            "inputTokens": "BIGINT",
            "outputTokens": "BIGINT",
            "cacheWriteTokens": "BIGINT",
            "cacheReadTokens": "BIGINT",
            "totalCents": "DECIMAL(38,9)",
            "discountPercentOff": "DECIMAL(38,9)",
        },
        "chargedCents": "DECIMAL(38,9)",
        "cursorTokenFee": "DECIMAL(38,9)",
    },
    outputs=(
        Output(
            t.USAGE_EVENTS,
            expressions={
                "event_at": at_millisecond('keyed."timestamp"'),
                "service_account_id": "nullif(keyed.serviceAccountId, '')",
                "service_account_name_hints": name_hints("keyed.serviceAccountName"),
                "cloud_agent_id": "nullif(keyed.cloudAgentId, '')",
                "automation_id": "nullif(keyed.automationId, '')",
                "conversation_id": "keyed.conversationId",
                "kind": "coalesce(keyed.kind, keyed.kindLabel)",
                "max_mode": "keyed.maxMode",
                "is_token_based_call": "keyed.isTokenBasedCall",
                "is_chargeable": "keyed.isChargeable",
                "is_headless": "keyed.isHeadless",
                "is_free_bugbot": "keyed.isFreeBugbot",
                "request_units": "keyed.requestsCosts",
                "input_tokens": "keyed.tokenUsage.inputTokens",
                "output_tokens": "keyed.tokenUsage.outputTokens",
                "cache_write_tokens": "keyed.tokenUsage.cacheWriteTokens",
                "cache_read_tokens": "keyed.tokenUsage.cacheReadTokens",
                "model_cents": "keyed.tokenUsage.totalCents",
                "discount_percent_off": "keyed.tokenUsage.discountPercentOff",
                "charged_cents": "keyed.chargedCents",
                "cursor_token_fee_cents": "keyed.cursorTokenFee",
            },
        ),
    ),
    natural_key=(),
    required=("timestamp",),
    identifiers=EMAIL,
    exact="chargedCents",
    day=f"cast({EVENT_AT} as date)",
    user="userEmail",
)

EXPORTED_EVENTS = RecordShape(
    structure={
        **dict.fromkeys(("date", "user", "cloud_agent_id", "automation_id", "kind", "model", "cost_word"), "VARCHAR"),
        "max_mode": "BOOLEAN",
        **dict.fromkeys(
            ("cache_write_tokens", "input_tokens", "cache_read_tokens", "output_tokens", "total_tokens"), "BIGINT"
        ),
        # Decimals as text: no double comes between.
        **dict.fromkeys(("cost_usd", "cost_to_you_usd"), "VARCHAR"),
    },
    outputs=(Output(t.EXPORTED_EVENTS, expressions={"event_at": "cast(keyed.date as timestamptz)"}),),
    natural_key=(),
    required=("date",),
    identifiers={"user": ("email", "email_key")},
    exact="cost_usd",
    day="cast(cast(date as timestamptz) as date)",
    user="user",
)

DAILY_USAGE = RecordShape(
    structure={
        "userId": "JSON",
        "day": "DATE",
        "date": "JSON",
        "email": "VARCHAR",
        "isActive": "BOOLEAN",
        **dict.fromkeys(t.DAILY_USAGE_COUNTS, "BIGINT"),
        **dict.fromkeys(t.DAILY_USAGE_WORDS, "VARCHAR"),
    },
    outputs=(
        Output(
            t.DAILY_USAGE,
            expressions={
                "day": "keyed.window_end",
                "is_active": "keyed.isActive",
                **{
                    column.name: f'keyed."{name}"'
                    for name, column in {**t.DAILY_USAGE_COUNTS, **t.DAILY_USAGE_WORDS}.items()
                },
            },
        ),
    ),
    natural_key=("userId", "email"),
    required=(),
    identifiers={"email": ("email", "email_key")},
    # In payloads of January 2026 a record names its day by the date alone.
    day=f'coalesce("day", cast({DATED_AT} as date))',
    user="email",
)

# Known, so that what has no column is left out: names, pictures, and an id under another name than usual.
PERSON: dict[str, Any] = {
    **{"id": "JSON", "userId": "JSON"},
    **dict.fromkeys(("name", "email", "profilePictureUrl"), "VARCHAR"),
}
MEMBER_KEYS: dict[str, tuple[Namespace, str]] = {
    "userId": ("cursor_user", "user_key"),
    "email": ("email", "email_key"),
}

MEMBERS = RecordShape(
    structure={**PERSON, "role": "VARCHAR", "isRemoved": "BOOLEAN"},
    outputs=(Output(t.MEMBERS, expressions={"is_removed": "keyed.isRemoved"}),),
    natural_key=("id", "email"),
    required=(),
    identifiers={"id": ("cursor_user", "user_key"), "email": ("email", "email_key")},
    day=None,
    user="email",
)

SPEND = RecordShape(
    structure={
        **PERSON,
        "role": "VARCHAR",
        **dict.fromkeys(
            (
                *("spendCents", "overallSpendCents", "includedSpendCents", "hardLimitOverrideDollars"),
                *("monthlyLimitDollars", "effectivePerUserLimitDollars"),
            ),
            "DECIMAL(38,9)",
        ),
        "fastPremiumRequests": "BIGINT",
    },
    outputs=(
        Output(
            t.SPEND,
            expressions={
                "spend_cents": "keyed.spendCents",
                "overall_spend_cents": "keyed.overallSpendCents",
                "included_spend_cents": "keyed.includedSpendCents",
                "fast_premium_requests": "keyed.fastPremiumRequests",
                "hard_limit_override_dollars": "keyed.hardLimitOverrideDollars",
                "monthly_limit_dollars": "keyed.monthlyLimitDollars",
                "effective_per_user_limit_dollars": "keyed.effectivePerUserLimitDollars",
            },
        ),
    ),
    natural_key=("userId", "email"),
    required=(),
    identifiers=MEMBER_KEYS,
    exact="spendCents",
    # Seen, undocumented and of no use here.
    ignored=(
        *("apiPercentUsed", "autoPercentUsed", "totalPercentUsed", "billingTier", "removedAt", "usagePromoExpiresAt"),
    ),
    day=None,
    user="email",
    context=("cycle_start_at",),
)

GROUP_MEMBER = {
    **PERSON,
    "joinedAt": "VARCHAR",
    "leftAt": "VARCHAR",
    "spendCents": "DECIMAL(38,9)",
    "dailySpend": "JSON",
}


def _group_members(array: str, *, is_former: bool) -> Output:
    return Output(
        t.BILLING_GROUP_MEMBERS,
        each=array,
        expressions={
            "group_id": "keyed.id",
            "group_name": "keyed.name",
            "is_former": str(is_former).lower(),
            "joined_at": moment("item.joinedAt"),
            "left_at": moment("item.leftAt"),
            "spend_cents": "item.spendCents",
        },
    )


GROUPS = RecordShape(
    structure={
        **dict.fromkeys(("id", "name", "type", "directoryGroupId", "createdAt", "updatedAt"), "VARCHAR"),
        "memberCount": "BIGINT",
        "spendCents": "DECIMAL(38,9)",
        "currentMembers": [GROUP_MEMBER],
        "formerMembers": [GROUP_MEMBER],
        # Two days only, and less than was spent: never loaded.
        "dailySpend": "JSON",
    },
    outputs=(
        Output(
            t.BILLING_GROUPS,
            expressions={
                "group_id": "keyed.id",
                "group_name": "keyed.name",
                "group_type": "keyed.type",
                "directory_group_id": "keyed.directoryGroupId",
                "member_count": "keyed.memberCount",
                "created_at": moment("keyed.createdAt"),
                "updated_at": moment("keyed.updatedAt"),
                "spend_cents": "keyed.spendCents",
            },
        ),
        _group_members("currentMembers", is_former=False),
        _group_members("formerMembers", is_former=True),
    ),
    natural_key=("id",),
    required=("id",),
    identifiers={
        f"{array}[].{name}": key for array in ("currentMembers", "formerMembers") for name, key in MEMBER_KEYS.items()
    },
    day=None,
    context=("cycle_start_at", "cycle_end_at"),
)

AUDIT_EVENTS = RecordShape(
    structure={
        **dict.fromkeys(("event_id", "timestamp", "event_type", "user_email", "subject_email"), "VARCHAR"),
        "details": "JSON",
        "ip_address": "VARCHAR",
    },
    outputs=(Output(t.AUDIT_EVENTS, expressions={"event_at": moment('keyed."timestamp"')}),),
    natural_key=("event_id",),
    required=("event_id",),
    identifiers={"user_email": ("email", "actor_email_key"), "subject_email": ("email", "subject_email_key")},
    day=None,
    user="user_email",
)

POOL = RecordShape(
    structure={
        "pool": {
            **dict.fromkeys(("limitCents", "usedCents", "remainingCents"), "DECIMAL(38,9)"),
            **dict.fromkeys(("contractStartDate", "contractEndDate"), "VARCHAR"),
        },
        "teams": [{"teamId": "JSON", "usedCents": "DECIMAL(38,9)", "budgetLimitCents": "DECIMAL(38,9)"}],
    },
    outputs=(
        Output(
            t.POOLS,
            of="pool",
            expressions={
                "limit_cents": "item.limitCents",
                "used_cents": "item.usedCents",
                "remaining_cents": "item.remainingCents",
                "contract_start_at": moment("item.contractStartDate"),
                "contract_end_at": moment("item.contractEndDate"),
            },
        ),
        Output(
            t.POOL_TEAMS,
            each="teams",
            expressions={
                "team_id": "json_extract_string(item.teamId, '$')",
                "used_cents": "item.usedCents",
                "budget_limit_cents": "item.budgetLimitCents",
            },
        ),
    ),
    natural_key=(),
    required=(),
    day=None,
)
