{{ config(materialized='table') }}

{#
    One row per session and combination of everything that may change on its way. The one place where model calls are
    added up: what follows reads sessions, so that millions of calls are gone through once.
#}
with

calls as (
    select * from {{ ref('int_tasks__calls') }}
)

select
    session_id,
    coalesce(workflow_id, 'unknown') as workflow_id,
    task_hint,
    service_name,
    agent_name,
    principal_key,
    principal_kind,
    repository,
    branch,
    commit_sha,
    change_id,
    issue_id,
    session_url,
    logs_url,
    model_key,
    cost_basis,
    min(started_at) as started_at,
    max(coalesce(ended_at, started_at)) as ended_at,
    max(usage_date) as last_call_date,
    count(*) as model_calls,
    count(cost_usd) as priced_calls,
    count(case when not is_success then 1 end) as failed_calls,
    count(case when attempt > 1 then 1 end) as retries,
    count(case when is_cost_suspicious then 1 end) as suspicious_calls,
    cast(sum(input_uncached_tokens) as bigint) as input_uncached_tokens,
    cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
    cast(sum(cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
    cast(sum(cache_write_tokens) as bigint) as cache_write_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
    {{ money('sum(cost_usd)') }} as cost_usd
from calls
group by
    session_id,
    coalesce(workflow_id, 'unknown'),
    task_hint,
    service_name,
    agent_name,
    principal_key,
    principal_kind,
    repository,
    branch,
    commit_sha,
    change_id,
    issue_id,
    session_url,
    logs_url,
    model_key,
    cost_basis
