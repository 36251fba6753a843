"""What every vendor's ground truth is made of: the rows that the ledger must show, in words of the invented company."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.people import Period, Person, team_key
from dlt_pipelines.identifiers import Namespace

LEFT_COMPANY = "left_company"
UNMAPPED_TEAM = "unmapped_team"
UNKNOWN_USER = "unknown_user"
NO_OWNER_FOR_KEY = "no_owner_for_key"
SHARED_KEY = "shared_key"


@dataclass(frozen=True)
class Principal:
    """A seat or key. An identifier with a namespace is pseudonymised, one without stands as it is after `prefix`."""

    vendor: str
    kind: str
    identifier: str
    namespace: Namespace | None = None
    prefix: str = ""


@dataclass(frozen=True)
class Owner:
    """Whose use is: exactly one of `team_key` and `reason` is set; no person behind machines."""

    person_id: str | None = None
    team_key: str | None = None
    reason: str | None = None
    cost_center: str | None = None


@dataclass(frozen=True)
class CreditTruth:
    """One row of fct_credits_daily."""

    usage_date: date
    account_id: str
    product: str
    principal: Principal
    owner: Owner
    credit_unit: str
    value_basis: str
    credits: Decimal | None
    usage_value_usd: Decimal | None
    records: int
    unpriced_records: int


@dataclass(frozen=True)
class TokenTruth:
    """One row of fct_tokens_daily; `model` is the canonical key, or the vendor's text for a model without a price."""

    usage_date: date
    account_id: str
    product: str
    principal: Principal
    model: str
    token_type: str
    tokens: int
    list_value_usd: Decimal | None


@dataclass(frozen=True)
class ActivityTruth:
    """One row of fct_activity_daily; None is what the vendor does not say."""

    usage_date: date
    account_id: str
    principal: Principal
    owner: Owner
    requests: int | None = None
    sessions: int | None = None
    suggestions: int | None = None
    acceptances: int | None = None
    lines_added: int | None = None
    lines_deleted: int | None = None
    vendor_estimate_usd: Decimal | None = None
    is_active: bool | None = None


def roster_owner(person: Person, day: date) -> Owner:
    """Whose use is that of a person of the roster on a day (docs/rules.md, "Whose it is")."""
    period = next((period for period in person.periods if period.contains(day)), None)
    if period:
        return Owner(person.person_id, team_key(period.team), None, period.cost_center)
    return Owner(person.person_id, None, LEFT_COMPANY if is_over(person.periods, day) else UNMAPPED_TEAM)


def is_over(periods: Iterable[Period], day: date) -> bool:
    """Whether the last period ended before the day."""
    return all(period.valid_to is not None and period.valid_to < day for period in periods)
