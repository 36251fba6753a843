"""Claude's special cases in the demo, each by its name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo import anthropic_directory as ad
from demo import anthropic_use as au
from demo import constants as c
from demo.anthropic_habits import HIDDEN_CONSOLE, HIDDEN_SEATS
from demo.constants import AS_OF, DAYS, RESTATED_DAY
from demo.ledger_truth import Principal
from tests.end_to_end.truths import Expected
from tests.end_to_end.workbench import Ask, Row, pseudonymizer

pytestmark = pytest.mark.xdist_group("demo")

WHOSE = "principal_kind, person_key, team_key, unattributed_reason, cost_center_key"
CREDITS = "core.fct_credits_daily where vendor = 'anthropic'"
TOKENS = "core.fct_tokens_daily where vendor = 'anthropic'"


def whose(ask: Ask, key: str, condition: str = "true") -> set[Row]:
    return set(ask(f"select {WHOSE} from {CREDITS} and principal_key = '{key}' and {condition}"))


def user_key(user: ad.ClaudeUser) -> str:
    return str(pseudonymizer().key("anthropic_user", user.user_id))


@pytest.mark.parametrize(
    ("key", "expected_owner"),
    [
        (ad.PROD_KEY, ("machine_key", None, "payments", None, "CC-100")),
        (ad.CI_KEY, ("machine_key", None, "site-reliability", None, "CC-140")),
        (ad.SHARED_KEY, ("shared_key", None, None, "shared_key", None)),
        (ad.UNTAGGED_KEY, ("machine_key", None, None, "no_owner_for_key", None)),
        (ad.ARCHIVED_KEY, ("machine_key", None, None, "no_owner_for_key", None)),
    ],
    ids=lambda value: value.name if isinstance(value, ad.ApiKey) else "",
)
def test_a_key_is_its_tags_team_or_nobodys(ask: Ask, key: ad.ApiKey, expected_owner: Row) -> None:
    assert whose(ask, key.id) == {expected_owner}


def test_a_key_is_never_pinned_on_whom_it_acts_as(ask: Ask, expected: Expected) -> None:
    """The notebook key is bound to a user, whom every row of it names; the tag calls it a person's, and still."""
    assert whose(ask, ad.NOTEBOOK_KEY.id) == {("human_api_key", None, "data-platform", None, "CC-200")}
    holder = expected.claude.directory.key_holder
    products = ask(f"select distinct product from {CREDITS} and principal_key = '{user_key(holder)}'")
    assert products == [("claude_code",)], "what the key asked for is not the user's"


def test_a_service_account_is_its_tags_team(ask: Ask) -> None:
    assert whose(ask, ad.SERVICE_ACCOUNT_ID) == {("service_account", None, "data-platform", None, "CC-200")}
    assert ask(f"select auth_mode from core.dim_principal where principal_key = '{ad.SERVICE_ACCOUNT_ID}'") == [
        ("cloud_iam",)
    ]


def test_a_federated_identity_is_a_service_account_without_an_owner(ask: Ask) -> None:
    key = f"federated:{pseudonymizer().key('anthropic_federated', '/'.join(ad.FEDERATED))}"
    assert whose(ask, key) == {("service_account", None, None, "no_owner_for_key", None)}


def test_the_playground_is_a_principal_of_its_own(ask: Ask) -> None:
    """A null key there is no key that was not asked for: the console needs none."""
    assert whose(ask, "console_no_key") == {("unattributed", None, None, "unknown_user", None)}
    assert ask(f"select distinct product from {CREDITS} and principal_key = 'console_no_key'") == [("claude_console",)]


def test_actors_that_nobody_can_see_count_each_for_itself(ask: Ask, expected: Expected) -> None:
    """Rows without an actor are alike and not the same: several of a day add up, none replaces another."""
    assert whose(ask, "unattributed") == {("unattributed", None, None, "unknown_user", None)}
    cents = {"console/quill-harbor": Decimal(0), "enterprise/quill-harbor": Decimal(0)}
    actors: dict[str, set[int]] = {account: set() for account in cents}
    for use in (use for day in DAYS for use in expected.claude.day(day, AS_OF).uses if use.caller.hidden):
        cents[use.account] += sum(part.list_cents for part in use.cost_parts)
        actors[use.account].add(use.caller.hidden or 0)
    assert actors == {"console/quill-harbor": set(HIDDEN_CONSOLE), "enterprise/quill-harbor": set(HIDDEN_SEATS)}
    found: dict[str, Decimal] = dict(
        ask(f"select account_id, sum(credits) from {CREDITS} and principal_key = 'unattributed' group by 1")
    )
    for account, amount in cents.items():
        sandbox = sum(
            (
                part.list_cents
                for day in DAYS
                for use in expected.claude.day(day, AS_OF).uses
                if use.account == account and use.caller == au.Caller()
                for part in use.cost_parts
                if use.product != "claude_console"
            ),
            Decimal(0),
        )
        assert found[account] == (amount + sandbox) / 100


def test_two_keys_of_one_name_are_two_keys_and_one_name_without_a_key(ask: Ask, expected: Expected) -> None:
    """The Claude Code report knows a key's name only: what it tells is neither key's. The money is each one's own."""
    name = expected.key(
        Principal("anthropic", "machine_key", ad.SAME_NAME_KEY.name, "anthropic_api_key_name", "key_name:")
    )
    assert ask(f"select count(*) > 3, max(person_key) from core.fct_activity_daily where principal_key = '{name}'") == [
        (True, None)
    ]
    assert whose(ask, name) == set()
    for key in (ad.ARCHIVED_KEY, ad.SAME_NAME_KEY):
        assert ask(f"select count(*) from core.fct_activity_daily where principal_key = '{key.id}'") == [(0,)]
        assert whose(ask, key.id)


def test_a_key_that_was_archived_keeps_its_history(ask: Ask) -> None:
    key = ad.ARCHIVED_KEY
    found = ask(f"select max(usage_date) <= '{key.last_use}' from {CREDITS} and principal_key = '{key.id}'")
    assert found == [(True,)]


def test_one_person_with_both_accounts_has_a_key_of_his_own_and_a_seat(ask: Ask, expected: Expected) -> None:
    users = expected.claude.directory.users
    ids = [user.person_id for user in users if user.person_id]
    (person_id,) = {one for one in ids if ids.count(one) > 1}
    kinds = {
        kind
        for user in users
        if user.person_id == person_id
        for kind, person, *_ in whose(ask, user_key(user))
        if person == pseudonymizer().key("person", person_id)
    }
    assert kinds == {"human_api_key", "human_seat"}


def test_an_email_in_capitals_is_the_same_person(ask: Ask, expected: Expected) -> None:
    users = [user for user in expected.claude.directory.users if user.email and user.email.isupper()]
    assert users
    for user in users:
        found = ask(f"select matched_by, team_key from core.dim_principal where principal_key = '{user_key(user)}'")
        assert found == [("verified_email", "quality-tools")]


def test_a_deleted_account_without_an_email_stands_for_itself(ask: Ask, expected: Expected) -> None:
    (user,) = (user for user in expected.claude.directory.users if user.email is None)
    assert whose(ask, user_key(user)) == {("human_seat", user_key(user), None, "unknown_user", None)}


def test_a_moved_person_leaves_history_where_it_was(ask: Ask, expected: Expected) -> None:
    key = user_key(expected.claude.directory.seat(ad.MOVED_SEAT))
    assert {row[2] for row in whose(ask, key, f"usage_date < '{c.MOVED_ON}'")} == {"storefront"}
    assert {row[2] for row in whose(ask, key, f"usage_date >= '{c.MOVED_ON}'")} == {"data-platform"}


def test_use_after_leaving_is_unattributed(ask: Ask, expected: Expected) -> None:
    user = expected.claude.directory.seat(ad.LEFT_SEAT)
    assert user.is_deleted
    key = user_key(user)
    assert {row[2:4] for row in whose(ask, key, f"usage_date <= '{c.LEFT_LAST_DAY}'")} == {("payments", None)}
    after = ask(f"""
        select distinct team_key, unattributed_reason from core.fct_activity_daily
        where principal_key = '{key}' and usage_date > '{c.LEFT_LAST_DAY}'
    """)
    assert after == [(None, "left_company")]


def test_a_seat_that_is_listed_and_idle_is_not_active(ask: Ask, expected: Expected) -> None:
    key = user_key(expected.claude.directory.seat(ad.IDLE_SEAT))
    assert whose(ask, key) == set()
    assert ask(f"select distinct is_active from core.fct_activity_daily where principal_key = '{key}'") == [(False,)]


def test_refused_requests_count_tokens_and_no_money(ask: Ask, expected: Expected) -> None:
    """Usage has them, cost has not: the tokens of the key's days with a refusal are worth more than it was charged."""
    refused = {use.day for day in DAYS for use in expected.claude.day(day, AS_OF).uses if use.is_refused}
    assert refused
    days = ", ".join(f"'{day}'" for day in sorted(refused))
    ((charged, value),) = ask(f"""
        select
            (select sum(credits) from {CREDITS} and principal_key = '{ad.PROD_KEY.id}' and usage_date in ({days})),
            (select sum(list_value_usd) from {TOKENS} and principal_key = '{ad.PROD_KEY.id}' and usage_date in ({days}))
    """)
    assert value > charged


def test_batch_and_us_inference_have_their_prices(ask: Ask, expected: Expected) -> None:
    """Half for batch, ten percent more in the US, both together: the nightly batch's tokens at Sonnet's price."""
    ((value, tokens),) = ask(f"""
        select sum(list_value_usd), sum(tokens) from {TOKENS}
        and principal_key = '{ad.CI_KEY.id}' and token_type = 'output'
    """)
    uses = [
        use for day in DAYS for use in expected.claude.day(day, AS_OF).uses if use.caller.api_key_id == ad.CI_KEY.id
    ]
    assert {use.service_tier for use in uses} == {"batch"}
    assert {use.inference_geo for use in uses} == {"us", "global"}
    in_us = sum(use.tokens.output for use in uses if use.inference_geo == "us")
    assert tokens == sum(use.tokens.output for use in uses)
    assert value == (in_us * Decimal("8.25") + (tokens - in_us) * Decimal("7.5")) / 1_000_000


def test_writes_into_the_one_hour_cache_have_their_own_price(ask: Ask) -> None:
    found = ask(f"""
        select distinct token_type, cast(round(list_value_usd * 1000000 / tokens, 4) as decimal(9, 4)) from {TOKENS}
        and model = 'anthropic/claude-haiku-4-5' and token_type like 'cache_write%'
    """)
    assert sorted(found) == [("cache_write_1h", Decimal(2)), ("cache_write_5m", Decimal("1.25"))]


def test_a_model_without_a_public_price_is_charged_and_not_valued(ask: Ask) -> None:
    found = ask(f"""
        select count(list_value_usd), count(*) > 5, min(usage_date) >= '{au.UNPRICED_FROM}' from {TOKENS}
        and model = '{au.UNPRICED}'
    """)
    assert found == [(0, True, True)]


def test_costs_other_than_tokens_are_in_the_ledger(ask: Ask, expected: Expected) -> None:
    """Web searches, sandboxes and agents' sessions have no tokens and cost all the same."""
    parts = [
        part
        for day in DAYS
        for use in expected.claude.day(day, AS_OF).uses
        for part in use.cost_parts
        if part.cost_type != "tokens"
    ]
    assert {part.cost_type for part in parts} == {"web_search", "code_execution", "session_usage"}
    whole = sum(
        part.list_cents for day in DAYS for use in expected.claude.day(day, AS_OF).uses for part in use.cost_parts
    )
    assert ask(f"select sum(credits) from {CREDITS}") == [(whole / 100,)]


def test_what_is_billed_is_in_no_credits(ask: Ask) -> None:
    """The cost report is after the discount: list prices are the ledger's, what is billed is finance's."""
    ((listed, billed),) = ask("""
        select sum(list_amount_cents), sum(amount_cents) from raw_anthropic.analytics_costs
        where report_load_key in (select report_load_key from staging.stg_anthropic__current_reports)
    """)
    assert billed < listed
    assert ask(f"select sum(credits) from {CREDITS}") == [(listed / 100,)]


def test_a_row_that_a_restatement_removed_is_gone(ask: Ask, expected: Expected) -> None:
    outsider = user_key(expected.claude.directory.seat(ad.SHARED_OUTSIDER_EMAIL))
    for key in (ad.SHARED_KEY.id, outsider):
        assert whose(ask, key, f"usage_date = '{RESTATED_DAY}'") == set()
    gone = {ad.SHARED_KEY.id, expected.claude.directory.seat(ad.SHARED_OUTSIDER_EMAIL).user_id}
    before = expected.claude.preliminary.uses
    assert gone <= {text for use in before for text in (use.caller.api_key_id, use.caller.user_id) if text}


def test_the_estimate_of_claude_code_is_beside_the_money_not_in_it(ask: Ask) -> None:
    ((estimate, basis),) = ask("""
        select
            (select sum(vendor_estimate_usd) from core.fct_activity_daily where vendor = 'anthropic'),
            (select count(*) from core.fct_credits_daily where vendor = 'anthropic' and value_basis = 'vendor_estimate')
    """)
    assert estimate > 0
    assert basis == 0
