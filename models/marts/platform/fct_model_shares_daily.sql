{#
    One row per day, workflow and model that answered: its share of the calls, and how many of them asked for another model.
    Asked and answered are compared as the price book knows them; where it does not know a name, as written: one that only
    adds a date is the same.
#}
with

calls as (
    select * from {{ ref('int_tasks__calls') }}
),

asked_models as (
    select * from {{ ref('int_tasks__asked_models') }}
),

last_days as (
    select * from {{ ref('int_tasks__last_day') }}
),

named as (
    select
        calls.usage_date,
        calls.iso_week,
        coalesce(calls.workflow_id, 'unknown') as workflow_id,
        coalesce(
            calls.model_key,
            nullif(calls.model_answered, ''),
            nullif(calls.model_asked, ''),
            'unknown'
        ) as model_key,
        calls.model_key is not null as is_recognised,
        calls.agent_version,
        calls.cost_usd,
        case
            when calls.model_asked is null or calls.model_answered is null then false
            when asked_models.model_key is not null and calls.model_key is not null
                then asked_models.model_key <> calls.model_key
            when lower(calls.model_asked) = lower(calls.model_answered) then false
            else not (
                substring(lower(calls.model_answered), 1, {{ dbt.length('calls.model_asked') }})
                = lower(calls.model_asked)
                and {{ matches_regex(
                    'substring(calls.model_answered, ' ~ dbt.length('calls.model_asked') ~ ' + 1)', "'^[-@][0-9-]+$'"
                ) }}
            )
        end as asked_other
    from calls
    cross join last_days
    left join asked_models
        on
            calls.model_asked = asked_models.model_asked
            and coalesce(calls.provider_name, '') = asked_models.provider_word
    where calls.usage_date <= last_days.last_day
),

version_counts as (
    select
        usage_date,
        workflow_id,
        model_key,
        agent_version,
        row_number() over (
            partition by usage_date, workflow_id, model_key
            order by count(*) desc nulls last, {{ binary_order('agent_version') }} desc nulls last
        ) as version_number
    from named
    where agent_version is not null
    group by usage_date, workflow_id, model_key, agent_version
),

days as (
    select
        usage_date,
        iso_week,
        workflow_id,
        model_key,
        max(case when is_recognised then 1 else 0 end) = 1 as is_recognised,
        count(*) as calls,
        count(case when asked_other then 1 end) as asked_other_calls,
        count(cost_usd) as priced_calls,
        {{ money('sum(cost_usd)') }} as estimated_spend_usd
    from named
    group by usage_date, iso_week, workflow_id, model_key
),

shared as (
    select
        *,
        cast(sum(calls) over (partition by usage_date, workflow_id) as bigint) as workflow_calls
    from days
)

select
    shared.usage_date,
    shared.iso_week,
    shared.workflow_id,
    shared.model_key,
    shared.is_recognised,
    shared.calls,
    shared.workflow_calls,
    {{ proportion(money('1'), 'shared.calls', 'shared.workflow_calls') }} as share_of_calls,
    shared.asked_other_calls,
    version_counts.agent_version,
    shared.priced_calls,
    shared.estimated_spend_usd
from shared
left join version_counts
    on
        shared.usage_date = version_counts.usage_date
        and shared.workflow_id = version_counts.workflow_id
        and shared.model_key = version_counts.model_key
        and version_counts.version_number = 1
