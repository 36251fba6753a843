"""Every raw table of the project, and the dbt sources that are written from it.

`python -m dlt_pipelines.catalog` rewrites models/staging/*/_*__sources.yml; a test fails when they differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dlt_pipelines.github_copilot import tables as github_copilot
from dlt_pipelines.identifiers import IDENTIFIERS
from dlt_pipelines.roster import tables as roster
from dlt_pipelines.schema import Column, Table, text

PROJECT = Path(__file__).resolve().parent.parent

LOAD_ID = text("_dlt_load_id", "dlt's id of the load package that wrote the row.")


@dataclass(frozen=True)
class Dataset:
    """A dlt dataset (schema) and its tables."""

    source: str
    name: str
    description: str
    tables: tuple[Table, ...]

    @property
    def sources_yaml(self) -> Path:
        """Where dbt's description of this dataset lies."""
        return PROJECT / "models" / "staging" / self.source / f"_{self.source}__sources.yml"


DATASETS = (
    Dataset(
        "github_copilot",
        "raw_github_copilot",
        "GitHub Copilot reports and lists, as extracted; people are keyed pseudonyms.",
        github_copilot.TABLES,
    ),
    Dataset("roster", "raw_roster", "The people roster, as extracted; people are keyed pseudonyms.", roster.TABLES),
    Dataset(
        "restricted",
        "raw_restricted",
        "The one place where identifiers stand in clear. Grant it to nobody by default.",
        (IDENTIFIERS,),
    ),
)


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
    return header + yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)


def write_sources() -> list[Path]:
    """Writes every sources file and returns their paths."""
    paths = []
    for dataset in DATASETS:
        dataset.sources_yaml.parent.mkdir(parents=True, exist_ok=True)
        dataset.sources_yaml.write_text(sources_yaml(dataset))
        paths.append(dataset.sources_yaml)
    return paths


if __name__ == "__main__":
    for path in write_sources():
        print(path.relative_to(PROJECT))
