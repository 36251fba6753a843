{# What the billing data took off for included credits is what the pool covers, within the rounding of amounts. #}
select
    issuer,
    billing_account_id,
    billing_month,
    vendor,
    credit_unit,
    discount_difference
from {{ ref('fct_included_allowances') }}
where abs(discount_difference) > 1
