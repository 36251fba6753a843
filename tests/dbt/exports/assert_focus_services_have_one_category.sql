{# A service is of one category, a price of one SKU, and a meter does not change with the price. #}
{% set is_newest = var('focus_version') == '1.4' %}
{% set focus = 'focus_cost_and_usage' if is_newest else 'focus_cost_and_usage_1_2' %}
with

charges as (
    select * from {{ ref(focus) }}
)

select
    'service' as subject,
    "ServiceName" as subject_id
from charges
group by "ServiceName"
having count(distinct "ServiceCategory") > 1 or count(distinct "ServiceSubcategory") > 1

union all

select
    'price' as subject,
    "SkuPriceId" as subject_id
from charges
where "SkuPriceId" is not null
group by "SkuPriceId"
having count(distinct "SkuId") > 1
