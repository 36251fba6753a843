"""The shapes of GitHub's billing records and the raw tables that they fill.

Amounts and quantities of JSON answers arrive here as text (see endpoints.exactly), those of exports as decimals.
"""

from __future__ import annotations

from typing import Any

from dlt_pipelines.github_billing import tables as t
from dlt_pipelines.identifiers import Namespace
from dlt_pipelines.record_shapes import Output, RecordShape
from dlt_pipelines.schema import Table

TYPES = {"bigint": "BIGINT", "decimal": "DECIMAL(38,9)", "text": "VARCHAR", "bool": "BOOLEAN", "date": "DATE"}

# What the raw tables have that a record has not: lineage comes from the manifest, keys from identifiers.
_ADDED = {"report_load_key", "account_id", "scope", "record_ordinal", "login_key", "extra"}


def _structure(table: Table) -> dict[str, Any]:
    return {column.name: TYPES[column.data_type] for column in table.columns if column.name not in _ADDED}


LOGIN: dict[str, tuple[Namespace, str]] = {"username": ("github_login", "login_key")}

# Rows of an export lie in Parquet with these very columns, typed.
EXPORT_ROW = RecordShape(
    structure={**_structure(t.EXPORT_ROWS), "username": "VARCHAR"},
    outputs=(Output(t.EXPORT_ROWS),),
    natural_key=(),
    identifiers=LOGIN,
    exact="gross_amount",
    user="username",
)

SUPERSEDED_EXPORT = RecordShape(
    structure={
        **dict.fromkeys(("report", "file_name", "sha256", "reason", "kept_file_name"), "VARCHAR"),
        "day": "DATE",
        "rows": "BIGINT",
        **dict.fromkeys(("gross_amount", "discount_amount", "net_amount"), "VARCHAR"),
    },
    outputs=(Output(t.SUPERSEDED_EXPORTS),),
    natural_key=(),
    exact="gross_amount",
)

GROSS_DISCOUNT_NET = {
    "unit_type": 'keyed."unitType"',
    "unit_price": 'keyed."pricePerUnit"',
    "gross_quantity": 'keyed."grossQuantity"',
    "gross_amount": 'keyed."grossAmount"',
    "discount_quantity": 'keyed."discountQuantity"',
    "discount_amount": 'keyed."discountAmount"',
    "net_quantity": 'keyed."netQuantity"',
    "net_amount": 'keyed."netAmount"',
}
SUMMED = ("product", "sku", "unitType", "pricePerUnit", "grossQuantity", "grossAmount", "discountQuantity")
SUMMED_ITEM = dict.fromkeys((*SUMMED, "discountAmount", "netQuantity", "netAmount"), "VARCHAR")
MONTH = "cast(date_trunc('month', keyed.window_start) as date)"


def usage(report: str) -> RecordShape:
    """Items of the usage endpoint, asked for a day ('usage') or a month ('usage-month')."""
    amounts = ("quantity", "pricePerUnit", "grossAmount", "discountAmount", "netAmount")
    texts = ("date", "product", "sku", "unitType", "organizationName", "repositoryName")
    return RecordShape(
        structure=dict.fromkeys((*texts, *amounts), "VARCHAR"),
        outputs=(
            Output(
                t.USAGE_ITEMS,
                expressions={
                    "report": f"'{report}'",
                    "day": "keyed.window_end" if report == "usage" else "null",
                    "usage_month": MONTH,
                    "item_date": "keyed.date",
                    "unit_type": 'keyed."unitType"',
                    "unit_price": 'keyed."pricePerUnit"',
                    "gross_amount": 'keyed."grossAmount"',
                    "discount_amount": 'keyed."discountAmount"',
                    "net_amount": 'keyed."netAmount"',
                    "organization": "nullif(keyed.\"organizationName\", '')",
                    "repository": "nullif(keyed.\"repositoryName\", '')",
                },
            ),
        ),
        natural_key=(),
        required=(),
        exact="grossAmount",
        # Of a month GitHub may give the month's first day alone, which lies within it too.
        day='try_cast("date"[:10] as date)',
        context=("cost_center_id",),
    )


def model_usage(report: str) -> RecordShape:
    """Items of a day's AI credits or premium requests."""
    return RecordShape(
        structure={**SUMMED_ITEM, **dict.fromkeys(("model", "organization", "user"), "VARCHAR")},
        outputs=(Output(t.MODEL_ITEMS, expressions={"report": f"'{report}'", **GROSS_DISCOUNT_NET}),),
        natural_key=(),
        required=(),
        identifiers={"user": ("github_login", "login_key")},
        exact="grossAmount",
        day=None,
    )


SUMMARY = RecordShape(
    structure=SUMMED_ITEM,
    outputs=(Output(t.SUMMARY_ITEMS, expressions={"usage_month": MONTH, **GROSS_DISCOUNT_NET}),),
    natural_key=("product", "sku", "unitType", "pricePerUnit"),
    required=(),
    exact="grossAmount",
    day=None,
)

BUDGET = RecordShape(
    structure={
        **dict.fromkeys(("id", "budget_type", "product_skus", "budget_scope", "entity_name", "user"), "VARCHAR"),
        **dict.fromkeys(("budget_amount", "consumed_amount"), "VARCHAR"),
        **dict.fromkeys(("prevent_further_usage", "will_alert"), "BOOLEAN"),
        "alert_recipients": "BIGINT",
    },
    outputs=(
        Output(
            t.BUDGETS,
            expressions={"budget_id": "keyed.id", "prevents_further_usage": "keyed.prevent_further_usage"},
        ),
    ),
    natural_key=("id",),
    required=("id",),
    identifiers={"user": ("github_login", "login_key")},
    day=None,
)

COST_CENTER = RecordShape(
    structure={
        **dict.fromkeys(("id", "name", "state", "azure_subscription"), "VARCHAR"),
        "ai_credit_pool_enabled": "BOOLEAN",
        **dict.fromkeys(("target_amount", "current_amount"), "VARCHAR"),
        "resources": [{"resource_ordinal": "BIGINT", "type": "VARCHAR", "name": "VARCHAR", "login": "VARCHAR"}],
    },
    outputs=(
        Output(
            t.COST_CENTERS,
            expressions={
                "cost_center_id": "keyed.id",
                "pool_target_credits": "keyed.target_amount",
                "pool_current_credits": "keyed.current_amount",
            },
        ),
        Output(
            t.COST_CENTER_RESOURCES,
            each="resources",
            expressions={
                "cost_center_id": "keyed.id",
                "resource_type": 'item."type"',
                "resource_name": 'item."name"',
            },
        ),
    ),
    natural_key=("id",),
    required=("id",),
    identifiers={"resources[].login": ("github_login", "login_key")},
    day=None,
)
