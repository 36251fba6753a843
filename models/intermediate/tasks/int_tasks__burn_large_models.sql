{#
    One row per small task for which the dearest model of its workflow was used, by the list price of output on the day,
    while somebody uses a model at a fraction of that price. A task is small by all tokens of its sessions; where nobody
    tells tokens, it is not known to be small. Tokens of a session of several tasks are split over them like its cost.
#}
{% set all_tokens -%}
{% for token_type in token_types() -%}
{{ ' + ' if not loop.first }}coalesce(parts.{{ token_type }}_tokens, 0)
{%- endfor %}
{%- endset %}
with

tasks as (
    select * from {{ ref('int_tasks__task_costs') }}
),

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

parts as (
    select * from {{ ref('int_tasks__session_parts') }}
),

call_prices as (
    select * from {{ ref('int_tasks__call_prices') }}
    where tier = 'standard' and output_usd_per_million is not null
),

rules as (
    select * from {{ ref('burn_pattern_rules') }}
    where pattern = 'largest_model_small_tasks'
),

task_models as (
    select
        shares.workflow_id,
        shares.task_id,
        parts.model_key,
        sum(
            case
                when shares.pull_request_key is null and parts.task_hint is not null
                    then {{ money(all_tokens) }}
                else {{ proportion(money(all_tokens), '1', 'shares.tasks_of_session') }}
            end
        ) as tokens
    from shares
    inner join parts
        on
            shares.workflow_id = parts.workflow_id
            and shares.session_id = parts.session_id
            and (
                shares.pull_request_key is not null
                or shares.tasks_of_session = 1
                or coalesce(parts.task_hint, shares.task_id) = shares.task_id
            )
    group by shares.workflow_id, shares.task_id, parts.model_key
),

small_tasks as (
    select
        task_models.workflow_id,
        task_models.task_id,
        cast(sum(task_models.tokens) as bigint) as tokens
    from task_models
    cross join rules
    group by task_models.workflow_id, task_models.task_id, rules.size_limit
    having sum(task_models.tokens) > 0 and sum(task_models.tokens) <= rules.size_limit
),

workflow_models as (
    select distinct
        workflow_id,
        model_key
    from parts
    where model_key is not null
),

dearest_prices as (
    select
        workflow_models.workflow_id,
        call_prices.price_date,
        max(call_prices.output_usd_per_million) as output_usd_per_million
    from workflow_models
    inner join call_prices
        on workflow_models.model_key = call_prices.model_key
    group by workflow_models.workflow_id, call_prices.price_date
),

cheapest_prices as (
    select
        price_date,
        min(output_usd_per_million) as output_usd_per_million
    from call_prices
    group by price_date
)

select
    cast({{ dbt.date_trunc('week', 'tasks.last_call_date') }} as date) as iso_week,
    tasks.workflow_id,
    case
        when tasks.pull_request_key is not null
            then {{ dbt.split_part('tasks.pull_request_key', "'#'", 1) }}
    end as repository,
    tasks.task_id as evidence_id,
    tasks.session_id,
    tasks.pull_request_key,
    min({{ binary_order('task_models.model_key') }}) as model_key,
    cast(null as {{ dbt.type_string() }}) as compared_with,
    tasks.ended_at as happened_at,
    small_tasks.tokens as quantity,
    tasks.cost_usd as estimated_spend_usd
from small_tasks
inner join tasks
    on
        small_tasks.workflow_id = tasks.workflow_id
        and small_tasks.task_id = tasks.task_id
inner join task_models
    on
        small_tasks.workflow_id = task_models.workflow_id
        and small_tasks.task_id = task_models.task_id
inner join call_prices
    on
        task_models.model_key = call_prices.model_key
        and tasks.last_call_date = call_prices.price_date
inner join dearest_prices
    on
        tasks.workflow_id = dearest_prices.workflow_id
        and tasks.last_call_date = dearest_prices.price_date
        and call_prices.output_usd_per_million = dearest_prices.output_usd_per_million
inner join cheapest_prices
    on tasks.last_call_date = cheapest_prices.price_date
cross join rules
where
    dearest_prices.output_usd_per_million
    >= cheapest_prices.output_usd_per_million * rules.dearer_from
group by
    tasks.last_call_date,
    tasks.workflow_id,
    tasks.pull_request_key,
    tasks.task_id,
    tasks.session_id,
    tasks.ended_at,
    small_tasks.tokens,
    tasks.cost_usd
