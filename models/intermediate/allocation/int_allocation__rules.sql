{#
    One row per billing month, vendor and series with an amount or a use: the allocation rule in force, the newest of
    those valid from the month or before; version 1 where you wrote none.
#}
with

spend_months as (
    select * from {{ ref('int_billing__spend_months') }}
),

contract_amounts as (
    select * from {{ ref('int_allocation__contract_amounts') }}
),

metered_days as (
    select * from {{ ref('int_billing__metered_days') }}
),

allocation_rules as (
    select * from {{ ref('int_finance__allocation_rules') }}
),

keys as (
    select billing_month, vendor, series from spend_months
    union
    select billing_month, vendor, series from contract_amounts
    union
    select billing_month, vendor, series from metered_days
),

rules_by_age as (
    select
        keys.billing_month,
        keys.vendor,
        keys.series,
        allocation_rules.rule_version,
        allocation_rules.basis,
        row_number() over (
            partition by keys.billing_month, keys.vendor, keys.series
            order by
                allocation_rules.valid_from desc nulls last,
                {{ binary_order('allocation_rules.rule_version') }} desc nulls last
        ) as rule_age
    from keys
    inner join allocation_rules
        on
            keys.series = allocation_rules.series
            and keys.billing_month >= allocation_rules.valid_from
)

select
    keys.billing_month,
    keys.vendor,
    keys.series,
    coalesce(rules_by_age.rule_version, '1') as rule_version,
    case
        when rules_by_age.basis is not null then rules_by_age.basis
        when keys.series = 'tax' then 'none'
        when keys.series = 'human_seat_fee' then 'seats'
        else 'usage_value'
    end as basis
from keys
left join rules_by_age
    on
        keys.billing_month = rules_by_age.billing_month
        and keys.vendor = rules_by_age.vendor
        and keys.series = rules_by_age.series
        and rules_by_age.rule_age = 1
