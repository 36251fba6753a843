"""What `agent-spend doctor` tries of Anthropic: one small question for each report, and the exports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dlt_pipelines import csv_exports
from dlt_pipelines.anthropic.exports import COLUMNS, SETTING, period_of
from dlt_pipelines.anthropic.extraction import make_targets
from dlt_pipelines.anthropic.settings import AnthropicSettings
from dlt_pipelines.checks import Check, failed, first_pages
from dlt_pipelines.errors import AgentSpendError
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.windows import ONE_DAY, as_of

# A day that every report has had the time to tell.
SETTLED_DAYS = 4
OLDER = ("messages-usage", "cost-report", "user-usage", "user-cost")
PAIR_MISSING = (
    "analytics/usage and analytics/cost do not answer for this account; tokens and costs come from the older reports,"
    " at list prices"
)

SEATS_LEFT_OUT = "; empty: developers who sign in with seats are not in it (no coverage, not zero)"


def checks(settings: AnthropicSettings) -> Iterator[Check]:
    """Tries every report that the settings ask for, and reads the exports."""
    outcome = Outcome()
    try:
        targets = make_targets(settings, outcome=outcome)
    except AgentSpendError as error:
        yield failed("anthropic", error)
        targets = []
    for problem in outcome.problems:
        yield failed("anthropic", problem)
    for target in targets:
        names = {endpoint.name for endpoint in target.endpoints}
        if names & set(OLDER) and "analytics-cost" not in names:
            yield Check(f"{target.account.account_id} analytics", True, PAIR_MISSING)
        # The older reports are asked only for days that the pair does not have.
        due = [e for e in target.endpoints if e.name not in OLDER or "analytics-cost" not in names]
        for check in first_pages([replace(target, endpoints=due)], as_of() - SETTLED_DAYS * ONE_DAY):
            is_empty = check.subject.endswith(" claude-code") and "; 0 records" in check.detail
            yield replace(check, detail=check.detail + SEATS_LEFT_OUT) if is_empty else check
    if settings.export_glob:
        yield _exports(settings.export_glob)


def _exports(pattern: str) -> Check:
    try:
        exports = csv_exports.find_exports(pattern, SETTING)
        lines = 0
        for export in exports:
            period_of(export.name)
            lines += sum(1 for _ in csv_exports.records_in(export, COLUMNS))
    except AgentSpendError as error:
        return failed("anthropic exports", error)
    return Check("anthropic exports", True, f"{len(exports)} files with {lines} lines")
