"""Usage events of the invented company in Cursor, as they happen."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Literal
from uuid import UUID

from demo import constants as c
from demo import cursor_constants as cc
from demo.cursor_members import Member
from demo.cursor_models import FEE_CENTS_PER_TOKEN, MODEL_BY_NAME, MODELS, Model, model_cents

Product = Literal["included", "on_demand", "own_api_key", "other"]

# How the API spells what is billed how: in words, and as its newer enumeration.
INCLUDED = ("Included in Business", "USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS")
ON_DEMAND = ("Usage-based", "USAGE_EVENT_KIND_USAGE_BASED")
OWN_KEY = ("User API Key", "USAGE_EVENT_KIND_USER_API_KEY")
ERRORED = ("Errored, No Charge", "USAGE_EVENT_KIND_ERRORED_NOT_CHARGED")
ABORTED = ("Aborted, No Charge", "USAGE_EVENT_KIND_ABORTED_NOT_CHARGED")
FREE = ("Free", "USAGE_EVENT_KIND_FREE_CREDIT")
CUSTOM = "USAGE_EVENT_KIND_CUSTOM_SUBSCRIPTION"
UNSPECIFIED = "USAGE_EVENT_KIND_UNSPECIFIED"
UNKNOWN_KIND = "Tall Ship Promotion"

# What the ledger calls each of them (seed cursor_usage_kinds), written down by hand.
PRODUCTS: dict[str, Product] = {
    **dict.fromkeys((*INCLUDED, CUSTOM, *FREE), "included"),
    **dict.fromkeys((*ON_DEMAND, "On-Demand"), "on_demand"),
    **dict.fromkeys(OWN_KEY, "own_api_key"),
    **dict.fromkeys((*ERRORED, *ABORTED, UNSPECIFIED, UNKNOWN_KIND), "other"),
}
NOT_CHARGED = frozenset((*ERRORED, *ABORTED))


@dataclass(frozen=True)
class Event:
    """A usage event. None is a field that the API leaves out; `no_tokens` is how it tells that there are no tokens."""

    instant: int
    email: str | None
    model: str
    kind: str
    charged_cents: Decimal | None
    tokens: tuple[tuple[str, int], ...] = ()
    total_cents: Decimal | None = None
    discount_percent: int | None = None
    fee_cents: Decimal | None = None
    no_tokens: Literal["", "empty", "null", "absent"] = ""
    is_headless: bool = False
    max_mode: bool = False
    conversation_id: str | None = None
    service_account: tuple[str, str] | None = None
    cloud_agent_id: str | None = None
    automation_id: str | None = None

    @property
    def day(self) -> date:
        """The UTC day."""
        return cc.utc_day(self.instant)

    @property
    def product(self) -> Product:
        """By what the ledger keeps it apart."""
        return PRODUCTS[self.kind]

    @property
    def cents(self) -> Decimal | None:
        """What is known to be charged: nothing for what failed, unknown where the API does not say."""
        return Decimal(0) if self.charged_cents is None and self.kind in NOT_CHARGED else self.charged_cents

    def token_counts(self) -> dict[str, int]:
        """Tokens by type."""
        return dict(self.tokens)


def double(value: Decimal) -> Decimal:
    """The number as JSON writes a double."""
    return Decimal(repr(float(value)))


def single(value: Decimal) -> Decimal:
    """The number after a stay in 32 bits, as JSON writes it: 70.82691 becomes 70.82691192626953."""
    narrow: float = struct.unpack("f", struct.pack("f", float(value)))[0]
    return Decimal(repr(narrow))


def priced(event: Event, discount_percent: int | None = None, extra_fee: Decimal = Decimal(0)) -> Event:
    """The event with its cost: the model's price less the discount, plus the fee."""
    model = MODEL_BY_NAME[event.model]
    total = Decimal(0) if event.kind in OWN_KEY else model_cents(model, event.day, event.token_counts())
    if total is None or not event.tokens:
        return event
    total = single(total)
    number = sum(count for _, count in event.tokens)
    fee = double(FEE_CENTS_PER_TOKEN * number + extra_fee) if model.is_third_party else None
    charged = double(total * (100 - (discount_percent or 0)) / 100 + (fee or 0))
    return replace(event, total_cents=total, discount_percent=discount_percent, fee_cents=fee, charged_cents=charged)


def draw_member_events(member: Member) -> Iterator[Event]:
    """Everything that a member does by hand or lets cloud agents do."""
    rng = Random(f"{c.SEED}/cursor/{member.email}")
    if not member.intensity:
        return
    for day in c.DAYS:
        at_work = day.weekday() < 5 and day not in c.HOLIDAYS
        number = round(rng.gauss(5, 3) * member.intensity) if rng.random() < (0.9 if at_work else 0.08) else 0
        skipped = (day, member.address) == (cc.CURIOUS_DAY, cc.CURIOUS_EMAIL)
        for _ in range(number):
            event = draw_event(rng, day, member.address)
            if member.joined_on <= day <= member.last_use and not skipped:
                yield event
                if rng.random() < 0.002:
                    yield event


def draw_event(rng: Random, day: date, email: str) -> Event:
    """One event of a working day."""
    instant = cc.midnight(day) + rng.randrange(6 * 3_600_000, 18 * 3_600_000)
    return _charge(rng, _about(rng, instant, email))


def _about(rng: Random, instant: int, email: str) -> Event:
    model = rng.choices(MODELS, [model.weight for model in MODELS])[0]
    is_cloud = rng.random() < 0.04
    conversation = str(UUID(int=rng.getrandbits(128))) if rng.random() < 0.8 else None
    return Event(
        instant,
        email,
        model.name,
        _draw_kind(rng, email),
        None,
        tokens=_draw_tokens(rng, model),
        is_headless=is_cloud,
        max_mode=rng.random() < 0.1,
        conversation_id=conversation,
        cloud_agent_id=f"bc-{UUID(int=rng.getrandbits(128))}" if is_cloud else None,
    )


def _draw_kind(rng: Random, email: str) -> str:
    spelling = 0 if rng.random() < 0.7 else 1
    if email == cc.OWN_KEY_EMAIL and rng.random() < 0.5:
        return OWN_KEY[spelling]
    choice = rng.random()
    if choice < 0.955:
        return (INCLUDED if choice < 0.62 else ON_DEMAND)[spelling]
    rest = ((0.975, ERRORED[spelling]), (0.985, ABORTED[spelling]), (0.992, FREE[spelling]), (0.996, CUSTOM))
    return next((kind for limit, kind in rest if choice < limit), UNKNOWN_KIND)


def _draw_tokens(rng: Random, model: Model) -> tuple[tuple[str, int], ...]:
    """Tokens of one request; together below every long-context step."""
    written = min(int(rng.lognormvariate(9.4, 1.0)), 60_000) if model.caches_writes else 0
    counts = {
        "input_uncached": min(int(rng.lognormvariate(7.0, 1.3)), 40_000),
        "cache_read": min(int(rng.lognormvariate(10.9, 0.9)), 90_000),
        "cache_write": written,
        "output": min(int(rng.lognormvariate(7.4, 0.9)), 16_000),
    }
    return tuple(counts.items())


def _charge(rng: Random, event: Event) -> Event:
    choice = rng.random()
    if event.kind in NOT_CHARGED:
        charged = Decimal(0) if choice < 0.5 else None
        return replace(event, tokens=(), no_tokens="absent", charged_cents=charged)
    if event.kind in FREE:
        return replace(event, charged_cents=Decimal(0))
    if not MODEL_BY_NAME[event.model].prices:
        return replace(event, charged_cents=single(Decimal(rng.randrange(20, 900)) / 100))
    if event.kind not in OWN_KEY and choice < 0.03:
        said: Literal["empty", "null", "absent"] = "empty" if choice < 0.015 else "null" if choice < 0.02 else "absent"
        return replace(event, tokens=(), no_tokens=said, charged_cents=Decimal(rng.randrange(100, 4000)) / 100)
    if choice < 0.034:
        return replace(priced(event), charged_cents=None)
    discounted = event.model == "claude-4.6-sonnet" and choice > 0.8
    return priced(event, 10 if discounted else None)


def draw_machine_events() -> Iterator[Event]:
    """Service accounts and an automation: every day, around the clock."""
    rng = Random(f"{c.SEED}/cursor/machines")
    for day in c.DAYS:
        for account_id, name, email, number in (cc.RUNNER_ACCOUNT, cc.REPAIR_ACCOUNT):
            for _ in range(rng.randint(number - 3, number + 3)):
                event = _at_any_time(rng, draw_event(rng, day, email))
                yield replace(event, service_account=(account_id, name), cloud_agent_id=None, is_headless=True)
        for _ in range(rng.randint(1, 4)):
            event = _at_any_time(rng, draw_event(rng, day, cc.AUTOMATION_EMAIL))
            run = f"bc-{UUID(int=rng.getrandbits(128))}"
            yield replace(event, automation_id=cc.AUTOMATION_ID, cloud_agent_id=run, is_headless=True)


def draw_busy_day() -> Iterator[Event]:
    """A service account in a loop, for three hours."""
    rng = Random(f"{c.SEED}/cursor/busy")
    account_id, name, email, _ = cc.REPAIR_ACCOUNT
    for _ in range(cc.BUSY_EVENTS):
        event = draw_event(rng, cc.BUSY_DAY, email)
        instant = cc.midnight(cc.BUSY_DAY) + rng.randrange(10 * 3_600_000, 13 * 3_600_000)
        yield replace(event, instant=instant, service_account=(account_id, name), cloud_agent_id=None, is_headless=True)


def _at_any_time(rng: Random, event: Event) -> Event:
    # Whoever prices by the day of the event must find the same price: the day stays.
    return replace(event, instant=cc.midnight(event.day) + rng.randrange(86_400_000))


def draw_cron_events() -> Iterator[Event]:
    """A person whose seat works every other hour at the same minute."""
    rng = Random(f"{c.SEED}/cursor/cron")
    for day in cc.CRON_DAYS:
        for hour in cc.CRON_HOURS:
            event = draw_event(rng, day, cc.CRON_EMAIL)
            second = rng.randrange(60_000)
            instant = cc.midnight(day) + hour * 3_600_000 + cc.CRON_MINUTE * 60_000 + second
            yield replace(event, instant=instant, is_headless=True, cloud_agent_id=None)
