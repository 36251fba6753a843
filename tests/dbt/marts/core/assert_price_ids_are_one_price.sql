{# A price_id stands for one price, whatever the day. #}
select price_id
from {{ ref('model_prices_daily') }}
where price_id is not null
group by price_id
having count(distinct usd_per_million) > 1
