{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per UTC day, account, product and principal: what Cursor charged, whatever the kind. Included use has a
    charge as well, which is not cash: `product` tells them apart. Discount and token fee are in the charge already.
#}
with

hours as (
    select * from {{ ref('int_usage__cursor_charges') }}
),

report_days as (
    select * from {{ ref('int_reports__days') }}
    where source = 'cursor'
),

charges as (
    select
        account_id,
        report,
        principal_key,
        product,
        {{ cents_to_usd('sum(charged_cents)') }} as usage_value_usd,
        cast(sum(records) as bigint) as records,
        cast(sum(unpriced_records) as bigint) as unpriced_records,
        usage_date
    from hours
    group by account_id, report, principal_key, product, usage_date
)

select
    charges.account_id,
    charges.principal_key,
    charges.product,
    'usd' as credit_unit,
    case when charges.usage_value_usd is null then 'unpriced' else 'vendor_charge' end
        as value_basis,
    charges.usage_value_usd as credits,
    charges.usage_value_usd,
    charges.records,
    charges.unpriced_records,
    report_days.is_final,
    charges.usage_date,
    report_days.data_complete_through
from charges
inner join report_days
    on
        charges.account_id = report_days.account_id
        and charges.report = report_days.report
        and charges.usage_date = report_days.report_date
