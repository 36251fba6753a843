{#
    One row per vendor, field and value that a seed or the price book does not know. Vendors meet here.
#}
select
    vendor,
    field,
    value,
    records,
    tokens,
    usage_value_usd,
    first_seen_date,
    last_seen_date
from {{ ref('int_usage__unmapped_values') }}

{% if var('cursor_enabled') %}
union all

select
    'cursor' as vendor,
    'usage_kind' as field,
    kind as value,
    records,
    cast(null as bigint) as tokens,
    usage_value_usd,
    first_seen_date,
    last_seen_date
from {{ ref('int_usage__cursor_unmapped_kinds') }}
{% endif %}
