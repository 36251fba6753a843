{#
    One row per issuer, billing account, billing month, vendor and credit unit whose seats include credits: the pool that
    they make, its use and its remainder, and whether the discount of the billing data is what the pool covered.
#}
with

allowances as (
    select * from {{ ref('int_billing__included_allowances') }}
)

select
    issuer,
    billing_account_id,
    billing_month,
    currency,
    vendor,
    credit_unit,
    seats,
    included_quantity,
    promotion_quantity,
    pool_quantity,
    consumed_quantity,
    covered_quantity,
    remainder_quantity,
    overage_quantity,
    discount_exported,
    discount_expected,
    {{ money('discount_exported - discount_expected') }} as discount_difference
from allowances
