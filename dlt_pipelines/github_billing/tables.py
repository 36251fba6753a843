"""The flat, typed raw tables of GitHub's billing. Fields and their meaning: GitHub's billing reference."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Dataset, Table, count, day, flag, number, text

LINEAGE = (
    text(
        "report_load_key",
        "The report that the row came from; only keys that report_loads names as current count.",
        required=True,
    ),
    text("account_id", "Account that is billed: 'enterprise/<slug>' or 'organization/<login>'.", required=True),
    text("scope", "'enterprise' or 'organization'.", required=True),
)
RECORD_ORDINAL = count("record_ordinal", "Number of the record within its report; GitHub gives items no id.")
EXTRA = text("extra", "Fields of the vendor's record that this version does not know, as a JSON object; else NULL.")
LOGIN_KEY = text("login_key", "Keyed pseudonym of the login; NULL where GitHub names no user.")

EXPORT_ROWS = Table(
    "export_rows",
    "row of a usage report export and UTC day; rows that are alike are all kept",
    ("report_load_key", "row_ordinal"),
    (
        *LINEAGE,
        text(
            "report",
            "Kind of export, told by its columns: ai_credit, premium_request, detailed or summarized. They tell of the"
            " same use; never add one to another.",
            required=True,
        ),
        day("day", "UTC day of the use.", required=True),
        count("row_ordinal", "Number of the row within the day of its export, in the order of its text."),
        text("file_name", "The export's file; for one ordered over the API its report and span."),
        LOGIN_KEY,
        text("product", "product, as written: copilot, actions, …"),
        text("sku", "sku, as written: copilot_ai_credit, coding_agent_premium_request, …"),
        text("model", "Display name of the model; NULL in detailed and summarized exports."),
        number("quantity", "Quantity in unit_type; quantities of different units never add up."),
        text("unit_type", "Unit of quantity, as written: ai-credits, requests, user-months, minutes, …"),
        number("unit_price", "applied_cost_per_quantity, in US dollars."),
        number("gross_amount", "US dollars before the discount: quantity by price, as GitHub says."),
        number("discount_amount", "US dollars that included credits and discounts take off."),
        number("net_amount", "US dollars that are charged."),
        number("total_monthly_quota", "What the user's plan includes a month, in unit_type; NULL where unknown."),
        flag("exceeds_quota", "Whether the request was above the user's quota; premium_request exports alone."),
        text("organization", "Login of the organization that the use belongs to."),
        text("repository", "Repository, where GitHub names one."),
        text("workflow_path", "Workflow that ran; detailed exports alone."),
        text("cost_center_name", "Name of the cost center that the use is put in."),
        number("aic_quantity", "AI credits that requests would have come to; 0 on rows in AI credits. Never add it."),
        number("aic_gross_amount", "US dollars that aic_quantity would have come to."),
        count("input_tokens", "Input tokens; exports from 2026-08-11 on."),
        count("output_tokens", "Output tokens."),
        count("cache_read_tokens", "Tokens read from the cache."),
        count("cache_write_tokens", "Tokens written to the cache."),
        EXTRA,
    ),
)
SUPERSEDED_EXPORTS = Table(
    "superseded_exports",
    "file, kind of export and UTC day that was set aside because another file speaks for the day",
    ("report_load_key", "file_name", "sha256", "report"),
    (
        *LINEAGE,
        day("day", "UTC day that was set aside.", required=True),
        text("report", "ai_credit, premium_request, detailed or summarized.", required=True),
        text("file_name", "File whose day was set aside.", required=True),
        text("sha256", "Digest of that file.", required=True),
        count("rows", "Rows of the day in that file."),
        number("gross_amount", "Their gross amount in US dollars."),
        number("discount_amount", "Their discount in US dollars."),
        number("net_amount", "Their net amount in US dollars."),
        text(
            "reason",
            "same_content (the day's rows are the same in both files) or overlap (the other file has more rows of the"
            " day or is newer).",
            required=True,
        ),
        text("kept_file_name", "File that speaks for the day.", required=True),
    ),
)

ITEM = (
    text("product", "product, as written."),
    text("sku", "sku, as written."),
)
GROSS_DISCOUNT_NET = (
    text("unit_type", "Unit of the quantities, as written."),
    number("unit_price", "pricePerUnit, in US dollars."),
    number("gross_quantity", "Quantity used."),
    number("gross_amount", "US dollars before the discount."),
    number("discount_quantity", "Quantity that the discount covers."),
    number("discount_amount", "US dollars of the discount."),
    number("net_quantity", "Quantity charged."),
    number("net_amount", "US dollars charged."),
)

USAGE_ITEMS = Table(
    "usage_items",
    "usage item of one answer of the usage endpoint: a day of an organization, a month of an enterprise's cost center",
    ("report_load_key", "record_ordinal"),
    (
        *LINEAGE,
        RECORD_ORDINAL,
        text("report", "usage (asked for a day) or usage-month (asked for a month).", required=True),
        day("day", "UTC day that was asked for; NULL in usage-month."),
        day("usage_month", "First day of the month that was asked for or that the day lies in.", required=True),
        text("item_date", "date, as written: the day, or the first of the month where GitHub sums a month up."),
        *ITEM,
        number("quantity", "Quantity in unit_type; fractional, whatever GitHub's schema says."),
        text("unit_type", "Unit of quantity, as written."),
        number("unit_price", "pricePerUnit, in US dollars."),
        number("gross_amount", "US dollars before the discount."),
        number("discount_amount", "US dollars of the discount."),
        number("net_amount", "US dollars charged."),
        text("organization", "organizationName."),
        text("repository", "repositoryName, where GitHub names one."),
        text("cost_center_id", "Cost center that was asked for; NULL is what has none."),
        EXTRA,
    ),
)
MODEL_ITEMS = Table(
    "model_items",
    "item of one day's answer about AI credits or premium requests; items carry no user",
    ("report_load_key", "record_ordinal"),
    (
        *LINEAGE,
        RECORD_ORDINAL,
        text("report", "ai-credit-usage or premium-request-usage.", required=True),
        day("day", "UTC day that was asked for.", required=True),
        *ITEM,
        text("model", "Display name of the model."),
        *GROSS_DISCOUNT_NET,
        text("organization", "Organization, where an item names one."),
        LOGIN_KEY,
        EXTRA,
    ),
)
SUMMARY_ITEMS = Table(
    "summary_items",
    "item of a month's usage summary: one per product and SKU, over all cost centers",
    ("report_load_key", "record_ordinal"),
    (
        *LINEAGE,
        RECORD_ORDINAL,
        day("usage_month", "First day of the month.", required=True),
        *ITEM,
        *GROSS_DISCOUNT_NET,
        EXTRA,
    ),
)

SNAPSHOT = (*LINEAGE, day("snapshot_date", "UTC day on which the list was read.", required=True))

BUDGETS = Table(
    "budgets",
    "snapshot day, account and budget",
    ("report_load_key", "budget_id"),
    (
        *SNAPSHOT,
        text("budget_id", "Id of the budget."),
        text("budget_type", "SkuPricing, ProductPricing or BundlePricing."),
        text("product_skus", "What it is for, separated by commas: budget_product_sku or budget_product_skus."),
        text("budget_scope", "enterprise, organization, repository, cost_center, user, …"),
        text("entity_name", "Organization, repository or cost center that it is for; never a user."),
        LOGIN_KEY,
        number("budget_amount", "Limit in whole US dollars; for licenses their number."),
        number("consumed_amount", "What a user's budget has come to; NULL for the others."),
        flag("prevents_further_usage", "Whether use stops at the limit."),
        flag("will_alert", "Whether somebody is told when it is nearly used up."),
        count("alert_recipients", "How many are told; who is not loaded."),
        EXTRA,
    ),
)
COST_CENTERS = Table(
    "cost_centers",
    "snapshot day, enterprise and cost center",
    ("report_load_key", "cost_center_id"),
    (
        *SNAPSHOT,
        text("cost_center_id", "Id of the cost center."),
        text("name", "Its name."),
        text("state", "active or deleted."),
        text("azure_subscription", "Azure subscription that pays for it."),
        flag("ai_credit_pool_enabled", "Whether its share of the pool of AI credits is capped."),
        number("pool_target_credits", "ai_credit_pool_state.target_amount, in AI credits."),
        number("pool_current_credits", "ai_credit_pool_state.current_amount, in AI credits."),
        EXTRA,
    ),
)
COST_CENTER_RESOURCES = Table(
    "cost_center_resources",
    "snapshot day, cost center and resource",
    ("report_load_key", "cost_center_id", "resource_ordinal"),
    (
        *SNAPSHOT,
        text("cost_center_id", "Id of the cost center."),
        count("resource_ordinal", "Position in the list, from 1."),
        text("resource_type", "User, Team, Org or Repo."),
        text("resource_name", "Name of the team, organization or repository; NULL for users and unknown types."),
        LOGIN_KEY,
        EXTRA,
    ),
)

DATASET = Dataset(
    "github_billing",
    "raw_github_billing",
    "GitHub's usage report exports, usage, budgets and cost centers, as extracted; people are keyed pseudonyms.",
    (
        REPORT_LOADS,
        EXPORT_ROWS,
        SUPERSEDED_EXPORTS,
        USAGE_ITEMS,
        MODEL_ITEMS,
        SUMMARY_ITEMS,
        BUDGETS,
        COST_CENTERS,
        COST_CENTER_RESOURCES,
    ),
)
