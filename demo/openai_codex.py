"""How people of the invented company use Codex through their ChatGPT seat, day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from demo import constants as c
from demo.company import Company
from demo.openai_accounts import CODEX_FIRST_DAY, CODEX_WITHOUT_EMAIL_ID, codex_members
from demo.openai_rows import CodexDay, CodexModel

# Credits per million tokens: uncached input, cached input, output.
RATE_CARD = {
    "gpt-5.3-codex": (Decimal("43.75"), Decimal("4.375"), Decimal(350)),
    "gpt-5.4-mini": (Decimal("18.75"), Decimal("1.875"), Decimal(113)),
    "gpt-codex-preview": (Decimal(100), Decimal(10), Decimal(600)),
}
SPEEDS = {"gpt-codex-preview": "fast"}


def draw_codex_days(company: Company) -> dict[date, tuple[CodexDay, ...]]:
    """Everybody's days in Codex."""
    seats: list[tuple[str, str | None, date]] = [
        (member.user_id, member.email, c.LEFT_LAST_USE if member.name == "Lena Gone" else c.LAST_DAY)
        for member in codex_members(company)
    ]
    seats.append((CODEX_WITHOUT_EMAIL_ID, None, c.LAST_DAY))
    days: dict[date, list[CodexDay]] = {day: [] for day in c.DAYS}
    for identifier, email, last in seats:
        rng = Random(f"{c.SEED}/codex seat/{identifier}")
        for day in c.DAYS:
            drawn = _draw(identifier, email, day, rng)
            if drawn and CODEX_FIRST_DAY <= day <= last:
                days[day].append(drawn)
    return {day: tuple(rows) for day, rows in days.items()}


def before_restatement(rows: tuple[CodexDay, ...]) -> tuple[CodexDay, ...]:
    """A day as it was told at first: the first user is not there yet, the second one's turns and credits are lower."""
    _, second, *others = rows
    return (replace(second, turns=second.turns // 2, credits=second.credits / 2), *others)


def _draw(identifier: str, email: str | None, day: date, rng: Random) -> CodexDay | None:
    runs = rng.random() < (0.1 if day.weekday() >= 5 or day in c.HOLIDAYS else 0.65)
    models = tuple(_model(name, rng) for name in RATE_CARD if rng.random() < (0.1 if name in SPEEDS else 0.7))
    turns, on_the_web = rng.randint(4, 60), rng.random() < 0.3
    if not runs or not models:
        return None
    # A thread that went on after midnight is charged on a day without a turn.
    is_late = rng.random() < 0.04
    has_lines = bool(email) and not is_late and rng.random() < 0.4
    return CodexDay(
        day=day,
        user_id=identifier,
        email=email,
        threads=0 if is_late else max(1, turns // 5),
        turns=0 if is_late else turns,
        credits=sum((model.credits for model in models), Decimal(0)),
        models=models if email else None,
        on_the_web=on_the_web,
        lines_added=turns * 4 if has_lines else None,
        lines_deleted=turns if has_lines else None,
    )


def _model(name: str, rng: Random) -> CodexModel:
    counts = rng.randint(5_000, 400_000), 128 * rng.randint(100, 9_000), rng.randint(2_000, 60_000)
    spent = sum((count * rate for count, rate in zip(counts, RATE_CARD[name], strict=True)), Decimal(0))
    return CodexModel(name, SPEEDS.get(name, "standard"), (spent / 1_000_000).quantize(Decimal("0.0001")), *counts)
