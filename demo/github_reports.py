"""The files behind the download links of GitHub's Copilot usage metrics reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from demo import constants as c
from demo.company import Company, is_available, is_hole
from demo.constants import Account
from demo.exact_json import dumps
from demo.github_aggregates import aggregate_record
from demo.github_records import Record, repository_record, scope_fields, user_record
from demo.truth import is_reported
from demo.usage import UserDay

ROWS_PER_FILE = 100
LONG_REPORT_DAYS = 28


@dataclass(frozen=True)
class ReportKey:
    """One report: its name, account and (last) day, and when GitHub was asked."""

    report: str
    account: Account
    day: date
    as_of: date

    @property
    def is_long(self) -> bool:
        """Whether this is a 28-day report."""
        return "-28-day" in self.report

    @property
    def days(self) -> list[date]:
        """The days that the report covers and that are published."""
        length = LONG_REPORT_DAYS if self.is_long else 1
        days = (self.day - timedelta(days=offset) for offset in reversed(range(length)))
        return [day for day in days if is_published(self.account, day, self.as_of)]

    @property
    def period(self) -> Record:
        """First and last day of a 28-day report."""
        start = self.day - timedelta(days=LONG_REPORT_DAYS - 1)
        return {"report_start_day": start.isoformat(), "report_end_day": self.day.isoformat()}


def is_published(account: Account, day: date, as_of: date) -> bool:
    """Whether GitHub answers with a report for the account and day."""
    return is_available(day, as_of) and not is_hole(account, day)


def report_names(account: Account) -> tuple[str, ...]:
    """The reports that can be asked for, as they stand in the path."""
    return (
        "users-1-day",
        "users-28-day",
        f"{account.scope}-1-day",
        f"{account.scope}-28-day",
        "user-teams-1-day",
        "repos-1-day",
    )


class Reports:
    """Makes report files, one list of JSON texts per file; keeps the last ones."""

    def __init__(self, company: Company) -> None:
        """Make reports about the company."""
        self._company = company
        self._user_texts: dict[int, str] = {}
        self.files: Callable[[ReportKey], list[list[str]]] = lru_cache(maxsize=64)(self._files)

    def _files(self, key: ReportKey) -> list[list[str]]:
        records = self._records(key)
        if len(records) <= ROWS_PER_FILE:
            return [records]
        middle = len(records) // 2
        return [records[:middle], records[middle:]]

    def _records(self, key: ReportKey) -> list[str]:
        match key.report:
            case "users-1-day" | "users-28-day":
                return [text for day in key.days for text in self._users(key, day)]
            case "user-teams-1-day":
                return [dumps(record) for record in self._user_teams(key.account, key.day)]
            case "repos-1-day":
                repositories = self._company.repository_days[key.day]
                return [
                    dumps(repository_record(repository, key.day))
                    for repository in repositories
                    if key.account.covers(repository.organization)
                ]
        totals = [aggregate_record(self._company, key.account, day, key.as_of) for day in key.days]
        return [dumps(_long_report(key, totals) if key.is_long else totals[0])]

    def _users(self, key: ReportKey, day: date) -> list[str]:
        extra: Record = scope_fields(key.account)
        if key.is_long:
            extra |= key.period
        if day >= c.INTERNAL_COLUMNS_FROM:
            extra |= {
                "etl_id": "green",
                "day_partition": day.isoformat(),
                "entity_id_partition": key.account.number,
            }
        tail = dumps(extra).removeprefix("{")
        rows = self._company.account_user_days(key.account, day, key.as_of)
        return [f"{self._user_text(row)},{tail}" for row in rows]

    def _user_text(self, row: UserDay) -> str:
        """The part of a user's record that is the same in every scope, still open at its end."""
        if id(row) not in self._user_texts:
            record = user_record(self._company.user_by_id[row.user_id], row)
            self._user_texts[id(row)] = dumps(record).removesuffix("}")
        return self._user_texts[id(row)]

    def _user_teams(self, account: Account, day: date) -> list[Record]:
        return [
            {
                "user_id": user_id,
                "user_login": self._company.user_by_id[user_id].login_on(day),
                "day": day.isoformat(),
                **scope_fields(account),
                "team_id": team.team_id,
                "slug": team.slug,
            }
            for team in self._company.teams
            if team.account == account and is_reported(self._company, team)
            for user_id in team.member_ids
        ]


def _long_report(key: ReportKey, totals: list[Record]) -> Record:
    return {
        **key.period,
        **scope_fields(key.account),
        "created_at": f"{key.as_of}T03:36:11.710Z",
        "day_totals": totals,
    }
