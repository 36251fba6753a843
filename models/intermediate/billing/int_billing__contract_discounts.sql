{#
    One row per reconciled unit, vendor and discount that the contract has in its period, with the percent at which the
    period began to be discounted: what it changes by from then on is a change of price.
#}
with

contract_terms as (
    select * from {{ ref('int_finance__contract_terms') }}
    where term = 'discount'
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
)

select
    units.reconciliation_key,
    contract_terms.vendor,
    contract_terms.contract_id,
    contract_terms.percent,
    first_value(contract_terms.percent) over (
        partition by units.reconciliation_key, contract_terms.vendor
        order by contract_terms.valid_from asc, {{ binary_order('contract_terms.contract_id') }}
    ) as first_percent,
    contract_terms.valid_from,
    contract_terms.valid_to,
    row_number() over (
        partition by units.reconciliation_key, contract_terms.vendor
        order by contract_terms.valid_from asc, {{ binary_order('contract_terms.contract_id') }}
    ) as term_number
from units
inner join contract_terms
    on
        units.issuer = contract_terms.issuer
        and units.billing_account_id = contract_terms.billing_account_id
        and units.period_end >= contract_terms.valid_from
        and units.period_start <= coalesce(contract_terms.valid_to, units.period_end)
