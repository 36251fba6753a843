"""Cursor's special cases in the demo, each by its name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo import constants as c
from demo import cursor_constants as cc
from demo.constants import AS_OF
from demo.cursor_truth import human
from tests.end_to_end.truths import Expected, off_by
from tests.end_to_end.workbench import Ask, Row, pseudonymizer

pytestmark = pytest.mark.xdist_group("demo")

WHOSE = "principal_kind, person_key, team_key, unattributed_reason, cost_center_key"
CURIOUS = human(cc.CURIOUS_EMAIL)


def whose(ask: Ask, key: str, condition: str = "true") -> set[Row]:
    return set(ask(f"select {WHOSE} from core.fct_credits_daily where principal_key = '{key}' and {condition}"))


@pytest.mark.parametrize("account", [cc.RUNNER_ACCOUNT, cc.REPAIR_ACCOUNT], ids=["runner", "repair"])
def test_a_service_account_is_nobody(ask: Ask, account: tuple[str, str, str, int]) -> None:
    """Although Cursor tells an e-mail with its events, and once even that of a person."""
    assert whose(ask, account[0]) == {("service_account", None, None, "no_owner_for_key", None)}
    name = account[1].lower()
    assert ask(f"select count(*) from core.dim_principal where lower(principal_key) = '{name}'") == [(0,)]


def test_a_service_accounts_use_is_not_that_of_the_person_whose_email_it_carries(ask: Ask, expected: Expected) -> None:
    """Otto owns the team, and the repair account acts under his address."""
    use = expected.owners["cursor"].use
    events = use.full_day_events(AS_OF)
    his = [e for e in events if e.email == cc.OWNER_EMAIL and not (e.service_account or e.cloud_agent_id)]
    repairs = [e for e in events if e.service_account == cc.REPAIR_ACCOUNT[:2]]
    assert his
    for key, found in ((expected.key(human(cc.OWNER_EMAIL)), his), (cc.REPAIR_ACCOUNT[0], repairs)):
        records = ask(f"select sum(records) from core.fct_credits_daily where principal_key = '{key}'")
        assert records == [(len(found),)]


def test_a_day_with_more_events_than_a_page_is_complete(ask: Ask) -> None:
    """A thousand events of a loop, beside the usual ones: nothing is lost between pages."""
    ((of_day, usual),) = ask(f"""
        select
            sum(case when usage_date = '{cc.BUSY_DAY}' then records end),
            sum(case when usage_date <> '{cc.BUSY_DAY}' then records end) / count(distinct usage_date)
        from core.fct_credits_daily where principal_key = '{cc.REPAIR_ACCOUNT[0]}'
    """)
    assert 0 <= of_day - cc.BUSY_EVENTS <= 8
    assert usual < 10


def test_an_automation_is_nobodys_seat(ask: Ask) -> None:
    """Momo's address stands in its events."""
    key = f"automation:{cc.AUTOMATION_ID}"
    assert whose(ask, key) == {("cloud_agent", None, None, "no_owner_for_key", None)}
    assert ask(f"select auth_mode, owner_person_key from core.dim_principal where principal_key = '{key}'") == [
        ("unknown", None)
    ]


def test_a_cloud_agent_is_its_owners_and_a_series_of_its_own(ask: Ask, expected: Expected) -> None:
    owner = expected.key(human(cc.MOVED_EMAIL))
    agent = f"cloud_agent:{owner}"
    ((who, team, kind),) = ask(f"""
        select owner_person_key, team_key, principal_kind from core.dim_principal where principal_key = '{agent}'
    """)
    assert ask(f"select owner_person_key, team_key from core.dim_principal where principal_key = '{owner}'") == [
        (who, team)
    ]
    assert kind == "cloud_agent"
    assert {row[0] for row in whose(ask, agent)} == {"cloud_agent"}
    assert {row[1] for row in whose(ask, agent)} == {who}


def test_every_kind_of_event_counts_as_its_product(ask: Ask, expected: Expected) -> None:
    """Una's day, by hand (demo/cursor_curiosities.py): three alike events in one millisecond are three; what errored
    costs nothing; what has no charge is unknown; a kind that nobody knows is kept; included use is no cash."""
    found = {
        product: (records, unpriced, amount)
        for product, records, unpriced, amount in ask(f"""
        select product, records, unpriced_records, credits from core.fct_credits_daily
        where principal_key = '{expected.key(CURIOUS)}' and usage_date = '{cc.CURIOUS_DAY}'
        """)
    }
    by_hand = {
        # 12.5 + 8 + 3.5 + 0 + 1.25 cents.
        "included": (5, 0, Decimal("0.2525")),
        # 7.25 + 2.5 + 3 x 2.61 + 110.54151192626954 cents, and one event without a charge.
        "on_demand": (7, 1, Decimal("1.2812151192626954")),
        "own_api_key": (1, 0, Decimal("0.00585")),
        # Two that errored, 4.75 cents of an unknown kind, and one of no kind without a charge.
        "other": (4, 1, Decimal("0.0475")),
    }
    assert {product: row[:2] for product, row in found.items()} == {key: row[:2] for key, row in by_hand.items()}
    for product, (records, _, amount) in by_hand.items():
        assert abs(found[product][2] - amount) <= off_by("cursor", records)


def test_duplicates_in_one_millisecond_are_all_loaded(ask: Ask) -> None:
    """Without an id, three alike events are three events."""
    found = ask(f"""
        select max(number) from (
            select event_at, email_key, model_name, charged_cents, input_tokens, count(*) as number
            from staging.stg_cursor__usage_events where usage_date = '{cc.CURIOUS_DAY}' group by all
        )
    """)
    assert found == [(3,)]
    tokens = ask(f"""
        select tokens from core.fct_tokens_daily
        where vendor = 'cursor' and usage_date = '{cc.CURIOUS_DAY}' and product = 'on_demand'
            and principal_key = '{pseudonymizer().key("email", cc.CURIOUS_EMAIL)}'
            and model = 'anthropic/claude-sonnet-4-6' and token_type = 'cache_read'
    """)
    assert tokens == [(60_000,)]


def test_the_first_and_the_last_millisecond_of_a_day_are_its_own(ask: Ask, expected: Expected) -> None:
    found = ask(f"""
        select usage_hour::varchar, credits from core.fct_credits_hourly
        where principal_key = '{expected.key(CURIOUS)}'
            and usage_hour in ('{cc.CURIOUS_DAY} 00:00:00', '{cc.CURIOUS_DAY} 23:00:00') order by 1
    """)
    assert found == [
        (f"{cc.CURIOUS_DAY} 00:00:00", Decimal("0.125")),
        (f"{cc.CURIOUS_DAY} 23:00:00", Decimal("0.0725")),
    ]


def test_both_sides_of_a_cycles_edge_count_once(ask: Ask, expected: Expected) -> None:
    """1.015 dollars in the last millisecond of one cycle, 0.5725 in the first of the next: one hour of one day."""
    found = ask(f"""
        select credits, records from core.fct_credits_hourly
        where principal_key = '{expected.key(CURIOUS)}' and product = 'on_demand'
            and usage_hour = '{cc.CYCLE_START:%Y-%m-%d %H}:00:00'
    """)
    assert found == [(Decimal("1.5875"), 2)]


def test_a_moved_person_leaves_history_where_it_was(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.MOVED_EMAIL))
    assert {row[2:] for row in whose(ask, key, f"usage_date < '{c.MOVED_ON}'")} == {("storefront", None, "CC-110")}
    assert {row[2:] for row in whose(ask, key, f"usage_date >= '{c.MOVED_ON}'")} == {("data-platform", None, "CC-200")}


def test_use_after_leaving_is_unattributed(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.LEFT_EMAIL))
    assert {row[2:] for row in whose(ask, key, f"usage_date <= '{c.LEFT_LAST_DAY}'")} == {("payments", None, "CC-100")}
    assert {row[2:] for row in whose(ask, key, f"usage_date > '{c.LEFT_LAST_DAY}'")} == {(None, "left_company", None)}


def test_use_before_the_first_roster_period_is_an_unmapped_team(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.EARLY_EMAIL))
    before = f"usage_date < '{c.EARLY_FIRST_PERIOD_DAY}'"
    assert {row[2:4] for row in whose(ask, key, before)} == {(None, "unmapped_team")}
    assert {row[2:4] for row in whose(ask, key, f"not ({before})")} == {("storefront", None)}


def test_an_email_in_capitals_is_the_same_person(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.MIXED_CASE_EMAIL))
    assert ask(f"""
        select matched_by, person_source, team_key from core.dim_principal
        where vendor = 'cursor' and principal_key = '{key}'
    """) == [("verified_email", "roster", "storefront")]


def test_a_removed_user_whose_email_is_gone_is_nobody(ask: Ask, expected: Expected) -> None:
    """Rena's events lost their address when the cycle was restated: her seat has no use left, the money is there."""
    assert whose(ask, expected.key(human(cc.REMOVED_EMAIL))) == set()
    assert whose(ask, "unattributed", "vendor = 'cursor'") == {("unattributed", None, None, "unknown_user", None)}
    ((first, last, records),) = ask("""
        select min(usage_date), max(usage_date), sum(records) from core.fct_credits_daily
        where vendor = 'cursor' and principal_key = 'unattributed'
    """)
    assert cc.REMOVED_FIRST_DAY <= first <= last <= cc.REMOVED_LAST_USE
    use = expected.owners["cursor"].use
    assert records == sum(e.email is None for e in use.full_day_events(AS_OF))


def test_a_stranger_belongs_to_his_billing_group_of_the_day(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.GROUP_MOVER_EMAIL))
    moved = f"usage_date >= '{cc.GROUP_MOVED_ON}'"
    assert {row[1:4] for row in whose(ask, key, f"not {moved}")} == {(key, "cursor/design-pool", None)}
    assert {row[1:4] for row in whose(ask, key, moved)} == {(key, "cursor/contract-crew", None)}


def test_a_stranger_without_a_group_is_an_unknown_user(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.UNKNOWN_EMAIL))
    assert whose(ask, key) == {("human_seat", key, None, "unknown_user", None)}


def test_a_member_who_only_accepts_completions_is_active_and_spends_nothing(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.TAB_ONLY_EMAIL))
    assert whose(ask, key) == set()
    found = ask(f"select is_active, count(*) from core.fct_activity_daily where principal_key = '{key}' group by 1")
    assert {active for active, _ in found} == {True, False}


def test_a_member_who_does_nothing_has_rows_and_no_active_day(ask: Ask, expected: Expected) -> None:
    key = expected.key(human(cc.IDLE_EMAIL))
    assert ask(f"select distinct is_active from core.fct_activity_daily where principal_key = '{key}'") == [(False,)]


def test_a_model_without_a_price_is_charged_and_not_valued(ask: Ask) -> None:
    """What Cursor charges for it is known; what a price list would say is not."""
    for model in ("harbor-preview-1", "default"):
        found = ask(f"""
            select count(list_value_usd), sum(tokens) > 0, max(model_key) from core.fct_tokens_daily
            where vendor = 'cursor' and model = '{model}'
        """)
        assert found == [(0, True, None)]
    assert ask("""
        select count(*) from core.fct_credits_daily where vendor = 'cursor' and credits is null and unpriced_records = 0
    """) == [(0,)]


def test_included_use_is_not_cash(ask: Ask) -> None:
    """The charge of included use is above zero, and stands under a product of its own."""
    found: dict[str, bool] = dict(
        ask("select product, sum(credits) > 0 from core.fct_credits_daily where vendor = 'cursor' group by 1")
    )
    assert found == {"included": True, "on_demand": True, "own_api_key": True, "other": True}


def test_two_addresses_of_one_person_are_two_seats_and_one_person(ask: Ask, expected: Expected) -> None:
    seats = [expected.key(human(email)) for email in c.TWO_EMAILS]
    ((persons, number),) = ask(f"""
        select count(distinct owner_person_key), count(*) from core.dim_principal
        where vendor = 'cursor' and principal_key in {tuple(seats)}
    """)
    assert (persons, number) == (1, 2)


def test_service_accounts_have_no_activity_of_people(ask: Ask) -> None:
    kinds = ask("select distinct principal_kind from core.fct_activity_daily where vendor = 'cursor'")
    assert kinds == [("human_seat",)]
