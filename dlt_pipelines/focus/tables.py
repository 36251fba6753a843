"""The flat, typed raw table of FOCUS exports."""

from __future__ import annotations

from dlt_pipelines.focus.columns import COLUMNS, FocusColumn, Kind
from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Column, Dataset, DataType, Table, count, text

SOURCE = "focus"

DATA_TYPES: dict[Kind, DataType] = {
    "text": "text",
    "number": "decimal",
    "instant": "timestamp",
    "json": "text",
    "tags": "text",
}


def _column(column: FocusColumn) -> Column:
    return Column(column.field, DATA_TYPES[column.kind], f"{column.name}: {column.description}")


COST_AND_USAGE = Table(
    "cost_and_usage",
    "row of a FOCUS export; rows of one delivery, account and billing period belong together",
    ("report_load_key", "record_ordinal"),
    (
        text(
            "report_load_key",
            "The account's billing period that the row came with; only keys that report_loads names as current count.",
            required=True,
        ),
        text("account_id", "'<issuer>/<BillingAccountId>'; 'unnamed' for what a file does not tell.", required=True),
        text("scope", "'billing_account'.", required=True),
        count("record_ordinal", "Number of the row within its account and billing period; FOCUS gives rows no id."),
        text("source_file", "File that the row came from."),
        count("file_record", "Number of the row in that file, without the header."),
        *(_column(column) for column in COLUMNS),
        text("principal_key", "Keyed pseudonym of PrincipalId (1.5 draft), as an e-mail address where it is one."),
        text("principal_type", "What RequesterDetails calls the principal: User, Service Account, …; else NULL."),
        text("credential_key", "Keyed pseudonym of CredentialId (1.5 draft)."),
        text("sku_model_id", "ModelId in SkuPriceDetails (1.5 draft)."),
        text("tag_cost_center", "Value of the tag named like CostCenter."),
        text("extra", "Columns that this version does not know, x_ columns among them, as a JSON object; else NULL."),
    ),
)

DATASET = Dataset(
    SOURCE,
    "raw_focus",
    "Cost and usage of any provider in the FOCUS format, from exported files. Names that somebody chose (ResourceName,"
    " SubAccountName, AllocatedResourceName) may be a person's and are not loaded; their ids are.",
    (REPORT_LOADS, COST_AND_USAGE),
)
