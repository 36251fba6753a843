{#
    One row per billing month, vendor and series, as known now: what the vendors' billing data charges, at list and
    billed; what the use is worth and the seats cost by contract; what invoices say. They are looked at side by side and
    never added. NULL is where nobody says; no figure is made up from another.

    Exported amounts and metered values are sums of what is known: `unknown_charges` counts the charges that the vendor
    tells no amount of, or whose currency has no booked rate of the day. An invoice counts once it is issued; one amount that
    cannot be converted leaves its series without an invoiced figure, for a part of a bill is no bill.
#}
with

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
),

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

seat_months as (
    select * from {{ ref('int_seats__months') }}
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where invoice_status = 'issued'
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

invoiced_lines as (
    select
        invoices.billing_month,
        invoice_lines.vendor,
        case when invoice_lines.charge_category = 'Tax' then 'tax' else invoice_lines.series end
            as series,
        case
            when invoices.currency = 'USD' then invoice_lines.amount
            else
                {{
                    proportion('invoice_lines.amount', 1,
                        'coalesce(invoices.fx_rate, invoices.booked_fx_rate)')
                }}
        end as amount_usd
    from invoices
    inner join invoice_lines
        on
            invoices.issuer = invoice_lines.issuer
            and invoices.invoice_id = invoice_lines.invoice_id
),

placed_credits as (
    select
        {{ billing_month('credits.usage_date', 'accounts.cycle_day') }} as billing_month,
        credits.vendor,
        {{
            usage_series('credits.vendor', 'principals.principal_kind', 'credits.account_id',
                'credits.product')
        }} as series,
        credits.usage_value_usd
    from credits
    inner join accounts
        on
            credits.vendor = accounts.vendor
            and credits.account_id = accounts.account_id
    left join principals
        on
            credits.vendor = principals.vendor
            and credits.principal_key = principals.principal_key
),

figures as (
    select
        billing_month,
        vendor,
        series,
        sum(billed_usd) as billed_usd,
        sum(list_usd) as list_usd,
        {{ money('null') }} as estimated_usd,
        {{ money('null') }} as invoiced_usd,
        count(*) - count(billed_usd) as unknown_charges
    from charges
    group by billing_month, vendor, series

    union all

    select
        billing_month,
        vendor,
        series,
        null as billed_usd,
        null as list_usd,
        sum(usage_value_usd) as estimated_usd,
        null as invoiced_usd,
        0 as unknown_charges
    from placed_credits
    group by billing_month, vendor, series

    union all

    select
        billing_month,
        vendor,
        'human_seat_fee' as series,
        null as billed_usd,
        null as list_usd,
        sum(seat_fee) as estimated_usd,
        null as invoiced_usd,
        0 as unknown_charges
    from seat_months
    where currency = 'USD'
    group by billing_month, vendor

    union all

    select
        billing_month,
        vendor,
        series,
        null as billed_usd,
        null as list_usd,
        null as estimated_usd,
        case when count(*) = count(amount_usd) then sum(amount_usd) end as invoiced_usd,
        0 as unknown_charges
    from invoiced_lines
    group by billing_month, vendor, series
)

select
    billing_month,
    vendor,
    series,
    {{ money('sum(billed_usd)') }} as billed_usd,
    {{ money('sum(list_usd)') }} as list_usd,
    {{ money('sum(estimated_usd)') }} as estimated_usd,
    {{ money('sum(invoiced_usd)') }} as invoiced_usd,
    cast(sum(unknown_charges) as bigint) as unknown_charges
from figures
group by billing_month, vendor, series
