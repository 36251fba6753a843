"""Who and what uses Claude in the invented company: two accounts, their people, keys, workspaces and the keys' tags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Literal

from demo import constants as c
from demo.company import Company
from demo.people import Person

AccountId = Literal["console/quill-harbor", "enterprise/quill-harbor"]
CONSOLE: AccountId = "console/quill-harbor"
ENTERPRISE: AccountId = "enterprise/quill-harbor"
ORGANIZATION_UUID = "5d0c6f0e-2f5b-4c0a-9c1e-7a1f0b6e2d31"
ENTERPRISE_ORGANIZATION_ID = "org_01QuillHarborEnterprise"
UNUSED_SEATS, PENDING_INVITES = 3, 2

OUTSIDER_EMAIL = "nora.outsider@partner.example.com"
SHARED_OUTSIDER_EMAIL = "shared.outsider@agency.example.com"
DELETED_USER = "deleted"
IDLE_SEAT = "idle"
LEFT_SEAT = "lena"
MOVED_SEAT = "momo"
BOTH_ACCOUNTS_TEAM = "Payments"
UPPER_CASE_TEAM = "Quality Tools"
# Team and number of people with an account; the first of Payments has one in both.
CONSOLE_TEAMS = (
    *((BOTH_ACCOUNTS_TEAM, 2), ("Site Reliability", 2), ("Machine Learning", 2), (UPPER_CASE_TEAM, 1)),
    ("Lantern Research", 1),
)
ENTERPRISE_TEAMS = (
    *(("Storefront", 3), ("Mobile Apps", 2), ("Data Platform", 2), ("Pricing Science", 1), ("Identity Access", 1)),
    (BOTH_ACCOUNTS_TEAM, 1),
)


def tagged_id(prefix: str, name: str) -> str:
    """An id as Anthropic writes it, always the same for a name."""
    return f"{prefix}_01{sha256(f'{prefix}/{name}'.encode()).hexdigest()[:22]}"


@dataclass(frozen=True)
class ClaudeUser:
    """A user of one account. `person_id` is the truth; the ledger has to find it by e-mail.

    A removed user keeps his name and e-mail, a deleted one keeps only his id.
    """

    account: AccountId
    user_id: str
    name: str
    email: str | None
    person_id: str | None = None
    intensity: float = 1.0
    last_use: date = c.LAST_DAY
    is_removed: bool = False

    @property
    def is_deleted(self) -> bool:
        """Whether the account's reports call the user deleted."""
        return self.is_removed or self.email is None


@dataclass(frozen=True)
class Workspace:
    """A workspace of the Console account."""

    name: str
    tags: tuple[tuple[str, str], ...] = ()
    is_default: bool = False
    archived_at: str | None = None

    @property
    def id(self) -> str:
        """The real id, which the default workspace has too."""
        return tagged_id("wrkspc", self.name)


DEFAULT = Workspace("Default", is_default=True)
PROD_API = Workspace("prod-api", (("env", "prod"), ("team", "payments")))
STAGING = Workspace("staging", (("env", "staging"),))
CI = Workspace("ci")
EXPERIMENTS = Workspace("experiments")
CLAUDE_CODE = Workspace("Claude Code")
OLD_WORKSPACE = Workspace("hackathon-2025", archived_at="2026-02-03T10:00:00.123456Z")
WORKSPACES = (DEFAULT, PROD_API, STAGING, CI, EXPERIMENTS, CLAUDE_CODE, OLD_WORKSPACE)


@dataclass(frozen=True)
class ApiKey:
    """A key of the Console account. Two may have the same name; `serial` tells them apart."""

    name: str
    workspace: Workspace
    serial: int = 1
    status: Literal["active", "inactive", "archived", "expired"] = "active"
    is_bound_to_user: bool = False
    last_use: date = c.LAST_DAY

    @property
    def id(self) -> str:
        """The key's id."""
        return tagged_id("apikey", f"{self.name}/{self.serial}")


PROD_KEY = ApiKey("prod-checkout-live", PROD_API)
INTERACTIVE_PROD_KEY = ApiKey("prod-search-live", PROD_API)
STAGING_KEY = ApiKey("staging-checkout", STAGING)
CI_KEY = ApiKey("ci-nightly-batch", CI)
SHARED_KEY = ApiKey("team-experiments", EXPERIMENTS)
UNTAGGED_KEY = ApiKey("github-actions-review-bot", CI)
NOTEBOOK_KEY = ApiKey("default-notebook", DEFAULT, is_bound_to_user=True)
ARCHIVED_KEY = ApiKey("laptop-shell", DEFAULT, serial=1, status="archived", last_use=date(2026, 7, 31))
SAME_NAME_KEY = ApiKey("laptop-shell", DEFAULT, serial=2)
API_KEYS = (
    *(PROD_KEY, INTERACTIVE_PROD_KEY, STAGING_KEY, CI_KEY, SHARED_KEY, UNTAGGED_KEY, NOTEBOOK_KEY),
    *(ARCHIVED_KEY, SAME_NAME_KEY),
)

SERVICE_ACCOUNT = "warehouse-enricher"
SERVICE_ACCOUNT_ID = tagged_id("svac", SERVICE_ACCOUNT)
FEDERATED = ("gcp", "deployer@quill-harbor.iam.example.com")


@dataclass(frozen=True)
class KeyTag:
    """A row of the seed api_key_tags."""

    vendor: str
    principal_key: str
    environment: str | None = None
    cost_center: str | None = None
    owner_team: str | None = None
    purpose: str | None = None
    principal_kind: str | None = None


def _tag(principal_key: str, **about: str) -> KeyTag:
    return KeyTag("anthropic", principal_key, **about)


# Untagged stay github-actions-review-bot, the federated identity and both keys called laptop-shell.
ANTHROPIC_KEY_TAGS = (
    _tag(PROD_KEY.id, environment="production", cost_center="CC-100", owner_team="Payments", purpose="Checkout"),
    _tag(
        INTERACTIVE_PROD_KEY.id,
        environment="production",
        cost_center="CC-210",
        owner_team="Machine Learning",
        purpose="Search ranking",
        principal_kind="machine_key",
    ),
    _tag(STAGING_KEY.id, environment="staging", cost_center="CC-100", owner_team="Payments", purpose="Checkout tests"),
    _tag(CI_KEY.id, environment="ci", cost_center="CC-140", owner_team="Site Reliability", purpose="Nightly batch"),
    _tag(SHARED_KEY.id, environment="development", purpose="Whoever asks", principal_kind="shared_key"),
    _tag(
        NOTEBOOK_KEY.id,
        environment="development",
        cost_center="CC-200",
        owner_team="Data Platform",
        purpose="Notebooks of one analyst",
        principal_kind="human_api_key",
    ),
    _tag(
        SERVICE_ACCOUNT_ID,
        environment="production",
        cost_center="CC-200",
        owner_team="Data Platform",
        purpose="Warehouse enrichment",
    ),
)
TAG_BY_PRINCIPAL = {tag.principal_key: tag for tag in ANTHROPIC_KEY_TAGS}


@dataclass(frozen=True)
class Directory:
    """The users of both accounts."""

    users: tuple[ClaudeUser, ...]

    def of(self, account: AccountId) -> tuple[ClaudeUser, ...]:
        """The account's users, deleted ones too."""
        return tuple(user for user in self.users if user.account == account)

    @cached_property
    def _by_name(self) -> dict[str, ClaudeUser]:
        return {_nickname(user): user for user in self.users}

    def seat(self, nickname: str) -> ClaudeUser:
        """The seat of a special case."""
        return self._by_name[f"{ENTERPRISE}/{nickname}"]

    @property
    def key_holder(self) -> ClaudeUser:
        """Whom the notebook key acts as."""
        return self.of(CONSOLE)[0]


def _nickname(user: ClaudeUser) -> str:
    special = {
        SHARED_OUTSIDER_EMAIL: SHARED_OUTSIDER_EMAIL,
        OUTSIDER_EMAIL: OUTSIDER_EMAIL,
        None: DELETED_USER,
    }
    first_name = user.name.split()[0].lower()
    return f"{user.account}/{special.get(user.email, IDLE_SEAT if not user.intensity else first_name)}"


def build_directory(company: Company) -> Directory:
    """Give people of the roster, and some whom it does not know, their accounts."""
    users = [
        *_members(company, CONSOLE, CONSOLE_TEAMS),
        ClaudeUser(CONSOLE, tagged_id("user", "outsider"), "Nora Outsider", OUTSIDER_EMAIL, intensity=0.8),
        *_members(company, ENTERPRISE, ENTERPRISE_TEAMS),
        _seat(company, "Momo Mover"),
        _seat(company, "Lena Gone", last_use=c.LEFT_LAST_USE, is_removed=True),
        _seat(company, "Pia Pubmail", intensity=0.0),
        ClaudeUser(ENTERPRISE, tagged_id("user", DELETED_USER), "Deleted User", None),
        ClaudeUser(ENTERPRISE, tagged_id("user", "shared-outsider"), "Sol Outsider", SHARED_OUTSIDER_EMAIL),
    ]
    return Directory(tuple(users))


def _members(company: Company, account: AccountId, teams: tuple[tuple[str, int], ...]) -> list[ClaudeUser]:
    users = []
    for team, size in teams:
        people = [person for person in company.people if person.periods[-1].team == team]
        users += [_user(account, person, 0.6 + 0.3 * (number % 4)) for number, person in enumerate(people[:size])]
    return users


def _user(account: AccountId, person: Person, intensity: float) -> ClaudeUser:
    upper = person.periods[-1].team == UPPER_CASE_TEAM
    email = person.emails[0].upper() if upper else person.emails[0]
    user_id = tagged_id("user", f"{account}/{person.person_id}")
    return ClaudeUser(account, user_id, person.name, email, person.person_id, intensity)


def _seat(
    company: Company,
    name: str,
    intensity: float = 1.2,
    last_use: date = c.LAST_DAY,
    is_removed: bool = False,
) -> ClaudeUser:
    person = next(person for person in company.people if person.name == name)
    user_id = tagged_id("user", f"{ENTERPRISE}/{person.person_id}")
    email = person.emails[0]
    return ClaudeUser(ENTERPRISE, user_id, name, email, person.person_id, intensity, last_use, is_removed)
