{#
    The price factor, which the mart takes for what the other factors leave of the cost ratio, is the change of what was
    paid per dollar of list value; without list prices, per token.
#}
with

swaps as (
    select
        swap_key,
        price_factor,
        mix_factor is not null as is_listed
    from {{ ref('fct_model_swaps') }}
    where price_factor is not null
),

sides as (
    select
        swap_key,
        side,
        cast(spend_usd as {{ dbt.type_float() }}) as spend_usd,
        cast(list_value_usd as {{ dbt.type_float() }}) as list_value_usd,
        cast(tokens as {{ dbt.type_float() }}) as tokens
    from {{ ref('int_tasks__swap_sides') }}
),

expected as (
    select
        swaps.swap_key,
        cast(swaps.price_factor as {{ dbt.type_float() }}) as price_factor,
        case
            when swaps.is_listed
                then
                    (after_side.spend_usd / after_side.list_value_usd)
                    / (before_side.spend_usd / before_side.list_value_usd)
            else
                (after_side.spend_usd / after_side.tokens)
                / (before_side.spend_usd / before_side.tokens)
        end as expected_factor
    from swaps
    inner join sides as before_side
        on
            swaps.swap_key = before_side.swap_key
            and before_side.side = 'before'
    inner join sides as after_side
        on
            swaps.swap_key = after_side.swap_key
            and after_side.side = 'after'
)

select *
from expected
where abs(price_factor - expected_factor) > 0.000001 * expected_factor
