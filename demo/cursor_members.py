"""Who has a Cursor seat in the invented company, and the billing groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from random import Random

from demo import constants as c
from demo import cursor_constants as cc
from demo.people import Person, team_key

REGULARS = {
    "Payments": 7,
    "Storefront": 6,
    "Mobile Apps": 4,
    "Data Platform": 4,
    "Machine Learning": 3,
    "Quality Tools": 3,
    "Lantern Research": 2,
}


@dataclass(frozen=True)
class Membership:
    """A member's time in a billing group; on `left_on` he is no longer in it."""

    group: str
    joined_on: date
    left_on: date | None = None

    def contains(self, day: date) -> bool:
        """Whether the member is in the group on the day."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True)
class Member:
    """A seat. `email` is as the member list writes it; `person_id` is the truth, which the ledger finds by e-mail."""

    number: int
    name: str
    email: str
    person_id: str | None
    intensity: float
    role: str = "member"
    joined_on: date = c.FIRST_DAY
    last_use: date = c.LAST_DAY
    removed_on: date | None = None
    is_listed_when_removed: bool = True
    memberships: tuple[Membership, ...] = ()

    @property
    def member_id(self) -> str:
        """The id of the member list and of the spend list."""
        return opaque("user", self.email)

    @property
    def address(self) -> str:
        """The e-mail as events and daily usage write it."""
        return self.email.lower()

    def is_member_on(self, day: date) -> bool:
        """Whether he has the seat on the day."""
        return self.joined_on <= day and (self.removed_on is None or day <= self.removed_on)

    def is_removed(self, as_of: date) -> bool:
        """Whether he is no longer in the team on that date."""
        return self.removed_on is not None and self.removed_on <= as_of

    def is_listed(self, as_of: date) -> bool:
        """Whether the member list of that date has him."""
        return self.joined_on <= as_of and (self.is_listed_when_removed or not self.is_removed(as_of))


@dataclass(frozen=True)
class Group:
    """A billing group."""

    name: str
    directory_group_id: str | None

    @property
    def group_id(self) -> str:
        """Its id."""
        return opaque("group", self.name)

    @property
    def key(self) -> str:
        """The team key that the ledger gives it."""
        return f"cursor/{team_key(self.name)}"


GROUPS = (
    Group(cc.ENGINEERING_GROUP, None),
    Group(cc.CONTRACT_GROUP, None),
    Group(cc.DESIGN_GROUP, "dir_group_designpool"),
)
GROUP_BY_NAME = {group.name: group for group in GROUPS}


def opaque(kind: str, text: str) -> str:
    """An id that tells nothing."""
    return f"{kind}_{sha256(f'{c.SEED}/{kind}/{text}'.encode()).hexdigest()[:26]}"


def enrol(people: Sequence[Person]) -> tuple[Member, ...]:
    """The members: some of several teams, then the special cases."""
    rng = Random(f"{c.SEED}/cursor/members")
    by_email = {email: person for person in people for email in person.emails}
    engineering = (Membership(cc.ENGINEERING_GROUP, c.FIRST_DAY),)
    members: list[Member] = []

    def add(email: str, intensity: float, **about: object) -> None:
        person = by_email.get(email.lower())
        name = person.name if person else email.partition("@")[0].replace(".", " ").title()
        number = 7_300_100 + 13 * len(members)
        known: dict[str, object] = {"memberships": engineering} if person else {}
        about = {**known, **about}
        members.append(Member(number, name, email, person and person.person_id, intensity, **about))  # type: ignore[arg-type]

    for team, number in REGULARS.items():
        for person in [person for person in people if person.periods[-1].team == team][:number]:
            add(person.emails[0], min(round(rng.lognormvariate(0, 0.5), 3), 3.0))
    add(cc.OWNER_EMAIL, 0.9, role="owner")
    add(cc.CRON_EMAIL, 1.1)
    add(cc.MOVED_EMAIL, 1.3)
    add(cc.LEFT_EMAIL, 1.2, last_use=c.LEFT_LAST_USE, removed_on=cc.LEFT_REMOVED_ON)
    add(cc.EARLY_EMAIL, 1.0)
    add(cc.MIXED_CASE_EMAIL, 1.1)
    add(cc.NO_LOGIN_EMAIL, 1.0)
    add(cc.OWN_KEY_EMAIL, 0.8)
    add(cc.TAB_ONLY_EMAIL, 0.0)
    add(cc.IDLE_EMAIL, 0.0, role="free-owner", memberships=())
    for email in c.TWO_EMAILS:
        add(email, 0.7)
    add(
        cc.REMOVED_EMAIL,
        1.5,
        joined_on=cc.REMOVED_FIRST_DAY,
        last_use=cc.REMOVED_LAST_USE,
        removed_on=cc.REMOVED_ON,
        is_listed_when_removed=False,
        memberships=(),
    )
    add(cc.SHARED_EMAIL, 1.2, memberships=(Membership(cc.CONTRACT_GROUP, c.FIRST_DAY),))
    moved = (
        Membership(cc.DESIGN_GROUP, c.FIRST_DAY, cc.GROUP_MOVED_ON),
        Membership(cc.CONTRACT_GROUP, cc.GROUP_MOVED_ON),
    )
    add(cc.GROUP_MOVER_EMAIL, 1.0, memberships=moved)
    add(cc.UNKNOWN_EMAIL, 0.8)
    return tuple(members)
