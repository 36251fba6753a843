{{ config(enabled=var('github_billing_enabled'), severity='warn') }}

{#
    Products of GitHub's bill that the seed billing_products does not have. They are left out of the charges unless they
    are billed in AI credits: say in the seed whether they are spend on coding agents.
#}
select
    account_id,
    product,
    sku,
    sum(net_usd) as net_usd
from {{ ref('int_billing__github_left_out') }}
where not is_known_product
group by account_id, product, sku
