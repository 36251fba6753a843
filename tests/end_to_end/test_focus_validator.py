"""The demo's FOCUS export in dialect 1.2, under the eyes of the official validator.

Some of its rules do not say what the specification says, and are told apart by name:
- InvoiceId-C-004-C and -005-C (all null; none null) are the two ways to satisfy InvoiceId-C-003-C, yet each is judged
  by itself: one of the two always fails. Charges with and without an invoice are therefore given apart.
- EffectiveCost-C-005-C wants 0 for every purchase. Its text, and the specification's own example of licences
  (simple_saas_agreements_a2), want it for those that cover later charges: seats do not.
- ConsumedQuantity-C-006-C means "not null when ChargeClass is not Correction", and asks it of the corrections: a credit
  note has no quantity to consume.
- ListCost-C-009-C and its like (cost is price times quantity) look at rows whose ChargeClass is neither null nor
  Correction: at none. tests/dbt/exports asks it of every row.
The rows that the second and the third refuse are a file of their own, and nothing else may fail there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from demo.constants import AS_OF
from tests.end_to_end.conftest import Demo
from tests.end_to_end.focus_validator import Validator, Verdict, installed
from tests.end_to_end.workbench import Workbench

pytestmark = pytest.mark.xdist_group("focus_validator")

ALTERNATIVES = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}
REFUSED_WRONGLY = """(
    ("ChargeCategory" = 'Purchase' and "EffectiveCost" <> 0)
    or ("ChargeClass" is not distinct from 'Correction' and "ConsumedQuantity" is null)
)"""
WRONG_RULES = {
    "EffectiveCost-C-005-C",
    # The second one takes those with it that it is part of.
    *(f"ConsumedQuantity-C-{number}-C" for number in ("000", "003", "004", "005", "006")),
}
A_FEW_OF_EACH = 'qualify row_number() over (partition by "ServiceName", "ChargeCategory" order by "x_ChargeKey") < 9'
LEAST_RULES = 240


@dataclass(frozen=True)
class Dialect:
    """The demo with the export in FOCUS 1.2, and the validator."""

    bench: Workbench
    validator: Validator
    folder: Path

    def export(self, name: str, query: str) -> Path:
        """Rows of the export as Parquet, decimals as decimals."""
        path = self.folder / f"{name}.parquet"
        with duckdb.connect(str(self.bench.warehouse), read_only=True) as connection:
            (rows,) = connection.execute(f"copy ({query}) to '{path}' (format parquet)").fetchall()[0]
        assert rows, f"no rows for {name}"
        return path

    def validate(self, name: str, query: str) -> Verdict:
        verdict = self.validator.validate(self.export(name, query))
        # Something was looked at, and each of the failures was read from the output.
        assert verdict.passed > LEAST_RULES, verdict.output[:2000]
        assert verdict.failed == len(verdict.failures), verdict.output[-4000:]
        assert "InvoiceId-C-003-C" in verdict.passes
        return verdict


@pytest.fixture(scope="module")
def dialect(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Dialect:
    validator = installed()
    folder = tmp_path_factory.mktemp("focus_1_2")
    bench = demo.built.copy(folder / "bench")
    bench.build(
        AS_OF,
        *("--vars", "{demo_company: true, focus_version: '1.2'}"),
        *("--select", "focus_cost_and_usage_1_2", "path:tests/dbt/exports"),
        *("--exclude-resource-type", "unit_test"),
    )
    return Dialect(bench, validator, folder)


@pytest.mark.parametrize(
    ("name", "condition"),
    [("on_invoices", '"InvoiceId" is not null'), ("not_invoiced", '"InvoiceId" is null')],
)
def test_no_rule_fails(dialect: Dialect, name: str, condition: str) -> None:
    verdict = dialect.validate(
        name, f"select * from exports.focus_cost_and_usage where {condition} and not {REFUSED_WRONGLY}"
    )
    assert verdict.failures - ALTERNATIVES == frozenset()


def test_what_wrong_rules_refuse_fails_by_them_alone(dialect: Dialect) -> None:
    verdict = dialect.validate(
        "refused",
        f'select * from exports.focus_cost_and_usage where "InvoiceId" is not null and {REFUSED_WRONGLY}',
    )
    assert verdict.failures - ALTERNATIVES <= WRONG_RULES
    assert "EffectiveCost-C-005-C" in verdict.failures


def test_a_broken_rule_is_found(dialect: Dialect) -> None:
    """Taxes with a SKU, a currency that is none, and usage without a service."""
    verdict = dialect.validate(
        "broken",
        f"""
        select * replace (
            'Dollars' as "BillingCurrency",
            case when "ChargeCategory" = 'Tax' then 'vat' else "SkuId" end as "SkuId",
            nullif("ServiceName", 'Anthropic') as "ServiceName"
        )
        from exports.focus_cost_and_usage where "InvoiceId" is not null and not {REFUSED_WRONGLY}
        {A_FEW_OF_EACH}
        """,
    )
    assert {"SkuId-C-004-C", "ServiceName-C-003-M"} <= verdict.failures
    assert any(rule.startswith("BillingCurrency-") for rule in verdict.failures)
