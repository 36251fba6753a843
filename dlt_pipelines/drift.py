"""Schema drift: what a vendor's records hold beyond the structure that we know."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from duckdb.sqltypes import DuckDBPyType

from dlt_pipelines.record_shapes import FieldPath


def unknown_fields(
    inferred: dict[str, DuckDBPyType], structure: dict[str, Any], ignored: Iterable[str]
) -> list[FieldPath]:
    """The paths that an inferred record type has and the known structure has not."""
    relevant = {name: found for name, found in inferred.items() if name not in set(ignored)}
    return list(_unknown(relevant, structure, ()))


def structure_with(structure: dict[str, Any], unknown: Iterable[FieldPath]) -> dict[str, Any]:
    """The structure with every unknown field added as JSON, so that one parse keeps it."""
    extended = copy.deepcopy(structure)
    for path in unknown:
        place: Any = extended
        for part in path[:-1]:
            place = place[0] if part == "[]" else place[part]
        place[path[-1]] = "JSON"
    return extended


def _unknown(inferred: dict[str, DuckDBPyType], structure: dict[str, Any], path: FieldPath) -> Iterator[FieldPath]:
    for name, found in inferred.items():
        if name not in structure:
            yield (*path, name)
        else:
            yield from _unknown_inside(found, structure[name], (*path, name))


def _unknown_inside(found: DuckDBPyType, known: Any, path: FieldPath) -> Iterator[FieldPath]:
    if isinstance(known, dict) and found.id == "struct":
        yield from _unknown(_members(found), known, path)
    elif isinstance(known, list) and found.id == "list":
        yield from _unknown_inside(_members(found)["child"], known[0], (*path, "[]"))


def _members(nested: DuckDBPyType) -> dict[str, DuckDBPyType]:
    return {str(name): member for name, member in nested.children if isinstance(member, DuckDBPyType)}
