"""What nobody knows in the demo, with the money that hangs on it: principals without an owner, unmapped values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from demo import constants as c
from demo import cursor_events, truth
from demo import openai_accounts as oa
from demo.constants import AS_OF, DAYS
from demo.cursor_use import cursor_use
from demo.ledger_truth import NO_OWNER_FOR_KEY, SHARED_KEY, UNKNOWN_USER, CreditTruth, Principal
from demo.openai_prices import MODEL_KEYS, list_value, model_key
from demo.openai_use import build_openai_use
from tests.end_to_end import truths as t
from tests.end_to_end.truths import Expected, assert_equal, keyed, known_sum, off_by
from tests.end_to_end.workbench import Ask, Row, pseudonymizer

pytestmark = pytest.mark.xdist_group("demo")

# The value of a month is that of the 28 days before the as-of day.
FIRST_DAY_OF_MONTH = AS_OF - timedelta(days=28)
UNUSED_KEY = Principal("openai", "machine_key", oa.UNUSED_KEY.key_id)


def gaps(expected: Expected) -> Iterator[tuple[Row, Row, Decimal]]:
    """Rows of the mart: key, amounts, how far they may be off."""
    for vendor, module in t.TRUTHS.items():
        rows: dict[Principal, list[CreditTruth]] = defaultdict(list)
        for row in expected.credits(vendor, AS_OF):
            rows[row.principal].append(row)
        did = {row.principal for row in module.activity(expected.company, AS_OF)}
        for who in {*rows, *did, *([UNUSED_KEY] if vendor == "openai" else [])}:
            yield from vendor_gaps(expected, vendor, who, rows.get(who, []))


def vendor_gaps(
    expected: Expected, vendor: str, who: Principal, rows: list[CreditTruth]
) -> Iterator[tuple[Row, Row, Decimal]]:
    owner = expected.owners[vendor].owner(who, AS_OF)
    is_person = who.kind in t.HUMAN_KINDS and who.namespace is not None
    if owner.person_id or (not is_person and owner.reason not in (NO_OWNER_FOR_KEY, SHARED_KEY, UNKNOWN_USER)):
        return
    source = None
    if is_person:
        shared = expected.outsiders.emails[vendor, who.identifier] in expected.outsiders.shared
        source = "shared_email" if shared else f"{vendor}_account"
    about = (
        who.kind,
        "person_not_in_roster" if is_person else "key_without_owner",
        source,
        owner.team_key,
        owner.reason,
    )
    units: set[str | None] = {row.credit_unit for row in rows}
    for unit in units or {None}:
        found = [row for row in rows if row.credit_unit == unit]
        amounts = values((row.usage_date, row.usage_value_usd) for row in found)
        unpriced = sum(row.unpriced_records for row in found) if unit else None
        off = sum((off_by(vendor, row.records) for row in found), Decimal(0))
        yield (vendor, expected.key(who), unit, *about, unpriced), amounts, off


def github_gaps(expected: Expected) -> Iterator[tuple[Row, Row, Decimal]]:
    rows: dict[int, list[truth.UserDayTruth]] = defaultdict(list)
    for row in truth.user_days(expected.company, AS_OF):
        if row.person_id is None:
            rows[row.user_id].append(row)
    for user_id, days in rows.items():
        email = expected.company.user_by_id[user_id].email
        source = "shared_email" if email in expected.outsiders.shared else "github_account"
        about = ("human_seat", "person_not_in_roster", source, days[-1].team_key, days[-1].unattributed_reason)
        unpriced = sum(row.credits is None for row in days)
        key = ("github_copilot", pseudonymizer().key("github_user", user_id), "ai_credit", *about, unpriced)
        yield key, values((row.usage_date, row.usage_value_usd) for row in days), Decimal(0)


def values(rows: Iterable[tuple[date, Decimal | None]]) -> Row:
    """The value of the last 28 days and of all."""
    rows = list(rows)
    return known_sum(value for day, value in rows if day >= FIRST_DAY_OF_MONTH), known_sum(value for _, value in rows)


def test_identity_gaps_are_all_that_nobody_knows_with_their_money(ask: Ask, expected: Expected) -> None:
    wanted = [*gaps(expected), *github_gaps(expected)]
    found = ask("""
        select
            vendor, principal_key, credit_unit, principal_kind, gap_kind, person_source, team_key, reason,
            unpriced_records, usage_value_usd_28_days, usage_value_usd
        from governance.fct_identity_gaps
    """)
    assert_equal(
        keyed(((*key, *amounts) for key, amounts, _ in wanted), 9),
        keyed(found, 9),
        {key: off for key, _, off in wanted},
    )


def test_the_planted_gaps_are_there(ask: Ask, expected: Expected) -> None:
    found: dict[str, str] = dict(ask("select principal_key, reason from governance.fct_identity_gaps"))
    assert found["sa_4nightlydocs"] == NO_OWNER_FOR_KEY
    assert found["console_no_key"] == UNKNOWN_USER
    assert found[oa.SHARED_KEY.key_id] == SHARED_KEY
    assert found[oa.EVALUATION_KEY.key_id] == NO_OWNER_FOR_KEY
    assert found[oa.UNUSED_KEY.key_id] == NO_OWNER_FOR_KEY
    assert found[str(pseudonymizer().key("openai_user", oa.REMOVED_USER_ID))] == UNKNOWN_USER
    assert {
        pseudonymizer().key("github_user", expected.company.user(login).user_id) for login in c.UNKNOWN_LOGINS
    } <= set(found)


def test_a_gap_is_told_where_money_hangs_on_it_and_for_nobody_else(ask: Ask) -> None:
    """Whatever is unattributed in the facts for want of an owner is a gap, and its value is the same."""
    facts = ask("""
        select vendor, principal_key, credit_unit, sum(usage_value_usd) from core.fct_credits_daily
        where unattributed_reason in ('no_owner_for_key', 'shared_key', 'unknown_user') group by all
    """)
    listed = ask("""
        select vendor, principal_key, credit_unit, usage_value_usd from governance.fct_identity_gaps
        where credit_unit is not null and reason is not null and reason <> 'unmapped_team'
    """)
    assert set(facts) == set(listed)


def test_unmapped_values_are_those_that_the_demo_plants(ask: Ask, expected: Expected) -> None:
    found = ask("""
        select vendor, field, value, tokens, first_seen_date, last_seen_date from governance.fct_unmapped_values
        where field in ('model', 'price')
    """)
    assert set(found) == {*unknown_models(expected), *unpriced_tokens(expected)}
    assert {row[2] for row in found if row[1] == "model"} == {
        *("harbor-preview-1", "claude-nova-preview", "gpt-voice-preview", "gpt-codex-preview"),
        "ft:gpt-5-mini-2025-08-07:quill-harbor::B7xQ",
    }
    others = ask(
        "select distinct vendor, field from governance.fct_unmapped_values where field not in ('model', 'price')"
    )
    assert set(others) == {("cursor", "usage_kind"), ("openai", "credit_price")}, "every tag fits a key"
    assert ask("select count(*) from governance.fct_unmapped_values where records < 1") == [(0,)]


def unknown_models(expected: Expected) -> Iterator[Row]:
    """Models of which no price list knows anything; Cursor's `default` is no model in particular."""
    tokens: dict[tuple[str, str], int] = defaultdict(int)
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    for vendor, module in t.TRUTHS.items():
        for row in module.tokens(expected.company, AS_OF):
            if "/" not in row.model and row.model != "default":
                tokens[vendor, row.model] += row.tokens
                days[vendor, row.model].append(row.usage_date)
    for (vendor, model), number in tokens.items():
        yield vendor, "model", model, number, min(days[vendor, model]), max(days[vendor, model])


def unpriced_tokens(expected: Expected) -> Iterator[Row]:
    """Classes of tokens of a known model for whose tier there is no price: moderation, priority, incentivized."""
    use = build_openai_use(expected.company)
    tokens: dict[str, int] = defaultdict(int)
    days: dict[str, list[date]] = defaultdict(list)
    for row in (row for day in DAYS for row in use.uses(day, AS_OF) if row.model in MODEL_KEYS):
        model, classes = row.model or "", row.tokens.by_type if row.tokens else {}
        for kind, number in classes.items():
            if number and list_value(model, kind, number, row.day, row.tier) is None:
                tier = row.tier if row.tier not in (None, "default") else "standard"
                value = f"{model_key(model)} {kind} {tier}"
                tokens[value] += number
                days[value].append(row.day)
    for value, number in tokens.items():
        yield "openai", "price", value, number, min(days[value]), max(days[value])


def test_a_kind_of_charge_that_nobody_knows_is_kept_and_told(ask: Ask, expected: Expected) -> None:
    events = [e for e in cursor_use(expected.company).full_day_events(AS_OF) if e.kind == cursor_events.UNKNOWN_KIND]
    cents = sum((event.cents or Decimal(0) for event in events), Decimal(0))
    days = {event.day for event in events}
    wanted = {("usage_kind", cursor_events.UNKNOWN_KIND, len(events), min(days), max(days)): (cents / 100,)}
    found = ask("""
        select field, value, records, first_seen_date, last_seen_date, usage_value_usd
        from governance.fct_unmapped_values where vendor = 'cursor' and field = 'usage_kind'
    """)
    assert_equal(wanted, keyed(found, 5), off_by("cursor", len(events)))


def test_a_credit_unit_without_a_price_is_told(ask: Ask, expected: Expected) -> None:
    rows = [row for row in expected.credits("openai", AS_OF) if row.credit_unit == "codex_credit"]
    days = {row.usage_date for row in rows}
    assert ask("""
        select value, records, tokens, usage_value_usd, first_seen_date, last_seen_date
        from governance.fct_unmapped_values where field = 'credit_price'
    """) == [("codex_credit", len(rows), None, None, min(days), max(days))]
