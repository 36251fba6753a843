"""GitHub's record about a whole organisation or enterprise and day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from demo import constants as c
from demo.company import Company
from demo.constants import Account
from demo.github_records import (
    CUSTOMIZATION_KINDS,
    PHASES,
    Record,
    adoption_phase,
    breakdowns,
    chat_mode_fields,
    counter_fields,
    customization_fields,
    pull_requests,
    scope_fields,
    sessions_record,
)
from demo.usage import UserDay, total

WINDOWS = {"daily": 1, "weekly": 7, "monthly": 28}
USED_BY = {
    "cloud_agent": "active_copilot_cloud_agent_users",
    "review_active": "active_copilot_code_review_users",
    "review_passive": "passive_copilot_code_review_users",
    "copilot_app": "active_copilot_app_users",
    "vscode_agent": "active_vscode_agent_users",
}
TOP = 5


def aggregate_record(company: Company, account: Account, day: date, as_of: date) -> Record:
    """The account's day, as known at a date."""
    rows = company.account_user_days(account, day, as_of)
    lines = [line for row in rows for line in row.lines]
    record: Record = {"day": day.isoformat(), **scope_fields(account)}
    record |= _active_users(company, account, day, as_of)
    record |= counter_fields(total(line.counters for line in lines))
    record |= breakdowns(lines)
    record["pull_requests"] = pull_requests(
        repository for repository in company.repository_days[day] if account.covers(repository.organization)
    )
    record |= dict(_surfaces(rows))
    record["totals_by_ai_adoption_phase"] = _phases(company, rows)
    if day >= c.THIRD_PARTY_FROM:
        record["totals_by_3rd_party_agent"] = _third_party_agents(rows)
    if day >= c.CUSTOMIZATIONS_FROM:
        for kind in CUSTOMIZATION_KINDS:
            record |= customization_fields(kind, _customizations(rows, kind))
    if day >= c.CHAT_MODE_FIELDS_FROM:
        record |= chat_mode_fields(lines)
    return record


def _active_users(company: Company, account: Account, day: date, as_of: date) -> dict[str, int]:
    counts: dict[str, int] = {}
    for window, length in WINDOWS.items():
        users: dict[str, set[int]] = defaultdict(set)
        for offset in range(length):
            for row in company.account_user_days(account, day - timedelta(days=offset), as_of):
                for signal in _signals(row):
                    users[signal].add(row.user_id)
        counts[f"{window}_active_users"] = len(users["active"])
        for signal, name in USED_BY.items():
            counts[f"{window}_{name}"] = len(users[signal])
        if window == "daily" and users["cli"]:
            counts["daily_active_cli_users"] = len(users["cli"])
        if window == "monthly":
            counts["monthly_active_chat_users"] = len(users["chat"])
            counts["monthly_active_agent_users"] = len(users["agent"])
    return counts


def _signals(row: UserDay) -> list[str]:
    signals = [name for name, value in row.used.items() if value]
    return [*signals, "active"] if row.is_active else signals


def _surfaces(rows: Iterable[UserDay]) -> Iterator[tuple[str, Record]]:
    rows = list(rows)
    cli, app = [row.cli for row in rows if row.cli], [row.app for row in rows if row.app]
    windows = [row.agents_window for row in rows if row.agents_window]
    if cli:
        yield "totals_by_cli", sessions_record(cli)
    if app:
        yield "totals_by_copilot_app", sessions_record(app)
    if windows:
        yield (
            "totals_by_vscode_agent",
            {
                "session_count": sum(window.sessions for window in windows),
                "total_user_messages": sum(window.messages for window in windows),
            },
        )


def _third_party_agents(rows: Iterable[UserDay]) -> list[Record]:
    jobs: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for each in row.agent_jobs:
            jobs[each.agent_id, each.agent_name] += each.jobs
    return [
        {
            "agent_id": agent_id,
            "agent_name": name,
            "user_initiated_interaction_count": count,
            "session_count": count,
        }
        for (agent_id, name), count in jobs.items()
    ]


def _customizations(rows: Iterable[UserDay], kind: str) -> list[tuple[str, int]]:
    uses: Counter[str] = Counter()
    for row in rows:
        uses.update(dict(dict(row.customizations).get(kind, ())))
    return uses.most_common(TOP)


def _phases(company: Company, rows: Iterable[UserDay]) -> list[Record]:
    engaged = Counter(adoption_phase(company.user_by_id[row.user_id])["phase_number"] for row in rows)
    return [
        {"phase": phase, "phase_number": number, "total_engaged_users": engaged[number]}
        for number, phase in enumerate(PHASES)
    ]
