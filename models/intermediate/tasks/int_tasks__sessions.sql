{{ config(materialized='table') }}

{#
    One row per session of an agent with a model call: what ran, for whom, where, and what it used. What a session may
    name only once on its way, such as its logs, is taken from the first call that names it; the branch from the last,
    because sessions begin on main and move on.
#}
{% set names = [
    'workflow_id', 'service_name', 'agent_name', 'repository', 'issue_id', 'logs_url', 'session_url',
] %}
with

parts as (
    select * from {{ ref('int_tasks__session_parts') }}
),

tool_calls as (
    select * from {{ ref('int_tasks__tool_calls') }}
),

{# Everything that calls name, once per session and value, before anything is put in order: calls are many. #}
told as (
    {% for name in names -%}
    select
        session_id,
        '{{ name }}' as name,
        {{ name }} as told_value,
        cast(null as {{ dbt.type_string() }}) as principal_kind,
        min(started_at) as told_at
    from parts
    where {{ name }} is not null
    group by session_id, {{ name }}

    union all

    {% endfor -%}
    select
        session_id,
        'principal_key' as name,
        principal_key as told_value,
        principal_kind,
        min(started_at) as told_at
    from parts
    where principal_key is not null
    group by session_id, principal_key, principal_kind
),

branches as (
    select
        session_id,
        branch,
        case when {{ is_long_lived_branch('branch') }} then 1 else 0 end as long_lived,
        max(ended_at) as left_at
    from parts
    where branch is not null
    group by session_id, branch
),

ordered_branches as (
    select
        session_id,
        branch,
        row_number() over (
            partition by session_id
            order by long_lived, left_at desc nulls last, {{ binary_order('branch') }}
        ) as branch_number
    from branches
),

first_told as (
    select
        *,
        row_number() over (
            partition by session_id, name
            order by
                told_at,
                {{ binary_order('told_value') }},
                {{ binary_order('principal_kind') }}
        ) as told_number
    from told
),

named as (
    select
        session_id,
        {% for name in names + ['principal_key'] -%}
        max(case when name = '{{ name }}' then told_value end) as {{ name }},
        {% endfor -%}
        max(principal_kind) as principal_kind
    from first_told
    where told_number = 1
    group by session_id
),

models_used as (
    select distinct
        session_id,
        model_key
    from parts
    where model_key is not null
),

model_names as (
    select
        session_id,
        {{ dbt.listagg('model_key', "', '", 'order by ' ~ binary_order('model_key')) }} as models
    from models_used
    group by session_id
),

sums as (
    select
        session_id,
        count(distinct workflow_id) as workflows,
        case when count(distinct task_hint) = 1 then min(task_hint) end as task_hint,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(last_call_date) as last_call_date,
        min(principal_kind) as any_principal_kind,
        cast(sum(model_calls) as bigint) as model_calls,
        cast(sum(priced_calls) as bigint) as priced_calls,
        cast(sum(failed_calls) as bigint) as failed_calls,
        cast(sum(retries) as bigint) as retries,
        cast(sum(suspicious_calls) as bigint) as suspicious_calls,
        cast(sum(input_uncached_tokens) as bigint) as input_uncached_tokens,
        cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
        cast(sum(cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
        cast(sum(cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
        cast(sum(cache_write_tokens) as bigint) as cache_write_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens,
        cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
        {{ money('sum(cost_usd)') }} as cost_usd,
        min(case when priced_calls > 0 then cost_basis end) as lowest_cost_basis,
        max(case when priced_calls > 0 then cost_basis end) as highest_cost_basis
    from parts
    group by session_id
),

tool_counts as (
    select
        session_id,
        count(*) as tool_calls,
        count(case when not is_success then 1 end) as failed_tool_calls,
        count(case when is_test_run then 1 end) as test_runs,
        {# A decision counts as a person's only where the agent says so: most come from settings and hooks. #}
        count(case when decision = 'accept' and decision_source like 'user%' then 1 end)
            as human_approvals,
        count(case when decision = 'reject' and decision_source like 'user%' then 1 end)
            as human_rejections
    from tool_calls
    group by session_id
)

select
    sums.session_id,
    named.workflow_id,
    sums.workflows,
    named.service_name,
    named.agent_name,
    named.principal_key,
    coalesce(named.principal_kind, sums.any_principal_kind) as principal_kind,
    named.repository,
    ordered_branches.branch,
    named.issue_id,
    sums.started_at,
    sums.ended_at,
    sums.last_call_date,
    model_names.models,
    sums.model_calls,
    sums.priced_calls,
    sums.failed_calls,
    sums.retries,
    sums.suspicious_calls,
    sums.input_uncached_tokens,
    sums.cache_read_tokens,
    sums.cache_write_5m_tokens,
    sums.cache_write_1h_tokens,
    sums.cache_write_tokens,
    sums.output_tokens,
    sums.reasoning_tokens,
    sums.cost_usd,
    {{ cost_basis_of('sums.lowest_cost_basis', 'sums.highest_cost_basis') }} as cost_basis,
    coalesce(tool_counts.tool_calls, 0) as tool_calls,
    coalesce(tool_counts.failed_tool_calls, 0) as failed_tool_calls,
    coalesce(tool_counts.test_runs, 0) as test_runs,
    coalesce(tool_counts.human_approvals, 0) as human_approvals,
    coalesce(tool_counts.human_rejections, 0) as human_rejections,
    named.logs_url,
    named.session_url,
    sums.task_hint
from sums
inner join named
    on sums.session_id = named.session_id
left join ordered_branches
    on
        sums.session_id = ordered_branches.session_id
        and ordered_branches.branch_number = 1
left join model_names
    on sums.session_id = model_names.session_id
left join tool_counts
    on sums.session_id = tool_counts.session_id
