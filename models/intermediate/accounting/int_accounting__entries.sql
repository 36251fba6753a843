{{ config(materialized='table') }}

{#
    One row per posting period, journal type, reference and line: what is to be booked, before it is split by cost center
    and rounded. A positive amount is a debit; the credit side of a journal is one account, the counter_purpose.

    accrual and reversal: int_accounting__accruals. invoice and credit_note: issued documents; one issued by the day on
    which the books close belongs to its own month, a later one to the month it is issued in. What an invoice bills of an
    earlier month that is closed settles the liability that the correction of that month booked. correction: what closed
    months turned out to be. prepaid_drawdown and expired_credits: the roll-forward; what was granted costs nothing.
#}
with

accruals as (
    select * from {{ ref('int_accounting__accruals') }}
    where accrual_amount <> 0
),

known_amounts as (
    select * from {{ ref('int_accounting__known_amounts') }}
    where not is_invoiced_at_close and known_amount is not null
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where invoice_status = 'issued'
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

prepaid_lots as (
    select * from {{ ref('int_accounting__prepaid_lots') }}
),

prepaid_months as (
    select * from {{ ref('int_accounting__prepaid_months') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
),

corrections as (
    select * from {{ ref('int_close__corrections') }}
    where figure in ('spend.billed_usd', 'chargeback.amount_usd')
),

fx_rates as (
    select * from {{ ref('int_accounting__fx_rates') }}
),

known_shares as (
    select
        accruals.billing_month,
        accruals.issuer,
        accruals.billing_account_id,
        accruals.currency,
        known_amounts.vendor,
        known_amounts.series,
        accruals.accrual_amount,
        sum(known_amounts.known_amount) over (
            partition by
                accruals.billing_month,
                accruals.issuer,
                accruals.billing_account_id,
                accruals.currency
        ) as total_amount,
        known_amounts.known_amount,
        row_number() over (
            partition by
                accruals.billing_month,
                accruals.issuer,
                accruals.billing_account_id,
                accruals.currency
            order by
                known_amounts.known_amount desc nulls last,
                {{ binary_order('known_amounts.vendor') }} nulls last,
                {{ binary_order('known_amounts.series') }}
        ) as share_rank
    from accruals
    inner join known_amounts
        on
            accruals.billing_month = known_amounts.billing_month
            and accruals.issuer = known_amounts.issuer
            and accruals.billing_account_id = known_amounts.billing_account_id
            and accruals.currency = known_amounts.currency
),

cut_shares as (
    select
        *,
        {{ proportion('accrual_amount', 'known_amount', 'total_amount') }} as share_amount
    from known_shares
),

accrued as (
    select
        billing_month,
        issuer,
        billing_account_id,
        currency,
        vendor,
        series,
        coalesce(share_amount, 0) + case
            when share_rank = 1
                then
                    accrual_amount - coalesce(
                        sum(share_amount) over (
                            partition by billing_month, issuer, billing_account_id, currency
                        ),
                        0
                    )
            else 0
        end as amount
    from cut_shares
),

account_vendors as (
    select
        issuer,
        billing_account_id,
        min(vendor) as vendor
    from prepaid_lots
    group by issuer, billing_account_id
),

lot_invoices as (
    select distinct issuer, invoice_id
    from prepaid_lots
    where invoice_id is not null and kind = 'purchased'
),

invoiced as (
    select
        invoices.issuer,
        invoices.billing_account_id,
        invoices.invoice_id,
        invoices.is_credit_note,
        invoices.reference_invoice_id,
        invoices.billing_month,
        invoices.currency,
        coalesce(invoices.fx_rate, invoices.booked_fx_rate) as fx_rate,
        invoices.issue_date,
        invoice_lines.vendor,
        invoice_lines.series,
        case
            when invoice_lines.charge_category = 'Tax' or invoice_lines.series = 'tax'
                then 'input_tax'
            when
                lot_invoices.invoice_id is not null
                and invoice_lines.charge_category = 'Purchase'
                and invoice_lines.series <> 'human_seat_fee'
                then 'prepaid_expense'
            when not invoices.is_credit_note and periods.period is not null
                then 'accrued_liabilities'
            when invoice_lines.series = 'human_seat_fee' then 'ai_seat_expense'
            else 'ai_usage_expense'
        end as gl_purpose,
        invoice_lines.amount,
        case
            when
                invoices.issue_date
                <= {{ books_close_on('invoices.billing_month') }}
                then invoices.billing_month
            else cast({{ dbt.date_trunc('month', 'invoices.issue_date') }} as date)
        end as posting_period
    from invoices
    inner join invoice_lines
        on
            invoices.issuer = invoice_lines.issuer
            and invoices.invoice_id = invoice_lines.invoice_id
    left join lot_invoices
        on
            invoices.issuer = lot_invoices.issuer
            and invoices.invoice_id = lot_invoices.invoice_id
    left join periods
        on
            invoices.period_start > invoice_lines.service_end
            and cast({{ dbt.date_trunc('month', 'invoice_lines.service_end') }} as date)
            = periods.period
            and periods.is_closed
),

corrected as (
    select
        posting_month,
        corrected_month,
        figure,
        case figure
            when 'spend.billed_usd' then {{ dbt.split_part('subject', "'|'", 1) }}
            else {{ dbt.split_part('subject', "'|'", 2) }}
        end as vendor,
        case figure
            when 'spend.billed_usd' then {{ dbt.split_part('subject', "'|'", 2) }}
            else {{ dbt.split_part('subject', "'|'", 3) }}
        end as series,
        case
            when figure = 'chargeback.amount_usd' then {{ dbt.split_part('subject', "'|'", 1) }}
        end as cost_center_key,
        amount
    from corrections
),

charged_corrections as (
    select distinct
        posting_month,
        corrected_month,
        vendor,
        series
    from corrected
    where figure = 'chargeback.amount_usd'
),

entries as (
    select
        accrued.billing_month as posting_period,
        'accrual' as journal_type,
        accrued.issuer || '/' || accrued.billing_account_id || '/' || accrued.currency as reference,
        {{ month_end('accrued.billing_month') }} as posting_date,
        {{ month_end('accrued.billing_month') }} as document_date,
        accrued.issuer,
        accrued.billing_account_id,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        accrued.billing_month,
        accrued.vendor,
        accrued.series,
        cast(null as {{ dbt.type_string() }}) as cost_center_key,
        case accrued.series
            when 'human_seat_fee' then 'ai_seat_expense'
            else 'ai_usage_expense'
        end as gl_purpose,
        'accrued_liabilities' as counter_purpose,
        accrued.currency,
        fx_rates.fx_rate,
        accrued.amount
    from accrued
    left join fx_rates
        on
            accrued.billing_month = fx_rates.billing_month
            and accrued.currency = fx_rates.currency

    union all

    select
        cast({{ dbt.dateadd('month', 1, 'accrued.billing_month') }} as date) as posting_period,
        'reversal' as journal_type,
        accrued.issuer || '/' || accrued.billing_account_id || '/' || accrued.currency as reference,
        cast({{ dbt.dateadd('month', 1, 'accrued.billing_month') }} as date) as posting_date,
        {{ month_end('accrued.billing_month') }} as document_date,
        accrued.issuer,
        accrued.billing_account_id,
        null as invoice_id,
        accrued.billing_month,
        accrued.vendor,
        accrued.series,
        null as cost_center_key,
        case accrued.series
            when 'human_seat_fee' then 'ai_seat_expense'
            else 'ai_usage_expense'
        end as gl_purpose,
        'accrued_liabilities' as counter_purpose,
        accrued.currency,
        fx_rates.fx_rate,
        -accrued.amount as amount
    from accrued
    left join fx_rates
        on
            accrued.billing_month = fx_rates.billing_month
            and accrued.currency = fx_rates.currency

    union all

    select
        case when posting_period < billing_month then billing_month else posting_period end
            as posting_period,
        case when is_credit_note then 'credit_note' else 'invoice' end as journal_type,
        issuer || '/' || invoice_id as reference,
        case
            when issue_date < billing_month then billing_month
            when
                posting_period = billing_month
                and issue_date > {{ month_end('billing_month') }}
                then {{ month_end('billing_month') }}
            else issue_date
        end as posting_date,
        issue_date as document_date,
        issuer,
        billing_account_id,
        invoice_id,
        billing_month,
        vendor,
        series,
        null as cost_center_key,
        gl_purpose,
        'accounts_payable' as counter_purpose,
        currency,
        fx_rate,
        amount
    from invoiced

    union all

    select
        prepaid_months.billing_month as posting_period,
        'prepaid_drawdown' as journal_type,
        prepaid_months.issuer || '/' || prepaid_months.billing_account_id
        || '/' || prepaid_months.lot_id as reference,
        {{ month_end('prepaid_months.billing_month') }} as posting_date,
        {{ month_end('prepaid_months.billing_month') }} as document_date,
        prepaid_months.issuer,
        prepaid_months.billing_account_id,
        null as invoice_id,
        prepaid_months.billing_month,
        account_vendors.vendor,
        'all' as series,
        null as cost_center_key,
        'ai_usage_expense' as gl_purpose,
        case
            when prepaid_months.kind = 'unfunded' then 'accrued_liabilities' else 'prepaid_expense'
        end as counter_purpose,
        prepaid_months.currency,
        coalesce(lot_rates.fx_rate, fx_rates.fx_rate) as fx_rate,
        prepaid_months.drawn_amount as amount
    from prepaid_months
    left join account_vendors
        on
            prepaid_months.issuer = account_vendors.issuer
            and prepaid_months.billing_account_id = account_vendors.billing_account_id
    {# An advance keeps the rate of the day on which it was paid. #}
    left join prepaid_lots
        on
            prepaid_months.issuer = prepaid_lots.issuer
            and prepaid_months.billing_account_id = prepaid_lots.billing_account_id
            and prepaid_months.lot_id = prepaid_lots.lot_id
    left join fx_rates as lot_rates
        on
            prepaid_lots.purchase_month = lot_rates.billing_month
            and prepaid_months.currency = lot_rates.currency
    left join fx_rates
        on
            prepaid_months.billing_month = fx_rates.billing_month
            and prepaid_months.currency = fx_rates.currency
    where prepaid_months.kind <> 'granted' and prepaid_months.drawn_amount <> 0

    union all

    select
        prepaid_months.billing_month as posting_period,
        'expired_credits' as journal_type,
        prepaid_months.issuer || '/' || prepaid_months.billing_account_id
        || '/' || prepaid_months.lot_id as reference,
        prepaid_months.expires_on as posting_date,
        prepaid_months.expires_on as document_date,
        prepaid_months.issuer,
        prepaid_months.billing_account_id,
        null as invoice_id,
        prepaid_months.billing_month,
        prepaid_lots.vendor,
        'all' as series,
        null as cost_center_key,
        'expired_credits' as gl_purpose,
        'prepaid_expense' as counter_purpose,
        prepaid_months.currency,
        fx_rates.fx_rate,
        prepaid_months.expired_amount as amount
    from prepaid_months
    inner join prepaid_lots
        on
            prepaid_months.issuer = prepaid_lots.issuer
            and prepaid_months.billing_account_id = prepaid_lots.billing_account_id
            and prepaid_months.lot_id = prepaid_lots.lot_id
    left join fx_rates
        on
            prepaid_lots.purchase_month = fx_rates.billing_month
            and prepaid_months.currency = fx_rates.currency
    where prepaid_months.kind = 'purchased' and prepaid_months.expired_amount <> 0

    union all

    select
        corrected.posting_month as posting_period,
        'correction' as journal_type,
        'closed ' || substr(cast(corrected.corrected_month as {{ dbt.type_string() }}), 1, 7)
        || '/' || corrected.vendor as reference,
        {{ month_end('corrected.posting_month') }} as posting_date,
        {{ month_end('corrected.posting_month') }} as document_date,
        null as issuer,
        null as billing_account_id,
        null as invoice_id,
        corrected.corrected_month as billing_month,
        corrected.vendor,
        corrected.series,
        corrected.cost_center_key,
        case corrected.series
            when 'human_seat_fee' then 'ai_seat_expense'
            when 'tax' then 'input_tax'
            else 'ai_usage_expense'
        end as gl_purpose,
        'accrued_liabilities' as counter_purpose,
        'USD' as currency,
        1 as fx_rate,
        corrected.amount
    from corrected
    left join charged_corrections
        on
            corrected.posting_month = charged_corrections.posting_month
            and corrected.corrected_month = charged_corrections.corrected_month
            and corrected.vendor = charged_corrections.vendor
            and corrected.series = charged_corrections.series
    where corrected.figure = 'chargeback.amount_usd' or charged_corrections.vendor is null
)

select
    posting_period,
    journal_type,
    reference,
    posting_date,
    document_date,
    issuer,
    billing_account_id,
    invoice_id,
    billing_month,
    vendor,
    series,
    cost_center_key,
    gl_purpose,
    counter_purpose,
    currency,
    {{ money('fx_rate') }} as fx_rate,
    {{ money('sum(amount)') }} as amount
from entries
group by
    posting_period,
    journal_type,
    reference,
    posting_date,
    document_date,
    issuer,
    billing_account_id,
    invoice_id,
    billing_month,
    vendor,
    series,
    cost_center_key,
    gl_purpose,
    counter_purpose,
    currency,
    fx_rate
