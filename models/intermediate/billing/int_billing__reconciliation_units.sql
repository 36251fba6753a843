{{ config(materialized='table') }}

{#
    One row per invoice or credit note, and per account's month that has use, charges or seats and no invoice: what is
    reconciled as one, with its period, its currency and the booked rate of the period's last day. A voided invoice asks
    for nothing: its amounts are zero here, and the document's own are in int_billing__invoices.
#}
with

invoices as (
    select * from {{ ref('int_billing__invoices') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

fx_rates as (
    select * from {{ ref('int_finance__fx_rates') }}
),

metered_days as (
    select * from {{ ref('int_billing__metered_days') }}
),

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
),

seat_months as (
    select * from {{ ref('int_seats__months') }}
    where seat_fee is not null
),

billing_accounts as (
    select
        issuer,
        billing_account_id,
        min(billing_currency) as billing_currency,
        min(cycle_day) as cycle_day,
        min(payment_model) as payment_model
    from accounts
    group by issuer, billing_account_id
),

active_months as (
    select issuer, billing_account_id, billing_month from metered_days
    union
    select issuer, billing_account_id, billing_month from charges
    union
    select issuer, billing_account_id, billing_month from seat_months
),

invoiced_months as (
    select distinct
        issuer,
        billing_account_id,
        billing_month
    from invoices
    where not is_credit_note and invoice_status <> 'voided'
),

months_without_invoice as (
    select
        active_months.issuer,
        active_months.billing_account_id,
        active_months.billing_month,
        billing_accounts.billing_currency as currency,
        case
            when billing_accounts.cycle_day > 1
                then {{ add_days(
                    dbt.dateadd('month', -1, 'active_months.billing_month'),
                    'billing_accounts.cycle_day - 1'
                ) }}
            else active_months.billing_month
        end as period_start,
        case
            when billing_accounts.cycle_day > 1
                then {{ add_days('active_months.billing_month', 'billing_accounts.cycle_day - 2') }}
            else {{ add_days(dbt.dateadd('month', 1, 'active_months.billing_month'), -1) }}
        end as period_end
    from active_months
    left join invoiced_months
        on
            active_months.issuer = invoiced_months.issuer
            and active_months.billing_account_id = invoiced_months.billing_account_id
            and active_months.billing_month = invoiced_months.billing_month
    left join billing_accounts
        on
            active_months.issuer = billing_accounts.issuer
            and active_months.billing_account_id = billing_accounts.billing_account_id
    where invoiced_months.issuer is null
),

rates_by_age as (
    select
        months_without_invoice.issuer,
        months_without_invoice.billing_account_id,
        months_without_invoice.billing_month,
        fx_rates.rate,
        row_number() over (
            partition by
                months_without_invoice.issuer,
                months_without_invoice.billing_account_id,
                months_without_invoice.billing_month
            order by fx_rates.valid_from desc nulls last
        ) as rate_age
    from months_without_invoice
    inner join fx_rates
        on
            months_without_invoice.currency = fx_rates.currency
            and months_without_invoice.period_end >= fx_rates.valid_from
),

units as (
    select
        issuer,
        billing_account_id,
        billing_month,
        invoice_id,
        currency,
        is_credit_note,
        invoice_status,
        reference_invoice_id,
        issue_date,
        period_start,
        period_end,
        case when invoice_status = 'voided' then 0 else net end as invoiced_net,
        case when invoice_status = 'voided' then 0 else tax end as invoiced_tax,
        fx_rate,
        booked_fx_rate
    from invoices

    union all

    select
        months_without_invoice.issuer,
        months_without_invoice.billing_account_id,
        months_without_invoice.billing_month,
        null as invoice_id,
        months_without_invoice.currency,
        false as is_credit_note,
        null as invoice_status,
        null as reference_invoice_id,
        null as issue_date,
        months_without_invoice.period_start,
        months_without_invoice.period_end,
        null as invoiced_net,
        null as invoiced_tax,
        null as fx_rate,
        case
            when months_without_invoice.currency = 'USD' then 1
            else rates_by_age.rate
        end as booked_fx_rate
    from months_without_invoice
    left join rates_by_age
        on
            months_without_invoice.issuer = rates_by_age.issuer
            and months_without_invoice.billing_account_id = rates_by_age.billing_account_id
            and months_without_invoice.billing_month = rates_by_age.billing_month
            and rates_by_age.rate_age = 1
)

select
    {{ reconciliation_key(
        'units.issuer',
        'units.billing_account_id',
        'units.billing_month',
        'units.invoice_id'
    ) }}
        as reconciliation_key,
    units.issuer,
    units.billing_account_id,
    units.billing_month,
    units.invoice_id,
    units.currency,
    case
        when units.invoice_status in ('voided', 'open') then units.invoice_status
        when units.is_credit_note then 'credit_note'
        else units.invoice_status
    end as invoice_status,
    units.is_credit_note,
    units.reference_invoice_id,
    coalesce(billing_accounts.payment_model, 'invoice') as payment_model,
    units.issue_date,
    units.period_start,
    units.period_end,
    {{ money('units.invoiced_net') }} as invoiced_net,
    {{ money('units.invoiced_tax') }} as invoiced_tax,
    {{ money('units.fx_rate') }} as fx_rate,
    {{ money('units.booked_fx_rate') }} as booked_fx_rate
from units
left join billing_accounts
    on
        units.issuer = billing_accounts.issuer
        and units.billing_account_id = billing_accounts.billing_account_id
