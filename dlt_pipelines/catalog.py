"""Every raw table of the project, and the dbt sources that are written from it.

`python -m dlt_pipelines.catalog` rewrites models/staging/*/_*__sources.yml; a test fails when they differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dlt_pipelines.anthropic import tables as anthropic
from dlt_pipelines.change_points import tables as change_points
from dlt_pipelines.close import tables as close
from dlt_pipelines.cursor import tables as cursor
from dlt_pipelines.finance import tables as finance
from dlt_pipelines.focus import tables as focus
from dlt_pipelines.github_billing import tables as github_billing
from dlt_pipelines.github_copilot import tables as github_copilot
from dlt_pipelines.github_delivery import tables as github_delivery
from dlt_pipelines.identifiers import RESTRICTED
from dlt_pipelines.model_prices import tables as model_prices
from dlt_pipelines.openai import tables as openai
from dlt_pipelines.otel import tables as otel
from dlt_pipelines.roster import tables as roster
from dlt_pipelines.schema import Column, Dataset, text

PROJECT = Path(__file__).resolve().parent.parent

LOAD_ID = text("_dlt_load_id", "dlt's id of the load package that wrote the row.")


DATASETS: tuple[Dataset, ...] = (
    github_copilot.DATASET,
    github_billing.DATASET,
    github_delivery.DATASET,
    anthropic.DATASET,
    cursor.DATASET,
    openai.DATASET,
    focus.DATASET,
    otel.DATASET,
    roster.DATASET,
    finance.DATASET,
    model_prices.DATASET,
    close.DATASET,
    change_points.DATASET,
    RESTRICTED,
)


def sources_path(dataset: Dataset) -> Path:
    """Where dbt's description of a dataset lies."""
    return PROJECT / "models" / "staging" / dataset.source / f"_{dataset.source}__sources.yml"


def _column(column: Column) -> dict[str, Any]:
    return {"name": column.name, "data_type": column.sql_type, "description": column.description}


def sources_yaml(dataset: Dataset) -> str:
    """The text of a dbt sources file: every table with grain, columns, types and descriptions."""
    document = {
        "sources": [
            {
                "name": dataset.source,
                "schema": dataset.name,
                "description": dataset.description,
                "tables": [
                    {
                        "name": table.name,
                        "description": f"One row per {table.grain}.",
                        "columns": [_column(column) for column in (*table.columns, LOAD_ID)],
                    }
                    for table in dataset.tables
                ],
            }
        ]
    }
    header = "# Written by `python -m dlt_pipelines.catalog` from the typed tables in dlt_pipelines; do not edit.\n"
    body: str = yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)
    return header + body


def write_sources() -> list[Path]:
    """Writes every sources file and returns their paths."""
    paths = []
    for dataset in DATASETS:
        path = sources_path(dataset)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sources_yaml(dataset))
        paths.append(path)
    return paths


if __name__ == "__main__":
    for path in write_sources():
        print(path.relative_to(PROJECT))
