{#
    One row per principal whose person you have named in the seed identity_map; in the demo's warehouse
    what its company wrote down.
#}
select
    vendor,
    principal_key,
    person_key
from {{ ref('demo_identity_map' if var('demo_company') else 'identity_map') }}
