{#
    One row per billing month, issuer, billing account and currency: by how much closed months before it grew after they
    were closed. The median, over the last six that were closed with an exported amount, of what is exported now over what
    was exported then, less one; 0 with fewer than three.
#}
with

known_amounts as (
    select * from {{ ref('int_accounting__known_amounts') }}
),

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
    where figure = 'reconciliation.exported_billed'
),

account_months as (
    select
        billing_month,
        issuer,
        billing_account_id,
        currency,
        sum(exported_amount) as exported_amount
    from known_amounts
    group by billing_month, issuer, billing_account_id, currency
),

closed_months as (
    select
        period as billing_month,
        {{ dbt.split_part('subject', "'|'", 1) }} as issuer,
        {{ dbt.split_part('subject', "'|'", 2) }} as billing_account_id,
        {{ dbt.split_part('subject', "'|'", 4) }} as currency,
        sum(amount) as closed_amount
    from closed_figures
    group by
        period,
        {{ dbt.split_part('subject', "'|'", 1) }},
        {{ dbt.split_part('subject', "'|'", 2) }},
        {{ dbt.split_part('subject', "'|'", 4) }}
),

growth as (
    select
        closed_months.billing_month,
        closed_months.issuer,
        closed_months.billing_account_id,
        closed_months.currency,
        {{ proportion('1', 'account_months.exported_amount', 'closed_months.closed_amount') }} - 1
            as late_share
    from closed_months
    inner join account_months
        on
            closed_months.billing_month = account_months.billing_month
            and closed_months.issuer = account_months.issuer
            and closed_months.billing_account_id = account_months.billing_account_id
            and closed_months.currency = account_months.currency
    where closed_months.closed_amount > 0
),

ranked_by_age as (
    select
        account_months.billing_month,
        account_months.issuer,
        account_months.billing_account_id,
        account_months.currency,
        growth.late_share,
        row_number() over (
            partition by
                account_months.billing_month,
                account_months.issuer,
                account_months.billing_account_id,
                account_months.currency
            order by growth.billing_month desc nulls last
        ) as age
    from account_months
    inner join growth
        on
            account_months.issuer = growth.issuer
            and account_months.billing_account_id = growth.billing_account_id
            and account_months.currency = growth.currency
            and account_months.billing_month > growth.billing_month
),

ranked_by_size as (
    select
        billing_month,
        issuer,
        billing_account_id,
        currency,
        late_share,
        row_number() over (
            partition by billing_month, issuer, billing_account_id, currency
            order by late_share
        ) as place,
        count(*) over (
            partition by billing_month, issuer, billing_account_id, currency
        ) as places
    from ranked_by_age
    where age <= 6
),

medians as (
    select
        billing_month,
        issuer,
        billing_account_id,
        currency,
        max(places) as months_compared,
        {{ proportion('sum(late_share)', 1, 'count(*)') }} as median_share
    from ranked_by_size
    where 2 * place between places and places + 2
    group by billing_month, issuer, billing_account_id, currency
)

select
    account_months.billing_month,
    account_months.issuer,
    account_months.billing_account_id,
    account_months.currency,
    cast(coalesce(medians.months_compared, 0) as bigint) as months_compared,
    {{ money('case when medians.months_compared >= 3 then medians.median_share else 0 end') }}
        as late_factor
from account_months
left join medians
    on
        account_months.billing_month = medians.billing_month
        and account_months.issuer = medians.issuer
        and account_months.billing_account_id = medians.billing_account_id
        and account_months.currency = medians.currency
