"""Public prices in the warehouse: what the library says, its version with every row, nothing loaded twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlt_pipelines import extraction
from dlt_pipelines.outcome import Outcome
from tests.dlt_pipelines.pseudonyms import KEY


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "w.duckdb"
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(path))
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)
    return path


def extract(monkeypatch: pytest.MonkeyPatch, day: str = "2026-10-20") -> Outcome:
    monkeypatch.setenv("AGENT_SPEND_AS_OF", day)
    return extraction.extract(["model_prices"])


def rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_prices_that_are_known_by_heart(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sonnet 4.6 was dearer above 200,000 tokens until 2026-03-12, and flat from 2026-03-13 on (Anthropic's page)."""
    extract(monkeypatch)
    found = rows(
        warehouse,
        """
        select token_type, valid_from, valid_to, prompt_tokens_from, usd_per_million
        from raw_model_prices.model_prices where provider = 'anthropic' and model_id = 'claude-sonnet-4-6'
        """,
    )
    switch, last = date(2026, 3, 13), date(2026, 3, 12)
    assert {row for row in found if row[0] in ("output", "cache_write_1h")} == {
        ("output", None, last, 0, Decimal(15)),
        ("output", None, last, 200_000, Decimal("22.5")),
        ("output", switch, None, 0, Decimal(15)),
        ("cache_write_1h", None, last, 0, Decimal(6)),
        ("cache_write_1h", None, last, 200_000, Decimal(12)),
        ("cache_write_1h", switch, None, 0, Decimal(6)),
    }
    assert {row[0] for row in found} == {"input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output"}


def test_other_vendors_have_one_class_of_cache_writes(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extract(monkeypatch)
    classes = rows(
        warehouse,
        "select distinct provider = 'anthropic', token_type from raw_model_prices.model_prices"
        " where token_type like 'cache_write%' and provider in ('anthropic', 'openai')",
    )
    assert set(classes) == {(True, "cache_write_5m"), (True, "cache_write_1h"), (False, "cache_write")}


def test_prices_of_other_tiers_stand_apart(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extract(monkeypatch)
    tiers = rows(warehouse, "select distinct tier from raw_model_prices.model_price_variants where provider = 'openai'")
    assert {tier for (tier,) in tiers} == {"batch", "flex", "priority", "fast"}


def test_rules_recognise_dated_names(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extract(monkeypatch)
    rules = rows(
        warehouse,
        "select rule, pattern from raw_model_prices.model_matches where provider = 'openai' and model_id = 'gpt-5'",
    )
    assert ("equals", "gpt-5-2025-08-07") in rules


def test_every_row_tells_the_librarys_version(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extract(monkeypatch)
    for table in ("model_prices", "model_price_variants", "model_matches"):
        assert rows(warehouse, f"select distinct library_version from raw_model_prices.{table}") == [
            (version("genai-prices"),)
        ]


def test_the_same_version_is_not_loaded_again(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extract(monkeypatch)
    before = rows(warehouse, "select count(*) from raw_model_prices.model_prices")
    again = extract(monkeypatch, "2026-10-21")
    assert dict(again.reports) == {"unchanged": 1}
    assert rows(warehouse, "select count(*) from raw_model_prices.model_prices") == before


def test_another_version_replaces_the_one_before(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extract(monkeypatch)
    before = rows(warehouse, "select count(*) from raw_model_prices.model_prices")
    monkeypatch.setattr("dlt_pipelines.model_prices.extraction.version", lambda _: "9.9.9")
    assert dict(extract(monkeypatch, "2026-10-21").reports) == {"loaded": 1}
    assert rows(warehouse, "select distinct library_version from raw_model_prices.model_prices") == [("9.9.9",)]
    assert rows(warehouse, "select count(*) from raw_model_prices.model_prices") == before
