{{ config(materialized='table') }}

{#
    One row per vendor, account, UTC day, principal, credit unit and series: metered use as it is compared with what the
    vendor charges. `comparison_key` is the principal. For one that the account's charges never name it is the account's
    day as a whole, where the day has charges that name nobody: a cost report by key knows no user. One that they name on
    other days stays itself. Series is the charge's where the two meet: such a report knows few series, and use that
    stands against it belongs there too.
#}
with

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

invoice_series as (
    select * from {{ ref('int_billing__invoice_series') }}
),

usage_charges as (
    select * from {{ ref('int_billing__billed_charges') }}
    where
        charge_category = 'Usage'
        and coalesce(charge_class, '') <> 'Correction'
        and series in ('human_usage', 'machine_usage', 'other')
),

named_days as (
    select
        vendor,
        account_id,
        principal_key,
        charge_date,
        min(series) as series
    from usage_charges
    where principal_key is not null
    group by vendor, account_id, principal_key, charge_date
),

unnamed_days as (
    select distinct
        vendor,
        account_id,
        series,
        charge_date
    from usage_charges
    where principal_key is null
),

first_unnamed_series as (
    select
        vendor,
        account_id,
        charge_date,
        min(series) as series
    from unnamed_days
    group by vendor, account_id, charge_date
),

named_principals as (
    select distinct
        vendor,
        account_id,
        principal_key
    from named_days
),

credits_by_series as (
    select
        credits.*,
        {{ usage_series(
            'credits.vendor',
            "coalesce(principals.principal_kind, 'unattributed')",
            'credits.account_id',
            'credits.product'
        ) }} as series
    from credits
    left join principals
        on
            credits.vendor = principals.vendor
            and credits.principal_key = principals.principal_key
),

metered as (
    select
        vendor,
        account_id,
        usage_date,
        principal_key,
        credit_unit,
        series,
        max(case when value_basis in ('list_price', 'unpriced') then 0 else 1 end)
            as vendor_valued,
        sum(credits) as metered_quantity,
        sum(usage_value_usd) as metered_usd,
        sum(records) as records,
        sum(unpriced_records) as unpriced_records
    from credits_by_series
    group by vendor, account_id, usage_date, principal_key, credit_unit, series
),

compared as (
    select
        metered.vendor,
        metered.account_id,
        metered.usage_date,
        metered.principal_key,
        metered.credit_unit,
        case
            when named_days.series is not null then named_days.series
            when named_principals.vendor is not null then metered.series
            else coalesce(unnamed_days.series, first_unnamed_series.series, metered.series)
        end as series,
        case
            when named_principals.vendor is null and first_unnamed_series.vendor is not null
                then 'account day'
            else metered.principal_key
        end as comparison_key,
        metered.vendor_valued,
        metered.metered_quantity,
        metered.metered_usd,
        metered.records,
        metered.unpriced_records
    from metered
    left join named_days
        on
            metered.vendor = named_days.vendor
            and metered.account_id = named_days.account_id
            and metered.principal_key = named_days.principal_key
            and metered.usage_date = named_days.charge_date
    left join named_principals
        on
            metered.vendor = named_principals.vendor
            and metered.account_id = named_principals.account_id
            and metered.principal_key = named_principals.principal_key
    left join first_unnamed_series
        on
            metered.vendor = first_unnamed_series.vendor
            and metered.account_id = first_unnamed_series.account_id
            and metered.usage_date = first_unnamed_series.charge_date
    left join unnamed_days
        on
            metered.vendor = unnamed_days.vendor
            and metered.account_id = unnamed_days.account_id
            and metered.usage_date = unnamed_days.charge_date
            and metered.series = unnamed_days.series
),

placed as (
    select
        compared.*,
        accounts.issuer,
        accounts.billing_account_id,
        {{ billing_month('compared.usage_date', 'accounts.cycle_day') }} as billing_month
    from compared
    inner join accounts
        on
            compared.vendor = accounts.vendor
            and compared.account_id = accounts.account_id
)

select
    {{ reconciliation_key(
        'placed.issuer',
        'placed.billing_account_id',
        'placed.billing_month',
        'invoice_series.invoice_id'
    ) }}
        as reconciliation_key,
    placed.issuer,
    placed.billing_account_id,
    placed.billing_month,
    invoice_series.invoice_id,
    placed.vendor,
    placed.account_id,
    placed.series,
    placed.principal_key,
    placed.credit_unit,
    placed.comparison_key,
    max(placed.vendor_valued) = 1 as is_vendor_valued,
    {{ money('sum(placed.metered_quantity)') }} as metered_quantity,
    {{ money('sum(placed.metered_usd)') }} as metered_usd,
    cast(sum(placed.records) as bigint) as records,
    cast(sum(placed.unpriced_records) as bigint) as unpriced_records,
    placed.usage_date
from placed
left join invoice_series
    on
        placed.issuer = invoice_series.issuer
        and placed.billing_account_id = invoice_series.billing_account_id
        and placed.billing_month = invoice_series.billing_month
        and placed.vendor = invoice_series.vendor
        and placed.series = invoice_series.series
group by
    placed.issuer,
    placed.billing_account_id,
    placed.billing_month,
    invoice_series.invoice_id,
    placed.vendor,
    placed.account_id,
    placed.series,
    placed.principal_key,
    placed.credit_unit,
    placed.comparison_key,
    placed.usage_date
