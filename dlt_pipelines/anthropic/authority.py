"""Which report tells of a day's use and cost: the unified analytics pair or the older reports. Never both.

Days from 2026-01-01 on are the pair's where it answers. Everything else is told by the older reports: earlier days,
days that have left the pair's 365-day window without having been read, and accounts that the pair refuses (403, 404).
A day that was read from the pair stays the pair's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from dlt_pipelines.anthropic.endpoints import (
    ANALYTICS_BETA,
    ANALYTICS_FIRST_DAY,
    ANALYTICS_HISTORY_DAYS,
    COST_GROUPS,
    ORGANIZATIONS,
    USAGE_GROUPS,
    analytics_parameters,
    analytics_path,
)
from dlt_pipelines.anthropic.permissions import refusal
from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.http import ApiClient
from dlt_pipelines.loading import is_loaded
from dlt_pipelines.paged_extraction import NamedAccount
from dlt_pipelines.pipelines import LoadedReport
from dlt_pipelines.windows import ONE_DAY

PAIR = {"analytics-usage": USAGE_GROUPS, "analytics-cost": COST_GROUPS}


@dataclass(frozen=True)
class Authority:
    """Who tells of an account's days: whether the pair answers, and the days that were read from it before."""

    pair_answers: bool
    told_by_pair: frozenset[date]
    today: date

    @property
    def older(self) -> Callable[[date], bool]:
        """Whether a day is the older reports' to tell."""
        first = max(ANALYTICS_FIRST_DAY, self.today - ANALYTICS_HISTORY_DAYS * ONE_DAY)
        return lambda day: day not in self.told_by_pair and not (self.pair_answers and day >= first)


def days_of_pair(days: Mapping[str, Mapping[date, LoadedReport]]) -> frozenset[date]:
    """The days for which both reports of the pair are loaded, from the manifest by report."""
    loaded = [{day for day, entry in days.get(report, {}).items() if is_loaded(entry)} for report in PAIR]
    return frozenset(loaded[0] & loaded[1])


def pair_answers(client: ApiClient, account: NamedAccount, today: date) -> bool:
    """Whether the analytics pair answers for an account, from one small question to each.

    A day that is not there yet (400) is an answer. Raises TokenRefused on 401, RequestFailed where nobody can tell.
    """
    day = today - 2 * ONE_DAY
    for report, groups in PAIR.items():
        path = f"{ORGANIZATIONS}{analytics_path(report)}"
        answer = client.get(path, analytics_parameters(groups, day, limit=1), headers=ANALYTICS_BETA)
        if answer.status in (403, 404):
            return False
        if answer.status == 401:
            raise refusal(report, account.account_id, answer)
        if answer.status not in (200, 400):
            raise RequestFailed(
                f"{report} of {account.account_id}: Anthropic answered {answer.status} {answer.message}".rstrip(),
                "Try later.",
            )
    return True
