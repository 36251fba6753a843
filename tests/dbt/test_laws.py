"""The laws that hold for every model there is, and for every model that somebody adds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.dbt.conftest import BILLING_SOURCES, PROJECT, VENDORS

Nodes = dict[str, dict[str, Any]]

MONEY = re.compile(r"(^|_)(credits|usd|cost|amount)($|_)")
NOT_MONEY = re.compile(r"^(principals_without_credits|credit_unit|cost_center_key|is_.*)$")
MART_NAMES = r"(fct|dim|bridge|focus)_|(model_prices_daily|close_snapshots)$"
ALWAYS = {"roster", "restricted", "model_prices", "finance", "close", "change_points"}
# Words of one engine. What has no common word goes into macros/cross_db.
DIALECT_WORDS = {
    "a cast with ::": r"::",
    "qualify": r"\bqualify\b",
    "files read in SQL": r"\b(read_json|read_json_auto|read_csv|read_csv_auto|read_parquet|read_ndjson)\b",
    "epoch arithmetic": r"\b(epoch|epoch_ms|to_timestamp|strftime|strptime|make_date|date_diff|date_add|date_sub)\b",
    "interval literals": r"\binterval\s*'",
    "lists and structs": r"\b(list|list_\w+|struct_\w+|unnest|array_agg|string_agg|group_concat)\s*\(",
    "time zones": r"\bat\s+time\s+zone\b|\btimestamptz\b",
    "engine functions": r"\b(try_cast|any_value|arg_max|arg_min|bool_or|bool_and|generate_series|percentile_\w+)\s*\(",
    "star variants": r"\*\s*(exclude|replace|except)\b|\bcolumns\s*\(",
    "group by all": r"\b(group|order)\s+by\s+all\b",
    "filter clause": r"\bfilter\s*\(\s*where",
    "ilike": r"\b(ilike|similar\s+to|~\*?)\s*'",
    "null-skipping greatest and least": r"\b(greatest|least)\s*\(",
    "the database's clock": r"\b(now\s*\(|current_date\b|current_timestamp\b|today\s*\()",
}


def sql_of(node: dict[str, Any]) -> str:
    """A model's SQL without its comments and without calls into macros."""
    code = re.sub(r"\{#.*?#\}", " ", node["raw_code"], flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", " ", re.sub(r"--.*", " ", code), flags=re.DOTALL).lower()


def checks_of(manifest: dict[str, Any], node: dict[str, Any]) -> list[dict[str, Any]]:
    """The data tests and unit tests of a model."""
    data = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    found = [test for test in data if node["unique_id"] in test["depends_on"]["nodes"]]
    unit = [test for test in manifest["unit_tests"].values() if test["model"] == node["name"]]
    return found + unit


def parents(manifest: dict[str, Any], node: dict[str, Any]) -> list[dict[str, Any]]:
    """Models, seeds and sources that a model reads."""
    return [manifest["nodes"].get(key) or manifest["sources"][key] for key in node["depends_on"]["nodes"]]


def layer(node: dict[str, Any]) -> str:
    """staging, intermediate or marts."""
    return str(node["original_file_path"].split("/")[1])


def test_marts_have_contract_grain_and_grain_test(manifest: dict[str, Any], marts: Nodes) -> None:
    for name, node in marts.items():
        assert node["config"]["contract"]["enforced"], f"{name} has no enforced contract"
        grain = node["config"]["meta"].get("grain")
        assert grain, f"{name} does not state its grain in config.meta.grain"
        tested = [
            test["test_metadata"]["kwargs"].get("columns")
            for test in checks_of(manifest, node)
            if test.get("test_metadata", {}).get("name") == "unique_grain"
        ]
        assert grain in tested, f"{name}: no unique_grain test on {grain}"


def test_models_start_with_their_grain(models: Nodes) -> None:
    for name, node in models.items():
        first_words = re.sub(r"^\s*(\{\{.*?\}\}\s*)?\{#\s*", "", node["raw_code"], flags=re.DOTALL)[:40]
        assert first_words.startswith(("One row per", "Every ")), f"{name} starts with {first_words!r}"
        assert node["description"].startswith("One row per"), f"{name}'s description does not start with its grain"


def test_everything_is_described_typed_and_tested(manifest: dict[str, Any], models: Nodes) -> None:
    for name, node in models.items():
        assert node["columns"], f"{name} describes no column"
        for column in node["columns"].values():
            assert column["description"], f"{name}.{column['name']} has no description"
            assert column["data_type"], f"{name}.{column['name']} has no data_type"
        assert checks_of(manifest, node), f"{name} has no test"


def test_seeds_are_described_and_typed(manifest: dict[str, Any]) -> None:
    for seed in (node for node in manifest["nodes"].values() if node["resource_type"] == "seed"):
        described = {name for name, column in seed["columns"].items() if column["description"]}
        assert described, f"{seed['name']} describes no column"
        assert described == set(seed["config"]["column_types"]), f"{seed['name']}: columns without type or description"


def test_money_is_decimal_and_named_for_what_it_is(models: Nodes) -> None:
    for name, node in models.items():
        for column in node["columns"].values():
            place, data_type = f"{name}.{column['name']}", column["data_type"].lower()
            assert column["name"] != "cost", f"{place}: say which cost"
            assert not re.search(r"float|double|real", data_type), f"{place} is {data_type}"
            is_money = MONEY.search(column["name"]) and not NOT_MONEY.match(column["name"])
            if is_money and data_type not in ("boolean", "text"):
                assert data_type == "decimal(38, 9)", f"{place} is {data_type}"


def test_marts_with_credits_name_vendor_and_unit(marts: Nodes) -> None:
    for name, node in marts.items():
        if "credits" in node["columns"]:
            assert {"vendor", "credit_unit", "principal_kind"} <= set(node["columns"]), f"{name} blends series"


def test_money_of_principals_is_a_series_of_its_kind(marts: Nodes) -> None:
    """Human seats and machine keys are never one series: whoever sums a mart by principal can tell them apart."""
    for name, node in marts.items():
        has_money = any(column.endswith("_usd") or column == "credits" for column in node["columns"])
        if has_money and "principal_key" in node["columns"]:
            assert {"vendor", "principal_kind"} <= set(node["columns"]), f"{name} blends humans and machines"


def test_estimates_stand_apart(marts: Nodes) -> None:
    """What a vendor estimates, what use is worth and what is billed are columns of their own."""
    values = {"usage_value_usd", "list_value_usd", "billed_usd"}
    for name, node in marts.items():
        if "vendor_estimate_usd" in node["columns"]:
            assert not values.intersection(node["columns"]), f"{name} puts an estimate beside a value"


def test_no_amount_hides_what_it_is(marts: Nodes) -> None:
    """Whoever adds a signal to a bill has to write both words: no published amount is called just that, unless a column
    beside it says which it is. What is charged to a cost center is a kind of its own.
    """
    says_which = {"variance_reason", "figure", "journal_type", "cost_basis"}
    for name, node in marts.items():
        vague = {column for column in node["columns"] if re.fullmatch(r"(amount|cost|spend|total)(_usd)?", column)}
        assert not vague or says_which & set(node["columns"]) or name == "fct_chargeback", f"{name}: {vague}"


def test_signals_and_bills_share_no_mart_of_rows(marts: Nodes) -> None:
    """Facts of use have no billed amount and charges no value of use; they meet only where they are compared."""
    billed, metered = (
        re.compile(r"^(billed|invoiced|exported)_"),
        re.compile(r"^(usage_value|metered|estimated|credits$)"),
    )
    compared = {"fct_reconciliation_monthly", "fct_spend_monthly", "fct_showback"}
    for name, node in marts.items():
        both = [any(pattern.search(column) for column in node["columns"]) for pattern in (billed, metered)]
        assert not all(both) or name in compared, f"{name} has both"


def test_nothing_ranks_anybody(marts: Nodes) -> None:
    for name, node in marts.items():
        found = [column for column in node["columns"] if re.search(r"rank|score|percentile|leaderboard", column)]
        assert not found, f"{name} ranks by {found}"


def test_clear_text_stays_restricted(manifest: dict[str, Any], models: Nodes) -> None:
    def is_restricted(node: dict[str, Any]) -> bool:
        return node.get("source_name") == "restricted" or node["schema"].endswith("restricted")

    for name, node in models.items():
        if any(is_restricted(parent) for parent in parents(manifest, node)):
            assert is_restricted(node), f"{name} reads restricted data and is not restricted"


def test_layers_have_one_direction(manifest: dict[str, Any], models: Nodes) -> None:
    allowed = {
        "staging": {"source", "staging"},
        "intermediate": {"staging", "intermediate", "seed"},
        "marts": {"intermediate", "marts"},
    }
    for name, node in models.items():
        for parent in parents(manifest, node):
            kind = parent["resource_type"]
            came_from = layer(parent) if kind == "model" else kind
            if name == "dim_identifier":
                assert came_from == "staging"
                continue
            assert came_from in allowed[layer(node)], f"{name} ({layer(node)}) reads {parent['name']} ({came_from})"
            if layer(node) == "staging":
                own = node["original_file_path"].split("/")[2]
                assert parent.get("source_name", parent["original_file_path"].split("/")[2]) == own


def test_names_follow_their_folder(models: Nodes) -> None:
    for name, node in models.items():
        folder = node["original_file_path"].split("/")[2]
        prefix = {"staging": f"stg_{folder}__", "intermediate": f"int_{folder}__"}.get(layer(node))
        assert re.match(prefix or MART_NAMES, name), f"{name} in {folder}"


@pytest.mark.parametrize("what", DIALECT_WORDS)
def test_models_speak_no_dialect(models: Nodes, what: str) -> None:
    found = [name for name, node in models.items() if re.search(DIALECT_WORDS[what], sql_of(node))]
    assert not found, f"{what} in {found}"


def test_models_ask_nothing_while_compiling(models: Nodes) -> None:
    for name, node in models.items():
        assert not re.search(r"run_query|statement\(|load_result|dbt\.date_spine", node["raw_code"]), name


def test_sorting_states_where_nulls_go(models: Nodes) -> None:
    """Engines differ in where NULLs sort: descending order of a column that may be NULL must say so."""
    never_null = {"loaded_at", "report_date", "snapshot_date", "starts_on", "ends_on", "report_load_key", "collate"}
    for name, node in models.items():
        code = re.sub(r"\{\{\s*binary_order\('([\w.]+)'\)\s*\}\}", r"\1", node["raw_code"].lower())
        for column, rest in re.findall(r"([\w.]+)\s+desc\b([^,)]*)", code):
            assert "nulls" in rest or column.split(".")[-1] in never_null, f"{name}: {column} desc"


@pytest.mark.parametrize("vendor", [None, *VENDORS])
def test_every_vendor_can_be_switched_off(
    manifest_of: Callable[..., dict[str, Any]], marts: Nodes, vendor: str | None
) -> None:
    """With one vendor alone, and with none: the marts are there, and nothing of another vendor is."""
    manifest = manifest_of(*[vendor] if vendor else [])
    left = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert set(marts) <= left, "a mart disappears with a vendor"
    others = {"github" if other == "github_copilot" else other for other in VENDORS if other != vendor}
    assert not {name for name in left if any(other in name for other in others)}, "another vendor's model is left"
    sources = {source["source_name"] for source in manifest["sources"].values()}
    own = (
        {vendor, *(source for source, its_vendor in BILLING_SOURCES.items() if its_vendor == vendor)}
        if vendor
        else set()
    )
    assert sources == ALWAYS | own


def test_vendors_have_the_models_where_they_meet(models: Nodes) -> None:
    """Every vendor but GitHub, whose models are older, has the same models, and the same columns in them."""
    for kind in ("usage__{}_tokens", "usage__{}_credits", "usage__{}_activity", "usage__{}_signals"):
        _assert_alike(models, kind)
    for kind in ("identity__{}_principals", "identity__{}_identifiers"):
        _assert_alike(models, kind)


def _assert_alike(models: Nodes, kind: str) -> None:
    columns = {
        vendor: {
            column["name"]: column["data_type"] for column in models["int_" + kind.format(vendor)]["columns"].values()
        }
        for vendor in VENDORS
        if vendor != "github_copilot"
    }
    for vendor, found in columns.items():
        assert found == columns["cursor"], f"int_{kind.format(vendor)} differs from Cursor's"


def test_the_demo_s_seeds_are_the_demo_s_alone(manifest: dict[str, Any], demo_manifest: dict[str, Any]) -> None:
    def seeds(of: dict[str, Any]) -> set[str]:
        return {node["name"] for node in of["nodes"].values() if node["resource_type"] == "seed"}

    assert not {name for name in seeds(manifest) if name.startswith("demo_")}
    assert seeds(demo_manifest) - seeds(manifest) == {file.stem for file in (PROJECT / "seeds/demo").glob("*.csv")}


def test_prices_of_credits_are_where_the_rules_say(manifest: dict[str, Any], models: Nodes) -> None:
    """Prices are data: no model multiplies by a number."""
    for name, node in models.items():
        assert not re.search(r"\*\s*0?\.\d", sql_of(node)), f"{name} multiplies by a literal"
