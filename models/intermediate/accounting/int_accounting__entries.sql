{{ config(materialized='table') }}

{#
    One row per posting period, journal type, reference and line: what is to be booked, before it is split by cost center
    and rounded. A positive amount is a debit; the credit side of a journal is one account, the counter_purpose.

    accrual and reversal: int_accounting__accruals. invoice and credit_note: issued documents; one issued by the day on
    which the books close belongs to its own month, a later one to the month it is issued in. correction: what closed
    months turned out to be. prepaid_purchase: a lot that no invoice of yours has. prepaid_drawdown and expired_credits: the
    roll-forward; what was granted costs nothing.

    A correction credits the liability, and no cost is expensed twice: what an invoice bills of a closed month, in a later
    month's invoice or in its own beyond what the month was closed with, settles the liability up to what corrections of
    that month, vendor and series have credited, and the rest is an expense. A credit note is of its own month's credits. Where the invoice was booked first, a
    settlement takes the correction back as far as the invoice has billed it.

    Limits. A vendor whose accounts all pay in advance has no corrections, for late use is drawn from the lots of its own
    month; where only some of its accounts do, late use of these is in both. Draws, expired credits and what a contract
    adds to an accrual are as known now, in a closed month too, and so is a document that comes late with an early date.
    What another rate than the booked one makes is in the expense of the invoice, and never a line of its own.
#}
with

accruals as (
    select * from {{ ref('int_accounting__accruals') }}
    where accrual_amount <> 0
),

{# An accrual is of what no invoice has billed in time; where all have, of what they billed too little. #}
known_amounts as (
    select
        *,
        max(case when is_invoiced_at_close then 0 else 1 end) over (
            partition by billing_month, issuer, billing_account_id, currency
        ) as has_open
    from {{ ref('int_accounting__known_amounts') }}
    where known_amount is not null
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

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
    where figure in ('spend.billed_usd', 'chargeback.amount_usd')
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
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
            and (known_amounts.has_open = 0 or not known_amounts.is_invoiced_at_close)
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

document_lines as (
    select
        invoices.issuer,
        invoices.billing_account_id,
        invoices.invoice_id,
        invoices.is_credit_note,
        invoices.billing_month,
        invoices.currency,
        coalesce(invoices.fx_rate, invoices.booked_fx_rate) as fx_rate,
        invoices.issue_date,
        invoice_lines.line_no,
        invoice_lines.vendor,
        invoice_lines.series,
        case
            when invoice_lines.charge_category = 'Tax' or invoice_lines.series = 'tax'
                then 'input_tax'
            when
                lot_invoices.invoice_id is not null
                and (invoices.is_credit_note or invoice_lines.charge_category = 'Purchase')
                and invoice_lines.series <> 'human_seat_fee'
                then 'prepaid_expense'
            when invoice_lines.series = 'human_seat_fee' then 'ai_seat_expense'
            else 'ai_usage_expense'
        end as gl_purpose,
        invoice_lines.amount,
        coalesce(
            not invoices.is_credit_note and invoices.period_start > invoice_lines.service_end,
            false
        ) as is_prior,
        case
            when invoices.is_credit_note then invoices.billing_month
            when invoices.period_start > invoice_lines.service_end
                then cast({{ dbt.date_trunc('month', 'invoice_lines.service_end') }} as date)
            else invoices.billing_month
        end as service_month,
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
            and case
                when invoices.is_credit_note then invoices.reference_invoice_id
                else invoices.invoice_id
            end = lot_invoices.invoice_id
),

closed_months as (
    select period from periods
    where is_closed
),

closed_subjects as (
    select
        period,
        case figure
            when 'spend.billed_usd' then {{ dbt.split_part('subject', "'|'", 1) }}
            else {{ dbt.split_part('subject', "'|'", 2) }}
        end as vendor,
        case figure
            when 'spend.billed_usd' then {{ dbt.split_part('subject', "'|'", 2) }}
            else {{ dbt.split_part('subject', "'|'", 3) }}
        end as series,
        case when figure = 'chargeback.amount_usd' then amount end as charged_usd,
        case when figure = 'spend.billed_usd' then amount end as billed_usd
    from closed_figures
),

closed_amounts as (
    select
        period,
        vendor,
        series,
        coalesce(sum(charged_usd), sum(billed_usd)) as closed_usd
    from closed_subjects
    group by period, vendor, series
),

prepaid_vendors as (
    select vendor
    from accounts
    group by vendor
    having min(payment_model) = 'prepaid' and max(payment_model) = 'prepaid'
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

booked_corrections as (
    select
        corrected.posting_month,
        corrected.corrected_month,
        corrected.vendor,
        corrected.series,
        corrected.cost_center_key,
        corrected.amount
    from corrected
    left join charged_corrections
        on
            corrected.posting_month = charged_corrections.posting_month
            and corrected.corrected_month = charged_corrections.corrected_month
            and corrected.vendor = charged_corrections.vendor
            and corrected.series = charged_corrections.series
    left join prepaid_vendors
        on corrected.vendor = prepaid_vendors.vendor
    where
        prepaid_vendors.vendor is null
        and (corrected.figure = 'chargeback.amount_usd' or charged_corrections.vendor is null)
),

{# What was corrected and what was billed of a closed month, in the order of the books: a month's corrections come first. #}
liability_events as (
    select
        corrected_month as service_month,
        vendor,
        series,
        posting_month as posting_period,
        0 as event_order,
        cast(null as date) as issue_date,
        cast(null as {{ dbt.type_string() }}) as issuer,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        cast(null as bigint) as line_no,
        sum(amount) as corrected_usd,
        0 as own_usd,
        0 as own_lines,
        0 as prior_usd
    from booked_corrections
    group by corrected_month, vendor, series, posting_month

    union all

    select
        document_lines.service_month,
        document_lines.vendor,
        case
            when document_lines.gl_purpose = 'input_tax' then 'tax'
            when document_lines.is_credit_note then 'credit'
            else document_lines.series
        end as series,
        document_lines.posting_period,
        1 as event_order,
        document_lines.issue_date,
        document_lines.issuer,
        document_lines.invoice_id,
        document_lines.line_no,
        0 as corrected_usd,
        case
            when document_lines.is_prior then 0
            else {{ proportion('document_lines.amount', 1, 'document_lines.fx_rate') }}
        end as own_usd,
        case when document_lines.is_prior then 0 else 1 end as own_lines,
        case
            when document_lines.is_prior
                then {{ proportion('document_lines.amount', 1, 'document_lines.fx_rate') }}
            else 0
        end as prior_usd
    from document_lines
    inner join closed_months
        on document_lines.service_month = closed_months.period
    where
        document_lines.gl_purpose <> 'prepaid_expense'
        and document_lines.fx_rate is not null
),

so_far as (
    select
        liability_events.*,
        coalesce(closed_amounts.closed_usd, 0) as closed_usd,
        sum(liability_events.corrected_usd) over (
            partition by
                liability_events.service_month, liability_events.vendor, liability_events.series
            order by
                liability_events.posting_period,
                liability_events.event_order,
                liability_events.issue_date nulls first,
                {{ binary_order('liability_events.issuer') }} nulls first,
                {{ binary_order('liability_events.invoice_id') }} nulls first,
                liability_events.line_no nulls first
        ) as corrected_usd_so_far,
        sum(liability_events.own_usd) over (
            partition by
                liability_events.service_month, liability_events.vendor, liability_events.series
            order by
                liability_events.posting_period,
                liability_events.event_order,
                liability_events.issue_date nulls first,
                {{ binary_order('liability_events.issuer') }} nulls first,
                {{ binary_order('liability_events.invoice_id') }} nulls first,
                liability_events.line_no nulls first
        ) as own_usd_so_far,
        sum(liability_events.own_lines) over (
            partition by
                liability_events.service_month, liability_events.vendor, liability_events.series
            order by
                liability_events.posting_period,
                liability_events.event_order,
                liability_events.issue_date nulls first,
                {{ binary_order('liability_events.issuer') }} nulls first,
                {{ binary_order('liability_events.invoice_id') }} nulls first,
                liability_events.line_no nulls first
        ) as own_lines_so_far,
        sum(liability_events.prior_usd) over (
            partition by
                liability_events.service_month, liability_events.vendor, liability_events.series
            order by
                liability_events.posting_period,
                liability_events.event_order,
                liability_events.issue_date nulls first,
                {{ binary_order('liability_events.issuer') }} nulls first,
                {{ binary_order('liability_events.invoice_id') }} nulls first,
                liability_events.line_no nulls first
        ) as prior_usd_so_far
    from liability_events
    left join closed_amounts
        on
            liability_events.service_month = closed_amounts.period
            and liability_events.vendor = closed_amounts.vendor
            and liability_events.series = closed_amounts.series
),

{# What invoices have billed of what the corrections are about: what lies beyond the closing, in their direction. #}
billed_so_far as (
    select
        *,
        prior_usd_so_far + case
            when own_lines_so_far = 0 then 0
            when corrected_usd_so_far > 0 and own_usd_so_far > closed_usd
                then own_usd_so_far - closed_usd
            when corrected_usd_so_far < 0 and own_usd_so_far < closed_usd
                then own_usd_so_far - closed_usd
            else 0
        end as billed_usd_so_far
    from so_far
),

settled_so_far as (
    select
        *,
        case
            when corrected_usd_so_far > 0 and billed_usd_so_far > corrected_usd_so_far
                then corrected_usd_so_far
            when corrected_usd_so_far < 0 and billed_usd_so_far < corrected_usd_so_far
                then corrected_usd_so_far
            when corrected_usd_so_far > 0 and billed_usd_so_far > 0 then billed_usd_so_far
            when corrected_usd_so_far < 0 and billed_usd_so_far < 0 then billed_usd_so_far
            else 0
        end as settled_usd_so_far
    from billed_so_far
),

settlements as (
    select
        *,
        settled_usd_so_far - coalesce(
            lag(settled_usd_so_far) over (
                partition by service_month, vendor, series
                order by
                    posting_period,
                    event_order,
                    issue_date nulls first,
                    {{ binary_order('issuer') }} nulls first,
                    {{ binary_order('invoice_id') }} nulls first,
                    line_no nulls first
            ),
            0
        ) as settled_usd
    from settled_so_far
),

settled_lines as (
    select
        document_lines.*,
        case
            when coalesce(settlements.settled_usd, 0) = 0 then 0
            when settlements.settled_usd = settlements.own_usd + settlements.prior_usd
                then document_lines.amount
            else {{ money('settlements.settled_usd * document_lines.fx_rate') }}
        end as settled_amount
    from document_lines
    left join settlements
        on
            document_lines.issuer = settlements.issuer
            and document_lines.invoice_id = settlements.invoice_id
            and document_lines.line_no = settlements.line_no
),

invoiced as (
    select
        issuer,
        billing_account_id,
        invoice_id,
        is_credit_note,
        billing_month,
        currency,
        fx_rate,
        issue_date,
        vendor,
        series,
        gl_purpose,
        posting_period,
        amount - settled_amount as amount
    from settled_lines
    where amount <> settled_amount or settled_amount = 0

    union all

    select
        issuer,
        billing_account_id,
        invoice_id,
        is_credit_note,
        billing_month,
        currency,
        fx_rate,
        issue_date,
        vendor,
        series,
        'accrued_liabilities' as gl_purpose,
        posting_period,
        settled_amount as amount
    from settled_lines
    where settled_amount <> 0
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
        cast({{ dbt.date_trunc('month', 'prepaid_lots.purchased_on') }} as date)
            as posting_period,
        'prepaid_purchase' as journal_type,
        prepaid_lots.issuer || '/' || prepaid_lots.billing_account_id
        || '/' || prepaid_lots.lot_id as reference,
        prepaid_lots.purchased_on as posting_date,
        prepaid_lots.purchased_on as document_date,
        prepaid_lots.issuer,
        prepaid_lots.billing_account_id,
        null as invoice_id,
        prepaid_lots.purchase_month as billing_month,
        prepaid_lots.vendor,
        'all' as series,
        null as cost_center_key,
        'prepaid_expense' as gl_purpose,
        'accounts_payable' as counter_purpose,
        prepaid_lots.currency,
        fx_rates.fx_rate,
        prepaid_lots.amount
    from prepaid_lots
    left join fx_rates
        on
            prepaid_lots.purchase_month = fx_rates.billing_month
            and prepaid_lots.currency = fx_rates.currency
    where prepaid_lots.kind = 'purchased' and prepaid_lots.invoice_id is null

    union all

    select
        booked_corrections.posting_month as posting_period,
        'correction' as journal_type,
        'closed '
        || substr(cast(booked_corrections.corrected_month as {{ dbt.type_string() }}), 1, 7)
        || '/' || booked_corrections.vendor as reference,
        {{ month_end('booked_corrections.posting_month') }} as posting_date,
        {{ month_end('booked_corrections.posting_month') }} as document_date,
        null as issuer,
        null as billing_account_id,
        null as invoice_id,
        booked_corrections.corrected_month as billing_month,
        booked_corrections.vendor,
        booked_corrections.series,
        booked_corrections.cost_center_key,
        case booked_corrections.series
            when 'human_seat_fee' then 'ai_seat_expense'
            when 'tax' then 'input_tax'
            else 'ai_usage_expense'
        end as gl_purpose,
        'accrued_liabilities' as counter_purpose,
        'USD' as currency,
        1 as fx_rate,
        booked_corrections.amount
    from booked_corrections

    union all

    select
        settlements.posting_period,
        'settlement' as journal_type,
        'closed ' || substr(cast(settlements.service_month as {{ dbt.type_string() }}), 1, 7)
        || '/' || settlements.vendor as reference,
        {{ month_end('settlements.posting_period') }} as posting_date,
        {{ month_end('settlements.posting_period') }} as document_date,
        null as issuer,
        null as billing_account_id,
        null as invoice_id,
        settlements.service_month as billing_month,
        settlements.vendor,
        settlements.series,
        null as cost_center_key,
        case settlements.series
            when 'human_seat_fee' then 'ai_seat_expense'
            when 'tax' then 'input_tax'
            else 'ai_usage_expense'
        end as gl_purpose,
        'accrued_liabilities' as counter_purpose,
        'USD' as currency,
        1 as fx_rate,
        -settlements.settled_usd as amount
    from settlements
    where settlements.event_order = 0 and settlements.settled_usd <> 0
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
