{# The factors of a swap are its cost ratio, but for a millionth of it. Without list prices the mix is in the price. #}
with

products as (
    select
        swap_key,
        cost_ratio,
        cast(coalesce(mix_factor, 1) as {{ dbt.type_float() }})
        * cast(price_factor as {{ dbt.type_float() }})
        * cast(tokens_per_call_factor as {{ dbt.type_float() }})
        * cast(calls_per_task_factor as {{ dbt.type_float() }})
        * cast(success_factor as {{ dbt.type_float() }}) as product
    from {{ ref('fct_model_swaps') }}
    where price_factor is not null
)

select *
from products
where
    abs(product - cast(cost_ratio as {{ dbt.type_float() }}))
    > 0.000001 * cast(cost_ratio as {{ dbt.type_float() }})
