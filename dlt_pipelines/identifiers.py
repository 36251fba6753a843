"""Keyed pseudonyms: what replaces every login, e-mail and account id before anything is loaded."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Literal

from dlt_pipelines.schema import Dataset, Table, instant, text

Namespace = Literal[
    "github_user",
    "github_login",
    "email",
    "person",
    "anthropic_user",
    "anthropic_federated",
    "anthropic_api_key_name",
    "cursor_user",
    "openai_user",
    "openai_api_key_name",
    "focus_principal",
    "focus_credential",
    "otel_user",
]

IDENTIFIERS = Table(
    "identifiers",
    "identifier that was replaced by a pseudonym; the only place with clear text",
    ("identifier_key",),
    (
        text("identifier_key", "HMAC-SHA-256 of namespace and identifier.", required=True),
        text(
            "namespace",
            "What kind of identifier: github_user, github_login, email, person, anthropic_user, openai_api_key_name, …",
            required=True,
        ),
        text("identifier", "The identifier in clear.", required=True),
        text("source", "dlt source that met it first.", required=True),
        instant("first_seen_at", "When it was first loaded.", required=True),
    ),
)

RESTRICTED = Dataset(
    "restricted",
    "raw_restricted",
    "The one place where identifiers stand in clear. Grant it to nobody by default.",
    (IDENTIFIERS,),
)

# A key that can be guessed opens every pseudonym at once.
MINIMUM_KEY_LENGTH = 32


# Stands in `extra` for the value of an unknown field that may hold somebody's name or address in clear.
WITHHELD = "withheld"
PERSONAL = re.compile(
    r"login|mail|name|user|actor|author|assignee|member|owner|holder|contact|created_?by|requested_?by|person|people",
    re.IGNORECASE,
)

# The same of a value: an address, or an object with a member of such a name.
NAMES_A_PERSON_INSIDE = rf'@|"[^"]*(?:{PERSONAL.pattern})[^"]*"\s*:'


def may_name_a_person(field: str) -> bool:
    """Whether an unknown field's name suggests that its value identifies somebody."""
    return PERSONAL.search(field) is not None


class Pseudonymizer:
    """Turns identifiers into keyed pseudonyms and remembers the clear text of each one that it met.

    `branch_words`: parts of branches' names, in lower case, that are known to be nobody's login.
    """

    def __init__(self, secret: str, branch_words: Iterable[str] = ()) -> None:
        if len(secret) < MINIMUM_KEY_LENGTH:
            raise ValueError(f"the pseudonym key needs at least {MINIMUM_KEY_LENGTH} characters")
        self._secret = secret.encode()
        self.branch_words = frozenset(branch_words)
        self._keys: dict[tuple[Namespace, str], str] = {}

    def __repr__(self) -> str:
        return f"Pseudonymizer({len(self._keys)} identifiers)"

    def key(self, namespace: Namespace, identifier: str | int | None) -> str | None:
        """The 64 hex digits that stand for an identifier; None for None or blank.

        Identifiers are trimmed and lower-cased first: GitHub logins and e-mail addresses ignore case.
        """
        normalised = str(identifier).strip().lower() if identifier is not None else ""
        if not normalised:
            return None
        known = self._keys.get((namespace, normalised))
        if known is None:
            known = self.digest(namespace, normalised)
            self._keys[(namespace, normalised)] = known
        return known

    def digest(self, namespace: str, text: str) -> str:
        """The 64 hex digits that stand for a text as it is written, of which nothing is remembered."""
        return hmac.new(self._secret, f"{namespace}:{text}".encode(), hashlib.sha256).hexdigest()

    def seen(self) -> list[tuple[str, str, str]]:
        """(identifier_key, namespace, identifier) of everything met so far."""
        return [(key, namespace, identifier) for (namespace, identifier), key in self._keys.items()]
