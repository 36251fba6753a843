{#
    One row per billing month and vendor: whether its bill may be charged to cost centers.

    It may when every invoice of the month with the vendor on it matched or is explained; what was billed or is due by
    contract and has no such invoice stands against it, but not where the account pays in advance: the use of a month that
    is over is settled then. A closed month stays what it was closed as: settled afterwards it
    is not charged any more, unsettled afterwards it stays charged, and what changed is a correction.
#}
with

reconciliations as (
    select * from {{ ref('int_billing__reconciliations') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
    where is_closed
),

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
    where figure = 'chargeback.amount_usd'
),

vendor_accounts as (
    select
        vendor,
        issuer,
        billing_account_id,
        max(case when payment_model = 'prepaid' then 1 else 0 end) as is_prepaid
    from accounts
    group by vendor, issuer, billing_account_id
),

statuses as (
    select
        reconciliations.billing_month,
        vendor_accounts.vendor,
        reconciliations.invoice_id,
        reconciliations.exported_billed,
        reconciliations.contract_fees,
        case
            when
                reconciliations.invoice_id is null
                and reconciliations.match_status = 'not_due'
                and vendor_accounts.is_prepaid = 1
                and {{ month_end('reconciliations.billing_month') }} < {{ as_of_date() }}
                then 'explained'
            else reconciliations.match_status
        end as match_status
    from reconciliations
    inner join vendor_accounts
        on
            reconciliations.issuer = vendor_accounts.issuer
            and reconciliations.billing_account_id = vendor_accounts.billing_account_id
),

judged as (
    select
        billing_month,
        vendor,
        max(
            case
                when
                    match_status in (
                        'matched_exact', 'matched_rounding', 'matched_tolerance', 'explained'
                    )
                    then 1
                else 0
            end
        ) as has_settled,
        max(
            case
                when
                    match_status in (
                        'matched_exact',
                        'matched_rounding',
                        'matched_tolerance',
                        'explained',
                        'voided'
                    )
                    then 0
                when
                    invoice_id is null
                    and coalesce(exported_billed, 0) = 0
                    and coalesce(contract_fees, 0) = 0
                    then 0
                else 1
            end
        ) as has_unsettled
    from statuses
    group by billing_month, vendor
),

charged_when_closed as (
    select distinct
        period,
        {{ dbt.split_part('subject', "'|'", 2) }} as vendor
    from closed_figures
)

select
    judged.billing_month,
    judged.vendor,
    case
        when periods.period is not null then charged_when_closed.period is not null
        else judged.has_settled = 1 and judged.has_unsettled = 0
    end as is_chargeable
from judged
left join periods
    on judged.billing_month = periods.period
left join charged_when_closed
    on
        judged.billing_month = charged_when_closed.period
        and judged.vendor = charged_when_closed.vendor
