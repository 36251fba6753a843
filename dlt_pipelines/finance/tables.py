"""The inputs of finance: their columns as somebody writes them, and the raw tables that hold them as text.

The seeds of the same names have the same columns. What a cell means is decided once for both, in the models
int_finance__*: here every cell is kept as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Column, Dataset, Table, text


@dataclass(frozen=True)
class Input:
    """An input: its name, which begins the names of its files, what a row is, and its columns."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that a file cannot do without; whether their cells are filled is for the models to check."""
        return tuple(column.name for column in self.columns if not column.nullable)

    @property
    def table(self) -> Table:
        """The raw table: the cells as text, each of which may be blank, and where the row comes from."""
        cells = (text(column.name, column.description) for column in self.columns)
        return Table(self.name, f"{self.grain}, as written", LINEAGE_KEY, (*LINEAGE, *cells, EXTRA))


LINEAGE_KEY = ("report_load_key", "source_file", "line_number")
LINEAGE = (
    text("report_load_key", "The reading of the folder that the row came from.", required=True),
    text("source_file", "File that the row came from, below the folder.", required=True),
    Column("line_number", "bigint", "Line of the file on which the row begins.", nullable=False),
)
EXTRA = text("extra", "Columns that the input does not have, such as your own x_…, as a JSON object; else NULL.")

# Columns that several inputs have.
VENDOR = text("vendor", "Vendor, such as anthropic.", required=True)
ISSUER = text("issuer", "Who writes the invoice, as you call them.", required=True)
BILLING_ACCOUNT = text("billing_account_id", "Account that the issuer bills.", required=True)
CONTRACT = text("contract_id", "Contract.", required=True)
INVOICE = text("invoice_id", "Number of the invoice.", required=True)
CURRENCY = text("currency", "Currency, three capital letters.", required=True)
SERIES = text("series", "human_seat_fee, human_usage, machine_usage, tax, credit or other.", required=True)
VALID_FROM = text("valid_from", "First day.", required=True)
VALID_TO = text("valid_to", "Last day, inclusive; blank is open.")
SOURCE_NOTE = text("note", "Where it is written.")

INPUTS = (
    Input(
        "billing_accounts",
        "vendor and account",
        (
            VENDOR,
            text("account_id", "Account as core.fct_credits_daily has it, such as enterprise/<slug>.", required=True),
            ISSUER,
            BILLING_ACCOUNT,
            text("billing_currency", "Currency of the invoices, three capital letters.", required=True),
            text("cycle_day", "Day of the month on which billing periods begin, 1 to 28; blank is 1."),
            text("payment_model", "invoice (paid after use) or prepaid (credits bought before); blank is invoice."),
            SOURCE_NOTE,
        ),
    ),
    Input(
        "invoices",
        "invoice or credit note",
        (
            ISSUER,
            BILLING_ACCOUNT,
            INVOICE,
            text("invoice_type", "invoice or credit_note.", required=True),
            text("reference_invoice_id", "Invoice that a credit note corrects; required for credit notes."),
            text("status", "open (not issued yet), issued or voided.", required=True),
            text("issue_date", "Day on the invoice; required unless it is open."),
            text("due_date", "Day on which it is due."),
            text("period_start", "First day of the billing period.", required=True),
            text("period_end", "Last day of the billing period, inclusive.", required=True),
            CURRENCY,
            text("net", "Amount without tax: the sum of the lines that are not tax.", required=True),
            text("tax", "Tax: the sum of the tax lines; blank is zero."),
            text("fx_rate", "Price of one US dollar in the invoice's currency, where the invoice names one."),
            text("purchase_order", "Purchase order."),
            text("payment_terms", "Terms of payment, as written."),
        ),
    ),
    Input(
        "invoice_lines",
        "line of an invoice",
        (
            ISSUER,
            INVOICE,
            text("line_no", "Number of the line on its invoice.", required=True),
            VENDOR,
            SERIES,
            text("charge_category", "Usage, Purchase, Tax, Credit or Adjustment, as FOCUS has them.", required=True),
            text("description", "The line's words."),
            text("sku", "The issuer's word for what is sold."),
            text("quantity", "Quantity."),
            text("unit", "What the quantity counts."),
            text("unit_price", "Price of one unit."),
            text("amount", "Amount of the line in the invoice's currency.", required=True),
            text("service_start", "First day of the service; blank is the first day of the invoice's period."),
            text("service_end", "Last day of the service, inclusive; blank is the last day of the invoice's period."),
        ),
    ),
    Input(
        "seat_plans",
        "seat plan and first day of validity",
        (
            CONTRACT,
            ISSUER,
            BILLING_ACCOUNT,
            VENDOR,
            text("plan", "The vendor's word for the plan, such as business.", required=True),
            text("seat_price", "Price of one seat for a month.", required=True),
            CURRENCY,
            text("included_credits_per_seat", "Credits that a seat brings each month."),
            text("credit_unit", "What the vendor counts those credits in."),
            text("proration", "daily (a seat of part of a month costs that part) or none.", required=True),
            text("seats", "Seats that you are committed to; blank is as assigned."),
            VALID_FROM,
            VALID_TO,
        ),
    ),
    Input(
        "contract_terms",
        "term of a contract and first day of validity",
        (
            CONTRACT,
            ISSUER,
            BILLING_ACCOUNT,
            VENDOR,
            text(
                "term",
                "discount, promotion_credits (more included credits per seat) or minimum_fee.",
                required=True,
            ),
            text("percent", "Percent off list, such as 15; required for a discount."),
            text("credits_per_seat", "More included credits per seat; required for promotion_credits."),
            text("amount", "Amount a month; required for a minimum_fee."),
            text("currency", "Currency of the amount, three capital letters; required for a minimum_fee."),
            VALID_FROM,
            VALID_TO,
            SOURCE_NOTE,
        ),
    ),
    Input(
        "tolerances",
        "issuer, currency and first day of validity",
        (
            text("issuer", "Issuer; blank is every issuer that has no tolerance of its own."),
            CURRENCY,
            text("absolute_floor", "Difference that is always tolerated.", required=True),
            text(
                "percent",
                "Difference that is tolerated, in percent of the invoice, such as 0.5.",
                required=True,
            ),
            text("absolute_cap", "Difference that is never tolerated, whatever the percent.", required=True),
            VALID_FROM,
        ),
    ),
    Input(
        "gl_accounts",
        "purpose",
        (
            text("purpose", "What the account is for, one of a closed list.", required=True),
            text("gl_account", "Account number in your general ledger.", required=True),
            text("name", "Account name."),
        ),
    ),
    Input(
        "dispute_decisions",
        "decision on an invoice",
        (
            ISSUER,
            INVOICE,
            text("decision", "disputed or written_off.", required=True),
            text("amount", "Amount that the decision is about; blank is the whole unexplained rest."),
            text("currency", "Currency of the amount, three capital letters."),
            text("decided_by", "Who decided: a role, or a name where your rules allow one here.", required=True),
            text("decided_on", "Day of the decision.", required=True),
            text("reason", "Why.", required=True),
        ),
    ),
    Input(
        "fx_rates",
        "currency and first day of validity",
        (
            CURRENCY,
            text("valid_from", "First day; the next rate of the same currency ends it.", required=True),
            text("rate", "Price of one US dollar in the currency: 0.92 for euros.", required=True),
            text("rate_source", "Where the rate comes from."),
        ),
    ),
    Input(
        "prepaid_lots",
        "lot of prepaid credits",
        (
            text("lot_id", "Name of the lot.", required=True),
            ISSUER,
            BILLING_ACCOUNT,
            text("kind", "purchased or granted.", required=True),
            text("amount", "Amount of the lot.", required=True),
            CURRENCY,
            text("purchased_on", "Day from which it can be used.", required=True),
            text("expires_on", "Last day on which it can be used; blank is never."),
            text("invoice_id", "Invoice that sold it."),
            SOURCE_NOTE,
        ),
    ),
    Input(
        "allocation_rules",
        "version of the rules and series",
        (
            text("rule_version", "Version of the rules.", required=True),
            text("valid_from", "First day; the newest version of a month counts.", required=True),
            SERIES,
            text("basis", "usage_value, seats or none.", required=True),
            text("note", "Why."),
        ),
    ),
    Input(
        "workflows",
        "workflow",
        (
            text("workflow_id", "Name of the workflow, as the marts are to show it.", required=True),
            text("service_name", "Services whose calls are its; * stands for any text, blank is any service."),
            text("agent_name", "Agents whose calls are its; * stands for any text, blank is any agent."),
            text("repository", "Repositories whose calls are its; * stands for any text, blank is any repository."),
            text("owner", "Team or role that owns it."),
            text("task_class", "What kind of tasks it does, in your words, such as dependency_update."),
            text(
                "completed_when",
                "evaluation, pull_request_merged, ci_success or outcome_file; blank is whichever there is, so ordered.",
            ),
            text("minutes_saved", "Minutes of people's work that a completed task saves, as you estimate them."),
            text("is_protected", "yes where burn patterns are not looked for, as in work on incidents; blank is no."),
            SOURCE_NOTE,
        ),
    ),
    Input(
        "task_outcomes",
        "decision on a task",
        (
            text("workflow_id", "Workflow of the task.", required=True),
            text("task_id", "Task, as platform.fct_tasks has it.", required=True),
            text("outcome", "completed, failed or abandoned.", required=True),
            text("decided_on", "Day of the decision; the newest one of a task counts.", required=True),
            text("evidence", "What the decision rests on."),
            text("decided_by", "Who decided: a role, or a name where your rules allow one here."),
        ),
    ),
    Input(
        "incidents",
        "incident",
        (
            text("repository", "Repository whose software it was, owner/name.", required=True),
            text("opened_at", "When it began, with its zone: 2026-09-14T05:02:00Z.", required=True),
            text("resolved_at", "When it was over, with its zone; blank while it lasts."),
            text("deployment_id", "GitHub's id of the deployment that caused it; blank where none did."),
            text("severity", "How bad it was, in your words."),
            SOURCE_NOTE,
        ),
    ),
)

DATASET = Dataset(
    "finance",
    "raw_finance",
    "Invoices, contracts and rules of finance that came as files, as written.",
    (REPORT_LOADS, *(each.table for each in INPUTS)),
    latest_only=True,
)
