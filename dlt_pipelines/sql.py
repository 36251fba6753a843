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


# A number with an exponent: DuckDB's own cast rounds what lies far behind the ninth decimal up (9e-17 to 0.000000001).
WITH_EXPONENT = r"\s*[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d{1,3}\s*"
EXPONENT_PARTS = r"'([+-]?)(\d*)\.?(\d*)[eE]([+-]?\d+)', ['sign', 'whole', 'fraction', 'exponent']"
# No decimal(38, 9) has so many digits on either side of its point.
MOST_ZEROS = 60


def exact_decimal(expression: str, cast: str = "try_cast") -> str:
    """The decimal(38, 9) of a text, rounded once, however its digits are written; NULL where it is no such number.

    With `cast` = "cast" a text that is no such number is an error instead of NULL. DuckDB reads a short decimal sixty
    times faster than a long one, and rounds both alike.
    """
    digits = "part.whole || part.fraction"
    # Where the point comes to stand, counted from the first digit.
    point = "(length(part.whole) + cast(part.exponent as integer))"
    before = f"repeat('0', least(greatest(-{point}, 0), {MOST_ZEROS}))"
    after = f"repeat('0', least(greatest({point} - length({digits}), 0), {MOST_ZEROS}))"
    plain = (
        f"part.sign || case when {point} <= 0 then '0.' || {before} || {digits}"
        f" else left({digits}, {point}) || {after} || '.' || substr({digits}, {point} + 1) end"
    )
    parts = f"regexp_extract({expression}, {EXPONENT_PARTS})"
    written_out = (
        f"case when regexp_full_match({expression}, {literal(WITH_EXPONENT)})"
        f" then list_transform([{parts}], lambda part: {plain})[1] else {expression} end"
    )
    return (
        f"case when {expression} like '%e%' or {expression} like '%E%'"
        f" then {cast}({written_out} as decimal(38, 9))"
        f" else coalesce(cast(try_cast({expression} as decimal(18, 9)) as decimal(38, 9)),"
        f" {cast}({expression} as decimal(38, 9))) end"
    )
