{#
    One row per invoice line with its tolerances and status: each line is judged by itself, so that one too high and one
    too low never make up for each other. What the invoice's own rate of exchange makes of a line is a reason.
#}
with

lines as (
    select * from {{ ref('int_billing__line_comparison') }}
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

tolerances as (
    select * from {{ ref('int_billing__unit_tolerances') }}
),

compared as (
    select
        lines.*,
        units.currency,
        units.invoice_status,
        lines.invoiced_amount - lines.expected_amount as variance,
        {{ rounding_tolerance('lines.charges', 'units.currency') }} as tolerance_rounding,
        {{ business_tolerance(
            'lines.invoiced_amount',
            'tolerances.absolute_floor',
            'tolerances.percent',
            'tolerances.absolute_cap'
        ) }}
            as tolerance_business
    from lines
    inner join units
        on lines.reconciliation_key = units.reconciliation_key
    inner join tolerances
        on lines.reconciliation_key = tolerances.reconciliation_key
)

select
    reconciliation_key,
    issuer,
    invoice_id,
    line_no,
    line_kind,
    invoiced_amount,
    expected_amount,
    {{ money('variance') }} as variance,
    fx_amount,
    charges,
    unknown_charges,
    tolerance_rounding,
    tolerance_business,
    case
        when line_kind = 'voided' then 'voided'
        when line_kind = 'tax' then 'not_compared'
        when invoice_status = 'open' then 'not_due'
        when expected_amount is null then 'not_compared'
        when variance = 0 then 'matched_exact'
        when abs(variance) <= tolerance_rounding then 'matched_rounding'
        when abs(variance) <= tolerance_business then 'matched_tolerance'
        when abs(variance - fx_amount) <= tolerance_rounding then 'explained'
        else 'exception'
    end as line_match_status
from compared
