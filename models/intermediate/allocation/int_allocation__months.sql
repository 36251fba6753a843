{{ config(materialized='table') }}

{#
    One row per billing month, vendor, series, cost center and reason, as known now: the share of what the vendor bills,
    of what its contract adds and of what credit notes give back: three amounts that make up what is due.

    What is billed for use is split by the value of the use, for what the vendor's pooled allowances took off falls on
    its own order of the users, not on who used more; seat fees go by who held the seats; taxes are not split. A share is
    cut off after nine decimals, and what that leaves goes to the largest, so the shares add up to what is billed to the
    last decimal. What has no cost center, or nothing to split it by, stays UNALLOCATED with its reason.
#}
with

spend_months as (
    select * from {{ ref('int_billing__spend_months') }}
),

contract_amounts as (
    select * from {{ ref('int_allocation__contract_amounts') }}
),

rules as (
    select * from {{ ref('int_allocation__rules') }}
),

weights as (
    select * from {{ ref('int_allocation__weights') }}
),

settled_months as (
    select * from {{ ref('int_allocation__settled_months') }}
),

amounts as (
    select
        rules.billing_month,
        rules.vendor,
        rules.series,
        rules.rule_version,
        rules.basis,
        case
            when rules.basis = 'usage_value' and rules.series in ('human_usage', 'machine_usage')
                then rules.series
            else 'all'
        end as weight_series,
        spend_months.billed_usd,
        contract_amounts.contract_fees_usd,
        contract_amounts.credit_notes_usd
    from rules
    left join spend_months
        on
            rules.billing_month = spend_months.billing_month
            and rules.vendor = spend_months.vendor
            and rules.series = spend_months.series
    left join contract_amounts
        on
            rules.billing_month = contract_amounts.billing_month
            and rules.vendor = contract_amounts.vendor
            and rules.series = contract_amounts.series
),

weighed as (
    select
        amounts.billing_month,
        amounts.vendor,
        amounts.series,
        amounts.rule_version,
        amounts.billed_usd,
        amounts.contract_fees_usd,
        amounts.credit_notes_usd,
        weights.cost_center_key,
        weights.unattributed_reason,
        weights.weight,
        sum(weights.weight) over (
            partition by amounts.billing_month, amounts.vendor, amounts.series
        ) as total_weight,
        row_number() over (
            partition by amounts.billing_month, amounts.vendor, amounts.series
            order by
                weights.weight desc nulls last,
                {{ binary_order('weights.cost_center_key') }},
                {{ binary_order('weights.unattributed_reason') }} nulls first
        ) as weight_rank
    from amounts
    inner join weights
        on
            amounts.billing_month = weights.billing_month
            and amounts.vendor = weights.vendor
            and amounts.basis = weights.basis
            and amounts.weight_series = weights.series
),

shares as (
    select
        *,
        {{ proportion('billed_usd', 'coalesce(weight, 0)', 'total_weight') }}
            as billed_usd_share,
        {{ proportion('contract_fees_usd', 'coalesce(weight, 0)', 'total_weight') }}
            as contract_fees_usd_share,
        {{ proportion('credit_notes_usd', 'coalesce(weight, 0)', 'total_weight') }}
            as credit_notes_usd_share
    from weighed
    where total_weight <> 0
),

exact_shares as (
    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        unattributed_reason,
        rule_version{% for measure in ['billed_usd', 'contract_fees_usd', 'credit_notes_usd'] %},
        {{ measure }}_share + case
            when weight_rank = 1
                then
                    {{ measure }}
                    - sum({{ measure }}_share) over (partition by billing_month, vendor, series)
            else 0
        end as {{ measure }}{% endfor %}

    from shares
),

split_amounts as (
    select distinct billing_month, vendor, series from shares
),

{# Nothing to split it by. #}
unsplit as (
    select
        amounts.billing_month,
        amounts.vendor,
        amounts.series,
        'UNALLOCATED' as cost_center_key,
        case amounts.basis
            when 'usage_value' then 'no_metered_usage'
            when 'seats' then 'no_seat_list'
            else 'not_allocated_by_rule'
        end as unattributed_reason,
        amounts.rule_version,
        amounts.billed_usd,
        amounts.contract_fees_usd,
        amounts.credit_notes_usd
    from amounts
    left join split_amounts
        on
            amounts.billing_month = split_amounts.billing_month
            and amounts.vendor = split_amounts.vendor
            and amounts.series = split_amounts.series
    where
        split_amounts.billing_month is null
        and coalesce(amounts.billed_usd, amounts.contract_fees_usd, amounts.credit_notes_usd)
        is not null
),

used_values as (
    select
        weights.billing_month,
        weights.vendor,
        weights.series,
        weights.cost_center_key,
        weights.unattributed_reason,
        rules.rule_version,
        weights.weight as usage_value_usd
    from weights
    inner join rules
        on
            weights.billing_month = rules.billing_month
            and weights.vendor = rules.vendor
            and weights.series = rules.series
    where weights.basis = 'usage_value' and weights.weight is not null
),

rows_of_both as (
    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        unattributed_reason,
        rule_version,
        billed_usd,
        contract_fees_usd,
        credit_notes_usd,
        {{ money('null') }} as usage_value_usd
    from exact_shares

    union all

    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        unattributed_reason,
        rule_version,
        billed_usd,
        contract_fees_usd,
        credit_notes_usd,
        null as usage_value_usd
    from unsplit

    union all

    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        unattributed_reason,
        rule_version,
        null as billed_usd,
        null as contract_fees_usd,
        null as credit_notes_usd,
        usage_value_usd
    from used_values
),

summed as (
    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        unattributed_reason,
        rule_version,
        sum(billed_usd) as billed_usd,
        sum(contract_fees_usd) as contract_fees_usd,
        sum(credit_notes_usd) as credit_notes_usd,
        sum(usage_value_usd) as usage_value_usd
    from rows_of_both
    group by
        billing_month,
        vendor,
        series,
        cost_center_key,
        unattributed_reason,
        rule_version
)

select
    summed.billing_month,
    summed.vendor,
    summed.series,
    summed.cost_center_key,
    summed.unattributed_reason,
    {{ money('summed.billed_usd') }} as billed_usd,
    {{ money('summed.contract_fees_usd') }} as contract_fees_usd,
    {{ money('summed.credit_notes_usd') }} as credit_notes_usd,
    {{ money('summed.usage_value_usd') }} as usage_value_usd,
    summed.rule_version,
    coalesce(settled_months.is_chargeable, false) as is_chargeable
from summed
left join settled_months
    on
        summed.billing_month = settled_months.billing_month
        and summed.vendor = settled_months.vendor
where
    coalesce(
        summed.billed_usd,
        summed.contract_fees_usd,
        summed.credit_notes_usd,
        summed.usage_value_usd
    ) is not null
