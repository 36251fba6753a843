{{ config(materialized='table') }}

{#
    One row per model that is used or has an alias, context tier, token class and day from the first use to the as-of
    day: the price of the provider's list, before anything that multiplies it. NULL where none is known.

    Gaps are filled by rule and say so. A list price that has ended without a successor is carried on; nothing is carried
    to days before the first price. A price for long prompts that has ended gives way to the standard price. Then the
    rules of the seed price_gap_rules derive token classes that have no price from those that have one.
#}
with

tokens as (
    select * from {{ ref('int_usage__tokens_unioned') }}
),

model_names as (
    select * from {{ ref('int_prices__model_names') }}
),

models_used as (
    select * from {{ ref('int_tasks__models_used') }}
),

models as (
    select * from {{ ref('int_prices__models') }}
),

model_prices as (
    select * from {{ ref('stg_model_prices__model_prices') }}
),

price_gap_rules as (
    select * from {{ ref('price_gap_rules') }}
),

calendar_days as (
    select * from {{ ref('int_calendar__days') }}
),

first_days as (
    select coalesce(min(usage_date), {{ add_days(as_of_date(), -400) }}) as first_day
    from tokens
),

{# A trace may be older than everything that a vendor reports: its models alone have prices from then on. #}
wanted_models as (
    select
        model_names.model_key,
        {{ dbt.split_part('model_names.model_key', "'/'", 1) }} as provider,
        models.long_prompt_tokens_from,
        min(models_used.first_used_on) as first_traced_on
    from model_names
    left join models
        on model_names.model_key = models.model_key
    left join models_used
        on
            model_names.vendor = models_used.vendor
            and model_names.model_name = models_used.model_name
    where model_names.model_key is not null
    group by
        model_names.model_key,
        {{ dbt.split_part('model_names.model_key', "'/'", 1) }},
        models.long_prompt_tokens_from
),

context_tiers as (
    select model_key, provider, first_traced_on, 'standard' as context_tier
    from wanted_models

    union all

    select model_key, provider, first_traced_on, 'long_context' as context_tier
    from wanted_models
    where long_prompt_tokens_from is not null
),

token_types as (
    {% for token_type in token_types() -%}
    select '{{ token_type }}' as token_type
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

wanted_days as (
    select
        context_tiers.model_key,
        context_tiers.provider,
        context_tiers.context_tier,
        token_types.token_type,
        calendar_days.date_day as price_date
    from context_tiers
    cross join token_types
    cross join calendar_days
    cross join first_days
    where
        calendar_days.date_day >= first_days.first_day
        or calendar_days.date_day >= context_tiers.first_traced_on
),

{# Where a list has several steps of length, the first one is the price for long prompts. #}
periods as (
    select
        model_prices.provider || '/' || model_prices.model_id as model_key,
        case when model_prices.prompt_tokens_from > 0 then 'long_context' else 'standard' end
            as context_tier,
        model_prices.token_type,
        model_prices.valid_from,
        model_prices.valid_to,
        model_prices.usd_per_million
    from model_prices
    inner join models
        on
            model_prices.provider = models.provider
            and model_prices.model_id = models.model_id
            and (
                model_prices.prompt_tokens_from = 0
                or model_prices.prompt_tokens_from = models.long_prompt_tokens_from
            )
),

ordered_periods as (
    select
        *,
        coalesce(valid_from, cast('0001-01-01' as date)) as starts_on,
        lead(valid_from) over (
            partition by model_key, context_tier, token_type order by valid_from nulls first
        ) as next_valid_from
    from periods
),

carried_periods as (
    select
        model_key,
        context_tier,
        token_type,
        usd_per_million,
        valid_from,
        starts_on,
        coalesce(valid_to, cast('9999-12-31' as date)) as ends_on,
        case
            when context_tier = 'long_context' then coalesce(valid_to, cast('9999-12-31' as date))
            else coalesce({{ add_days('next_valid_from', -1) }}, cast('9999-12-31' as date))
        end as carried_until
    from ordered_periods
),

list_days as (
    select
        wanted_days.model_key,
        wanted_days.provider,
        wanted_days.context_tier,
        wanted_days.token_type,
        wanted_days.price_date,
        carried_periods.usd_per_million,
        carried_periods.valid_from,
        wanted_days.price_date > carried_periods.ends_on as is_carried
    from wanted_days
    left join carried_periods
        on
            wanted_days.model_key = carried_periods.model_key
            and wanted_days.context_tier = carried_periods.context_tier
            and wanted_days.token_type = carried_periods.token_type
            and wanted_days.price_date between carried_periods.starts_on
            and carried_periods.carried_until
),

known_days as (
    select
        list_days.model_key,
        list_days.provider,
        list_days.context_tier,
        list_days.token_type,
        list_days.price_date,
        coalesce(list_days.usd_per_million, standard_days.usd_per_million) as usd_per_million,
        case
            when list_days.usd_per_million is not null then list_days.valid_from
            else standard_days.valid_from
        end as valid_from,
        coalesce(list_days.is_carried, standard_days.is_carried, false) as is_carried
    from list_days
    left join list_days as standard_days
        on
            list_days.context_tier = 'long_context'
            and standard_days.context_tier = 'standard'
            and list_days.model_key = standard_days.model_key
            and list_days.token_type = standard_days.token_type
            and list_days.price_date = standard_days.price_date
),

{# Twice: a class may follow from one that is itself derived. #}
{% for days, source in [('derived_days', 'known_days'), ('filled_days', 'derived_days')] %}
{{ days }} as (
    select
        missing_days.model_key,
        missing_days.provider,
        missing_days.context_tier,
        missing_days.token_type,
        missing_days.price_date,
        coalesce(
            missing_days.usd_per_million,
            {{ money('source_days.usd_per_million * price_gap_rules.factor') }}
        ) as usd_per_million,
        case
            when missing_days.usd_per_million is not null then missing_days.valid_from
            else source_days.valid_from
        end as valid_from,
        case
            when missing_days.usd_per_million is not null then missing_days.is_carried
            else coalesce(source_days.is_carried, false)
        end as is_carried,
        {% if source == 'known_days' %}
        case
            when missing_days.usd_per_million is null and source_days.usd_per_million is not null
                then price_gap_rules.gap_rule
        end as gap_rule
        {% else %}
        case
            when missing_days.usd_per_million is null and source_days.usd_per_million is not null
                then price_gap_rules.gap_rule
            else missing_days.gap_rule
        end as gap_rule
        {% endif %}
    from {{ source }} as missing_days
    left join price_gap_rules
        on
            missing_days.usd_per_million is null
            and missing_days.provider = price_gap_rules.provider
            and missing_days.token_type = price_gap_rules.token_type
    left join {{ source }} as source_days
        on
            price_gap_rules.from_token_type = source_days.token_type
            and missing_days.model_key = source_days.model_key
            and missing_days.context_tier = source_days.context_tier
            and missing_days.price_date = source_days.price_date
){{ ',' if not loop.last }}

{% endfor %}

select
    model_key,
    provider,
    context_tier,
    token_type,
    usd_per_million,
    case
        when usd_per_million is null then null
        when gap_rule is not null then 'derived'
        when is_carried then 'carried'
        else 'list'
    end as price_source,
    case
        when usd_per_million is null then null
        when gap_rule is not null and is_carried then gap_rule || '; last known price carried on'
        when gap_rule is not null then gap_rule
        when is_carried then 'last known price carried on'
    end as gap_rule,
    valid_from,
    price_date
from filled_days
