"""The dates, accounts and special people of the invented company, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

SEED = 20261120
CREDIT_PRICE_USD = Decimal("0.01")

FIRST_DAY = date(2026, 6, 21)
LAST_DAY = date(2026, 10, 18)
DAYS = tuple(FIRST_DAY + timedelta(days=offset) for offset in range((LAST_DAY - FIRST_DAY).days + 1))
FIRST_AS_OF = date(2026, 10, 17)
AS_OF = date(2026, 10, 20)
AVAILABLE_AFTER_DAYS = 2

RESTATED_DAY = date(2026, 10, 15)
FINAL_AFTER_DAYS = 4
HOLE_DAY = date(2026, 8, 12)
HOLIDAYS = frozenset({date(2026, 7, 3), date(2026, 9, 7)})


@dataclass(frozen=True)
class Account:
    """An enterprise or organisation that can be asked for reports."""

    scope: Literal["enterprise", "organization"]
    slug: str
    number: int
    enterprise_number: int | None

    @property
    def account_id(self) -> str:
        """The id under which the ledger keeps the account."""
        return f"{self.scope}/{self.slug}"

    def covers(self, organization: Account) -> bool:
        """Whether this is the organisation, or the enterprise that it belongs to."""
        return self == organization or (self.scope == "enterprise" and organization.enterprise_number == self.number)

    @property
    def enterprise_id(self) -> str | None:
        """Numeric enterprise id as GitHub writes it: a string, absent outside an enterprise."""
        return None if self.enterprise_number is None else str(self.enterprise_number)

    @property
    def organization_id(self) -> str | None:
        """Numeric organisation id as a string; None for an enterprise."""
        return str(self.number) if self.scope == "organization" else None


ENTERPRISE = Account("enterprise", "quill-harbor", 70412, 70412)
APPS = Account("organization", "quill-harbor-apps", 180220101, 70412)
DATA = Account("organization", "quill-harbor-data", 180220102, 70412)
LANTERN = Account("organization", "lantern-labs", 180990477, None)
ACCOUNTS = (ENTERPRISE, APPS, DATA, LANTERN)
ORGANIZATIONS = (APPS, DATA, LANTERN)
HOLE_ACCOUNT = DATA

# Special GitHub accounts, by login.
TWO_ORGS_LOGIN = "tilda-bridge"
LANTERN_AND_ENTERPRISE_LOGIN = "otto-crossing"
OLD_LOGIN = "rena-before"
NEW_LOGIN = "rena-after"
RENAMED_ON = date(2026, 8, 20)
MOVED_LOGIN = "momo-mover"
MOVED_ON = date(2026, 9, 1)
MOVED_FROM_TEAM, MOVED_TO_TEAM = "Storefront", "Data Platform"
LEFT_LOGIN = "lena-gone"
LEFT_LAST_DAY = date(2026, 9, 10)
LEFT_LAST_USE = date(2026, 9, 17)
EARLY_LOGIN = "erik-early"
EARLY_FIRST_PERIOD_DAY = date(2026, 7, 20)
UNKNOWN_LOGINS = ("x-ghost-build", "x-lantern-guest")
CONTRACTOR_LOGIN = "cara-contract"
CONTRACTOR_TEAM = "contract-crew"
SMALL_TEAM_CONTRACTOR_LOGIN = "timo-tiny"
SMALL_TEAM = "tiny-lab"
TWO_TEAMS_LOGIN = "tara-twoteams"
TWO_TEAMS = ("release-guild", "design-system")
SAML_ONLY_LOGIN = "zz-samantha"
PUBLIC_EMAIL_LOGIN = "pubmail-pia"
TWO_ACCOUNT_LOGINS = ("dora-double", "dora-double-lantern")
TWO_EMAILS = ("dora.double@example.com", "dora@harbor.example.com")
UNCLAIMED_EMAIL = "una.unclaimed@example.com"
PRELIMINARY_ONLY_LOGIN = "priya-vanishing"
LATE_CLI_LOGIN = "lars-latecli"
LOST_LINES_LOGIN = "lotta-lostlines"
MULTI_SEAT_LOGIN = TWO_ORGS_LOGIN
EVERY_DAY_LOGINS = (TWO_ORGS_LOGIN, PUBLIC_EMAIL_LOGIN)

NO_ADOPTION_TEAM = "Legal Operations"
UNUSED_SEAT_LOGINS = ("ida-idle", "ivo-idle", "ines-idle")
PENDING_CANCELLATION_LOGINS = ("ida-idle", "ivo-idle")
PENDING_CANCELLATION_DATE = date(2026, 11, 1)
# A seat that is added in the middle of a month.
SEAT_ADDED_LOGIN, SEAT_ADDED_ON = "ines-idle", date(2026, 9, 20)

# From these days on GitHub sends the fields.
APP_FROM = date(2026, 7, 1)
THIRD_PARTY_FROM = date(2026, 8, 7)
OLD_CLOUD_AGENT_NAME_UNTIL = date(2026, 9, 30)
VSCODE_AGENT_FROM = date(2026, 9, 11)
CUSTOMIZATIONS_FROM = date(2026, 9, 17)
INTERNAL_COLUMNS_FROM = date(2026, 9, 20)
REVIEW_TIMES_FROM = date(2026, 9, 25)
CHAT_MODE_FIELDS_FROM = date(2026, 10, 1)
