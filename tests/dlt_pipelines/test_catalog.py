"""The raw tables are described once."""

from __future__ import annotations

import pytest

from dlt_pipelines.catalog import DATASETS, sources_path, sources_yaml
from dlt_pipelines.schema import Dataset, Table

TABLES = [pytest.param(table, id=f"{dataset.name}.{table.name}") for dataset in DATASETS for table in dataset.tables]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_the_dbt_sources_are_written_from_the_tables(dataset: Dataset) -> None:
    assert sources_path(dataset).read_text() == sources_yaml(dataset), "run python -m dlt_pipelines.catalog"


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_a_column_and_every_column_is_described(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert set(table.key) <= set(names)
    assert all(column.description.endswith((".", "NULL.", "…")) for column in table.columns)


@pytest.mark.parametrize("table", TABLES)
def test_nothing_counted_or_paid_is_a_float(table: Table) -> None:
    assert not {column.sql_type for column in table.columns} & {"double", "float", "real"}
