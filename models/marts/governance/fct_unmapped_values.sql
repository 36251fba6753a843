{#
    One row per vendor, field and value that no seed and no price list knows: what to write down next, and how much
    depends on it. Nothing of it is left out of the ledger; it counts as other, or without a value.
#}
with

unmapped_values as (
    select * from {{ ref('int_usage__unmapped_values_unioned') }}
)

select
    vendor,
    field,
    value,
    records,
    tokens,
    usage_value_usd,
    first_seen_date,
    last_seen_date
from unmapped_values
