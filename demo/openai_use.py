"""All of the invented company's OpenAI use, and what OpenAI knows of it on a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from random import Random

from demo import constants as c
from demo.company import Company
from demo.openai_accounts import Member, organization_members
from demo.openai_codex import before_restatement, draw_codex_days
from demo.openai_rows import CodexDay, Tokens, Use
from demo.openai_workloads import WORKLOADS, draw

# OpenAI corrects a day until so many days after it.
RESTATED_WITHIN_DAYS = 3
# Days without any use: of one there is nothing, of the other a row that says zero.
IDLE_DAY, IDLE_ROW_DAY = date(2026, 7, 4), date(2026, 7, 5)


@dataclass(frozen=True)
class OpenaiUse:
    """Everything that is so; a day that is restated in its final and its preliminary version."""

    members: tuple[Member, ...]
    final: dict[date, tuple[Use, ...]]
    preliminary: tuple[Use, ...]
    codex_final: dict[date, tuple[CodexDay, ...]]
    codex_preliminary: tuple[CodexDay, ...]

    def uses(self, day: date, as_of: date) -> tuple[Use, ...]:
        """The day's use as OpenAI knows it on a date, of that date itself only the first half."""
        if not c.FIRST_DAY <= day <= min(c.LAST_DAY, as_of):
            return ()
        if day == as_of:
            return self.final[day][: len(self.final[day]) // 2]
        return self.preliminary if is_preliminary(day, as_of) else self.final[day]

    def codex_days(self, day: date, as_of: date) -> tuple[CodexDay, ...]:
        """The day's use of Codex as OpenAI knows it on a date; of that date itself nothing."""
        if not c.FIRST_DAY <= day <= c.LAST_DAY or day >= as_of:
            return ()
        return self.codex_preliminary if is_preliminary(day, as_of) else self.codex_final[day]


def is_preliminary(day: date, as_of: date) -> bool:
    """Whether the day is one that OpenAI will restate and has not yet."""
    return day == c.RESTATED_DAY and (as_of - day).days < RESTATED_WITHIN_DAYS


def closed_days(as_of: date) -> list[date]:
    """The days that are over on a date."""
    return [day for day in c.DAYS if day < as_of]


def build_openai_use(company: Company) -> OpenaiUse:
    """Invent the company's use of OpenAI."""
    final = _draw_uses()
    codex = draw_codex_days(company)
    return OpenaiUse(
        members=organization_members(company),
        final=final,
        preliminary=_before_restatement(final[c.RESTATED_DAY]),
        codex_final=codex,
        codex_preliminary=before_restatement(codex[c.RESTATED_DAY]),
    )


def _draw_uses() -> dict[date, tuple[Use, ...]]:
    days: dict[date, list[Use]] = {day: [] for day in c.DAYS}
    for number, workload in enumerate(WORKLOADS):
        rng = Random(f"{c.SEED}/openai/{number}")
        for day in c.DAYS:
            drawn = draw(workload, day, rng)
            if drawn and day not in (IDLE_DAY, IDLE_ROW_DAY):
                days[day].append(drawn)
    days[IDLE_ROW_DAY].append(
        Use("completions", IDLE_ROW_DAY, "", "", "", "", tokens=Tokens(), batch=False, service_tier="")
    )
    return {day: tuple(rows) for day, rows in days.items()}


def _before_restatement(rows: tuple[Use, ...]) -> tuple[Use, ...]:
    """A day as it was told at first: some rows are not there yet, others have half their requests and tokens."""
    return tuple(_half(row) if number % 3 == 0 else row for number, row in enumerate(rows) if number % 4 != 1)


def _half(row: Use) -> Use:
    tokens = row.tokens // 2 if row.tokens else None
    return replace(row, requests=max(1, row.requests // 2) if row.requests else 0, tokens=tokens)
