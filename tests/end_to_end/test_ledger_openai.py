"""OpenAI's special cases in the demo, each by its name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo import constants as c
from demo import openai_accounts as oa
from demo import openai_workloads as ow
from demo.constants import AS_OF, DAYS
from demo.openai_use import IDLE_DAY, IDLE_ROW_DAY, build_openai_use
from tests.end_to_end.truths import Expected, known_sum
from tests.end_to_end.workbench import Ask, Row, pseudonymizer

pytestmark = pytest.mark.xdist_group("demo")

WHOSE = "principal_kind, person_key, team_key, unattributed_reason, cost_center_key"
CREDITS = "core.fct_credits_daily where vendor = 'openai'"
TOKENS = "core.fct_tokens_daily where vendor = 'openai'"
WITHOUT_TOKENS = (
    *("images", "audio_speeches", "audio_transcriptions", "vector_stores", "code_interpreter_sessions"),
    *("file_search_calls", "web_search_calls"),
)


def whose(ask: Ask, key: str, condition: str = "true") -> set[Row]:
    return set(ask(f"select {WHOSE} from {CREDITS} and principal_key = '{key}' and {condition}"))


def user_key(identifier: str) -> str:
    return str(pseudonymizer().key("openai_user", identifier))


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        (oa.SEARCH_KEY, ("service_account", None, "storefront", None, "CC-110")),
        (oa.CODEX_KEY, ("machine_key", None, "quality-tools", None, "CC-140")),
        # Tagged with an environment, not with a team.
        (oa.STAGING_KEY, ("machine_key", None, None, "no_owner_for_key", None)),
        (oa.SHARED_KEY, ("shared_key", None, None, "shared_key", None)),
        # Without a tag: made by a person, whose use it is not; and one of a service account that lost its access.
        (oa.EVALUATION_KEY, ("machine_key", None, None, "no_owner_for_key", None)),
        (oa.VOICE_KEY, ("service_account", None, None, "no_owner_for_key", None)),
        (oa.NOTEBOOK_KEY, ("human_api_key", None, "machine-learning", None, "CC-210")),
        # Its project is archived.
        (oa.PILOT_KEY, ("machine_key", None, None, "no_owner_for_key", None)),
    ],
    ids=lambda value: value.key_id if isinstance(value, oa.Key) else "",
)
def test_a_key_is_its_tags_team_or_nobodys(ask: Ask, key: oa.Key, owner: Row) -> None:
    assert whose(ask, key.key_id) == {owner}


def test_a_key_counts_before_the_user_whom_its_rows_name(ask: Ask) -> None:
    """OpenAI tells the maker of the evaluation key with every row of it; he has no row of his own."""
    maker = user_key(oa.EVALUATION_KEY.owner_id)
    assert whose(ask, maker) == set()
    assert ask(f"select count(*) from core.fct_activity_daily where principal_key = '{maker}'") == [(0,)]


def test_use_without_key_or_user_is_nobodys(ask: Ask) -> None:
    assert whose(ask, "unattributed") == {("unattributed", None, None, "unknown_user", None)}


def test_a_removed_user_stands_for_himself(ask: Ask) -> None:
    key = user_key(oa.REMOVED_USER_ID)
    assert whose(ask, key) == {("human_api_key", key, None, "unknown_user", None)}


def test_a_codex_seat_without_an_email_stands_for_itself(ask: Ask) -> None:
    key = user_key(oa.CODEX_WITHOUT_EMAIL_ID)
    assert whose(ask, key) == {("human_seat", key, None, "unknown_user", None)}


def test_a_moved_person_leaves_history_where_it_was(ask: Ask) -> None:
    """And is found although the vendor spells the address with capitals."""
    key = user_key(oa.MOMO_ID)
    assert {row[2] for row in whose(ask, key, f"usage_date < '{c.MOVED_ON}'")} == {"storefront"}
    assert {row[2] for row in whose(ask, key, f"usage_date >= '{c.MOVED_ON}'")} == {"data-platform"}


def test_use_after_leaving_is_unattributed(ask: Ask) -> None:
    after, lena = f"usage_date > '{c.LEFT_LAST_DAY}'", user_key(oa.LENA_ID)
    seats = ask(f"""
        select distinct team_key, unattributed_reason from {CREDITS} and product = 'codex' and {after}
            and person_key in (select owner_person_key from core.dim_principal where principal_key = '{lena}')
    """)
    assert seats == [(None, "left_company")]
    assert {row[2:4] for row in whose(ask, lena, f"not {after}")} == {("payments", None)}


def test_use_before_the_first_roster_period_is_an_unmapped_team(ask: Ask) -> None:
    before = f"usage_date < '{c.EARLY_FIRST_PERIOD_DAY}'"
    assert {row[2:4] for row in whose(ask, user_key(oa.ERIK_ID), before)} == {(None, "unmapped_team")}


@pytest.mark.parametrize("model", [ow.FINE_TUNED, ow.VOICE, "gpt-codex-preview"])
def test_a_model_without_a_price_has_no_value(ask: Ask, model: str) -> None:
    found = ask(f"select count(list_value_usd), sum(tokens) > 0, max(model_key) from {TOKENS} and model = '{model}'")
    assert found == [(0, True, None)]


def test_a_key_of_which_nothing_has_a_price_is_unpriced(ask: Ask) -> None:
    found = ask(f"""
        select distinct value_basis, credits is null, unpriced_records = records from {CREDITS}
        and principal_key = '{oa.VOICE_KEY.key_id}'
    """)
    assert found == [("unpriced", True, True)]


def test_the_incentivized_tier_is_unpriced_beside_what_has_a_price(ask: Ask, expected: Expected) -> None:
    """Tokens that OpenAI gives for shared data have no list price: NULL, and told as such, never at another's price."""
    use = build_openai_use(expected.company)
    rows = [u for day in DAYS for u in use.uses(day, AS_OF) if u.api_key_id == oa.STAGING_KEY.key_id]
    given = [u for u in rows if u.tier == "incentivized-tier"]
    found = ask(
        f"select sum(records), sum(unpriced_records) from {CREDITS} and principal_key = '{oa.STAGING_KEY.key_id}'"
    )
    assert found == [(len(rows), len(given))]
    assert 0 < len(given) < len(rows)


def test_batch_costs_half(ask: Ask, expected: Expected) -> None:
    """The nightly pricing run: all its completions of GPT-5 are batch."""
    ((value, tokens),) = ask(f"""
        select sum(list_value_usd), sum(tokens) from {TOKENS}
        and principal_key = '{oa.PRICING_KEY.key_id}' and model = 'openai/gpt-5' and token_type = 'output'
    """)
    assert abs(value - tokens * Decimal(5) / 1_000_000) < Decimal("1e-6")
    use = build_openai_use(expected.company)
    assert tokens == sum(
        u.tokens.by_type["output"]
        for day in DAYS
        for u in use.uses(day, AS_OF)
        if u.api_key_id == oa.PRICING_KEY.key_id and u.model == ow.GPT and u.tokens
    )


def test_cached_tokens_are_not_input_twice(ask: Ask, expected: Expected) -> None:
    """OpenAI's input contains what was cached and written to the cache; the ledger's classes do not overlap."""
    use = build_openai_use(expected.company)
    classes: dict[str, int] = {}
    for tokens in (u.tokens for day in DAYS for u in use.uses(day, AS_OF) if u.model == ow.LUNA):
        for kind, number in tokens.by_type.items() if tokens else ():
            classes[kind] = classes.get(kind, 0) + number
    found: dict[str, int] = dict(
        ask(f"select token_type, sum(tokens) from {TOKENS} and model = 'openai/gpt-5.6-luna' group by 1")
    )
    assert found == classes
    assert set(classes) == {"input_uncached", "cache_read", "cache_write", "output"}


def test_endpoints_that_count_no_tokens_are_told_and_unpriced(ask: Ask) -> None:
    found = ask(f"""
        select product, bool_and(credits is null and value_basis = 'unpriced' and records = unpriced_records)
        from {CREDITS} and product in {WITHOUT_TOKENS} group by product
    """)
    assert dict(found) == dict.fromkeys(WITHOUT_TOKENS, True)
    assert ask(f"select count(*) from {TOKENS} and product in {WITHOUT_TOKENS}") == [(0,)]


def test_codex_credits_are_credits_without_a_value(ask: Ask, expected: Expected) -> None:
    """Nobody has said what one is worth, and its tokens at list prices are another number."""
    rows = [row for row in expected.credits("openai", AS_OF) if row.credit_unit == "codex_credit"]
    found = ask(f"""
        select sum(credits), count(usage_value_usd), min(value_basis), max(value_basis), sum(unpriced_records)
        from {CREDITS} and credit_unit = 'codex_credit'
    """)
    assert found == [(known_sum(row.credits for row in rows), 0, "unpriced", "unpriced", len(rows))]
    assert ask(f"select sum(list_value_usd) > 0 from {TOKENS} and product = 'codex'") == [(True,)]


def test_costs_of_the_organisation_are_in_no_credits(ask: Ask) -> None:
    ((billed, ledger),) = ask(f"""
        select (select sum(amount) from staging.stg_openai__costs), (select sum(usage_value_usd) from {CREDITS})
    """)
    assert billed > 0
    assert billed != ledger


def test_a_day_without_use_has_no_rows_and_a_row_of_zeros_is_no_use(ask: Ask) -> None:
    for day in (IDLE_DAY, IDLE_ROW_DAY):
        assert ask(f"select count(*) from {CREDITS} and usage_date = '{day}'") == [(0,)]
        assert ask(
            f"select count(*) from core.fct_activity_daily where vendor = 'openai' and usage_date = '{day}'"
        ) == [(0,)]
    reports = ask(f"""
        select count(*) from staging.stg_openai__current_reports
        where report = 'usage-completions' and report_date in ('{IDLE_DAY}', '{IDLE_ROW_DAY}')
    """)
    assert reports == [(2,)], "both days were read, and are no holes"
