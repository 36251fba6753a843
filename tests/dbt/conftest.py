"""The dbt project, parsed once: what the tests of its laws look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[2]
VENDORS = ("github_copilot", "anthropic", "cursor", "openai")
# Sources that are no vendor's usage reports, and the vendor with which a test switches them.
BILLING_SOURCES = {"github_billing": "github_copilot", "github_delivery": "github_copilot", "focus": None, "otel": None}


def _parse(target_path: Path, *flags: str) -> dict[str, Any]:
    arguments = ["parse", "--no-partial-parse", "--target-path", str(target_path), "--log-path", str(target_path)]
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    result = dbtRunner().invoke(["--quiet", "--no-version-check", *arguments, *folders, *flags])
    assert result.success, result.exception
    manifest: dict[str, Any] = json.loads((target_path / "manifest.json").read_text())
    return manifest


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt's manifest of the project as it stands; a deprecated spelling fails the parse."""
    return _parse(
        tmp_path_factory.mktemp("dbt"),
        "--show-all-deprecations",
        "--warn-error-options",
        '{"error": ["Deprecations"]}',
    )


@pytest.fixture(scope="session")
def manifest_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """A function that answers dbt's manifest with only these vendors switched on."""

    @cache
    def parse(*vendors: str) -> dict[str, Any]:
        switches = {f"{vendor}_enabled": vendor in vendors for vendor in VENDORS}
        switches |= {f"{source}_enabled": vendor in vendors for source, vendor in BILLING_SOURCES.items()}
        return _parse(tmp_path_factory.mktemp("dbt_of_vendors"), "--vars", json.dumps(switches))

    return parse


@pytest.fixture(scope="session")
def demo_manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt's manifest as the demo builds it."""
    return _parse(tmp_path_factory.mktemp("dbt_of_the_demo"), "--vars", "{demo_company: true}")


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Models by name."""
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


@pytest.fixture(scope="session")
def marts(models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The published models by name."""
    return {name: node for name, node in models.items() if node["original_file_path"].startswith("models/marts/")}
