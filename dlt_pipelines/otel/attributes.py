"""From attributes of any generation to columns: the SQL that seeds/otel_attribute_names.csv stands for.

Records come as two lists, the names of their attributes and their values as text. Only names that occur in a chunk are
looked up: a record of twelve attributes is searched for those, not for all the names there are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dlt_pipelines.otel.content import keyed_digest, without_nul
from dlt_pipelines.schema import Column
from dlt_pipelines.sql import exact_decimal, literal, quoted

NAMES_CSV = Path(__file__).resolve().parents[2] / "seeds" / "otel_attribute_names.csv"

# A repository's address begins so; owner and name, or groups above it, in lower case.
SCHEME = "^[a-z][a-z0-9+.-]*"
OWNER_AND_NAME = r"[a-z0-9_-][a-z0-9_.-]*(?:/[a-z0-9_.-]+)+"
HTTP_ADDRESS = r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d+)?(?:/[^\s@]*)?"

MILLIONTHS = "0.000001"
NANOS_PER_UNIT = "1000000000"


@dataclass(frozen=True)
class AttributeName:
    """A row of the seed."""

    column_name: str
    attribute_name: str
    precedence: int
    applies_to: str
    counts_cached_input: str
    reads_as: str
    emitter: str
    status: str
    source: str


@cache
def attribute_names() -> tuple[AttributeName, ...]:
    """The seed's rows, those of a column in their order of precedence."""
    with NAMES_CSV.open(encoding="utf-8", newline="") as file:
        rows = [
            AttributeName(row["column_name"], row["attribute_name"], int(row["precedence"]), *list(row.values())[3:])
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(rows, key=lambda row: (row.column_name, row.precedence)))


@cache
def mapped_names() -> frozenset[str]:
    """Every name that some column is filled from."""
    return frozenset(row.attribute_name for row in attribute_names())


@cache
def content_names() -> frozenset[str]:
    """Mapped names whose value is content: only its digest or its size goes to a column."""
    return frozenset(row.attribute_name for row in attribute_names() if row.reads_as == "text")


@dataclass(frozen=True)
class Level:
    """One of the two places that a record's attributes stand in: its own, and its resource's.

    `names` are those that occur; `prefix` begins the SQL names of the values that were looked up.
    """

    prefix: str
    names: tuple[str, ...]
    kinds: Collection[str]

    def lookups(self, record: str) -> list[str]:
        """SQL of one column per mapped name that occurs: its text; NULL where the record lacks it or it is blank."""
        return [
            f"nullif({without_nul(f'{record}.texts[list_position({record}.names, {literal(name)})]')}, '')"
            f" as {self.place(name)}"
            for name in self.mapped
        ]

    @property
    def mapped(self) -> list[str]:
        """Mapped names that occur, each once."""
        wanted = {row.attribute_name for row in attribute_names() if row.applies_to in self.kinds}
        return [name for name in self.names if name in wanted]

    def place(self, name: str) -> str:
        """The SQL name of a looked-up value."""
        return quoted(f"{self.prefix}{name}")


RECORD_KINDS = {"span": ("any",), "event": ("any", "event"), "point": ("any", "point")}
RESOURCE_KINDS = ("any", "resource")


class Mapping:
    """The SQL of every mapped column over looked-up values, for records whose attributes have these names."""

    def __init__(self, kind: str, record_names: Sequence[str], resource_names: Sequence[str]) -> None:
        self.record = Level("a:", tuple(record_names), RECORD_KINDS[kind])
        self.resource = Level("r:", tuple(resource_names), RESOURCE_KINDS)

    def found(self, column: str) -> list[tuple[AttributeName, str]]:
        """The column's names that occur, with the SQL of their text: the record's own first."""
        rows = [row for row in attribute_names() if row.column_name == column]
        return [
            (row, level.place(row.attribute_name))
            for level in (self.record, self.resource)
            for row in rows
            if row.applies_to in level.kinds and row.attribute_name in level.names
        ]

    def texts(self, column: str) -> list[str]:
        """The SQL of each text that the column may come from."""
        return [text for _, text in self.found(column)]

    def value(self, column: Column) -> str:
        """The SQL of a column's value in its own type; NULL where no attribute fills it."""
        special: dict[str, Callable[[], str]] = {
            "input_tokens_attribute": lambda: self._read_from("input_tokens", _whole),
            "reported_cost": lambda: _first([_money(row, text) for row, text in self.found("reported_cost")]),
            "reported_cost_attribute": lambda: self._read_from("reported_cost", _exact),
            "reported_cost_currency": lambda: self._of_cost("USD", "upper"),
            # Every agent's own number is its estimate; only the convention's attribute may come from the provider.
            "reported_cost_source": lambda: self._of_cost("local", "lower"),
            "nano_aiu": lambda: _first([_nano(row, text) for row, text in self.found("nano_aiu")]),
            "is_success": lambda: _first([f"try_cast({text} as boolean)" for text in self.texts("is_success")]),
            "repository": self._repository,
            "session_url": lambda: _address(_first(self.texts("session_url"))),
            "logs_url": lambda: _address(_first(self.texts("logs_url"))),
            "content_hash": lambda: _called(keyed_digest, self.texts("content_hash")),
            "input_bytes": lambda: _first([_size(row, text) for row, text in self.found("input_bytes")]),
            "output_bytes": lambda: _first([_size(row, text) for row, text in self.found("output_bytes")]),
            "change_state": lambda: _called("lower", self.texts("change_state")),
            "pipeline_result": lambda: _called("lower", self.texts("pipeline_result")),
            "decision": self._decision,
        }
        if column.name in special:
            return special[column.name]()
        casts = {"bigint": _whole, "decimal": _exact}
        cast = casts.get(column.data_type, str)
        return _first([cast(text) for text in self.texts(column.name)])

    def _read_from(self, column: str, cast: Callable[[str], str]) -> str:
        """The name of the attribute that a number was read from."""
        cases = " ".join(
            f"when {cast(text)} is not null then {literal(row.attribute_name)}" for row, text in self.found(column)
        )
        return f"case {cases} end" if cases else "null"

    def _of_cost(self, otherwise: str, written: str) -> str:
        """A property of the cost that was read: as the convention's own attribute says, of other names as is known."""
        said = _called(written, self.texts(f"reported_cost_{'currency' if written == 'upper' else 'source'}"))
        cases = " ".join(
            f"when {_exact(text)} is not null then {literal(otherwise) if row.reads_as else said}"
            for row, text in self.found("reported_cost")
        )
        return f"case {cases} end" if cases else "null"

    def _repository(self) -> str:
        """owner/name of an address, of `host:owner/name` or of itself; NULL where it is anything else.

        What may hold a credential goes: userinfo, query, fragment; so does what is left of it in no known form.
        """
        written = _first(self.texts("repository"))
        if written == "null":
            return written
        cut = f"regexp_replace(trim({written}), '[?#].*$', '', 's')"
        path = (
            f"case when regexp_matches({cut}, '{SCHEME}://', 'i')"
            f" then regexp_replace({cut}, '{SCHEME}://[^/]*/+', '', 'i')"
            f" when regexp_matches({cut}, '^[^/]*[@:]')"
            f" then regexp_replace({cut}, '^(?:[^/]*@)?[^/@:]+(?::(?:\\d+/+)?/*|/+)', '')"
            f" else regexp_replace({cut}, '^[^/]+\\.[^/]+/+', '') end"
        )
        bare = f"lower(regexp_replace(trim({path}, '/'), '\\.git$', '', 'i'))"
        owner = _called("lower", self.texts("repository_owner"))
        whole = f"case when contains({bare}, '/') then {bare} else ({owner}) || '/' || {bare} end"
        return (
            f"case when not regexp_matches({written}, '^\\s*(?:file:|[/\\\\]|[a-z]:)', 'i')"
            f" then nullif(regexp_extract({whole}, '^{OWNER_AND_NAME}$'), '') end"
        )

    def _decision(self) -> str:
        said = _called("lower", self.texts("decision"))
        if said == "null":
            return said
        return (
            f"case when regexp_matches({said}, '^(?:auto_)?(?:accept|approve|allow)') then 'accept'"
            f" when regexp_matches({said}, '^(?:auto_)?(?:reject|den|abort|cancel)') then 'reject' else {said} end"
        )


def _first(values: Sequence[str]) -> str:
    """The first value that is there."""
    return f"coalesce({', '.join(values)})" if values else "null"


def _address(text: str) -> str:
    """An http(s) address without userinfo, query and fragment; NULL for anything else."""
    if text == "null":
        return text
    cut = f"regexp_replace(trim({text}), '[?#].*$', '', 's')"
    bare = f"regexp_replace({cut}, '^(https?://)[^/]*@', '\\1', 'i')"
    return f"case when regexp_full_match({bare}, '(?i){HTTP_ADDRESS}') then {bare} end"


def _called(function: str | Callable[[str], str], texts: Sequence[str]) -> str:
    if not texts:
        return "null"
    return f"{function}({_first(texts)})" if isinstance(function, str) else function(_first(texts))


def _whole(text: str) -> str:
    """A whole number, also where a double was sent; NULL for what is none."""
    return f"try_cast({text} as bigint)"


def _exact(text: str) -> str:
    return f"({exact_decimal(text)})"


def _money(row: AttributeName, text: str) -> str:
    if row.reads_as != "usd_micros":
        return _exact(text)
    # So few digits that the product has no more than a decimal can hold: an overflow would cost the whole part.
    return f"cast(try_cast({_exact(text)} as decimal(28, 9)) * {MILLIONTHS} as decimal(38, 9))"


def _nano(row: AttributeName, text: str) -> str:
    if row.reads_as != "aiu":
        return _whole(text)
    return f"try_cast(try_cast({_exact(text)} as decimal(19, 9)) * {NANOS_PER_UNIT} as bigint)"


def _size(row: AttributeName, text: str) -> str:
    return f"strlen({text})" if row.reads_as == "text" else _whole(text)
