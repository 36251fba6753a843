"""Laws that hold over the marts, whatever the vendor and whatever the company did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from demo import anthropic_directory as ad
from demo import openai_accounts as oa
from demo.constants import AS_OF
from demo.ledger_truth import CreditTruth
from tests.end_to_end import truths as t
from tests.end_to_end.truths import Expected, assert_equal, off_by
from tests.end_to_end.workbench import MARTS, Ask, Row

pytestmark = pytest.mark.xdist_group("demo")

UNITS = {
    ("github_copilot", "ai_credit"),
    ("anthropic", "usd"),
    ("cursor", "usd"),
    ("openai", "usd"),
    ("openai", "codex_credit"),
}
FACTS = ("core.fct_credits_daily", "core.fct_tokens_daily", "core.fct_activity_daily")
IS_HUMAN = f"principal_kind in {t.HUMAN_KINDS}"
SIDES = {"human and machine": IS_HUMAN, "allocated and unattributed": "team_key not like 'unattributed:%'"}


def split_of_truth(
    expected: Expected, is_first: Callable[[CreditTruth], bool]
) -> tuple[dict[Row, Row], dict[Row, Decimal]]:
    """Credits by day, vendor, unit and side, and how far each sum may be off; Copilot's are added by the caller."""
    sums: dict[Row, Decimal] = defaultdict(Decimal)
    off: dict[Row, Decimal] = defaultdict(Decimal)
    for vendor in t.TRUTHS:
        for row in expected.credits(vendor, AS_OF):
            key = (row.usage_date, vendor, row.credit_unit, is_first(row))
            sums[key] += row.credits or 0
            off[key] += off_by(vendor, row.records)
    return {key: (value,) for key, value in sums.items()}, off


def split_of_marts(ask: Ask, condition: str, mart: str = "core.fct_team_credits_daily") -> dict[Row, Row]:
    rows = ask(f"""
        select usage_date, vendor, credit_unit, {condition}, sum(coalesce(credits, 0)) from {mart} group by all
    """)
    return {tuple(key): (value,) for *key, value in rows}


def test_human_and_machine_series_are_the_truth_and_add_up_to_the_whole(ask: Ask, expected: Expected) -> None:
    """What has no principal at all is the third series; it is on the side of the machines here."""
    rows, off = split_of_truth(expected, lambda row: row.principal.kind in t.HUMAN_KINDS)
    copilot: dict[date, Decimal] = defaultdict(Decimal)
    for day, _, amount, _ in expected.github_credits(AS_OF):
        copilot[day] += amount or 0
    rows |= {(day, "github_copilot", "ai_credit", True): (amount,) for day, amount in copilot.items()}
    assert_equal(rows, split_of_marts(ask, IS_HUMAN), {**dict.fromkeys(rows, Decimal(0)), **off})
    for vendor in t.TRUTHS:
        assert {key[3] for key in rows if key[1] == vendor} == {True, False}, "a series is missing"


def test_allocated_and_unattributed_are_the_truth_and_add_up_to_the_whole(ask: Ask, expected: Expected) -> None:
    rows, off = split_of_truth(expected, lambda row: row.owner.team_key is not None)
    copilot: dict[tuple[date, bool], Decimal] = defaultdict(Decimal)
    for day, team, amount, _ in expected.github_credits(AS_OF):
        copilot[day, not team.startswith("unattributed:")] += amount or 0
    rows |= {(day, "github_copilot", "ai_credit", side): (amount,) for (day, side), amount in copilot.items()}
    condition = SIDES["allocated and unattributed"]
    assert_equal(rows, split_of_marts(ask, condition), {**dict.fromkeys(rows, Decimal(0)), **off})
    for vendor in t.VENDORS:
        assert {key[3] for key in rows if key[1] == vendor} == {True, False}, "a side is always empty"


@pytest.mark.parametrize("sides", SIDES)
def test_both_sides_of_the_teams_are_the_total_of_the_facts(ask: Ask, sides: str) -> None:
    """To the last decimal, for each vendor, day and unit: the teams' mart is made of the fact and of nothing else."""
    total: dict[Row, Decimal] = defaultdict(Decimal)
    for (day, vendor, unit, _), (amount,) in split_of_marts(ask, SIDES[sides]).items():
        total[day, vendor, unit] += amount
    whole = ask("""
        select usage_date, vendor, credit_unit, sum(coalesce(credits, 0)) from core.fct_credits_daily group by all
    """)
    assert {tuple(key): amount for *key, amount in whole} == total


def test_values_add_up_as_credits_do(ask: Ask) -> None:
    def values(mart: str) -> list[Row]:
        return ask(
            f"select usage_date, vendor, credit_unit, sum(usage_value_usd) from {mart} group by all order by all"
        )

    assert values("core.fct_team_credits_daily") == values("core.fct_credits_daily")


def test_no_column_is_called_cost(ask: Ask) -> None:
    """Consumption is no bill. A cost center is a place, and FOCUS says which cost: listed, billed, effective.

    What tasks of agents cost stands in marts of its own, which no bill is in, and beside each amount what it rests on.
    """
    schemas = sorted({name.split(".")[0] for name in MARTS})
    columns = ask(f"""
        select table_schema || '.' || table_name, column_name from information_schema.columns
        where table_schema in {tuple(schemas)}
    """)
    assert {name for name, _ in columns} >= set(MARTS)
    found = {place for place in columns if "cost" in place[1].replace("cost_center", "")}
    of_tasks = {place for place in found if place[0].split(".")[0] in ("platform", "engineering")}
    charged = {("finance.fct_billed_charges", f"{which}_cost") for which in ("list", "billed", "effective")}
    assert found - of_tasks == charged
    assert {name for name, column in of_tasks if column == "cost_usd"} <= {
        name for name, column in of_tasks if column == "cost_basis"
    }
    assert not {name for name, column in columns if "billed" in column or "invoiced" in column} & {
        name for name, _ in of_tasks
    }


def test_units_are_never_blended(ask: Ask) -> None:
    """Wherever credits stand, their unit does, and it is one that the vendor has."""
    marts = ask("""
        select table_schema || '.' || table_name from information_schema.columns
        where table_schema in ('core', 'governance', 'platform') and column_name = 'credits'
    """)
    assert {name for (name,) in marts} >= {"core.fct_credits_daily", "core.fct_team_credits_daily"}
    for (name,) in marts:
        found = set(ask(f"select distinct vendor, credit_unit from {name}"))
        assert found <= UNITS, name
    assert set(ask("select distinct vendor, credit_unit from core.fct_team_credits_daily")) == UNITS
    codex = ask("""
        select count(usage_value_usd), sum(credits), count(distinct team_key) from core.fct_team_credits_daily
        where credit_unit = 'codex_credit'
    """)
    assert codex[0][0] == 0, "nobody has said what a Codex credit is worth"
    assert codex[0][1] > 0
    assert codex[0][2] > 1


@pytest.mark.parametrize("name", FACTS)
def test_keys_and_machines_never_have_a_person(ask: Ask, name: str) -> None:
    """Whatever they are tagged as, and whoever made them; a cloud agent that somebody started is that person's."""
    kinds = (*(kind for kind in t.MACHINE_KINDS if kind != "cloud_agent"), "unattributed")
    keys = tuple(key.id for key in ad.API_KEYS) + tuple(key.key_id for key in oa.KEYS)
    machines = f"principal_kind in {kinds} or principal_key in {keys} or principal_key like 'automation:%'"
    assert ask(f"select count(*) > 0 from {name} where {machines}") == [(True,)]
    assert (
        ask(f"select distinct principal_key, person_key from {name} where person_key is not null and ({machines})")
        == []
    )
    assert ask(f"select count(*) from {name} where person_key is null and principal_kind = 'human_seat'") == [(0,)]


def test_a_person_is_no_machine(ask: Ask) -> None:
    machines = ask("""
        select principal_key from core.dim_principal
        where principal_kind in ('machine_key', 'service_account', 'shared_key', 'unattributed')
        intersect select person_key from core.dim_person
    """)
    assert machines == []


@pytest.mark.parametrize("name", FACTS)
def test_facts_and_dimensions_know_each_other(ask: Ask, name: str) -> None:
    for column, dimension, key in (
        ("person_key", "core.dim_person", "person_key"),
        ("team_key", "core.dim_team", "team_key"),
        ("cost_center_key", "core.dim_cost_center", "cost_center_key"),
        ("usage_date", "core.dim_date", "date_day"),
    ):
        unknown = f"select {column} from {name} where {column} is not null except select {key} from {dimension}"
        assert ask(unknown) == [], column
    assert (
        ask(f"""
        select vendor, principal_key, principal_kind from {name}
        except select vendor, principal_key, principal_kind from core.dim_principal
    """)
        == []
    )


@pytest.mark.parametrize("name", FACTS)
def test_a_team_or_a_reason_and_only_listed_kinds(ask: Ask, name: str) -> None:
    assert ask(f"select count(*) from {name} where (team_key is null) = (unattributed_reason is null)") == [(0,)]
    kinds = {kind for (kind,) in ask(f"select distinct principal_kind from {name}")}
    assert kinds <= set(t.KINDS)
    assert {vendor for (vendor,) in ask(f"select distinct vendor from {name}")} >= set(t.TRUTHS)


def test_every_kind_and_every_reason_occurs(ask: Ask) -> None:
    """Else the laws say nothing about it."""
    found = ask("select distinct principal_kind, unattributed_reason from core.fct_credits_daily")
    assert {kind for kind, _ in found} == set(t.KINDS)
    reasons = {"unknown_user", "unmapped_team", "left_company", "no_owner_for_key", "shared_key", None}
    assert {reason for _, reason in found} == reasons


def test_without_a_value_there_is_no_amount_and_never_a_zero(ask: Ask) -> None:
    assert (
        ask("""
        select distinct value_basis from core.fct_credits_daily
        where (usage_value_usd is null) <> (value_basis = 'unpriced')
    """)
        == []
    )
    assert ask("""
        select count(*) from core.fct_credits_daily
        where unpriced_records > records or (credits is null and unpriced_records = 0)
            or (credit_unit = 'usd' and unpriced_records = records and credits is not null)
    """) == [(0,)]
    assert ask("select count(*) from core.fct_tokens_daily where price_id is null and list_value_usd = 0") == [(0,)]


def test_each_basis_of_value_belongs_to_its_vendor(ask: Ask) -> None:
    found = ask("select distinct vendor, value_basis from core.fct_credits_daily where value_basis <> 'unpriced'")
    assert set(found) == {
        ("github_copilot", "credit_price"),
        ("anthropic", "vendor_list"),
        ("cursor", "vendor_charge"),
        ("openai", "list_price"),
    }


def test_token_classes_are_disjoint_and_known(ask: Ask) -> None:
    """Two classes in one would be counted twice: the classes of each vendor are those in which it counts."""
    found = defaultdict(set)
    for vendor, token_type in ask("select distinct vendor, token_type from core.fct_tokens_daily"):
        found[vendor].add(token_type)
    plain = {"input_uncached", "cache_read", "output"}
    assert found == {
        "anthropic": {*plain, "cache_write_5m", "cache_write_1h"},
        "cursor": {*plain, "cache_write"},
        "openai": {*plain, "cache_write"},
    }
    assert ask("select count(*) from core.fct_tokens_daily where tokens <= 0") == [(0,)]


def test_the_same_day_is_the_same_24_hours_for_every_vendor(ask: Ask) -> None:
    """A UTC day ends at the same moment everywhere: the last millisecond and the first one of it are its own."""
    ((first, last),) = ask("""
        select min(usage_hour), max(usage_hour) from core.fct_credits_hourly
        where cast(usage_hour as date) = '2026-08-19'
    """)
    assert (first.hour, last.hour) == (0, 23)
    weeks = ask("""
        select iso_week, count(distinct date_day) from core.dim_date
        where iso_week_start between '2026-06-22' and '2026-10-05' group by iso_week
    """)
    assert {days for _, days in weeks} == {7}
