"""One day of one person with an event of every kind, so that each can be counted by hand; and a full cycle's edge."""

from __future__ import annotations

from decimal import Decimal

from demo import cursor_constants as cc
from demo.cursor_events import (
    CUSTOM,
    ERRORED,
    FREE,
    INCLUDED,
    ON_DEMAND,
    OWN_KEY,
    UNKNOWN_KIND,
    UNSPECIFIED,
    Event,
    priced,
)

START = cc.midnight(cc.CURIOUS_DAY)
LAST_MILLISECOND = START + 86_399_999
NOON = START + 43_200_000

# 222,994 x $1.75 + 1,359,872 x $0.175 + 5,718 x $14 for a million: 70.82691 cents, told as 70.82691192626953.
BIG_CODEX = (("input_uncached", 222_994), ("cache_read", 1_359_872), ("cache_write", 0), ("output", 5_718))
PLAIN = (("input_uncached", 1_000), ("cache_read", 20_000), ("cache_write", 2_000), ("output", 400))


def curious_events() -> list[Event]:
    """The events of the day; three of them are the same event, three times."""
    email, cents = cc.CURIOUS_EMAIL, Decimal
    return [
        Event(START, email, "default", INCLUDED[0], cents("12.5"), no_tokens="empty"),
        Event(LAST_MILLISECOND, email, "default", ON_DEMAND[1], cents("7.25"), no_tokens="empty"),
        Event(NOON, email, "gpt-5.3-codex-high", ON_DEMAND[0], None, no_tokens="empty"),
        Event(NOON + 1, email, "gpt-5.3-codex-high", INCLUDED[1], cents(8), no_tokens="absent"),
        Event(NOON + 2, email, "claude-4.6-sonnet", INCLUDED[0], cents("3.5"), no_tokens="null"),
        Event(NOON + 3, email, "composer-2.5", ERRORED[0], None, no_tokens="absent"),
        Event(NOON + 4, email, "composer-2.5", ERRORED[1], cents(0), no_tokens="absent"),
        Event(NOON + 5, email, "composer-2.5", UNKNOWN_KIND, cents("4.75"), no_tokens="empty"),
        Event(NOON + 6, email, "composer-2.5", UNSPECIFIED, None, no_tokens="absent"),
        Event(NOON + 7, email, "composer-2.5", FREE[1], cents(0), tokens=PLAIN[:2]),
        Event(NOON + 8, email, "composer-2.5", CUSTOM, cents("1.25"), no_tokens="empty"),
        Event(NOON + 9, email, "harbor-preview-1", ON_DEMAND[0], cents("2.5"), tokens=PLAIN),
        *[priced(Event(NOON + 10, email, "claude-4.6-sonnet", ON_DEMAND[0], None, tokens=PLAIN), 10)] * 3,
        priced(Event(NOON + 11, email, "Premium (Codex 5.3)", ON_DEMAND[0], None, tokens=BIG_CODEX)),
        priced(Event(NOON + 12, email, "claude-4.6-sonnet", OWN_KEY[1], None, tokens=PLAIN)),
    ]


def cycle_edge_events() -> list[Event]:
    """The last millisecond of one subscription cycle and the first of the next, on one day."""
    first = cc.milliseconds(cc.CYCLE_START)
    email = cc.CURIOUS_EMAIL
    return [
        Event(first - 1, email, "default", ON_DEMAND[0], Decimal("101.5"), no_tokens="empty"),
        Event(first, email, "default", ON_DEMAND[0], Decimal("57.25"), no_tokens="empty"),
    ]
