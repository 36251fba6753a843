"""The ground truth about Claude follows the rules and adds up; a few rows are computed by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from demo import anthropic_directory as d
from demo import constants as c
from demo.anthropic_habits import claude_use
from demo.anthropic_truth import activity, credits, tokens  # noqa: A004
from demo.anthropic_use import ClaudeUse
from demo.company import AS_OF, FIRST_AS_OF, Company
from demo.ledger_truth import ActivityTruth, CreditTruth, Owner, TokenTruth

DAY = date(2026, 6, 26)


@pytest.fixture(scope="module")
def claude(company: Company) -> ClaudeUse:
    return claude_use(company)


@pytest.fixture(scope="module")
def credit_rows(company: Company) -> list[CreditTruth]:
    return credits(company, AS_OF)


@pytest.fixture(scope="module")
def token_rows(company: Company) -> list[TokenTruth]:
    return tokens(company, AS_OF)


@pytest.fixture(scope="module")
def activity_rows(company: Company) -> list[ActivityTruth]:
    return activity(company, AS_OF)


@pytest.mark.parametrize("as_of", [FIRST_AS_OF, AS_OF])
def test_one_row_per_grain(company: Company, as_of: date) -> None:
    spent, counted, done = credits(company, as_of), tokens(company, as_of), activity(company, as_of)
    assert len({(r.usage_date, r.account_id, r.product, r.principal) for r in spent}) == len(spent)
    grain = {(r.usage_date, r.account_id, r.product, r.principal, r.model, r.token_type) for r in counted}
    assert len(grain) == len(counted)
    assert len({(r.usage_date, r.account_id, r.principal) for r in done}) == len(done)


def test_nightly_batch_by_hand(credit_rows: list[CreditTruth], token_rows: list[TokenTruth]) -> None:
    # 198,000 uncached and 24,750 output tokens of Claude Sonnet 4.6 ($3, $15), batch (half), US (x1.1).
    counted = {r.token_type: r for r in token_rows if (r.usage_date, r.principal.identifier) == (DAY, d.CI_KEY.id)}
    assert {name: (r.tokens, r.list_value_usd) for name, r in counted.items()} == {
        "input_uncached": (198_000, Decimal("0.3267")),
        "output": (24_750, Decimal("0.2041875")),
    }
    assert {r.model for r in counted.values()} == {"anthropic/claude-sonnet-4-6"}
    spent = next(r for r in credit_rows if (r.usage_date, r.principal.identifier) == (DAY, d.CI_KEY.id))
    assert spent.usage_value_usd == spent.credits == Decimal("0.5308875")
    assert (spent.account_id, spent.product, spent.records) == ("console/quill-harbor", "message_batches_api", 2)
    assert spent.owner == Owner(None, "site-reliability", None, "CC-140")


def test_claude_code_by_hand(claude: ClaudeUse, activity_rows: list[ActivityTruth]) -> None:
    # Two terminals on 2026-06-23, Opus 4.7 and Haiku 4.5:
    # 157,500 x $5 + 19,680 x $25 = $1.2795, told as 128 cents;
    # 191,500 x $1 + 1,892,000 x $0.10 + 71,500 x $1.25 + 41,750 x $2 + 31,910 x $5 = $0.713125, told as 71 cents.
    user = next(work.caller.user_id for work in claude.final[date(2026, 6, 23)].works)
    row = next(r for r in activity_rows if (r.usage_date, r.principal.identifier) == (date(2026, 6, 23), user))
    assert row.vendor_estimate_usd == Decimal("1.99")
    assert (row.sessions, row.lines_added, row.lines_deleted) == (8, 668, 113)
    assert (row.acceptances, row.suggestions) == (67, 75)
    assert row.is_active


def test_refused_requests_have_tokens_and_no_credits(token_rows: list[TokenTruth]) -> None:
    # 2026-06-23: 3,660 + 18,420 + 4,020 + 610 tokens were refused, on top of the day's other use of the same key.
    day, key = date(2026, 6, 23), d.PROD_KEY.id
    counted = sum(r.tokens for r in token_rows if (r.usage_date, r.principal.identifier) == (day, key))
    assert counted > 26_710


def test_tokens_at_list_price_are_the_token_part_of_credits(
    claude: ClaudeUse, credit_rows: list[CreditTruth], token_rows: list[TokenTruth]
) -> None:
    """Where nothing was refused, searched, executed or unpriced, both say the same."""
    by_tokens: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for row in token_rows:
        by_tokens[row.usage_date, row.account_id, row.product, row.principal] += row.list_value_usd or 0
    equal = [
        by_tokens[r.usage_date, r.account_id, r.product, r.principal] == r.credits
        for r in credit_rows
        if r.principal.identifier in {d.STAGING_KEY.id, d.CI_KEY.id} or r.principal.prefix
    ]
    assert len(equal) > 100
    assert all(equal)


@pytest.mark.parametrize(
    ("identifier", "kind", "owner"),
    [
        (d.PROD_KEY.id, "machine_key", Owner(None, "payments", None, "CC-100")),
        (d.INTERACTIVE_PROD_KEY.id, "machine_key", Owner(None, "machine-learning", None, "CC-210")),
        (d.SHARED_KEY.id, "shared_key", Owner(reason="shared_key")),
        (d.UNTAGGED_KEY.id, "machine_key", Owner(reason="no_owner_for_key")),
        (d.NOTEBOOK_KEY.id, "human_api_key", Owner(None, "data-platform", None, "CC-200")),
        (d.ARCHIVED_KEY.id, "machine_key", Owner(reason="no_owner_for_key")),
        (d.SERVICE_ACCOUNT_ID, "service_account", Owner(None, "data-platform", None, "CC-200")),
        ("gcp/deployer@quill-harbor.iam.example.com", "service_account", Owner(reason="no_owner_for_key")),
        ("console_no_key", "unattributed", Owner(reason="unknown_user")),
        ("unattributed", "unattributed", Owner(reason="unknown_user")),
    ],
)
def test_machines(credit_rows: list[CreditTruth], identifier: str, kind: str, owner: Owner) -> None:
    rows = [r for r in credit_rows if r.principal.identifier == identifier]
    assert rows
    assert {(r.principal.kind, r.owner) for r in rows} == {(kind, owner)}


def test_people(company: Company, claude: ClaudeUse, credit_rows: list[CreditTruth]) -> None:
    def owners(nickname: str, since: date, until: date) -> set[tuple[str | None, str | None]]:
        user = claude.directory.seat(nickname)
        rows = [r for r in credit_rows if r.principal.identifier == user.user_id and since <= r.usage_date <= until]
        assert {r.owner.person_id for r in rows} == {user.person_id}
        assert {(r.principal.kind, r.principal.namespace) for r in rows} == {("human_seat", "anthropic_user")}
        return {(r.owner.team_key, r.owner.reason) for r in rows}

    day_before = date(2026, 8, 31)
    assert owners(d.MOVED_SEAT, c.FIRST_DAY, day_before) == {("storefront", None)}
    assert owners(d.MOVED_SEAT, c.MOVED_ON, c.LAST_DAY) == {("data-platform", None)}
    assert owners(d.LEFT_SEAT, c.FIRST_DAY, c.LEFT_LAST_DAY) == {("payments", None)}
    assert owners(d.LEFT_SEAT, date(2026, 9, 11), c.LAST_DAY) == {(None, "left_company")}
    assert owners(d.DELETED_USER, c.FIRST_DAY, c.LAST_DAY) == {(None, "unknown_user")}
    assert owners(d.SHARED_OUTSIDER_EMAIL, c.FIRST_DAY, c.LAST_DAY) == {(None, "unknown_user")}
    console = {r.principal.kind for r in credit_rows if r.account_id == d.CONSOLE and r.owner.person_id}
    assert console == {"human_api_key"}


def test_every_row_has_a_team_or_a_reason(credit_rows: list[CreditTruth], activity_rows: list[ActivityTruth]) -> None:
    for row in (*credit_rows, *activity_rows):
        assert (row.owner.team_key is None) != (row.owner.reason is None)


def test_null_product_is_other(credit_rows: list[CreditTruth], token_rows: list[TokenTruth]) -> None:
    assert "other" in {r.product for r in credit_rows if r.principal.kind == "human_seat"}
    executed = {
        r.usage_date for r in credit_rows if r.principal.identifier == d.UNTAGGED_KEY.id and r.product == "other"
    }
    assert executed
    assert not [r for r in token_rows if r.principal.identifier == d.UNTAGGED_KEY.id and r.product == "other"]


def test_unpriced_model_keeps_the_vendors_name(token_rows: list[TokenTruth]) -> None:
    assert {r.model for r in token_rows if r.list_value_usd is None} == {"claude-nova-preview"}
    assert all(r.model.startswith("anthropic/") for r in token_rows if r.list_value_usd is not None)


def test_keys_of_one_name_cannot_be_told_apart(
    activity_rows: list[ActivityTruth], credit_rows: list[CreditTruth]
) -> None:
    named = [r.principal for r in activity_rows if r.principal.namespace == "anthropic_api_key_name"]
    assert {(p.prefix, p.identifier, p.kind) for p in named} == {("key_name:", "laptop-shell", "machine_key")}
    assert d.INTERACTIVE_PROD_KEY.id in {r.principal.identifier for r in activity_rows}
    assert d.SAME_NAME_KEY.id in {r.principal.identifier for r in credit_rows}


def test_seats_with_nothing_done_are_not_active(claude: ClaudeUse, activity_rows: list[ActivityTruth]) -> None:
    idle = claude.directory.seat(d.IDLE_SEAT).user_id
    rows = [r for r in activity_rows if r.principal.identifier == idle]
    assert {(r.is_active, r.sessions, r.suggestions) for r in rows} == {(False, 0, 0)}
    assert {r.vendor_estimate_usd for r in activity_rows if r.account_id == d.ENTERPRISE} == {None}


def test_as_of(company: Company) -> None:
    first, last = credits(company, FIRST_AS_OF), credits(company, AS_OF)
    assert max(r.usage_date for r in first) == date(2026, 10, 16)
    assert max(r.usage_date for r in last) == c.LAST_DAY
    seats = [r.usage_date for r in activity(company, FIRST_AS_OF) if r.account_id == d.ENTERPRISE]
    assert max(seats) == date(2026, 10, 15)

    def restated(rows: list[CreditTruth], account: str) -> dict[tuple[str, str], Decimal | None]:
        chosen = (r for r in rows if r.usage_date == c.RESTATED_DAY and r.account_id == account)
        return {(r.product, r.principal.identifier): r.credits for r in chosen}

    for account in (d.CONSOLE, d.ENTERPRISE):
        before, after = restated(first, account), restated(last, account)
        assert set(after) < set(before)
        assert any(after[key] != before[key] for key in after)
