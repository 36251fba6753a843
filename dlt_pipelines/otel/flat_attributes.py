"""Attributes that are a flat JSON object or a map, not OTLP's list: the SQL of their names and of their texts.

Of an array the text is its items, parted by commas, as for OTLP.
"""

from __future__ import annotations

MAP = "MAP(VARCHAR, JSON)"


def names(place: str, sql_type: str) -> str:
    """The SQL of the list of names of a map, or of a JSON object."""
    return f"json_keys({place})" if sql_type in ("JSON", "VARCHAR") else f"map_keys({place})"


def texts(place: str, sql_type: str) -> str:
    """The SQL of the list of values as text, in the order of the names."""
    if sql_type in ("JSON", "VARCHAR"):
        # A pointer reaches any name; a path would take the dots in it for steps.
        pointer = "'/' || replace(replace(name, '~', '~0'), '/', '~1')"
        values = f"list_transform(json_keys({place}), lambda name: json_extract({place}, {pointer}))"
        return f"list_transform({values}, lambda value: {text('value')})"
    if sql_type == MAP:
        return f"list_transform(map_values({place}), lambda value: {text('value')})"
    return f"list_transform(map_values({place}), lambda value: cast(value as varchar))"


def text(value: str) -> str:
    """The SQL of the text of a JSON value; NULL of null."""
    return (
        f"case json_type({value}) when 'ARRAY' then array_to_string(json_extract_string({value}, '$[*]'), ',')"
        f" else json_extract_string({value}, '$') end"
    )
