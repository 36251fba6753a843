{#
    One row per posting period, kind of movement and lot of prepaid credits: lots bought that no invoice of yours has, what
    was drawn and what expired. What was granted costs nothing. An advance keeps the rate of the day on which it was paid.
#}
with

prepaid_lots as (
    select * from {{ ref('int_accounting__prepaid_lots') }}
),

prepaid_months as (
    select * from {{ ref('int_accounting__prepaid_months') }}
),

fx_rates as (
    select * from {{ ref('int_accounting__fx_rates') }}
),

priced_lots as (
    select
        prepaid_lots.*,
        fx_rates.fx_rate as purchase_fx_rate
    from prepaid_lots
    left join fx_rates
        on
            prepaid_lots.purchase_month = fx_rates.billing_month
            and prepaid_lots.currency = fx_rates.currency
),

{# Use that no lot had credits for is of no lot: its vendor is that of the account's lots. #}
account_vendors as (
    select distinct
        issuer,
        billing_account_id,
        vendor
    from prepaid_lots
),

priced_months as (
    select
        prepaid_months.*,
        account_vendors.vendor,
        priced_lots.purchase_fx_rate,
        fx_rates.fx_rate as month_fx_rate
    from prepaid_months
    left join account_vendors
        on
            prepaid_months.issuer = account_vendors.issuer
            and prepaid_months.billing_account_id = account_vendors.billing_account_id
    left join priced_lots
        on
            prepaid_months.issuer = priced_lots.issuer
            and prepaid_months.billing_account_id = priced_lots.billing_account_id
            and prepaid_months.currency = priced_lots.currency
            and prepaid_months.lot_id = priced_lots.lot_id
    left join fx_rates
        on
            prepaid_months.billing_month = fx_rates.billing_month
            and prepaid_months.currency = fx_rates.currency
),

movements as (
    select
        'prepaid_purchase' as journal_type,
        cast({{ dbt.date_trunc('month', 'purchased_on') }} as date) as posting_period,
        purchased_on as posting_date,
        issuer,
        billing_account_id,
        lot_id,
        purchase_month as billing_month,
        vendor,
        'prepaid_expense' as gl_purpose,
        'accounts_payable' as counter_purpose,
        currency,
        purchase_fx_rate as fx_rate,
        amount
    from priced_lots
    where kind = 'purchased' and invoice_id is null

    union all

    select
        'prepaid_drawdown' as journal_type,
        billing_month as posting_period,
        {{ month_end('billing_month') }} as posting_date,
        issuer,
        billing_account_id,
        lot_id,
        billing_month,
        vendor,
        'ai_usage_expense' as gl_purpose,
        case kind
            when 'unfunded' then 'accrued_liabilities'
            else 'prepaid_expense'
        end as counter_purpose,
        currency,
        coalesce(purchase_fx_rate, month_fx_rate) as fx_rate,
        drawn_amount as amount
    from priced_months
    where kind <> 'granted' and drawn_amount <> 0

    union all

    select
        'expired_credits' as journal_type,
        billing_month as posting_period,
        expires_on as posting_date,
        issuer,
        billing_account_id,
        lot_id,
        billing_month,
        vendor,
        'expired_credits' as gl_purpose,
        'prepaid_expense' as counter_purpose,
        currency,
        purchase_fx_rate as fx_rate,
        expired_amount as amount
    from priced_months
    where kind = 'purchased' and expired_amount <> 0
)

select
    posting_period,
    journal_type,
    issuer || '/' || billing_account_id || '/' || lot_id as reference,
    posting_date,
    posting_date as document_date,
    issuer,
    billing_account_id,
    cast(null as {{ dbt.type_string() }}) as invoice_id,
    billing_month,
    vendor,
    'all' as series,
    cast(null as {{ dbt.type_string() }}) as cost_center_key,
    gl_purpose,
    counter_purpose,
    currency,
    fx_rate,
    {{ money('amount') }} as amount
from movements
