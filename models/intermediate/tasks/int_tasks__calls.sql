{{ config(materialized='table') }}

{#
    One row per model call, one level of the trace only: its workflow and its cost beside what it used.
#}
with

usage as (
    select * from {{ ref('int_tasks__call_usage') }}
),

costs as (
    select * from {{ ref('int_tasks__call_costs') }}
),

workflow_matches as (
    select * from {{ ref('int_tasks__workflow_matches') }}
)

select
    'otel' as vendor,
    usage.call_key,
    usage.call_source,
    usage.trace_id,
    usage.span_id,
    usage.session_id,
    usage.has_session_id,
    workflow_matches.workflow_id,
    usage.task_hint,
    usage.service_name,
    usage.agent_name,
    usage.agent_version,
    usage.principal_key,
    usage.principal_kind,
    usage.repository,
    usage.branch,
    usage.commit_sha,
    usage.change_id,
    usage.issue_id,
    usage.operation_name,
    usage.provider_name,
    usage.model_asked,
    usage.model_answered,
    costs.model_key,
    usage.query_source,
    usage.effort,
    usage.attempt,
    usage.is_success,
    usage.finish_reason,
    usage.error_type,
    usage.started_at,
    usage.ended_at,
    usage.time_problem,
    usage.usage_date,
    usage.iso_week,
    usage.duration_ms,
    usage.input_uncached_tokens,
    usage.cache_read_tokens,
    usage.cache_write_5m_tokens,
    usage.cache_write_1h_tokens,
    usage.cache_write_tokens,
    usage.output_tokens,
    usage.reasoning_tokens,
    usage.is_input_clamped,
    costs.vendor_reported_usd,
    costs.agent_reported_usd,
    costs.computed_usd,
    costs.cost_usd,
    costs.cost_basis,
    costs.unpriced_reason,
    costs.reported_to_computed,
    costs.is_cost_suspicious,
    usage.content_hash,
    usage.input_bytes,
    usage.output_bytes,
    usage.logs_url,
    usage.session_url
from usage
inner join costs
    on usage.call_key = costs.call_key
left join workflow_matches
    on
        coalesce(usage.service_name, '') = coalesce(workflow_matches.service_name, '')
        and coalesce(usage.agent_name, '') = coalesce(workflow_matches.agent_name, '')
        and coalesce(usage.repository, '') = coalesce(workflow_matches.repository, '')
        and coalesce(usage.workflow_name, '') = coalesce(workflow_matches.workflow_name, '')
