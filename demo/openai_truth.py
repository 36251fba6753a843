"""The right answers about OpenAI: from what the company used by the ledger's rules, never from a server's answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from demo.company import Company
from demo.ledger_truth import (
    NO_OWNER_FOR_KEY,
    SHARED_KEY,
    UNKNOWN_USER,
    ActivityTruth,
    CreditTruth,
    Owner,
    Principal,
    TokenTruth,
    roster_owner,
)
from demo.openai_accounts import (
    KEYS,
    OPENAI_KEY_TAGS,
    ORGANIZATION_ACCOUNT,
    SERVICE_ACCOUNTS,
    WORKSPACE_ACCOUNT,
    codex_members,
    organization_members,
)
from demo.openai_prices import list_value, model_key
from demo.openai_rows import CodexDay, Use
from demo.openai_use import OpenaiUse, build_openai_use, closed_days

VENDOR = "openai"
WITH_REQUESTS = frozenset(
    {
        *("completions", "embeddings", "moderations", "images"),
        *("audio_speeches", "audio_transcriptions", "web_search_calls"),
    }
)
TAGS = {tag.principal_key: tag for tag in OPENAI_KEY_TAGS}
OWNER_OF_KEY = {key.key_id: key.owner_id for key in KEYS}
SERVICE_ACCOUNT_IDS = {account.service_account_id for account in SERVICE_ACCOUNTS}


def credits(company: Company, as_of: date) -> list[CreditTruth]:  # noqa: A001 (the name that every vendor's truth has)
    """Rows of fct_credits_daily of everything that is over at a date."""
    model, owners = build_openai_use(company), Owners(company)
    groups: dict[tuple[date, str, Principal], list[Decimal | None]] = defaultdict(list)
    for use in _uses(model, as_of):
        groups[use.day, use.endpoint, principal(use)].append(value(use))
    rows = [
        CreditTruth(
            usage_date=day,
            account_id=ORGANIZATION_ACCOUNT,
            product=endpoint,
            principal=who,
            owner=owners.owner(who, day),
            credit_unit="usd",
            value_basis="unpriced" if (amount := _sum_of_known(values)) is None else "list_price",
            credits=amount,
            usage_value_usd=amount,
            records=len(values),
            unpriced_records=values.count(None),
        )
        for (day, endpoint, who), values in groups.items()
    ]
    return rows + [
        CreditTruth(
            usage_date=row.day,
            account_id=WORKSPACE_ACCOUNT,
            product="codex",
            principal=seat(row),
            owner=owners.owner(seat(row), row.day),
            credit_unit="codex_credit",
            value_basis="unpriced",
            credits=row.credits,
            usage_value_usd=None,
            records=1,
            unpriced_records=1,
        )
        for row in _codex_days(model, as_of)
    ]


def tokens(company: Company, as_of: date) -> list[TokenTruth]:
    """Rows of fct_tokens_daily of everything that is over at a date."""
    model = build_openai_use(company)
    groups: dict[tuple[date, str, str, Principal, str, str], list[tuple[int, Decimal | None]]] = defaultdict(list)
    for use in _uses(model, as_of):
        for token_type, count in _counted(use).items():
            key = (use.day, ORGANIZATION_ACCOUNT, use.endpoint, principal(use), model_key(str(use.model)), token_type)
            groups[key].append((count, list_value(str(use.model), token_type, count, use.day, use.tier)))
    for row in _codex_days(model, as_of):
        for used in row.models or ():
            counts = {"input_uncached": used.uncached, "cache_read": used.cached, "output": used.output}
            for token_type, count in counts.items():
                key = (row.day, WORKSPACE_ACCOUNT, "codex", seat(row), model_key(used.model), token_type)
                groups[key].append((count, list_value(used.model, token_type, count, row.day)))
    return [
        TokenTruth(*key, sum(count for count, _ in parts), _sum_if_known([amount for _, amount in parts]))
        for key, parts in groups.items()
    ]


def activity(company: Company, as_of: date) -> list[ActivityTruth]:
    """Rows of fct_activity_daily of everything that is over at a date."""
    model, owners = build_openai_use(company), Owners(company)
    requests: dict[tuple[date, Principal], int] = defaultdict(int)
    for use in _uses(model, as_of):
        if use.endpoint in WITH_REQUESTS:
            requests[use.day, principal(use)] += use.requests
    rows = [
        ActivityTruth(day, ORGANIZATION_ACCOUNT, who, owners.owner(who, day), requests=number, is_active=number > 0)
        for (day, who), number in requests.items()
    ]
    return rows + [
        ActivityTruth(
            usage_date=row.day,
            account_id=WORKSPACE_ACCOUNT,
            principal=seat(row),
            owner=owners.owner(seat(row), row.day),
            requests=row.turns,
            sessions=row.threads,
            lines_added=row.lines_added,
            lines_deleted=row.lines_deleted,
            is_active=row.turns > 0,
        )
        for row in _codex_days(model, as_of)
    ]


def value(use: Use) -> Decimal | None:
    """The list value of a row; None when a part of it has no price, or when it does not count tokens."""
    parts = [list_value(str(use.model), kind, count, use.day, use.tier) for kind, count in _counted(use).items()]
    return _sum_if_known(parts) if parts else None


def principal(use: Use) -> Principal:
    """Who or what used it: the key before the user."""
    if use.api_key_id:
        return Principal(VENDOR, kind_of_key(use.api_key_id), use.api_key_id)
    if use.user_id:
        return Principal(VENDOR, "human_api_key", use.user_id, "openai_user")
    return Principal(VENDOR, "unattributed", "unattributed")


def seat(row: CodexDay) -> Principal:
    """Whose seat a row of Codex is about."""
    return Principal(VENDOR, "human_seat", row.user_id, "openai_user")


class Owners:
    """Whose use is that of a principal."""

    def __init__(self, company: Company) -> None:
        """Know the people behind the users."""
        members = (*organization_members(company), *codex_members(company))
        self._people = {
            member.user_id: company.person_by_id[member.person_id] for member in members if member.person_id
        }

    def owner(self, who: Principal, day: date) -> Owner:
        """The owner on a day."""
        if who.namespace:
            person = self._people.get(who.identifier)
            return roster_owner(person, day) if person else Owner(reason=UNKNOWN_USER)
        tag = TAGS.get(who.identifier)
        cost_center = (tag.cost_center or None) if tag else None
        if tag and tag.owner_team:
            return Owner(team_key=tag.owner_team, cost_center=cost_center)
        reasons = {"shared_key": SHARED_KEY, "unattributed": UNKNOWN_USER}
        return Owner(reason=reasons.get(who.kind, NO_OWNER_FOR_KEY), cost_center=cost_center)


def kind_of_key(key_id: str) -> str:
    """What kind of principal a key is."""
    if key_id in TAGS:
        return TAGS[key_id].principal_kind
    return "service_account" if OWNER_OF_KEY[key_id] in SERVICE_ACCOUNT_IDS else "machine_key"


def _uses(model: OpenaiUse, as_of: date) -> Iterator[Use]:
    return (use for day in closed_days(as_of) for use in model.uses(day, as_of) if use.is_use)


def _codex_days(model: OpenaiUse, as_of: date) -> Iterator[CodexDay]:
    return (row for day in closed_days(as_of) for row in model.codex_days(day, as_of))


def _counted(use: Use) -> dict[str, int]:
    return {kind: count for kind, count in use.tokens.by_type.items() if count} if use.tokens else {}


def _sum_of_known(values: list[Decimal | None]) -> Decimal | None:
    return _sum_if_known([amount for amount in values if amount is not None] or [None])


def _sum_if_known(values: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in values if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None
