"""Vendors without credentials leave everything else running and building, with the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.constants import AS_OF
from demo.run import PSEUDONYM_KEY
from demo.vendors import settings_of
from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.extraction import configured_sources
from tests.end_to_end.conftest import Demo
from tests.end_to_end.one_vendor import OWN_COLUMN, build, raw_of, rows_of, shared_strangers
from tests.end_to_end.truths import VENDORS
from tests.end_to_end.workbench import SECRETS, Ask, Workbench, differences

pytestmark = pytest.mark.xdist_group("without_credentials")

SETTINGS = {
    **SECRETS,
    "AGENT_SPEND_PSEUDONYM_KEY": PSEUDONYM_KEY,
    "SOURCES__GITHUB_COPILOT__ENTERPRISE": "quill-harbor",
    "SOURCES__CURSOR__ORGANIZATION_ID": "org",
    "SOURCES__OPENAI__CODEX_WORKSPACE": "ws",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: the project is the same each time, and dbt has to read it once."""
    return tmp_path_factory.mktemp("single")


@pytest.fixture(scope="module", params=VENDORS)
def single(request: pytest.FixtureRequest, demo: Demo, folder: Path) -> Iterator[tuple[str, Ask]]:
    """A warehouse in which no other vendor was ever extracted, built with all of them switched on."""
    vendor: str = request.param
    bench = raw_of(demo.built, folder, (vendor,))
    build(bench, VENDORS)
    with bench.query() as found:
        yield vendor, found


@pytest.mark.parametrize("name", OWN_COLUMN)
def test_a_vendor_whose_others_were_never_extracted_has_the_same_rows(
    ask: Ask, single: tuple[str, Ask], name: str
) -> None:
    vendor, found = single
    strangers = shared_strangers(ask)
    assert not differences(rows_of(ask, name, vendor, strangers), rows_of(found, name, vendor, strangers))


def test_what_was_never_extracted_is_empty(single: tuple[str, Ask]) -> None:
    vendor, found = single
    assert found("select distinct vendor from core.fct_credits_daily") == [(vendor,)]
    for other in (other for other in VENDORS if other != vendor):
        assert found(f"select count(*) from raw_{other}.report_loads") == [(0,)]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_run_takes_the_vendors_that_have_credentials(tmp_path: Path, vendor: str) -> None:
    bench = Workbench(tmp_path)
    with bench.environment(settings_of(SETTINGS, (vendor,)), AS_OF):
        assert configured_sources() == [vendor, "model_prices"]
    others = tuple(other for other in VENDORS if other != vendor)
    with bench.environment(settings_of(SETTINGS, others), AS_OF):
        assert configured_sources() == [*others, "model_prices"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_that_is_asked_for_without_credentials_says_what_is_missing(tmp_path: Path, vendor: str) -> None:
    others = tuple(other for other in VENDORS if other != vendor)
    with pytest.raises(ConfigurationError) as refused:
        Workbench(tmp_path).extract(settings_of(SETTINGS, others), AS_OF, None, vendor)
    assert f"SOURCES__{vendor.upper()}__" in str(refused.value)
