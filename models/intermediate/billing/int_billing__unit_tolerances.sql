{#
    One row per reconciled unit with its tolerances. Rounding is FOCUS's, by the charges compared. Business is what
    `tolerances` says on the period's last day, of the issuer before that of all issuers: up to the floor, or up to the
    percent of the invoiced net and up to the cap, both. Where nothing is said: 5.00, half a percent, 250.00.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

expected_items as (
    select * from {{ ref('int_billing__expected_items') }}
),

tolerances as (
    select * from {{ ref('int_finance__tolerances') }}
),

charges as (
    select
        reconciliation_key,
        sum(charges) as charges
    from expected_items
    group by reconciliation_key
),

tolerances_by_choice as (
    select
        units.reconciliation_key,
        tolerances.absolute_floor,
        tolerances.percent,
        tolerances.absolute_cap,
        row_number() over (
            partition by units.reconciliation_key
            order by
                case when coalesce(tolerances.issuer, '') = '' then 1 else 0 end,
                tolerances.valid_from desc nulls last
        ) as choice
    from units
    inner join tolerances
        on
            units.currency = tolerances.currency
            and units.period_end >= tolerances.valid_from
            and coalesce(nullif(tolerances.issuer, ''), units.issuer) = units.issuer
),

limits as (
    select
        units.reconciliation_key,
        units.currency,
        abs(coalesce(units.invoiced_net, 0)) as invoiced_net,
        coalesce(charges.charges, 0) as charges,
        coalesce(tolerances_by_choice.absolute_floor, 5.00) as absolute_floor,
        coalesce(tolerances_by_choice.percent, 0.5) as percent,
        coalesce(tolerances_by_choice.absolute_cap, 250.00) as absolute_cap
    from units
    left join charges
        on units.reconciliation_key = charges.reconciliation_key
    left join tolerances_by_choice
        on
            units.reconciliation_key = tolerances_by_choice.reconciliation_key
            and tolerances_by_choice.choice = 1
)

select
    reconciliation_key,
    {{ rounding_tolerance('charges', 'currency') }} as tolerance_rounding,
    {{ business_tolerance('invoiced_net', 'absolute_floor', 'percent', 'absolute_cap') }}
        as tolerance_business,
    {{ money('absolute_floor') }} as absolute_floor,
    {{ money('percent') }} as percent,
    {{ money('absolute_cap') }} as absolute_cap
from limits
