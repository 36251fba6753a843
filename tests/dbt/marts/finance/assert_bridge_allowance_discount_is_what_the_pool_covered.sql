{{ config(severity='warn') }}

{#
    What the billing data took off for included credits is what the pool covers, within the rounding of amounts. A vendor
    that took off less is no fault of the build: the reconciliation shows it as an exception.
#}
select
    issuer,
    billing_account_id,
    billing_month,
    vendor,
    credit_unit,
    discount_difference
from {{ ref('fct_included_allowances') }}
where abs(discount_difference) > 1
