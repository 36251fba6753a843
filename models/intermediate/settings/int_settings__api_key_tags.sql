{#
    One row per seat or key that you have tagged in the seed api_key_tags; in the demo's warehouse
    what its company wrote down.
#}
select
    vendor,
    principal_key,
    environment,
    cost_center,
    owner_team,
    purpose,
    principal_kind
from {{ ref('demo_api_key_tags' if var('demo_company') else 'api_key_tags') }}
