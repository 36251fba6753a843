"""Vendors that are switched off leave everything else building, with the same rows: each vendor alone, and none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Demo
from tests.end_to_end.one_vendor import OWN_COLUMN, build, raw_of, rows_of, shared_strangers, sources_of
from tests.end_to_end.truths import VENDORS
from tests.end_to_end.workbench import MARTS, Ask, differences

pytestmark = pytest.mark.xdist_group("switched_off")


@pytest.fixture(scope="module", params=VENDORS)
def alone(
    request: pytest.FixtureRequest, demo: Demo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Ask]]:
    """A warehouse with the raw data of all vendors, built with one of them switched on."""
    vendor: str = request.param
    bench = raw_of(demo.built, tmp_path_factory.mktemp(vendor), VENDORS)
    build(bench, (vendor,))
    with bench.query() as found:
        yield vendor, found


@pytest.mark.parametrize("name", OWN_COLUMN)
def test_a_vendor_alone_has_the_same_rows(ask: Ask, alone: tuple[str, Ask], name: str) -> None:
    vendor, found = alone
    strangers = shared_strangers(ask)
    assert not differences(rows_of(ask, name, vendor, strangers), rows_of(found, name, vendor, strangers))


def test_a_vendor_alone_is_alone(alone: tuple[str, Ask]) -> None:
    vendor, found = alone
    for name, column in OWN_COLUMN.items():
        others = {of for (of,) in found(f"select distinct {column} from {name}")}
        assert others <= {*sources_of((vendor,)), "roster", "model_prices"}, name
    assert found("select distinct vendor from core.fct_credits_daily") == [(vendor,)]


def test_without_any_vendor_everything_builds_and_is_empty(demo: Demo, tmp_path: Path) -> None:
    bench = raw_of(demo.built, tmp_path, VENDORS)
    build(bench, ())
    with bench.query() as found:
        rows = {name: found(f"select count(*) from {name}")[0][0] for name in MARTS}
        assert {name for name in OWN_COLUMN if rows[name]} == {"governance.fct_source_recency"}
        sources = found("select distinct source from governance.fct_source_recency order by 1")
        assert sources == [("model_prices",), ("roster",)]
        assert rows["core.dim_person"] > 100, "the roster is still there"
