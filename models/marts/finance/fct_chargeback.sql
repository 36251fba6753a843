{#
    One row per billing month, vendor, series and cost center: what is charged, of months whose invoices are settled. What
    has no cost center is charged to UNALLOCATED; why is in fct_showback. amount_usd is what the vendor bills, what its
    contract adds and what credit notes give back; the three are beside it as known now. A | in a cost center is a /.

    A closed month shows what it was closed with, whatever has become known since: that is in known_now_usd, and is
    charged in the first open month, as a correction in a column of its own. The rule of a closed month is the one that it
    was closed with.
#}
with

allocation_months as (
    select * from {{ ref('int_allocation__months') }}
    where
        is_chargeable
        and coalesce(billed_usd, contract_fees_usd, credit_notes_usd) is not null
),

rules as (
    select * from {{ ref('int_allocation__rules') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
),

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
    where figure = 'chargeback.amount_usd'
),

closed_rules as (
    select
        period,
        {{ dbt.split_part('subject', "'|'", 1) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 2) }} as series,
        min({{ dbt.split_part('subject', "'|'", 3) }}) as rule_version
    from {{ ref('int_close__closed_figures') }}
    where figure = 'chargeback.rule_version'
    group by
        period,
        {{ dbt.split_part('subject', "'|'", 1) }},
        {{ dbt.split_part('subject', "'|'", 2) }}
),

corrections as (
    select * from {{ ref('int_close__corrections') }}
    where figure = 'chargeback.amount_usd'
),

amounts as (
    select
        billing_month,
        {{ dbt.split_part('subject', "'|'", 2) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 3) }} as series,
        {{ dbt.split_part('subject', "'|'", 1) }} as cost_center_key,
        closed_usd,
        known_now_usd,
        correction_usd,
        billed_usd,
        contract_fees_usd,
        credit_notes_usd
    from (
        select
            period as billing_month,
            subject,
            amount as closed_usd,
            {{ money('null') }} as known_now_usd,
            {{ money('null') }} as correction_usd,
            {{ money('null') }} as billed_usd,
            {{ money('null') }} as contract_fees_usd,
            {{ money('null') }} as credit_notes_usd
        from closed_figures

        union all

        select
            posting_month as billing_month,
            subject,
            null as closed_usd,
            null as known_now_usd,
            amount as correction_usd,
            null as billed_usd,
            null as contract_fees_usd,
            null as credit_notes_usd
        from corrections

        union all

        select
            billing_month,
            replace(cost_center_key, '|', '/') || '|' || vendor || '|' || series as subject,
            null as closed_usd,
            coalesce(billed_usd, 0)
            + coalesce(contract_fees_usd, 0)
            + coalesce(credit_notes_usd, 0) as known_now_usd,
            null as correction_usd,
            billed_usd,
            contract_fees_usd,
            credit_notes_usd
        from allocation_months
    ) as figures
),

summed as (
    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        sum(closed_usd) as closed_usd,
        sum(known_now_usd) as known_now_usd,
        sum(correction_usd) as correction_usd,
        sum(billed_usd) as billed_usd,
        sum(contract_fees_usd) as contract_fees_usd,
        sum(credit_notes_usd) as credit_notes_usd
    from amounts
    group by billing_month, vendor, series, cost_center_key
)

select
    summed.billing_month,
    summed.vendor,
    summed.series,
    summed.cost_center_key,
    {{ money('case
        when coalesce(periods.is_closed, false) then summed.closed_usd
        else summed.known_now_usd
    end') }} as amount_usd,
    {{ money('summed.known_now_usd') }} as known_now_usd,
    {{ money('summed.billed_usd') }} as billed_usd,
    {{ money('summed.contract_fees_usd') }} as contract_fees_usd,
    {{ money('summed.credit_notes_usd') }} as credit_notes_usd,
    {{ money('summed.correction_usd') }} as corrections_of_closed_months_usd,
    coalesce(closed_rules.rule_version, rules.rule_version) as rule_version,
    coalesce(periods.is_closed, false) as is_closed,
    periods.version as close_version
from summed
left join periods
    on summed.billing_month = periods.period
left join closed_rules
    on
        summed.billing_month = closed_rules.period
        and summed.vendor = closed_rules.vendor
        and summed.series = closed_rules.series
left join rules
    on
        summed.billing_month = rules.billing_month
        and summed.vendor = rules.vendor
        and summed.series = rules.series
