"""Pull requests in the invented company's repositories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from demo import constants as c
from demo.constants import Account

NAMES = ("checkout-demo", "ledger-demo", "app-demo", "models-demo", "docs-demo")
VISIBILITIES = ("PRIVATE", "INTERNAL", "PRIVATE", "INTERNAL", "PUBLIC")
COMMENT_TYPES = ("bug_risk", "style", "security")


@dataclass(frozen=True)
class RepositoryDay:
    """One repository's pull requests on one day; medians are in minutes."""

    organization: Account
    repo_id: int
    name: str
    visibility: str
    created: int
    created_by_copilot: int
    reviewed: int
    reviewed_by_copilot: int
    merged: int
    merged_created_by_copilot: int
    suggestions_by_type: tuple[tuple[str, int, int], ...]
    median_minutes_to_merge: Decimal | None
    median_minutes_to_review: Decimal | None

    @property
    def suggestions(self) -> int:
        """Suggestions made by Copilot review."""
        return sum(made for _, made, _ in self.suggestions_by_type)

    @property
    def applied(self) -> int:
        """Suggestions of Copilot review that were applied."""
        return sum(applied for _, _, applied in self.suggestions_by_type)


def draw_repository_days() -> dict[date, tuple[RepositoryDay, ...]]:
    """Pull requests of every day; a repository without any has no row, but the first one always has."""
    rng = Random(f"{c.SEED}/repositories")
    return {
        day: tuple(
            _draw(organization, 880_000_000 + 100 * position + number, number, rng)
            for position, organization in enumerate(c.ORGANIZATIONS)
            for number in range(len(NAMES))
            if number == 0 or rng.random() < (0.1 if day.weekday() >= 5 else 0.75)
        )
        for day in c.DAYS
    }


def _draw(organization: Account, repo_id: int, number: int, rng: Random) -> RepositoryDay:
    created, merged = rng.randint(1, 9), rng.randint(0, 7)
    by_copilot, merged_by_copilot = rng.randint(0, created // 2), rng.randint(0, merged // 2)
    types = rng.sample(COMMENT_TYPES, rng.randint(0, 2))
    suggestions = tuple((kind, made, rng.randint(0, made)) for kind in types for made in (rng.randint(1, 8),))
    minutes = Decimal(rng.randint(2_000, 400_000)).scaleb(-2) if merged else None
    return RepositoryDay(
        organization,
        repo_id,
        NAMES[number],
        VISIBILITIES[number],
        created,
        by_copilot,
        rng.randint(merged, merged + 4),
        rng.randint(0, 3),
        merged,
        merged_by_copilot,
        suggestions,
        minutes,
        minutes / 4 if minutes else None,
    )
