{{ config(materialized='table') }}

{#
    One row per billing month, issuer, billing account and currency: what is accrued of what no invoice had billed when the
    books closed, how it is reversed, and what the invoice made of it. An account that pays in advance has none.

    Known is what the vendor's billing data charges and the contract adds; of a closed month what the data said when it
    was closed. To it comes the share by which months grow after they are closed. What an invoice issued by the day of
    closing bills is not accrued; what it bills too little of its own period is, beyond a hundred of the currency's smallest
    units, which are rounding.
#}
with

known_amounts as (
    select * from {{ ref('int_accounting__known_amounts') }}
),

late_factors as (
    select * from {{ ref('int_accounting__late_factors') }}
),

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
    where figure = 'reconciliation.exported_billed'
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where invoice_status = 'issued' and not is_credit_note
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
    where charge_category <> 'Tax' and series <> 'tax'
),

{# What an invoice bills of its own period. #}
own_amounts as (
    select
        invoices.issuer,
        invoices.invoice_id,
        sum(invoice_lines.amount) as own_amount
    from invoices
    inner join invoice_lines
        on
            invoices.issuer = invoice_lines.issuer
            and invoices.invoice_id = invoice_lines.invoice_id
            and coalesce(invoices.period_start <= invoice_lines.service_end, true)
    group by invoices.issuer, invoices.invoice_id
),

account_months as (
    select
        billing_month,
        issuer,
        billing_account_id,
        currency,
        {{ books_close_on('billing_month') }}
            as close_date,
        sum(exported_amount) as exported_amount,
        sum(case when not is_invoiced_at_close then exported_amount end) as open_exported_amount,
        sum(contract_amount) as contract_amount,
        sum(case when not is_invoiced_at_close then contract_amount end) as open_contract_amount,
        max(case when is_invoiced_at_close then 0 else 1 end) as has_open
    from known_amounts
    group by billing_month, issuer, billing_account_id, currency
),

closed_subjects as (
    select
        period,
        {{ dbt.split_part('subject', "'|'", 1) }} as issuer,
        {{ dbt.split_part('subject', "'|'", 2) }} as billing_account_id,
        {{ dbt.split_part('subject', "'|'", 3) }} as invoice_id,
        {{ dbt.split_part('subject', "'|'", 4) }} as currency,
        amount
    from closed_figures
),

closed_months as (
    select
        closed_subjects.period,
        closed_subjects.issuer,
        closed_subjects.billing_account_id,
        closed_subjects.currency,
        sum(closed_subjects.amount) as exported_amount,
        sum(
            case
                when
                    invoices.issue_date
                    <= {{ books_close_on('closed_subjects.period') }}
                    then 0
                else closed_subjects.amount
            end
        ) as open_exported_amount
    from closed_subjects
    left join invoices
        on
            closed_subjects.issuer = invoices.issuer
            and closed_subjects.invoice_id = invoices.invoice_id
    group by
        closed_subjects.period,
        closed_subjects.issuer,
        closed_subjects.billing_account_id,
        closed_subjects.currency
),

invoiced_months as (
    select
        invoices.billing_month,
        invoices.issuer,
        invoices.billing_account_id,
        invoices.currency,
        sum(invoices.net) as invoiced_amount,
        sum(
            case
                when
                    invoices.issue_date
                    <= {{ books_close_on('invoices.billing_month') }}
                    then invoices.net
                else 0
            end
        ) as invoiced_at_close,
        sum(
            case
                when
                    invoices.issue_date
                    <= {{ books_close_on('invoices.billing_month') }}
                    then coalesce(own_amounts.own_amount, 0)
                else 0
            end
        ) as own_at_close
    from invoices
    left join own_amounts
        on
            invoices.issuer = own_amounts.issuer
            and invoices.invoice_id = own_amounts.invoice_id
    group by
        invoices.billing_month,
        invoices.issuer,
        invoices.billing_account_id,
        invoices.currency
),

known as (
    select
        account_months.billing_month,
        account_months.issuer,
        account_months.billing_account_id,
        account_months.currency,
        account_months.close_date,
        closed_months.period is not null as is_as_closed,
        case
            when
                account_months.exported_amount is not null
                or account_months.contract_amount is not null
                then
                    coalesce(closed_months.exported_amount, account_months.exported_amount, 0)
                    + coalesce(account_months.contract_amount, 0)
        end as known_amount,
        case
            when account_months.has_open = 0 then 0
            when
                account_months.open_exported_amount is not null
                or account_months.open_contract_amount is not null
                then
                    coalesce(
                        closed_months.open_exported_amount, account_months.open_exported_amount, 0
                    )
                    + coalesce(account_months.open_contract_amount, 0)
        end as open_amount,
        late_factors.late_factor,
        late_factors.months_compared,
        invoiced_months.invoiced_amount,
        invoiced_months.invoiced_at_close,
        coalesce(invoiced_months.own_at_close, 0) as own_at_close
    from account_months
    inner join late_factors
        on
            account_months.billing_month = late_factors.billing_month
            and account_months.issuer = late_factors.issuer
            and account_months.billing_account_id = late_factors.billing_account_id
            and account_months.currency = late_factors.currency
    left join closed_months
        on
            account_months.billing_month = closed_months.period
            and account_months.issuer = closed_months.issuer
            and account_months.billing_account_id = closed_months.billing_account_id
            and account_months.currency = closed_months.currency
    left join invoiced_months
        on
            account_months.billing_month = invoiced_months.billing_month
            and account_months.issuer = invoiced_months.issuer
            and account_months.billing_account_id = invoiced_months.billing_account_id
            and account_months.currency = invoiced_months.currency
),

not_invoiced as (
    select
        *,
        open_amount + case
            when
                known_amount - open_amount - own_at_close > 100 * {{ currency_subunit('currency') }}
                then known_amount - open_amount - own_at_close
            else 0
        end as missing_amount
    from known
),

accrued as (
    select
        *,
        case
            when missing_amount <= 0 then 0
            else {{ proportion('missing_amount', '1 + late_factor', 1) }}
        end as accrual_amount
    from not_invoiced
),

{# How far the accrual was off, as a share of the invoice; nothing where nothing was accrued or late. #}
trued_up as (
    select
        *,
        case
            when accrual_amount <> 0 or invoiced_amount <> invoiced_at_close
                then {{ proportion(
                    'abs(invoiced_amount - invoiced_at_close - accrual_amount)', 1, 'invoiced_amount'
                ) }}
        end as missed_share
    from accrued
)

select
    billing_month,
    issuer,
    billing_account_id,
    currency,
    close_date,
    {{ money('known_amount') }} as known_amount,
    {{ money('missing_amount') }} as known_not_invoiced,
    late_factor,
    months_compared as late_months_compared,
    {{ money('accrual_amount') }} as accrual_amount,
    cast({{ dbt.dateadd('month', 1, 'billing_month') }} as date) as reversal_date,
    {{ money('-accrual_amount') }} as reversal_amount,
    {{ money('invoiced_amount') }} as invoiced_amount,
    {{ money('coalesce(invoiced_at_close, 0)') }} as invoiced_at_close,
    {{ money('invoiced_amount - invoiced_at_close - accrual_amount') }} as true_up_amount,
    {{ money('1 - missed_share') }} as accrual_accuracy,
    is_as_closed,
    {{ as_of_date() }} <= close_date as is_provisional
from trued_up
