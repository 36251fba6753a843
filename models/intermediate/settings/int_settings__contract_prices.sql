{#
    One row per price of your own contract in the seed contract_prices; in the demo's warehouse
    what its company wrote down.
#}
select
    model_key,
    token_type,
    tier,
    valid_from,
    valid_to,
    usd_per_million,
    note
from {{ ref('demo_contract_prices' if var('demo_company') else 'contract_prices') }}
