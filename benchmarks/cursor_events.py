"""Invented usage events as Cursor answers them: one file per page of 1,000, for the benchmark."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

PAGE_SIZE = 1_000
LAST_DAY = date(2026, 10, 18)
MODELS = ("claude-4.8-opus-high-thinking", "claude-sonnet-5", "gpt-5.3-codex", "default", "composer-2.5", "grok-4.6")
KINDS = ("Usage-based", "Included in Business", "Included in Business", "Included in Business", "User API Key")


def days(number: int) -> list[date]:
    """The last days, oldest first."""
    return [LAST_DAY - timedelta(days=offset) for offset in range(number - 1, -1, -1)]


def start_of(day: date) -> int:
    """Midnight UTC in epoch milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def page_name(start: int, page: int) -> str:
    """The file of a page of the window that starts then."""
    return f"events-{start}-{page:05d}.json"


def write_pages(folder: Path, events: int, members: int, number_of_days: int) -> None:
    """Writes the pages of every day, newest event first, about 600 bytes an event."""
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(20261121)
    per_day = events // number_of_days
    for day in days(number_of_days):
        start = start_of(day)
        moments = sorted((random.randrange(86_400_000) for _ in range(per_day)), reverse=True)
        pages = -(-per_day // PAGE_SIZE)
        for page in range(1, pages + 1):
            listed = [_event(random, start + ms, members) for ms in moments[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
            body = {
                "totalUsageEventsCount": per_day,
                "pagination": {
                    "numPages": pages,
                    "currentPage": page,
                    "pageSize": PAGE_SIZE,
                    "hasNextPage": page < pages,
                    "hasPreviousPage": page > 1,
                },
                "usageEvents": listed,
                "period": {"startDate": start, "endDate": start + 86_399_999},
            }
            (folder / page_name(start, page)).write_text(json.dumps(body))


def _event(random: Random, moment: int, members: int) -> dict[str, object]:
    total = random.random() * 80
    fee = random.random()
    return {
        "timestamp": str(moment),
        "userEmail": f"member{random.randrange(members):05d}@example.com",
        "conversationId": f"{random.getrandbits(128):032x}",
        "model": MODELS[random.randrange(len(MODELS))],
        "kind": KINDS[random.randrange(len(KINDS))],
        "maxMode": random.random() < 0.1,
        "requestsCosts": round(total / 4, 1),
        "isTokenBasedCall": True,
        "isChargeable": True,
        "isHeadless": random.random() < 0.05,
        "tokenUsage": {
            "inputTokens": random.randrange(200_000),
            "outputTokens": random.randrange(8_000),
            "cacheWriteTokens": random.randrange(20_000),
            "cacheReadTokens": random.randrange(1_500_000),
            "totalCents": total,
        },
        "chargedCents": total + fee,
        "cursorTokenFee": fee,
    }
