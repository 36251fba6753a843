"""The invented company's OpenAI organisation: projects, users, service accounts, API keys and the tags of the keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from demo import constants as c
from demo.company import Company
from demo.people import Person, team_key

ORGANIZATION = "quill-harbor"
WORKSPACE = "ws-quill-harbor"
ORGANIZATION_ACCOUNT = f"organization/{ORGANIZATION}"
WORKSPACE_ACCOUNT = f"workspace/{WORKSPACE}"

CREATED = date(2026, 1, 12)
# The vendor charges Codex by credits since then in this workspace; well within the 90 days that its API looks back.
CODEX_FIRST_DAY = date(2026, 8, 3)
PROJECT_ARCHIVED_ON = date(2026, 9, 1)
LAST_DAY_OF_PILOT = date(2026, 8, 31)
UNKNOWN_EMAIL = "cara.contract@agency.example.com"
REMOVED_USER_ID = "user-QH0099removed"
CODEX_WITHOUT_EMAIL_ID = "user-WS0099nomail"


@dataclass(frozen=True)
class Project:
    """A project; use of it is still told after it was archived."""

    project_id: str
    name: str
    archived_on: date | None = None


@dataclass(frozen=True)
class ServiceAccount:
    """A service account of a project."""

    service_account_id: str
    name: str
    project_id: str


@dataclass(frozen=True)
class Member:
    """A user of the organisation or of the Codex workspace; `person_id` is the truth, None outside the roster."""

    user_id: str
    name: str
    email: str
    person_id: str | None
    role: str = "reader"


@dataclass(frozen=True)
class Key:
    """An API key. Keys whose owner has lost access to the project are listed only to those who ask for them."""

    key_id: str
    name: str
    project_id: str
    owner_id: str
    owner_has_access: bool = True


class KeyTag(NamedTuple):
    """A row of the seed api_key_tags."""

    vendor: str
    principal_key: str
    environment: str
    cost_center: str
    owner_team: str
    purpose: str
    principal_kind: str


SEARCH = Project("proj_qh01search", "Storefront Search")
SUPPORT = Project("proj_qh02support", "Support Assistant Production")
PRICING = Project("proj_qh03pricing", "Pricing Batch")
DATA = Project("proj_qh04data", "Data Platform Dev")
SANDBOX = Project("proj_qh05sandbox", "Evaluation Sandbox")
CODEX = Project("proj_qh06codex", "Codex CI")
RESEARCH = Project("proj_qh07research", "Research Notebooks")
PILOT = Project("proj_qh08pilot", "Recommendation Pilot", PROJECT_ARCHIVED_ON)
PROJECTS = (SEARCH, SUPPORT, PRICING, DATA, SANDBOX, CODEX, RESEARCH, PILOT)

SEARCH_SERVICE = ServiceAccount("svc_acct_qh01search", "search-gateway", SEARCH.project_id)
SUPPORT_SERVICE = ServiceAccount("svc_acct_qh02support", "support-assistant", SUPPORT.project_id)
PRICING_SERVICE = ServiceAccount("svc_acct_qh03pricing", "pricing-nightly", PRICING.project_id)
EMBEDDING_SERVICE = ServiceAccount("svc_acct_qh04embed", "embedding-loader", DATA.project_id)
CODEX_SERVICE = ServiceAccount("svc_acct_qh05codex", "codex-ci", CODEX.project_id)
VOICE_SERVICE = ServiceAccount("svc_acct_qh06voice", "voice-desk", SUPPORT.project_id)
SERVICE_ACCOUNTS = (SEARCH_SERVICE, SUPPORT_SERVICE, PRICING_SERVICE, EMBEDDING_SERVICE, CODEX_SERVICE, VOICE_SERVICE)

# Users 1 to 11 are the first two people of these teams, the last team gives one.
TEAMS_WITH_USERS = (
    "Payments",
    "Storefront",
    "Site Reliability",
    "Data Platform",
    "Machine Learning",
    "Pricing Science",
)
NAMED_USERS = ("Lena Gone", "Momo Mover", "Erik Early")
CODEX_TEAMS = ("Mobile Apps", "Quality Tools", "Machine Learning")


def user_id(number: int) -> str:
    """The id of the organisation's user with that number."""
    return f"user-QH{number:04d}demo"


LENA_ID, MOMO_ID, ERIK_ID, CARA_ID = (user_id(number) for number in (12, 13, 14, 15))

SEARCH_KEY = Key("key_qh01searchprod", "search-gateway production", SEARCH.project_id, "svc_acct_qh01search")
SUPPORT_KEY = Key("key_qh02supportlive", "Support live", SUPPORT.project_id, "svc_acct_qh02support")
STAGING_KEY = Key("key_qh03supportstage", "support staging", SUPPORT.project_id, "svc_acct_qh02support")
PRICING_KEY = Key("key_qh04pricing", "pricing nightly batch", PRICING.project_id, "svc_acct_qh03pricing")
EMBEDDING_KEY = Key("key_qh05embed", "embedding loader", DATA.project_id, "svc_acct_qh04embed")
SHARED_KEY = Key("key_qh06shareddev", "data team dev key", DATA.project_id, user_id(7))
EVALUATION_KEY = Key("key_qh07eval", "nightly evals of Juno", SANDBOX.project_id, user_id(9))
CODEX_KEY = Key("key_qh08codexci", "codex github", CODEX.project_id, "svc_acct_qh05codex")
NOTEBOOK_KEY = Key("key_qh09notebook", "notebook", RESEARCH.project_id, user_id(10))
PILOT_KEY = Key("key_qh10pilot", "pilot test", PILOT.project_id, user_id(3))
VOICE_KEY = Key("key_qh11voice", "voice desk", SUPPORT.project_id, "svc_acct_qh06voice", owner_has_access=False)
UNUSED_KEY = Key("key_qh12unused", "my first key", RESEARCH.project_id, user_id(1))
KEYS = (
    *(SEARCH_KEY, SUPPORT_KEY, STAGING_KEY, PRICING_KEY, EMBEDDING_KEY, SHARED_KEY),
    *(EVALUATION_KEY, CODEX_KEY, NOTEBOOK_KEY, PILOT_KEY, VOICE_KEY, UNUSED_KEY),
)

# What the company knows about its keys. Evaluation, pilot and voice have no tag, that of the staging key names no team.
OPENAI_KEY_TAGS = tuple(
    KeyTag("openai", key.key_id, *rest)
    for key, *rest in (
        (SEARCH_KEY, "production", "CC-110", "storefront", "customer search", "service_account"),
        (SUPPORT_KEY, "production", "CC-120", "mobile-apps", "support assistant", "service_account"),
        (STAGING_KEY, "staging", "", "", "support assistant", "machine_key"),
        (PRICING_KEY, "production", "CC-230", "pricing-science", "price elasticity", "service_account"),
        (EMBEDDING_KEY, "development", "CC-200", "data-platform", "document embeddings", "service_account"),
        (SHARED_KEY, "development", "", "", "trying things out", "shared_key"),
        (CODEX_KEY, "ci", "CC-140", "quality-tools", "code review", "machine_key"),
        (NOTEBOOK_KEY, "development", "CC-210", "machine-learning", "notebooks", "human_api_key"),
    )
)


def organization_members(company: Company) -> tuple[Member, ...]:
    """The fifteen users whom the organisation lists; a sixteenth was removed and shows in use alone."""
    staff = [person for team in TEAMS_WITH_USERS for person in _first_of(company, team, 2)][:11]
    named = [_named(company, name) for name in NAMED_USERS]
    members = [_member(user_id(number), person) for number, person in enumerate((*staff, *named), start=1)]
    return (*members, Member(CARA_ID, "Cara Contract", UNKNOWN_EMAIL, None))


def codex_members(company: Company) -> tuple[Member, ...]:
    """The users of the Codex workspace whose e-mail the vendor tells."""
    staff = [person for team in CODEX_TEAMS for person in _first_of(company, team, 2)]
    named = [_named(company, name) for name in ("Lena Gone", "Momo Mover")]
    members = [_member(f"user-WS{number:04d}demo", person) for number, person in enumerate((*staff, *named), start=1)]
    return (*members, Member("user-WS0015demo", "Cara Contract", UNKNOWN_EMAIL, None))


def _member(identifier: str, person: Person) -> Member:
    # The vendor keeps the spelling of whoever sent the invitation.
    email = person.emails[0].title() if person.name == "Momo Mover" else person.emails[0]
    role = "owner" if identifier == user_id(1) else "reader"
    return Member(identifier, person.name, email, person.person_id, role)


def _first_of(company: Company, team: str, number: int) -> list[Person]:
    return [person for person in company.people if team_key(person.periods[0].team) == team_key(team)][:number]


def _named(company: Company, name: str) -> Person:
    return next(person for person in company.people if person.name == name)


def last_use_of_user(identifier: str) -> date:
    """The last day on which a user can have used OpenAI."""
    return c.LEFT_LAST_USE if identifier == LENA_ID else c.LAST_DAY
