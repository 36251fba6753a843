"""Official FOCUS examples, read by the real reader; every total is computed again from the files by csv and Decimal.

The examples lie outside the project and are not part of it; without them these tests are skipped.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from dlt_pipelines.focus.files import copy_exports
from dlt_pipelines.focus.reading import FileRead, create_charges, read_file
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.reports import connect
from tests.end_to_end.workbench import NO_TESTS, PROJECT, Ask, Workbench

EXAMPLES = PROJECT.parent / "shared" / "data" / "focus"

pytestmark = [
    pytest.mark.xdist_group("focus_examples"),
    pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"there are no example files in {EXAMPLES}"),
]

OFFICIAL = EXAMPLES / "focus_v1_2_official_examples"
SAMPLE = EXAMPLES / "focus_1_0_sample" / "focus_sample_1000.csv"
DRAFTS = EXAMPLES / "focus_1_5_draft_ai_examples"
CORRECTION = EXAMPLES / "focus_1_4_correction_example" / "late_arriving_usage_ledger.csv"
FILES = sorted(path for path in EXAMPLES.rglob("*.csv") if not path.name.startswith("iso_currency"))

KEY = "a pseudonym key for the examples, long enough"
BUILD_DAY = date(2026, 11, 20)
NINE_DIGITS = Decimal("0.000000001")
NOTHING = ("", "null")
# Rows with a time that no clock shows (2023-02-01T30:00:00Z): line in the file, by file.
IMPOSSIBLE_TIMES = {
    "commitment_discount_purchase_scenario_2.csv": 4,
    "commitment_discount_purchase_scenario_3.csv": 5,
}
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ConsumedQuantity", "PricingQuantity")
FIELDS = ("billed_cost", "effective_cost", "list_cost", "contracted_cost", "consumed_quantity", "pricing_quantity")

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    """A file's rows that can be booked."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    bad = IMPOSSIBLE_TIMES.get(path.name)
    return [row for line, row in enumerate(rows, 2) if line != bad]


def amount(row: Row, column: str) -> Decimal | None:
    """An amount to nine decimals."""
    # 0.5 called the effective cost amortized.
    cell = row.get(column, row.get("AmortizedCost", "") if column == "EffectiveCost" else "") or ""
    text = cell.strip().replace("$", "").replace(",", "")
    return None if text.lower() in NOTHING else Decimal(text).quantize(NINE_DIGITS, ROUND_HALF_UP)


def total(rows: list[Row], column: str) -> Decimal:
    return sum((found for row in rows if (found := amount(row, column)) is not None), Decimal(0))


def read(path: Path, folder: Path) -> tuple[FileRead, list[dict[str, Any]]]:
    """The charges that the reader makes of one file, in its order."""
    with connect(folder) as connection:
        create_charges(connection)
        (file,) = copy_exports(str(path), folder)
        told = read_file(connection, file, 0, folder)
        found = connection.execute("select * from charges order by file_record")
        names = [column[0] for column in found.description]
        return told, [dict(zip(names, values, strict=True)) for values in found.fetchall()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_amount_of_every_file_is_read(path: Path, tmp_path: Path) -> None:
    told, charges = read(path, tmp_path)
    expected = rows_of(path)
    assert [tuple(charge[field] for field in FIELDS) for charge in charges] == [
        tuple(amount(row, column) for column in COSTS) for row in expected
    ]
    bad = IMPOSSIBLE_TIMES.get(path.name)
    problem = f"line {bad}, field ChargePeriodEnd: it is not a time such as 2026-10-01T00:00:00Z"
    assert told.problems == ([problem] if bad else [])
    assert all(charge["billing_period_start"] and charge["charge_period_start"] for charge in charges)


def charges_of(folder: Path, name: str) -> list[dict[str, Any]]:
    return read(OFFICIAL / f"{name}.csv", folder)[1]


def test_tokens_bought_in_advance_cost_when_they_are_used(tmp_path: Path) -> None:
    """Bought for 200,000 that cost nothing yet; three uses that are billed nothing cost 490, 20 and 720."""
    (bought,) = charges_of(tmp_path, "virtual_currency_pricing_model_a1")
    assert (bought["billed_cost"], bought["effective_cost"], bought["pricing_currency"]) == (200_000, 0, "USD")
    used = charges_of(tmp_path, "virtual_currency_pricing_model_a2")
    assert [(row["billed_cost"], row["effective_cost"]) for row in used] == [(0, 490), (0, 20), (0, 720)]
    assert {row["pricing_currency"] for row in used} == {"Token"}
    # What is left of the prepayment.
    assert bought["billed_cost"] - sum(row["effective_cost"] for row in used) == 198_770


@pytest.mark.parametrize(
    ("name", "costs", "tokens"),
    [
        # Tokens at half price; then a workflow that burns two tokens in place of three.
        ("virtual_currency_pricing_model_b2", [245, 10, 360], [245, 10, 360]),
        ("virtual_currency_pricing_model_b3", [245, 10, 240], [245, 10, 240]),
    ],
)
def test_discounts_on_tokens_and_burn_rates(tmp_path: Path, name: str, costs: list[int], tokens: list[int]) -> None:
    used = charges_of(tmp_path, name)
    assert [row["effective_cost"] for row in used] == costs
    assert [row["pricing_currency_effective_cost"] for row in used] == tokens
    assert sum(row["list_cost"] for row in used) == 1230
    assert total(rows_of(OFFICIAL / f"{name}.csv"), "EffectiveCost") == sum(costs)


def test_purchases_without_their_usage_stay_open(tmp_path: Path) -> None:
    """Example c leaves the usage out on purpose: 53,000 are bought, nothing is drawn, all of it remains."""
    bought = charges_of(tmp_path, "virtual_currency_pricing_model_c")
    assert {row["charge_category"] for row in bought} == {"Purchase"}
    assert [row["billed_cost"] for row in bought] == [3000, 50_000]
    assert sum(row["billed_cost"] - row["effective_cost"] for row in bought) == 53_000


@pytest.mark.parametrize(
    ("name", "costs"),
    [
        ("saas_spend_agreements_a1", 1200),
        ("saas_spend_agreements_a2", 1200),
        ("saas_spend_agreements_b1", 1200),
        ("saas_spend_agreements_b2", 1200),
    ],
)
def test_a_spend_agreement_costs_what_it_bills(tmp_path: Path, name: str, costs: int) -> None:
    """Billed as it is used, or upfront: over the year the commitment of 1,200 is billed, and costs, exactly that."""
    rows = charges_of(tmp_path, name)
    assert sum(row["billed_cost"] for row in rows) == sum(row["effective_cost"] for row in rows)
    assert sum(row["billed_cost"] for row in rows) == costs
    assert total(rows_of(OFFICIAL / f"{name}.csv"), "BilledCost") == costs


def test_a_year_of_licences_costs_at_once(tmp_path: Path) -> None:
    """FOCUS spreads no annual licence over the year: that is accounting."""
    (licences,) = charges_of(tmp_path, "simple_saas_agreements_a2")
    assert licences["billed_cost"] == licences["effective_cost"] == 50_000
    assert licences["pricing_quantity"] * licences["contracted_unit_price"] == 50_000


def test_late_usage_is_booked_in_the_open_period(tmp_path: Path) -> None:
    _, (late,) = read(CORRECTION, tmp_path)
    assert (late["charge_class"], late["billed_cost"], late["invoice_id"]) == (
        "Correction",
        1500,
        "INV-20250601-20250701",
    )
    assert (late["billing_period_start"].date(), late["charge_period_start"].date()) == (
        date(2025, 6, 1),
        date(2025, 5, 1),
    )


def test_a_prepayment_of_half_a_million_has_most_of_it_left(tmp_path: Path) -> None:
    _, rows = read(DRAFTS / "ai_drawdown_via_prepayment.csv", tmp_path)
    bought = sum(row["billed_cost"] for row in rows if row["charge_category"] == "Purchase")
    drawn = sum(row["effective_cost"] for row in rows if row["charge_category"] == "Usage")
    assert (bought, drawn, bought - drawn) == (500_000, 50, 499_950)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The sample, the drafts, the correction and one worked example in two parts, extracted and built."""
    folder = tmp_path_factory.mktemp("focus_examples")
    exports = folder / "exports"
    exports.mkdir()
    for path in (SAMPLE, CORRECTION, DRAFTS / "ai_cached_tokens_via_csp_marketplace.csv"):
        shutil.copy(path, exports)
    # The files of each of these tell of one account and month: they are parts of one delivery.
    for number, name in enumerate(("ai_drawdown_via_prepayment", "ai_multi_model_usage"), 1):
        shutil.copy(DRAFTS / f"{name}.csv", exports / f"drafts_part-{number}.csv")
    for number, name in enumerate(("virtual_currency_pricing_model_a1", "virtual_currency_pricing_model_a2"), 1):
        shutil.copy(OFFICIAL / f"{name}.csv", exports / f"tokens_part-{number}.csv")
    bench = Workbench(folder)
    settings = {"SOURCES__FOCUS__EXPORT_GLOB": str(exports / "*.csv"), "AGENT_SPEND_PSEUDONYM_KEY": KEY}
    outcome = bench.extract(settings, BUILD_DAY, None, "focus")
    assert not outcome.problems
    # The stray column, the names that are not loaded, and nothing else.
    assert outcome.warnings == [
        "focus_sample_1000.csv: columns that FOCUS does not have: Id",
        "names that may be a person's are not loaded: ResourceName (56 values), SubAccountName (1000 values)",
    ]
    bench.build(BUILD_DAY, "--select", "+int_billing__focus_charges", *NO_TESTS)
    with bench.query() as answer:
        yield answer


def test_the_sample_has_the_totals_of_its_file(ask: Ask) -> None:
    rows = rows_of(SAMPLE)
    assert len(rows) == 1000
    by_provider: dict[str, tuple[int, Decimal, Decimal]] = {}
    for row in rows:
        count, billed, listed = by_provider.get(row["ProviderName"].lower(), (0, Decimal(0), Decimal(0)))
        by_provider[row["ProviderName"].lower()] = (
            count + 1,
            billed + (amount(row, "BilledCost") or 0),
            listed + (amount(row, "ListCost") or 0),
        )
    found = ask(
        "select vendor, count(*), sum(billed_usd), sum(list_usd) from intermediate.int_billing__focus_charges"
        " where vendor in ('aws', 'microsoft', 'oracle') group by vendor"
    )
    assert {vendor: (count, billed, listed) for vendor, count, billed, listed in found} == by_provider


def test_the_sample_breaks_the_rules_as_often_as_its_readme_says(ask: Ask) -> None:
    ((billed_without_price, list_breaks, contract_breaks, negative),) = ask(
        """
        select
            count(*) filter (where billed_cost > 0 and contracted_cost = 0),
            count(*) filter (where abs(list_cost - list_unit_price * pricing_quantity) > 0.000001),
            count(*) filter (where abs(contracted_cost - contracted_unit_price * pricing_quantity) > 0.000001),
            count(*) filter (where billed_cost < 0)
        from staging.stg_focus__cost_and_usage where source_file = 'focus_sample_1000.csv'
        """
    )
    assert (billed_without_price, list_breaks, contract_breaks, negative) == (610, 25, 17, 13)


def test_the_sample_s_words_are_spelled_one_way(ask: Ask) -> None:
    spelled = {row["ChargeFrequency"] for row in rows_of(SAMPLE)}
    assert {"Usage-Based", "Usage-based"} <= spelled
    query = "select distinct {} from staging.stg_focus__cost_and_usage where source_file = 'focus_sample_1000.csv'"
    assert {word for (word,) in ask(query.format("charge_frequency"))} == {"Usage-Based", "One-Time"}
    assert {word for (word,) in ask(query.format("billing_currency"))} == {"USD"}
    assert ask(query.format("count(*)") + " and service_category = 'AI and Machine Learning'") == [(9,)]
    assert ask(query.format("count(*)") + " and invoice_id is not null") == [(0,)]


def test_no_person_of_the_drafts_is_in_the_warehouse(ask: Ask) -> None:
    clear = ("cto@acmecorp.example", "acme atlas operator", "supply-svc-acct", "key_03auracto", "key_05solorasupply")
    text = str(ask("select * from raw_focus.cost_and_usage")).lower()
    text += str(ask("select * from raw_focus.report_loads")).lower()
    assert not [word for word in clear if word in text]
    keys = Pseudonymizer(KEY)
    found = ask(
        "select distinct principal_key, principal_type from raw_focus.cost_and_usage where principal_key is not null"
    )
    assert set(found) == {
        (keys.key("email", "cto@acmecorp.example"), "User"),
        (keys.key("focus_principal", "supply-svc-acct"), "Service Account"),
        (keys.key("focus_principal", "c10a4f89-72b3-4f24-b196-857189f78315"), "User"),
    }


def test_charges_say_what_the_examples_mean(ask: Ask) -> None:
    query = (
        "select charge_category, series, discount_reason, credit_unit, count(*), sum(billed_cost), sum(effective_cost)"
        " from intermediate.int_billing__focus_charges where vendor = '{}' group by all order by all"
    )
    assert ask(query.format("acmecorp")) == [
        ("Purchase", "other", None, None, 1, 200_000, 0),
        ("Usage", "machine_usage", "commitment", "token", 3, 0, 1230),
    ]
    assert ask(query.format("solora-ai")) == [
        ("Purchase", "other", None, None, 1, 500_000, 0),
        ("Usage", "human_usage", None, None, 6, Decimal("152.00"), Decimal("152.00")),
        ("Usage", "machine_usage", "commitment", None, 2, 0, 50),
    ]
    # Late usage stands in the period that it is booked in, on the days when it was used.
    assert ask(
        "select charge_class, charge_date, billing_period_start, vendor_invoice_id"
        " from intermediate.int_billing__focus_charges where charge_class is not null"
    ) == [("Correction", date(2025, 5, 1), date(2025, 6, 1), "INV-20250601-20250701")]


def test_models_are_named(ask: Ask) -> None:
    assert {name for (name,) in ask("select distinct model_name from intermediate.int_billing__focus_charges")} == {
        None,
        "solora-atlas-5.5",
        "solora-atlas-5.4-mini",
        "solora-neptune-5.0",
        "solora-saturn-5.0",
    }
