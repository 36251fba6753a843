"""Errors that a person can act on: one line, with the remedy. Never a secret, never a signed address."""

from __future__ import annotations

import re
from enum import IntEnum

# What stands before an @ in an address: a name and its password. A password may hold a slash or another @.
_USER = re.compile(r"(?<=://)(?:[^/]*@|[^/]*:.*@)")
_QUERY = re.compile(r"\?.*")


def shown_address(address: str) -> str:
    """An address or path as a message may show it: without a user and password, without a query (a signature)."""
    parts = address.split("::")
    return "::".join(_QUERY.sub("", _USER.sub("", part)) if "://" in part else part for part in parts)


class ExitCode(IntEnum):
    """Exit codes of `agent-spend`, for scripts."""

    OK = 0
    FAILED = 1
    USAGE = 2  # click's own code for a wrong command line
    REJECTED_DATA = 3  # good reports are loaded, bad ones were kept aside
    BUSY = 4  # another run holds the warehouse
    MISSING_PERMISSION = 5


class AgentSpendError(Exception):
    """Something that the user can mend. `remedy` says how."""

    exit_code = ExitCode.FAILED

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}" if self.remedy else self.problem


class ConfigurationError(AgentSpendError):
    """A setting is missing or cannot be used."""

    exit_code = ExitCode.USAGE


class PermissionMissing(AgentSpendError):
    """The vendor refused: a permission, scope or policy is missing."""

    exit_code = ExitCode.MISSING_PERMISSION


class TokenRefused(PermissionMissing):
    """The vendor does not accept the credential at all: nothing else is worth asking for."""


class WarehouseBusy(AgentSpendError):
    """Another run is writing to the same warehouse."""

    exit_code = ExitCode.BUSY


class RequestFailed(AgentSpendError):
    """The vendor did not answer usefully, even after the retries that its rules allow."""


class VendorUnreachable(RequestFailed):
    """The vendor's host does not answer at all: nothing else is worth asking for."""


class RejectedFile(AgentSpendError):
    """A vendor file that cannot be loaded as it is; it is kept aside and nothing of it is loaded."""

    exit_code = ExitCode.REJECTED_DATA
