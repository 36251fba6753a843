"""The right answers about Claude: from the invented company by docs/rules.md, never from what the server sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from demo.anthropic_directory import (
    ANTHROPIC_KEY_TAGS,
    API_KEYS,
    CONSOLE,
    TAG_BY_PRINCIPAL,
    AccountId,
    ClaudeUser,
)
from demo.anthropic_habits import PLAYGROUND_PRODUCT, claude_use
from demo.anthropic_use import PRICES, Caller, ClaudeUse, CodeCounts, Use, latest_snapshot
from demo.company import Company
from demo.constants import DAYS
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
from demo.people import team_key

VENDOR = "anthropic"
NO_PRODUCT = "other"


def credits(company: Company, as_of: date) -> list[CreditTruth]:  # noqa: A001
    """`fct_credits_daily`: list value by day, account, product and principal, whatever it was for."""
    claude = claude_use(company)
    cents: dict[tuple[date, AccountId, str, Principal], Decimal] = defaultdict(Decimal)
    records: dict[tuple[date, AccountId, str, Principal], set[tuple[Any, ...]]] = defaultdict(set)
    owners = Owners(company, claude)
    for use in _uses(claude, as_of):
        key = (use.day, use.account, use.product or NO_PRODUCT, owners.principal(use))
        for part in use.cost_parts:
            cents[key] += part.list_cents
            model = use.model if part.has_model else None
            records[key].add((part.cost_type, part.token_type, model, use.workspace_id, use.caller, use.product))
    return [
        CreditTruth(
            usage_date=day,
            account_id=account,
            product=product,
            principal=principal,
            owner=owners.owner(principal, day),
            credit_unit="usd",
            value_basis="vendor_list",
            credits=amount / 100,
            usage_value_usd=amount / 100,
            records=len(records[day, account, product, principal]),
            unpriced_records=0,
        )
        for (day, account, product, principal), amount in cents.items()
    ]


def tokens(company: Company, as_of: date) -> list[TokenTruth]:
    """`fct_tokens_daily`: also those of refused requests, which are counted though nobody pays for them."""
    claude = claude_use(company)
    owners = Owners(company, claude)
    found: dict[tuple[Any, ...], TokenTruth] = {}
    for use in _uses(claude, as_of):
        principal, product = owners.principal(use), use.product or NO_PRODUCT
        for token_type, number in use.tokens.items():
            model = PRICES[use.model or ""].key or use.model or ""
            value = use.list_usd(token_type, number)
            row = TokenTruth(use.day, use.account, product, principal, model, token_type, number, value)
            key = (use.day, use.account, product, principal, model, token_type)
            found[key] = _added(found[key], row) if key in found else row
    return list(found.values())


def _added(one: TokenTruth, other: TokenTruth) -> TokenTruth:
    known = one.list_value_usd is not None and other.list_value_usd is not None
    value = (one.list_value_usd or 0) + (other.list_value_usd or Decimal(0)) if known else None
    return replace(one, tokens=one.tokens + other.tokens, list_value_usd=value)


def activity(company: Company, as_of: date) -> list[ActivityTruth]:
    """`fct_activity_daily`: Claude Code's report of the Console account, the activity report of the Enterprise one."""
    claude = claude_use(company)
    owners = Owners(company, claude)
    return [*_console_activity(claude, owners, as_of), *_seat_activity(claude, owners, as_of)]


def _uses(claude: ClaudeUse, as_of: date) -> Iterator[Use]:
    """Uses of all days that are over; today's is not in the ledger."""
    for day in DAYS:
        if day < as_of:
            yield from claude.day(day, as_of).uses


@dataclass
class _Worked:
    counts: list[CodeCounts] = field(default_factory=list)
    estimated_cents: int = 0


def _console_activity(claude: ClaudeUse, owners: Owners, as_of: date) -> Iterator[ActivityTruth]:
    worked: dict[tuple[date, Principal], _Worked] = defaultdict(_Worked)
    for day in DAYS:
        for work in claude.day(day, as_of).works if day < as_of else ():
            one = worked[day, owners.code_principal(work.caller)]
            one.counts.append(work.counts)
            one.estimated_cents += sum(work.estimated_cents().values())
    for (day, principal), one in worked.items():
        yield ActivityTruth(
            usage_date=day,
            account_id=CONSOLE,
            principal=principal,
            owner=owners.owner(principal, day),
            **_sums(one.counts),
            vendor_estimate_usd=Decimal(one.estimated_cents) / 100,
            is_active=any(counts.is_any for counts in one.counts),
        )


def _seat_activity(claude: ClaudeUse, owners: Owners, as_of: date) -> Iterator[ActivityTruth]:
    for day in DAYS:
        for done in claude.day(day, as_of).seat_days if day <= latest_snapshot(as_of) else ():
            principal = owners.user(done.user_id)
            yield ActivityTruth(
                usage_date=day,
                account_id=owners.users[done.user_id].account,
                principal=principal,
                owner=owners.owner(principal, day),
                **_sums([done.counts]),
                is_active=done.is_active,
            )


def _sums(counts: list[CodeCounts]) -> dict[str, Any]:
    return {
        "sessions": sum(one.sessions for one in counts),
        "suggestions": sum(one.proposed for one in counts),
        "acceptances": sum(one.accepted for one in counts),
        "lines_added": sum(one.lines_added for one in counts),
        "lines_deleted": sum(one.lines_removed for one in counts),
    }


class Owners:
    """Who or what a use is counted under, and whose it is."""

    def __init__(self, company: Company, claude: ClaudeUse) -> None:
        """Know the company and its accounts."""
        self._company = company
        self.users = {user.user_id: user for user in claude.directory.users}

    def principal(self, use: Use) -> Principal:
        """Key before user: a key is never pinned on whom it acts as."""
        caller = use.caller
        if caller.api_key_id:
            return _machine(caller.api_key_id, "machine_key")
        if caller.service_account_id:
            return _machine(caller.service_account_id, "service_account")
        if caller.federated:
            subject = "/".join(caller.federated)
            return Principal(VENDOR, "service_account", subject, "anthropic_federated", "federated:")
        if caller.user_id:
            return self.user(caller.user_id)
        is_playground = use.product == PLAYGROUND_PRODUCT
        return Principal(VENDOR, "unattributed", "console_no_key" if is_playground else "unattributed")

    def user(self, user_id: str) -> Principal:
        """A user of the Console account has a key of his own, one of the Enterprise account a seat."""
        kind = "human_api_key" if self.users[user_id].account == CONSOLE else "human_seat"
        return Principal(VENDOR, kind, user_id, "anthropic_user")

    def code_principal(self, caller: Caller) -> Principal:
        """As Claude Code's report allows, which has a key's name only: two keys of one name cannot be told apart."""
        if caller.user_id:
            return self.user(caller.user_id)
        name = next(key.name for key in API_KEYS if key.id == caller.api_key_id)
        same = [key for key in API_KEYS if key.name == name]
        if len(same) == 1:
            return _machine(same[0].id, "machine_key")
        return Principal(VENDOR, "machine_key", name, "anthropic_api_key_name", "key_name:")

    def owner(self, principal: Principal, day: date) -> Owner:
        """Whose use it is on a day."""
        user: ClaudeUser | None = self.users.get(principal.identifier)
        if user:
            if user.person_id is None:
                return Owner(reason=UNKNOWN_USER)
            return roster_owner(self._company.person_by_id[user.person_id], day)
        tag = TAG_BY_PRINCIPAL.get(principal.identifier)
        if tag and tag.owner_team:
            return Owner(team_key=team_key(tag.owner_team), cost_center=tag.cost_center)
        reasons = {"shared_key": SHARED_KEY, "unattributed": UNKNOWN_USER}
        return Owner(reason=reasons.get(principal.kind, NO_OWNER_FOR_KEY), cost_center=tag.cost_center if tag else None)


def _machine(identifier: str, kind: str) -> Principal:
    tag = TAG_BY_PRINCIPAL.get(identifier)
    return Principal(VENDOR, tag.principal_kind if tag and tag.principal_kind else kind, identifier)


__all__ = ["ANTHROPIC_KEY_TAGS", "activity", "credits", "tokens"]
