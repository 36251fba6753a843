{# One row per keyed pseudonym, with the identifier in clear. Whoever reads this knows who everybody is. #}
with

identifiers as (
    select * from {{ ref('stg_restricted__identifiers') }}
)

select
    identifier_key,
    namespace,
    identifier,
    source,
    first_seen_at
from identifiers
