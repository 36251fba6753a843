"""platform.fct_auth_audit finds what the demo plants, with its evidence and money, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from demo import anthropic_directory as ad
from demo import cursor_constants as cc
from demo import openai_accounts as oa
from demo.constants import AS_OF, DAYS
from demo.cursor_events import Event
from demo.cursor_truth import human, principal, signals
from demo.cursor_use import cursor_use
from demo.ledger_truth import Principal
from demo.openai_use import build_openai_use
from tests.end_to_end.truths import ROUNDED_SUM, Amounts, Expected, assert_equal, keyed, known_sum, off_by
from tests.end_to_end.workbench import Ask, Row

pytestmark = pytest.mark.xdist_group("demo")

SEAT, SPLIT = "seat_used_by_automation", "would_move_if_seat_and_sdk_billing_split"
SEVERAL, INTERACTIVE = "key_in_several_environments", "production_key_used_interactively"
FIRST_DAY_OF_MONTH = AS_OF - timedelta(days=28)
CRON = human(cc.CRON_EMAIL)
# By day, the records and the value of each signal.
Evidence = dict[date, list[tuple[int, Decimal | None]]]

# What the demo plants among the keys, and the environments that speak: tag, words of the name, workspace, client. Words
# for ci in the name of a key or project ("Pricing Batch", "nightly evals") tell what it does, not where it runs.
KEYS_IN_SEVERAL = {
    # Tagged production; somebody has it in his terminal.
    ("anthropic", ad.INTERACTIVE_PROD_KEY.id): "development, production",
    # Tagged staging; its project is called Production.
    ("openai", oa.STAGING_KEY.key_id): "production, staging",
}


def events_by_day(expected: Expected) -> dict[tuple[date, Principal], list[Event]]:
    found: dict[tuple[date, Principal], list[Event]] = defaultdict(list)
    for event in cursor_use(expected.company).full_day_events(AS_OF):
        found[event.day, principal(event)].append(event)
    return found


def is_rhythmic(event: Event, of_day: list[Event]) -> bool:
    """Whether the same minute of eight hours or more has events, and a quarter of the day's."""
    minute = event.instant // 60_000 % 60
    alike = [e for e in of_day if e.instant // 60_000 % 60 == minute]
    return len({e.instant // 3_600_000 for e in alike}) >= 8 and len(alike) * 4 >= len(of_day)


def cursor_findings(expected: Expected) -> tuple[Amounts, dict[Row, Decimal]]:
    """Findings by principal: days and records from the truth's signals, the month's value from the events."""
    by_day = events_by_day(expected)
    days: dict[tuple[Principal, str], Evidence] = defaultdict(lambda: defaultdict(list))
    for signal in signals(expected.company, AS_OF):
        who, of_day = signal.principal, by_day[signal.usage_date, signal.principal]
        seen = [e for e in of_day if (e.is_headless if signal.signal == "headless" else is_rhythmic(e, of_day))]
        cents = known_sum(event.cents for event in seen)
        evidence = (signal.records, None if cents is None else cents / 100)
        if who.kind == "human_seat":
            days[who, SEAT][signal.usage_date].append(evidence)
        # Seats, and the cloud agents that seats start: service accounts have a key of their own.
        if signal.signal == "headless" and who.namespace == "email":
            days[who, SPLIT][signal.usage_date].append(evidence)
    rows, off = {}, {}
    for (who, finding), by_date in days.items():
        records = sum(max(number for number, _ in seen) for seen in by_date.values())
        month = [seen for day, seen in by_date.items() if day >= FIRST_DAY_OF_MONTH]
        strongest = (max((value for _, value in seen if value is not None), default=None) for seen in month)
        key = (expected.key(who), finding, who.kind, len(by_date), records, min(by_date), max(by_date))
        rows[key] = (known_sum(strongest),)
        off[key] = off_by("cursor", records) + ROUNDED_SUM * len(by_date)
    return rows, off


def test_automation_on_cursor_seats_is_what_the_demo_plants(ask: Ask, expected: Expected) -> None:
    rows, off = cursor_findings(expected)
    found = ask("""
        select principal_key, finding, principal_kind, days, records, first_seen_date, last_seen_date, monthly_value_usd
        from platform.fct_auth_audit where vendor = 'cursor'
    """)
    assert_equal(rows, keyed(found, 7), off)


def test_a_seat_with_the_rhythm_of_a_scheduler_is_found(ask: Ask, expected: Expected) -> None:
    """Seven days, ten hours each, always in the same minute, nobody at the keyboard; other seats are not found."""
    rows = ask(f"""
        select principal_key, days, evidence, auth_mode, first_seen_date, last_seen_date from platform.fct_auth_audit
        where finding = '{SEAT}'
    """)
    ((who, days, evidence, auth_mode, first, last),) = rows
    assert (who, days, auth_mode) == (expected.key(CRON), len(cc.CRON_DAYS), "seat")
    assert (first, last) == (min(cc.CRON_DAYS), max(cc.CRON_DAYS))
    assert [said.split(":")[0] for said in evidence.split("; ")] == ["cron_rhythm", "headless"]
    assert evidence.count("days 7") == 2


def test_a_production_key_in_a_terminal_is_found(ask: Ask, expected: Expected) -> None:
    key = ad.INTERACTIVE_PROD_KEY.id
    days = {
        day
        for day in DAYS
        for work in expected.claude.day(day, AS_OF).works
        if work.caller.api_key_id == key and not work.is_remote
    }
    assert len(days) > 5
    found = ask(f"""
        select
            vendor, account_id, principal_key, environment, environment_source, days, first_seen_date, last_seen_date
        from platform.fct_auth_audit where finding = '{INTERACTIVE}'
    """)
    assert found == [("anthropic", ad.CONSOLE, key, "production", "tag", len(days), min(days), max(days))]


def test_keys_in_several_environments_are_found(ask: Ask) -> None:
    found = ask(f"select vendor, principal_key, evidence from platform.fct_auth_audit where finding = '{SEVERAL}'")
    assert {(vendor, key): evidence.split(": ")[1] for vendor, key, evidence in found} == KEYS_IN_SEVERAL
    assert len(found) == len(KEYS_IN_SEVERAL)


def test_the_money_of_a_key_in_several_environments_is_all_that_it_used(ask: Ask, expected: Expected) -> None:
    """The staging key asks for completions only, so every day of it counts."""
    rows = [row for row in expected.credits("openai", AS_OF) if row.principal.identifier == oa.STAGING_KEY.key_id]
    month = [row.usage_value_usd for row in rows if row.usage_date >= FIRST_DAY_OF_MONTH]
    days = {row.usage_date for row in rows}
    uses = build_openai_use(expected.company)
    records = sum(u.api_key_id == oa.STAGING_KEY.key_id for day in DAYS for u in uses.uses(day, AS_OF))
    wanted = {(len(days), records, min(days), max(days)): (known_sum(month),)}
    found = ask(f"""
        select days, records, first_seen_date, last_seen_date, monthly_value_usd from platform.fct_auth_audit
        where principal_key = '{oa.STAGING_KEY.key_id}'
    """)
    assert_equal(wanted, keyed(found, 4), off_by("openai", records))


def test_nothing_else_is_found(ask: Ask) -> None:
    found = set(ask("select distinct vendor, finding from platform.fct_auth_audit"))
    assert found == {
        ("cursor", SEAT),
        ("cursor", SPLIT),
        ("anthropic", SEVERAL),
        ("anthropic", INTERACTIVE),
        ("openai", SEVERAL),
    }


def test_a_tagged_environment_stands_over_a_suggested_one(ask: Ask) -> None:
    """And a suggestion is told as one, with the place that it comes from."""
    found = {
        key: rest
        for key, *rest in ask("""
        select
            principal_key, environment, environment_source, suggested_environment, suggestion_source
        from core.dim_principal where vendor in ('anthropic', 'openai')
        """)
    }
    assert found[oa.PRICING_KEY.key_id] == ["production", "tag", "ci", "key_name"]
    assert found[oa.EMBEDDING_KEY.key_id] == ["development", "tag", "development", "workspace_name"]
    assert found[oa.VOICE_KEY.key_id] == [None, "none", "production", "workspace_name"]
    assert found[ad.UNTAGGED_KEY.id] == [None, "none", "ci", "key_name"]
    assert found[ad.SAME_NAME_KEY.id] == [None, "none", None, None]
