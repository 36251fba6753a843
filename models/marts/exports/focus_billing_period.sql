{#
    One row per issuer and billing period of anything exported, in FOCUS 1.4. A period is Closed where finance has closed
    the month that it ends in; a month that was reopened is open again.
#}
with

charges as (
    select
        invoice_issuer_name as issuer,
        billing_month,
        billing_period_start,
        billing_period_end
    from {{ ref('int_exports__focus_charges') }}
),

invoices as (
    select
        "InvoiceIssuerName" as issuer,
        {# The month of the last day, which is the day before the end. #}
        cast({{ dbt.date_trunc('month', add_days('"BillingPeriodEnd"', -1)) }} as date)
            as billing_month,
        cast("BillingPeriodStart" as date) as billing_period_start,
        cast("BillingPeriodEnd" as date) as billing_period_end
    from {{ ref('focus_invoice_detail') }}
),

periods as (
    select * from charges
    union
    select * from invoices
),

closings as (
    select * from {{ ref('int_close__periods') }}
    where period_status in ('closed', 'soft_closed')
)

select
    cast(periods.billing_period_start as {{ dbt.type_timestamp() }}) as "BillingPeriodCreated",
    cast(periods.billing_period_end as {{ dbt.type_timestamp() }}) as "BillingPeriodEnd",
    cast(
        {{ later_day('cast(closings.closed_at as date)', 'periods.billing_period_start') }}
        as {{ dbt.type_timestamp() }}
    ) as "BillingPeriodLastUpdated",
    cast(periods.billing_period_start as {{ dbt.type_timestamp() }}) as "BillingPeriodStart",
    case when closings.period is not null then 'Closed' else 'Open' end as "BillingPeriodStatus",
    periods.issuer as "InvoiceIssuerName"
from periods
left join closings on periods.billing_month = closings.period
