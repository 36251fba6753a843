"""Typed raw tables: the one description from which dlt hints, Arrow schemas and dbt sources are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

DataType = Literal["text", "bigint", "decimal", "bool", "date", "timestamp"]

# The same word means the same column type in DuckDB and PostgreSQL (money and credits are 38, 9).
SQL_TYPES: dict[DataType, str] = {
    "text": "text",
    "bigint": "bigint",
    "decimal": "decimal(38, 9)",
    "bool": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
}

ARROW_TYPES: dict[DataType, pa.DataType] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "decimal": pa.decimal128(38, 9),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Column:
    """One flat, typed column of a raw table."""

    name: str
    data_type: DataType
    description: str
    nullable: bool = True

    @property
    def sql_type(self) -> str:
        """The column's type in SQL text that DuckDB and PostgreSQL both read."""
        return SQL_TYPES[self.data_type]

    @property
    def dlt_hint(self) -> dict[str, Any]:
        """The column as dlt's schema wants it."""
        hint: dict[str, Any] = {
            "name": self.name,
            "data_type": self.data_type,
            "nullable": self.nullable,
        }
        if self.data_type == "decimal":
            hint |= {"precision": 38, "scale": 9}
        return hint


@dataclass(frozen=True)
class Table:
    """One raw table: its grain in words, its natural key and its columns."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...] = field(repr=False)

    @property
    def dlt_columns(self) -> dict[str, dict[str, Any]]:
        """Column hints for dlt, by column name."""
        return {column.name: column.dlt_hint for column in self.columns}

    def to_arrow(self, rows: list[dict[str, Any]]) -> pa.Table:
        """Rows of a small list as an Arrow table with the declared types; absent columns are NULL."""
        schema = pa.schema([(column.name, ARROW_TYPES[column.data_type]) for column in self.columns])
        return pa.Table.from_pylist(rows, schema=schema)


@dataclass(frozen=True)
class Dataset:
    """A dlt dataset (schema in the warehouse) and the raw tables that one source writes to it.

    `latest_only`: a reading replaces the one before, whatever its day. `adds_up`: no reading replaces another.
    """

    source: str
    name: str
    description: str
    tables: tuple[Table, ...] = field(repr=False)
    latest_only: bool = False
    adds_up: bool = False


def text(name: str, description: str, *, required: bool = False) -> Column:
    """A text column; `required` makes it NOT NULL."""
    return Column(name, "text", description, nullable=not required)


def count(name: str, description: str) -> Column:
    """A whole number that a vendor counted; NULL where the vendor does not say."""
    return Column(name, "bigint", description)


def number(name: str, description: str) -> Column:
    """A decimal(38, 9): credits, money, averages and medians."""
    return Column(name, "decimal", description)


def flag(name: str, description: str) -> Column:
    """A boolean; NULL is not false."""
    return Column(name, "bool", description)


def day(name: str, description: str, *, required: bool = False) -> Column:
    """A UTC calendar day."""
    return Column(name, "date", description, nullable=not required)


def instant(name: str, description: str, *, required: bool = False) -> Column:
    """A moment in UTC."""
    return Column(name, "timestamp", description, nullable=not required)
