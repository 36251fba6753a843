"""What the tests of vendors alone share: warehouses with less in them, and a vendor's rows of the marts."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import duckdb

from demo.constants import AS_OF
from tests.end_to_end.truths import VENDORS
from tests.end_to_end.workbench import MARTS, NO_TESTS, Ask, Row, Workbench, mart

SHARED = ("main", "raw_roster", "raw_model_prices", "raw_restricted")
# Marts whose rows each belong to one vendor, and the column that says to which.
OWN_COLUMN = {name: "source" if name.endswith(("restatements", "recency")) else "vendor" for name in MARTS}
# Of finance those that rest on the vendor's own data: invoices, contracts and closed months stay without a vendor.
OF_ONE_VENDOR = (
    *("core.dim_principal", "finance.fct_billed_charges", "finance.fct_variance_pvm"),
    "platform.fct_auth_audit",
)
OF_ALL = (
    *("core.dim_", "core.bridge_", "core.model_", "restricted.", "finance.", "exports."),
    # Traces and delivery are no vendor's.
    *("platform.", "engineering.", "governance.fct_burn_"),
)
for _name in MARTS:
    if _name.startswith(OF_ALL) and _name not in OF_ONE_VENDOR:
        del OWN_COLUMN[_name]
# What GitHub bills is read by a source of its own.
BILLING_SOURCE = {"github_copilot": "github_billing"}
# Strangers are one person where two vendors know them, which a vendor alone cannot tell.
PERSON_COLUMNS = ("person_key", "owner_person_key", "person_source")


def raw_of(built: Workbench, folder: Path, vendors: Iterable[str]) -> Workbench:
    """A warehouse with some vendors' raw tables of a built one, and nothing built from them."""
    folder.mkdir(parents=True, exist_ok=True)
    bench = Workbench(folder)
    shutil.copy(built.warehouse, bench.warehouse)
    kept = (*SHARED, *(f"raw_{source}" for source in sources_of(vendors)))
    with duckdb.connect(str(bench.warehouse)) as connection:
        found = connection.execute("""
            select schema_name from duckdb_tables() union select schema_name from duckdb_views() where not internal
        """)
        for (schema,) in found.fetchall():
            if schema not in kept:
                connection.execute(f'drop schema "{schema}" cascade')
    return bench


def sources_of(vendors: Iterable[str]) -> tuple[str, ...]:
    """The vendors' sources, those of their bills included."""
    return tuple(source for vendor in vendors for source in (vendor, BILLING_SOURCE.get(vendor)) if source)


def build(bench: Workbench, enabled: Iterable[str]) -> None:
    """`dbt build` with these vendors switched on."""
    on = sources_of(enabled)
    others = ("focus", "otel", "github_delivery")
    switches = {f"{source}_enabled": source in on for source in (*sources_of(VENDORS), *others)}
    bench.build(AS_OF, *NO_TESTS, "--vars", json.dumps({"demo_company": True, **switches}))


def rows_of(ask: Ask, name: str, vendor: str, strangers: Iterable[str]) -> Counter[Row]:
    """A vendor's rows of a mart; whose the use of strangers is, is left out."""
    columns, rows = mart(ask, name)
    own = columns.index(OWN_COLUMN[name])
    persons = [place for place, column in enumerate(columns) if column in PERSON_COLUMNS]
    keys = [place for place, column in enumerate(columns) if column in ("principal_key", "subject_key")]
    found: Counter[Row] = Counter()
    for row, number in rows.items():
        if row[own] == vendor:
            is_stranger = any(str(row[key]).removeprefix("cloud_agent:") in strangers for key in keys)
            shown = (None if is_stranger and place in persons else value for place, value in enumerate(row))
            found[tuple(shown)] += number
    return found


def shared_strangers(ask: Ask) -> frozenset[str]:
    """Principals of people whom the roster does not know and several vendors do."""
    rows = ask("select principal_key from core.dim_principal where person_source = 'shared_email'")
    return frozenset(key.removeprefix("cloud_agent:") for (key,) in rows)
