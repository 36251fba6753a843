"""Small pieces of DuckDB SQL text for the parsers."""

from __future__ import annotations

import json

from dlt_pipelines.record_shapes import FieldPath


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string."""
    return "'" + value.replace("'", "''") + "'"


def dotted(path: str) -> str:
    """A struct member, 'a.b' as "a"."b"."""
    return ".".join(quoted(part) for part in path.split("."))


def json_path(path: FieldPath) -> str:
    """A JSON path; "[]" becomes every item."""
    return "$" + "".join("[*]" if part == "[]" else f".{json.dumps(part)}" for part in path)


def has_value(document: str, path: FieldPath) -> str:
    """True where a JSON document holds anything but null at a path."""
    place = literal(json_path(path))
    values = f"json_extract({document}, {place if '[]' in path else f'[{place}]'})"
    return f"len(list_filter({values}, v -> json_type(v) <> 'NULL')) > 0"
