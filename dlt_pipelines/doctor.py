"""`agent-spend doctor`: asks for one small thing from each place and says in the vendor's words what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator

from dlt_pipelines import finance, roster
from dlt_pipelines.checks import Check, failed
from dlt_pipelines.errors import AgentSpendError, ExitCode
from dlt_pipelines.extraction import VENDORS, pseudonymizer
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.pipelines import Warehouse


def diagnose(target: str) -> Iterator[Check]:
    """Checks the pseudonym key, the warehouse, the roster and every report of every vendor that is configured."""
    keys = None
    try:
        keys = pseudonymizer()
        yield Check("pseudonym key", True, "set")
    except AgentSpendError as error:
        yield failed("pseudonym key", error)
    yield _warehouse(target)
    yield _roster(keys)
    yield _finance()
    for name, vendor in VENDORS.items():
        if not vendor.is_configured():
            yield Check(name, True, f"not configured: {vendor.NOT_CONFIGURED}")
            continue
        try:
            settings = vendor.load_settings()
        except AgentSpendError as error:
            yield failed(name, error)
            continue
        try:
            yield from vendor.checks(settings)
        except AgentSpendError as error:
            yield failed(name, error)


def _warehouse(target: str) -> Check:
    warehouse = Warehouse(target)
    try:
        warehouse.probe()
    except AgentSpendError as error:
        return failed("warehouse", error)
    place = warehouse.path if target == "duckdb" else f"PostgreSQL at {os.environ.get('PGHOST', 'localhost')}"
    return Check("warehouse", True, str(place))


def _roster(keys: Pseudonymizer | None) -> Check:
    settings = roster.load_settings()
    if not settings.bucket_url:
        return Check("roster", True, "not configured: teams come from the vendors (SOURCES__ROSTER__BUCKET_URL)")
    try:
        read = roster.read(settings, keys or Pseudonymizer("0" * 64))
    except AgentSpendError as error:
        return failed("roster", error)
    if read.problems:
        return Check("roster", False, "; ".join(read.problems[:3]), ExitCode.REJECTED_DATA)
    return Check("roster", True, f"{len(read.people)} periods in {read.files} files")


def _finance() -> Check:
    settings = finance.load_settings()
    if not settings.bucket_url:
        return Check("finance", True, "not configured: the seeds alone count (SOURCES__FINANCE__BUCKET_URL)")
    try:
        reading = finance.read(settings)
    except AgentSpendError as error:
        return failed("finance", error)
    if reading.refused:
        told = "; ".join(str(refused.problem) for refused in reading.refused[:3])
        return Check("finance", False, told, ExitCode.REJECTED_DATA)
    return Check("finance", True, f"{len(reading)} rows in {len(reading.read)} files")
