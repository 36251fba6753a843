"""The invented company's use of Cursor: seats, usage events in two versions, and each member's days."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from random import Random

from demo import constants as c
from demo import cursor_constants as cc
from demo.company import Company
from demo.cursor_curiosities import curious_events, cycle_edge_events
from demo.cursor_events import (
    INCLUDED,
    ON_DEMAND,
    OWN_KEY,
    Event,
    draw_busy_day,
    draw_cron_events,
    draw_machine_events,
    draw_member_events,
    priced,
)
from demo.cursor_members import Member, enrol
from demo.cursor_models import CURSOR_MODEL_ALIASES, MODEL_BY_NAME
from demo.people import Person


@dataclass(frozen=True)
class MemberDay:
    """What daily usage counts of a member on a day."""

    accepted_lines_added: int = 0
    accepted_lines_deleted: int = 0
    applies: int = 0
    accepts: int = 0
    rejects: int = 0
    tabs_shown: int = 0
    tabs_accepted: int = 0
    composer_requests: int = 0
    chat_requests: int = 0
    agent_requests: int = 0
    cmdk_usages: int = 0
    included_requests: int = 0
    own_key_requests: int = 0
    on_demand_requests: int = 0
    most_used_model: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether Cursor counted anything."""
        return self != MemberDay()


NOTHING = MemberDay()


@dataclass(frozen=True)
class CursorUse:
    """Everything that is so in the Cursor team. `first` and `final` are events before and after the correction."""

    members: tuple[Member, ...]
    first: tuple[Event, ...]
    final: tuple[Event, ...]
    member_days: dict[tuple[str, date], MemberDay]

    def events(self, as_of: date) -> tuple[Event, ...]:
        """The events that Cursor knows on a date, oldest first; of the day itself only the first hours."""
        known, instants = (
            (self.first, self._first_instants) if as_of < cc.RESTATED_ON else (self.final, self._final_instants)
        )
        return known[: bisect_left(instants, cc.milliseconds(cc.now(as_of)))]

    def full_day_events(self, as_of: date) -> list[Event]:
        """The events of the days that are over on a date."""
        end = cc.midnight(as_of)
        return [event for event in self.events(as_of) if event.instant < end]

    def member_day(self, member: Member, day: date, as_of: date) -> MemberDay | None:
        """A member's day; None where he has no seat or the day has not begun. The day itself is half told."""
        if day > as_of or not member.is_member_on(day):
            return None
        counted = self.member_days.get((member.address, day), NOTHING)
        return _half(counted) if day == as_of else counted

    def member_by_email(self, email: str | None) -> Member | None:
        """The member with that e-mail, however it is written."""
        return self._by_email.get(email.lower()) if email else None

    @cached_property
    def _by_email(self) -> dict[str, Member]:
        return {member.address: member for member in self.members}

    @cached_property
    def _first_instants(self) -> list[int]:
        return [event.instant for event in self.first]

    @cached_property
    def _final_instants(self) -> list[int]:
        return [event.instant for event in self.final]


def cursor_use(company: Company) -> CursorUse:
    """The Cursor team of the company; computed once."""
    return _cursor_use(company.people)


@lru_cache(maxsize=2)
def _cursor_use(people: tuple[Person, ...]) -> CursorUse:
    members = enrol(people)
    drawn = [event for member in members for event in draw_member_events(member)]
    drawn += [*draw_machine_events(), *draw_cron_events(), *draw_busy_day(), *curious_events(), *cycle_edge_events()]
    drawn.sort(key=lambda event: event.instant)
    first, final = _restate(drawn)
    return CursorUse(members, tuple(first), tuple(final), _count_days(members, drawn))


def _restate(drawn: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """The events as first told and as told after the correction of the running cycle.

    Corrected, some cost less (a discount came), some more (a fee came), some are gone and some are new; and the
    events of a removed user are without e-mail, before the cycle too.
    """
    rng = Random(f"{c.SEED}/cursor/restated")
    start = cc.milliseconds(cc.CYCLE_START)
    first, final = [], []
    for event in drawn:
        choice = rng.random()
        is_hand_made = event.email == cc.CURIOUS_EMAIL
        if event.instant < start or is_hand_made or choice >= 0.24:
            first.append(event)
            final.append(_without_removed(event))
            continue
        if choice >= 0.02:
            first.append(event)
        if not 0.02 <= choice < 0.04:
            final.append(_without_removed(_corrected(event, is_cheaper=choice < 0.16) if choice >= 0.04 else event))
    return first, final


def _corrected(event: Event, *, is_cheaper: bool) -> Event:
    if not event.charged_cents:
        return event
    if event.total_cents and (is_cheaper or MODEL_BY_NAME[event.model].is_third_party):
        return priced(event, 40) if is_cheaper else priced(event, event.discount_percent, Decimal("1.37"))
    if event.total_cents is None:
        return replace(event, charged_cents=event.charged_cents * (Decimal("0.75") if is_cheaper else Decimal("1.25")))
    return event


def _without_removed(event: Event) -> Event:
    return replace(event, email=None) if event.email == cc.REMOVED_EMAIL else event


def _count_days(members: Sequence[Member], events: Sequence[Event]) -> dict[tuple[str, date], MemberDay]:
    """Daily usage: the requests as their events tell them, the rest as it comes."""
    kinds: dict[tuple[str, date], Counter[str]] = {}
    models: dict[tuple[str, date], Counter[str]] = {}
    for event in events:
        if event.email and not event.service_account:
            kinds.setdefault((event.email, event.day), Counter())[event.kind] += 1
            models.setdefault((event.email, event.day), Counter())[event.model] += 1
    days = {}
    for member in members:
        rng = Random(f"{c.SEED}/cursor/days/{member.email}")
        for offset in range((c.LAST_DAY - c.FIRST_DAY).days + 1):
            day = c.FIRST_DAY + timedelta(days=offset)
            if (member.address, day) in kinds:
                key = member.address, day
                days[key] = _draw_day(rng, kinds[key], models[key])
            elif member.address == cc.TAB_ONLY_EMAIL and day.weekday() < 3:
                days[member.address, day] = MemberDay(tabs_shown=rng.randint(5, 60), tabs_accepted=rng.randint(1, 5))
    return days


def _draw_day(rng: Random, kinds: Counter[str], models: Counter[str]) -> MemberDay:
    requests = kinds.total()
    by_hand = rng.randint(0, requests)
    shown, accepts = rng.randint(0, 180), rng.randint(0, requests * 3)
    return MemberDay(
        accepted_lines_added=accepts * rng.randint(1, 30),
        accepted_lines_deleted=accepts * rng.randint(0, 9),
        applies=accepts + rng.randint(0, 4),
        accepts=accepts,
        rejects=rng.randint(0, 3),
        tabs_shown=shown,
        tabs_accepted=rng.randint(0, shown),
        composer_requests=by_hand // 2,
        chat_requests=by_hand - by_hand // 2,
        agent_requests=requests - by_hand,
        cmdk_usages=rng.randint(0, 6),
        included_requests=sum(kinds[kind] for kind in INCLUDED),
        own_key_requests=sum(kinds[kind] for kind in OWN_KEY),
        on_demand_requests=sum(kinds[kind] for kind in ON_DEMAND),
        most_used_model=models.most_common(1)[0][0],
    )


def _half(day: MemberDay) -> MemberDay:
    counts = {name: value // 2 for name, value in vars(day).items() if isinstance(value, int)}
    return replace(day, **counts)  # type: ignore[arg-type]


__all__ = ["CURSOR_MODEL_ALIASES", "CursorUse", "MemberDay", "cursor_use"]
