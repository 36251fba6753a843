"""Schema drift: what a vendor's records hold beyond, or other than, the structure that we know."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from duckdb.sqltypes import DuckDBPyType

from dlt_pipelines.record_shapes import FieldPath

NUMBERS = {"bigint", "ubigint", "hugeint", "uhugeint"}
INFERRED_AS: dict[str, set[str]] = {
    "BIGINT": NUMBERS,
    "DECIMAL(38,9)": NUMBERS | {"double"},
    "VARCHAR": {"varchar", "date", "time", "timestamp", "timestamp with time zone", "uuid"},
    "BOOLEAN": {"boolean"},
    "DATE": {"date"},
}


@dataclass
class Drift:
    """Unknown fields; fields that DuckDB could not type (all null, or mixed); whether a known type looks changed."""

    unknown: list[FieldPath] = field(default_factory=list)
    ambiguous: list[FieldPath] = field(default_factory=list)
    suspicious: bool = False


def compare(inferred: dict[str, DuckDBPyType], structure: dict[str, Any], ignored: Iterable[str]) -> Drift:
    """What an inferred record type says against the structure that we know."""
    drift = Drift()
    _compare_object({k: v for k, v in inferred.items() if k not in set(ignored)}, structure, (), drift)
    return drift


def structure_with(structure: dict[str, Any], unknown: Iterable[FieldPath]) -> dict[str, Any]:
    """The structure with every unknown field added as JSON, so that one parse keeps it."""
    extended = copy.deepcopy(structure)
    for path in unknown:
        place: Any = extended
        for part in path[:-1]:
            place = place[0] if part == "[]" else place[part]
        place[path[-1]] = "JSON"
    return extended


def _compare_object(
    inferred: dict[str, DuckDBPyType], structure: dict[str, Any], path: FieldPath, drift: Drift
) -> None:
    for name, found in inferred.items():
        if name in structure:
            _compare(found, structure[name], (*path, name), drift)
        else:
            drift.unknown.append((*path, name))


def _compare(found: DuckDBPyType, known: Any, path: FieldPath, drift: Drift) -> None:
    if known == "JSON":
        return
    if str(found) == "JSON":
        drift.ambiguous.append(path)
    elif isinstance(known, dict):
        if found.id == "struct":
            _compare_object(_members(found), known, path, drift)
        else:
            drift.suspicious = True
    elif isinstance(known, list):
        if found.id == "list":
            _compare(_item_type(found), known[0], (*path, "[]"), drift)
        else:
            drift.suspicious = True
    elif str(found).lower() not in INFERRED_AS[known]:
        drift.suspicious = True


def _members(struct: DuckDBPyType) -> dict[str, DuckDBPyType]:
    return {str(name): member for name, member in struct.children if isinstance(member, DuckDBPyType)}


def _item_type(array: DuckDBPyType) -> DuckDBPyType:
    return _members(array)["child"]
