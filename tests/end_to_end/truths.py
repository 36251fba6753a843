"""What the ledger must say: the vendors' ground truths as rows of the marts, and how amounts are compared with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from demo import anthropic_truth, cursor_truth, openai_truth, truth
from demo.anthropic_directory import ENTERPRISE
from demo.anthropic_habits import claude_use
from demo.anthropic_use import ClaudeUse
from demo.company import Company
from demo.constants import DAYS
from demo.cursor_use import cursor_use
from demo.ledger_truth import ActivityTruth, CreditTruth, Owner, Principal, TokenTruth
from demo.openai_accounts import ORGANIZATION_ACCOUNT, WORKSPACE_ACCOUNT, codex_members, organization_members
from demo.openai_use import build_openai_use
from tests.end_to_end.workbench import Row, pseudonymizer

# Copilot's own truth is older and tells its rows in its own words: test_ledger_github_copilot.
TRUTHS: dict[str, Any] = {"anthropic": anthropic_truth, "cursor": cursor_truth, "openai": openai_truth}
VENDORS = ("github_copilot", *TRUTHS)
HUMAN_KINDS = ("human_seat", "human_api_key")
MACHINE_KINDS = ("machine_key", "service_account", "cloud_agent", "shared_key")
KINDS = (*HUMAN_KINDS, *MACHINE_KINDS, "unattributed")

OWNER = ("principal_kind", "person_key", "team_key", "unattributed_reason", "cost_center_key")
CREDITS = ("usage_date", "vendor", "account_id", "product", "principal_key", "credit_unit", *OWNER)
CREDIT_COUNTS = ("value_basis", "records", "unpriced_records")
CREDIT_AMOUNTS = ("credits", "usage_value_usd")
TOKENS = ("usage_date", "vendor", "account_id", "product", "principal_key", "model", "token_type", *OWNER, "tokens")
ACTIVITY = ("usage_date", "vendor", "account_id", "principal_key", *OWNER)
ACTIVITY_COUNTS = (
    *("interactions", "requests", "sessions", "prompts", "suggestions", "acceptances", "lines_suggested_to_add"),
    *("lines_suggested_to_delete", "lines_added", "lines_deleted", "vendor_estimate_usd", "is_active"),
)

# Cursor's doubles have more decimals than a decimal(38, 9). Loaded, an event's cents are rounded to nine decimals,
# which is at most 5e-12 dollars an event; a sum is rounded once more on its way to dollars. Anthropic's amounts have
# nine decimals at most. OpenAI's rows are valued by us, each class of tokens of a row rounded for itself.
ROUNDED_SUM = Decimal("5e-10")
ROUNDED_EVENT = Decimal("5e-12")
CLASSES_OF_A_ROW = 4
# A row of fct_tokens_daily adds up at most so many rows that were rounded: one for each tier.
TIERS = 4

Mart = tuple[list[str], Counter[Row]]
Amounts = dict[Row, Row]


def off_by(vendor: str, records: int) -> Decimal:
    """How far the value of so many records may be from the truth, in dollars."""
    if vendor == "cursor":
        return ROUNDED_EVENT * records + ROUNDED_SUM
    return ROUNDED_SUM * CLASSES_OF_A_ROW * records if vendor == "openai" else Decimal(0)


def picked(mart: Mart, names: Sequence[str], vendor: str | None = None) -> Iterator[Row]:
    """Some columns of a mart's rows, of one vendor or of all."""
    columns, rows = mart
    wanted = [columns.index(name) for name in names]
    of = columns.index("vendor") if vendor else None
    return (tuple(row[number] for number in wanted) for row in rows.elements() if of is None or row[of] == vendor)


def keyed(rows: Iterable[Row], length: int) -> Amounts:
    """Rows by their first columns; fails when two have the same."""
    found: Amounts = {}
    for row in rows:
        assert row[:length] not in found, f"twice: {row}"
        found[row[:length]] = row[length:]
    return found


def assert_equal(expected: Mapping[Row, Row], found: Mapping[Row, Row], off: Mapping[Row, Decimal] | Decimal) -> None:
    """The same keys, and amounts that are no further apart than allowed; NULL is only NULL."""
    told = [f"missing: {key} {expected[key]}" for key in expected if key not in found]
    told += [f"unexpected: {key} {found[key]}" for key in found if key not in expected]
    for key in expected.keys() & found.keys():
        allowed = off if isinstance(off, Decimal) else off[key]
        if not all(_is_within(*pair, allowed) for pair in zip(expected[key], found[key], strict=True)):
            told.append(f"other amounts: {key} {expected[key]}, found {found[key]}")
    assert not told, f"{len(told)} differences, such as:\n" + "\n".join(sorted(told)[:: len(told) // 12 + 1])


def _is_within(one: Any, other: Any, allowed: Decimal) -> bool:
    if one is None or other is None or isinstance(one, bool):
        return bool(one == other)
    return bool(abs(one - other) <= allowed)


@dataclass(frozen=True)
class Outsiders:
    """People whom the roster does not know, by e-mail: whoever shares one over vendors is one person."""

    emails: Mapping[tuple[str, str], str | None]

    @cached_property
    def shared(self) -> frozenset[str]:
        """E-mails that two vendors or more know."""
        vendors: dict[str, set[str]] = defaultdict(set)
        for (vendor, _), email in self.emails.items():
            if email:
                vendors[email].add(vendor)
        return frozenset(email for email, by in vendors.items() if len(by) > 1)


class Expected:
    """The rows of the marts that the truths of all vendors make."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.claude: ClaudeUse = claude_use(company)
        self.owners: dict[str, Any] = {
            "anthropic": anthropic_truth.Owners(company, self.claude),
            "cursor": cursor_truth.Owners(company),
            "openai": openai_truth.Owners(company),
        }

    def key(self, who: Principal) -> str:
        """The principal key."""
        identifier = pseudonymizer().key(who.namespace, who.identifier) if who.namespace else who.identifier
        return f"{who.prefix}{identifier}"

    def person(self, who: Principal, owner: Owner) -> str | None:
        """The person behind a principal: of the roster, of an e-mail that vendors share, or the account itself."""
        if owner.person_id:
            return pseudonymizer().key("person", owner.person_id)
        if who.namespace is None or who.kind not in (*HUMAN_KINDS, "cloud_agent"):
            return None
        email = self.outsiders.emails[who.vendor, who.identifier]
        # A cloud agent is its owner's: the seat of the same e-mail.
        own = pseudonymizer().key(who.namespace, who.identifier)
        return pseudonymizer().key("email", email) if email in self.outsiders.shared else own

    @cached_property
    def outsiders(self) -> Outsiders:
        """Everybody whom the roster does not know."""
        roster = {email.lower() for person in self.company.people for email in person.emails}
        found: dict[tuple[str, str], str | None] = {}
        for user in self.company.users:
            if user.person_id is None:
                found["github_copilot", str(user.user_id)] = user.email
        for member in cursor_use(self.company).members:
            if member.address not in roster:
                found["cursor", member.address] = member.address
        for claude_user in self.claude.directory.users:
            if claude_user.person_id is None:
                found["anthropic", claude_user.user_id] = claude_user.email and claude_user.email.lower()
        listed = (*organization_members(self.company), *codex_members(self.company))
        known = {member.user_id: member for member in listed}
        used = {
            row.principal.identifier for row in openai_truth.activity(self.company, date.max) if row.principal.namespace
        }
        for identifier in {*known, *used}:
            listed_user = known.get(identifier)
            if listed_user is None or listed_user.person_id is None:
                found["openai", identifier] = listed_user.email.lower() if listed_user else None
        return Outsiders(found)

    def credits(self, vendor: str, as_of: date) -> list[CreditTruth]:
        """The truth's rows of fct_credits_daily."""
        rows: list[CreditTruth] = TRUTHS[vendor].credits(self.company, as_of)
        return rows

    def credit_rows(self, vendor: str, as_of: date) -> tuple[Amounts, dict[Row, Decimal]]:
        """Rows of fct_credits_daily by all columns but the amounts, and how far each may be off."""
        rows, off = [], {}
        for row in self.credits(vendor, as_of):
            counts = (row.value_basis, row.records, row.unpriced_records)
            key = (*self._start(vendor, row), row.product, self.key(row.principal), row.credit_unit)
            key = (*key, *self._owner(row.principal, row.owner), *counts)
            rows.append((*key, row.credits, row.usage_value_usd))
            off[key] = Decimal(0) if row.credit_unit == "codex_credit" else off_by(vendor, row.records)
        return keyed(rows, len(CREDITS) + len(CREDIT_COUNTS)), off

    def token_rows(self, vendor: str, as_of: date) -> Amounts:
        """Rows of fct_tokens_daily by all columns but the value."""
        truths: list[TokenTruth] = TRUTHS[vendor].tokens(self.company, as_of)
        rows = []
        for row in truths:
            owner = self._owner(row.principal, self.owners[vendor].owner(row.principal, row.usage_date))
            key = (*self._start(vendor, row), row.product, self.key(row.principal), row.model, row.token_type, *owner)
            if row.tokens:
                rows.append((*key, row.tokens, row.list_value_usd))
        return keyed(rows, len(TOKENS))

    def activity_rows(self, vendor: str, as_of: date) -> Amounts:
        """Rows of fct_activity_daily; what the truth does not tell is NULL."""
        truths: list[ActivityTruth] = TRUTHS[vendor].activity(self.company, as_of)
        messages, web_requests = self._messages(as_of), self._web_requests(as_of)
        rows = []
        for row in truths:
            counts: dict[str, Any] = {name: getattr(row, name, None) for name in ACTIVITY_COUNTS}
            counts["interactions"] = messages.get((row.account_id, row.principal.identifier, row.usage_date))
            if row.account_id == WORKSPACE_ACCOUNT:
                # A turn of Codex is what somebody asked, not one of the requests that it took.
                counts["interactions"], counts["requests"] = row.requests, None
            elif row.account_id == ORGANIZATION_ACCOUNT:
                counts["requests"] -= web_requests[row.usage_date, row.principal.identifier]
            owner = self._owner(row.principal, row.owner)
            rows.append((*self._start(vendor, row), self.key(row.principal), *owner, *counts.values()))
        return keyed(rows, len(ACTIVITY))

    def _messages(self, as_of: date) -> dict[tuple[str, str, date], int]:
        """Messages in Claude's chat by account, user and day."""
        return {
            (ENTERPRISE, done.user_id, day): done.chat_messages
            for day in DAYS
            for done in self.claude.day(day, as_of).seat_days
        }

    def _web_requests(self, as_of: date) -> Counter[tuple[date, str | None]]:
        """Requests to OpenAI that searched the web, which completions count as well."""
        model = build_openai_use(self.company)
        found: Counter[tuple[date, str | None]] = Counter()
        for use in (use for day in DAYS for use in model.uses(day, as_of) if use.endpoint == "web_search_calls"):
            found[use.day, use.api_key_id] += use.requests
        return found

    def assert_facts(self, marts: Mapping[str, Mart], vendor: str, as_of: date) -> None:
        """Credits, tokens and activity of a vendor are the truth as of a day, row by row."""
        rows, off = self.credit_rows(vendor, as_of)
        columns = (*CREDITS, *CREDIT_COUNTS)
        found = picked(marts["core.fct_credits_daily"], (*columns, *CREDIT_AMOUNTS), vendor)
        assert_equal(rows, keyed(found, len(columns)), off)
        found = picked(marts["core.fct_tokens_daily"], (*TOKENS, "list_value_usd"), vendor)
        assert_equal(self.token_rows(vendor, as_of), keyed(found, len(TOKENS)), ROUNDED_SUM * TIERS)
        found = picked(marts["core.fct_activity_daily"], (*ACTIVITY, *ACTIVITY_COUNTS), vendor)
        assert_equal(self.activity_rows(vendor, as_of), keyed(found, len(ACTIVITY)), Decimal(0))

    def team_rows(self, vendor: str, as_of: date) -> tuple[Amounts, dict[Row, Decimal]]:
        """Rows of fct_team_credits_daily by day, vendor, team, kind and unit: amounts, people and principals."""
        groups: dict[Row, list[CreditTruth]] = defaultdict(list)
        for row in self.credits(vendor, as_of):
            team = row.owner.team_key or f"unattributed:{row.owner.reason}"
            groups[row.usage_date, vendor, team, row.principal.kind, row.credit_unit].append(row)
        return (
            {
                key: (
                    known_sum(row.credits for row in rows),
                    known_sum(row.usage_value_usd for row in rows),
                    len({self.person(row.principal, row.owner) for row in rows if row.credits} - {None}),
                    len({self.key(row.principal) for row in rows}),
                    len({self.key(row.principal) for row in rows if row.credits is None}),
                    sum(row.unpriced_records for row in rows),
                )
                for key, rows in groups.items()
            },
            {key: sum((off_by(vendor, row.records) for row in rows), Decimal(0)) for key, rows in groups.items()},
        )

    def github_credits(self, as_of: date) -> Iterator[tuple[date, str, Decimal | None, Decimal | None]]:
        """Day, team or reason, credits and value of Copilot's rows, all of which are people's."""
        for row in truth.user_days(self.company, as_of):
            yield row.usage_date, row.reported_team_key, row.credits, row.usage_value_usd

    def _start(self, vendor: str, row: CreditTruth | TokenTruth | ActivityTruth) -> Row:
        return (row.usage_date, vendor, row.account_id)

    def _owner(self, who: Principal, owner: Owner) -> Row:
        return (who.kind, self.person(who, owner), owner.team_key, owner.reason, owner.cost_center)


def known_sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
