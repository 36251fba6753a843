{#
    One row per billing month, vendor, series, cost center and reason: what the vendor bills, what its
    contract adds, what credit notes give back and what the use was worth, as known now. It shows every month, and charges nobody: chargeback has only what reconciled. What the use was worth
    is never added to the others.
#}
with

allocation_months as (
    select * from {{ ref('int_allocation__months') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
)

select
    allocation_months.billing_month,
    allocation_months.vendor,
    allocation_months.series,
    allocation_months.cost_center_key,
    allocation_months.unattributed_reason,
    allocation_months.billed_usd,
    allocation_months.contract_fees_usd,
    allocation_months.credit_notes_usd,
    allocation_months.usage_value_usd,
    allocation_months.rule_version,
    allocation_months.is_chargeable,
    coalesce(periods.is_closed, false) as is_closed
from allocation_months
left join periods
    on allocation_months.billing_month = periods.period
