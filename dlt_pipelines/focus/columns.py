"""The columns of FOCUS "Cost and Usage" from 0.5 to 1.4, and what the 1.5 draft adds about who acted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "instant", "json", "tags"]


@dataclass(frozen=True)
class FocusColumn:
    """A column: its name in the newest version that has it, how its cells are read, other names that it had."""

    name: str
    kind: Kind
    description: str
    former: tuple[str, ...] = ()
    required: bool = False

    @property
    def field(self) -> str:
        """The column of the raw table: BilledCost is billed_cost, SkuPriceId is sku_price_id."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower()


def _text(name: str, description: str, *former: str) -> FocusColumn:
    return FocusColumn(name, "text", description, former)


def _number(name: str, description: str, *former: str) -> FocusColumn:
    return FocusColumn(name, "number", description, former)


# Without these no charge can be booked.
BILLED_COST = FocusColumn("BilledCost", "number", "What the issuer invoices for the row, in BillingCurrency.", (), True)
BILLING_PERIOD_START = FocusColumn(
    "BillingPeriodStart", "instant", "When the billing period begins; it is part of what a file replaces.", (), True
)
CHARGE_PERIOD_START = FocusColumn("ChargePeriodStart", "instant", "When the charge's time begins.", (), True)
CHARGE_CATEGORY = FocusColumn(
    "ChargeCategory", "text", "Usage, Purchase, Tax, Credit or Adjustment.", ("ChargeType",), True
)
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")

COLUMNS: tuple[FocusColumn, ...] = (
    FocusColumn("AllocatedMethodDetails", "json", "How a shared charge was split."),
    _text("AllocatedMethodId", "Method by which a shared charge was split."),
    _text("AllocatedResourceId", "Resource that a split charge was given to."),
    FocusColumn("AllocatedTags", "tags", "Tags that the split added."),
    _text("AvailabilityZone", "Zone of the resource."),
    BILLED_COST,
    _text("BillingAccountId", "Account that is billed."),
    _text("BillingAccountName", "Its name."),
    _text("BillingAccountType", "What kind of account it is."),
    _text("BillingCurrency", "Currency of the costs."),
    FocusColumn("BillingPeriodEnd", "instant", "When the billing period ends (exclusive)."),
    BILLING_PERIOD_START,
    _text("CapacityReservationId", "Capacity reservation."),
    _text("CapacityReservationStatus", "Used or Unused."),
    CHARGE_CATEGORY,
    _text("ChargeClass", "Correction where it corrects a closed period."),
    _text("ChargeDescription", "What was charged, in the provider's words."),
    _text("ChargeFrequency", "One-Time, Recurring or Usage-Based; files spell it in several ways."),
    FocusColumn("ChargePeriodEnd", "instant", "When the charge's time ends (exclusive)."),
    CHARGE_PERIOD_START,
    _text("CommitmentDiscountCategory", "Spend or Usage."),
    _text("CommitmentDiscountId", "Commitment that covers the charge, or is bought by it."),
    _text("CommitmentDiscountName", "Its name."),
    _number("CommitmentDiscountQuantity", "How much of the commitment was bought or used."),
    _text("CommitmentDiscountStatus", "Used or Unused."),
    _text("CommitmentDiscountType", "The provider's kind of commitment."),
    _text("CommitmentDiscountUnit", "Unit of the quantity."),
    FocusColumn("CommitmentProgramEligibilityDetails", "json", "Commitment programs that the charge is eligible for."),
    _number("ConsumedQuantity", "Quantity used.", "UsageQuantity"),
    _text("ConsumedUnit", "Unit of the quantity used.", "UsageUnit"),
    FocusColumn("ContractApplied", "json", "Contract commitments that the charge counts towards."),
    _number("ContractedCost", "ContractedUnitPrice times PricingQuantity."),
    _number("ContractedUnitPrice", "Agreed price of a unit, before commitments."),
    _number("EffectiveCost", "Cost after prepayments are spread over what they cover.", "AmortizedCost"),
    _text("HostProviderName", "Who hosts the service."),
    _text("InvoiceDetailId", "Line of the invoice."),
    _text("InvoiceId", "Invoice that bills the row."),
    _text("InvoiceIssuerName", "Who issues the invoice.", "InvoiceIssuer"),
    _number("ListCost", "ListUnitPrice times PricingQuantity."),
    _number("ListUnitPrice", "Published price of a unit."),
    _text("PricingCategory", "Standard, Dynamic, Committed or Other."),
    _text("PricingCurrency", "Currency of the price: national, or a virtual one such as tokens."),
    _number("PricingCurrencyContractedUnitPrice", "Agreed price in PricingCurrency."),
    _number("PricingCurrencyEffectiveCost", "EffectiveCost in PricingCurrency."),
    _number("PricingCurrencyListUnitPrice", "Published price in PricingCurrency."),
    _number("PricingQuantity", "Quantity that is priced."),
    _text("PricingUnit", "Unit of the quantity that is priced."),
    _text("ProviderName", "Who offers the service, until 1.3.", "Provider"),
    _text("PublisherName", "Who makes the service, until 1.3.", "Publisher"),
    _text("RegionId", "Region.", "Region"),
    _text("RegionName", "Its name."),
    _text("ResourceId", "Resource that was used."),
    _text("ResourceType", "What kind of resource it is."),
    _text("ServiceCategory", "FOCUS' category of the service."),
    _text("ServiceName", "Service."),
    _text("ServiceProviderName", "Who offers the service, from 1.3 on."),
    _text("ServiceSubcategory", "FOCUS' subcategory of the service."),
    _text("SkuId", "SKU."),
    _text("SkuMeter", "What the SKU measures."),
    FocusColumn("SkuPriceDetails", "json", "Properties of the SKU's price."),
    _text("SkuPriceId", "Price of the SKU."),
    _text("SubAccountId", "Account below the billing account."),
    _text("SubAccountType", "What kind of account it is."),
    FocusColumn("Tags", "tags", "Tags of the charge."),
)

# The 1.5 draft says who acted. These are read, but never loaded as they are.
PRINCIPAL_ID = FocusColumn("PrincipalId", "text", "Who acted.")
CREDENTIAL_ID = FocusColumn("CredentialId", "text", "Key that was used.")
REQUESTER_DETAILS = FocusColumn("RequesterDetails", "json", "Names and addresses of who acted.")
PERSONAL_COLUMNS = (PRINCIPAL_ID, CREDENTIAL_ID, REQUESTER_DETAILS)
# Somebody chose these names, often after a person; their ids tell the same. They are counted, and never loaded.
NAME_COLUMNS = tuple(
    FocusColumn(name, "text", "A name that somebody chose.")
    for name in ("AllocatedResourceName", "ResourceName", "SubAccountName")
)

BY_NAME = {
    name.casefold(): column
    for column in (*COLUMNS, *PERSONAL_COLUMNS, *NAME_COLUMNS)
    for name in (column.name, *column.former)
}
