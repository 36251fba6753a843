{#
    One row per identifier that was replaced by a pseudonym; the only place with clear text. Every
    row, current or not.
#}
with

source as (
    select * from {{ source('restricted', 'identifiers') }}
)

select
    identifier_key,
    namespace,
    identifier,
    source,
    {{ utc_timestamp('first_seen_at') }} as first_seen_at,
    _dlt_load_id as dlt_load_id
from source
