{#
    One row per invoice, reason and subject of a difference: the rows that a reason of the bridge is made of, with what
    backs each. Rounding and what is unexplained have no rows: nothing backs them.
#}
with

bridge_parts as (
    select * from {{ ref('int_billing__bridge_parts') }}
)

select
    issuer,
    billing_account_id,
    billing_month,
    invoice_id,
    currency,
    variance_reason,
    vendor,
    series,
    subject,
    subject_date,
    amount,
    evidence
from bridge_parts
