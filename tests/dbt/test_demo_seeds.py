"""The demo's own seeds are what its company says of its keys and of its bills, in the shape of those that you fill in.

`python -m tests.dbt.test_demo_seeds` writes seeds/demo anew.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from demo.anthropic_directory import ANTHROPIC_KEY_TAGS
from demo.billing_seeds import SEEDS as BILLING
from demo.billing_seeds import seeds as billing_seeds
from demo.billing_seeds import write
from demo.company import Company, build_company
from demo.openai_accounts import OPENAI_KEY_TAGS
from demo.work_seeds import rows as work_rows

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FINANCE = (*BILLING, *work_rows())
TAG_COLUMNS = ("vendor", "principal_key", "environment", "cost_center", "owner_team", "purpose", "principal_kind")


def key_tags() -> str:
    """The text of seeds/demo/demo_api_key_tags.csv."""
    rows = [[getattr(tag, column) or "" for column in TAG_COLUMNS] for tag in (*ANTHROPIC_KEY_TAGS, *OPENAI_KEY_TAGS)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([TAG_COLUMNS, *sorted(rows)])
    return text.getvalue()


def test_the_demo_tags_its_keys_as_its_company_does() -> None:
    written = (SEEDS / "demo" / "demo_api_key_tags.csv").read_text()
    assert written == key_tags(), "write it anew: python -m tests.dbt.test_demo_seeds"


def seeds(company: Company) -> dict[str, str]:
    """The texts of the finance inputs and of those about agents' work, by the name of the seed."""
    work = {name: write(header, rows(company)) for name, (header, rows) in work_rows().items()}
    return billing_seeds(company) | work


@pytest.fixture(scope="module")
def finance() -> dict[str, str]:
    """The finance inputs of the demo's company, by the name of the seed."""
    return seeds(build_company())


@pytest.mark.parametrize("name", FINANCE)
def test_the_demo_s_finance_inputs_are_those_of_its_company(finance: dict[str, str], name: str) -> None:
    written = (SEEDS / "demo" / f"demo_{name}.csv").read_text()
    assert written == finance[name], "write it anew: python -m tests.dbt.test_demo_seeds"


def test_two_runs_write_the_same(finance: dict[str, str]) -> None:
    assert seeds(build_company()) == finance


@pytest.mark.parametrize("name", ["api_key_tags", "contract_prices", "identity_map", *FINANCE])
def test_the_demo_s_seeds_are_shaped_like_yours(name: str) -> None:
    own, demo = (SEEDS / "own" / f"{name}.csv", SEEDS / "demo" / f"demo_{name}.csv")
    assert own.read_text().splitlines()[0] == demo.read_text().splitlines()[0]


if __name__ == "__main__":
    (SEEDS / "demo" / "demo_api_key_tags.csv").write_text(key_tags())
    for seed, text in seeds(build_company()).items():
        (SEEDS / "demo" / f"demo_{seed}.csv").write_text(text)
